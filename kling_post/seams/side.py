"""One side of a join: the few frames next to it, small, as numbers; the only place of this room that sees decoded planes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, halvings_to
from kling_post.seams.grain import grain_codes

FRAMES_EACH_SIDE = 16
"""Enough to find a repeat of up to twelve frames, half a second at 24 frames a second, and to see the shot move on behind it."""

_SMALL_WIDTH, _HALVED_WIDTH = 320, 480
"""Pictures are compared no wider than the first, at which the limits were set, coming from the largest exact halving that is no wider than
the second. At 480 columns 20 joins of real and generated clips said the same, for almost twice the time."""
_DETAIL_WIDTH = 1920
"""Sharpness is measured at the largest exact halving that is no wider than this."""

_STRIPS, _STRIP_ROWS = 16, 32
_SHARP, _SOFT, _COARSE = (cv2.getGaussianKernel(taps, sigma, cv2.CV_32F) for taps, sigma in ((5, 0.7), (9, 1.5), (15, 2.5)))
"""Three standard deviations to either side."""

Pictures = NDArray[np.float32]
Numbers = NDArray[np.integer | np.floating]


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


def _nominal(plane: NDArray[np.generic], bit_depth: int, *, full_range: bool, chroma: bool) -> Pictures:
    """Code values as 0 to 1 (luma) or -0.5 to 0.5 (chroma), ITU-R BT.709 section 4.6 or full range."""
    zero, span = (128, 255 if full_range else 224) if chroma else (0, 255) if full_range else (16, 219)
    one_code = 2 ** (bit_depth - 8)
    return (plane.astype(np.float32) - np.float32(zero * one_code)) / np.float32(span * one_code)


def detail_ratio(luma: Numbers, *, span: float = 1.0) -> float:
    """Root mean square of fine detail over that of middle-sized detail: falls with blur, stays with contrast.

    The bands are differences of Gaussians: from sigma 0.7 to 1.5 pixels, and from there to about sigma 5, taken at half the size. What
    is finer than that is grain, and the first thing that a codec takes away. Of a tall picture strips are looked at that hold half of a
    picture of 1080 rows: the caches hold a strip, and the whole says the same to a per cent or two.

    Args:
        luma: (rows, columns), uint8, uint16 or float32.
        span: By how much its values rise from black to white.
    """
    fine_energy, middle_energy = 0.0, 0.0
    for strip in _strips(luma):
        soft = cv2.sepFilter2D(strip, cv2.CV_32F, _SOFT, _SOFT)
        fine = cv2.subtract(cv2.sepFilter2D(strip, cv2.CV_32F, _SHARP, _SHARP), soft)
        half = cv2.resize(soft, (max(1, strip.shape[1] // 2), max(1, strip.shape[0] // 2)), interpolation=cv2.INTER_AREA)
        middle = cv2.subtract(half, cv2.sepFilter2D(half, cv2.CV_32F, _COARSE, _COARSE))
        fine_energy += cv2.norm(fine, cv2.NORM_L2SQR) / fine.size
        middle_energy += cv2.norm(middle, cv2.NORM_L2SQR) / middle.size
    return float(np.sqrt(fine_energy / max(middle_energy, 1e-8 * span**2)))


def _strips(luma: Numbers) -> list[Numbers]:
    """Strips evenly spread over a picture that is taller than all of them; otherwise the picture itself."""
    rows = len(luma)
    if rows <= _STRIPS * _STRIP_ROWS:
        return [luma]
    return [luma[top : top + _STRIP_ROWS] for top in np.linspace(0, rows - _STRIP_ROWS, _STRIPS).astype(int)]


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
        small = _at_small_width(view.reduced("luma", halvings_to(width, _HALVED_WIDTH)))
        luma.append(_nominal(small, view.bit_depth, full_range=full_range, chroma=False))
        for name, pictures in (("chroma_blue", blue), ("chroma_red", red)):
            pictures.append(_small_chroma(view, name, small.shape, full_range=full_range))
        grain.append(grain_codes(view.luma, view.bit_depth))
        detail = view.reduced("luma", halvings_to(width, _DETAIL_WIDTH))
        sharpness.append(detail_ratio(detail, span=219.0 * 2 ** (view.bit_depth - 8)))
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


def _at_small_width(plane: Numbers) -> Numbers:
    rows, columns = plane.shape
    if columns <= _SMALL_WIDTH:
        return plane
    return cv2.resize(plane, (_SMALL_WIDTH, max(1, round(rows * _SMALL_WIDTH / columns))), interpolation=cv2.INTER_AREA)


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
