"""One transform is fitted, the simplest that does, and never further than a repair may go."""

import numpy as np
import pytest

from kling_post.edit.colour import ColourTransform
from kling_post.repair.fit_colour import between, fit_colour, within_bounds
from kling_post.repair.matching import Matched


def pixels(transform: ColourTransform, *, noise: float = 0.01, count: int = 4000) -> Matched:
    """Pixels of an outgoing picture, and the same ones as ``transform`` would have made them from the incoming."""
    random = np.random.default_rng(8)
    light = random.uniform(0.1, 0.8, (count, 1))
    incoming = np.clip(light + random.normal(0, 0.08, (count, 3)), 0.05, 0.9)
    outgoing = transform.apply(incoming) + random.normal(0, noise, (count, 3))
    return Matched(incoming=incoming, outgoing=outgoing, tile=np.arange(count) // 40, share=0.4)


@pytest.mark.parametrize(
    "made",
    [
        ColourTransform(slope=(0.95, 0.95, 0.95)),
        ColourTransform(slope=(0.94, 1.0, 1.06)),
        ColourTransform(slope=(0.92, 0.92, 0.92), offset=(0.04, 0.04, 0.04)),
        ColourTransform(power=(1.1, 1.1, 1.1)),
        ColourTransform(saturation=1.12),
    ],
)
def test_a_known_change_is_found_as_a_cdl(made: ColourTransform) -> None:
    fitted = fit_colour(pixels(made))
    assert fitted is not None
    assert fitted.transform.is_cdl
    assert not fitted.bounded
    greys = np.array([[0.2, 0.2, 0.2], [0.5, 0.5, 0.5], [0.6, 0.4, 0.3]])
    assert np.abs(fitted.transform.apply(greys) - made.apply(greys)).max() < 0.005
    assert fitted.after_delta_e_itp < fitted.before_delta_e_itp / 2


def test_the_simplest_transform_that_does_is_taken() -> None:
    fitted = fit_colour(pixels(ColourTransform(slope=(0.94, 1.0, 1.06))))
    assert fitted is not None
    assert fitted.transform.offset == (0.0, 0.0, 0.0)
    assert fitted.transform.power == (1.0, 1.0, 1.0)
    assert fitted.transform.saturation == 1.0


def test_a_cast_that_depends_on_hue_needs_a_matrix() -> None:
    rows = ((1.0, 0.1, -0.08), (0.1, 1.0, 0.06), (-0.08, 0.06, 1.05))
    fitted = fit_colour(pixels(ColourTransform(matrix=rows), noise=0.003))
    assert fitted is not None
    assert not fitted.transform.is_cdl
    assert fitted.after_delta_e_itp < fitted.before_delta_e_itp / 2


def test_a_fit_that_goes_too_far_is_held_at_its_bounds_and_says_so() -> None:
    fitted = fit_colour(pixels(ColourTransform(slope=(0.5, 0.5, 0.5))))
    assert fitted is not None
    assert fitted.bounded
    assert within_bounds(fitted.transform)
    grey = np.array([0.6, 0.6, 0.6])
    assert fitted.transform.apply(grey) == pytest.approx(0.67 * grey, abs=0.02)


def test_what_the_clip_before_is_shown_with_is_what_is_matched() -> None:
    shown = ColourTransform(slope=(0.9, 0.9, 0.9))
    fitted = fit_colour(pixels(ColourTransform()), target=shown)
    assert fitted is not None
    assert fitted.transform.slope == pytest.approx((0.9, 0.9, 0.9), abs=0.005)


def test_too_few_pixels_give_no_transform() -> None:
    assert fit_colour(pixels(ColourTransform(), count=200)) is None


def test_half_of_a_transform_is_half_way() -> None:
    half = between(ColourTransform(), ColourTransform(slope=(0.81, 1.0, 1.0), offset=(0.1, 0.0, 0.0)), 0.5)
    assert half.slope[0] == pytest.approx(0.9)
    assert half.offset[0] == pytest.approx(0.05)
