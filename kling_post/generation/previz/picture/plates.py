"""A tile of salt crust: geometric plates with jagged cracks, upturned rims and hairlines, lit by a low sun."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.tone import Bytes

Polyline = NDArray[np.float64]


def cell_edges(cells: int, jitter: float, rng: np.random.Generator) -> list[Polyline]:
    """Edges of a Voronoi diagram on a torus of side 1, as (2, 2) end points; each edge once, all within one unit of the tile."""
    grid = np.stack(np.meshgrid(np.arange(cells), np.arange(cells)), axis=-1).reshape(-1, 2)
    points = (grid + 0.5 + rng.uniform(-jitter, jitter, grid.shape)) / cells
    division = cv2.Subdiv2D((-2, -2, 5, 5))
    for shift_x in (-1, 0, 1):
        for shift_y in (-1, 0, 1):
            for point in points + np.array([shift_x, shift_y]):
                division.insert((float(point[0]), float(point[1])))
    facets, centres = division.getVoronoiFacetList([])
    edges: dict[tuple[int, ...], Polyline] = {}
    for facet, centre in zip(facets, centres, strict=True):
        if not (0 <= centre[0] < 1 and 0 <= centre[1] < 1):
            continue
        corners = np.asarray(facet, np.float64)
        for first, second in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            middle = (first + second) / 2 % 1
            key = tuple(np.round(middle * 4000).astype(int) % 4000)
            edges.setdefault(key, np.stack([first, second]))
    return list(edges.values())


def jagged(edge: Polyline, roughness: float, rng: np.random.Generator, levels: int = 5) -> Polyline:
    """A crack along an edge by midpoint displacement; its ends stay in place."""
    line = edge
    for _ in range(levels):
        between = (line[:-1] + line[1:]) / 2
        along = line[1:] - line[:-1]
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
        between = between + normal * rng.uniform(-roughness, roughness, (len(between), 1))
        merged = np.empty((len(line) + len(between), 2))
        merged[0::2], merged[1::2] = line, between
        line = merged
    return line


def _wraps(low: float, high: float, margin: float = 0.02) -> tuple[int, ...]:
    """By how many tiles a line between two coordinates must be moved so that every part of it shows."""
    return tuple(shift for shift in (-1, 0, 1) if high + shift > -margin and low + shift < 1 + margin)


def draw_cracks(lines: list[Polyline], side: int, width_texels: float, rng: np.random.Generator) -> Bytes:
    """Cover of the cracks on a tile of ``side`` texels, 0 to 255, wrapped round its borders; widths vary along and between cracks."""
    tile = np.zeros((side, side), np.uint8)
    for line in lines:
        width = width_texels * rng.uniform(0.45, 1.35)
        widths = width * (1 + 0.35 * np.sin(np.linspace(0, rng.uniform(6, 14), len(line)) + rng.uniform(0, 6)))
        near, far = line.min(axis=0), line.max(axis=0)
        for shift_x in _wraps(near[0], far[0]):
            for shift_y in _wraps(near[1], far[1]):
                moved = (line + np.array([shift_x, shift_y])) * side
                low, high = moved.min(axis=0), moved.max(axis=0)
                if (high < -8).any() or (low > side + 8).any():
                    continue
                fixed = np.round(moved * 16).astype(np.int32)
                for first, second, thick in zip(fixed[:-1], fixed[1:], widths[:-1], strict=True):
                    ends = ((int(first[0]), int(first[1])), (int(second[0]), int(second[1])))
                    cv2.line(tile, ends[0], ends[1], 255, max(1, round(thick)), cv2.LINE_AA, 4)
    return tile


def wrapped_distance(cracks: Bytes, margin: int) -> FloatArray:
    """Distance in texels from the nearest crack on the torus."""
    padded = cv2.copyMakeBorder(255 - cracks, margin, margin, margin, margin, cv2.BORDER_WRAP)
    free = (padded > 127).astype(np.uint8)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, 5)
    return np.asarray(distance[margin:-margin, margin:-margin], np.float32)


def _wrapped_blur(tile: FloatArray, sigma: float) -> FloatArray:
    margin = int(sigma * 3) + 1
    padded = cv2.copyMakeBorder(tile, margin, margin, margin, margin, cv2.BORDER_WRAP)
    return np.asarray(cv2.GaussianBlur(padded, (0, 0), sigma)[margin:-margin, margin:-margin], np.float32)


def salt_plates(side: int, metres: float, *, seed: int, sun_across: float, sun_ahead: float) -> Bytes:
    """Light of a salt crust under a low sun, 0 to 255 where about 150 is flat salt; (side, side), tileable.

    Rows run ahead, columns to the right. ``sun_across`` and ``sun_ahead`` point toward the sun on the ground.
    """
    rng = generator(seed, "salt plates")
    texel = metres / side
    plate_lines = [jagged(edge, 0.09, rng) for edge in cell_edges(max(3, round(metres / 2.6)), 0.40, rng)]
    small_edges = cell_edges(max(6, round(metres / 0.72)), 0.46, rng)
    keep = rng.random(len(small_edges)) < 0.72
    small_lines = [jagged(edge, 0.13, rng, 3) for edge, kept in zip(small_edges, keep, strict=True) if kept]
    wide = draw_cracks(plate_lines, side, 0.034 / texel, rng)
    thin = draw_cracks(small_lines, side, 0.006 / texel, rng)
    distance = wrapped_distance(wide, 256) * np.float32(texel)
    rim = np.exp(-np.maximum(distance - 0.01, 0) / 0.085) * 0.045 + np.exp(-distance / 0.35) * 0.02
    fine_distance = wrapped_distance(thin, 64) * np.float32(texel)
    rim -= np.exp(-fine_distance / 0.012) * 0.006
    broad = spectral_noise((side // 4, side // 4), beta=1.5, rng=generator(seed, "salt swell"))
    rough = spectral_noise((side, side), beta=1.05, rng=generator(seed, "salt rough"))
    relief = rim + cv2.resize(broad, (side, side), interpolation=cv2.INTER_CUBIC) * np.float32(0.006)
    relief += rough * np.float32(0.0042) * smoothstep(0.0, 0.08, distance)
    slope = (np.roll(relief, -1, 1) - np.roll(relief, 1, 1)) * np.float32(sun_across)
    slope += (np.roll(relief, -1, 0) - np.roll(relief, 1, 0)) * np.float32(sun_ahead)
    slope = _wrapped_blur(np.asarray(-slope / np.float32(2 * texel), np.float32), 0.8)
    patches = cv2.resize(spectral_noise((side // 8, side // 8), beta=1.3, rng=generator(seed, "salt patches")), (side, side))
    light = 150 + np.clip(slope * 150, -66, 88) + patches * 5 + rough * 4.0
    light -= 22 * np.exp(-fine_distance / 0.006)
    dark = cv2.GaussianBlur(wide, (0, 0), 0.7).astype(np.float32) / 255
    return np.asarray(np.clip(light * (1 - dark * 0.86), 2, 255), np.uint8)


def broken_slabs(side: int, metres: float, *, seed: int, sun_across: float, sun_ahead: float) -> Bytes:
    """Light of a fractured stone floor: slabs that tilt this way and that, splinters and grit; as ``salt_plates`` otherwise."""
    rng = generator(seed, "broken slabs")
    texel = metres / side
    slabs = [jagged(edge, 0.05, rng, 3) for edge in cell_edges(max(4, round(metres / 1.9)), 0.48, rng)]
    splinter_edges = cell_edges(max(8, round(metres / 0.55)), 0.49, rng)
    keep = rng.random(len(splinter_edges)) < 0.4
    splinters = [jagged(edge, 0.06, rng, 2) for edge, kept in zip(splinter_edges, keep, strict=True) if kept]
    wide, thin = draw_cracks(slabs, side, 0.03 / texel, rng), draw_cracks(splinters, side, 0.011 / texel, rng)
    _, labels = cv2.connectedComponents((cv2.max(wide, thin) < 90).astype(np.uint8), connectivity=4)
    count = int(labels.max()) + 1
    tone = rng.normal(0, 13, count).astype(np.float32)[labels] + _wrapped_blur(np.asarray(tone_field(side, seed), np.float32), 2.0) * 7
    distance = wrapped_distance(np.maximum(wide, thin), 128) * np.float32(texel)
    rough = spectral_noise((side, side), beta=1.0, rng=generator(seed, "stone rough"))
    relief = -np.exp(-distance / 0.03) * 0.02 + rough * np.float32(0.0045)
    slope = (np.roll(relief, -1, 1) - np.roll(relief, 1, 1)) * np.float32(sun_across)
    slope += (np.roll(relief, -1, 0) - np.roll(relief, 1, 0)) * np.float32(sun_ahead)
    slope = _wrapped_blur(np.asarray(-slope / np.float32(2 * texel), np.float32), 0.8)
    light = 142 + tone + np.clip(slope * 120, -60, 80) + rough * 5
    dark = np.maximum(cv2.GaussianBlur(wide, (0, 0), 0.8), cv2.GaussianBlur(thin, (0, 0), 0.7) // 2).astype(np.float32) / 255
    return np.asarray(np.clip(light * (1 - dark * 0.85), 2, 255), np.uint8)


def tone_field(side: int, seed: int) -> FloatArray:
    """Broad unevenness of a stone floor, zero mean."""
    broad = spectral_noise((side // 8, side // 8), beta=1.3, rng=generator(seed, "stone patches"))
    return np.asarray(cv2.resize(broad, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def salt_grain(side: int, *, seed: int) -> Bytes:
    """Crystals and pits of the crust seen from close by, 128 is neutral; (side, side), tileable."""
    fine = spectral_noise((side, side), beta=0.55, rng=generator(seed, "salt grain"))
    lumps = spectral_noise((side, side), beta=1.2, rng=generator(seed, "salt lumps"))
    pits = np.clip(fine - 1.6, 0, 2)
    return np.asarray(np.clip(128 + fine * 7 + lumps * 7 - pits * 26, 0, 255), np.uint8)
