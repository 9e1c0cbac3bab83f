"""Numbers of the signals about mixtures, overlays, banding and parts, against ones known beforehand."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.registry import all_signals
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts, Size

Measure = Callable[[str, list[NDArray[np.float64]]], Series]


@pytest.fixture
def measured(media_facts: Callable[..., MediaFacts]) -> Measure:
    """Run one signal over luma pictures."""

    def run(name: str, pictures: list[NDArray[np.float64]]) -> Series:
        rows, columns = pictures[0].shape
        collector = all_signals()[name].collector(media_facts(size=Size(columns, rows), bit_depth=8, frames=len(pictures)))
        for index, picture in enumerate(pictures):
            luma = np.rint(picture).astype(np.uint8)
            collector.add(
                FrameView(index=index, seconds=Fraction(index, 24), bit_depth=8, luma=luma, chroma_blue=None, chroma_red=None), None
            )
        return collector.finish()

    return run


def noise(seed: int) -> NDArray[np.float64]:
    coarse = np.random.default_rng(seed).uniform(40, 200, (45, 80))
    return np.asarray(np.kron(coarse, np.ones((4, 4))), np.float64)


def test_the_mean_of_two_pictures_is_their_mix_in_equal_shares(measured: Measure) -> None:
    before, after = noise(1), noise(2)
    series = measured("blends", [before, (before + after) / 2, after])
    assert series["share"][1] == pytest.approx(0.5, abs=0.01)
    assert series["residual"][1] == pytest.approx(0, abs=0.001)
    assert series["energy"][1] < 0.7
    assert np.isnan(series["residual"][[0, 2]]).all()


def test_a_third_picture_is_no_mix_of_two_others(measured: Measure) -> None:
    # Three unrelated pictures of one variance: the best mix is the mean, which leaves 1.5 of 2 variances.
    series = measured("blends", [noise(1), noise(3), noise(2)])
    assert series["residual"][1] == pytest.approx(0.75, abs=0.12)
    assert series["energy"][1] == pytest.approx(1, abs=0.15)


def test_structure_mixes_belong_to_the_frame_in_the_middle(measured: Measure) -> None:
    before, after = noise(1), noise(2)
    shares = [1.0] * 10 + [0.75, 0.5, 0.25] + [0.0] * 10
    series = measured("structure", [before * share + after * (1 - share) for share in shares])
    assert series["mix_share"][11] == pytest.approx([0.5, 0.5, 0.5], abs=0.01)
    assert series["mix_share"][10] == pytest.approx([0.75, 0.75, 0.75], abs=0.01)
    assert series["mix_residual"][11] == pytest.approx([0, 0, 0], abs=0.001)
    assert np.isnan(series["mix_share"][3]).all()
    assert np.isnan(series["mix_share"][-4]).all()


def test_ink_is_what_stands_still_over_changing_pictures(measured: Measure) -> None:
    mark = np.zeros((180, 320), bool)
    mark[150:160, 40:80] = np.arange(40) // 4 % 2 == 0
    pictures = [np.where(mark, 235, noise(place)) for place in range(64)]
    series = measured("overlay", pictures)
    assert series["span"].tolist() == [[0, 64]]
    rows, columns = np.nonzero(series["ink"][0] > 0.3)
    assert (rows.min(), rows.max()) == (30, 31)
    assert (columns.min(), columns.max()) == (8, 15)
    assert np.median(series["still"][0][:20]) < 0.2


def test_contours_are_measured_in_sides_of_a_tile(measured: Measure) -> None:
    # Steps of one code every 20 rows of a tile that is 20 rows high: one line across every tile but the first row of them.
    picture = 100 + np.repeat(np.arange(9), 20)[:, None] * np.ones((1, 320))
    series = measured("banding", [picture])
    assert series["frame"].tolist() == [0]
    assert series["contours"][0][:8] == pytest.approx(np.ones((8, 16)), abs=0.02)
    assert series["contours"][0][8] == pytest.approx(np.zeros(16), abs=0.02)


def test_a_tile_that_turns_into_another_is_half_of_each_in_the_middle(measured: Measure) -> None:
    before, after = noise(1), noise(2)
    shares = [1.0] * 8 + [0.75, 0.5, 0.25] + [0.0] * 8
    series = measured("local_mixes", [before * share + after * (1 - share) for share in shares])
    assert series["frame"].tolist() == [8, 10]
    assert series["share"][0] == pytest.approx(np.full((9, 16), 0.75), abs=0.05)
    assert series["residual"].max() < 0.01


def test_signals_that_look_now_and_then_keep_the_looks_alone(measured: Measure) -> None:
    series = measured("combing", [noise(seed) for seed in range(16)])
    assert series["frame"].tolist() == [0, 7, 14]
    assert np.flatnonzero(series["looked"]).tolist() == [0, 7, 14]
    assert len(series["looked"]) == 16
    assert series["neighbours"].shape == series["beyond"].shape == (3, 9, 16)


def test_a_picture_too_small_to_look_at_gives_no_looks(measured: Measure) -> None:
    series = measured("spectrum", [noise(1)])
    assert series["looked"].tolist() == [0]
    assert series["power"].shape == (0, 32)
    assert series["thirds"].shape == (0, 2)
