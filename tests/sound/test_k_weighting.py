"""The block-wise filter is the recursive filter of the standard."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import freqz, sosfilt

from kling_post.sound.k_weighting import KWeighting, k_weighting_sections

# ITU-R BS.1770-5, Annex 1, tables 1 and 2.
SHELF = ([1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585])
HIGH_PASS = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])


def test_the_derivation_gives_the_standards_table_at_48_khz() -> None:
    for found, expected in zip(k_weighting_sections(48_000), (SHELF, HIGH_PASS), strict=True):
        np.testing.assert_allclose(found[0], expected[0], atol=1e-8)
        np.testing.assert_allclose(found[1], expected[1], atol=1e-8)


@pytest.mark.parametrize(("rate", "highest"), [(44_100, 10_000), (96_000, 20_000), (192_000, 20_000), (32_000, 10_000)])
def test_other_rates_have_the_response_of_48_khz(rate: int, highest: float) -> None:
    frequencies = np.geomspace(20, highest, 200)

    def response_db(at: int) -> np.ndarray:
        total = np.zeros(len(frequencies))
        for numerator, denominator in k_weighting_sections(at):
            total += 20 * np.log10(np.abs(freqz(numerator, denominator, frequencies, fs=at)[1]))
        return total

    assert np.abs(response_db(rate) - response_db(48_000)).max() < 0.06


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 192_000])
def test_blocks_and_recursion_agree_even_under_a_large_offset(rate: int) -> None:
    rng = np.random.default_rng(3)
    planes = (rng.normal(0, 0.1, (2, 64 * 700)) + 0.5).astype(np.float32)
    sections = np.array([np.concatenate(section) for section in k_weighting_sections(rate)])
    expected = sosfilt(sections, planes.astype(np.float64), axis=1)
    weighting, cuts = KWeighting(rate, 2), [0, 64, 64 * 33, 64 * 34, 64 * 650, 64 * 700]
    found = np.concatenate([weighting.apply(planes[:, a:b]) for a, b in pairwise(cuts)], axis=1)
    assert np.abs(found - expected).max() < 2e-6
