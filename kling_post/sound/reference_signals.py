"""The synthetic signals of EBU Tech 3341 and Tech 3342, from their descriptions, and the values they must measure.

They calibrate the meter, or any other: tests and ``scripts/compare_loudness.py`` use them. Levels are peak values of a 1000 Hz sine
per channel in dBFS, at 48 kHz; stereo is the same in both channels.
"""

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Signal = NDArray[np.float32]


def tone(level_dbfs: float, seconds: float, *, channels: int = 2, rate: int = RATE, frequency: float = 1000.0) -> Signal:
    """A sine, the same in every channel."""
    phase = 2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate
    return np.repeat((10 ** (level_dbfs / 20) * np.sin(phase))[:, None], channels, axis=1).astype(np.float32)


def silence(seconds: float, channels: int = 2) -> Signal:
    """Digital zero."""
    return np.zeros((round(seconds * RATE), channels), np.float32)


def steps(*levels_and_seconds: tuple[float, float]) -> Signal:
    """Tones of one level after the other."""
    return np.concatenate([tone(level, seconds) for level, seconds in levels_and_seconds])


def integrated_case(number: int) -> Signal:
    """Cases 1 to 6; the sixth has five channels."""
    if number == 6:
        return np.concatenate([tone(level, 20, channels=1) for level in (-28, -28, -24, -30, -30)], axis=1)
    return steps(*_INTEGRATED_STEPS[number])


_INTEGRATED_STEPS: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((-23, 20),),
    2: ((-33, 20),),
    3: ((-36, 10), (-23, 60), (-36, 10)),
    4: ((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)),
    5: ((-26, 20), (-20, 20.1), (-26, 20)),
}
INTEGRATED_EXPECTED = {1: -23.0, 2: -33.0, 3: -23.0, 4: -23.0, 5: -23.0, 6: -23.0}


def short_term_constant() -> Signal:
    """Case 9: short-term stands still from the third second on."""
    return steps(*((-20.0, 1.34), (-30.0, 1.66)) * 5)


def momentary_constant() -> Signal:
    """Case 12: momentary stands still from the first second on."""
    return steps(*((-20.0, 0.18), (-30.0, 0.22)) * 25)


def short_term_file(number: int) -> Signal:
    """Case 10, one of 20 files: a burst of 3 s that begins anywhere between two readings."""
    return np.concatenate([silence(number * 0.15), tone(-23, 3), silence(1)])


def momentary_file(number: int) -> Signal:
    """Case 13, one of 20 files."""
    return np.concatenate([silence(number * 0.02), tone(-23, 0.4), silence(1)])


def short_term_live(number: int) -> Signal:
    """Case 11, one of 20 segments that follow each other."""
    return np.concatenate([silence(number * 0.15), tone(-38 + number, 3), silence(3 - number * 0.15)])


def momentary_live(number: int) -> Signal:
    """Case 14, one of 20 segments that follow each other."""
    return np.concatenate([silence(number * 0.02), tone(-38 + number, 0.4), silence(0.4 - number * 0.02)])


def loudness_range_case(number: int) -> Signal:
    """Tech 3342, cases 1 to 4: stretches of 20 s."""
    return steps(*((level, 20.0) for level in _RANGE_LEVELS[number]))


_RANGE_LEVELS: dict[int, tuple[float, ...]] = {1: (-20, -30), 2: (-20, -15), 3: (-40, -20), 4: (-50, -35, -20, -35, -50)}
LOUDNESS_RANGE_EXPECTED = {1: 10.0, 2: 5.0, 3: 20.0, 4: 15.0}


def _faded(samples: NDArray[np.float64]) -> Signal:
    ramp = np.linspace(0, 1, 480, endpoint=False)
    shape = np.ones(len(samples))
    shape[:480], shape[-480:] = ramp, ramp[::-1]
    return np.repeat((samples * shape)[:, None], 2, axis=1).astype(np.float32)


def peak_tone(divisor: int, amplitude: float, degrees: float) -> Signal:
    """Cases 15 to 19: a sine of a fraction of the sample rate whose peaks lie between the samples."""
    return _faded(amplitude * np.sin(2 * np.pi * np.arange(round(3.2 * RATE)) / divisor + np.deg2rad(degrees)))


TRUE_PEAK_TONES = {
    15: (4, 0.5, 0.0, -6.0),
    16: (4, 0.5, 45.0, -6.0),
    17: (6, 0.5, 60.0, -6.0),
    18: (8, 0.5, 67.5, -6.0),
    19: (4, 1.41, 45.0, 3.0),
}


def peak_burst(offset: int) -> Signal:
    """Cases 20 to 23: fs/6 at half scale around one period of fs/4 at full scale, made at 4 fs, band-limited, decimated."""
    length, slow, fast = round(3.2 * RATE) * 4, 24, 16
    before = length // 2 // slow * slow
    made = np.concatenate(
        [
            0.5 * np.sin(2 * np.pi * np.arange(before) / slow),
            np.sin(2 * np.pi * np.arange(fast) / fast),
            0.5 * np.sin(2 * np.pi * np.arange(length - before - fast) / slow),
        ]
    )
    # The low-pass is not specified; this one ends just below the Nyquist frequency and is longer than any burst.
    position = np.arange(-2048, 2049)
    taps = np.sinc(position * 2 * 23_500 / (4 * RATE)) * np.kaiser(4097, 9)
    limited = np.convolve(made, taps / taps.sum(), mode="same")
    return _faded(limited[offset::4])
