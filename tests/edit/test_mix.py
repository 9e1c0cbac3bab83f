from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.mix import mixed_sound, to_stereo
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import JoinKind, Size

MakeTake = Callable[..., EditEntry]
RATE = Fraction(24)
QUARTER_SECOND = 12_000


def tone(frames: int, hertz: float, *, rate: Fraction = RATE, sample_rate: int = 48_000, level: float = 0.25) -> NDArray[np.float32]:
    samples = frames_to_samples(frames, rate, sample_rate)
    wave = level * np.sin(2 * np.pi * hertz * np.arange(samples) / sample_rate)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def whole(entries: list[EditEntry], rate: Fraction = RATE) -> NDArray[np.float32]:
    return np.concatenate(list(mixed_sound(assemble("mix", entries, rate=rate, size=Size(160, 90)))))


def level_db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples.astype(float))) + 1e-12))


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)])
def test_the_sound_is_as_long_as_the_picture_to_the_sample(make_take: MakeTake, rate: Fraction) -> None:
    entries = [make_take(name, frames, rate=rate, sound=tone(frames, 440, rate=rate)) for name, frames in (("a", 13), ("b", 29), ("c", 17))]
    assert len(whole(entries, rate)) == frames_to_samples(59, rate, 48_000)


def test_a_clap_stands_at_its_frame_in_the_last_of_many_clips(make_take: MakeTake) -> None:
    """Odd lengths at 23.976: 13 frames are 26 026 samples, and no error adds up over ten joins."""
    rate = Fraction(24000, 1001)
    clap = np.zeros((26_026, 2), np.float32)
    clap[10_000:10_020] = 0.9
    quiet = make_take("quiet", 13, rate=rate, sound=np.zeros_like(clap))
    last = make_take("clap", 13, rate=rate, sound=clap)
    entries = [EditEntry(path=quiet.path, facts=quiet.facts, shot_ids=(f"q{index}",)) for index in range(10)]
    mix = whole([*entries, last], rate)
    heard = np.flatnonzero(np.abs(mix[:, 0]) > 0.45)
    assert heard[0] == pytest.approx(frames_to_samples(130, rate, 48_000) + 10_000, abs=1)


def test_a_dissolve_keeps_the_power_of_two_different_sounds(make_take: MakeTake) -> None:
    entries = [
        make_take("a", 48, sound=tone(48, 400)),
        make_take("b", 48, sound=tone(48, 1100), join=JoinKind.DISSOLVE, dissolve_frames=12),
    ]
    mix = whole(entries)
    start, stop = frames_to_samples(36, RATE, 48_000), frames_to_samples(48, RATE, 48_000)
    assert len(mix) == frames_to_samples(84, RATE, 48_000)
    steady = level_db(mix[QUARTER_SECOND : start - QUARTER_SECOND])
    assert level_db(mix[start:stop]) == pytest.approx(steady, abs=0.3)
    assert level_db(mix[stop:-QUARTER_SECOND]) == pytest.approx(steady, abs=0.2)


def test_a_cut_does_not_click_and_a_cut_inside_a_take_is_untouched(make_take: MakeTake) -> None:
    entries = [make_take("a", 24, sound=tone(24, 333.3)), make_take("b", 24, sound=-tone(24, 770.7))]
    joined = whole(entries)
    assert np.abs(joined[48_000 - 3 : 48_000 + 3]).max() < 0.01
    take = make_take("c", 24, sound=tone(24, 440), shot_ids=("one", "two"), cut_frames=(12,))
    assert level_db(whole([take])[24_000 - 480 : 24_000 + 480]) == pytest.approx(level_db(tone(24, 440)), abs=0.3)


def test_a_take_without_sound_is_silence_of_its_own_length(make_take: MakeTake) -> None:
    mix = whole([make_take("a", 24, sound=tone(24, 440)), make_take("b", 24), make_take("c", 24, sound=tone(24, 440))])
    assert len(mix) == 144_000
    assert not mix[48_000:96_000].any()
    assert level_db(mix[100_000:140_000]) > -20


def test_sound_of_another_rate_keeps_its_pitch(make_take: MakeTake) -> None:
    take = make_take("a", 24, sound=tone(24, 1000, sample_rate=48_000))
    mix = whole([take])
    spectrum = np.abs(np.fft.rfft(mix[4_000:44_000, 0]))
    assert np.argmax(spectrum) * 48_000 / 40_000 == pytest.approx(1000, abs=1.5)


def test_film_that_runs_at_twenty_four_sounds_a_thousandth_higher(make_take: MakeTake) -> None:
    film = Fraction(24000, 1001)
    take = make_take("film", 48, rate=film, sound=tone(48, 1000, rate=film))
    mix = whole([take])
    assert len(mix) == 96_000
    phase = np.unwrap(np.angle(np.fft.ifft(np.where(np.arange(80_000) < 40_000, np.fft.fft(mix[8_000:88_000, 0]), 0))))
    measured = (phase[-10_000] - phase[10_000]) / (2 * np.pi) / 60_000 * 48_000
    assert measured == pytest.approx(1001.0, abs=0.05)


def test_mono_stands_on_both_sides_and_surround_folds_down() -> None:
    mono = np.array([[0.5], [-0.25]], np.float32)
    assert to_stereo(mono).tolist() == [[0.5, 0.5], [-0.25, -0.25]]
    centre = np.zeros((1, 6), np.float32)
    centre[0, 2] = 1
    assert to_stereo(centre)[0].tolist() == pytest.approx([0.7071, 0.7071])
    low = np.zeros((1, 6), np.float32)
    low[0, 3] = 1
    assert to_stereo(low).tolist() == [[0.0, 0.0]]
