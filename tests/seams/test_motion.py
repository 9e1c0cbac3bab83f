from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.motion import step_between

Scene = Callable[[float], NDArray[np.float32]]


@pytest.mark.parametrize("pixels", [0.2, 1.0, 5.0])
def test_a_pan_is_measured_to_a_tenth_of_a_pixel(scene: Scene, pixels: float) -> None:
    step = step_between(scene(0), scene(pixels))
    assert step.right * 320 == pytest.approx(pixels, abs=0.1)
    assert step.down * 320 == pytest.approx(0, abs=0.1)


def test_a_picture_beside_itself_does_not_move(scene: Scene) -> None:
    step = step_between(scene(3), scene(3))
    assert step.movement == 0
    assert step.likeness == pytest.approx(1, abs=1e-4)


def test_a_step_of_brightness_is_no_movement(scene: Scene) -> None:
    step = step_between(scene(3), scene(3) * np.float32(0.9) + np.float32(0.05))
    assert step.movement * 320 < 0.05
    assert step.likeness > 0.99


def test_a_zoom_is_told_from_a_pan(scene: Scene) -> None:
    grown = cv2.warpAffine(scene(0), cv2.getRotationMatrix2D((159.5, 89.5), 0, 1.02), (320, 180), flags=cv2.INTER_CUBIC)
    step = step_between(scene(0), np.asarray(grown, np.float32))
    assert step.zoom == pytest.approx(0.02, abs=0.002)
    assert step.speed * 320 < 0.1


def test_two_scenes_are_unlike(scene: Scene, other_scene: Scene) -> None:
    assert step_between(scene(0), other_scene(0)).likeness < 0.6


def test_a_small_thing_before_a_locked_camera_is_seen(scene: Scene) -> None:
    before, after = scene(0).copy(), scene(0).copy()
    patch = scene(400)[:72, :120]
    before[50:122, 100:220] = patch
    after[50:122, 103:223] = patch
    step = step_between(before, after)
    assert step.movement * 320 > 1
    assert step.speed * 320 < 0.2
