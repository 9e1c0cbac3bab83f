"""One side of a join: the few frames next to it, small, as numbers; the only place of this room that sees decoded planes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.seams.grain import grain_codes

FRAMES_EACH_SIDE = 16
"""Enough to find a repeat of up to twelve frames, half a second at 24 frames a second, and to see the shot move on behind it."""

_SMALL_WIDTH = 480
"""Pictures are compared at the largest exact halving that is no wider than this."""
_DETAIL_WIDTH = 1920
"""Sharpness is measured at the largest exact halving that is no wider than this."""

Pictures = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Frames of one clip next to a join, in display order; all pictures have one size."""

    luma: Pictures
    """(frames, rows, columns), nominal black 0, nominal white 1."""
    chroma_blue: Pictures
    """(frames, rows, columns), -0.5 to 0.5; zero where the file has no chroma."""
    chroma_red: Pictures
    sharpness: NDArray[np.float64]
    """(frames,), high against middle spatial frequencies, see ``detail_ratio``."""
    grain: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """(frames,), standard deviation of the noise in 8-bit codes, see ``grain``; empty where it was not measured."""
    coarse_grain: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """(frames,), the same from detail twice as coarse: what it shares with ``grain`` is texture."""
    luma_weights: tuple[float, float] = (0.2126, 0.0722)
    """Of red and blue in luma: ITU-R BT.709 unless the file says otherwise."""

    @property
    def frames(self) -> int:
        """How many frames the side holds."""
        return len(self.luma)


def halvings_to(width: int, widest: int) -> int:
    """How often a picture must be halved to be no wider than ``widest``."""
    halvings = 0
    while width >> halvings > widest:
        halvings += 1
    return halvings


def _nominal(plane: NDArray[np.generic], bit_depth: int, *, full_range: bool, chroma: bool) -> Pictures:
    """Code values as 0 to 1 (luma) or -0.5 to 0.5 (chroma), ITU-R BT.709 section 4.6 or full range."""
    zero, span = (128, 255 if full_range else 224) if chroma else (0, 255) if full_range else (16, 219)
    one_code = 2 ** (bit_depth - 8)
    return (plane.astype(np.float32) - np.float32(zero * one_code)) / np.float32(span * one_code)


def detail_ratio(luma: Pictures) -> float:
    """Root mean square of fine detail over that of middle-sized detail: falls with blur, stays with contrast.

    The bands are differences of Gaussians: from sigma 0.7 to 1.5 pixels, and from there to about sigma 5, taken at half the size. What
    is finer than that is grain, and the first thing that a codec takes away.
    """
    soft = cv2.GaussianBlur(luma, (0, 0), 1.5)
    fine = cv2.GaussianBlur(luma, (0, 0), 0.7) - soft
    half = cv2.resize(soft, (max(1, luma.shape[1] // 2), max(1, luma.shape[0] // 2)), interpolation=cv2.INTER_AREA)
    middle = half - cv2.GaussianBlur(half, (0, 0), 2.5)
    return float(np.sqrt(np.mean(fine**2) / max(float(np.mean(middle**2)), 1e-8)))


def side_of(views: Iterable[FrameView], *, full_range: bool = False, luma_weights: tuple[float, float] = (0.2126, 0.0722)) -> Side:
    """Reduce decoded frames to a side; each view is used once, in order, and not kept.

    Raises:
        ValueError: no frames at all.
    """
    luma: list[Pictures] = []
    blue: list[Pictures] = []
    red: list[Pictures] = []
    sharpness: list[float] = []
    grain: list[tuple[float, float]] = []
    for view in views:
        width = view.luma.shape[1]
        small = view.reduced("luma", halvings_to(width, _SMALL_WIDTH))
        luma.append(_nominal(small, view.bit_depth, full_range=full_range, chroma=False))
        for name, pictures in (("chroma_blue", blue), ("chroma_red", red)):
            pictures.append(_small_chroma(view, name, small.shape, full_range=full_range))
        grain.append(grain_codes(view.luma, view.bit_depth))
        detail = view.reduced("luma", halvings_to(width, _DETAIL_WIDTH))
        sharpness.append(detail_ratio(_nominal(detail, view.bit_depth, full_range=full_range, chroma=False)))
    if not luma:
        raise ValueError("a side of a join needs at least one frame")
    return Side(
        luma=np.stack(luma),
        chroma_blue=np.stack(blue),
        chroma_red=np.stack(red),
        sharpness=np.array(sharpness),
        grain=np.array(grain)[:, 0],
        coarse_grain=np.array(grain)[:, 1],
        luma_weights=luma_weights,
    )


def _small_chroma(view: FrameView, name: str, shape: tuple[int, ...], *, full_range: bool) -> Pictures:
    """A chroma plane at the small luma's size."""
    plane = getattr(view, name)
    if plane is None:
        return np.zeros(shape, np.float32)
    halvings = 0
    while plane.shape[1] >> halvings > shape[1]:
        halvings += 1
    small = _nominal(view.reduced(name, halvings), view.bit_depth, full_range=full_range, chroma=True)
    if small.shape != shape:
        small = np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_AREA), np.float32)
    return small


def same_size(one: Side, other: Side) -> tuple[Side, Side]:
    """Both sides at the smaller picture size of the two, so that they can be compared pixel by pixel."""
    if one.luma.shape[1:] == other.luma.shape[1:]:
        return one, other
    rows, columns = min(one.luma.shape[1:], other.luma.shape[1:])

    def resized(side: Side) -> Side:
        def at(pictures: Pictures) -> Pictures:
            return np.stack([cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA) for picture in pictures])

        return replace(side, luma=at(side.luma), chroma_blue=at(side.chroma_blue), chroma_red=at(side.chroma_red))

    return resized(one), resized(other)
