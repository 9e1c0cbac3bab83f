"""What is proposed for known faults, with which figures; and where nothing may be proposed."""

from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import pytest

from kling_post.edit.timeline import Timeline
from kling_post.pipeline.mend import render_mended
from kling_post.repair.outcome import State
from kling_post.repair.propose import propose
from kling_post.repair.propose_picture import propose_picture
from kling_post.repair.repairs import ApproachColour, EaseFraming, MatchColour, Repair, TrimHead
from kling_post.seams.inspect import inspect_seams
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind

Cut: TypeAlias = Any
Picture: TypeAlias = Any


def brighter(picture: Picture) -> Picture:
    return picture * np.float32(1.08)


def of_picture(timeline: Timeline) -> tuple[Repair, ...]:
    return propose_picture(inspect_seams(timeline), timeline)[0]


def test_a_clean_join_needs_no_repair(cut_in_two: Cut) -> None:
    assert of_picture(cut_in_two()) == ()


def test_a_brighter_half_is_matched_by_one_slope_with_its_figures_foretold(cut_in_two: Cut) -> None:
    (match,) = of_picture(cut_in_two(change=brighter))
    assert isinstance(match, MatchColour)
    assert match.transform.slope == pytest.approx((1 / 1.08,) * 3, abs=0.008)
    foretold = {item.property: item for item in match.predictions}
    assert foretold["luma"].before == pytest.approx(3.6, abs=0.7)
    assert abs(foretold["luma"].after) < 0.3
    assert foretold["colour"].after < foretold["colour"].before / 4


@pytest.mark.parametrize("count", [1, 4])
def test_exactly_the_repeated_frames_are_trimmed(cut_in_two: Cut, count: int) -> None:
    trims = [repair for repair in of_picture(cut_in_two(first=16 - count)) if isinstance(repair, TrimHead)]
    assert [trim.frames for trim in trims] == [count]


def test_a_picture_that_jumps_is_eased_back(cut_in_two: Cut) -> None:
    def lower(picture: Picture) -> Picture:
        down = np.array([[1.0, 0, 0], [0, 1, 0.35]])
        return cv2.warpAffine(picture, down, (320, 180), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)

    repairs = of_picture(cut_in_two(change=lower))
    (ease,) = (repair for repair in repairs if isinstance(repair, EaseFraming))
    assert ease.reframing.down == pytest.approx(-0.35 / 320, rel=0.2)
    foretold = {item.property: item for item in ease.predictions}
    assert foretold["framing"].after < foretold["framing"].before / 3


def test_nothing_is_matched_over_a_cut_that_the_project_wants(cut_in_two: Cut) -> None:
    assert of_picture(cut_in_two(change=brighter, join=JoinKind.CUT)) == ()


def test_nothing_is_matched_where_another_shot_is_seen_and_that_is_said(cut_in_two: Cut, other_shot: Any) -> None:
    timeline = cut_in_two(other=other_shot)
    repairs, declined = propose_picture(inspect_seams(timeline), timeline)
    assert repairs == ()
    assert [item.reason for item in declined] == ["The picture does not go on here, so nothing is matched across the join."]


def test_where_a_match_was_found_wanting_half_of_it_is_proposed_and_then_nothing(cut_in_two: Cut) -> None:
    timeline = cut_in_two(change=brighter)
    seams, tried = inspect_seams(timeline), {("match colour", "half0", "half1")}
    (half,) = propose(seams, timeline, withheld=tried).repairs
    assert isinstance(half, ApproachColour)
    assert half.transform.slope == pytest.approx((1 / 1.08**0.5,) * 3, abs=0.008)
    assert propose(seams, timeline, withheld={*tried, half.key}).repairs == ()


def test_the_repaired_join_measures_better_in_the_finished_programme(cut_in_two: Cut, tmp_path: Path) -> None:
    timeline = cut_in_two(change=brighter, first=15)
    seams = inspect_seams(timeline)
    master, mending = render_mended(timeline, seams, how="apply", target=target("streaming"), folder=tmp_path / "out")
    assert {outcome.repair.kind for outcome in mending.applied} == {"trim head", "match colour"}
    assert master.frames == 31
    then, now = ({item.name: item for item in reports[0].properties} for reports in (mending.before, mending.after))
    assert abs(now["luma"].measured) < abs(then["luma"].measured) / 4
    assert now["repeated frames"].measured == 0
    assert master.copied_frames >= 8


def test_proposing_changes_nothing(cut_in_two: Cut, tmp_path: Path) -> None:
    timeline = cut_in_two(change=brighter)
    master, mending = render_mended(timeline, inspect_seams(timeline), how="propose", target=target("streaming"), folder=tmp_path / "out")
    assert mending.timeline == timeline
    assert [outcome.state for outcome in mending.outcomes] == [State.PROPOSED]
    assert mending.after == ()
    assert master.frames == 32
