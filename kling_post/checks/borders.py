"""Is the picture framed by black bars?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import Area, Finding, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BordersLimits:
    """What a bar is: an outer strip that stays black through the whole take while the picture inside does not."""

    level: float = 0.04
    """Nominal level, 0 black to 1 white, that no sample of a bar ever exceeds."""
    inside_level: float = 0.2
    """Level that the first line inside reaches at least once: a bar ends in a hard edge, a vignette or a night sky does not."""
    least_share: float = 0.004
    """Width of a bar as a share of the picture's height or width: about one line of the working picture."""


class Borders:
    """Letterbox and pillarbox bars."""

    name = "borders"
    title = "Black bars"
    needs = ("edges",)
    limits = BordersLimits()

    def judge(self, subject: Subject, limits: BordersLimits) -> Answer:
        """A finding per bar; for review, as a format may be meant."""
        black, span = (0, 255) if subject.facts.color_range == "full" else (16, 219)
        rows, columns = ((subject.signals["edges"][name] - black) / span for name in ("row_maximum", "column_maximum"))
        findings = []
        for side, lines in (("top", rows), ("bottom", rows[::-1]), ("left", columns), ("right", columns[::-1])):
            share = _bar(lines, limits)
            if share >= limits.least_share:
                findings.append(self._finding(side, share, limits))
        return Answer(findings=tuple(findings))

    def _finding(self, side: str, share: float, limits: BordersLimits) -> Finding:
        edges = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}
        opposite = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}[side]
        edges[opposite] = share if side in {"top", "left"} else 1 - share
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=None,
            measured=share,
            limit=limits.least_share,
            unit="of the height" if side in {"top", "bottom"} else "of the width",
            message=f"A black bar covers {share:.1%} of the picture at the {side}, throughout.",
            source="largest luma of each line over the whole take",
            remedy="Crop or scale the picture in the edit.",
            area=Area(left=edges["left"], top=edges["top"], right=edges["right"], bottom=edges["bottom"]),
        )


def _bar(lines: Values, limits: BordersLimits) -> float:
    """Share of the lines that form a bar at the start; 0 where there is none, or nothing but black."""
    bright = np.flatnonzero(lines > limits.level)
    if bright.size == 0 or bright[0] == 0:
        return 0.0
    # Reduction and coding smear the edge over a few lines: one of the first four inside must be bright.
    inside = lines[bright[0] : bright[0] + 4]
    return float(bright[0] / len(lines)) if inside.max() >= limits.inside_level else 0.0


CHECK = Borders()
