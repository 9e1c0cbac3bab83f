from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.aligned import LOOKS, change, curve_of, small_pictures
from kling_post.seams.motion import STANDING, Step
from kling_post.seams.side import Side

Picture = NDArray[np.float32]
Scene = Callable[[float], Picture]
COLOURS = slice(LOOKS.index("intensity"), LOOKS.index("protan") + 1)
BLACK, CONTRAST = LOOKS.index("black"), LOOKS.index("contrast")


def side_of_pictures(pictures: list[Picture]) -> Side:
    none = np.zeros((len(pictures), *pictures[0].shape), np.float32)
    return Side(luma=np.stack(pictures), chroma_blue=none, chroma_red=none, sharpness=np.ones(len(pictures)))


def curve(pictures: list[Picture], step: Step = STANDING) -> NDArray[np.float64]:
    return curve_of(small_pictures(side_of_pictures(pictures)), [step] * (len(pictures) - 1))


def test_a_dark_thing_that_grows_is_no_step_of_black_and_of_contrast(scene: Scene) -> None:
    pictures = []
    for columns in range(12, 22):
        # From 3.75 to 6.6 per cent of the picture.
        picture = scene(0)
        picture[:, :columns] = 0.02
        pictures.append(picture)
    looks = curve(pictures)
    assert np.percentile(pictures[0], 5) - np.percentile(pictures[-1], 5) > 0.15
    assert np.abs(looks[:, [BLACK, CONTRAST]]).max() < 0.005


@pytest.mark.parametrize("pixels", [0.3, 0.7, 3.3])
def test_a_pan_by_parts_of_pixels_keeps_black_and_contrast_whatever_comes_into_the_picture(scene: Scene, pixels: float) -> None:
    looks = curve([scene(pixels * place) for place in range(14)], replace(STANDING, right=pixels / 320))
    assert np.abs(looks[:, [BLACK, CONTRAST]]).max() < 0.002


def test_a_coloured_thing_that_is_pushed_into_the_picture_is_no_step_of_colour(scene: Scene, other_scene: Scene) -> None:
    pictures, reds = [], []
    for place in range(8):
        picture, red = scene(0), np.zeros_like(scene(0))
        wide = 6 * place + 1
        picture[60:120, :wide], red[60:120, :wide] = other_scene(0)[60:120, 60 - wide : 60], 0.3
        pictures.append(picture)
        reds.append(red)
    side = replace(side_of_pictures(pictures), chroma_red=np.stack(reds))
    looks = curve_of(small_pictures(side), [STANDING] * 7)
    means = small_pictures(side).means.mean(axis=(1, 2))
    redder = means[-1, LOOKS.index("protan")] - means[0, LOOKS.index("protan")]
    assert redder > 0.004
    assert np.abs(looks[:, COLOURS]).max() < 0.3 * redder


def test_contrast_that_rises_is_followed_while_the_camera_pans(scene: Scene) -> None:
    pictures = [np.asarray(0.5 + (1 + 0.02 * place) * (scene(3.3 * place) - 0.5), np.float32) for place in range(8)]
    looks = curve(pictures, replace(STANDING, right=3.3 / 320))
    assert looks[:, CONTRAST] == pytest.approx(np.log(1 + 0.02 * np.arange(8)), abs=0.001)


def test_black_that_is_lifted_is_followed_alone(scene: Scene) -> None:
    lifted = [np.asarray(scene(1.5 * place) + 0.01 * place, np.float32) for place in range(8)]
    looks = curve(lifted, replace(STANDING, right=1.5 / 320))
    assert looks[:, BLACK] == pytest.approx(0.01 * np.arange(8), abs=0.0005)
    assert np.abs(looks[:, CONTRAST]).max() < 0.002


def test_grain_is_no_contrast(scene: Scene) -> None:
    random = np.random.default_rng(2)
    grainy = [np.asarray(scene(0) + random.normal(0, 0.02, scene(0).shape), np.float32) for _ in range(3)]
    # Of grain of 5 codes, against a contrast of 40 %.
    assert abs(curve([scene(0), *grainy])[1:, CONTRAST]).max() < 0.01


def test_pictures_that_are_nothing_alike_are_compared_by_their_own_ends(scene: Scene, other_scene: Scene) -> None:
    one, other = scene(0), np.asarray(0.5 + 1.3 * (other_scene(0) - 0.5), np.float32)
    both = small_pictures(side_of_pictures([one, other]))
    looks = change(both, 0, both, 1, replace(STANDING, likeness=0.1))
    (dark, light), (dark_after, light_after) = (np.percentile(picture, (5, 95)) for picture in (one, other))
    assert looks[BLACK] == pytest.approx(dark_after - dark, abs=0.005)
    assert looks[CONTRAST] == pytest.approx(np.log((light_after - dark_after) / (light - dark)), abs=0.01)
