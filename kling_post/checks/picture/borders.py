"""Is the picture framed by black bars, or by a stray line along an edge?"""

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
    line_codes: float = 6.0
    """Step, in 8-bit codes, between a stray line of one to three pixels along an edge and the picture inside it."""
    line_ratio: float = 2.5
    """That step over the steps between the lines further inside: what the picture itself holds there."""
    line_share: float = 0.9
    """Share of the frames in which the line stands out."""


class Borders:
    """Letterbox and pillarbox bars, and lines of one to three pixels that crops and resizers leave."""

    name = "borders"
    title = "Black bars and edge lines"
    needs = ("edges",)
    limits = BordersLimits()

    def judge(self, subject: Subject, limits: BordersLimits) -> Answer:
        """A finding per bar, or per line where there is no bar; for review, as a format may be meant."""
        black, span = (0, 255) if subject.facts.color_range == "full" else (16, 219)
        rows, columns = ((subject.signals["edges"][name] - black) / span for name in ("row_maximum", "column_maximum"))
        findings = []
        sides = (("top", rows), ("bottom", rows[::-1]), ("left", columns), ("right", columns[::-1]))
        for place, (side, lines) in enumerate(sides):
            share = _bar(lines, limits)
            if share >= limits.least_share:
                findings.append(self._finding(side, share, limits))
            elif found := _stray_line(subject.signals["edges"]["edge_steps"][:, place], limits):
                findings.append(self._line(subject, side, *found, limits))
        return Answer(findings=tuple(findings))

    def _line(self, subject: Subject, side: str, width: int, step: float, limits: BordersLimits) -> Finding:
        facts = subject.facts
        share = width / (facts.size.height if side in {"top", "bottom"} else facts.size.width)
        word = "A line of one pixel" if width == 1 else f"A strip of {width} pixels"
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=None,
            measured=step,
            limit=limits.line_codes,
            unit="codes",
            message=f"{word} along the {side} edge differs from the picture beside it by {step:.0f} codes, throughout.",
            source="steps between the outermost stored lines, frame by frame",
            remedy="Crop it away or scale the picture up by a few pixels.",
            area=_area(side, share),
        )

    def _finding(self, side: str, share: float, limits: BordersLimits) -> Finding:
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
            area=_area(side, share),
        )


def _area(side: str, share: float) -> Area:
    edges = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}
    opposite = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}[side]
    edges[opposite] = share if side in {"top", "left"} else 1 - share
    return Area(left=edges["left"], top=edges["top"], right=edges["right"], bottom=edges["bottom"])


def _stray_line(steps: Values, limits: BordersLimits) -> tuple[int, float] | None:
    """Width in pixels and step in codes of a line along an edge, from the steps between its lines, (frames, 7); None without one."""
    known = steps[np.isfinite(steps).all(axis=1)]
    if not len(known):
        return None
    best: tuple[int, float] | None = None
    for width in range(1, _WIDEST_LINE + 1):
        # Coding smears the step over the line beside it: the picture is asked two lines further in.
        inside = np.median(known[:, width + 1 :], axis=1)
        stands_out = (known[:, width - 1] >= limits.line_codes) & (known[:, width - 1] >= limits.line_ratio * inside)
        step = float(np.median(known[:, width - 1]))
        if stands_out.mean() >= limits.line_share and (best is None or step > best[1]):
            best = (width, step)
    return best


_WIDEST_LINE = 3
"""Pixels; a wider strip is a bar, if it is black, or a part of the picture."""


def _bar(lines: Values, limits: BordersLimits) -> float:
    """Share of the lines that form a bar at the start; 0 where there is none, or nothing but black."""
    bright = np.flatnonzero(lines > limits.level)
    if bright.size == 0 or bright[0] == 0:
        return 0.0
    # Reduction and coding smear the edge over a few lines: one of the first four inside must be bright.
    inside = lines[bright[0] : bright[0] + 4]
    return float(bright[0] / len(lines)) if inside.max() >= limits.inside_level else 0.0


CHECK = Borders()
