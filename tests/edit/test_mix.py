from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble, held_in_programme, with_stems
from kling_post.edit.mix import mixed_sound, to_stereo
from kling_post.edit.timeline import Stem, StemClip, Timeline
from kling_post.errors import InvalidInputError
from kling_post.media.sound_file import sound_file
from kling_post.media.wav import write_wav
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import FrameRange, JoinKind, Retime, Size

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


def shifted(make_take: MakeTake, shift: int) -> Timeline:
    """A second of 400 Hz, then one of 1100 Hz, each with six frames of handle at its ends."""
    entries = [
        make_take("a", 36, sound=tone(36, 400), trim_head_frames=6, trim_tail_frames=6),
        make_take("b", 36, sound=tone(36, 1100), trim_head_frames=6, trim_tail_frames=6),
    ]
    entries[1] = replace(entries[1], sound_shift_frames=shift)
    return assemble("split", entries, rate=RATE, size=Size(160, 90))


def loudest_hertz(samples: NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 48_000 / len(samples))


@pytest.mark.parametrize(("shift", "join"), [(-6, 36_000), (6, 60_000), (0, 48_000)])
def test_sound_leads_in_a_j_cut_and_trails_in_an_l_cut_while_the_picture_stays(make_take: MakeTake, shift: int, join: int) -> None:
    timeline = shifted(make_take, shift)
    mix = np.concatenate(list(mixed_sound(timeline)))
    assert len(mix) == 96_000
    assert [clip.record.start for clip in timeline.clips] == [0, 24]
    assert loudest_hertz(mix[join - 6_000 : join - 300]) == pytest.approx(400, abs=20)
    assert loudest_hertz(mix[join + 300 : join + 6_000]) == pytest.approx(1100, abs=20)
    assert np.abs(mix[join - 3 : join + 3]).max() < 0.01


def test_what_leads_is_the_takes_own_sound_before_its_first_picture(make_take: MakeTake) -> None:
    clap = np.zeros((72_000, 2), np.float32)
    clap[9_000:9_020] = 0.9
    entries = [make_take("a", 36), make_take("b", 36, sound=clap, trim_head_frames=6)]
    mix = whole([entries[0], replace(entries[1], sound_shift_frames=-4)])
    # Frame 36 shows the take's frame 6, sample 12 000; the clap is 3 000 samples before it.
    assert np.flatnonzero(np.abs(mix[:, 0]) > 0.45)[0] == pytest.approx(72_000 - 3_000, abs=1)


def test_sound_cannot_run_further_than_its_take(make_take: MakeTake) -> None:
    entries = [make_take("a", 24, sound=tone(24, 400)), make_take("b", 24, sound=tone(24, 400), trim_head_frames=3)]
    with pytest.raises(InvalidInputError, match=r"sound of the shot 'b' is to run 4 frames beyond its picture at its head.* has 3 there"):
        assemble("split", [entries[0], replace(entries[1], sound_shift_frames=-4)], rate=RATE)
    with pytest.raises(InvalidInputError, match="sound of the shot 'a' is to run 1 frames beyond its picture at its tail"):
        assemble("split", [entries[0], replace(entries[1], sound_shift_frames=1)], rate=RATE)


def with_music(make_take: MakeTake, folder: Path, seconds: float, **more: Any) -> tuple[Timeline, NDArray[np.float32]]:
    """Six silent seconds of picture, and noise as music over them."""
    takes = [make_take(name, 72) for name in ("a", "b")]
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, (round(seconds * 48_000), 2)).astype(np.float32)
    path = write_wav(folder / "music.wav", samples, 48_000, bits=32)
    frames = more.pop("frames", 48)
    clip = StemClip(
        clip_id="music_1",
        name="music",
        reel="MUSIC1",
        file=sound_file(path),
        source=FrameRange(0, frames),
        record=FrameRange(24, 24 + frames),
        **more,
    )
    timeline = assemble("music", takes, rate=RATE, size=Size(160, 90))
    return with_stems(timeline, [Stem(name="music", role="music", clips=(clip,))]), samples


def test_a_stem_lies_at_its_frame_and_level_to_the_sample(make_take: MakeTake, tmp_path: Path) -> None:
    timeline, music = with_music(make_take, tmp_path, 3, gain_db=-6.0206)
    mix = np.concatenate(list(mixed_sound(timeline)))
    assert len(mix) == 288_000
    assert not mix[:48_000].any()
    assert not mix[144_000:].any()
    np.testing.assert_allclose(mix[48_240:143_760], music[240:95_760] * 0.5, atol=1e-6)
    assert np.abs(mix[48_000:48_010]).max() < 0.02


def test_a_stem_longer_than_what_is_held_at_once_comes_out_whole(make_take: MakeTake, tmp_path: Path) -> None:
    timeline, music = with_music(make_take, tmp_path, 5.2, frames=120)
    mix = np.concatenate(list(mixed_sound(timeline)))
    np.testing.assert_allclose(mix[48_240:287_760], music[240:239_760], atol=1e-6)


def test_fades_follow_a_sine_over_their_frames(make_take: MakeTake, tmp_path: Path) -> None:
    timeline, music = with_music(make_take, tmp_path, 3, fade_in_frames=12, fade_out_frames=6)
    mix = np.concatenate(list(mixed_sound(timeline)))
    np.testing.assert_allclose(mix[60_000], music[12_000] * np.sin(np.pi / 4), atol=1e-4)
    np.testing.assert_allclose(mix[138_000], music[90_000] * np.sin(np.pi / 4), atol=1e-4)


def test_a_stem_must_lie_within_programme_and_file(make_take: MakeTake, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="ends at frame 174, the programme has 144"):
        with_music(make_take, tmp_path, 8, frames=150)
    with pytest.raises(InvalidInputError, match=r"needs 2\.00 s of .*music.wav, which has 1\.00 s"):
        with_music(make_take, tmp_path, 1)


@pytest.mark.parametrize(("keeps", "hertz"), [(True, 1000), (False, 2000)])
def test_a_take_at_twice_its_speed_keeps_its_pitch_unless_asked_otherwise(make_take: MakeTake, keeps: bool, hertz: float) -> None:
    take = replace(make_take("fast", 48, sound=tone(48, 1000)), retime=Retime(speed=Fraction(2), keeps_pitch=keeps))
    mix = whole([take])
    assert len(mix) == 48_000
    assert loudest_hertz(mix[8_000:40_000]) == pytest.approx(hertz, abs=3)


@pytest.mark.parametrize(("speed", "within"), [(Fraction(1, 2), 1_350), (Fraction(25, 24), 430), (Fraction(2), 1_350)])
def test_a_clap_stays_with_its_picture_at_any_speed(make_take: MakeTake, speed: Fraction, within: int) -> None:
    """Within half a grain's stretching and the search: 28 ms at half and double speed, 9 ms at 25 for 24."""
    clap = np.zeros((96_000, 2), np.float32)
    clap[48_000:48_400] = 0.9 * np.hanning(400)[:, None]
    mix = whole([replace(make_take("clap", 48, sound=clap), retime=Retime(speed=speed))])
    middle = int(np.abs(mix[:, 0]).argmax())
    assert middle == pytest.approx(48_200 / speed, abs=within)


def test_stems_end_with_a_programme_that_has_become_shorter(make_take: MakeTake, tmp_path: Path) -> None:
    timeline, _ = with_music(make_take, tmp_path, 6, frames=120, fade_in_frames=12, fade_out_frames=24)
    shorter = replace(timeline, clips=timeline.clips[:1])
    (clip,) = held_in_programme(shorter).stems[0].clips
    assert (clip.record, clip.source) == (FrameRange(24, 72), FrameRange(0, 48))
    assert (clip.fade_in_frames, clip.fade_out_frames) == (12, 24)
    assert held_in_programme(timeline) is timeline
    gone = replace(shorter, clips=(replace(shorter.clips[0], source=FrameRange(0, 20), record=FrameRange(0, 20)),))
    assert held_in_programme(gone).stems[0].clips == ()
