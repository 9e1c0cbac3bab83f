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


def with_grain(side: Side, fine: list[float], coarse: list[float]) -> Side:
    return replace(side, grain=np.resize(fine, side.frames), coarse_grain=np.resize(coarse, side.frames))


def test_what_the_quantiser_takes_of_the_finest_detail_counts_only_where_it_also_eats_coarser_detail(
    sides: Callable[..., tuple[Side, Side]],
) -> None:
    before, after = sides()
    fine = with_grain(before, [2.5, 2.0], [3.4, 3.3]), with_grain(after, [2.6, 2.1], [3.4, 3.3])
    assert measure_seam(*fine).grain.noise < 0.1
    eaten = with_grain(before, [2.5, 1.5], [3.4, 2.4]), with_grain(after, [2.6, 1.6], [3.4, 2.4])
    assert measure_seam(*eaten).grain.noise > 0.7


def test_sharpness_is_that_of_the_frames_that_others_are_predicted_from(sides: Callable[..., tuple[Side, Side]]) -> None:
    before, after = sides()
    # One frame in four is a fifth sharper; next to the join stands a sharp one, and a soft one on the other side.
    soft, sharp = np.resize([1.2, 1, 1, 1], before.frames)[::-1], np.resize([1.2, 1, 1, 1], after.frames)
    same = measure_seam(replace(before, sharpness=np.roll(soft, 1)), replace(after, sharpness=sharp)).sharpness
    assert same.step == pytest.approx(0, abs=0.5)
    blurred = measure_seam(replace(before, sharpness=soft), replace(after, sharpness=0.7 * sharp)).sharpness
    assert blurred.step == pytest.approx(-30, abs=0.5)
