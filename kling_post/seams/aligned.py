"""How the looks of a shot change from frame to frame, measured on what both frames show.

A pan brings new things into the picture and takes others out, and mean luma follows them. So neighbouring frames are compared inside
the window that both have in common, found from the movement of the whole picture, to parts of a pixel. Added up over the frames, these
changes are a curve that knows the light and the grade of the shot, but hardly its framing.

Means know little of what moves inside the window. The dark and the light end of the tones do: where a dark thing grows from 4 to 6 per cent
of the picture, the 5th percentile falls from the sky's tone to the thing's, though nothing has become darker. So black level and contrast
are followed on the very places that are darkest and lightest in both frames together.
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
_TONE_WIDTH = 160
"""Dark and light ends are read from pictures about this wide: what is finer is grain and sharpness, which stretch the ends of the tones
without any contrast."""
_ENDS = (2.5, 7.5, 92.5, 97.5)
"""Percentiles: the dark end lies between the first two, the light end between the others. Places of one tone alone would step by whole code
values where a picture has plain parts; those around the 5th and the 95th percentile move with the grade by parts of a code."""
_LEAST_CONTRAST = 0.02
_LEAST_SATURATION = 0.01
_LEAST_WINDOW = 0.25
"""Windows narrower than this share of the picture say nothing about the whole."""
ALIKE = 0.8
"""Frames less alike than this have no places in common, and are compared as wholes: the darkest of one with the darkest of the other."""

LOOKS = ("luma", "intensity", "tritan", "protan", "black", "contrast", "saturation")
"""Columns of the curves: luma and black as fractions of the range, ICtCp, contrast and saturation as natural logarithms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What two frames have in common, in each of them: left, top, right, bottom as fractions."""

    before: tuple[float, float, float, float]
    after: tuple[float, float, float, float]


_WHOLE = _Window(before=(0, 0, 1, 1), after=(0, 0, 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPictures:
    """What the looks are measured on: one set per side."""

    tones: NDArray[np.float32]
    """(frames, rows, columns): luma without its fine detail."""
    means: NDArray[np.float32]
    """(frames, small rows, small columns, 5): luma, ICtCp and the distance of chroma from grey."""


def small_pictures(side: Side) -> SmallPictures:
    """Reduce a side to what the looks are measured on."""
    rows, columns = side.luma.shape[1:]

    def reduced(pictures: NDArray[np.float32], widest: int) -> NDArray[np.float32]:
        width = min(columns, widest)
        size = (width, max(1, round(rows * width / columns)))
        return np.stack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in pictures])

    luma, blue, red = (reduced(plane, _COLOUR_WIDTH) for plane in (side.luma, side.chroma_blue, side.chroma_red))
    codes = np.stack([luma * 219 + 16, blue * 224 + 128, red * 224 + 128], axis=-1).astype(np.float32)
    rgb = np.stack([unclipped_rgb(picture, full_range=False, weights=side.luma_weights) for picture in codes])
    colours = ictcp(np.clip(rgb, 0, 1))
    means = np.concatenate([luma[..., None], colours, np.hypot(blue, red)[..., None]], axis=-1)
    return SmallPictures(tones=reduced(side.luma, _TONE_WIDTH), means=means.astype(np.float32))


def looks_of(pictures: SmallPictures, sharpness: Floats) -> SideLooks:
    """How a side looks as a whole: medians over its frames."""
    dark, light = np.percentile(pictures.tones.reshape(len(pictures.tones), -1), (5, 95), axis=1)
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
    tones, alike = (one.tones[first], other.tones[second]), step.likeness >= ALIKE
    window = _common(step, one.tones.shape[1] / one.tones.shape[2]) if alike else _WHOLE
    luma, intensity, tritan, protan, saturation = _means(other.means[second], window.after) - _means(one.means[first], window.before)
    black, contrast = _change_of_ends(*(_laid_together(*tones, window) if alike else (np.sort(each, axis=None) for each in tones)))
    return np.array([luma, intensity, tritan, protan, black, contrast, saturation])


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


def _means(means: NDArray[np.float32], window: tuple[float, float, float, float]) -> Floats:
    """(5,): luma, ICtCp and the logarithm of saturation inside a window."""
    left, top, right, bottom = window
    rows, columns = means.shape[:2]
    mean = np.einsum("r,c,rck->k", _cover(top, bottom, rows), _cover(left, right, columns), means)
    return np.array([*mean[:4], np.log(max(float(mean[4]), _LEAST_SATURATION))])


def _laid_together(
    one: NDArray[np.float32], other: NDArray[np.float32], window: _Window
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What two pictures share, pixel on pixel, both moved half of the way: what moving softens is softened in both alike."""
    rows, columns = one.shape
    corners = np.array([window.before, window.after]) * (columns, rows, columns, rows)
    middles, spans = (corners[:, 2:] + corners[:, :2] - 1) / 2, corners[:, 2:] - corners[:, :2]
    shared = spans.mean(axis=0)
    size = (max(1, int(shared[0])), max(1, int(shared[1])))
    moved = []
    for picture, middle, span in zip((one, other), middles, spans, strict=True):
        scale = np.diag(span / shared)
        matrix = np.column_stack([scale, middle - scale @ ((np.array(size) - 1) / 2)])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved.append(np.asarray(cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32))
    return moved[0], moved[1]


def _change_of_ends(before: NDArray[np.float32], after: NDArray[np.float32]) -> tuple[float, float]:
    """By how much the darkest places of two pictures laid together step, and the logarithm of the contrast to the lightest ones."""
    both, change = (before + after) / 2, after - before
    low, dark_most, light_least, high = np.percentile(both, _ENDS, method="nearest")
    dark, light = (both >= low) & (both <= dark_most), (both >= light_least) & (both <= high)
    darker, lighter = _middle_half(change[dark]), _middle_half(change[light])
    span, more = float(both[light].mean() - both[dark].mean()), lighter - darker
    return darker, float(np.log(max(span + more / 2, _LEAST_CONTRAST) / max(span - more / 2, _LEAST_CONTRAST)))


def _middle_half(values: NDArray[np.float32]) -> float:
    """The mean of the middle half: things that move against the rest do not count."""
    ordered = np.sort(values)
    return float(ordered[len(ordered) // 4 : len(ordered) - len(ordered) // 4].mean())


def _cover(low: float, high: float, count: int) -> Floats:
    """How much of each of ``count`` pixels lies between two fractions of the picture, as weights of sum 1."""
    edges = np.arange(count + 1) / count
    covered = np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None)
    return np.asarray(covered / max(float(covered.sum()), 1e-9))
