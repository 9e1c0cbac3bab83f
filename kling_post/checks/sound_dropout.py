"""Does the sound break off and come back at once?

A pause decays into its silence, and a word that begins after it does not begin as it ended. A dropout falls and rises within a few
milliseconds, from programme level and back to it.
"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.sound_place import frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDropoutLimits:
    """What makes a hole a dropout."""

    least_seconds: float = 0.003
    """Voices close for one or two milliseconds within every period of a low pitch."""
    most_seconds: float = 0.5
    """Longer ones are pauses, or silence (see sound_silence)."""
    beside_dbfs: float = -50.0
    """RMS that must stand on both sides: a hole in what is hardly heard is not heard."""
    edge_db: float = 28.0
    """Fall and rise within three milliseconds each."""
    decay_db: float = 13.0
    """How far the last 3 ms before the hole, and the first behind it, may lie under their 20 ms: a decay or an attack lies further."""
    sheer_db: float = 60.0
    """Edges this high are no decay and no attack, whatever the sound does beside them."""
    inside_dbfs: float = -55.0
    """The loudest millisecond of the hole."""


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
        length = gaps["length_seconds"]
        dropped = (length >= limits.least_seconds - 1e-9) & (length <= limits.most_seconds)
        dropped &= np.minimum(gaps["before_dbfs"], gaps["after_dbfs"]) >= limits.beside_dbfs
        dropped &= np.minimum(gaps["fall_db"], gaps["rise_db"]) >= limits.edge_db
        decays = np.minimum(gaps["before_edge_db"], gaps["after_edge_db"]) < -limits.decay_db
        dropped &= ~decays | (np.minimum(gaps["fall_db"], gaps["rise_db"]) >= limits.sheer_db)
        dropped &= gaps["inside_dbfs"] <= limits.inside_dbfs
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


CHECK = SoundDropout()
