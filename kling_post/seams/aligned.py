"""How the looks of a shot change from frame to frame, measured on what both frames show.

A pan brings new things into the picture and takes others out, a hand brings a red block, and mean luma and colour follow them. So each
place of a frame is compared with the same place of the scene in the next one, wherever it has moved, and what only one of them shows does
not count (``followed``). Added up over the frames, these changes are a curve that knows the light and the grade of the shot, but hardly
what it shows.

Ends of the tones are followed alike: where a dark thing grows from 4 to 6 per cent of the picture, the 5th percentile falls from the sky's
tone to the thing's, though nothing has become darker. So black level and contrast are followed on the very places that are darkest and
lightest in both frames together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.followed import GUIDE_WIDTH, Followed, followed
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
_LEAST_SHARE = 0.25
"""Where less of the picture than this is found in the other one, it says nothing about the whole."""
ALIKE = 0.8
"""Frames less alike than this have no places in common, and are compared as wholes: the darkest of one with the darkest of the other."""

LOOKS = ("luma", "intensity", "tritan", "protan", "black", "contrast", "saturation")
"""Columns of the curves: luma and black as fractions of the range, ICtCp, contrast and saturation as natural logarithms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallPictures:
    """What the looks are measured on: one set per side."""

    tones: NDArray[np.float32]
    """(frames, rows, columns): luma without its fine detail."""
    means: NDArray[np.float32]
    """(frames, small rows, small columns, 5): luma, ICtCp and the distance of chroma from grey."""
    guides: NDArray[np.float32]
    """(frames, guide rows, guide columns): luma that places are followed in."""


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
    return SmallPictures(tones=reduced(side.luma, _TONE_WIDTH), means=means.astype(np.float32), guides=reduced(side.luma, GUIDE_WIDTH))


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
    if step.likeness >= ALIKE:
        there, back = followed(one.guides[first], other.guides[second])
        if min(there.share, back.share) >= _LEAST_SHARE:
            # What one picture is moved by softens it: the other one is moved to it as well, and the mean of both is not softened.
            return (_change_along(there, one, first, other, second) - _change_along(back, other, second, one, first)) / 2
    before, after = (pictures.means[place].reshape(-1, 5).mean(axis=0) for pictures, place in ((one, first), (other, second)))
    ends = _change_of_ends(*(np.sort(pictures.tones[place], axis=None) for pictures, place in ((one, first), (other, second))))
    return _looks(before, after, ends)


def _change_along(followed: Followed, one: SmallPictures, first: int, other: SmallPictures, second: int) -> Floats:
    """How the looks change in the places of the one picture that are in the other, too."""
    means, tones = one.means[first], one.tones[first]
    shares = followed.seen_at(*means.shape[:2]).astype(np.float64)
    before, after = (np.tensordot(shares, each, 2) / shares.sum() for each in (means, followed.brought(other.means[second])))
    seen = followed.seen_at(*tones.shape) > 0.5
    return _looks(before, after, _change_of_ends(tones[seen], followed.brought(other.tones[second])[seen]))


def _looks(before: Floats, after: Floats, ends: tuple[float, float]) -> Floats:
    """(len(LOOKS),): the changes of means, (5,) of either picture, and of the ends."""
    luma, intensity, tritan, protan = (after - before)[:4]
    saturation = np.log(max(float(after[4]), _LEAST_SATURATION) / max(float(before[4]), _LEAST_SATURATION))
    return np.array([luma, intensity, tritan, protan, *ends, saturation])


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
