"""The quick transform gives what NumPy's gives."""

import numpy as np
import pytest

from kling_post.signals.sound.power_spectra import power_spectra


@pytest.mark.parametrize(("count", "size"), [(1, 2), (3, 7), (5, 128), (4, 441), (2, 480), (2, 14_994), (1, 16_320), (0, 128)])
def test_power_is_that_of_numpys_transform(count: int, size: int) -> None:
    windows = np.random.default_rng(size).normal(0, 1, (count, size)).astype(np.float32)
    expected = np.square(np.abs(np.fft.rfft(windows.astype(np.float64), axis=1)))
    assert power_spectra(windows) == pytest.approx(expected, rel=1e-4, abs=1e-5 * size)
