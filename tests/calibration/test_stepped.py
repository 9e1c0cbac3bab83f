"""Bands are told by patches of one code beside the next; what the encoder makes of grain is no false alarm, what it takes away no miss."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kling_post.calibration.case_files import write_clip
from kling_post.calibration.cases import Case, Kind
from kling_post.calibration.delivered import Delivery
from kling_post.calibration.evaluate import alarms
from kling_post.calibration.footage import RATE
from kling_post.calibration.injectors.blocks import Blocks
from kling_post.calibration.injectors.boiling import Boil
from kling_post.calibration.injectors.gradients import SteppedSky
from kling_post.calibration.injectors.injector import Injected, Material, Planes
from kling_post.calibration.patterns import moved, texture
from kling_post.calibration.run import Benchmark, Found, Outcome
from kling_post.calibration.stepped import stepped_in, stepped_share
from kling_post.vocabulary import Severity, Size

SMALL = Size(320, 180)


def sky(codes: float) -> np.ndarray:
    return np.repeat(np.rint(np.linspace(140, 140 - codes, SMALL.height))[:, None], SMALL.width, axis=1).astype(np.uint8)


def test_a_sky_in_whole_codes_is_stepped_and_a_wall_grain_or_posters_are_not() -> None:
    assert stepped_share(sky(8)) == 1.0
    assert stepped_share(np.full((180, 320), 120, np.uint8)) == 0.0
    assert stepped_share(np.clip(sky(8) + np.random.default_rng(1).normal(0, 2, (180, 320)), 0, 255).astype(np.uint8)) < 0.02
    poster = np.full((180, 320), 60, np.uint8)
    poster[:, 160:] = 90
    assert stepped_share(poster) == 0.0


def grainy(sigma: float, frames: int = 50) -> Injected:
    rng = np.random.default_rng(3)
    half = np.full((SMALL.height // 2, SMALL.width // 2), 128, np.uint8)

    def drawn(index: int) -> Planes:
        del index
        return np.clip(np.rint(sky(8) + rng.normal(0, sigma, sky(8).shape)), 0, 255).astype(np.uint8), half, half

    return Injected(frames=(drawn(index) for index in range(frames)), truth=())


@pytest.mark.parametrize(("crf", "banded"), [(10, False), (40, True)])
def test_bands_that_the_encoder_makes_of_grain_are_measured_in_the_file(tmp_path: Path, crf: int, banded: bool) -> None:
    delivery = Delivery(grainy(1.5))
    write_clip(tmp_path / "sky.mp4", delivery.watched(), Case(kind=Kind.HARD_NEGATIVE, name="grainy_sky", crf=crf))
    assert (delivery.coder_bands(tmp_path / "sky.mp4") > 0.5) is banded


@pytest.mark.parametrize(("bands", "told"), [(0.0, 1), (0.7, 0)])
def test_naming_the_encoders_own_bands_is_no_false_alarm(bands: float, told: int) -> None:
    case = Case(kind=Kind.HARD_NEGATIVE, name="grainy_sky", crf=28)
    found = Found(check="banding", severity=Severity.REVIEW, frames=None, message="")
    outcome = Outcome(case=case, frames=96, seconds=4.0, truth=(), found=(found, replace(found, check="jitter")), coder_bands=bands)
    bench = Benchmark(footage=(), traits={}, outcomes=(outcome,), seed=1, user_clips=False)
    assert alarms(bench, Kind.HARD_NEGATIVE, "banding").review == told
    assert alarms(bench, Kind.HARD_NEGATIVE, "jitter").review == 1


def material(seed: int) -> Material:
    rng = np.random.default_rng(seed)
    picture = texture(Size(SMALL.width + 80, SMALL.height), rng)
    frames = [moved(picture, SMALL, left=4 + index, top=0) for index in range(54)]
    return Material(frames=frames, other=frames, rate=RATE, rng=rng, sound=np.zeros((0, 2), np.float32))


@pytest.mark.parametrize(("crf", "least", "most"), [(12, 0.85, 1.1), (40, 0.0, 0.5)])
def test_how_much_of_a_boiling_texture_is_left_is_read_from_the_file(tmp_path: Path, crf: int, least: float, most: float) -> None:
    delivery = Delivery(Boil().apply(material(2), 4.0))
    write_clip(tmp_path / "boil.mp4", delivery.watched(), Case(kind=Kind.DEFECT, name="texture_boil", size=4.0, crf=crf))
    assert least <= delivery.share(tmp_path / "boil.mp4") <= most


def test_a_stepped_sky_is_left_whole_and_one_that_is_not_there_is_none(tmp_path: Path) -> None:
    made = SteppedSky().apply(material(4), 10.0)
    write_clip(tmp_path / "sky.mp4", made, Case(kind=Kind.DEFECT, name="stepped_sky", size=10.0, crf=14))
    assert Delivery(made).share(tmp_path / "sky.mp4") == pytest.approx(1, abs=0.1)
    plain = Injected(frames=iter(material(4).frames), truth=())
    write_clip(tmp_path / "plain.mp4", plain, Case(kind=Kind.CLEAN, name="lake", crf=14))
    assert stepped_in(tmp_path / "plain.mp4") < 0.05


def test_the_edges_of_blocks_are_read_from_the_file_as_left_or_not(tmp_path: Path) -> None:
    made = Blocks().apply(material(5), 0.25)
    case = Case(kind=Kind.DEFECT, name="blocks", size=0.25, crf=12)
    for name, frames, share in (("left.mp4", made.frames, 1.0), ("taken.mp4", iter(material(5).frames), 0.0)):
        write_clip(tmp_path / name, replace(made, frames=frames), case)
        assert Delivery(made).share(tmp_path / name) == pytest.approx(share, abs=0.15)
