"""What the encoder swallows is no defect of the file."""

import numpy as np
import pytest

from kling_post.calibration.cases import Case, Kind
from kling_post.calibration.delivered import delivered_share
from kling_post.calibration.evaluate import ours, tally
from kling_post.calibration.run import Benchmark, Outcome
from kling_post.calibration.score import Event, Shape, Tally
from kling_post.vocabulary import FrameRange


@pytest.mark.parametrize("left", [0.0, 0.4, 1.0])
def test_the_share_of_a_pulse_that_is_left_is_read_true(left: float) -> None:
    clean = 90 + 5 * np.sin(np.arange(96) / 15)
    pulse = np.where(np.arange(96) % 4 == 2, -0.02, 0.0)
    drift = np.linspace(1, 1.02, 96)
    share = delivered_share(clean * drift * (1 + left * pulse), clean * (1 + pulse), clean)
    assert share == pytest.approx(left, abs=0.02)


def test_a_change_that_is_not_there_to_begin_with_divides_by_nothing() -> None:
    assert delivered_share(np.full(5, 80.0), np.full(5, 80.0), np.full(5, 80.0)) == 0
    assert delivered_share(np.zeros(1), np.zeros(1), np.zeros(1)) == 1


@pytest.mark.parametrize(("delivered", "asked"), [(1.0, 1), (0.81, 1), (0.5, 0)])
def test_a_miss_counts_only_where_the_file_holds_the_defect(delivered: float, asked: int) -> None:
    case = Case(kind=Kind.DEFECT, name="pulsing_8_hertz", size=1.5, footage="lake")
    truth = (Event(frames=FrameRange(0, 96), shape=Shape.CLIP),)
    outcome = Outcome(case=case, frames=96, seconds=4.0, truth=truth, found=(), delivered=delivered)
    bench = Benchmark(footage=(), traits={}, outcomes=(outcome,), seed=1, user_clips=False)
    assert tally("flicker", bench.outcomes, ours("flicker", bench)) == Tally(misses=asked)
