from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from kling_post.calibration.cases import Half
from kling_post.calibration.footage import Footage, texture_pan
from kling_post.calibration.patterns import pan
from kling_post.calibration.score import Tally
from kling_post.calibration.seam_alterations import ALTERATIONS, LIMIT_OF, altered_frames
from kling_post.calibration.seam_cases import SIDE_FRAMES, Join, SeamCase, plan_seams
from kling_post.calibration.seam_footage import LEAST_FRAMES, RUN_UP_FRAMES, Truth, make_join
from kling_post.calibration.seam_peers import ask_peer
from kling_post.calibration.seam_run import SeamOutcome, run_seam_benchmark
from kling_post.calibration.seam_score import classes, clean_in_file, false_alarms, tally, trim_counts
from kling_post.calibration.seam_tables import seam_figures, seam_markdown
from kling_post.errors import InvalidInputError
from kling_post.media.decode import decode
from kling_post.vocabulary import JoinKind, Judgement, SeamProperty, SeamReport, Severity, Size

SMALL = Size(192, 108)


def moving(seed: int) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return pan(SMALL, LEAST_FRAMES + 4, np.random.default_rng(seed), pixels=1.5)


def moving_from(more: int, seed: int) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return moving(seed + more)


def numbered() -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Frames that show their number."""
    return [np.full((36, 64, 3), place, np.uint8) for place in range(96)]


def case(join: Join, amount: float = 0, alteration: str = "") -> SeamCase:
    return SeamCase(join=join, footage="numbered", crf=18, amount=amount, alteration=alteration, seed=1)


def numbers(frames: object) -> list[int]:
    return [int(frame[0, 0, 0]) for frame in frames]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("join", "amount", "heads"),
    [
        (Join.PLAIN, 0, [1, 2, 3, 4]),
        (Join.ECHO, 3, [-2, -1, 0, 1]),
        (Join.HELD, 2, [1, 1, 1, 2]),
        (Join.DROPPED, 4, [5, 6, 7, 8]),
        (Join.SLOWED, 2, [2, 4, 6, 8]),
    ],
)
def test_each_fault_of_time_begins_with_the_frames_it_names(join: Join, amount: int, heads: list[int]) -> None:
    made = make_join(case(join, amount), numbered(), numbered())
    last = numbers(made.outgoing)[-1]
    assert len(made.outgoing) == SIDE_FRAMES
    assert [number - last for number in numbers(made.incoming)[:4]] == heads


@pytest.mark.parametrize("name", sorted(set(ALTERATIONS) - {"grain", "shift", "zoom", "pace"}))
def test_an_alteration_steps_its_property_by_the_dose(name: str) -> None:
    frames = list(moving(3))[:3]
    _, steps = altered_frames(name, frames, 1.5, np.random.default_rng(1))
    target = ALTERATIONS[name].target
    assert abs(steps[target]) == pytest.approx(1.5 * LIMIT_OF[target], rel=0.1)


def test_cases_follow_from_the_seed_and_fall_into_both_halves() -> None:
    cases = plan_seams(["one", "two", "three"], seed=5)
    assert cases == plan_seams(["three", "two", "one"], seed=5)
    assert len({each.key for each in cases}) == len(cases)
    shares = sum(each.half is Half.REPORT for each in cases) / len(cases)
    assert 0.35 < shares < 0.65


def test_every_property_is_asked_two_dozen_times_at_one_and_a_half_times_its_limit() -> None:
    cases = plan_seams([f"take {number}" for number in range(15)], seed=1)
    for name in LIMIT_OF:
        asked = [each for each in cases if each.alteration and ALTERATIONS[each.alteration].target == name and each.amount == 1.5]
        assert len(asked) == 24
        assert len({each.crf for each in asked}) == 4
        assert len({each.footage for each in asked}) >= 12


def test_a_single_take_is_cut_to_no_other() -> None:
    assert not {Join.CUT, Join.DISSOLVE} & {each.join for each in plan_seams(["one"], seed=1)}


def test_takes_that_are_too_short_are_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kling_post.calibration.seam_run.sound_outcomes", lambda **_: ())
    short = Footage(name="short", recipe="pan", draw=lambda seed: islice(moving(seed), LEAST_FRAMES - 1))
    with pytest.raises(InvalidInputError, match="56 frames"):
        run_seam_benchmark([short], processes=1, folder=tmp_path, in_process=True)
    long = Footage(name="long", recipe="pan", draw=moving, even=False)
    bench = run_seam_benchmark(
        [short, long],
        shots_each=1,
        plain_each=1,
        processes=1,
        only=["match cut"],
        folder=tmp_path,
        in_process=True,
        user_clips=True,
    )
    assert bench.left_out == ("short",)
    tables = seam_markdown(bench)
    assert "Too short to be split: short." in tables
    assert "of them larger than on an even clip" in tables
    assert [outcome.truth.kind for outcome in bench.outcomes] == ["cut"] * 4


def test_another_pace_begins_in_the_middle_of_the_join() -> None:
    frames = [np.zeros((90, 320, 3), np.uint8) for _ in range(5)]
    for frame in frames:
        cv2.circle(frame, (160, 45), 8, (255, 255, 255), -1)
    moved, steps = altered_frames("pace", frames, 8.0, np.random.default_rng(2))
    centres = []
    for frame in moved:
        moments = cv2.moments(frame[..., 0])
        centres.append(np.array([moments["m10"], moments["m01"]]) / moments["m00"] - [160, 45])
    # Eight times 0.75 pixel at 1920 is one pixel a frame at 320.
    assert [float(np.hypot(*centre)) for centre in centres] == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5], abs=0.15)
    assert steps["velocity"] == 6.0


def test_the_plain_difference_takes_a_slow_shots_new_frame_for_a_repeat() -> None:
    random = np.random.default_rng(2)
    frames = [np.asarray(random.integers(90, 110, (36, 64)), np.uint8) for _ in range(6)]
    frames[3] = frames[2]
    assert ask_peer(frames, 3).repeated
    assert not ask_peer(frames, 3).cut


def test_a_small_run_counts_repeats_and_tells_cuts(tmp_path: Path) -> None:
    footage = [Footage(name=name, recipe="pan", draw=partial(moving_from, place)) for place, name in enumerate(("one", "two"))]
    bench = run_seam_benchmark(footage, shots_each=1, plain_each=1, processes=1, only=["echo", "cut"], folder=tmp_path, in_process=True)
    kinds = classes(bench.outcomes)
    assert (kinds["cut"].right, kinds["cut"].total) == (8, 8)
    counted = trim_counts(bench.outcomes, lambda _: True)
    assert counted.total == 12
    assert counted.right >= 11
    assert false_alarms(bench.outcomes).total == 0
    assert tally(bench.outcomes, "luma", 1.5).misses == 0
    assert "class of the join right" in seam_markdown(bench)
    assert seam_figures(bench)["joins"] == 20


def test_each_side_is_a_file_of_its_own_so_that_the_encoder_keeps_as_much_of_one_as_of_the_other(tmp_path: Path) -> None:
    footage = [Footage(name="fine", recipe="pan", draw=partial(texture_pan, pixels=1.0, size=Size(320, 180)))]
    bench = run_seam_benchmark(footage, shots_each=1, plain_each=1, processes=1, only=["plain split"], folder=tmp_path, in_process=True)
    (coarse,) = [outcome for outcome in bench.outcomes if outcome.case.crf == 28]
    assert abs(coarse.truth.steps["grain"]) < 1.0, "with both sides in one file it is 1.65"
    frames = {path.name.split(".")[1]: len(list(decode(path))) for path in tmp_path.glob("*.mp4")}
    assert frames == {"before": SIDE_FRAMES + RUN_UP_FRAMES, "after": SIDE_FRAMES}
    assert "1 takes of 320x180" in seam_markdown(bench)
    assert seam_figures(bench)["sizes"] == ["320x180"]


@pytest.mark.parametrize(
    ("row", "hits", "misses"),
    [("zoom", 1, 0), ("skipped frames", 1, 0), ("repeated frames", 1, 0), ("luma", 0, 1)],
)
def test_a_zoom_that_is_told_as_frames_left_out_or_repeated_is_found(row: str, hits: int, misses: int) -> None:
    told = SeamProperty(name=row, measured=2.0, limit=1.0, unit="", severity=Severity.REVIEW, message="")
    report = SeamReport(
        outgoing="a",
        incoming="b",
        record_frame=16,
        planned=JoinKind.CONTINUE,
        properties=(told,),
        judgement=Judgement(),
        seen=JoinKind.CONTINUE,
    )
    outcome = SeamOutcome(
        case=case(Join.ALTERED, 1.5, "zoom"),
        truth=Truth(kind="continue", steps=dict.fromkeys(LIMIT_OF, 0.0) | {"zoom": 0.15, "framing": float("nan")}),
        report=report,
        peer=ask_peer([np.zeros((8, 8), np.uint8)] * 4, 2),
        cpu_seconds=0.0,
    )
    assert (tally([outcome], "zoom", 1.5).hits, tally([outcome], "zoom", 1.5).misses) == (hits, misses)
    # A step of unknown size is not asked.
    assert tally([outcome], "framing", 1.5) == Tally()
    assert not clean_in_file(outcome)
