"""Is there text, a logo or a watermark burnt into the picture?

Found by what it does, not by what it says: small strokes that stand still while the picture around them moves. Where the picture does
not move either, nothing can be told, and nothing is said. Text that belongs to the scene moves with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import stretch
from kling_post.checks.evidence.tile_groups import bounds, groups, grown
from kling_post.vocabulary import Area, Finding, FrameRange, Severity

Values = NDArray[np.float64]
Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimits:
    """Set on drawn and generated shots with letters of 3 to 5 % of the height laid over them; marks of Kling and others are found."""

    ink: float = 0.35
    """Share of a mark's area that holds still strokes: lettering 0.35 to 0.8, things of the scene that hardly move 0.1 to 0.3."""
    lopsided: float = 0.42
    """How far the strokes' edges look one way: lettering 0.2 to 0.4, the edge of a thing near 1."""
    one_way: float = 0.7
    """How far the strokes around a place run one way, at most: letters have strokes every way, while a line along which the camera
    travels stands still as well, and has one."""
    clear_ink: float = 0.15
    """Of ink in strokes that run no farther one way than ``clear_one_way``, where at least ``clear_around`` of what is around moves: a
    translucent mark on ground of its own brightness."""
    clear_one_way: float = 0.45
    clear_around: float = 0.85
    around: float = 0.6
    """Share of the texture around a mark that must move."""
    scene: float = 0.4
    """Share of the texture in the whole picture that must move."""
    flat_ink: float = 0.5
    """Where the picture around is flat, a sky, the ink must be this dense and ``flat_scene`` of the picture move."""
    flat_scene: float = 0.55
    inner_ink: float = 0.45
    """Away from the upper and lower edge, where marks and titles sit, ink must be denser."""
    edge_share: float = 0.18
    """Height of the zones at the upper and lower edge."""
    least_cells: int = 3
    """Of the 64 by 36 parts of the picture, a mark fills at least so many."""
    largest_share: float = 0.1
    """And at most this share of all."""


class Text:
    """Burnt-in text and marks."""

    name = "text"
    title = "Burnt-in text or watermark"
    needs = ("overlay",)
    limits = TextLimits()

    def judge(self, subject: Subject, limits: TextLimits) -> Answer:
        """For review: a finding per place; none where the engine is known to label its frames."""
        if subject.plan.drawn:
            return Answer()
        overlay = subject.signals["overlay"]
        marks: list[tuple[Area, FrameRange, float]] = []
        for place, span in enumerate(overlay["span"]):
            frames = FrameRange(int(span[0]), min(subject.facts.frames, int(span[1])))
            maps = {name: overlay[name][place] for name in ("ink", "lopsided", "directions", "still", "texture")}
            for area, ink in _marks(maps, limits):
                marks = _with(marks, area, frames, ink)
        return Answer(findings=tuple(self._finding(subject, *mark, limits) for mark in marks))

    def _finding(self, subject: Subject, area: Area, frames: FrameRange, ink: float, limits: TextLimits) -> Finding:
        where = f"at the {_place(area)}, {area.right - area.left:.0%} of the width"
        message = f"Text or a mark stands still {where}, while the picture moves: {stretch(frames, subject.facts)}."
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=ink,
            limit=limits.ink,
            unit="of its area is strokes",
            message=message,
            code="MovieLabs PICTURE-TEXT",
            source="gradients that stand still, after Dekel and others (CVPR 2017)",
            remedy="Take it again with the mark forbidden, or crop it away.",
            area=area,
        )


_WORD_CELLS = 8
"""Letters of 3 % of the height fill at least so many cells with a word; less than that may be a thing's corner."""


def _marks(maps: Mapping[str, Values], limits: TextLimits) -> list[tuple[Area, float]]:
    """Areas that a mark fills, with its mean ink; ``maps`` of the overlay signal, one sum of each."""
    ink, lopsided, still, texture = maps["ink"], maps["lopsided"], maps["still"], maps["texture"]
    textured = texture > 3
    if not textured.any():
        return []
    moving = still <= 0.35
    scene = float(moving[textured].mean())
    if scene < limits.scene:
        return []
    one_way = _one_way(maps["directions"])
    lines = (ink >= 0.05) & (one_way > limits.one_way)
    inked = (ink >= 0.05) & (lopsided <= 0.5) & ~lines
    found = []
    for cells in groups(grown(inked)):
        mark = cells & inked
        mean, count = float(ink[mark].mean()), int(mark.sum())
        if not limits.least_cells <= count <= limits.largest_share * ink.size or lopsided[mark].mean() > limits.lopsided:
            continue
        ring = grown(grown(cells)) & ~cells
        shown = ring & textured
        # A line beside a mark is no texture: in a blurred picture it would speak for all that is around.
        flat = (shown & ~lines).sum() <= ring.sum() / 2
        around = 0.0 if flat else float(moving[shown].mean())
        moves = scene >= limits.flat_scene if flat else around >= limits.around
        area = bounds(mark)
        middle = (area.top + area.bottom) / 2
        inner = limits.edge_share < middle < 1 - limits.edge_share
        clear = count >= _WORD_CELLS and around >= limits.clear_around and float(one_way[mark].mean()) <= limits.clear_one_way
        least = limits.clear_ink if clear else limits.ink
        needed = max(least, limits.flat_ink if flat else 0.0, limits.inner_ink if inner else 0.0)
        if inner and (count < _WORD_CELLS or float(textured[ring].mean()) < 0.7 or around < 0.9):
            continue
        if moves and mean >= needed:
            found.append((area, mean))
    return found


def _one_way(directions: Values) -> Values:
    """How far the strokes in a cell and the eight around it run one way, 0 to 1: the coherence of their structure tensor."""
    rows, columns = directions.shape[1:]
    padded = np.pad(directions, ((0, 0), (1, 1), (1, 1)))
    around = [padded[:, top : top + rows, left : left + columns] for top in range(3) for left in range(3)]
    across, down, both = np.sum(around, axis=0)
    return np.asarray(np.hypot(across - down, 2 * both) / (across + down + 1e-9))


def _with(marks: list[tuple[Area, FrameRange, float]], area: Area, frames: FrameRange, ink: float) -> list[tuple[Area, FrameRange, float]]:
    """The marks with one more, which goes on with an earlier one at the same place."""
    for number, (other, seen, most) in enumerate(marks):
        if area.left < other.right and other.left < area.right and area.top < other.bottom and other.top < area.bottom:
            both = Area(
                left=min(area.left, other.left),
                top=min(area.top, other.top),
                right=max(area.right, other.right),
                bottom=max(area.bottom, other.bottom),
            )
            return [*marks[:number], (both, FrameRange(seen.start, frames.stop), max(most, ink)), *marks[number + 1 :]]
    return [*marks, (area, frames, ink)]


def _place(area: Area) -> str:
    middle = (area.top + area.bottom) / 2, (area.left + area.right) / 2
    down = "top" if middle[0] < 1 / 3 else "bottom" if middle[0] > 2 / 3 else ""
    across = "left" if middle[1] < 1 / 3 else "right" if middle[1] > 2 / 3 else ""
    return " ".join(word for word in (down, across) if word) or "middle"


CHECK = Text()
