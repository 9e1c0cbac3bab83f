"""A fault that is hidden by the sound it is put into is put into another."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.audibility import hole_is_heard
from kling_post.calibration.injectors.injector import Material, Random
from kling_post.calibration.injectors.sound_faults import Made, SoundFault, cut_hole, least_beside
from kling_post.calibration.made_sound import KINDS

FRAMES = [np.zeros((4, 4, 3), np.uint8)] * 72


def _material(seed: int) -> Material:
    return Material(
        frames=FRAMES, other=FRAMES, rate=Fraction(24), rng=np.random.default_rng(seed), sound=np.zeros((3 * 48_000, 2), np.float32)
    )


def _fault(heard_at: int, asked: list[int]) -> SoundFault:
    def make(sound: NDArray[np.float32], size: float, rng: Random) -> Made:
        del size, rng
        asked.append(len(sound))
        return sound, (1.0, 1.1), len(asked) >= heard_at

    return SoundFault(name="made", title="Made", check="sound_click", sizes=(1,), unit="", visible=1, make=make, into=("room",))


def test_sounds_are_drawn_until_the_fault_is_heard() -> None:
    asked: list[int] = []
    made = _fault(3, asked).apply(_material(1), 1)
    assert len(asked) == 3
    assert made.sound is not None
    assert made.sound.shape == (3 * 48_000, 2)
    assert [(event.frames.start, event.frames.stop) for event in made.truth] == [(24, 27)]


def test_a_fault_that_is_never_heard_is_made_all_the_same_and_not_asked_for() -> None:
    asked: list[int] = []
    made = _fault(1000, asked).apply(_material(1), 1)
    assert len(asked) == 8
    assert made.sound is not None
    assert made.sound_left is not None
    assert not made.sound_left(made.sound)


def test_clipping_is_where_the_sound_reaches_its_ceiling() -> None:
    from kling_post.calibration.injectors.sound_faults import _clipped

    sound = 0.1 * np.ones((3 * 48_000, 2), np.float32)
    sound[48_000:96_000] *= np.linspace(1, 5, 48_000, dtype=np.float32)[:, None]
    clipped, seconds, _heard = _clipped(sound, 6.0, np.random.default_rng(1))
    assert float(np.abs(clipped).max()) == np.float32(0.5 * 10**-0.3)
    assert seconds is not None
    assert seconds == pytest.approx((1.407, 1.969), abs=0.01)


def test_a_hum_that_the_sound_hides_is_not_heard() -> None:
    from kling_post.calibration.injectors.sound_faults import _hum

    for level, expected in ((0.001, True), (0.3, False)):
        rumble = np.random.default_rng(3).normal(0, level, (3 * 48_000, 2)).astype(np.float32)
        assert _hum(rumble, -50, np.random.default_rng(1))[2] is expected


def test_holes_are_cut_where_sound_stands_on_both_sides() -> None:
    from kling_post.calibration.injectors.sound_faults import _hole

    clean = KINDS["speech"](np.random.default_rng(5), 4 * 48_000)
    for seed in range(5):
        holed, seconds, heard = _hole(clean.copy(), 20, np.random.default_rng(seed))
        assert heard
        assert seconds is not None
        start, stop = (round(48_000 * each) for each in seconds)
        assert stop - start == 960
        assert not holed[start:stop].any()
        for side in (clean[start - 480 : start], clean[stop : stop + 480]):
            assert float(np.sqrt(np.square(side).mean())) >= 0.004


def test_a_place_where_no_hole_is_heard_stays_as_it_was() -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, (48_000, 2)).astype(np.float32)
    before = sound.copy()
    assert not cut_hole(sound, 20_000, 48, least_beside(sound))
    assert np.array_equal(sound, before)
    assert cut_hole(sound, 20_000, 480, least_beside(sound))
    assert not sound[20_000:20_480].any()


def test_what_a_codec_has_filled_up_is_not_left() -> None:
    def make(sound: NDArray[np.float32], size: float, rng: Random) -> Made:
        del size, rng
        sound[48_000:48_480] = 0
        return sound, (1.0, 1.01), True

    fault = SoundFault(
        name="made", title="Made", check="sound_dropout", sizes=(1,), unit="", visible=1, make=make, into=("wide",), is_heard=hole_is_heard
    )
    made = fault.apply(_material(1), 1)
    assert made.sound is not None
    assert made.sound_left is not None
    assert made.sound_left(made.sound)
    filled = made.sound.copy()
    filled[48_000:48_480] = filled[47_520:48_000]
    assert not made.sound_left(filled)


@pytest.mark.parametrize("kind", ["music", "rain", "speech", "bass", "wind"])
def test_clean_sound_keeps_to_its_zero_line(kind: str) -> None:
    sound = KINDS[kind](np.random.default_rng(3), 3 * 48_000)
    slowest = np.abs(np.fft.rfft(sound[:, 0].astype(np.float64))[:4]) / len(sound)
    assert slowest.max() < 0.0008
