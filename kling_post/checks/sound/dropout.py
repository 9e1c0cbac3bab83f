"""Does the sound break off and come back at once?

A pause decays into its silence, and a word that begins after it does not begin as it ended. A dropout falls and rises within a few
milliseconds, from programme level and back to it. Every hole (signal ``sound_gaps``) is weighed by what was measured of it; the
weights are those of a logistic regression over holes cut into made sound and real clips, and over the pauses and rests in them.
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

    evidence_percent: float = 61.5
    """Of all that could speak for a dropout, so much must."""
    least_seconds: float = 0.003
    """Voices close for one or two milliseconds within every period of a low pitch."""
    most_seconds: float = 0.5
    """Longer ones are pauses, or silence (see sound_silence)."""
    beside_dbfs: float = -57.0
    """RMS that must stand on both sides: a hole in what is hardly heard is not heard."""


_SILENT = Evidence("silent_share", 0.0, 0.3, 11.1)
_FADE_BEFORE = Evidence("before_edge_db", -8, 4, 0)
_EVIDENCE = (
    Evidence("depth_db", 15, 30, 6.6),
    Evidence("fall_db", 15, 40, 14.1),
    Evidence("rise_steps", 1, 5, -4.4),
    Evidence("steeper_db", 45, 90, -4.2),
    Evidence("fade_db", 0, 8, -4.3),
    Evidence("fading_db", -6, 8, -5.6),
    Evidence("growing_db", -6, 8, -7.2),
    Evidence("unlike_ends_db", 0, 15, 3.2),
    _SILENT,
    Evidence("silent_share", 0.3, 1.0, 10.8),
    Evidence("silent_at_once", 0.0, 1.0, -6.8),
    Evidence("spectrum_db", 8, 20, -10.0),
    Evidence("doublings", 3.5, 8.6, -11.9),
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
        return Answer(findings=tuple(self._finding(subject, gaps, int(at)) for at in np.flatnonzero(dropped(gaps, limits))))

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
    return np.asarray(fitting & (quieter >= limits.beside_dbfs) & (_weighed(gaps) >= limits.evidence_percent), bool)


def _weighed(gaps: Series) -> NDArray[np.float64]:
    """How much of all that could speak for a dropout does so, for each hole."""
    quieter = np.minimum(gaps["before_dbfs"], gaps["after_dbfs"])
    measured = {
        **gaps,
        "depth_db": quieter - gaps["inside_dbfs"],
        "steeper_db": np.maximum(gaps["fall_db"], gaps["rise_db"]),
        "fade_db": -np.minimum(gaps["before_edge_db"], gaps["after_edge_db"]),
        "unlike_ends_db": np.abs(gaps["slope_db"]),
        "silent_at_once": _SILENT.share(gaps["silent_share"]) * _FADE_BEFORE.share(gaps["before_edge_db"]),
        "doublings": np.log2(np.maximum(gaps["length_seconds"] * 1000, 1.0)),
    }
    return evidence_percent(measured, _EVIDENCE)


CHECK = SoundDropout()
