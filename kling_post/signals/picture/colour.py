"""Colour over time: chroma, saturation and the mean in a perceptual space."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media import color
from kling_post.media.frames import FrameView
from kling_post.signals.kernels.perceptual import ictcp, unclipped_rgb
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import BLOCK_FRAMES, FrameSeries
from kling_post.signals.signal import Series
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
        self._waiting: list[NDArray[np.float32]] = []
        self._full_range = facts.color_range == "full"
        self._weights = color.luma_weights(facts.color_matrix, height=min(facts.size.width, facts.size.height))
        self._wide = facts.color_primaries == "bt2020"

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        codes = small_colour(frame)
        if self._waiting and (self._waiting[0].shape != codes.shape or len(self._waiting) == BLOCK_FRAMES):
            self._work_out()
        self._waiting.append(codes)

    def finish(self) -> Series:
        """The clip's series."""
        self._work_out()
        return self._series.stacked()

    def _work_out(self) -> None:
        codes = np.stack(self._waiting)
        self._waiting = []
        rgb = unclipped_rgb(codes.reshape(-1, *codes.shape[2:]), full_range=self._full_range, weights=self._weights).reshape(codes.shape)
        perceived = ictcp(np.clip(rgb, 0, 1).astype(np.float64), wide_primaries=self._wide)
        blue, red = (np.ascontiguousarray(codes[..., place]).reshape(len(codes), -1) for place in (1, 2))
        intensity = np.ascontiguousarray(perceived[..., 0]).reshape(len(codes), -1)
        self._series.add_block(
            chroma=np.stack([blue.mean(axis=1), red.mean(axis=1)], axis=1),
            chroma_percentiles=np.stack([_percentiles(blue), _percentiles(red)], axis=1),
            saturation=np.sqrt((blue - 128) ** 2 + (red - 128) ** 2).mean(axis=1),
            ictcp=np.array([cv2.mean(each)[:3] for each in perceived]),
            intensity_percentiles=_percentiles(intensity),
            colour_contrast=intensity.std(axis=1),
            ictcp_tiles=np.stack([_tiles(each) for each in perceived]),
        )


def small_colour(frame: FrameView) -> NDArray[np.float32]:
    """Y, Cb and Cr (last axis 3) on the 8-bit scale, at an eighth of the working picture: 60x33 for 3840x2160. Made once per frame."""
    if "small_colour" not in frame.shared:
        frame.shared["small_colour"] = _small_colour(frame)
    return frame.shared["small_colour"]


def _small_colour(frame: FrameView) -> NDArray[np.float32]:
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


def _tiles(perceived: NDArray[np.float64]) -> NDArray[np.float32]:
    """Means of 9 x 16 tiles, in single precision: a ten-thousandth of what can be seen, and the largest series of all."""
    return np.asarray(cv2.resize(perceived, (TILE_COLUMNS, TILE_ROWS), interpolation=cv2.INTER_AREA), np.float32)


def _percentiles(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The values at 10, 50 and 90 % of each row, by rank: (rows, 3)."""
    ranks = [values.shape[1] * percent // 100 for percent in _PERCENTILES]
    return np.partition(values, ranks, axis=1)[:, ranks]


class Colour:
    """Colour over time."""

    name = "colour"
    version = 4

    def collector(self, facts: MediaFacts) -> ColourCollector:
        """A fresh collector."""
        return ColourCollector(facts)


SIGNAL = Colour()
