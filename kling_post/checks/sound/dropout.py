"""Does the sound break off and come back at once?

A pause decays into its silence, and a word that begins after it does not begin as it ended. A dropout falls in all bands at once and
rises in half a millisecond, from programme level and back to it. Every hole (signal ``sound_gaps``) is weighed by what was measured
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

    evidence_percent: float = 54.9
    """Of all that could speak for a dropout, so much must."""
    least_seconds: float = 0.003
    """Voices close for one or two milliseconds within every period of a low pitch."""
    most_seconds: float = 0.5
    """Longer ones are pauses, or silence (see sound_silence)."""
    wave_seconds: float = 0.0085
    """A hole no longer than this in sound of one low or narrow band, ..."""
    wave_rise_db: float = 24.0
    """... that ends less sharply within half a millisecond, is a low note's wave on its way through zero."""
    rest_seconds: float = 0.03
    """A hole that lasts longer, beyond what a codec fills from its ends, ..."""
    rest_dbfs: float = -80.0
    """... and is louder than this inside still holds the tone of its room: a rest."""
    beside_dbfs: float = -57.0
    """RMS that must stand on both sides: a hole in what is hardly heard is not heard."""
    impulse_over_sound_db: float = 25.0
    """An impulse that stands so far over the louder of its sides is no edge of a sound: it clicks in a pause, ..."""
    impulse_seconds: float = 0.008
    """... and a hole so near beside it is that pause."""


_EVIDENCE = (
    Evidence("fall_db", 15, 40, 9.2),
    Evidence("rise_steps", 1, 5, -8.8),
    Evidence("silent_share", 0, 0.3, 7.0),
    Evidence("silent_share", 0.3, 1, 10.3),
    Evidence("spectrum_db", 8, 20, -4.9),
    Evidence("doublings", 3.5, 8.6, -14.2),
    Evidence("bands_fall_db", 10, 30, 8.2),
    Evidence("bands_fall_db", 30, 60, 11.7),
    Evidence("least_fall_db", 5, 25, -6.0),
    Evidence("edge_prominence_db", -20, 10, 4.5),
    Evidence("sharp_rise_db", 10, 25, 9.0),
    Evidence("bands_apart_db", 2, 10, -6.2),
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
        found = np.flatnonzero(dropped(gaps, heard(subject, "sound_impulses"), limits))
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


def dropped(gaps: Series, impulses: Series | None, limits: SoundDropoutLimits) -> NDArray[np.bool_]:
    """Which of the holes in the series ``sound_gaps`` are dropouts, and no pauses with a click beside them (``sound_impulses``)."""
    length, quieter = gaps["length_seconds"], np.minimum(gaps["before_dbfs"], gaps["after_dbfs"])
    fitting = (length >= limits.least_seconds - 1e-9) & (length <= limits.most_seconds)
    fitting &= (length > limits.wave_seconds) | (gaps["sharp_rise_db"] >= limits.wave_rise_db) | (gaps["loud_bands"] > 1)
    fitting &= (length <= limits.rest_seconds) | (gaps["inside_dbfs"] <= limits.rest_dbfs)
    fitting &= (quieter >= limits.beside_dbfs) & (_weighed(gaps) >= limits.evidence_percent)
    if impulses is None:
        return np.asarray(fitting, bool)
    alone = impulses["seconds"][impulses["over_sound_db"] >= limits.impulse_over_sound_db]
    edges = np.stack([gaps["seconds"], gaps["seconds"] + length])
    return np.asarray(fitting & ~(np.abs(edges[..., None] - alone) <= limits.impulse_seconds).any(axis=(0, 2)), bool)


def _weighed(gaps: Series) -> NDArray[np.float64]:
    """How much of all that could speak for a dropout does so, for each hole."""
    return evidence_percent({**gaps, "doublings": np.log2(np.maximum(gaps["length_seconds"] * 1000, 1.0))}, _EVIDENCE)


CHECK = SoundDropout()
