"""How alike the picture is to the ones before it, over several distances in time: what cuts, flashes and morphs are told by."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.picture.colour import small_colour
from kling_post.signals.series import BLOCK_FRAMES, FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

LAGS = (1, 2, 3, 4, 8, 16)
"""Distances in frames at which a picture is compared with earlier ones."""
MIX_SPANS = (4, 6, 8)
"""Distances in frames to either side at which a picture is held against the mix of those two."""

_LUMA_BINS, _CHROMA_BINS = 64, 32
_KEPT = max(*LAGS, 2 * max(MIX_SPANS))

Floats = NDArray[np.float32]
Values = NDArray[np.float64]


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
        self._waiting: list[Floats] = []
        self._kept = np.zeros((0, 0), np.float32)
        """The last pictures before those that wait, (pictures, samples), oldest first."""
        self._histogram: NDArray[np.float64] | None = None

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        picture = small_colour(frame)
        if self._waiting and (self._waiting[0].shape != picture.shape or len(self._waiting) == BLOCK_FRAMES):
            self._work_out()
        self._waiting.append(picture)
        histogram = _histograms(frame)
        self._series.add(histogram=np.nan if self._histogram is None else np.abs(histogram - self._histogram).sum() / 2)
        self._histogram = histogram

    def finish(self) -> Series:
        """The clip's series."""
        self._work_out()
        series = dict(self._series.stacked())
        for name in ("mix_share", "mix_residual", "mix_correlation", "mix_spread"):
            found, shifted = series[name], np.full_like(series[name], np.nan)
            for place, span in enumerate(MIX_SPANS):
                # A mix is known only when the later picture is: each belongs so many frames further up.
                shifted[: max(0, len(found) - span), place] = found[span:, place]
            series[name] = shifted
        return series

    def _work_out(self) -> None:
        """Hold the pictures that wait against those before them."""
        pictures = np.stack(self._waiting).reshape(len(self._waiting), -1)
        self._waiting = []
        if self._kept.shape[1] != pictures.shape[1]:  # pictures of another size are as good as none
            self._kept = np.zeros((0, pictures.shape[1]), np.float32)
        known = _Pictures(np.concatenate([self._kept, pictures]), len(pictures))
        found = [known.against(lag) for lag in LAGS]
        mixes = np.stack([known.mixed(span) for span in MIX_SPANS], axis=2)
        self._series.add_block(
            distance=np.stack([distance for distance, _ in found], axis=1),
            correlation=np.stack([correlation for _, correlation in found], axis=1),
            **dict(zip(("mix_share", "mix_residual", "mix_correlation", "mix_spread"), mixes, strict=True)),
        )
        self._kept = known.samples[-_KEPT:]


class _Pictures:
    """Small pictures in a row, of which the last ``new`` are to be compared with those before them."""

    def __init__(self, samples: Floats, new: int) -> None:
        self.samples = samples
        self._new = new
        luma = np.ascontiguousarray(samples[:, ::3])
        self._luma = luma - luma.mean(axis=1, keepdims=True)
        self._variance = _inner(self._luma, self._luma) / luma.shape[1]

    def against(self, lag: int) -> tuple[Values, Values]:
        """Mean absolute difference and correlation of each new picture with the one ``lag`` before; NaN where there is none."""
        distance, correlation = np.full((2, self._new), np.nan)
        later, earlier, found = self._places(lag)
        if found:
            step = self.samples[later] - self.samples[earlier]
            distance[-found:] = np.abs(step, out=step).mean(axis=1)
            correlation[-found:] = self._correlation(later, earlier)
        return distance, correlation

    def mixed(self, span: int) -> Values:
        """Share, residual, correlation and spread, (4, new), of the pictures ``span`` before the new ones as mixes of their neighbours."""
        mixes = np.full((4, self._new), np.nan)
        later, earlier, found = self._places(2 * span)
        if found:
            between = self.samples[earlier] - self.samples[later]
            middle = self.samples[later.start - span : later.stop - span] - self.samples[later]
            # One squared code per sample under the division: two pictures that are alike have no mix worth naming.
            whole = _inner(between, between) + between.shape[1]
            share = _inner(middle, between) / whole
            residual = np.maximum(0.0, _inner(middle, middle) / whole - share * share)
            spread = np.sqrt(np.minimum(self._variance[earlier], self._variance[later]))
            mixes[:, -found:] = share, residual, self._correlation(later, earlier), spread
        return mixes

    def _places(self, lag: int) -> tuple[slice, slice, int]:
        """New pictures that have one ``lag`` before, those before, and how many there are."""
        first, end = max(lag, len(self.samples) - self._new), len(self.samples)
        return slice(first, end), slice(first - lag, end - lag), max(0, end - first)

    def _correlation(self, later: slice, earlier: slice) -> Values:
        """Pearson correlation of luma, with a floor under the deviations so that two flat pictures count as alike."""
        floor = 1.0
        shared = _inner(self._luma[later], self._luma[earlier]) / self._luma.shape[1]
        return np.asarray((shared + floor) / np.sqrt((self._variance[later] + floor) * (self._variance[earlier] + floor)))


def _inner(one: Floats, other: Floats) -> Values:
    return np.asarray(np.einsum("sn,sn->s", one, other), np.float64)


def _histograms(frame: FrameView) -> NDArray[np.float64]:
    """Histograms of luma and both chromas, each blurred by one bin against exposure steps, together summing to 1."""
    halvings = working_halvings(stored_size(frame)) + 1
    # Bins are whole codes wide: of 8-bit files the codes themselves are counted, which OpenCV does five times as fast.
    plane = frame.reduced if frame.bit_depth == 8 else frame.codes
    parts = [(plane("luma", halvings), _LUMA_BINS)]
    if frame.chroma_blue is not None:
        parts += [(plane(name, halvings), _CHROMA_BINS) for name in ("chroma_blue", "chroma_red")]
    rows = []
    for picture, bins in parts:
        counts = cv2.calcHist([picture], [0], None, [bins], [0, 256]).ravel().astype(np.float64)
        rows.append(np.convolve(counts, (0.25, 0.5, 0.25), mode="same") / picture.size / len(parts))
    return np.concatenate(rows)


class Structure:
    """Likeness to earlier frames."""

    name = "structure"
    version = 3

    def collector(self, facts: MediaFacts) -> StructureCollector:
        """A fresh collector."""
        del facts
        return StructureCollector()


SIGNAL = Structure()
