"""Still water on the floor of a hall: it mirrors what stands above it, and shows the floor where one looks down into it."""

import cv2
import numpy as np

from kling_post.generation.previz.interior.canvas import Canvas
from kling_post.generation.previz.interior.noise import Field, Key, random, resized, smooth

_WAVES = 11


def _slopes(key: Key, side: Field, away: Field, pixel_metres: Field, rings: tuple[tuple[float, float], ...]) -> tuple[Field, Field]:
    """Slopes of the surface across and along, from trains of small waves and rings about some points; too fine ones are left out."""
    draw = random((*key, 1))
    across, along = np.zeros_like(side), np.zeros_like(side)
    for number in range(_WAVES):
        length = 0.22 * 1.42**number * draw.uniform(0.85, 1.15)
        direction, phase = draw.normal(0, 0.75), draw.uniform(0, 2 * np.pi)
        seen = np.clip(1.5 - 3 * pixel_metres / np.float32(length), 0, 1)
        if not seen.any():
            continue
        wave = np.sin(
            np.float32(2 * np.pi / length) * (side * np.float32(np.sin(direction)) + away * np.float32(np.cos(direction)))
            + np.float32(phase)
        )
        wave *= seen * np.float32(0.0013)
        across += wave * np.float32(np.sin(direction))
        along += wave * np.float32(np.cos(direction))
    for x, z in rings:
        out_x, out_z = side - np.float32(x), away - np.float32(z)
        far = np.sqrt(out_x**2 + out_z**2) + np.float32(0.05)
        ring = np.sin(far * np.float32(2 * np.pi / 0.46)) * np.exp(-far / np.float32(1.7)) * np.float32(0.008)
        ring *= np.clip(1.5 - 3 * pixel_metres / np.float32(0.46), 0, 1)
        across += ring * out_x / far
        along += ring * out_z / far
    return across, along


def lay_water(
    canvas: Canvas,
    mirror: Canvas,
    key: Key,
    *,
    depth_tint: Field,
    rings: tuple[tuple[float, float], ...] = (),
    waves: float = 1.0,
    gloss: float = 1.0,
) -> None:
    """Turn what the canvas holds below the horizon into the bed of water at y = 0.

    Args:
        canvas: With the bed painted; changed in place.
        mirror: Painted through ``Lens.mirrored``, at any size, not turned over.
        key: For the waves.
        depth_tint: (3,) what the water lets through of its bed.
        rings: Points (x, z) from which ripples spread.
        waves: Height of the waves against still water's; 0 is a polished floor.
        gloss: How much is mirrored against water.
    """
    lens = canvas.lens
    size = lens.size
    across, down = lens.vanishing
    top = max(0, int(np.ceil(down)))
    rows, columns = size.height - top, size.width
    if rows <= 0:
        return
    half_rows, half_columns = max(2, rows // 2), max(2, columns // 2)
    below = (top - down + (np.arange(half_rows, dtype=np.float32) + np.float32(0.5)) * np.float32(rows / half_rows))[:, None]
    below = np.asarray(np.maximum(below, 0.3), np.float32)
    eye, focal = np.float32(lens.eye[1]), np.float32(lens.focal_pixels)
    away = np.broadcast_to(focal * eye / below, (half_rows, half_columns))
    pixel = (np.arange(half_columns, dtype=np.float32) + np.float32(0.5)) * np.float32(columns / half_columns)
    side = (pixel[None, :] - np.float32(across)) * away / focal + np.float32(lens.eye[0])
    slope_x, slope_z = _slopes(
        key,
        np.asarray(side),
        np.asarray(away + np.float32(lens.eye[2]), np.float32),
        np.asarray(away**2 / (focal * eye) * np.float32(rows / half_rows), np.float32),
        rings,
    )
    slope_x, slope_z = slope_x * np.float32(waves), slope_z * np.float32(waves)
    share_y, share_x = mirror.light.shape[0] / size.height, mirror.light.shape[1] / size.width
    shift_y = 2 * focal * slope_z
    shift_x = 2 * focal * slope_x * np.minimum(below / focal * 2.5, 1)
    from_y = (np.float32(down) - below - np.abs(shift_y) * np.float32(0.35) - shift_y) * np.float32(share_y) - np.float32(0.5)
    from_x = (pixel[None, :] + shift_x) * np.float32(share_x) - np.float32(0.5)
    from_x, from_y = resized(np.asarray(from_x, np.float32), rows, columns), resized(np.asarray(from_y, np.float32), rows, columns)
    limit = np.float32(down * share_y - 1.0)
    reflected = np.asarray(
        cv2.remap(mirror.light, from_x, np.minimum(from_y, limit), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32
    )
    grazing = below / np.sqrt(focal**2 + below**2) + slope_z
    mirrored = resized(np.asarray(gloss * np.clip(0.26 + 0.66 * (1 - np.clip(grazing, 0, 1)) ** 3.2, 0, 0.92), np.float32), rows, columns)[
        ..., None
    ]
    bed = canvas.light[top:]
    bed *= depth_tint * (1 - mirrored)
    bed += reflected * mirrored * np.array([0.9, 0.97, 0.96], np.float32)
    sparkle = np.clip(slope_x + slope_z - np.float32(0.0085), 0, 1) * np.float32(9)
    bed += resized(np.asarray(sparkle, np.float32), rows, columns)[..., None] * reflected
    canvas.nearness[top:] = _nearness(canvas, mirror, top, mirrored[..., 0])


def _nearness(canvas: Canvas, mirror: Canvas, top: int, mirrored: Field) -> Field:
    """What a camera move must take the water for: its own surface where one sees the bed, the mirrored things where one sees those."""
    size = canvas.lens.size
    across, down = canvas.lens.vanishing
    del across
    rows = np.arange(top, size.height, dtype=np.float32) + np.float32(0.5) - np.float32(down)
    surface = np.maximum(rows, 0.3) / np.float32(canvas.lens.focal_pixels * canvas.lens.eye[1])
    share_y = mirror.light.shape[0] / size.height
    turned = np.clip((np.float32(down) - rows) * np.float32(share_y), 0, mirror.light.shape[0] - 1).astype(int)
    things = np.asarray(cv2.resize(mirror.nearness[turned], (size.width, len(rows)), interpolation=cv2.INTER_LINEAR), np.float32)
    share = smooth(mirrored, 0.3, 0.55)
    return np.asarray(surface[:, None] * (1 - share) + things * share, np.float32)
