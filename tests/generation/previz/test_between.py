"""From a first image to a last one: exact at both ends, in register where the place is the same, honest where it is not."""

from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.generation.previz.between import go_between
from kling_post.generation.previz.contract import CameraMove, PictureRequest, Reading, RgbFrame
from kling_post.generation.previz.interior.alignment import Alignment, align
from kling_post.generation.previz.interior.turning import Turning, turning_between
from kling_post.vocabulary import Size

SIZE = Size(320, 180)
STATIC = CameraMove(kind="static", direction=0.0, pace=1.0)
PUSH = CameraMove(kind="dolly", direction=1.0, pace=1.0)


def request(*moves: CameraMove, frames: int = 25, size: Size = SIZE) -> PictureRequest:
    reading = Reading(prompt="", place="hall", time_of_day="morning", camera=moves or (STATIC,))
    return PictureRequest(reading=reading, seed=3, shot_index=0, shot_count=1, size=size, frames=frames, rate=Fraction(24))


def textured(seed: int, width: int = 640, height: int = 360) -> RgbFrame:
    """Blocks of many sizes: plenty to match."""
    draw = np.random.default_rng(seed)
    image = np.full((height, width, 3), 128, np.uint8)
    for _ in range(420):
        x, y, w, h = draw.integers(0, width), draw.integers(0, height), draw.integers(4, 44), draw.integers(4, 44)
        cv2.rectangle(image, (int(x), int(y)), (int(x + w), int(y + h)), tuple(int(v) for v in draw.integers(0, 255, 3)), -1)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8), np.uint8)


def shifted(image: RgbFrame, across: int) -> RgbFrame:
    return np.ascontiguousarray(np.roll(image, across, axis=1))


def changed_share(a: RgbFrame, b: RgbFrame) -> float:
    return float((np.abs(a.astype(int) - b) > 0).any(axis=2).mean())


def small(image: RgbFrame) -> RgbFrame:
    return np.asarray(cv2.resize(image, (320, 180), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize("last_seed", [1, 2])
def test_the_ends_are_the_given_images_but_for_what_drifts(last_seed: int) -> None:
    first, last = textured(1), textured(last_seed)
    picture = go_between(first, last, request(PUSH))
    assert changed_share(picture.frame(0), small(first)) < 0.06
    assert changed_share(picture.frame(24), small(last)) < 0.06


def test_what_both_images_share_stays_sharp_all_the_way() -> None:
    first = textured(1)
    last = first.copy()
    last[60:160, 80:240] = (40, 160, 50)
    picture = go_between(first, last, request())
    middle, left = picture.frame(12), small(first)
    assert changed_share(middle[:, 180:], left[:, 180:]) < 0.06


def test_what_is_new_comes_bit_by_bit() -> None:
    first = textured(1)
    last = first.copy()
    last[60:300, 80:560] = (40, 160, 50)
    picture = go_between(first, last, request())
    begin, end, middle = (picture.frame(index)[40:140, 60:260].astype(int) for index in (0, 24, 12))
    arrived = (np.abs(middle - end).sum(axis=2) < 24).mean()
    waiting = (np.abs(middle - begin).sum(axis=2) < 24).mean()
    assert arrived > 0.1
    assert waiting > 0.1


def test_the_same_view_is_recognised() -> None:
    first = textured(1)
    last = np.clip(first.astype(int) + 14, 0, 255).astype(np.uint8)
    found = align(first, last)
    assert found.kind == "same"
    assert "same place" in found.note


def test_a_shift_between_the_images_is_measured() -> None:
    found = align(textured(1), shifted(textured(1), 32))
    assert found.kind == "moved"
    assert found.homography[0, 2] / found.homography[2, 2] == pytest.approx(32 / 640, abs=0.002)


def test_halfway_things_are_halfway() -> None:
    first = textured(1)
    last = shifted(first, 32)
    picture = go_between(first, last, request(frames=3))
    middle = picture.frame(1)
    expected = small(shifted(first, 16))
    inside = (slice(20, 160), slice(40, 280))
    here = np.abs(middle[inside].astype(int) - expected[inside]).mean()
    ends = np.abs(small(first)[inside].astype(int) - expected[inside]).mean()
    assert here < 0.25 * ends


def test_unlike_images_are_joined_by_a_dissolve_that_is_named() -> None:
    picture = go_between(textured(1), textured(2), request())
    assert any("no common geometry" in note and "dissolve" in note for note in picture.notes)
    middle = picture.frame(12).astype(int)
    blend = (small(textured(1)).astype(int) + small(textured(2))) / 2
    assert np.abs(middle - blend).mean() < 4


def test_the_same_index_gives_the_same_bytes_in_any_order_and_with_any_threads() -> None:
    first, last = textured(1), textured(1)[::-1].copy()
    one = [go_between(first, last, request(PUSH)).frame(index).tobytes() for index in (3, 17)]
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        picture = go_between(first, last, request(PUSH))
        two = [picture.frame(index).tobytes() for index in (17, 3)]
    finally:
        cv2.setNumThreads(before)
    assert one == two[::-1]


def test_no_frame_jumps() -> None:
    picture = go_between(textured(1), textured(2), request(PUSH, frames=49))
    steps = [np.abs(picture.frame(index + 1).astype(int) - picture.frame(index)).mean() for index in range(48)]
    assert max(steps) < 6 * np.median(steps)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_every_place_turns_once_from_nothing_to_all(seed: int) -> None:
    draw = np.random.default_rng(seed)
    length = draw.uniform(0.2, 1.0, (9, 16)).astype(np.float32)
    turning = Turning(start=np.asarray(draw.random((9, 16)) * (1 - length), np.float32), length=length)
    shares = [turning.share(at, Size(32, 18)) for at in np.linspace(0, 1, 11)]
    assert shares[0].max() == 0
    assert shares[-1].min() == pytest.approx(1, abs=1e-5)
    assert all((b >= a - 1e-6).all() for a, b in pairwise(shares))


def test_what_differs_in_light_only_turns_slowly_and_what_is_new_quickly() -> None:
    first = textured(1)
    last = np.clip(first.astype(int) + 10, 0, 255).astype(np.uint8)
    last[100:200, 100:300] = (30, 200, 40)
    turning = turning_between(first, last, align(first, last), 3)
    assert turning.length[130:170, 150:250].mean() < 0.4
    assert turning.length[260:, 400:].mean() > 0.9


def test_only_what_has_grown_green_comes_leaf_by_leaf() -> None:
    draw = np.random.default_rng(8)
    first = np.asarray(cv2.GaussianBlur(draw.integers(60, 190, (180, 320, 1), np.uint8).repeat(3, axis=2), (0, 0), 2), np.uint8)
    moved, grown = first.copy(), first.copy()
    moved[40:120, 120:200] = (190, 130, 100)  # a hand
    grown[40:120, 120:200] = draw.integers(20, 60, (80, 80, 1)) + np.array([10, 90, 0])
    same = Alignment(kind="same", homography=np.eye(3), flow=None, matched=0, aspect=180 / 320)
    patch = np.s_[60:100, 140:180]
    assert turning_between(first, moved, same, 1).length[patch].min() > 0.95
    assert turning_between(first, np.asarray(grown, np.uint8), same, 1).length[patch].max() < 0.5
