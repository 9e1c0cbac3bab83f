"""Seeded noise: named random generators, tileable spectral noise and slow curves over time."""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
"""Real numbers, float32 unless a function says otherwise."""


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A random generator that depends on the seed and on what it is for, and on nothing drawn before."""
    words = [seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF]
    words += [zlib.crc32(name.encode()) if isinstance(name, str) else name & 0xFFFFFFFF for name in names]
    return np.random.default_rng(words)


def spectral_noise(shape: tuple[int, int], *, beta: float, rng: np.random.Generator, stretch: float = 1.0) -> FloatArray:
    """Tileable noise whose amplitude falls as frequency ** -beta; zero mean, unit deviation.

    ``stretch`` above 1 draws it out along the columns. Random-phase synthesis: the classic spectral method for clouds and terrain.
    """
    rows, columns = shape
    vertical = np.fft.fftfreq(rows)[:, None]
    horizontal = np.fft.rfftfreq(columns)[None] * stretch
    amplitude = 1.0 / np.maximum(np.hypot(vertical, horizontal), 1.0 / max(shape)) ** beta
    phase = rng.random((rows, columns // 2 + 1), dtype=np.float32) * np.float32(2 * np.pi)
    field = np.fft.irfft2((amplitude * np.exp(1j * phase)).astype(np.complex64), s=shape).astype(np.float32)
    field -= field.mean()
    return np.asarray(field / max(float(field.std()), 1e-9), np.float32)


def smoothstep(low: float, high: float, values: FloatArray) -> FloatArray:
    """0 below ``low``, 1 above ``high``, an S-curve between."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def slow_curve(seconds: float, rng: np.random.Generator, *, hertz: float, waves: int = 4) -> float:
    """A band-limited random curve around zero, about 1 at most, that never jumps: a sum of sines up to ``hertz``."""
    frequency = rng.uniform(0.3, 1.0, waves) * hertz
    phase = rng.uniform(0, 2 * np.pi, waves)
    return float(np.sin(2 * np.pi * frequency * seconds + phase).sum() / waves * 1.4)
