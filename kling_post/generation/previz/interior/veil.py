"""Mist as painted: soft billows that stand across the picture between one bay and the next."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture, premultiplied
from kling_post.generation.previz.interior.noise import Key, fractal, smooth


def billow(key: Key, colour: NDArray[np.float32], *, top: float = 0.8) -> Texture:
    """A bank of mist (64 by 192 texels), dense at its foot, gone at its head; ``top`` is where it begins to thin, 0 to 1."""
    rows, columns = 64, 192
    up = np.asarray(1 - (np.arange(rows, dtype=np.float32) + 0.5)[:, None] / rows, np.float32)
    wisps = fractal((*key, 1), (rows, columns), (2.5, 7), octaves=4, gain=0.55)
    across = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    dense = smooth(np.asarray(top + 0.55 * (wisps - 0.5) - up, np.float32), 0.0, 0.55) * smooth(
        np.asarray(1 - np.abs(across), np.float32), 0.0, 0.12
    )
    return premultiplied(colour, np.asarray(dense * smooth(np.asarray(1 - up, np.float32), 0, 0.15), np.float32))
