"""What the encoder swallows is no defect of the file."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.calibration.cases import Case, Kind
from kling_post.calibration.delivered import delivered_share
from kling_post.calibration.delivered_time import halts_held, halts_left, judder_left, mixture_left
from kling_post.calibration.evaluate import ours, tally
from kling_post.calibration.patterns import moved, texture
from kling_post.calibration.run import Benchmark, Outcome
from kling_post.calibration.score import Event, Shape, Tally
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.vocabulary import FrameRange, Size


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


SMALL = Size(160, 90)


def _coded(path: Path, places: Sequence[float], speed: float) -> list[np.ndarray]:
    """A pan through these places on its time line as a file; its clean frames."""
    picture = texture(Size(SMALL.width + 120, SMALL.height), np.random.default_rng(5))
    with FrameWriter(path, size=SMALL, rate=Fraction(24), quality=EncodeSettings(preset="veryfast", crf=14, threads=1)) as writer:
        for place in places:
            writer.write(moved(picture, SMALL, left=4 + speed * place, top=0))
    return [moved(picture, SMALL, left=4 + speed * index, top=0) for index in range(24)]


@pytest.mark.parametrize("speed", [0.2, 1.0, 4.0])
def test_a_repeat_that_the_file_holds_is_left_whole(tmp_path: Path, speed: float) -> None:
    order = [*range(12), *range(11, 23)]
    clean = _coded(tmp_path / "clip.mp4", order, speed)
    assert halts_left(tmp_path / "clip.mp4", clean, order) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("shown", "left"),
    [
        ((10.5, 11.0, 12.0), 1.0),
        ((10.75, 11.5, 12.25), 0.5),
        ((11.0, 11.0, *range(13, 24)), 0.0),
        ((11.0, 11.0, 12.0, 13.9, 13.1, 15.9, 15.1, 17.9, 17.1, 19.9, 19.1), 0.0),
    ],
    ids=["two half steps", "four steps of three quarters", "made good for", "uneven all over"],
)
def test_a_repeat_spread_over_two_steps_is_still_one_and_over_more_it_fades(tmp_path: Path, shown: tuple[float, ...], left: float) -> None:
    # It should show 10, 11, 11, 12, 13 from frame 10 on.
    order = [*range(12), *range(11, 23)]
    places = [float(index) for index in order]
    places[11 : 11 + len(shown)] = shown
    clean = _coded(tmp_path / "clip.mp4", places, 1.0)
    assert halts_left(tmp_path / "clip.mp4", clean, order) == pytest.approx(left, abs=0.15)
    assert halts_held(clean, order)(tmp_path / "clip.mp4") == (left == 1)


@pytest.mark.parametrize("order", [[0, 0, 0, *range(1, 22)], [*range(20), 19, 19, 19, 19], [*range(8), *[8] * 9, *range(9, 16)]])
def test_holds_at_the_ends_and_freezes_are_halts_too(tmp_path: Path, order: list[int]) -> None:
    clean = _coded(tmp_path / "clip.mp4", order, 1.0)
    assert halts_left(tmp_path / "clip.mp4", clean, order) == pytest.approx(1, abs=0.1)


def test_of_two_halts_the_one_that_has_lost_most_counts(tmp_path: Path) -> None:
    order = [*range(7), *range(6, 15), *range(14, 22)]
    places = [float(index) for index in order]
    places[15:18] = (13.75, 14.5, 15.25)
    clean = _coded(tmp_path / "clip.mp4", places, 1.0)
    assert halts_left(tmp_path / "clip.mp4", clean, order) == pytest.approx(0.5, abs=0.15)


def test_a_clip_without_repeats_has_nothing_to_lose(tmp_path: Path) -> None:
    assert halts_left(tmp_path / "none.mp4", [], list(range(10))) == 1


@pytest.mark.parametrize(
    ("steps", "left"),
    [((0.0, 1.0, 1.0), 1.0), ((0.0, 1.0, 1.0, 1.0, 0.0, 1.0), 1.1), ((0.6, 0.7, 0.7), 0.15)],
    ids=["as it was meant", "every other repeat a frame late", "spread to almost even steps"],
)
def test_a_cadence_is_left_as_long_as_its_judder_is(tmp_path: Path, steps: tuple[float, ...], left: float) -> None:
    order = [index - (index + 1) // 3 for index in range(24)]
    places = np.cumsum([0.0, *(steps[(index + 2) % len(steps)] for index in range(23))])
    clean = _coded(tmp_path / "clip.mp4", places.tolist(), 1.0)
    assert judder_left(tmp_path / "clip.mp4", clean, order) == pytest.approx(left, abs=0.15)


@pytest.mark.parametrize(
    ("share", "beside", "left"),
    [(1.0, 0.0, 1.0), (0.5, 0.0, 0.5), (0.0, 0.0, 0.0), (0.7, 0.4, 0.5), (0.6, 0.6, 0.0)],
    ids=["as it was meant", "half undone", "undone", "beside half mixtures", "one of many alike"],
)
def test_a_mixed_frame_is_left_as_far_as_it_stands_out_of_the_mixing_beside_it(
    tmp_path: Path, share: float, beside: float, left: float
) -> None:
    picture = texture(Size(SMALL.width + 120, SMALL.height), np.random.default_rng(5))
    clean = [moved(picture, SMALL, left=4 + 2.0 * index, top=0) for index in range(24)]
    with FrameWriter(tmp_path / "clip.mp4", size=SMALL, rate=Fraction(24), quality=EncodeSettings(preset="veryfast", crf=10)) as writer:
        for index, frame in enumerate(clean):
            mixture = np.mean([clean[max(0, index - 1)], clean[min(23, index + 1)]], axis=0)
            strength = share if index == 12 else beside
            writer.write(np.rint(frame + strength * (mixture - frame)).astype(np.uint8))
    assert mixture_left(tmp_path / "clip.mp4", clean, 12) == pytest.approx(left, abs=0.1)
