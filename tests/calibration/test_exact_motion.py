"""The motion signals against movement that is known exactly."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.calibration.exact_motion import Reading, exact_steps, score_motion
from kling_post.calibration.exact_motion_tables import motion_figures, motion_markdown
from kling_post.calibration.footage import Footage, drawn_shot
from kling_post.cli.app import main
from kling_post.generation.previz.geometry.flow import EXACT
from kling_post.generation.previz.geometry.view import Viewed
from kling_post.vocabulary import Size

PAN = "A lake at noon, the camera pans left"
SIZE = Size(320, 180)


def footage(prompt: str) -> Footage:
    return Footage(name="shot", recipe=prompt, draw=lambda _: iter(()), prompt=prompt)


def test_a_pan_moves_the_whole_picture_alike() -> None:
    picture = drawn_shot("Mountains at dawn, the camera pans left", 1, size=SIZE, frames=4)
    assert isinstance(picture, Viewed)
    for flow in exact_steps(picture, 4):
        moved = flow.pixels[flow.known == EXACT]
        assert moved[:, 0].std() < 1e-3
        assert 0.1 < moved[0, 0] < 3  # what is seen goes to the right when the camera turns left
        assert np.abs(moved[:, 1]).max() < 1e-3


def test_footage_without_geometry_has_no_exact_steps() -> None:
    class Nothing:
        def view(self, _: int) -> None:
            return None

        def camera(self, _: int) -> None:
            return None

    with pytest.raises(ValueError, match="no geometry"):
        list(exact_steps(Nothing(), 3))


def test_errors_are_distances_and_the_ratio_is_of_lengths() -> None:
    vectors = Reading(name="v", read=np.array([[3.0, 4.0], [0.0, 0.0]]), true=np.array([[0.0, 0.0], [5.0, 0.0]]))
    assert vectors.error.tolist() == [5.0, 5.0]
    assert vectors.ratio == 1.0
    lengths = Reading(name="l", read=np.array([1.0, 2.0]), true=np.array([2.0, 2.0]))
    assert lengths.error.tolist() == [1.0, 0.0]
    assert lengths.ratio == 0.75


def test_the_signals_read_a_drawn_pan_to_a_fifth_of_a_pixel() -> None:
    (score,) = score_motion([footage("Mountains at dawn, the camera pans left")], crfs=(18,), frames=24, size=SIZE)
    assert score.known > 0.9
    read = {reading.name: reading for reading in score.readings}
    assert float(np.median(read["motion, median vector"].error)) < 0.2
    assert read["motion, median vector"].ratio == pytest.approx(1, abs=0.2)
    assert score.traits_agree
    table = motion_markdown([score])
    assert "| motion, median vector | 18 | 1, 23 |" in table
    told = json.loads(json.dumps(motion_figures([score])))
    assert told["shots"][0]["readings"][0]["name"] == "motion, median vector"


def test_water_has_no_exact_movement_and_is_left_out() -> None:
    (score,) = score_motion([footage("The sea at dusk, static camera, waves")], crfs=(18,), frames=12, size=SIZE)
    assert score.known < 0.6
    assert score.readings == ()


def test_a_users_clip_has_no_known_movement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kling_post.media.encode import FrameWriter

    with FrameWriter(tmp_path / "clip.mp4", size=Size(64, 36), rate=Fraction(24)) as writer:
        writer.write(np.zeros((36, 64, 3), np.uint8))
    assert main(["benchmark", "--motion", "--clips", str(tmp_path), "-q"]) == 2
    assert "a clip's is not" in capsys.readouterr().err
