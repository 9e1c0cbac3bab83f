"""Are there clicks: at the head, at the tail, or inside?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.sound_place import Series, dbfs, frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundClickLimits:
    """What makes an impulse a click."""

    sigmas: float = 19.0
    """Height of the prediction residual over its robust spread."""
    level_dbfs: float = -40.0
    """Height of the residual; quieter ones drown in what they sit in."""
    over_db: float = 8.0
    """Height over everything else within 30 ms, before and after each, ..."""
    over_sum_db: float = 31.0
    """... and of both together."""
    tail_db: float = 25.0
    """What falls by this much within 4 ms has no tail; the rooms of struck things answer at -8 to -18 dB. ..."""
    balance_db: float = 4.0
    """... Or the tail is the sound that was there before: it stands at most so much above it."""
    lead_db: float = 7.0
    """A lower tail than what came before, by more than this, is that of a second stroke after a first, ..."""
    lead_clear_db: float = 18.0
    """... unless the impulse stands so high over that too."""
    even_sigmas: float = 28.0
    """Between the pulses of a voice, a click stands less high over its neighbours: then its spread must be larger, ..."""
    even_balance_db: float = 3.0
    """... and its neighbours on both sides, and the sound itself before and after, alike within this."""
    rise_db: float = 8.0
    """The sound itself goes on as it was, within this. An attack is followed by what it began, ..."""
    chance_rise_db: float = 25.0
    """... but something else may begin or end by chance within 30 ms of a click that ..."""
    over_sound_db: float = 20.0
    """... stands so high over it."""
    alone_seconds: float = 1.0
    """Within this, ..."""
    alone_most: int = 3
    """... more impulses of comparable height are a texture: fire, rain, castanets, typing."""
    alone_height: float = 0.25
    """Comparable: from this share of its height, and ..."""
    alone_over_db: float = 6.0
    """... so high over their own surroundings."""
    ends_seconds: float = 0.03
    """At head and tail, the first and last sample are judged instead."""
    end_dbfs: float = -40.0
    """First or last sample of the file."""
    end_steps: float = 4.0
    """How many times the sound's own steps the jump from silence must be."""


class SoundClick:
    """Isolated impulses, and jumps at the ends of the file."""

    name = "sound_click"
    title = "Clicks"
    needs = ()
    limits = SoundClickLimits()

    def judge(self, subject: Subject, limits: SoundClickLimits) -> Answer:
        """A finding per click."""
        impulses = heard(subject, "sound_impulses")
        if impulses is None:
            return not_measured(self.name, subject)
        findings = self._ends(subject, impulses, limits)
        for seconds, sigmas, level in _clicks(impulses, float(subject.facts.duration_seconds), limits):
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=frames_of(seconds, 0.0, subject.facts),
                    measured=sigmas,
                    limit=limits.sigmas,
                    unit="sigma",
                    message=f"A click at {seconds:.3f} s, {dbfs(level):.0f} dBFS high.",
                    source="residual of linear prediction, order 32",
                    remedy="Interpolate the few samples over, or cut around them.",
                )
            )
        return Answer(findings=tuple(findings))

    def _ends(self, subject: Subject, impulses: Series, limits: SoundClickLimits) -> list[Finding]:
        findings = []
        for end, place, seconds in (("first", "begins", 0.0), ("last", "ends", float(subject.facts.duration_seconds))):
            height = impulses[end]
            channel = int(np.argmax(height))
            if dbfs(float(height[channel])) < limits.end_dbfs:
                continue
            if height[channel] < limits.end_steps * impulses[f"{end}_step"][channel]:
                continue
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=frames_of(seconds, 0.0, subject.facts),
                    measured=dbfs(float(height[channel])),
                    limit=limits.end_dbfs,
                    unit="dBFS",
                    message=f"The sound {place} away from zero, at {dbfs(float(height[channel])):.0f} dBFS: it clicks against silence.",
                    source="first and last sample",
                    remedy="Fade it over 5 ms.",
                )
            )
        return findings


def _clicks(impulses: Series, duration_seconds: float, limits: SoundClickLimits) -> list[tuple[float, float, float]]:
    """Seconds, sigmas and height of every click; one that is in both channels counts once."""
    seconds, level = impulses["seconds"], impulses["level"]
    inside = (seconds > limits.ends_seconds) & (seconds < duration_seconds - limits.ends_seconds)
    isolated = np.minimum(impulses["over_before_db"], impulses["over_after_db"]) >= limits.alone_over_db
    clicks: list[tuple[float, float, float]] = []
    for index in np.flatnonzero(_sudden(impulses, limits) & inside & (level >= 10 ** (limits.level_dbfs / 20))):
        same = impulses["channel"] == impulses["channel"][index]
        near = np.abs(seconds - seconds[index]) <= limits.alone_seconds
        comparable = same & near & isolated & inside & (level >= limits.alone_height * level[index])
        if np.count_nonzero(comparable) - 1 > limits.alone_most:
            continue
        if clicks and seconds[index] - clicks[-1][0] < 0.005:
            continue
        clicks.append((float(seconds[index]), float(impulses["sigmas"][index]), float(level[index])))
    return clicks


def _sudden(impulses: Series, limits: SoundClickLimits) -> NDArray[np.bool_]:
    """Which impulses come out of nothing and leave the sound as it was."""
    before, after, rise = impulses["over_before_db"], impulses["over_after_db"], impulses["rise_db"]
    over = np.minimum(before, after) >= limits.over_db
    high = (impulses["sigmas"] >= limits.sigmas) & (before + after >= limits.over_sum_db)
    over_in_time = (after >= limits.tail_db) | (before - after <= limits.balance_db)
    high &= (after - before <= limits.lead_db) | (before >= limits.lead_clear_db)
    even = (np.abs(before - after) <= limits.even_balance_db) & (np.abs(rise) <= limits.even_balance_db)
    even &= impulses["sigmas"] >= limits.even_sigmas
    by_chance = (np.abs(rise) <= limits.chance_rise_db) & (impulses["over_sound_db"] >= limits.over_sound_db)
    stays = (np.abs(rise) <= limits.rise_db) | by_chance
    return np.asarray(over & ((high & over_in_time) | even) & stays, bool)


CHECK = SoundClick()
