"""Are there clicks: at the head, at the tail, or inside?

Every impulse (signal ``sound_impulses``) is weighed: each of twelve things that were measured of it speaks for a click or for a struck
object, a pulse of a voice, a drop among others, and the points are added up. The weights are those of a logistic regression over
clicks put into made sound and real clips, and over what stood out there without being one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import Series, dbfs, frames_of, heard, not_measured
from kling_post.checks.evidence.weighing import Evidence, evidence_percent
from kling_post.checks.sound.dropout import SoundDropoutLimits, dropped
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundClickLimits:
    """What makes an impulse a click."""

    evidence_percent: float = 58.7
    """Of all that could speak for a click, so much must."""
    alike_most: int = 4
    """More impulses within a second that are not much quieter, and have ``likely_percent``, are a texture: fire, rain, castanets."""
    likely_percent: float = 50.0
    level_db: float = -70.0
    """Level of an impulse's bands; quieter ones are not heard."""
    ticks: int = 4
    """So many that leave a tail are a thing that ticks or taps, and not told, ..."""
    ticks_tail_db: float = 7.0
    """... because they stand so much higher over what was before than over all around, and ..."""
    ticks_db: float = 9.0
    """... of one height within this, with ``likely_percent`` each."""
    veiled_tilt_db: float = 20.0
    """Only in the treble, so far under the rest of the sound, ..."""
    veiled_unevenness_db: float = 12.0
    """... with levels that scatter so much, ..."""
    veiled_fourth_db: float = 2.0
    """... and no higher than this in a fourth band: what a codec spills behind the attack of a note, and nobody hears."""
    dropout_seconds: float = 0.008
    """So near an edge of a dropout, the dropout is told instead."""
    ends_seconds: float = 0.035
    """At head and tail, the first and last sample are judged instead."""
    end_dbfs: float = -40.0
    """First or last sample of the file."""
    end_steps: float = 4.0
    """How many times the sound's own steps the jump from silence must be."""


_ALIKE, _ALIKE_NEAR = "alike", "alike_near"
_EVIDENCE = (
    Evidence(_ALIKE, 0, 5, -11.0),
    Evidence(_ALIKE_NEAR, 0, 4, -5.3),
    Evidence("best_db", 8, 26, 11.7),
    Evidence("fourth_db", -5, 15, 6.4),
    Evidence("fall_db", 6, 22, 8.1),
    Evidence("band_over_sound_db", -20, 10, -12.2),
    Evidence("unevenness_db", 2, 9, -8.4),
    Evidence("roughness_db", 2, 12, 3.9),
    Evidence("over_before_db", 0, 30, -10.6),
    Evidence("over_sound_db", -6, 20, 7.1),
    Evidence("tilt_db", -20, 20, 6.3),
    Evidence("tail_db", -4, 12, -5.6),
    Evidence("tail_db", 12, 40, -3.3),
)
_ALIKE_SECONDS, _ALIKE_DB = 1.0, 12.0
_NEAR_SECONDS, _NEAR_DB = 0.3, 20.0
"""Impulses this near that are at most so much quieter: fire, rain, castanets and typing have many. Counted in doublings."""
_PLACE = ("seconds", "channel", "level_db")
_TOGETHER_SECONDS = 0.0031
"""What is this near in the other channel is the same."""


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
        evidence = _weighed(impulses)
        edges = _dropout_edges(heard(subject, "sound_gaps"))
        for index in _clicks(impulses, evidence, _sound_seconds(subject), limits):
            if np.any(np.abs(edges - impulses["seconds"][index]) <= limits.dropout_seconds):
                continue
            seconds, height = float(impulses["seconds"][index]), float(impulses["best_db"][index])
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=frames_of(seconds, 0.0, subject.facts),
                    measured=float(evidence[index]),
                    limit=limits.evidence_percent,
                    unit="% of the evidence",
                    message=f"A click at {seconds:.3f} s, {height:.0f} dB over what is heard around it.",
                    source="impulses in six bands, weighed",
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


def _clicks(impulses: Series, evidence: NDArray[np.float64], duration_seconds: float, limits: SoundClickLimits) -> list[int]:
    """Which impulses are clicks; of one that is in both channels, the channel where it stands out more is judged."""
    seconds, second = impulses["seconds"], impulses["second_db"]
    inside = (seconds >= limits.ends_seconds) & (seconds <= duration_seconds - limits.ends_seconds)
    kept: list[int] = []
    for index in np.flatnonzero(inside).tolist():
        if kept and seconds[index] - seconds[kept[-1]] <= _TOGETHER_SECONDS:
            kept[-1] = max(kept[-1], index, key=lambda each: float(second[each]))
        else:
            kept.append(index)
    likely = np.array([each for each in kept if evidence[each] >= limits.likely_percent], np.int64)
    texture = np.zeros(len(seconds), bool)
    texture[likely] = _alike({name: impulses[name][likely] for name in _PLACE}, _ALIKE_SECONDS, _ALIKE_DB) > limits.alike_most
    veiled = (impulses["tilt_db"] >= limits.veiled_tilt_db) & (impulses["unevenness_db"] >= limits.veiled_unevenness_db)
    veiled &= impulses["fourth_db"] <= limits.veiled_fourth_db
    level, tailed = impulses["level_db"], impulses["over_before_db"] - impulses["best_db"] >= limits.ticks_tail_db
    ticking = level[likely[tailed[likely]]]
    return [
        index
        for index in kept
        if evidence[index] >= limits.evidence_percent
        and level[index] >= limits.level_db
        and not (texture[index] or veiled[index])
        and not (tailed[index] and np.count_nonzero(np.abs(ticking - level[index]) <= limits.ticks_db) >= limits.ticks)
    ]


def _sound_seconds(subject: Subject) -> float:
    """Where the sound ends, which may be before the picture."""
    picture, levels = float(subject.facts.duration_seconds), heard(subject, "sound_levels")
    return picture if levels is None else min(picture, float(levels["samples"][0] / levels["sample_rate"][0]))


def _dropout_edges(gaps: Series | None) -> NDArray[np.float64]:
    """Seconds at which dropouts begin and end."""
    if gaps is None:
        return np.zeros(0)
    holes = dropped(gaps, SoundDropoutLimits())
    begin = gaps["seconds"][holes]
    return np.concatenate([begin, begin + gaps["length_seconds"][holes]])


def _weighed(impulses: Series) -> NDArray[np.float64]:
    """How much of all that could speak for a click does so, for each impulse."""
    measured = {
        **impulses,
        _ALIKE: np.log2(1 + _alike(impulses, _ALIKE_SECONDS, _ALIKE_DB)),
        _ALIKE_NEAR: np.log2(1 + _alike(impulses, _NEAR_SECONDS, _NEAR_DB)),
    }
    return evidence_percent(measured, _EVIDENCE)


def _alike(impulses: Series, reach_seconds: float, quieter_db: float) -> NDArray[np.float64]:
    """How many others of its channel are near each impulse and not much quieter."""
    counts = np.zeros(len(impulses["seconds"]))
    for channel in np.unique(impulses["channel"]):
        own = np.flatnonzero(impulses["channel"] == channel)
        seconds, level = impulses["seconds"][own], impulses["level_db"][own]
        first, stop = np.searchsorted(seconds, seconds - reach_seconds), np.searchsorted(seconds, seconds + reach_seconds, side="right")
        loud = [
            np.count_nonzero(level[low:high] >= own_level - quieter_db) for low, high, own_level in zip(first, stop, level, strict=True)
        ]
        counts[own] = np.array(loud) - 1
    return counts


CHECK = SoundClick()
