"""What every sound is built of: coloured noise, slow random curves, moving filters, short grains and struck bodies.

All at 48 kHz in float64. ``scipy.signal`` is loaded when first needed: it is slow to import.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading

RATE: Final = 48_000
"""Samples per second."""
_CURVE_RATE: Final = 200
"""Points per second at which slow curves are computed."""

Mono = NDArray[np.float64]
Stereo = NDArray[np.float64]
"""(samples, 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a sound is made for."""

    samples: int
    rng: np.random.Generator
    """The sound's own: no sound changes because another is there."""
    reading: Reading
    events: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Seconds at which something audible is seen, by sound key."""

    @property
    def seconds(self) -> float:
        """Length of the shot."""
        return self.samples / RATE

    def times(self, key: str) -> tuple[float, ...] | None:
        """The seen events of that kind inside the shot; None where the picture tells of none."""
        seen = self.events.get(key)
        return None if seen is None else tuple(second for second in seen if 0 <= second < self.seconds)


def noise(samples: int, beta: float, rng: np.random.Generator) -> Mono:
    """Gaussian noise with a power spectrum of 1/f**beta (0 white, 1 pink, 2 brown) above 20 Hz, of standard deviation 1."""
    frequencies = np.fft.rfftfreq(_fast_length(samples), 1 / RATE)
    spectrum = rng.standard_normal(frequencies.size) + 1j * rng.standard_normal(frequencies.size)
    spectrum *= np.maximum(frequencies, 20.0) ** (-beta / 2) * (frequencies > 15)
    made = np.fft.irfft(spectrum)[:samples]
    return np.asarray(made / max(float(np.std(made)), 1e-12), np.float64)


def wide_noise(samples: int, beta: float, rng: np.random.Generator, *, width: float = 0.7) -> Stereo:
    """Two channels of noise that share 1 - ``width`` of their power."""
    middle = noise(samples, beta, rng) * np.sqrt(1 - width)
    return np.stack([middle + noise(samples, beta, rng) * np.sqrt(width) for _ in range(2)], axis=1)


def slow_curve(samples: int, hertz: float, rng: np.random.Generator, low: float, high: float) -> Mono:
    """A smooth random curve between two values that turns about ``hertz`` times a second."""
    points = int(samples / RATE * _CURVE_RATE) + 2
    knots = rng.random(max(4, int(samples / RATE * hertz) + 4))
    position = np.linspace(0, knots.size - 1.001, points)
    index = position.astype(int)
    share = 0.5 - 0.5 * np.cos(np.pi * (position - index))
    curve = knots[index] * (1 - share) + knots[index + 1] * share
    fine = np.interp(np.linspace(0, points - 1, samples), np.arange(points), curve)
    return np.asarray(low + (high - low) * fine, np.float64)


def band(sound: NDArray[np.float64], low: float | None, high: float | None, order: int = 2) -> NDArray[np.float64]:
    """A Butterworth band-, low- or high-pass along the first axis."""
    from scipy.signal import butter, sosfilt

    if low is not None and high is not None:
        sections = butter(order, [low, high], "bandpass", fs=RATE, output="sos")
    elif low is not None:
        sections = butter(order, low, "highpass", fs=RATE, output="sos")
    else:
        sections = butter(order, high, "lowpass", fs=RATE, output="sos")
    return np.asarray(sosfilt(sections, sound, axis=0), np.float64)


def moving_band(sound: Stereo, centre: Mono, sharpness: float) -> Stereo:
    """A resonance whose frequency (hertz, one value per sample) moves: a gain on overlapping short spectra, so it never clicks."""
    from scipy.signal import istft, stft

    padded = np.pad(sound, ((0, max(0, 4096 - sound.shape[0])), (0, 0)))
    frequencies, times, spectra = stft(padded, RATE, nperseg=2048, noverlap=1536, axis=0)
    at = np.interp(times, np.arange(centre.size) / RATE, centre)
    ratio = np.maximum(frequencies, 1.0)[:, None] / at[None, :]
    gain = 1 / (1 + (sharpness * (ratio - 1 / ratio)) ** 2)
    shaped = istft(spectra * gain[:, None, :], RATE, nperseg=2048, noverlap=1536, time_axis=-1, freq_axis=0)[1]
    return np.asarray(shaped.T[: sound.shape[0]], np.float64)


def decay(samples: int, seconds: float) -> Mono:
    """An exponential from 1 that has fallen by 60 dB after ``seconds``."""
    return np.asarray(np.exp(-6.9078 * np.arange(samples) / (seconds * RATE)), np.float64)


def struck(frequencies: Sequence[float], seconds: Sequence[float], gains: Sequence[float], length: float) -> Mono:
    """The sum of damped sines: a body that is hit. Each rings for its own time."""
    count = int(length * RATE)
    time = np.arange(count) / RATE
    body = np.zeros(count)
    for frequency, ring, gain in zip(frequencies, seconds, gains, strict=True):
        body += gain * np.sin(2 * np.pi * frequency * time) * decay(count, ring)
    body[:48] *= np.linspace(0, 1, 48)
    return body


def panned(sound: Mono, position: float) -> Stereo:
    """A sound between left (0) and right (1), with equal power."""
    return np.stack([sound * np.cos(position * np.pi / 2), sound * np.sin(position * np.pi / 2)], axis=1)


def lay(canvas: Stereo, sound: Mono | Stereo, second: float, *, gain: float = 1.0, position: float = 0.5) -> None:
    """Add a short sound to a longer one at a moment; what lies outside is cut off."""
    piece = panned(sound, position) if sound.ndim == 1 else sound
    start = round(second * RATE)
    first, last = max(start, 0), min(start + piece.shape[0], canvas.shape[0])
    if last > first:
        canvas[first:last] += piece[first - start : last - start] * gain


def clock(seconds: float, every: float, rng: np.random.Generator, *, spread: float = 0.04, first: float | None = None) -> list[float]:
    """Times of something that goes on regularly, with a human unevenness."""
    times, now = [], rng.uniform(0.1, every) if first is None else first
    while now < seconds:
        times.append(now)
        now += every * max(0.3, 1 + spread * rng.standard_normal())
    return times


def at_random(seconds: float, per_second: float, rng: np.random.Generator) -> list[float]:
    """Times of independent events: a Poisson process."""
    return sorted(rng.uniform(0, seconds, rng.poisson(per_second * seconds)).tolist())


def grains(samples: int, times: Iterable[float], rng: np.random.Generator, *, low: float, high: float, milliseconds: float) -> Mono:
    """Tiny bursts of noise at the given times, heavy-tailed in size: what crunches, crackles and trickles."""
    impulses = np.zeros(samples)
    for second in times:
        start, length = int(second * RATE), int(RATE * milliseconds / 1000 * rng.uniform(0.4, 1.6)) + 8
        stop = min(start + length, samples)
        if 0 <= start < stop:
            burst = rng.standard_normal(stop - start) * np.exp(-5 * np.arange(stop - start) / length)
            impulses[start:stop] += burst * min(rng.pareto(2.2) + 0.2, 6.0)
    return band(impulses, low, high)


def set_level(sound: Stereo, level_db: float, measure: Literal["rms", "peak"]) -> Stereo:
    """Scale a sound to a level in dBFS; silence stays silence."""
    size = float(np.sqrt(np.mean(sound**2))) if measure == "rms" else float(np.max(np.abs(sound), initial=0.0))
    return sound * (10 ** (level_db / 20) / size) if size > 1e-9 else sound


def _fast_length(samples: int) -> int:
    from scipy.fft import next_fast_len

    length = int(next_fast_len(max(samples, 64), real=True))
    return length + length % 2
