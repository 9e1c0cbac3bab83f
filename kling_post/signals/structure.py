"""How alike the picture is to the ones before it, over several distances in time: what cuts, flashes and morphs are told by."""

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.colour import small_colour
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.signals.working_size import stored_size, working_halvings
from kling_post.vocabulary import MediaFacts

LAGS = (1, 2, 3, 4, 8, 16)
"""Distances in frames at which a picture is compared with earlier ones."""
MIX_SPANS = (4, 6, 8)
"""Distances in frames to either side at which a picture is held against the mix of those two."""

_LUMA_BINS, _CHROMA_BINS = 64, 32


class StructureCollector:
    """Keeps small pictures (60x33 and the like) of the last 16 frames, never the frames.

    Series: ``distance`` (frames, 6) mean absolute difference of Y, Cb and Cr to the picture ``LAGS`` frames before, 8-bit
    codes; ``correlation`` (frames, 6) of luma with that picture, -1 to 1, blind to brightness and contrast; both NaN where
    there is no such picture. ``histogram`` distance of luma and chroma histograms to the frame before, 0 (same) to 1.

    Of each frame against the two ``MIX_SPANS`` before and after it, all (frames, 3), NaN near the ends of the clip:
    ``mix_share`` the share of the earlier one in the mix that comes nearest (least squares, 1 the earlier, 0 the later);
    ``mix_residual`` what that mix leaves, over the squared difference of the two; ``mix_correlation`` of the two's luma, and
    ``mix_spread`` the smaller standard deviation of their luma, 8-bit codes. A shot that melts into another is a nearly perfect mix of
    two pictures that do not correlate; movement is not (a pan's middle picture is no mix of its ends).
    """

    def __init__(self) -> None:
        self._series = FrameSeries()
        self._kept: deque[_Small] = deque(maxlen=max(*LAGS, 2 * max(MIX_SPANS)) + 1)
        self._mixes: list[NDArray[np.float64]] = []
        self._histogram: NDArray[np.float64] | None = None

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        picture = _Small(small_colour(frame))
        self._kept.append(picture)
        earlier = [self._kept[-1 - lag] if lag < len(self._kept) else None for lag in LAGS]
        histogram = _histograms(frame)
        self._series.add(
            distance=[_distance(picture, other) for other in earlier],
            correlation=[_correlation(picture, other) for other in earlier],
            histogram=np.nan if self._histogram is None else float(np.abs(histogram - self._histogram).sum() / 2),
        )
        self._mixes.append(np.array([_mix(self._kept, span) for span in MIX_SPANS]))
        self._histogram = histogram

    def finish(self) -> Series:
        """The clip's series."""
        found = np.stack(self._mixes)
        mixes = np.full_like(found, np.nan)
        for place, span in enumerate(MIX_SPANS):
            # A mix is known only when the later picture is: each belongs so many frames further up.
            mixes[: max(0, len(found) - span), place] = found[span:, place]
        names = ("mix_share", "mix_residual", "mix_correlation", "mix_spread")
        return {**self._series.stacked(), **{name: mixes[..., place] for place, name in enumerate(names)}}


class _Small:
    """A small picture, with what every comparison needs of it."""

    __slots__ = ("luma", "picture", "samples", "variance")

    def __init__(self, picture: NDArray[np.float32]) -> None:
        self.picture = picture
        self.samples = picture.ravel()
        """Y, Cb and Cr in one row."""
        luma = np.ascontiguousarray(picture[..., 0]).ravel()
        self.luma = luma - luma.mean()
        """Without its mean."""
        self.variance = float(self.luma @ self.luma) / luma.size


def _mix(kept: deque[_Small], span: int) -> tuple[float, float, float, float]:
    """Share, residual, correlation and spread of the picture ``span`` before the last as a mix of its two neighbours."""
    if len(kept) <= 2 * span or len({kept[-1 - lag].picture.shape for lag in (0, span, 2 * span)}) > 1:
        return (float("nan"),) * 4
    later, earlier = kept[-1], kept[-1 - 2 * span]
    between = earlier.samples - later.samples
    middle = kept[-1 - span].samples - later.samples
    # One squared code per sample under the division: two pictures that are alike have no mix worth naming.
    whole = float(between @ between) + between.size
    share = float(middle @ between) / whole
    residual = max(0.0, float(middle @ middle) / whole - share * share)
    return share, residual, _correlation(later, earlier), float(np.sqrt(min(earlier.variance, later.variance)))


def _distance(one: _Small, other: _Small | None) -> float:
    if other is None or other.picture.shape != one.picture.shape:
        return float("nan")
    return float(cv2.norm(one.picture, other.picture, cv2.NORM_L1)) / one.samples.size


def _correlation(one: _Small, other: _Small | None) -> float:
    """Pearson correlation of luma, with a floor under the deviations so that two flat pictures count as alike."""
    if other is None or other.picture.shape != one.picture.shape:
        return float("nan")
    floor = 1.0
    shared = float(one.luma @ other.luma) / one.luma.size
    return float((shared + floor) / np.sqrt((one.variance + floor) * (other.variance + floor)))


def _histograms(frame: FrameView) -> NDArray[np.float64]:
    """Histograms of luma and both chromas, each blurred by one bin against exposure steps, together summing to 1."""
    halvings = working_halvings(stored_size(frame)) + 1
    parts = [(frame.codes("luma", halvings), _LUMA_BINS)]
    if frame.chroma_blue is not None:
        parts += [(frame.codes(name, halvings), _CHROMA_BINS) for name in ("chroma_blue", "chroma_red")]
    rows = []
    for picture, bins in parts:
        counts = cv2.calcHist([picture], [0], None, [bins], [0, 256]).ravel().astype(np.float64)
        rows.append(np.convolve(counts, (0.25, 0.5, 0.25), mode="same") / picture.size / len(parts))
    return np.concatenate(rows)


class Structure:
    """Likeness to earlier frames."""

    name = "structure"
    version = 2

    def collector(self, facts: MediaFacts) -> StructureCollector:
        """A fresh collector."""
        del facts
        return StructureCollector()


SIGNAL = Structure()
