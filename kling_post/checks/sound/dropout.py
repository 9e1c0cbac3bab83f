"""Does the sound break off and come back at once?

A pause decays into its silence, and a word that begins after it does not begin as it ended. A dropout falls at once and rises in half
a millisecond, from what was held at programme level and back to it, and takes the quiet bands with it: the noise of the room, which
goes on under a rest and through a low note's way through zero. Every hole (signal ``sound_gaps``) is weighed by what was measured
of it; the weights are those of a logistic regression over holes that are heard (``calibration/audibility.py``), cut into made sound and
real clips, and over the pauses and rests in them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import Series, frames_of, heard, not_measured
from kling_post.checks.evidence.weighing import Evidence, evidence_percent
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDropoutLimits:
    """What makes a hole a dropout."""

    evidence_percent: float = 57.0
    """Of all that could speak for a dropout, so much must."""
    least_seconds: float = 0.003
    """Voices close for one or two milliseconds within every period of a low pitch."""
    most_seconds: float = 0.5
    """Longer ones are pauses, or silence (see sound_silence)."""
    wave_seconds: float = 0.0085
    """A hole no longer than this in sound of one low or narrow band, ..."""
    wave_rise_db: float = 24.0
    """... that ends less sharply within half a millisecond, is a low note's wave on its way through zero."""
    beside_dbfs: float = -68.0
    """Level that half of the 10 ms on both sides must hold: a hole in what is hardly heard is not heard, ..."""
    least_held_db: float = 3.0
    """... and over what is inside: between a click and a word lies a pause, no hole."""


_EVIDENCE = (
    Evidence("fall_db", (15, 40), (0, 13.5)),
    Evidence("held_db", (5, 20), (0, 8.0)),
    Evidence("rise_steps", (1, 5), (3.7, 0)),
    Evidence("silent_share", (0, 0.3, 1), (0, 7.5, 27.5)),
    Evidence("doublings", (3.5, 8.6), (24.5, 0)),
    Evidence("least_fall_db", (5, 25), (2.7, 0)),
    Evidence("edge_prominence_db", (-20, 10), (0, 4.5)),
    Evidence("sharp_rise_db", (10, 25), (0, 6.4)),
    Evidence("bands_apart_db", (2, 10), (6.3, 0)),
    Evidence("quiet_change_db", (3, 9), (0, 2.9)),
)


class SoundDropout:
    """Short holes with abrupt edges."""

    name = "sound_dropout"
    title = "Sound dropout"
    needs = ()
    limits = SoundDropoutLimits()

    def judge(self, subject: Subject, limits: SoundDropoutLimits) -> Answer:
        """A finding per dropout."""
        gaps = heard(subject, "sound_gaps")
        if gaps is None:
            return not_measured(self.name, subject)
        found = np.flatnonzero(dropped(gaps, limits))
        return Answer(findings=tuple(self._finding(subject, gaps, int(at)) for at in found))

    def _finding(self, subject: Subject, gaps: Series, at: int) -> Finding:
        seconds, length, before, inside = (float(gaps[name][at]) for name in ("seconds", "length_seconds", "before_dbfs", "inside_dbfs"))
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames_of(seconds, length, subject.facts),
            measured=length * 1000,
            limit=None,
            unit="ms",
            message=(
                f"The sound drops out for {length * 1000:.0f} ms at {seconds:.3f} s: "
                f"from {before:.0f} dBFS down to {inside:.0f} and back at once."
            ),
            source="level in steps of 1 ms, weighed",
            remedy="Fill the hole with room tone, or cut around it.",
        )


def dropped(gaps: Series, limits: SoundDropoutLimits) -> NDArray[np.bool_]:
    """Which of the holes in the series ``sound_gaps`` are dropouts."""
    length, quieter = gaps["length_seconds"], np.minimum(gaps["before_dbfs"], gaps["after_dbfs"])
    fitting = (length >= limits.least_seconds - 1e-9) & (length <= limits.most_seconds)
    fitting &= (length > limits.wave_seconds) | (gaps["sharp_rise_db"] >= limits.wave_rise_db) | (gaps["loud_bands"] > 1)
    held = quieter - gaps["inside_dbfs"]
    fitting &= (quieter >= limits.beside_dbfs) & (held >= limits.least_held_db)
    measured = {**gaps, "held_db": held, "doublings": np.log2(np.maximum(length * 1000, 1.0))}
    return np.asarray(fitting & (evidence_percent(measured, _EVIDENCE) >= limits.evidence_percent), bool)


CHECK = SoundDropout()
