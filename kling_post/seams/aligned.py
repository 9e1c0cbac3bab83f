"""How the looks of a shot change from frame to frame, measured on what both frames show.

A pan brings new things into the picture and takes others out, and mean luma follows them. So neighbouring frames are compared inside
the window that both have in common, found from the movement of the whole picture, to parts of a pixel. Added up over the frames, these
changes are a curve that knows the light and the grade of the shot, but hardly its framing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import Step
from kling_post.seams.side import Side
from kling_post.signals.kernels.perceptual import ictcp, unclipped_rgb
from kling_post.vocabulary import SideLooks

Floats = NDArray[np.float64]

_COLOUR_WIDTH = 80
"""Colour is averaged over pictures about this wide: finer detail does not change the mean."""
_ENDS = np.concatenate([np.arange(2.5, 8, 0.5), np.arange(92.5, 98, 0.5)])
"""Percentiles whose means are the dark and the light end. One percentile alone steps by whole code values where a picture has plain
parts; the mean of those around the 5th and the 95th moves with the grade by parts of a code."""
_LEAST_CONTRAST = 0.02
_LEAST_SATURATION = 0.01
_LEAST_WINDOW = 0.25
"""Windows narrower than this share of the picture say nothing about the whole."""

LOOKS = ("luma", "intensity", "tritan", "protan", "black", "contrast", "saturation")
"""Columns of the curves: luma and black as fractions of the range, ICtCp, contrast and saturation as natural logarithms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What two frames have in common, in each of them: left, top, right, bottom as fractions."""

    before: tuple[float, float, float, float]
    after: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPictures:
    """What the looks are measured on: one set per side."""

    luma: NDArray[np.float32]
    """(frames, rows, columns)."""
    means: NDArray[np.float32]
    """(frames, small rows, small columns, 5): luma, ICtCp and the distance of chroma from grey."""


def small_pictures(side: Side) -> SmallPictures:
    """Reduce a side to what the looks are measured on."""
    rows, columns = side.luma.shape[1:]
    width = min(columns, _COLOUR_WIDTH)
    size = (width, max(1, round(rows * width / columns)))

    def reduced(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.stack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in pictures])

    luma, blue, red = reduced(side.luma), reduced(side.chroma_blue), reduced(side.chroma_red)
    codes = np.stack([luma * 219 + 16, blue * 224 + 128, red * 224 + 128], axis=-1).astype(np.float32)
    rgb = np.stack([unclipped_rgb(picture, full_range=False, weights=side.luma_weights) for picture in codes])
    colours = ictcp(np.clip(rgb, 0, 1))
    means = np.concatenate([luma[..., None], colours, np.hypot(blue, red)[..., None]], axis=-1)
    return SmallPictures(luma=side.luma, means=means.astype(np.float32))


def looks_of(pictures: SmallPictures, sharpness: Floats) -> SideLooks:
    """How a side looks as a whole: medians over its frames."""
    dark, light = np.percentile(pictures.luma[:, ::2, ::2].reshape(len(pictures.luma), -1), (5, 95), axis=1)
    intensity, tritan, protan = (float(value) for value in np.median(pictures.means[..., 1:4].mean(axis=(1, 2)), axis=0))
    return SideLooks(
        ictcp=(intensity, tritan, protan),
        contrast_percent=100 * float(np.median(light - dark)),
        black_percent=100 * float(np.median(dark)),
        sharpness=float(np.median(sharpness)),
    )


def curve_of(pictures: SmallPictures, steps: Sequence[Step]) -> Floats:
    """(frames, len(LOOKS)): the looks of one side relative to its first frame."""
    changes = [change(pictures, place, pictures, place + 1, step) for place, step in enumerate(steps)]
    return np.concatenate([np.zeros((1, len(LOOKS))), np.cumsum(np.array(changes).reshape(-1, len(LOOKS)), axis=0)])


def change(one: SmallPictures, first: int, other: SmallPictures, second: int, step: Step) -> Floats:
    """(len(LOOKS),): how the looks change from a frame to another, the movement between them being ``step``."""
    window = _common(step, one.luma.shape[1] / one.luma.shape[2])
    before = _looks(one.luma[first], one.means[first], window.before)
    after = _looks(other.luma[second], other.means[second], window.after)
    return after - before


def _common(step: Step, aspect: float) -> _Window:
    """The window that two frames share; the whole picture where too little is shared. ``aspect`` is height over width."""
    before, after = [], []
    for shift in (step.right, step.down / aspect):
        # A place x, from the middle, of the first frame lies at moved + (1 + zoom) x in the second one.
        moved, grown = shift, 1 + step.zoom
        low, high = max(-0.5, (-0.5 - moved) / grown), min(0.5, (0.5 - moved) / grown)
        if high - low < _LEAST_WINDOW:
            low, high, moved, grown = -0.5, 0.5, 0.0, 1.0
        before.append((low + 0.5, high + 0.5))
        after.append((moved + grown * low + 0.5, moved + grown * high + 0.5))
    (left, right), (top, bottom) = before
    (left_after, right_after), (top_after, bottom_after) = after
    return _Window(before=(left, top, right, bottom), after=(left_after, top_after, right_after, bottom_after))


def _looks(luma: NDArray[np.float32], means: NDArray[np.float32], window: tuple[float, float, float, float]) -> Floats:
    left, top, right, bottom = window
    rows, columns = means.shape[:2]
    mean = np.einsum("r,c,rck->k", _cover(top, bottom, rows), _cover(left, right, columns), means)
    rows, columns = luma.shape
    inside = luma[round(top * rows) : max(round(bottom * rows), 1), round(left * columns) : max(round(right * columns), 1)]
    dark, light = _ends(inside)
    contrast, saturation = max(float(light - dark), _LEAST_CONTRAST), max(float(mean[4]), _LEAST_SATURATION)
    return np.array([mean[0], mean[1], mean[2], mean[3], dark, np.log(contrast), np.log(saturation)])


def _ends(luma: NDArray[np.float32]) -> tuple[float, float]:
    """The dark and the light end of a picture."""
    dark, light = np.percentile(luma[::2, ::2], _ENDS).reshape(2, -1).mean(axis=1)
    return float(dark), float(light)


def _cover(low: float, high: float, count: int) -> Floats:
    """How much of each of ``count`` pixels lies between two fractions of the picture, as weights of sum 1."""
    edges = np.arange(count + 1) / count
    covered = np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None)
    return np.asarray(covered / max(float(covered.sum()), 1e-9))
