from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kling_post.seams.grain import grain_codes
from kling_post.seams.measure import measure_seam
from kling_post.seams.side import Side


@pytest.mark.parametrize("sigma", [1.0, 3.0, 6.0])
def test_white_noise_on_a_slope_is_measured_in_codes(sigma: float) -> None:
    random = np.random.default_rng(3)
    slope = np.linspace(60, 180, 320)[None] + np.zeros((180, 1))
    noisy = np.rint(slope + random.normal(0, sigma, slope.shape)).astype(np.uint8)
    # The flattest quarter of the tiles lies a little under the mean; rounding adds 1/12 to the variance.
    fine, coarse = grain_codes(noisy)
    assert fine == pytest.approx(sigma, rel=0.08)
    # Four pixels of white noise in one have half of its standard deviation.
    assert coarse == pytest.approx(sigma / 2, rel=0.12)


def test_ten_bits_read_as_eight() -> None:
    random = np.random.default_rng(4)
    codes = np.rint(4 * (100 + random.normal(0, 2, (180, 320)))).astype(np.uint16)
    assert grain_codes(codes, 10)[0] == pytest.approx(2.0, rel=0.08)


def test_black_and_white_cannot_tell() -> None:
    assert np.isnan(grain_codes(np.full((180, 320), 16, np.uint8))).all()
    assert np.isnan(grain_codes(np.full((20, 20), 100, np.uint8))).all()


@pytest.mark.parametrize(
    ("fine", "coarse", "low", "high"),
    [
        # Noise of two codes in a clean picture: the coarse band has half of it.
        ((0.4, 2.04), (0.4, 1.08), 1.9, 2.1),
        # A texture that the encoder keeps better on one side grows at both scales alike.
        ((4.0, 4.2), (4.2, 4.41), -0.1, 0.5),
    ],
)
def test_grain_is_told_from_texture(
    sides: Callable[..., tuple[Side, Side]], fine: tuple[float, float], coarse: tuple[float, float], low: float, high: float
) -> None:
    before, after = (
        replace(side, grain=np.full(side.frames, one), coarse_grain=np.full(side.frames, other))
        for side, one, other in zip(sides(), fine, coarse, strict=True)
    )
    assert low <= measure_seam(before, after).grain.step <= high


def test_what_a_sides_own_halves_differ_by_is_no_step(sides: Callable[..., tuple[Side, Side]]) -> None:
    before, after = sides()
    half = before.frames // 2
    fading = replace(before, grain=np.repeat([2.5, 1.5], half))
    found = measure_seam(fading, replace(after, grain=np.full(after.frames, 1.5))).grain
    # 2.5 against 1.5 codes is 2 in quadrature, and half of the frames have it.
    assert 3 * found.noise == pytest.approx(2.0)
    assert found.step == pytest.approx(-np.sqrt(2))


def test_sharpness_is_that_of_the_frames_that_others_are_predicted_from(sides: Callable[..., tuple[Side, Side]]) -> None:
    before, after = sides()
    # One frame in four is a fifth sharper; next to the join stands a sharp one, and a soft one on the other side.
    soft, sharp = np.resize([1.2, 1, 1, 1], before.frames)[::-1], np.resize([1.2, 1, 1, 1], after.frames)
    same = measure_seam(replace(before, sharpness=np.roll(soft, 1)), replace(after, sharpness=sharp)).sharpness
    assert same.step == pytest.approx(0, abs=0.5)
    blurred = measure_seam(replace(before, sharpness=soft), replace(after, sharpness=0.7 * sharp)).sharpness
    assert blurred.step == pytest.approx(-30, abs=0.5)
