"""What a stretch of sound does that its own surroundings do not foretell: the residual of linear prediction.

Each sample of a voice, a chord or a ringing object is nearly a weighted sum of the samples before it; a click is not. The weights are
those of the stretch without its middle, by the autocorrelation method (Makhoul, "Linear prediction: a tutorial review", Proceedings of
the IEEE 63, 1975); that clicks stand out of the residual is how restoration finds them (Godsill and Rayner, "Digital Audio
Restoration", 1998).
"""

import numpy as np
from numpy.typing import NDArray

_ORDER = 32
_NOISE, _FLOOR = 1e-5, 1e-9
"""White noise assumed in the sound, of its power and of full scale: a pure tone is foretold, rounding is not."""


def prediction_residual(stretches: NDArray[np.float32], aside: int) -> NDArray[np.float64]:
    """The residual of each stretch, predicted from its beginning and its end.

    Args:
        stretches: (stretches, samples), an even number of samples.
        aside: So many samples on either side of the middle are left out where the weights are found.

    Returns:
        (stretches, samples); the first 32 samples are zero.
    """
    count, size = stretches.shape
    half = size // 2 - aside
    shade = np.hanning(half).astype(np.float32)
    padded = 1 << (half + _ORDER).bit_length()
    power = sum(np.square(np.abs(np.fft.rfft(part * shade, padded))) for part in (stretches[:, :half], stretches[:, -half:]))
    lags = np.fft.irfft(power, padded)[:, : _ORDER + 1].astype(np.float64)
    lags[:, 0] = lags[:, 0] * (1 + _NOISE) + _FLOOR
    apart = np.abs(np.arange(_ORDER)[:, None] - np.arange(_ORDER))
    weights = np.linalg.solve(lags[:, apart], lags[:, 1:, None])
    # The sum over the samples before is a product of spectra; what wraps around falls on the first samples, which have no prediction.
    padded = 1 << (size - 1).bit_length()
    kernel = np.concatenate([np.ones((count, 1)), -weights[..., 0]], axis=1)
    residual = np.fft.irfft(np.fft.rfft(stretches, padded) * np.fft.rfft(kernel, padded), padded)[:, :size]
    residual[:, :_ORDER] = 0
    return np.asarray(residual, np.float64)
