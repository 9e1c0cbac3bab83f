"""A polar night sky: curtains of green and violet light over a dark gradient, with stars."""

import numpy as np

from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, resized, smooth

_GREEN = linear(132, 236, 186)
_VIOLET = linear(150, 116, 214)


def polar_sky(key: Key, shape: tuple[int, int], horizon: float, *, strength: float = 1.0) -> Field:
    """Sky (rows, columns, 3) above ``horizon`` (fraction of the height from the top); below it goes on as its lowest colour."""
    rows, columns = max(90, shape[0] // 4), max(160, shape[1] // 4)
    up = np.clip(1 - (np.arange(rows, dtype=np.float32) + 0.5) / (rows * horizon), 0, 1)[:, None]
    x = np.linspace(0, 1, columns, dtype=np.float32)[None, :]
    sky = linear(84, 132, 146) * np.exp(-up * 5)[..., None] * 0.6 + linear(18, 32, 58) * (0.35 + 0.65 * up)[..., None]
    sky = np.repeat(sky, columns, axis=1)
    light = np.zeros((rows, columns, 3), np.float32)
    draw = random((*key, 1))
    for curtain in range(4):
        base = 0.16 + 0.17 * curtain + 0.16 * (fractal((*key, 2, curtain), (2, columns), (2, 3.5), octaves=4)[0][None, :] - 0.5)
        base = base + 0.06 * np.sin(2 * np.pi * (x * draw.uniform(1.2, 2.4) + draw.random()))
        folds = fractal((*key, 3, curtain), (2, columns), (2, 22), octaves=5, gain=0.85)[0][None, :]
        power = smooth(fractal((*key, 4, curtain), (2, columns), (2, 4), octaves=2)[0][None, :], 0.3, 0.7)
        height = up - base
        tall = 0.05 + 0.34 * folds**1.5
        veil = np.where(height > 0, np.exp(-height / tall), np.exp(height / 0.022)) * (0.1 + 2.3 * folds**3) * power
        comb = fractal((*key, 5, curtain), (2, columns), (2, 70), octaves=3, gain=0.7)[0][None, :]
        veil = veil * (0.45 + 1.1 * comb * np.clip(0.4 + 2.2 * np.maximum(height, 0), 0, 1.2))
        mix = np.clip(height / 0.34 + 0.08 * curtain, 0, 1)[..., None]
        light += veil[..., None] * (_GREEN * (1 - mix) + _VIOLET * mix * 0.6)
    sky += light * np.float32(0.95 * strength)
    full = resized(np.asarray(sky, np.float32), *shape)
    return _starred(full, key, horizon)


def _starred(sky: Field, key: Key, horizon: float) -> Field:
    rows, columns = sky.shape[:2]
    draw = random((*key, 8))
    places, power = draw.random((700, 2)), draw.pareto(2.2, 700) * 0.12
    ys, xs = (places[:, 0] * horizon * rows).astype(int), (places[:, 1] * columns).astype(int)
    radius = max(1, round(columns / 2400))
    for y, x, strength in zip(ys, xs, np.minimum(power, 1.2), strict=True):
        sky[y : y + radius, x : x + radius] += np.float32(strength)
    return sky
