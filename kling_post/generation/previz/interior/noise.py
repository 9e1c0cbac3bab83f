"""Seeded noise that looks the same at every picture size: grids of random numbers, drawn per octave, resized with a cubic."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.picture.noise import smoothstep

Field = NDArray[np.float32]
"""(rows, columns) or (rows, columns, channels), float32."""
Key = tuple[int, ...]
"""What a draw belongs to: the scene's seed, then numbers that name the place of use."""


def random(key: Key) -> np.random.Generator:
    """A generator of its own for one key; numbers below zero are folded into the positive ones."""
    return np.random.default_rng([abs(part) * 2 + (part < 0) for part in key])


def fractal(key: Key, shape: tuple[int, int], cells: tuple[float, float], *, octaves: int = 5, gain: float = 0.5) -> Field:
    """Sum of value-noise octaves, about 0 to 1 with mean 0.5.

    Args:
        key: What the noise belongs to.
        shape: Rows and columns of the result.
        cells: Grid cells down and across in the first octave; each next octave has twice as many.
        octaves: How many; those finer than the pixels are left out.
        gain: Amplitude of each octave against the one before.
    """
    total = np.zeros(shape, np.float32)
    norm, amplitude = 0.0, 1.0
    for octave in range(octaves):
        rows, columns = (max(2, round(count * 2**octave) + 1) for count in cells)
        norm += amplitude
        if rows <= shape[0] * 1.5 and columns <= shape[1] * 1.5:
            grid = random((*key, octave)).random((rows, columns), np.float32) - np.float32(0.5)
            total += amplitude * np.asarray(cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
        amplitude *= gain
    return np.asarray(np.clip(total * np.float32(1.5 / norm) + np.float32(0.5), 0, 1), np.float32)


def smooth(value: NDArray[Any], low: float, high: float) -> Field:
    """Hermite step from 0 at ``low`` to 1 at ``high``."""
    return np.asarray(smoothstep(low, high, np.asarray(value, np.float32)), np.float32)


def resized(field: Field, rows: int, columns: int) -> Field:
    """Another size, smooth when enlarging, area-averaged when reducing."""
    enlarging = rows >= field.shape[0] and columns >= field.shape[1]
    return np.asarray(cv2.resize(field, (columns, rows), interpolation=cv2.INTER_LINEAR if enlarging else cv2.INTER_AREA), np.float32)


def blurred(field: NDArray[Any], sigma: float) -> Field:
    """Gaussian blur; wide ones are made at a reduced size."""
    if sigma < 0.3:
        return np.asarray(field, np.float32)
    field = np.asarray(field, np.float32)
    rows, columns = field.shape[:2]
    step = max(1, int(sigma // 4))
    if step == 1:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)
    small = resized(field, max(2, rows // step), max(2, columns // step))
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), sigma / step), np.float32)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)


def facets(key: Key, shape: tuple[int, int], cells: tuple[float, float], *, warp: float = 0.3) -> tuple[Field, Field]:
    """Broken-glass cells: a random number per cell, and the distance to the nearest cell's centre, both 0 to 1.

    Voronoi cells of jittered points, their borders bent by noise (``warp`` in cells), made at 1400 rows or columns at most.
    """
    scale = min(1.0, 1400 / max(shape))
    rows, columns = max(8, round(shape[0] * scale)), max(8, round(shape[1] * scale))
    count_y, count_x = max(2, round(cells[0])), max(2, round(cells[1]))
    draw = random((*key, 71))
    points = (np.indices((count_y, count_x)).reshape(2, -1).T + draw.random((count_y * count_x, 2))) / (count_y, count_x)
    seeds = np.full((rows, columns), 255, np.uint8)
    ys, xs = np.minimum((points * (rows, columns)).astype(int), (rows - 1, columns - 1)).T
    seeds[ys, xs] = 0
    distance, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    values = draw.random(int(labels.max()) + 1, np.float32)[labels]
    grid_y, grid_x = np.indices((rows, columns), np.float32)
    amplitude = warp * rows / count_y
    bend_x = (fractal((*key, 72), (rows, columns), (count_y * 1.5, count_x * 1.5), octaves=3) - 0.5) * amplitude
    bend_y = (fractal((*key, 73), (rows, columns), (count_y * 1.5, count_x * 1.5), octaves=3) - 0.5) * amplitude
    both = np.dstack([values, np.asarray(distance, np.float32) / np.float32(rows / count_y)])
    both = np.asarray(cv2.remap(both, grid_x + bend_x, grid_y + bend_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)
    both = np.asarray(cv2.resize(both, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    return both[..., 0], np.clip(both[..., 1], 0, 1)
