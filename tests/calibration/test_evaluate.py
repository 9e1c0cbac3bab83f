"""Figures from outcomes that are written down by hand."""

from collections.abc import Iterator

import pytest

from kling_post.calibration.cases import Case, Kind
from kling_post.calibration.evaluate import alarms, best_setting, curve, dose, other_alarms, ours, peer_finder, tally
from kling_post.calibration.footage import Footage
from kling_post.calibration.goals import goals
from kling_post.calibration.injectors.injector import RgbFrame
from kling_post.calibration.injectors.registry import all_injectors
from kling_post.calibration.json_figures import figures
from kling_post.calibration.run import Benchmark, Found, Outcome
from kling_post.calibration.score import Event, Shape, Tally
from kling_post.calibration.sweeps import FACTORS
from kling_post.calibration.tables import markdown, table
from kling_post.vocabulary import FrameRange, Severity

AT_40 = FrameRange(40, 41)
CUT = Event(frames=AT_40, shape=Shape.INSTANT)


def _found(check: str, frames: FrameRange | None, severity: Severity = Severity.FAIL) -> Found:
    return Found(check=check, severity=severity, frames=frames, message=f"{check}.")


def _cut(size: float, *found: Found, grain: float = 0.0, swept: dict[float, tuple[FrameRange | None, ...]] | None = None) -> Outcome:
    case = Case(kind=Kind.DEFECT, name="hard_cut", size=size, footage="lake", grain=grain)
    return Outcome(case=case, frames=96, seconds=4.0, truth=(CUT,), found=found, swept={"cuts": swept} if swept else {})


def _innocent(kind: Kind, name: str, *found: Found, swept: dict[float, tuple[FrameRange | None, ...]] | None = None) -> Outcome:
    case = Case(kind=kind, name=name, footage=name if kind is Kind.CLEAN else "")
    return Outcome(case=case, frames=96, seconds=60.0, truth=(), found=found, swept={"cuts": swept} if swept else {})


def _nothing(seed: int) -> Iterator[RgbFrame]:
    del seed
    return iter(())


def _bench(*outcomes: Outcome, user_clips: bool = False) -> Benchmark:
    lake = Footage(name="lake", recipe="a lake", draw=_nothing)
    return Benchmark(footage=(lake,), traits={"lake": frozenset({"moving"})}, outcomes=outcomes, seed=1, user_clips=user_clips)


def test_hits_misses_and_false_alarms_of_a_check_add_up() -> None:
    bench = _bench(
        _cut(0.0, _found("cuts", AT_40)),
        _cut(0.5),
        _cut(1.0, _found("cuts", FrameRange(70, 71)), _found("flash", AT_40)),
        _innocent(Kind.CLEAN, "lake", _found("cuts", FrameRange(3, 4))),
    )
    counts = tally("cuts", bench.outcomes, ours("cuts", bench))
    assert counts == Tally(hits=1, misses=2, extras=2)
    assert dose(bench, all_injectors()["hard_cut"])[0.0, 1.0] == Tally(misses=1, extras=1)
    assert other_alarms(bench, all_injectors()["hard_cut"]) == {"flash": 1}


def test_a_miss_below_the_visible_size_does_not_count() -> None:
    case = Case(kind=Kind.DEFECT, name="bright_frame", size=2.0, footage="lake")
    bench = _bench(Outcome(case=case, frames=96, seconds=4.0, truth=(CUT,), found=()))
    assert tally("flash", bench.outcomes, ours("flash", bench)) == Tally()


def test_what_a_hard_negative_allows_is_no_false_alarm() -> None:
    told = (_found("flash", AT_40), _found("cuts", AT_40), _found("jitter", AT_40, Severity.REVIEW))
    bench = _bench(_innocent(Kind.HARD_NEGATIVE, "camera_flash", *told))
    counted = alarms(bench, Kind.HARD_NEGATIVE)
    assert (counted.fail, counted.review, counted.per_ten_minutes(fail_only=True)) == (1, 1, 10.0)
    assert alarms(bench, Kind.HARD_NEGATIVE, "flash").fail == 0
    assert tally("flash", bench.outcomes, ours("flash", bench)) == Tally()


def test_what_a_users_clip_holds_untouched_is_not_held_against_the_check() -> None:
    outcomes = (
        _innocent(Kind.CLEAN, "lake", _found("cuts", FrameRange(8, 9))),
        _cut(1.0, _found("cuts", FrameRange(8, 9)), _found("cuts", AT_40)),
    )
    for user_clips, extras in ((True, 0), (False, 1)):
        bench = _bench(*outcomes, user_clips=user_clips)
        assert tally("cuts", bench.outcomes[1:], ours("cuts", bench)) == Tally(hits=1, extras=extras)


def test_the_curve_compares_the_strictest_limits_that_still_speak_up() -> None:
    def fires(up_to: float) -> dict[float, tuple[FrameRange | None, ...]]:
        return {factor: (AT_40,) if factor <= up_to else () for factor in FACTORS}

    outcomes = [_cut(1.0, swept=fires(2.0)), _cut(0.5, swept=fires(0.5)), _innocent(Kind.CLEAN, "lake", swept=fires(0.7))]
    assert curve("cuts", outcomes) == 0.5


def test_limits_are_chosen_on_one_half_and_reported_on_the_other() -> None:
    outcomes = []
    for seed in range(12):
        case = Case(kind=Kind.DEFECT, name="hard_cut", size=1.0, footage="lake", seed=seed)
        swept: dict[float, tuple[FrameRange | None, ...]] = {factor: (AT_40,) if factor <= 0.7 else () for factor in FACTORS}
        outcomes.append(Outcome(case=case, frames=96, seconds=4.0, truth=(CUT,), found=(), swept={"cuts": swept}))
    found = best_setting("cuts", _bench(*outcomes))
    assert found is not None
    assert found.factor == 0.7
    assert (found.report.recall, found.report_built_in.recall) == (1.0, 0.0)
    assert found.setting.hits + found.report.hits == 12
    assert min(found.setting.hits, found.report.hits) > 0


def test_short_stills_of_a_peer_are_repeats_and_long_ones_freezes() -> None:
    case = Case(kind=Kind.CLEAN, name="lake", footage="lake")
    stills = {"ffmpeg freezedetect": (FrameRange(9, 11), FrameRange(40, 60))}
    outcome = Outcome(case=case, frames=96, seconds=4.0, truth=(), found=(), peers=stills)
    assert peer_finder("ffmpeg freezedetect", "freeze", 4.8)(outcome) == [FrameRange(40, 60)]
    assert peer_finder("ffmpeg freezedetect", "duplicate_frames", 4.8)(outcome) == [FrameRange(10, 11)]


def test_goals_say_what_was_reached_and_what_was_not_asked() -> None:
    bench = _bench(_cut(1.0, _found("cuts", AT_40)), _cut(1.0, _found("cuts", AT_40), grain=3.0))
    by_text = {each.text: each for each in goals(bench)}
    assert by_text["F1 of hard cuts"].met is True
    assert by_text["recall of cuts at visible sizes"].reached == "1.000 (2/2)"
    assert by_text["recall of freeze, grain 3"].met is None


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    assert table(("a", "b"), [("1|2", "3")]).splitlines()[-1] == "| 1\\|2 | 3 |"


@pytest.mark.parametrize(
    "heading", ["Goals", "Every check", "Dose and response", "False alarms", "Against other tools, on the same files", "Footage"]
)
def test_every_table_is_written(heading: str) -> None:
    bench = _bench(_cut(1.0, _found("cuts", AT_40)), _innocent(Kind.CLEAN, "lake"))
    assert f"### {heading}\n" in markdown(bench)


def test_the_json_object_holds_every_case_and_no_nan() -> None:
    import json

    data = figures(_bench(_cut(1.0, _found("cuts", AT_40)), _cut(0.5), _innocent(Kind.CLEAN, "lake")))
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again["checks"]["cuts"] == {"hits": 1, "misses": 1, "extras": 0, "recall": 0.5, "precision": 1.0, "f1": 0.666667, "auc": None}
    assert [case["truth"] for case in again["cases"]][:1] == [[{"frames": [40, 41], "shape": "instant"}]]
