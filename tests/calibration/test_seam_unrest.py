from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.seam_alterations import LIMIT_OF
from kling_post.calibration.seam_cases import Join, SeamCase
from kling_post.calibration.seam_footage import make_join
from kling_post.calibration.seam_peers import ask_peer
from kling_post.calibration.seam_run import SeamBenchmark, SeamOutcome
from kling_post.calibration.seam_score import clean_in_file, truly_steps
from kling_post.calibration.seam_tables import seam_markdown
from kling_post.calibration.seam_unrest import Unrest, own_limits, unrest_of
from kling_post.vocabulary import JoinKind, Judgement, SeamReport

RgbFrame = NDArray[np.uint8]
ROWS, COLUMNS = 180, 320


def spots(seed: int = 3) -> RgbFrame:
    """A picture of soft spots, larger than what is seen of it."""
    noise = np.random.default_rng(seed).normal(0, 1, (ROWS + 80, COLUMNS + 80)).astype(np.float32)
    picture = cv2.GaussianBlur(noise, (0, 0), 2.5)
    grey = np.clip(127 + 40 * picture / picture.std(), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def seen(picture: RgbFrame, right: float, down: float, larger: float = 1.0) -> RgbFrame:
    """The part of a picture that is seen where it stands so many pixels to the right and down, and so much larger."""
    middle = np.array([(COLUMNS - 1) / 2, (ROWS - 1) / 2])
    matrix = np.array([[larger, 0.0, 0.0], [0.0, larger, 0.0]])
    matrix[:, 2] = np.array([right, down]) + middle - larger * (middle + 40)
    return np.asarray(cv2.warpAffine(picture, matrix, (COLUMNS, ROWS), flags=cv2.INTER_LANCZOS4), np.uint8)


def moving(movement: NDArray[np.float64]) -> Unrest:
    """A take that moves so and always looks the same."""
    return Unrest(movement=movement, looks=np.ones((len(movement) + 2, 8)))


def test_a_light_that_flickers_raises_the_limits_of_looks_and_one_that_fades_does_not() -> None:
    picture, flicker = seen(spots(), 0, 0), np.random.default_rng(3).normal(0, 0.01, 34)
    unrest = unrest_of([np.clip(picture * (1 + more), 0, 255).astype(np.uint8) for more in flicker])
    # A light of deviation s makes second differences of s times the root of 6.
    expected = 3 * 100 * 0.01 * np.sqrt(6) * float(picture.mean()) / 255
    assert own_limits(unrest, 17)["luma"] == pytest.approx(expected, rel=0.3)
    assert own_limits(unrest, 17)["framing"] == LIMIT_OF["framing"]
    fading = unrest_of([np.clip(picture * (1 - 0.02 * place), 0, 255).astype(np.uint8) for place in range(34)])
    assert own_limits(fading, 17)["luma"] == LIMIT_OF["luma"]


def test_an_even_camera_leaves_the_plain_limits() -> None:
    picture = spots()
    unrest = unrest_of([seen(picture, 0.7 * place - 10, 0.2 * place, 1 + 0.001 * place) for place in range(34)])
    assert (unrest.movement.shape, unrest.looks.shape) == ((32, 3), (34, 8))
    assert own_limits(unrest, 17) == LIMIT_OF


def test_a_shaking_camera_raises_framing_to_three_times_what_it_does_itself() -> None:
    picture, shake = spots(), np.random.default_rng(7).normal(0, 0.25, (34, 2))
    unrest = unrest_of([seen(picture, *place) for place in shake])
    changes = np.diff(shake, 2, axis=0) * 6
    assert unrest.movement[:, :2] == pytest.approx(changes, abs=0.5)
    limits = own_limits(unrest, 17)
    # Places of deviation s make second differences of s times the root of 6; a pixel of 320 is six at 1920.
    assert limits["framing"] == pytest.approx(3 * 0.25 * np.sqrt(6) * 6, rel=0.3)
    assert limits["zoom"] == LIMIT_OF["zoom"]
    assert limits["luma"] == LIMIT_OF["luma"]


def test_a_zoom_that_breathes_raises_the_limit_of_zoom() -> None:
    picture, sizes = spots(), 1 + np.random.default_rng(2).normal(0, 0.002, 34)
    limits = own_limits(unrest_of([seen(picture, 0, 0, size) for size in sizes]), 17)
    assert limits["zoom"] == pytest.approx(3 * 0.2 * np.sqrt(6), rel=0.35)
    assert limits["framing"] < 1.0


def test_parallax_and_a_thing_that_wanders_are_no_unrest() -> None:
    far, near, thing = spots(1), spots(2), spots(4)
    wander, frames = np.cumsum(np.random.default_rng(5).normal(0, 2, (34, 2)), axis=0), []
    for place in range(34):
        frame = seen(far, 0.5 * place - 8, 0)
        frame[120:] = seen(near, 1.5 * place - 20, 0)[120:]
        frame[30:90, 60:140] = seen(thing, *np.clip(wander[place], -20, 20))[30:90, 60:140]
        frames.append(frame)
    assert own_limits(unrest_of(frames), 17)["framing"] == LIMIT_OF["framing"]


def test_a_change_of_pace_is_held_against_how_the_pace_wanders() -> None:
    wandering = np.zeros((60, 3))
    # The pace rises for ten frames by 0.3 pixel each and falls again: 1.8 pixels between means of six, where each step changes by 0.3.
    wandering[:, 0] = np.where(np.arange(60) % 20 < 10, 0.3, -0.3)
    limits = own_limits(moving(wandering), 30)
    assert limits["framing"] == pytest.approx(3 * 0.3 / 1.1774, abs=0.01)
    assert 3 * 0.9 / 1.1774 < limits["velocity"] <= 3 * 1.8 / 1.1774


def test_wild_frames_and_frames_that_cannot_be_followed_change_little() -> None:
    unrest = np.random.default_rng(1).normal(0, 0.01, (60, 3))
    unrest[25], unrest[32:34] = 80.0, np.nan
    assert own_limits(moving(unrest), 30) == LIMIT_OF


def test_where_nothing_can_be_followed_the_plain_limits_hold() -> None:
    blank = [np.full((ROWS, COLUMNS, 3), 235, np.uint8)] * 34
    unrest = unrest_of(blank)
    assert np.isnan(unrest.movement).all()
    assert own_limits(unrest, 17) == LIMIT_OF


def shaken() -> tuple[list[RgbFrame], Unrest]:
    unrest = np.zeros((94, 3))
    unrest[:, 0] = np.where(np.arange(94) % 2, 1.0, -1.0)
    return [seen(spots(), 0, 0)] * 96, moving(unrest)


def test_a_fault_is_a_multiple_of_the_joins_own_limit() -> None:
    frames, unrest = shaken()
    case = SeamCase(join=Join.ALTERED, footage="shaken", crf=18, alteration="shift", amount=1.5, seed=1)
    truth = make_join(case, frames, frames, unrest=unrest).truth
    assert truth.limits["framing"] == pytest.approx(3 / 1.1774, abs=0.01)
    assert truth.steps["framing"] == pytest.approx(1.5 * truth.limits["framing"])
    assert make_join(case, frames, frames).truth.steps["framing"] == pytest.approx(0.75)


@pytest.mark.parametrize(("step", "asked"), [(0.2, False), (0.75, None), (2.0, None), (4.0, True)])
def test_what_the_shake_hides_is_neither_wrong_nor_right(step: float, asked: bool | None) -> None:
    frames, unrest = shaken()
    case = SeamCase(join=Join.PLAIN, footage="shaken", crf=18, seed=1)
    truth = make_join(case, frames, frames, unrest=unrest).truth
    report = SeamReport(outgoing="a", incoming="b", record_frame=16, planned=JoinKind.CONTINUE, properties=(), judgement=Judgement())
    outcome = SeamOutcome(
        case=case,
        truth=replace(truth, steps=dict(truth.steps) | {"framing": step}),
        report=report,
        peer=ask_peer([np.zeros((8, 8), np.uint8)] * 4, 2),
        cpu_seconds=0.0,
    )
    assert truly_steps(outcome, "framing", 1.5) is asked
    assert clean_in_file(outcome) is (step < truth.limits["framing"])


def test_the_tables_say_how_many_faults_are_larger_than_on_an_even_clip() -> None:
    frames, unrest = shaken()
    case = SeamCase(join=Join.ALTERED, footage="shaken", crf=18, alteration="shift", amount=1.5, seed=1)
    report = SeamReport(outgoing="a", incoming="b", record_frame=16, planned=JoinKind.CONTINUE, properties=(), judgement=Judgement())
    outcome = SeamOutcome(
        case=case,
        truth=make_join(case, frames, frames, unrest=unrest).truth,
        report=report,
        peer=ask_peer([np.zeros((8, 8), np.uint8)] * 4, 2),
        cpu_seconds=0.0,
    )
    tables = seam_markdown(SeamBenchmark(footage=("shaken",), outcomes=(outcome,), seed=1, user_clips=True, left_out=()))
    # 2.5 pixels in place of half a pixel.
    assert "1 of 1: 5.1 times at the median, 5.1 at most" in tables
