"""Are there clicks: at the head, at the tail, or inside?

Every impulse (signal ``sound_impulses``) is weighed: each thing that was measured of it speaks for a click or for a struck object, a
pulse of a voice, a drop among others, and the points are added up. The points are those of a logistic regression on lines with three
pieces each, over clicks put into made sound and real clips, and over what stood out there without being one.
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

    evidence_percent: float = 59.1
    """Of all that could speak for a click, so much must."""
    alike_most: int = 4
    """More within a second that are not much quieter are a texture: fire, rain, a crackle by design."""
    unmasked_db: float = 8.0
    """So far two of its third-octaves must stand over what is heard around; less is masked."""
    level_db: float = -68.0
    """Level of an impulse's bands; quieter ones are not heard."""
    onset_db: float = 8.0
    """Where the waveform stands so much higher right after it than before, ..."""
    onset_lasting_db: float = 2.0
    """... and so much over 30 ms, ..."""
    onset_residual_db: float = 2.0
    """... in what the sound before does not foretell too, it is the attack of what follows, ..."""
    onset_core: float = 0.92
    """... but for what is over within half a millisecond to this share: a click right before a sound."""
    beginning_db: float = 20.0
    """Where the waveform stands so much higher after it, right there and over 30 ms, ..."""
    beginning_over_db: float = 3.0
    """... and it does not stand out of that by more, a sound has begun with it, however a codec has spread the beginning."""
    dropout_seconds: float = 0.008
    """So near an edge of a dropout, the dropout is told instead."""
    ends_seconds: float = 0.035
    """At head and tail, the first and last sample are judged instead."""
    end_dbfs: float = -40.0
    """First or last sample of the file."""
    end_steps: float = 4.0
    """How many times the sound's own steps the jump from silence must be."""


_ALIKE = "alike"
_EVIDENCE = (
    Evidence(_ALIKE, (0, 1.58, 2.58, 4.75), (11.1, 9.1, 7.7, 0)),
    Evidence("band_over_sound_db", (-18.7, -2.44, 4.57, 19.9), (9.3, 4.9, 2.3, 0)),
    Evidence("slope_db", (-13.3, -5.04, -2.68, 4.98), (0, 5.5, 5.7, 8.9)),
    Evidence("prediction_gain_db", (-1.2, 13.5, 19.1, 44.8), (6.8, 4.2, 2.6, 0)),
    Evidence("unmasked_db", (2.36, 12.2, 16.5, 29.6), (0, 5.7, 4.7, 6.7)),
    Evidence("lift_db", (-0.937, 3.2, 7.35, 18.6), (6.4, 4.6, 2.7, 0)),
    Evidence("middle_band_db", (-9.48, 4.91, 10.3, 22.5), (0, 2.8, 3.4, 5.6)),
    Evidence("best_db", (7.45, 13.2, 17.8, 30.7), (0, 2.8, 2.9, 5.5)),
    Evidence("residual_over_db", (-5.73, 9.33, 17.1, 30.9), (0, 1.6, 4.1, 5.2)),
    Evidence("rise_db", (2.53, 19.7, 25.4, 43.9), (0, 2.3, 2.2, 4.5)),
    Evidence("low_lines_kept", (0.353, 0.763, 0.846, 0.992), (0, 1.9, 1.3, 4.3)),
    Evidence("tilt_db", (-7.49, 5.5, 11.2, 29.1), (0.7, 1.4, 4.2, 0)),
    Evidence("residual_tail_db", (-14.3, -0.645, 3.5, 22.3), (2.8, 3.1, 3.1, 0)),
    Evidence("residual_growth_db", (-10.4, -0.836, 0.86, 21.3), (3.1, 2.2, 0.7, 0)),
    Evidence("change_db", (0.388, 2.25, 3.6, 24.9), (2.9, 0.7, 0, 0.3)),
    Evidence("second_db", (6.22, 10.9, 14.9, 27.7), (0, 1.7, 2.8, 1.7)),
    Evidence("apart_db", (-2.35, -0.0408, 0.453, 16.3), (2.6, 0, 0.4, 2.7)),
    Evidence("over_before_db", (4.04, 14.2, 20.1, 45.3), (2.6, 1.7, 0, 0.1)),
    Evidence("least_band_db", (-18.6, -0.946, 4.27, 17.2), (2.6, 2, 0, 1.4)),
    Evidence("middle_lines_kept", (0.325, 0.742, 0.796, 0.988), (1.9, 0.2, 0, 1.9)),
)
_ALIKE_SECONDS, _ALIKE_DB = 1.0, 12.0
"""Impulses this near that are at most so much quieter: fire, rain, castanets and typing have many. Counted in doublings."""
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
        duration_seconds = _sound_seconds(subject)
        evidence = _weighed(impulses, duration_seconds)
        edges = _dropout_edges(heard(subject, "sound_gaps"))
        for index in _clicks(impulses, evidence, duration_seconds, limits):
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
                    source="impulses in six bands, in the prediction residual and between the channels, weighed",
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
    """Which impulses are clicks; of one that is in both channels, the channel where it is more of a click."""
    seconds = impulses["seconds"]
    told = (seconds >= limits.ends_seconds) & (seconds <= duration_seconds - limits.ends_seconds)
    told &= (evidence >= limits.evidence_percent) & (impulses["level_db"] >= limits.level_db)
    told &= impulses["unmasked_db"] >= limits.unmasked_db
    attack = (impulses["onset_db"] >= limits.onset_db) & (impulses["growth_db"] >= limits.onset_lasting_db)
    attack &= (impulses["residual_tail_db"] >= limits.onset_residual_db) & (impulses["residual_core"] < limits.onset_core)
    begins = np.minimum(impulses["onset_db"], impulses["growth_db"]) >= limits.beginning_db
    begins &= impulses["over_sound_db"] <= limits.beginning_over_db
    found = np.flatnonzero(told & ~attack & ~begins)
    alone = _alike({name: impulses[name][found] for name in ("seconds", "channel", "level_db")}, duration_seconds) <= limits.alike_most
    kept: list[int] = []
    for index in found[alone].tolist():
        if kept and seconds[index] - seconds[kept[-1]] <= _TOGETHER_SECONDS:
            kept[-1] = max(kept[-1], index, key=lambda each: float(evidence[each]))
        else:
            kept.append(index)
    return kept


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


def _weighed(impulses: Series, duration_seconds: float) -> NDArray[np.float64]:
    """How much of all that could speak for a click does so, for each impulse."""
    return evidence_percent({**impulses, _ALIKE: np.log2(1 + _alike(impulses, duration_seconds))}, _EVIDENCE)


def _alike(impulses: Series, duration_seconds: float) -> NDArray[np.float64]:
    """How many others of its channel are near each impulse and not much quieter; as if the sound went on alike beyond its ends."""
    counts = np.zeros(len(impulses["seconds"]))
    for channel in np.unique(impulses["channel"]):
        own = np.flatnonzero(impulses["channel"] == channel)
        seconds, level = impulses["seconds"][own], impulses["level_db"][own]
        first = np.searchsorted(seconds, seconds - _ALIKE_SECONDS)
        stop = np.searchsorted(seconds, seconds + _ALIKE_SECONDS, side="right")
        loud = [np.count_nonzero(level[low:high] >= own_level - _ALIKE_DB) for low, high, own_level in zip(first, stop, level, strict=True)]
        heard_seconds = np.minimum(seconds, _ALIKE_SECONDS) + np.clip(duration_seconds - seconds, 0.0, _ALIKE_SECONDS)
        counts[own] = (np.array(loud) - 1) * 2 * _ALIKE_SECONDS / np.maximum(heard_seconds, _ALIKE_SECONDS)
    return counts


CHECK = SoundClick()
