"""A beat in a curve: one frequency that stands out of the curve's own spectrum, in windows that slide along it.

A beat is told from the wandering of firelight, clouds or a moving scene by what lies below it: their power falls with frequency
(1/f), so that nothing at 2 Hz and above rises over what is slower. A window is freed of its mean, slope and curvature, tapered
(von Hann) and transformed; the amplitude of a sine reads true wherever its frequency lies between the bins, thanks to padding.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_LEAST_CYCLES = 3.5
"""In a window: fewer are a movement to and fro, not a beat."""
_SLOWEST_HERTZ, _FASTEST_HERTZ = 2.0, 16.0
"""Slower is seen as a change of light; faster fuses to the eye at these sizes."""
_TREND_HERTZ = 0.75
"""Below it lies what the window's slope and curvature have taken away."""
_PADDING = 8
_FLOOR = 0.02
"""Per cent: the ripple of rounding, so that a still picture divides by something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The strongest beat of one window."""

    start: int
    """First frame of the window."""
    frames: int
    hertz: float
    swing: float
    """Peak to peak, in the unit of the curve."""
    over_slower: float
    """Its amplitude over the largest of anything slower in the window."""
    over_floor: float
    """The same over the root mean square of the spectrum away from it and its overtones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    trend: Values
    taper: Values
    hertz: Values
    gain: Values
    resolution: float


def strongest_lines(curve: Values, *, rate: float, frames: int) -> tuple[Line, ...]:
    """The strongest beat of each window of so many frames, a quarter of it apart; empty where the curve is shorter than one.

    Args:
        curve: Values per frame, shape (frames,), any unit.
        rate: Frames a second.
        frames: Length of a window, at least 8.
    """
    if len(curve) < frames:
        return ()
    window = _window(frames, rate)
    band = _band(window, rate, frames)
    if not band.size:
        return ()
    step = max(1, frames // 4)
    starts = [*range(0, len(curve) - frames, step), len(curve) - frames]
    pieces = np.stack([curve[start : start + frames] for start in starts], axis=1)
    spectra = _spectra(window, pieces)
    return tuple(_line(spectrum, band, window, start, frames) for start, spectrum in zip(starts, spectra.T, strict=True))


def beats_of(curves: Values, *, rate: float) -> tuple[Values, Values]:
    """Swing of each curve's strongest beat, and that over the rest of its spectrum; curves are (frames, parts), one window long."""
    window = _window(len(curves), rate)
    band = _band(window, rate, len(curves))
    if not band.size:
        return np.zeros(curves.shape[1]), np.zeros(curves.shape[1])
    spectra = _spectra(window, curves)
    peaks = spectra[band].max(axis=0)
    return 2 * peaks, peaks / (np.sqrt(np.mean(spectra**2, axis=0)) + _FLOOR)


def _band(window: "_Window", rate: float, frames: int) -> NDArray[np.int64]:
    slowest = max(_SLOWEST_HERTZ, _LEAST_CYCLES * rate / frames)
    return np.flatnonzero((window.hertz >= slowest) & (window.hertz <= _FASTEST_HERTZ))


def _spectra(window: "_Window", pieces: Values) -> Values:
    """Amplitudes by frequency of each column."""
    pieces = pieces - window.trend @ (window.trend.T @ pieces)
    return np.asarray(np.abs(np.fft.rfft(pieces * window.taper[:, None], _PADDING * len(pieces), axis=0)) * window.gain[:, None])


def shared_by(line: Line, curve: Values, parts: Values, *, rate: float) -> NDArray[np.complex128]:
    """How much of a beat each part of the picture shows: 1 as much as the whole; the angle is how far it is out of phase.

    Args:
        line: The beat, found in ``curve``.
        curve: Values per frame of the whole, shape (frames,).
        parts: The same of each part, (frames, parts).
        rate: Frames a second.
    """
    window = _window(line.frames, rate)
    inside = slice(line.start, line.start + line.frames)
    turn = np.exp(-2j * np.pi * line.hertz / rate * np.arange(line.frames)) * window.taper

    def swing(values: Values) -> NDArray[np.complex128]:
        return np.asarray(turn @ (values - window.trend @ (window.trend.T @ values)))

    whole = swing(curve[inside, None])[0]
    return swing(parts[inside]) / (whole if abs(whole) > 0 else 1)


def in_phase(shares: NDArray[np.complex128]) -> Values:
    """Real shares of parts that beat within 30 degrees of the whole, 0 for the others."""
    return np.asarray(np.where(np.abs(shares.imag) < 0.6 * shares.real, shares.real, 0.0))


def _line(spectrum: Values, band: NDArray[np.int64], window: _Window, start: int, frames: int) -> Line:
    place = int(band[np.argmax(spectrum[band])])
    peak, hertz, rate = float(spectrum[place]), float(window.hertz[place]), 2 * float(window.hertz[-1])
    reach = 1.5 * window.resolution
    slower = (window.hertz >= _TREND_HERTZ) & (window.hertz < hertz - reach)
    away = (window.hertz >= _TREND_HERTZ) & (np.abs(window.hertz - hertz) > reach)
    for overtone in (0.5, 2, 3, 4):
        folded = abs((overtone * hertz + rate / 2) % rate - rate / 2)
        away &= np.abs(window.hertz - folded) > reach
    below = float(spectrum[slower].max()) if slower.any() else 0.0
    floor = float(np.sqrt(np.mean(spectrum[away] ** 2))) if away.any() else 0.0
    return Line(
        start=start, frames=frames, hertz=hertz, swing=2 * peak, over_slower=peak / (below + _FLOOR), over_floor=peak / (floor + _FLOOR)
    )


@lru_cache(maxsize=8)
def _window(frames: int, rate: float) -> _Window:
    places = np.linspace(-1, 1, frames)
    trend, _ = np.linalg.qr(np.stack([np.ones(frames), places, places**2], axis=1))
    taper = np.hanning(frames + 2)[1:-1]
    hertz = np.asarray(np.fft.rfftfreq(_PADDING * frames, 1 / rate), np.float64)
    resolution = rate / frames
    # At half the frame rate the two halves of the spectrum meet and add up; two bins further down they no longer do.
    doubled = np.clip(1 - (rate / 2 - hertz) / (2 * resolution), 0, 1)
    return _Window(trend=trend, taper=taper, hertz=hertz, gain=(2 - doubled) / taper.sum(), resolution=resolution)
