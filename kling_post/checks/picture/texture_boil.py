"""Does fine texture boil: skin, foliage, cloth or gravel whose detail re-forms while the things that carry it keep their shape?

For review only. Water, fire and leaves in the wind re-form by nature. Mostly their coarse shapes go with them, and then nothing is said;
but pixels cannot always tell, so where the prompt names such things it is no more than a note.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import stretch
from kling_post.checks.evidence.tile_groups import Tiles, bounds, grown, largest
from kling_post.vocabulary import Finding, FrameRange, Severity

_REACH = 8
"""Frames from the earlier to the later picture of a look."""
_CHANCE = 0.3
"""Likeness of unrelated detail, at the place near by where it fits best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextureBoilLimits:
    """Set on drawn shots with a texture of known half-life, on the same with a fixed one, and on real and generated clips."""

    kept_share: float = 0.6
    """Of the likeness of fine detail after one frame, what is left after eight, at most; unrelated detail reaches 0.3."""
    after_one: float = 0.5
    """Correlation after one frame, at least: what is gone by then is grain."""
    coarse: float = 0.85
    """Correlation of coarse shapes after eight frames, at least: what carries the texture is still there."""
    textured_share: float = 0.7
    """Of a tile, at least."""
    tiles: int = 6
    """Of 16 by 9 that touch each other, in one look as in the next; arms, folds and hair that move change up to five."""


class TextureBoil:
    """Texture that re-forms."""

    name = "texture_boil"
    title = "Texture boils"
    needs = ("texture",)
    limits = TextureBoilLimits()

    def judge(self, subject: Subject, limits: TextureBoilLimits) -> Answer:
        """For review: one finding, from the first look that shows it to the last one."""
        texture = subject.signals["texture"]
        kept = texture["after_8"] / np.maximum(texture["after_1"], limits.after_one)
        boiling = (
            (kept <= limits.kept_share)
            & (texture["after_1"] >= limits.after_one)
            & (texture["coarse"] >= limits.coarse)
            & (texture["textured"] >= limits.textured_share)
        )
        parts = [largest(look) for look in boiling]
        pairs = [place for place, (one, other) in enumerate(pairwise(parts)) if _same_part(one, other, limits.tiles)]
        if not pairs:
            return Answer()
        shown = sorted({place + beside for place in pairs for beside in (0, 1)})
        looks = texture["frame"].astype(int)
        frames = FrameRange(int(looks[shown[0]]), int(looks[shown[-1]]) + _REACH + 1)
        half_life = _half_life(np.concatenate([kept[place][parts[place]] for place in shown]))
        tiles = np.any([parts[place] for place in shown], axis=0)
        share = max(float(parts[place].mean()) for place in shown)
        return Answer(
            findings=(
                Finding(
                    check=self.name,
                    severity=Severity.INFO if subject.plan.stirs else Severity.REVIEW,
                    frames=frames,
                    measured=half_life,
                    limit=_half_life(np.array([limits.kept_share])),
                    unit="frames for half of it to change",
                    message=f"Fine texture boils in {share:.0%} of the picture: half of it is another one after about "
                    f"{half_life:.0f} frames, on things that keep their shape; {stretch(frames, subject.facts)}.",
                    source="fine detail after one frame and after eight, where coarse shapes stay",
                    remedy="Look at it at full size; water, fire and leaves in the wind do so by nature. Else take it again.",
                    area=bounds(tiles),
                ),
            )
        )


def _half_life(kept: NDArray[np.float64]) -> float:
    """Frames, from the median share that is left between one frame and eight; true to a factor of two."""
    left = float(np.clip((np.median(kept) - _CHANCE) / (1 - _CHANCE), 0.01, 0.99))
    return (_REACH - 1) * float(np.log(0.5) / np.log(left))


def _same_part(one: Tiles, other: Tiles, least: int) -> bool:
    """Whether both are large enough, and half of the smaller one is in the other or beside it."""
    size = min(int(one.sum()), int(other.sum()))
    return size >= least and 2 * int(min((grown(one) & other).sum(), (grown(other) & one).sum())) >= size


CHECK = TextureBoil()
