"""Does the sound break off and come back at once?

A pause decays into its silence, and a word that begins after it does not begin as it ended. A dropout falls and rises within a few
milliseconds, from programme level and back to it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.sound_place import Series, frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDropoutLimits:
    """What makes a hole a dropout."""

    least_seconds: float = 0.003
    """Voices close for one or two milliseconds within every period of a low pitch."""
    most_seconds: float = 0.5
    """Longer ones are pauses, or silence (see sound_silence)."""
    beside_dbfs: float = -54.0
    """RMS that must stand on both sides: a hole in what is hardly heard is not heard."""
    deep_db: float = 24.0
    """How far three quarters of the hole lie under the quieter of its sides."""
    sheer_db: float = 36.0
    """Fall and rise within four milliseconds each that no pause has, whatever goes on behind it; what a codec leaves of a cut."""
    sheer_fade_db: float = 7.0
    """How far the last 2 ms before the hole, and the first behind it, may lie under their 10 ms: a decay or an attack lies further."""
    edge_db: float = 27.0
    """Edges that are enough where the same sound goes on behind the hole: ..."""
    fade_db: float = 7.0
    """... it was not fading, ..."""
    alike_db: float = 3.3
    """... (where its bands differ by less than this, it is the same voice between two of its pulses, and ...)"""
    alike_fade_db: float = 17.0
    """... (may seem to fade by so much), ..."""
    level_db: float = 12.0
    """... its level ..."""
    spectrum_db: float = 8.0
    """... and its bands are as they were."""
    short_seconds: float = 0.0055
    """A shorter hole may be a low note passing through zero, unless it is digital ..."""
    short_sheer_db: float = 45.0
    """... and that sheer, or ..."""
    short_edge_db: float = 26.0
    """... that steep, ..."""
    short_level_db: float = 4.0
    """... with sides of one level that do not fade."""


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
        dropped = _dropped(gaps, limits)
        findings = [self._finding(subject, {name: float(values[i]) for name, values in gaps.items()}) for i in np.flatnonzero(dropped)]
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, gap: dict[str, float]) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames_of(gap["seconds"], gap["length_seconds"], subject.facts),
            measured=gap["length_seconds"] * 1000,
            limit=None,
            unit="ms",
            message=(
                f"The sound drops out for {gap['length_seconds'] * 1000:.0f} ms at {gap['seconds']:.3f} s: "
                f"from {gap['before_dbfs']:.0f} dBFS down to {gap['inside_dbfs']:.0f} and back at once."
            ),
            source="level in steps of 1 ms",
            remedy="Fill the hole with room tone, or cut around it.",
        )


def _dropped(gaps: Series, limits: SoundDropoutLimits) -> NDArray[np.bool_]:
    """Which holes are dropouts."""
    length = gaps["length_seconds"]
    quieter = np.minimum(gaps["before_dbfs"], gaps["after_dbfs"])
    edge = np.minimum(gaps["fall_db"], gaps["rise_db"])
    fade = -np.minimum(gaps["before_edge_db"], gaps["after_edge_db"])
    apart = np.abs(gaps["before_dbfs"] - gaps["after_dbfs"])
    same = (fade <= limits.fade_db) & (gaps["spectrum_db"] <= limits.spectrum_db)
    same |= (fade <= limits.alike_fade_db) & (gaps["spectrum_db"] <= limits.alike_db)
    long = ((edge >= limits.sheer_db) & (fade <= limits.sheer_fade_db)) | ((edge >= limits.edge_db) & same & (apart <= limits.level_db))
    brief = (edge >= limits.short_sheer_db) & (fade <= limits.sheer_fade_db)
    brief |= (edge >= limits.short_edge_db) & same & (apart <= limits.short_level_db) & (fade <= limits.short_level_db)
    steep = np.where(length < limits.short_seconds, brief, long)
    fitting = (length >= limits.least_seconds - 1e-9) & (length <= limits.most_seconds)
    return np.asarray(fitting & steep & (quieter >= limits.beside_dbfs) & (quieter - gaps["inside_dbfs"] >= limits.deep_db), bool)


CHECK = SoundDropout()
