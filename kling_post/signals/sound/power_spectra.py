"""Power spectra of many short windows at once; OpenCV transforms rows of single precision many times faster than NumPy."""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray


def power_spectra(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared magnitude of each row's discrete Fourier transform, up to half the sample rate.

    Args:
        windows: (windows, samples), any number of samples.

    Returns:
        (windows, samples // 2 + 1).
    """
    count, size = windows.shape
    power = np.zeros((count, size // 2 + 1), np.float32)
    if not count:
        return power
    # Real and imaginary parts in turns behind the constant; with an even size the last value is the highest frequency's, real.
    packed = np.square(cv2.dft(np.ascontiguousarray(windows), flags=cv2.DFT_ROWS))
    pairs = (size - 1) // 2
    power[:, 0] = packed[:, 0]
    np.add(packed[:, 1 : 2 * pairs : 2], packed[:, 2 : 2 * pairs + 1 : 2], out=power[:, 1 : pairs + 1])
    if size % 2 == 0:
        power[:, -1] = packed[:, -1]
    return power


def band_edges(edges_hz: ArrayLike, size: int, rate: int, *, highest_hz: float | None = None) -> NDArray[np.intp]:
    """Which values of such spectra bands begin at, drawn together where the sample rate does not reach as high as they do.

    Args:
        edges_hz: (bands + 1,), rising; the last is where the highest band ends.
        size: Samples of a window.
        rate: Samples per second.
        highest_hz: What must be reached, where it is not the last of the edges.
    """
    edges = np.asarray(edges_hz, np.float64)
    reached = min(1.0, rate / 2 / float(edges[-1] if highest_hz is None else highest_hz))
    return np.searchsorted(np.fft.rfftfreq(size, 1 / rate), edges * reached)
