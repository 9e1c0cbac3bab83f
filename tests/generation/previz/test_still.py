"""A camera move over a still: starts on the still, looks inward only, is the same whoever asks for it."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kling_post.generation.previz.contract import CameraMove, Element, PictureRequest, Reading, RgbFrame
from kling_post.generation.previz.interior.coarse import Grid
from kling_post.generation.previz.interior.relief import Relief, guessed_relief
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.still import enlargement, filled, move_over_still, source_map, still_path
from kling_post.vocabulary import Size

SIZE = Size(192, 108)
PUSH = CameraMove(kind="dolly", direction=1.0, pace=1.0)


def request(*moves: CameraMove, elements: tuple[str, ...] = (), size: Size = SIZE, frames: int = 24) -> PictureRequest:
    reading = Reading(
        prompt="", place="hall", time_of_day="morning", camera=moves, elements=tuple(Element(key=key, phrase=key) for key in elements)
    )
    return PictureRequest(reading=reading, seed=3, shot_index=0, shot_count=1, size=size, frames=frames, rate=Fraction(24))


def corridor(width: int = 640, height: int = 360, at: tuple[int, int] = (330, 200)) -> RgbFrame:
    """A drawn corridor whose edges meet in ``at``."""
    image = np.full((height, width, 3), 120, np.uint8)
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    for number in range(4):
        cv2.fillConvexPoly(image, np.array([corners[number], corners[(number + 1) % 4], at]), (90 + 40 * number,) * 3)
    for share in np.linspace(0.08, 0.92, 9):
        for start, end in (
            ((0, height * share), at),
            ((width, height * share), at),
            ((width * share, 0), at),
            ((width * share, height), at),
        ):
            cv2.line(image, (round(start[0]), round(start[1])), end, (20, 20, 20), 2, cv2.LINE_AA)
    return image


def landscape(width: int = 640, height: int = 360, horizon: float = 0.45) -> RgbFrame:
    image = np.full((height, width, 3), 205, np.uint8)
    draw = np.random.default_rng(1)
    ground = draw.normal(90, 6, (height - int(height * horizon), width, 1))
    image[int(height * horizon) :] = np.clip(ground, 0, 255).astype(np.uint8)
    return image


def noise(width: int = 640, height: int = 360) -> RgbFrame:
    field = cv2.GaussianBlur(np.random.default_rng(2).normal(0, 1, (height, width)), (0, 0), 9)
    return np.clip(128 + 200 * field[..., None] * np.ones(3), 0, 255).astype(np.uint8)


def test_the_first_frame_is_the_still_but_for_what_drifts() -> None:
    still, _ = filled(corridor(), SIZE)
    first = move_over_still(corridor(), request(PUSH)).frame(0)
    changed = (np.abs(first.astype(int) - still) > 0).any(axis=2).mean()
    assert first.shape == (108, 192, 3)
    assert changed < 0.06


def test_the_same_index_gives_the_same_bytes_in_any_order_and_with_any_threads() -> None:
    wanted = request(PUSH, elements=("snow powder", "paper scraps", "birds", "water", "sunbeams"))
    one, two = move_over_still(corridor(), wanted), move_over_still(corridor(), wanted)
    forward = [one.frame(index).tobytes() for index in (0, 7, 23)]
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        backward = [two.frame(index).tobytes() for index in (23, 7, 0)]
    finally:
        cv2.setNumThreads(before)
    assert forward == backward[::-1]


def test_no_frame_repeats_even_under_a_locked_camera() -> None:
    picture = move_over_still(corridor(), request(CameraMove(kind="static", direction=0.0, pace=1.0)))
    frames = [picture.frame(index) for index in range(6)]
    assert all((a != b).any() for a, b in pairwise(frames))


def test_a_push_in_carries_things_away_from_the_vanishing_point() -> None:
    image = corridor()
    cv2.circle(image, (520, 200), 10, (255, 0, 0), -1)
    picture = move_over_still(image, request(PUSH, size=Size(640, 360), frames=192))

    def place(frame: RgbFrame) -> float:
        red = (frame[..., 0].astype(int) - frame[..., 1] > 90) & (frame[..., 2] < 90)
        return float(np.nonzero(red)[1].mean())

    assert place(picture.frame(0)) == pytest.approx(520, abs=1.5)
    assert place(picture.frame(191)) > 560


def test_the_move_has_no_jump() -> None:
    picture = move_over_still(noise(), request(PUSH, size=Size(320, 180), frames=48))
    steps = [np.abs(picture.frame(index + 1).astype(int) - picture.frame(index)).mean() for index in range(0, 40, 4)]
    assert max(steps[1:]) < 2.5 * np.median(steps)


@pytest.mark.parametrize(("image", "kind"), [(corridor(), "hall"), (landscape(), "landscape"), (noise(), "flat")])
def test_depth_is_guessed_from_what_the_still_shows(image: RgbFrame, kind: str) -> None:
    assert guessed_relief(image).kind == kind


def test_the_vanishing_point_of_a_corridor_is_found() -> None:
    relief = guessed_relief(corridor(at=(330, 200)))
    assert relief.vanishing[0] * 640 == pytest.approx(330, abs=4)
    assert relief.vanishing[1] * 360 == pytest.approx(200, abs=4)
    middle, edge = relief.nearness[100, 165], relief.nearness[100, 5]
    assert edge > 5 * middle


def test_a_still_without_depth_says_so() -> None:
    assert any("flat" in note for note in move_over_still(noise(), request(PUSH)).notes)


def test_a_still_of_another_shape_is_cut_evenly_and_says_so() -> None:
    tall = np.zeros((400, 200, 3), np.uint8)
    tall[150:250] = 255
    fitted, cut = filled(tall, Size(192, 108))
    assert fitted.shape == (108, 192, 3)
    assert cut == pytest.approx(1 - 108 / 192 * 200 / 400, abs=0.01)
    assert fitted.mean() > 200
    assert any("another shape" in note for note in move_over_still(tall, request(PUSH)).notes)


def test_what_drifts_is_reported_as_drawn() -> None:
    picture = move_over_still(corridor(), request(PUSH, elements=("snow powder", "paper scraps", "violinist")))
    assert {"snow powder", "paper scraps"} <= picture.drawn
    assert "violinist" not in picture.drawn


def flat_relief(nearness: float = 0.1) -> Relief:
    return Relief(nearness=np.full((18, 32), nearness, np.float32), vanishing=(0.5, 0.5), focal=0.8, kind="flat")


def test_two_metres_towards_a_wall_ten_metres_away_show_four_fifths_of_it() -> None:
    base = Pose(x=0.0, y=100.0, z=0.0, focal=0.8, horizon=0.5)
    size = Size(320, 180)
    grid = Grid.of(size)
    view = source_map(flat_relief(), replace(base, z=2.0), base, size, grid)
    x = grid.across / 320
    assert view[grid.cells_down // 2, :, 0] == pytest.approx(0.5 + (x - 0.5) * 0.8, abs=1e-5)


def test_a_sideways_metre_shifts_a_wall_by_focal_length_over_distance() -> None:
    base = Pose(x=0.0, y=100.0, z=0.0, focal=0.8, horizon=0.5)
    size = Size(320, 180)
    view = source_map(flat_relief(), replace(base, x=1.0), base, size, Grid.of(size))
    still = source_map(flat_relief(), base, base, size, Grid.of(size))
    assert view[..., 0] - still[..., 0] == pytest.approx(0.8 * 0.1, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(["dolly", "truck", "crane", "pan", "tilt", "zoom", "orbit", "handheld"]),
    direction=st.sampled_from([-1.0, 1.0]),
    pace=st.floats(0.3, 2.0),
)
@example(kind="truck", direction=-1.0, pace=2.0)
def test_no_move_looks_past_the_edges_of_the_still(kind: str, direction: float, pace: float) -> None:
    relief = guessed_relief(corridor())
    path = still_path(relief, (CameraMove(kind=kind, direction=direction, pace=pace),), request(frames=120))
    poses = [path.base, *(path.at(path.duration_seconds * step / 16) for step in range(1, 17))]
    size = Size(320, 180)
    margin = enlargement(relief, poses, size)
    for share in (0.13, 0.5, 0.77, 1.0):
        pose = path.at(path.duration_seconds * share)
        view = source_map(relief, pose, path.base, size, Grid.of(size), margin.at(pose))[2:-2, 2:-2]
        assert view[..., 0].min() > -0.004
        assert view[..., 0].max() < 1.004
        assert view[..., 1].min() > -0.004
        assert view[..., 1].max() < 180 / 320 + 0.004


def test_a_move_into_a_still_is_not_enlarged_besides_and_a_move_along_it_only_as_far_as_it_reaches() -> None:
    flat = Relief(nearness=np.full((180, 320), 0.05, np.float32), vanishing=(0.5, 0.5), focal=0.9, kind="flat")

    def most(kind: str) -> float:
        asked = request(CameraMove(kind=kind, direction=1.0, pace=1.0), frames=96)
        path = still_path(flat, asked.reading.camera, asked)
        poses = (path.base, *(path.at(path.duration_seconds * step / 16) for step in range(1, 17)))
        return enlargement(flat, poses, SIZE).at(poses[-1])

    assert most("dolly") == 0.0
    # Half of 0.12 near distances aside in four of eight seconds, seen through a lens of 0.9 widths: 0.108 half widths.
    assert most("truck") == pytest.approx(1.25 * 0.108, rel=0.05)


def test_a_horizon_is_a_level_line_under_a_smooth_sky_and_nothing_else() -> None:
    assert guessed_relief(landscape(horizon=0.45)).vanishing[1] == pytest.approx(0.45, abs=0.01)
    lighter = np.asarray(255 - landscape(horizon=0.6), np.uint8)
    assert guessed_relief(lighter).kind == "landscape"
    portrait = landscape(horizon=0.5)
    cv2.rectangle(portrait, (170, 40), (470, 359), (150, 120, 110), -1)  # a figure that fills the middle
    assert guessed_relief(portrait).kind == "flat"
    kitchen = landscape(horizon=0.6)
    kitchen[:216] = noise()[:216] + np.random.default_rng(4).integers(0, 60, (216, 640, 1), np.uint8)  # a busy wall over a table
    assert guessed_relief(kitchen).kind == "flat"
