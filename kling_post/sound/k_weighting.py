"""The K-weighting filter of ITU-R BS.1770-5, run block by block as matrix products.

A recursive filter is normally a loop over samples. Over a block of B samples it is also a linear map from the B inputs and the
filter's four state values to the B outputs and the next four states. The maps are two matrices; all blocks of a stretch go
through one matrix product, and the states, which chain the blocks, through a parallel prefix scan. That is exact (the scan runs
in float64, the products in float32), and several times as fast as the recursion.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_BLOCK = 64
"""Samples per block: long enough that the matrix product outweighs its overhead, short enough to waste little of it."""
_ROWS = 32
"""Blocks per matrix product: small products stay on the caller's thread, where BLAS threads would mostly wait for each other."""
_FORGOTTEN = 1e-18
"""A state that has decayed by this much changes no float64 result any more."""

Section = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Numerator and denominator of a second-order section, three coefficients each, the denominator's first being 1."""


def k_weighting_sections(sample_rate: int) -> tuple[Section, Section]:
    """The two stages of the K-weighting for any sample rate: the shelf of the head and the high-pass.

    BS.1770-5 tabulates 48 kHz only and asks that other rates match its response. Both stages are bilinear transforms of an
    analogue prototype; the constants are those that give back the table at 48 kHz to nine digits (derivation: Brecht De Man,
    "Evaluation of implementations of the EBU R128 loudness measurement", AES 145, 2018).
    """
    frequency, gain_db, quality = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    warped = np.tan(np.pi * frequency / sample_rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    scale = 1 + warped / quality + warped**2
    shelf_numerator = np.array(
        [high + band * warped / quality + warped**2, 2 * (warped**2 - high), high - band * warped / quality + warped**2]
    )
    shelf = (shelf_numerator / scale, np.array([1.0, 2 * (warped**2 - 1) / scale, (1 - warped / quality + warped**2) / scale]))
    frequency, quality = 38.13547087602444, 0.5003270373238773
    warped = np.tan(np.pi * frequency / sample_rate)
    scale = 1 + warped / quality + warped**2
    # The numerator is left unscaled, as in the standard's table.
    high_pass = (np.array([1.0, -2.0, 1.0]), np.array([1.0, 2 * (warped**2 - 1) / scale, (1 - warped / quality + warped**2) / scale]))
    return shelf, high_pass


@lru_cache(maxsize=8)
def _block_maps(sample_rate: int) -> tuple[NDArray[np.float32], NDArray[np.float32], tuple[NDArray[np.float64], ...]]:
    """The maps of one block: (inputs and states -> outputs), (inputs -> states), and the states' decay over 1, 2, 4 ... blocks."""
    transition, entry, output, direct = _state_space(sample_rate)
    observed = np.empty((4, _BLOCK))
    reached = np.empty((_BLOCK, 4))
    row, column = output.copy(), entry.copy()
    for sample in range(_BLOCK):
        observed[:, sample], reached[_BLOCK - 1 - sample] = row, column
        row, column = row @ transition, transition @ column
    response = np.concatenate([[direct], observed.T[:-1] @ entry])
    lag = np.arange(_BLOCK)[None, :] - np.arange(_BLOCK)[:, None]
    convolution = np.where(lag >= 0, response[np.maximum(lag, 0)], 0.0)
    # States are told apart by what they will sound like (an orthonormal basis of their outputs): in the sections' own terms the
    # high-pass would be a small difference of large numbers, and float32 would cost 40 dB of precision.
    sounding, change = np.linalg.qr(observed.T)
    decays = [np.linalg.solve(change.T, np.linalg.matrix_power(transition, _BLOCK).T) @ change.T]
    while np.abs(decays[-1]).max() > _FORGOTTEN and len(decays) < 24:
        decays.append(decays[-1] @ decays[-1])
    to_outputs = np.concatenate([convolution, sounding.T]).astype(np.float32)
    return to_outputs, (reached @ change.T).astype(np.float32), tuple(decays)


def _state_space(sample_rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    """The cascade of both sections as x' = A x + b u, y = c x + d u, each section in transposed direct form II."""
    (b_1, a_1), (b_2, a_2) = k_weighting_sections(sample_rate)

    def single(b: NDArray[np.float64], a: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.array([[-a[1], 1.0], [-a[2], 0.0]]), np.array([b[1] - a[1] * b[0], b[2] - a[2] * b[0]])

    (first, first_entry), (second, second_entry) = single(b_1, a_1), single(b_2, a_2)
    transition = np.zeros((4, 4))
    transition[:2, :2], transition[2:, 2:] = first, second
    transition[2:, 0] = second_entry
    entry = np.concatenate([first_entry, second_entry * b_1[0]])
    return transition, entry, np.array([b_2[0], 0.0, 1.0, 0.0]), float(b_1[0] * b_2[0])


class KWeighting:
    """The filter with its memory, for a stream of blocks."""

    block_samples = _BLOCK

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._outputs, self._states, self._decays = _block_maps(sample_rate)
        self._carried = np.zeros((channels, 4))

    def apply(self, planes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter the next stretch.

        Args:
            planes: (channels, samples) float32; the count of samples is a multiple of ``block_samples``.

        Returns:
            (channels, samples) float32, K-weighted.
        """
        channels, samples = planes.shape
        blocks = samples // _BLOCK
        table = np.empty((channels, blocks, _BLOCK + 4), np.float32)
        table[:, :, :_BLOCK] = planes.reshape(channels, blocks, _BLOCK)
        states = np.empty((channels, blocks + 1, 4))
        states[:, 0] = self._carried
        np.matmul(table[:, :, :_BLOCK], self._states, out=states[:, 1:], casting="same_kind")
        for step, decay in enumerate(self._decays):
            reach = 1 << step
            if reach > blocks:
                break
            states[:, reach:] += states[:, :-reach] @ decay
        self._carried = states[:, -1].copy()
        table[:, :, _BLOCK:] = states[:, :-1]
        whole = blocks // _ROWS * _ROWS
        weighted = np.empty((channels, blocks, _BLOCK), np.float32)
        grouped = (channels, whole // _ROWS, _ROWS)
        outputs = weighted[:, :whole].reshape(*grouped, _BLOCK)
        np.matmul(table[:, :whole].reshape(*grouped, _BLOCK + 4), self._outputs, out=outputs)
        np.matmul(table[:, whole:], self._outputs, out=weighted[:, whole:])
        return weighted.reshape(channels, samples)
