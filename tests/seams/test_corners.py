from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.corners import nearest_jump

Picture = NDArray[np.float32]
Scene = Callable[[float], Picture]


def grown(picture: Picture, by: float) -> Picture:
    rows, columns = picture.shape
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), 0, 1 + by)
    return np.asarray(cv2.warpAffine(picture, matrix, (columns, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.float32)


def shot(scene: Scene, *, leap: float = 0.0, grows: float = 0.0, frames: int = 10) -> list[Picture]:
    """A pan of 1.5 pixels of 320 a frame that jumps between its halves."""
    pictures = [scene(1.5 * place + (leap if place >= frames // 2 else 0.0)) for place in range(frames)]
    return [*pictures[: frames // 2], *(grown(picture, grows) for picture in pictures[frames // 2 :])]


@pytest.mark.parametrize("leap", [0.0, 0.1, -0.3, 2.0])
def test_corners_see_how_far_a_pan_jumps(scene: Scene, leap: float) -> None:
    witness = nearest_jump(shot(scene, leap=leap), 5)
    assert witness is not None
    assert 320 * witness.leap[:2] == pytest.approx((leap, 0), abs=0.04)
    assert witness.leap[2] == pytest.approx(0, abs=3e-4)
    assert np.abs(320 * witness.within[:, :2]).max() < 0.05


def test_corners_see_how_far_a_picture_grows(scene: Scene) -> None:
    witness = nearest_jump(shot(scene, grows=0.002), 5)
    assert witness is not None
    assert witness.leap[2] == pytest.approx(0.002, rel=0.15)


def test_a_camera_that_turns_back_at_the_join_does_not_jump(scene: Scene) -> None:
    path = [0, 3, 5.5, 7.5, 9, 10, 10.5, 10.5, 10, 9, 7.5, 5.5]
    witness = nearest_jump([scene(place) for place in path], 6)
    assert witness is not None
    assert abs(320 * witness.leap[0]) < 0.06


def test_few_frames_or_a_plain_picture_say_nothing(scene: Scene) -> None:
    plain = [np.full((180, 320), 0.4, np.float32) for _ in range(10)]
    assert nearest_jump(plain, 5) is None
    assert nearest_jump(shot(scene)[:2], 1) is None
    assert nearest_jump(shot(scene), 1) is None


def test_a_join_beside_other_pictures_without_corners_is_not_asked(scene: Scene) -> None:
    pictures = shot(scene)
    plain = [np.full((180, 320), 0.4, np.float32) for _ in range(12)]
    assert nearest_jump([*plain, *pictures, *plain], len(plain) + 5) is None


def test_a_change_of_pace_is_what_the_steps_after_have_more_than_those_before(scene: Scene) -> None:
    path = [1.0 * place for place in range(16)] + [15 + 2.5 * place for place in range(1, 17)]
    witness = nearest_jump([scene(place) for place in path], 16)
    assert witness is not None
    assert witness.pace[0] * 320 == pytest.approx(1.5, abs=0.1)
    assert np.abs(witness.pace_within[:, 0]).max() * 320 < 0.1


def test_sides_of_few_frames_say_nothing_of_the_pace(scene: Scene) -> None:
    witness = nearest_jump([scene(place) for place in range(8)], 4)
    assert witness is not None
    assert np.isnan(witness.pace).all()
    assert not len(witness.pace_within)
