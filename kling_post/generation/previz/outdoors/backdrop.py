"""The sky behind a canvas, in linear light, and the haze that belongs to it."""

import numpy as np

from kling_post.generation.previz.interior.lens import Lens
from kling_post.generation.previz.interior.noise import Field, Key, random, resized
from kling_post.generation.previz.picture.sky import SkyLook, cloud_cover
from kling_post.generation.previz.picture.tone import mix, rgb


def sky_behind(lens: Lens, look: SkyLook, *, seed: int) -> Field:
    """Linear light of the sky in every pixel, mirrored below the horizon: (rows, columns, 3). Made at a quarter of the size."""
    size = lens.size
    rows, columns = max(2, size.height // 4), max(2, size.width // 4)
    across, down = lens.vanishing
    x = ((np.arange(columns, dtype=np.float32) + 0.5) * (size.width / columns) - across) / lens.focal_pixels
    y = (down - (np.arange(rows, dtype=np.float32) + 0.5) * (size.height / rows)) / lens.focal_pixels
    side, up = np.broadcast_arrays(x[None].astype(np.float32), y[:, None].astype(np.float32))
    colour = look.light(side, up)
    if look.clouds > 0:
        cover, lit = cloud_cover(look, side, np.abs(up), seed)
        shade = mix(rgb(*look.cloud_shade), rgb(*look.cloud_light), lit[..., None])
        colour = mix(colour, shade, (cover * np.float32(look.clouds))[..., None])
    return resized(np.asarray(colour, np.float32), size.height, size.width)


def haze_of(lens: Lens, look: SkyLook) -> Field:
    """What far things fade to: the light along the horizon, by column, (rows, columns, 3)."""
    size = lens.size
    x = ((np.arange(size.width, dtype=np.float32) + 0.5) - lens.vanishing[0]) / lens.focal_pixels
    line = look.horizon_light(np.asarray(x, np.float32))
    return np.asarray(np.broadcast_to(line[None], (size.height, size.width, 3)), np.float32)


def scatter_stars(light: Field, key: Key, *, rows: int, count: int = 900, brightest: float = 2.2) -> None:
    """Points of light above row ``rows``, in place; few are bright, and each is as large at every size of picture."""
    draw = random(key)
    columns = light.shape[1]
    scale = columns / 1920
    for _ in range(count):
        x, y, bright, warm = draw.uniform(0, columns), draw.uniform(0, rows), draw.random() ** 6, draw.uniform(-0.2, 0.2)
        reach = (0.45 + 0.9 * bright) * scale
        left, top = int(x - 3 * reach - 1), int(y - 3 * reach - 1)
        right, bottom = int(x + 3 * reach + 2), int(y + 3 * reach + 2)
        if left < 0 or top < 0 or right > columns or bottom > rows:
            continue
        dx = (np.arange(left, right, dtype=np.float32) + 0.5 - x)[None]
        dy = (np.arange(top, bottom, dtype=np.float32) + 0.5 - y)[:, None]
        spot = np.exp(-(dx**2 + dy**2) / (2 * max(reach, 0.45) ** 2)) * np.float32(
            (0.06 + brightest * bright) * min(1.0, (reach / 0.45) ** 2)
        )
        light[top:bottom, left:right] += spot[..., None] * np.array([1 + warm, 1.0, 1 - warm], np.float32)
