"""Grain for the second half of a take, as much of it as the coded file is to hold; and the step of grain that a file holds.

An encoder takes grain away: of 2.25 codes put in, x264 leaves two at CRF 14 and a tenth of one at CRF 28 in a plain sky. What is not in the
file is no fault of it. So grain is put in as strongly as it takes for the file to hold the dose, and the truth is read from two files, one
with and one without it, coded alike: the fine energy that one has and the other has not, over the parts that are flat in the clean frame.

An encoder can also leave a whole side less of its grain and fine texture than the other: at CRF 28 half of the energy here and a third
there. That is in the file as well. So the step of grain at a join, with a fault or without, is read from the coded pictures laid beside
the untouched ones, which the check never sees.
"""

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.patterns import grained
from kling_post.calibration.seam_known import with_known
from kling_post.media.encode import rgb_to_ycbcr420

RgbFrame = NDArray[np.uint8]
Plane = NDArray[np.generic]
Coder = Callable[[Sequence[RgbFrame]], Sequence[Plane]]
"""The luma planes of frames after encoding and decoding, limited range, 8 bit."""

_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_FLAT_SHARE = 0.5
_TILE = 20
_STRONGEST = 14.0
_TRIALS = 4
_NEAR = 0.05
_ROUNDING = 1 / 12
"""Variance that whole code values have at least."""


def grainy_as_coded(
    frames: Sequence[RgbFrame], wanted_codes: float, rng: np.random.Generator, coded: Coder
) -> tuple[list[RgbFrame], float]:
    """Frames with so much grain that their file holds ``wanted_codes`` of it, and how much it holds."""
    seed = int(rng.integers(1 << 32))
    flat = _flat_parts(frames[0])
    clean = _fine_energies(coded(frames), flat)

    def made(sigma: float) -> tuple[list[RgbFrame], float]:
        chance = np.random.default_rng(seed)
        noisy = [grained(frame, sigma * 255 / 219, chance) for frame in frames]
        more = float(np.median(_fine_energies(coded(noisy), flat) - clean))
        return noisy, float(np.sqrt(max(more, 0.0)))

    low, high = 0.0, _STRONGEST
    sigma = wanted_codes
    for trial in range(_TRIALS):
        noisy, left = made(sigma)
        if abs(left - wanted_codes) <= _NEAR * wanted_codes or trial == _TRIALS - 1:
            break
        low, high = (sigma, high) if left < wanted_codes else (low, sigma)
        # As much again as is missing, within what is known.
        sigma = float(np.clip(sigma * wanted_codes / max(left, 0.2 * wanted_codes), 0.7 * low + 0.3 * sigma, 0.9 * high + 0.1 * low))
    return noisy, left


def grain_as_coded(
    steps: Mapping[str, float], outgoing: Sequence[RgbFrame], incoming: Sequence[RgbFrame], coded: Sequence[Plane]
) -> dict[str, float]:
    """The steps of a join with grain (8-bit codes) as it is in the file.

    Args:
        steps: What was put in; what is unknown (NaN) stays so.
        outgoing: Pictures before the join, as they were encoded.
        incoming: Pictures after it, as they were encoded, but without grain that was put in.
        coded: Luma planes of all of them after encoding and decoding.

    Returns:
        The same with grain measured: what one side keeps of the fine energy of its own pictures' flat parts beyond the other, of what both
        sides have of it on average. NaN where the frames of a side go apart too far to tell.
    """
    pictures = [np.ascontiguousarray(picture) for picture in (*outgoing, *incoming)]
    flat = [_flat_parts(picture) for picture in pictures]
    had = np.array([_fine_energy(rgb_to_ycbcr420(picture)[0], parts) for picture, parts in zip(pictures, flat, strict=True)])
    had = np.maximum(had, _ROUNDING)
    kept = np.array([_fine_energy(plane, parts) for plane, parts in zip(coded, flat, strict=True)]) / had * had.mean()
    before, after = kept[: len(outgoing)], kept[len(outgoing) :]
    change, error = after.mean() - before.mean(), np.hypot(*(side.std() / np.sqrt(len(side)) for side in (before, after)))
    step = float(np.sign(change) * np.sqrt(abs(change)))
    # In quadrature, as the step itself: what it would be if the change were larger by its error.
    off = float(np.sqrt(abs(change) + error)) - abs(step)
    return with_known(steps, {"grain": (step, off)})


def _flat_parts(frame: RgbFrame) -> NDArray[np.bool_]:
    """The flatter half of the tiles of a clean frame, as a mask of its pixels."""
    grey = cv2.cvtColor(np.asarray(frame), cv2.COLOR_RGB2GRAY).astype(np.float32)
    energy = cv2.filter2D(grey, cv2.CV_32F, _KERNEL) ** 2
    rows, columns = grey.shape
    tiles = cv2.resize(energy, (max(1, columns // _TILE), max(1, rows // _TILE)), interpolation=cv2.INTER_AREA)
    flat = (tiles <= np.quantile(tiles, _FLAT_SHARE)).astype(np.uint8)
    return np.asarray(cv2.resize(flat, (columns, rows), interpolation=cv2.INTER_NEAREST), np.bool_)


def _fine_energies(planes: Sequence[Plane], flat: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of each plane the fine energy over the same flat parts."""
    return np.array([_fine_energy(plane, flat) for plane in planes])


def _fine_energy(plane: Plane, flat: NDArray[np.bool_]) -> float:
    """Variance of white noise that would be as fine and as strong as a plane's flat parts."""
    return float(np.mean(cv2.filter2D(plane.astype(np.float32), cv2.CV_32F, _KERNEL)[flat] ** 2)) / 36
