"""Marks that stand still over a moving picture are found at their place; scenes, signs and labelled previews are left alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity, TakePlan

FRAMES = 64


def lettering(rows: int = 180, columns: int = 320, *, top: int, left: int) -> Any:
    """Seven letters of four strokes each, 12 lines high, 1 where they cover the picture."""
    cover = np.zeros((rows, columns))
    for letter in range(7):
        at = left + 9 * letter
        cover[top : top + 12, at : at + 2] = cover[top : top + 12, at + 5 : at + 7] = 1
        cover[top : top + 2, at : at + 7] = cover[top + 5 : top + 7, at : at + 7] = 1
    return cover


def marked(make: Any, cover: Any, opacity: float = 1.0, speed: float = 2.0, grain: float = 1.0) -> Any:
    pictures = [picture + (235 - picture) * cover * opacity for picture in make.pan(FRAMES, speed)]
    return make.clip(pictures=pictures, grain=grain).subject(signals=("overlay",))


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_a_mark_at_the_bottom_right_is_for_review_with_its_area(make: Any, opacity: float) -> None:
    (finding,) = make.ask("text", marked(make, lettering(top=160, left=240), opacity)).findings
    assert finding.severity is Severity.REVIEW
    assert finding.frames == FrameRange(0, 64)
    assert "bottom right" in finding.message
    assert finding.area.left == pytest.approx(240 / 320, abs=0.03)
    assert finding.area.right == pytest.approx(303 / 320, abs=0.03)
    assert finding.area.top == pytest.approx(160 / 180, abs=0.05)


def measured(clip: Any, *, ink: float, across: float, down: float, ground: float = 0.1) -> Any:
    """A subject whose picture moves by its numbers, with strokes in ten cells at the bottom right."""
    cells = np.s_[:, 33, 50:60]
    maps = {name: np.zeros((1, 36, 64)) for name in ("ink", "lopsided")}
    maps |= {"still": np.full((1, 36, 64), ground), "texture": np.full((1, 36, 64), 10.0), "directions": np.zeros((1, 3, 36, 64))}
    maps["ink"][cells], maps["lopsided"][cells] = ink, 0.3
    maps["directions"][:, :2, 33, 50:60] = np.array([across, down])[:, None]
    return replace(clip, signals={"overlay": {"span": np.array([[0.0, 64.0]]), **maps}})


def test_a_faint_mark_is_found_where_all_around_it_moves(make: Any) -> None:
    clip = make.clip(pictures=make.pan(8, 2.0)).subject(signals=())
    assert len(make.ask("text", measured(clip, ink=0.25, across=6, down=4)).findings) == 1
    assert make.ask("text", measured(clip, ink=0.12, across=6, down=4)).findings == ()
    # As faint, and among things that stand still themselves; as faint, and every stroke upright.
    assert make.ask("text", measured(clip, ink=0.25, across=6, down=4, ground=0.5)).findings == ()
    assert make.ask("text", measured(clip, ink=0.25, across=8, down=2)).findings == ()


def test_a_line_beside_a_mark_does_not_speak_for_a_blurred_picture(make: Any) -> None:
    subject = measured(make.clip(pictures=make.pan(8, 2.0)).subject(signals=()), ink=0.6, across=6, down=4)
    overlay = subject.signals["overlay"]
    overlay["texture"][:, 31:, 40:] = 2.0
    for rows in (31, 35):
        overlay["texture"][0, rows, 44:64] = overlay["directions"][0, 0, rows, 44:64] = 10.0
        overlay["ink"][0, rows, 44:64], overlay["still"][0, rows, 44:64] = 0.5, 0.9
    (finding,) = make.ask("text", subject).findings
    assert "bottom right" in finding.message


def test_rails_along_which_the_camera_travels_are_no_text(make: Any) -> None:
    # They stand still as lettering does, but all run one way.
    rails = np.zeros((180, 320))
    for left in range(240, 300, 7):
        rails[140:, left : left + 2] = 1
    subject = marked(make, rails)
    assert make.ask("text", subject).findings == ()
    assert make.ask("text", subject, one_way=1.0).findings != ()


def test_two_marks_are_two_findings(make: Any) -> None:
    cover = lettering(top=160, left=240) + lettering(top=8, left=16)
    places = {finding.message.split(" at the ")[1].split(",")[0] for finding in make.ask("text", marked(make, cover)).findings}
    assert places == {"bottom right", "top left"}


def test_an_engine_that_labels_its_frames_is_known_by_the_plan(make: Any) -> None:
    subject = marked(make, lettering(top=160, left=240))
    assert make.ask("text", replace(subject, plan=TakePlan(drawn=True))).findings == ()


@pytest.mark.parametrize("speed", [0.0, 0.3, 2.0, 7.0])
def test_a_scene_without_marks_is_silent_at_any_speed(make: Any, speed: float) -> None:
    assert make.ask("text", make.clip(pictures=make.pan(FRAMES, speed), grain=1).subject(signals=("overlay",))).findings == ()


def test_over_a_still_picture_nothing_is_claimed(make: Any) -> None:
    assert make.ask("text", marked(make, lettering(top=160, left=240), speed=0.0)).findings == ()


def test_the_edge_of_a_thing_that_stands_still_is_no_text(make: Any) -> None:
    bonnet = np.zeros((180, 320))
    bonnet[150:] = 1
    assert make.ask("text", marked(make, bonnet, 0.8)).findings == ()


def test_a_clip_shorter_than_eight_looks_says_nothing(make: Any) -> None:
    pictures = [picture + (235 - picture) * lettering(top=160, left=240) for picture in make.pan(40, 2.0)]
    assert make.ask("text", make.clip(pictures=pictures).subject(signals=("overlay",))).findings == ()
