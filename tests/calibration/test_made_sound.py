"""The clean sound that the checks are tried on is what it says it is."""

import numpy as np
import pytest

from kling_post.calibration.made_sound import KINDS

RATE = 48_000


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_the_same_again_and_begins_and_ends_in_silence(kind: str) -> None:
    sound, again = (KINDS[kind](np.random.default_rng(7), RATE // 2) for _ in range(2))
    assert sound.shape == (RATE // 2, 2)
    assert sound.dtype == np.float32
    assert np.array_equal(sound, again)
    assert np.abs(sound[[0, -1]]).max() == 0.0
    assert 0.02 < np.abs(sound).max() <= 0.6 + 1e-6


def test_a_limited_master_keeps_to_its_ceiling_and_is_dense() -> None:
    limited, spoken = (KINDS[kind](np.random.default_rng(7), 2 * RATE) for kind in ("limited", "speech"))
    crest = [20 * np.log10(np.abs(each).max() / np.sqrt(np.square(each).mean())) for each in (limited, spoken)]
    assert crest[0] < crest[1] - 3
    loudest = np.abs(limited).reshape(-1, RATE // 10, 2).max(axis=(1, 2))
    assert np.count_nonzero(loudest > 0.55) >= 8
