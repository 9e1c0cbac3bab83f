"""Colour over time: chroma, saturation and the mean in a perceptual space."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media import color
from kling_post.media.frames import FrameView
from kling_post.signals.perceptual import ictcp, unclipped_rgb
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.signals.tile_grid import TILE_COLUMNS, TILE_ROWS
from kling_post.signals.working_size import stored_size, working_halvings
from kling_post.vocabulary import MediaFacts

_PERCENTILES = (10, 50, 90)


class ColourCollector:
    """Measured on the picture at a sixteenth (3840 wide) or so of its size; grey files count as neutral.

    Series: ``chroma`` (frames, 2) mean Cb and Cr and ``chroma_percentiles`` (frames, 2, 3) at 10, 50 and 90 %, 8-bit scale;
    ``saturation`` mean distance from neutral, 8-bit codes; ``ictcp`` (frames, 3) mean of ICtCp; ``intensity_percentiles``
    (frames, 3) of I at 10, 50 and 90 %; ``colour_contrast`` standard deviation of I; ``ictcp_tiles`` (frames, 9, 16, 3) mean of
    ICtCp per tile: what tells a change of the whole picture from one of a thing in it.
    """

    def __init__(self, facts: MediaFacts) -> None:
        self._series = FrameSeries()
        self._full_range = facts.color_range == "full"
        self._weights = color.luma_weights(facts.color_matrix, height=min(facts.size.width, facts.size.height))
        self._wide = facts.color_primaries == "bt2020"

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        codes = small_colour(frame)
        chroma = codes[..., 1:]
        rgb = unclipped_rgb(codes, full_range=self._full_range, weights=self._weights)
        perceived = ictcp(np.clip(rgb, 0, 1).astype(np.float64), wide_primaries=self._wide)
        self._series.add(
            chroma=chroma.mean(axis=(0, 1)),
            chroma_percentiles=_percentiles(chroma.reshape(-1, 2)).T,
            saturation=np.hypot(chroma[..., 0] - 128, chroma[..., 1] - 128).mean(),
            ictcp=perceived.mean(axis=(0, 1)),
            intensity_percentiles=_percentiles(perceived[..., 0].ravel()),
            colour_contrast=perceived[..., 0].std(),
            ictcp_tiles=cv2.resize(perceived, (TILE_COLUMNS, TILE_ROWS), interpolation=cv2.INTER_AREA),
        )

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def small_colour(frame: FrameView) -> NDArray[np.float32]:
    """Y, Cb and Cr (last axis 3) on the 8-bit scale, at an eighth of the working picture: 60x33 for 3840x2160."""
    halvings = working_halvings(stored_size(frame)) + 3
    luma = frame.codes("luma", halvings)
    planes = [luma]
    for name in ("chroma_blue", "chroma_red"):
        if getattr(frame, name) is None:
            planes.append(np.full_like(luma, 128))
            continue
        chroma = frame.codes(name, max(0, halvings - 1))
        if chroma.shape != luma.shape:
            chroma = cv2.resize(chroma, (luma.shape[1], luma.shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
        planes.append(chroma)
    return np.dstack(planes)


def _percentiles(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The values at 10, 50 and 90 % of the first axis, by rank."""
    ordered = np.sort(values, axis=0)
    return ordered[[len(ordered) * percent // 100 for percent in _PERCENTILES]]


class Colour:
    """Colour over time."""

    name = "colour"
    version = 3

    def collector(self, facts: MediaFacts) -> ColourCollector:
        """A fresh collector."""
        return ColourCollector(facts)


SIGNAL = Colour()
