"""Do colour, exposure, contrast or saturation wander while the shot stays the same?

Generators drift: a take slowly gains contrast, warms or bleaches out. So does a camera that pans from shade into sun, so a
drift is reported only where it runs one way through most of the shot while the picture keeps its composition, and at most for
review: whether it is meant, a person must say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.cut_detection import cut_frames
from kling_post.checks.runs import shots, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLimits:
    """How far a shot may wander from its first to its last sixth."""

    delta_e_itp: float = 20.0
    """Distance of mean colour, ITU-R BT.2124; 1 is just visible side by side, and moving content alone makes up to about 15."""
    contrast_percent: float = 30.0
    """Change of the standard deviation of intensity."""
    saturation_percent: float = 40.0
    """Change of mean chroma."""
    composition: float = 0.9
    """Correlation of brightness over the 144 tiles, first sixth with last: below it the shot shows something else at its end."""
    steadiness: float = 0.8
    """Rank correlation with time: 1 for a change that never turns back."""
    least_seconds: float = 2.0
    """Shorter shots are not asked."""


class ColourDrift:
    """Slow, one-way change of colour."""

    name = "colour_drift"
    title = "Colour, exposure and contrast drift"
    needs = ("colour", "luma", "motion", "structure")
    limits = DriftLimits()

    def judge(self, subject: Subject, limits: DriftLimits) -> Answer:
        """At most one finding per shot and property."""
        findings: list[Finding] = []
        for shot in shots(subject.facts.frames, cut_frames(subject.signals)):
            if shot.frames < limits.least_seconds * subject.facts.rate:
                continue
            findings += self._in_shot(subject, shot, limits)
        return Answer(findings=tuple(findings))

    def _in_shot(self, subject: Subject, shot: FrameRange, limits: DriftLimits) -> list[Finding]:
        if _composition(subject.signals["luma"]["tiles"][shot.start : shot.stop]) < limits.composition:
            return []
        colour = {name: values[shot.start : shot.stop] for name, values in subject.signals["colour"].items()}
        findings = []
        ictcp = colour["ictcp"] * np.array([720.0, 360.0, 720.0])
        first, last = _ends(ictcp)
        distance = float(np.linalg.norm(last - first))
        along = ictcp @ ((last - first) / max(distance, 1e-9))
        if distance > limits.delta_e_itp and _steadiness(along) >= limits.steadiness:
            what = _direction(last - first)
            message = f"Colour drifts by {distance:.0f} Delta E ITP over {stretch(shot, subject.facts)}: {what}."
            findings.append(self._finding(shot, distance, limits.delta_e_itp, "Delta E ITP", message))
        for name, series, limit in (
            ("Contrast", "colour_contrast", limits.contrast_percent),
            ("Saturation", "saturation", limits.saturation_percent),
        ):
            start, end = _ends(colour[series])
            change = 100 * float((end - start) / max(float(start), 1e-6))
            # Nearly colourless or flat shots change by any percentage without being seen to.
            if (
                abs(change) > limit
                and min(start, end) > _FLOOR[series]
                and _steadiness(colour[series] * np.sign(change)) >= limits.steadiness
            ):
                word = "rises" if change > 0 else "falls"
                message = f"{name} {word} by {abs(change):.0f} % over {stretch(shot, subject.facts)}."
                findings.append(self._finding(shot, abs(change), limit, "%", message))
        return findings

    def _finding(self, shot: FrameRange, measured: float, limit: float, unit: str, message: str) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=shot,
            measured=measured,
            limit=limit,
            unit=unit,
            message=message,
            source="ITU-R BT.2124 over the shot's first and last sixth",
            remedy="Counter it with a slow grade over the shot, or use only the part that holds.",
        )


_FLOOR = {"colour_contrast": 0.02, "saturation": 4.0}


def _ends(values: Values) -> tuple[Values, Values]:
    """Medians over the first and the last sixth."""
    count = max(1, len(values) // 6)
    return np.median(values[:count], axis=0), np.median(values[-count:], axis=0)


def _composition(tiles: Values) -> float:
    """Likeness of the first and the last sixth's distribution of light over the picture, whatever its level and contrast."""
    first, last = _ends(tiles.reshape(len(tiles), -1))
    if min(first.std(), last.std()) < 0.5:
        return 1.0
    return float(np.corrcoef(first, last)[0, 1])


def _steadiness(values: Values) -> float:
    """Spearman's rank correlation with time."""
    ranks = np.argsort(np.argsort(values)).astype(np.float64)
    places = np.arange(len(values), dtype=np.float64)
    return float(np.corrcoef(ranks, places)[0, 1]) if len(values) > 2 else 0.0


def _direction(change: Values) -> str:
    """The axis of ICtCp that changes most, in words."""
    axis = int(np.argmax(np.abs(change)))
    words = (("darker", "brighter"), ("less blue", "bluer"), ("less red", "redder"))
    return words[axis][int(change[axis] > 0)]


CHECK = ColourDrift()
