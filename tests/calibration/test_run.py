"""From a recipe to a judged clip."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from kling_post.calibration.cases import Case, Extent, Kind
from kling_post.calibration.footage import Footage
from kling_post.calibration.injectors.injector import RgbFrame
from kling_post.calibration.patterns import pan
from kling_post.calibration.run import _draw, _made, _outcome, _Stored, run_benchmark
from kling_post.calibration.score import match
from kling_post.vocabulary import Size

SMALL = Size(160, 90)


def _shot(seed: int) -> Iterator[RgbFrame]:
    return pan(SMALL, 96, np.random.default_rng(seed), pixels=0.8)


def _stored(folder: Path) -> _Stored:
    for name, seed in (("one", 1), ("other", 2)):
        assert _draw(Footage(name=name, recipe="", draw=_shot), folder / f"{name}.npy", seed) is not None
    return _Stored(path=folder / "one.npy", other=folder / "other.npy", prompt="")


def test_an_unplanned_cut_is_put_in_encoded_measured_and_found(tmp_path: Path) -> None:
    stored = _stored(tmp_path)
    outcome = _outcome(Case(kind=Kind.DEFECT, name="hard_cut", size=1.0, footage="one", crf=18), stored, tmp_path)
    assert outcome.frames == 96
    assert match(outcome.truth, [each.frames for each in outcome.found if each.check == "cuts"]).hits == 1
    assert match(outcome.truth, outcome.swept["cuts"][1.0]).hits == 1
    assert match(outcome.truth, outcome.peers["ffmpeg scdet"]).hits == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["one.npy", "other.npy"]


def test_levels_beyond_the_preferred_range_survive_the_encoder(tmp_path: Path) -> None:
    case = Case(kind=Kind.DEFECT, name="luma_beyond_preferred", size=5.0, footage="one", crf=14)
    outcome = _outcome(case, _stored(tmp_path), tmp_path)
    assert match(outcome.truth, [each.frames for each in outcome.found if each.check == "levels"]).hits == 1


def test_a_file_says_full_range_where_a_defect_or_a_hard_negative_asks_for_it(tmp_path: Path) -> None:
    case = Case(kind=Kind.DEFECT, name="limited_flagged_full", size=2.0, footage="one", crf=18)
    outcome = _outcome(case, _stored(tmp_path), tmp_path)
    assert [each.message.split(",")[0] for each in outcome.found if each.check == "levels"] == ["Tagged full range"]
    innocent = _made(Case(kind=Kind.HARD_NEGATIVE, name="full_range_flagged"), None)
    assert innocent.full_range_flag
    lowest, highest = zip(*((frame[0].min(), frame[0].max()) for frame in islice(innocent.frames, 2)), strict=True)
    assert (min(lowest), max(highest)) == (0, 255)


def test_a_clip_that_is_too_short_is_left_out_and_said_so(tmp_path: Path) -> None:
    short = Footage(name="short", recipe="", draw=_short)
    assert _draw(short, tmp_path / "short.npy", 1) is None
    bench = run_benchmark([short], processes=1, extent=Extent(negatives_each=0), only=["nothing"])
    assert bench.left_out == ("short",)
    assert bench.outcomes == ()


def _short(seed: int) -> Iterator[RgbFrame]:
    return pan(SMALL, 10, np.random.default_rng(seed), pixels=0.8)
