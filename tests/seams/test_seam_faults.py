"""Known faults put into a join of a shot that goes on, and what the scorecard says of them."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.inspect import evidence_of
from kling_post.seams.judge import judge_seam
from kling_post.seams.side import Side
from kling_post.seams.sound import SoundStep
from kling_post.vocabulary import FrameRange, JoinKind, SeamReport, Severity, Verdict

Scene = Callable[[float], NDArray[np.float32]]
Sides = Callable[..., tuple[Side, Side]]
OneSide = Callable[..., Side]


def report_of(outgoing: Side, incoming: Side, planned: JoinKind = JoinKind.CONTINUE, sound: SoundStep | None = None) -> SeamReport:
    return judge_seam(evidence_of(outgoing, incoming, sound), outgoing="a_1", incoming="a_2", record_frame=72, planned=planned)


def found(report: SeamReport) -> dict[str, Severity]:
    return {finding.check: finding.severity for finding in report.judgement.findings}


def test_a_shot_that_simply_goes_on_passes(sides: Sides) -> None:
    report = report_of(*sides())
    assert (report.seen, report.judgement.verdict) == (JoinKind.CONTINUE, Verdict.PASS)


def test_a_slow_shot_that_simply_goes_on_passes(sides: Sides) -> None:
    report = report_of(*sides(speed=0.3))
    assert (report.seen, report.judgement.verdict) == (JoinKind.CONTINUE, Verdict.PASS)


def test_a_step_of_brightness_is_measured_and_fails(sides: Sides) -> None:
    report = report_of(*sides(change=lambda picture: picture + np.float32(0.03)))
    luma = next(row for row in report.properties if row.name == "luma")
    assert luma.measured == pytest.approx(3.0, abs=0.3)
    assert luma.severity is Severity.FAIL
    assert "velocity" not in {row.name for row in report.properties if row.severity}


def test_a_picture_that_brightens_steadily_is_no_step(scene: Scene, sides: Sides) -> None:
    outgoing, _ = sides()
    ramp = (0.004 * np.arange(24, dtype=np.float32))[:, None, None]
    whole = np.stack([scene(1.5 * place) for place in range(24)]) + ramp
    half = [
        Side(luma=part, chroma_blue=outgoing.chroma_blue, chroma_red=outgoing.chroma_red, sharpness=outgoing.sharpness)
        for part in (whole[:12], whole[12:])
    ]
    luma = next(row for row in report_of(half[0], half[1]).properties if row.name == "luma")
    assert luma.measured == pytest.approx(0, abs=0.3)


def test_a_shift_of_colour_alone_is_a_step_of_colour(sides: Sides) -> None:
    report = report_of(*sides(blue=0.06))
    assert found(report)["seam.colour"] is Severity.FAIL
    assert "seam.luma" not in found(report)


def test_a_softer_clip_loses_fine_detail(sides: Sides) -> None:
    from scipy.ndimage import gaussian_filter

    report = report_of(*sides(change=lambda picture: gaussian_filter(picture, 1.2), grain=0.001))
    sharpness = next(row for row in report.properties if row.name == "sharpness")
    assert sharpness.measured < -20
    assert sharpness.severity is Severity.REVIEW


@pytest.mark.parametrize("repeated", [1, 2, 5, 11])
def test_repeated_frames_are_counted(sides: Sides, repeated: int) -> None:
    report = report_of(*sides(first=12 - repeated))
    rows = {row.name: row for row in report.properties}
    assert rows["repeated frames"].measured == repeated
    assert rows["repeated frames"].severity is Severity.FAIL
    finding = report.judgement.findings[-1]
    assert (finding.check, finding.severity) == ("seam.repeated_frames", Severity.FAIL)
    assert finding.remedy.startswith(f"Trim {repeated} frame")


def test_a_repeated_frame_is_found_in_a_slow_shot_under_grain(sides: Sides) -> None:
    assert found(report_of(*sides(first=11, speed=0.3, grain=0.012)))["seam.repeated_frames"] is Severity.FAIL


def test_a_held_head_is_counted_and_not_taken_for_a_repeat(scene: Scene, sides: Sides, side: OneSide) -> None:
    outgoing, _ = sides()
    incoming = side([scene(1.5 * (12 + max(0, place - 5))) for place in range(12)], seed=5)
    rows = {row.name: row for row in report_of(outgoing, incoming).properties}
    assert rows["held frames"].measured == 5
    assert rows["repeated frames"].measured == 0


def test_skipped_frames_are_counted_and_are_no_jump_of_the_framing(sides: Sides) -> None:
    report = report_of(*sides(first=16))
    rows = {row.name: row for row in report.properties}
    assert (rows["skipped frames"].measured, rows["skipped frames"].severity) == (4, Severity.REVIEW)
    # Four frames of 1.5 pixels at a width of 320 are 36 pixels at 1920, which the movement accounts for.
    assert rows["framing"].measured < 2


def test_a_jump_across_the_movement_is_one_of_the_framing(scene: Scene, sides: Sides, side: OneSide) -> None:
    outgoing, incoming = sides()
    down = side([np.roll(picture, 2, axis=0) for picture in incoming.luma], seed=6, grain=0)
    rows = {row.name: row for row in report_of(outgoing, down).properties}
    # Two pixels at a width of 320 are 12 at 1920.
    assert rows["framing"].measured == pytest.approx(12, abs=1)
    assert rows["framing"].severity is Severity.FAIL
    assert (rows["skipped frames"].measured, rows["repeated frames"].measured) == (0, 0)


@pytest.mark.parametrize("lighter", [[0.06], [0.06, 0.04], [0.06, 0.06]])
def test_one_odd_frame_after_the_join_or_two_are_a_flash(sides: Sides, lighter: list[float]) -> None:
    outgoing, incoming = sides()
    luma = incoming.luma.copy()
    luma[: len(lighter)] += np.array(lighter, np.float32)[:, None, None]
    odd = Side(luma=luma, chroma_blue=incoming.chroma_blue, chroma_red=incoming.chroma_red, sharpness=incoming.sharpness)
    assert found(report_of(outgoing, odd))["seam.flash"] is Severity.FAIL


def lit(side: Side, more: list[float]) -> Side:
    """The same pictures, each so much lighter."""
    luma = side.luma + np.array(more, np.float32)[:, None, None]
    return Side(luma=luma, chroma_blue=side.chroma_blue, chroma_red=side.chroma_red, sharpness=side.sharpness)


def test_a_light_that_comes_on_around_the_join_is_no_flash(sides: Sides) -> None:
    outgoing, incoming = sides()
    turning = lit(outgoing, [0.0] * 11 + [0.03]), lit(incoming, [0.06] * 12)
    assert "seam.flash" not in found(report_of(*turning))
    assert found(report_of(lit(outgoing, [0.0] * 11 + [0.06]), incoming))["seam.flash"] is Severity.FAIL


def test_twins_of_a_shot_that_brightens_ever_faster_show_no_step(sides: Sides) -> None:
    outgoing, incoming = sides(first=4)
    brighter = [0.001 * place**2 for place in range(16)]
    report = report_of(lit(outgoing, brighter[:12]), lit(incoming, brighter[4:]))
    rows = {row.name: row for row in report.properties}
    assert rows["repeated frames"].measured == 8
    assert rows["luma"].measured == pytest.approx(0, abs=0.2)


def test_at_a_planned_cut_everything_may_step(sides: Sides, other_scene: Scene, side: OneSide) -> None:
    outgoing, _ = sides()
    incoming = side([picture + np.float32(0.1) for picture in [other_scene(2.0 * place) for place in range(12)]], blue=-0.1, seed=3)
    report = report_of(outgoing, incoming, JoinKind.CUT)
    assert (report.seen, report.judgement.verdict) == (JoinKind.CUT, Verdict.PASS)
    assert {row.name for row in report.properties} >= {"luma", "colour", "contrast"}


def test_a_cut_that_comes_two_frames_late_leaves_two_stray_frames(scene: Scene, other_scene: Scene, sides: Sides, side: OneSide) -> None:
    outgoing, _ = sides()
    incoming = side([scene(18.0), scene(19.5)] + [other_scene(1.0 * place) for place in range(10)], seed=3)
    report = report_of(outgoing, incoming, JoinKind.CUT)
    stray = next(row for row in report.properties if row.name == "stray frames")
    assert (stray.measured, stray.severity) == (2, Severity.FAIL)
    finding = next(finding for finding in report.judgement.findings if finding.check == "seam.stray_frames")
    assert "2 frames after the join" in finding.message
    assert finding.remedy == "Move the join by +2 frames."


def test_a_cut_where_the_shot_was_to_go_on_is_one_fault_and_not_ten(sides: Sides, other_scene: Scene, side: OneSide) -> None:
    outgoing, _ = sides()
    report = report_of(outgoing, side([other_scene(1.0 * place) for place in range(12)], seed=3, red=-0.1))
    assert found(report) == {"seam.kind": Severity.FAIL}


def test_a_planned_cut_that_is_not_to_be_seen_is_said(sides: Sides) -> None:
    assert found(report_of(*sides(), JoinKind.CUT)) == {"seam.kind": Severity.REVIEW}


def test_a_dissolve_is_told_from_a_cut(scene: Scene, other_scene: Scene, side: OneSide) -> None:
    shares = np.clip((np.arange(24) - 7) / 10, 0, 1).astype(np.float32)
    mixed = [(1 - share) * scene(0.5 * place) + share * other_scene(0.5 * place) for place, share in enumerate(shares)]
    report = report_of(side(mixed[:12]), side(mixed[12:], seed=4), JoinKind.CUT)
    assert report.seen is JoinKind.DISSOLVE
    assert found(report)["seam.kind"] is Severity.REVIEW


def test_a_still_shot_leaves_the_question_of_repeats_open(sides: Sides) -> None:
    report = report_of(*sides(speed=0.0))
    assert report.judgement.verdict is Verdict.UNDETERMINED
    assert [question.check for question in report.judgement.undetermined] == ["seam.repeated_frames"]


def test_footage_on_twos_leaves_the_question_of_repeats_open(scene: Scene, side: OneSide) -> None:
    twos = [scene(3.0 * (place // 2)) for place in range(25)]
    report = report_of(side(twos[1:13], seed=1), side(twos[13:25], seed=2))
    assert [question.check for question in report.judgement.undetermined] == ["seam.repeated_frames"]
    assert "on twos" in report.judgement.undetermined[0].reason
    assert not {"seam.repeated_frames", "seam.held_frames"} & set(found(report))


def test_a_shot_that_comes_to_rest_repeats_nothing(scene: Scene, side: OneSide) -> None:
    places = np.concatenate([1.5 * np.arange(12), 16.5 + 1.5 * np.cumsum(0.8 ** np.arange(1, 13))])
    report = report_of(side([scene(place) for place in places[:12]], seed=1), side([scene(place) for place in places[12:]], seed=2))
    assert {row.name: row.measured for row in report.properties}["repeated frames"] == 0


def test_a_jump_of_loudness_counts_more_inside_a_shot_than_at_a_cut(sides: Sides) -> None:
    sound = SoundStep(loudness_before_lufs=-20.0, loudness_after_lufs=-26.0, click_ratio=0.0)
    assert found(report_of(*sides(), sound=sound)) == {"seam.loudness": Severity.REVIEW}
    assert "seam.loudness" not in found(report_of(*sides(), JoinKind.CUT, sound=sound))


def test_findings_count_frames_on_the_timeline(sides: Sides) -> None:
    finding = report_of(*sides(first=10)).judgement.findings[0]
    assert finding.frames == FrameRange(71, 74)


def test_a_slow_shot_before_a_lively_one_stands_still_only_where_it_does(scene: Scene, other_scene: Scene, side: OneSide) -> None:
    lively = side([other_scene(3.0 * place) for place in range(16)], seed=3)
    slow = [scene(0.3 * place) for place in range(16)]
    stops = [scene(0.3 * min(place, 11)) for place in range(16)]
    quiet = [side(pictures, seed=1, grain=0.0) for pictures in (slow, stops)]
    reports = [report_of(outgoing, lively, JoinKind.CUT) for outgoing in quiet]
    assert [row.measured for report in reports for row in report.properties if row.name == "held frames"] == [0, 4]
