import hashlib
import time
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.generation.previz.burn_in import BurnIn
from kling_post.vocabulary import Size


def label(width: int = 1280, height: int = 720, *, camera: str = "dolly in, slow", first_frame: int = 0) -> BurnIn:
    return BurnIn(
        size=Size(width, height), rate=Fraction(24), shot_id="caravan_1", camera=camera, seed=7, first_frame=first_frame, take_frames=216
    )


def frame(width: int = 1280, height: int = 720, value: int = 128) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


@pytest.mark.parametrize(("width", "height"), [(3840, 2160), (1280, 720), (320, 180), (720, 1280), (960, 960)])
def test_only_two_small_plates_inside_the_safe_border_are_touched(width: int, height: int) -> None:
    picture = frame(width, height)
    burn_in = label(width, height)
    burn_in.draw(picture, 0)
    touched = np.any(picture != 128, axis=2)
    outside = touched.copy()
    for left, top, right, bottom in burn_in.areas():
        assert left >= round(0.035 * width) - 1
        assert right <= width - round(0.035 * width) + 1
        assert top >= round(0.035 * height) - 1
        assert bottom <= height - round(0.035 * height) + 1
        outside[top:bottom, left:right] = False
    assert not outside.any()
    assert touched.any()
    if width >= 1280:
        assert touched.mean() < 0.03


def test_the_picture_shows_through_the_plate() -> None:
    dark, bright = frame(value=40), frame(value=220)
    burn_in = label()
    burn_in.draw(dark, 0)
    burn_in.draw(bright, 0)
    (left, top, right, bottom), _ = burn_in.areas()
    assert bright[top:bottom, left:right].mean() > dark[top:bottom, left:right].mean() + 60


def test_the_label_is_readable_on_white_and_on_black() -> None:
    for value in (0, 255):
        picture = frame(value=value)
        burn_in = label()
        burn_in.draw(picture, 0)
        (left, top, right, bottom), _ = burn_in.areas()
        luma = picture[top:bottom, left:right].astype(float) @ [0.2126, 0.7152, 0.0722]
        plate = np.median(luma)
        assert luma.max() - plate > 50


def test_timecode_changes_from_frame_to_frame_and_the_notice_does_not() -> None:
    first, second = frame(), frame()
    burn_in = label()
    burn_in.draw(first, 0)
    burn_in.draw(second, 1)
    (_, _, _, top_plate_ends), (_, bottom_plate_starts, _, _) = burn_in.areas()
    assert np.array_equal(first[:top_plate_ends], second[:top_plate_ends])
    changed = np.any(first != second, axis=2)
    assert changed[bottom_plate_starts:].any()
    assert changed.mean() < 0.001


def test_a_later_shot_counts_on_in_the_take() -> None:
    one, other = frame(), frame()
    label(first_frame=72).draw(one, 5)
    label(first_frame=0).draw(other, 77)
    assert np.array_equal(one, other)


def test_the_same_frame_gets_the_same_label_in_any_order() -> None:
    burn_in = label()

    def digest(index: int) -> str:
        picture = frame()
        burn_in.draw(picture, index)
        return hashlib.sha256(picture.tobytes()).hexdigest()

    forward = [digest(index) for index in range(5)]
    assert [digest(index) for index in reversed(range(5))] == forward[::-1]
    assert len(set(forward)) == 5


def test_a_narrow_picture_keeps_the_notice_and_drops_the_rest() -> None:
    burn_in = label(240, 426, camera="a move with a very long description that cannot fit")
    (left, _, right, _), _ = burn_in.areas()
    assert right - left <= 240
    wide = label(3840, 2160)
    assert wide.areas()[0][2] - wide.areas()[0][0] < 3840 * 0.4


@pytest.mark.parametrize("width", [32, 64, 80, 120, 200])
def test_a_thumbnail_has_as_much_of_the_label_as_fits(width: int) -> None:
    picture = frame(width, 46)
    label(width, 46).draw(picture, 3)
    assert (picture != 128).any()


def test_no_code_value_wraps_around() -> None:
    picture = frame(value=255)
    label().draw(picture, 215)
    assert picture.min() > 60


def test_a_4k_frame_costs_less_than_twenty_milliseconds_of_cpu() -> None:
    burn_in = label(3840, 2160)
    burn_in.prepare()
    picture = frame(3840, 2160)
    start = time.process_time()
    for index in range(10):
        burn_in.draw(picture, index)
    assert (time.process_time() - start) / 10 < 0.02
