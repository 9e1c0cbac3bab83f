import math

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.seam_leaps import as_coded

RgbFrame = NDArray[np.uint8]


def shots(right: float = 0.0, larger: float = 1.0) -> list[RgbFrame]:
    """Three pictures of a texture of waves, moved and enlarged exactly."""
    random = np.random.default_rng(4)
    x, y = np.meshgrid((np.arange(320) - 159.5 - right) / larger, (np.arange(180) - 89.5) / larger)
    waves = zip(random.uniform(-0.5, 0.5, (40, 2)), random.uniform(0, 2 * np.pi, 40), strict=True)
    picture = 120 + 10 * np.sum([np.cos(across * x + along * y + phase) for (across, along), phase in waves], axis=0)
    return [np.repeat(np.rint(np.clip(picture, 0, 255)).astype(np.uint8)[..., None], 3, axis=2) for _ in range(3)]


def luma(frame: RgbFrame) -> NDArray[np.uint8]:
    return frame[..., 0]


@pytest.mark.parametrize(
    ("right", "larger", "framing", "zoom"),
    # A pixel of 320 is six at 1920.
    [(0.0, 1.0, 0.0, 0.0), (0.125, 1.0, 0.75, 0.0), (0.3, 1.0, 1.8, 0.0), (0.0, 1.002, 0.0, 0.2), (0.125, 1.002, 0.75, 0.2)],
)
def test_the_step_is_where_the_file_shows_the_pictures_whoever_moved_them(right: float, larger: float, framing: float, zoom: float) -> None:
    coded = [luma(frame) for frame in (*shots(), *shots(right, larger))]
    steps = as_coded({"framing": 0.0, "zoom": 0.0, "luma": 1.0}, shots(), shots(), coded)
    assert steps == {"framing": pytest.approx(framing, abs=0.06), "zoom": pytest.approx(zoom, abs=0.01), "luma": 1.0}


def test_brightness_and_contrast_do_not_move_a_picture() -> None:
    coded = [luma(frame) for frame in shots()] + [luma(frame) // 2 + 60 for frame in shots()]
    assert as_coded({"framing": 0.0, "zoom": 0.0}, shots(), shots(), coded)["framing"] == pytest.approx(0, abs=0.06)


def test_a_key_frame_that_stands_beside_its_side_is_no_place_of_it() -> None:
    coded = [luma(frame) for frame in (*shots(), *shots(right=0.3)[:1], *shots()[1:])]
    assert as_coded({"framing": 0.0, "zoom": 0.0}, shots(), shots(), coded)["framing"] == pytest.approx(0, abs=0.06)


def test_framing_is_unknown_where_the_encoder_moves_its_pictures_to_and_fro() -> None:
    coded = [luma(shots(right=right)[0]) for right in (0.0, 0.1, -0.1, 0.1, 0.0, -0.1)]
    steps = as_coded({"framing": 0.75, "zoom": 0.0}, shots(), shots(), coded)
    assert math.isnan(steps["framing"])
    assert steps["zoom"] == pytest.approx(0, abs=0.01)


def test_framing_is_unknown_where_the_last_frames_are_left_behind_by_more_and_more() -> None:
    still = [shots()[0]] * 8
    behind = [luma(shots(right=right)[0]) for right in (0, 0, 0, 0, 0, -0.05, -0.1, -0.15)]
    steps = as_coded({"framing": 0.0, "zoom": 0.0}, still, still, [*behind, *(luma(frame) for frame in still)])
    assert math.isnan(steps["framing"])
    assert steps["zoom"] == pytest.approx(0, abs=0.01)


def test_what_is_unknown_from_the_start_stays_so() -> None:
    coded = [luma(frame) for frame in (*shots(), *shots())]
    assert math.isnan(as_coded({"framing": math.nan, "zoom": 0.0}, shots(), shots(), coded)["framing"])


def test_pictures_without_detail_leave_the_framing_unknown() -> None:
    flat = [np.full((180, 320, 3), 90, np.uint8) for _ in range(3)]
    steps = as_coded({"framing": 0.0, "zoom": 0.0}, flat, flat, [luma(frame) for frame in (*flat, *flat)])
    assert math.isnan(steps["framing"])
