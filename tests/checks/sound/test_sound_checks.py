"""Each sound check finds its fault, put into clean sound by formula, and is silent over the sound it came from."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from plain_facts import plain_facts, stereo

from kling_post.checks.check import Subject
from kling_post.checks.registry import all_checks
from kling_post.signals.sound.runner import all_sound_signals
from kling_post.signals.sound.signal import SoundShape
from kling_post.sound.limiter import peak_curve, reduce_peaks, turned
from kling_post.sound.normalise import measure
from kling_post.vocabulary import Finding, FrameRange, MediaFacts, Severity, TakePlan

RATE = 48_000
SECONDS = 4
Sound = NDArray[np.float32]

FACTS = plain_facts(frames=24 * SECONDS, audio=stereo(SECONDS))


def _found(sound: Sound, *, facts: MediaFacts = FACTS, plan: TakePlan = TakePlan()) -> list[Finding]:  # noqa: B008 - frozen
    signals = {}
    for name, signal in all_sound_signals().items():
        collector = signal.collector(SoundShape(sample_rate=RATE, channels=sound.shape[1]))
        for start in range(0, len(sound), 30_000):
            collector.add(sound[start : start + 30_000])
        signals[name] = collector.finish()
    subject = Subject(facts=facts, plan=plan, signals=signals, loudness=measure([sound], RATE))
    checks = [check for name, check in all_checks().items() if name.startswith("sound_")]
    findings = [finding for check in checks for finding in check.judge(subject, check.limits).findings]
    return [finding for finding in findings if finding.severity is not Severity.INFO]


def _named(sound: Sound, *, facts: MediaFacts = FACTS, plan: TakePlan = TakePlan()) -> set[str]:  # noqa: B008 - frozen
    return {finding.check for finding in _found(sound, facts=facts, plan=plan)}


def _edges_faded(sound: NDArray[np.float64]) -> Sound:
    ramp = np.minimum(np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / 960, 1)
    return np.asarray(sound * ramp[:, None], np.float32)


def ambience(level: float = 0.05) -> Sound:
    """Filtered noise on both sides, partly the same."""
    noise = np.random.default_rng(1).normal(0, 1, (SECONDS * RATE + 64, 3))
    smooth = np.apply_along_axis(np.convolve, 0, noise, np.hanning(24) / 12, "same")[: SECONDS * RATE]
    return _edges_faded(level * (smooth[:, :2] + smooth[:, 2:]))


def percussion() -> Sound:
    """Five strokes on a quiet bed, each with a decay of 40 ms."""
    rng, time = np.random.default_rng(2), np.arange(RATE // 2) / RATE
    sound = rng.normal(0, 0.002, (SECONDS * RATE, 2))
    for start in (0.4, 1.1, 1.7, 2.5, 3.1):
        stroke = np.exp(-time / 0.04) * (0.3 * np.sin(2 * np.pi * 300 * time) + 0.1 * rng.standard_normal(len(time)))
        place = round(start * RATE)
        sound[place : place + len(time)] += stroke[:, None]
    return _edges_faded(sound)


def castanets() -> Sound:
    rng = np.random.default_rng(3)
    sound = rng.normal(0, 0.002, (SECONDS * RATE, 2))
    for start in np.arange(0.2, 3.6, 0.11):
        time = np.arange(2000) / RATE
        place = round(start * RATE)
        sound[place : place + 2000] += (0.15 * np.exp(-time / 0.006) * rng.standard_normal(2000))[:, None]
    return _edges_faded(sound)


def square_wave() -> Sound:
    time = np.arange(SECONDS * RATE) / RATE
    wave = 0.5 * np.sign(np.sin(2 * np.pi * 110 * time)) + np.random.default_rng(4).normal(0, 1e-4, len(time))
    return _edges_faded(np.repeat(wave[:, None], 2, axis=1))


def bass_note() -> Sound:
    time = np.arange(SECONDS * RATE) / RATE
    left = 0.9 * np.sin(2 * np.pi * 50 * time)
    return _edges_faded(np.stack([left, left * 0.9], axis=1))


def syllables() -> Sound:
    """Voiced syllables with pauses, each rising in 15 ms and falling away exponentially."""
    time = np.arange(SECONDS * RATE) / RATE
    sound = np.random.default_rng(5).normal(0, 3e-4, (SECONDS * RATE, 2))
    for start in np.arange(0.2, 3.4, 0.4):
        local = np.maximum(time - start, 0)
        shape = np.minimum(local / 0.015, 1) * np.exp(-np.maximum(local - 0.15, 0) / 0.02) * (time >= start)
        sound += (0.3 * shape * sum(np.sin(2 * np.pi * 130 * k * time) / k for k in range(1, 12)))[:, None]
    return _edges_faded(sound)


CLEAN: tuple[Callable[[], Sound], ...] = (ambience, percussion, castanets, square_wave, bass_note, syllables)


@pytest.mark.parametrize("make", CLEAN, ids=lambda make: str(make.__name__))
def test_clean_sound_has_no_findings(make: Callable[[], Sound]) -> None:
    assert _found(make()) == []


@pytest.mark.parametrize("level", [1.0, 0.5])
@pytest.mark.parametrize("make", [ambience, percussion, bass_note, syllables], ids=lambda make: str(make.__name__))
def test_clipping_is_found_at_full_scale_and_turned_down(make: Callable[[], Sound], level: float) -> None:
    sound = make()
    driven = np.clip(sound / np.abs(sound).max() * 2, -1, 1) * np.float32(level)
    found = [finding for finding in _found(driven) if finding.check == "sound_clipping"]
    assert len(found) == 1
    assert f"cut off at {20 * np.log10(level):.1f} dBFS" in found[0].message.replace("-0.0", "0.0")


@pytest.mark.parametrize(
    ("crowd", "form", "above", "flat", "found"),
    [
        (4, 0.65, 0, 0, "its tops are blunter there than beneath"),
        (4, 0.57, 0, 0, None),
        (4, 0.65, 4, 0, None),
        (1, 0.65, 0, 0, None),
        (1, 0.57, 0, 12, "8.0 times as many flat tops end there as beneath"),
        (1, 0.57, 1, 12, None),
    ],
)
def test_blunt_or_flat_tops_that_crowd_under_a_ceiling_were_cut_off_there(
    crowd: int, form: float, above: int, flat: int, found: str | None
) -> None:
    bins = np.arange(240)[:, None]
    samples = np.where((bins >= 100) & (bins < 153), 4000 * 0.95 ** (bins - 100.0), 0.0) * np.where(bins >= 148, crowd, 1)
    samples[160] = 1000 * above
    flats = np.where(bins == 150, flat, 0)
    wide = 0.5 * samples
    near = wide * np.where(bins >= 147, form, 0.55)
    waves = {"samples": samples, "all": samples / 20, "flat": flats, "near": near, "wide": wide, "length": samples}
    nothing = ("seconds", "samples", "level", "channel", "touch_seconds", "touch_samples", "touch_level", "touch_rail")
    tops = {name: np.zeros(0) for name in nothing}
    signals = {"sound_levels": {"peak": np.full((10, 1), 0.3)}, "sound_half_waves": waves, "sound_flat_tops": tops}
    subject = Subject(facts=FACTS, plan=TakePlan(), signals=signals, loudness=None)
    check = all_checks()["sound_clipping"]
    messages = [finding.message for finding in check.judge(subject, check.limits).findings]
    assert len(messages) == (found is not None)
    assert all(
        message.startswith(("The waveform was cut off near -9.", "The waveform was cut off near -10.")) and str(found) in message
        for message in messages
    )


@pytest.mark.parametrize(("make", "kilobits"), [(syllables, 0), (syllables, 192), (percussion, 0)])
def test_a_limiter_is_not_taken_for_clipping(make: Callable[[], Sound], kilobits: int) -> None:
    sound = make()
    sound *= np.float32(0.5 / np.abs(sound).max())
    limited = np.concatenate(list(turned([sound], 10.0, reduce_peaks(peak_curve([sound]), 10.0, -6.0, RATE))))
    driven = np.clip(sound * np.float32(10**0.5), -0.5, 0.5)
    for made, found in ((limited, 0), (driven, 1)):
        assert len(_of("sound_clipping", _through_aac(made, kilobits) if kilobits else made)) == found


@pytest.mark.parametrize("kilobits", [0, 192])
def test_a_siren_and_a_tune_of_one_loudness_are_not_taken_for_clipping(kilobits: int) -> None:
    time = np.arange(SECONDS * RATE) / RATE
    siren = 0.5 * np.sin(2 * np.pi * np.cumsum(700 + 300 * np.sin(np.pi * time)) / RATE)
    pitch = 220 * 2 ** (np.random.default_rng(4).integers(0, 24, 16) / 12)
    tune = 0.5 * np.abs(4 * (np.cumsum(np.repeat(pitch, RATE // 4)) / RATE % 1) - 2) - 0.5
    for wave in (siren, tune):
        sound = _edges_faded(np.repeat(wave[:, None], 2, axis=1))
        assert _of("sound_clipping", _through_aac(sound, kilobits) if kilobits else sound) == []


def test_clipping_is_named_where_nine_tenths_of_what_is_cut_off_lie() -> None:
    """Among tops of one or two samples, too short to be flat ones, are a few longer ones at the beginning."""
    time = np.arange(SECONDS * RATE) / RATE
    loud = np.where((time > 1.0) & (time < 3.0), 1.0, 0.2) * (1 + 0.02 * np.sin(2 * np.pi * 3 * time))
    sound = loud * np.sin(2 * np.pi * np.cumsum(np.where(time < 1.2, 1500, 6100)) / RATE)
    found = _of("sound_clipping", _edges_faded(np.repeat(np.clip(0.6 * sound, -0.5, 0.5)[:, None], 2, axis=1)))
    assert [finding.frames for finding in found] == [FrameRange(25, 70)]


@pytest.mark.parametrize("width", [1, 3, 8])
@pytest.mark.parametrize("make", [ambience, percussion, syllables, bass_note], ids=lambda make: str(make.__name__))
def test_a_click_is_found_where_it_is(make: Callable[[], Sound], width: int) -> None:
    sound = make()
    sound[round(2.3 * RATE) : round(2.3 * RATE) + width] += 0.3
    found = [finding for finding in _found(sound) if finding.check == "sound_click"]
    assert [finding.frames for finding in found] == [FrameRange(55, 56)]
    assert any(f"A click at {seconds} s" in found[0].message for seconds in ("2.299", "2.300", "2.301"))


def test_sound_that_begins_or_ends_in_the_middle_of_a_wave_clicks() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    sound = np.repeat(0.5 * np.cos(2 * np.pi * 100 * time)[:, None], 2, axis=1).astype(np.float32)
    found = [finding for finding in _found(sound) if finding.check == "sound_click"]
    assert [finding.frames for finding in found] == [FrameRange(0, 1), FrameRange(95, 96)]
    assert "begins away from zero, at -6 dBFS" in found[0].message


@pytest.mark.parametrize("milliseconds", [4, 10, 40, 200, 450])
def test_a_dropout_is_found_with_its_length(milliseconds: int) -> None:
    sound = ambience()
    start = round(1.5 * RATE)
    sound[start : start + milliseconds * 48] = 0
    found = [finding for finding in _found(sound) if finding.check == "sound_dropout"]
    assert len(found) == 1
    assert found[0].measured == pytest.approx(milliseconds, abs=1.01)
    assert found[0].frames is not None
    assert found[0].frames.start == 36


def test_a_low_note_on_its_way_through_zero_is_no_dropout_and_a_hole_in_it_is() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    note = 0.7 * np.sin(2 * np.pi * 40 * time) + np.random.default_rng(6).normal(0, 1e-4, len(time))
    sound = _edges_faded(np.repeat(note[:, None], 2, axis=1))
    assert not [finding for finding in _found(sound) if finding.check == "sound_dropout"]
    start = round(1.5 * RATE) + 200
    sound[start : start + 384] = 0
    assert len([finding for finding in _found(sound) if finding.check == "sound_dropout"]) == 1


def test_a_hole_is_found_before_sound_that_goes_on_quieter() -> None:
    sound = ambience()
    start = round(1.5 * RATE)
    sound[start : start + 4800] = 0
    sound[start + 4800 :] *= np.float32(0.15)
    found = [finding for finding in _found(sound) if finding.check == "sound_dropout"]
    assert [finding.measured for finding in found] == [pytest.approx(100, abs=1.01)]


@pytest.mark.parametrize(("percent", "severity"), [(0.2, None), (0.6, Severity.REVIEW), (5.0, Severity.FAIL)])
def test_an_offset_is_weighed(percent: float, severity: Severity | None) -> None:
    sound = ambience() + np.float32(percent / 100)
    found = [finding for finding in _found(sound) if finding.check == "sound_dc"]
    assert {finding.severity for finding in found} == ({severity} if severity else set())
    assert len(found) == (2 if severity else 0)


@pytest.mark.parametrize(("percent", "found"), [(0.0, 0), (0.5, 2)])
def test_an_offset_is_told_from_slow_swings_of_the_waveform(percent: float, found: int) -> None:
    swings = 0.05 * np.sin(2 * np.pi * 1.25 * np.arange(SECONDS * RATE) / RATE).astype(np.float32)[:, None]
    assert len(_of("sound_dc", ambience(0.01) + swings + np.float32(percent / 100))) == found


def test_an_inverted_channel_fails() -> None:
    sound = syllables()
    sound[:, 1] *= -1
    found = [finding for finding in _found(sound) if finding.check == "sound_phase"]
    assert [finding.severity for finding in found] == [Severity.FAIL]
    assert found[0].measured == pytest.approx(-1.0, abs=0.02)


def test_unrelated_channels_are_wide_not_inverted() -> None:
    sound = np.random.default_rng(6).normal(0, 0.05, (SECONDS * RATE, 2))
    assert "sound_phase" not in _named(_edges_faded(sound))


@pytest.mark.parametrize(("drop", "message"), [(0.0, "right channel is silent"), (0.03, "right channel is 30 dB under")])
def test_a_missing_side_is_named(drop: float, message: str) -> None:
    sound = ambience()
    sound[:, 1] *= drop
    found = [finding for finding in _found(sound) if finding.check == "sound_one_sided"]
    assert message in found[0].message


@pytest.mark.parametrize(("ordered", "severity"), [(True, Severity.FAIL), (None, Severity.REVIEW), (False, None)])
@pytest.mark.parametrize("level", [0.0, 1e-4])
def test_a_silent_track_is_as_bad_as_the_order_makes_it(ordered: bool | None, severity: Severity | None, level: float) -> None:
    sound = np.random.default_rng(7).normal(0, 1, (SECONDS * RATE, 2)).astype(np.float32) * np.float32(level)
    found = _found(sound, plan=TakePlan(sound=ordered))
    assert [(finding.check, finding.severity) for finding in found] == ([("sound_silence", severity)] if severity else [])


def test_a_long_silent_stretch_is_placed() -> None:
    sound = ambience()
    fade = np.clip(np.abs(np.arange(len(sound)) / RATE - 2.0) * 4 - 4.4, 0, 1).astype(np.float32)
    found = _found(sound * fade[:, None])
    assert [finding.check for finding in found] == ["sound_silence"]
    assert found[0].measured == pytest.approx(2.2, abs=0.05)
    assert found[0].frames == FrameRange(21, 75)


@pytest.mark.parametrize(
    ("seconds", "severity"), [(3.97, None), (3.9, Severity.REVIEW), (3.2, Severity.FAIL), (5.9, None), (6.2, Severity.REVIEW)]
)
def test_sound_that_does_not_last_as_long_as_the_picture(seconds: float, severity: Severity | None) -> None:
    sound = np.tile(ambience(), (2, 1))[: round(seconds * RATE)]
    sound[-960:] *= np.linspace(1, 0, 960, dtype=np.float32)[:, None]
    found = [finding for finding in _found(sound) if finding.check == "sound_length"]
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_sound_that_begins_after_the_picture() -> None:
    assert FACTS.audio is not None
    late = replace(FACTS, audio=replace(FACTS.audio, start_seconds=Fraction(1, 10)))
    found = [finding for finding in _found(ambience(), facts=late) if finding.check == "sound_length"]
    assert [finding.message for finding in found] == ["The sound begins 100 ms after the picture."]


def test_a_peak_beyond_full_scale_is_told_in_dbtp() -> None:
    sound = ambience()
    found = _found(sound / np.abs(sound).max() * np.float32(1.2))
    assert [finding.check for finding in found] == ["sound_loudness"]
    assert found[0].unit == "dBTP"
    assert found[0].measured == pytest.approx(1.6, abs=0.3)


def test_a_file_without_sound_is_not_asked_about() -> None:
    subject = Subject(facts=replace(FACTS, audio=None), plan=TakePlan(), signals={}, loudness=None)
    for name, check in all_checks().items():
        if name.startswith("sound_"):
            answer = check.judge(subject, check.limits)
            assert not answer.findings
            assert not answer.undetermined


def test_sound_that_was_not_measured_is_undetermined() -> None:
    subject = Subject(facts=FACTS, plan=TakePlan(), signals={}, loudness=None)
    for name, check in all_checks().items():
        if name.startswith("sound_"):
            assert check.judge(subject, check.limits).undetermined, name


def _through_aac(sound: Sound, kilobits: int) -> Sound:
    """Coded and decoded in memory; the encoder's delay is cut off."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE)
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate, stream.codec_context.layout = kilobits * 1000, "stereo"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    file.seek(0)
    with av.open(file, "r") as coded:
        planes = [frame.to_ndarray() for frame in coded.decode(audio=0)]
    decoded = np.concatenate(planes, axis=1).T
    assert decoded.dtype == np.float32
    delay = int(
        np.argmax(np.abs(np.fft.irfft(np.fft.rfft(decoded[:8192, 0], 16_384) * np.conj(np.fft.rfft(sound[:8192, 0], 16_384))))[:4096])
    )
    return np.ascontiguousarray(decoded[delay : delay + len(sound)])


def _of(check: str, sound: Sound) -> list[Finding]:
    return [finding for finding in _found(sound) if finding.check == check]


def test_a_click_is_found_behind_a_codec() -> None:
    sound = syllables()
    sound[round(2.3 * RATE) : round(2.3 * RATE) + 4] += 0.3
    assert [finding.frames for finding in _of("sound_click", _through_aac(sound, 192))] == [FrameRange(55, 56)]


def test_a_click_among_many_is_a_texture() -> None:
    sound = ambience(0.01)
    for place in np.arange(RATE // 5, SECONDS * RATE - RATE // 5, RATE // 14) + np.random.default_rng(8).integers(0, 1500, 51):
        sound[place : place + 3] += 0.2
    assert _of("sound_click", sound) == []


def test_a_texture_is_one_at_the_ends_of_the_sound_too() -> None:
    from kling_post.checks.sound.click import _alike

    seconds = np.arange(0.05, 4.0, 0.1)
    alike = _alike({"seconds": seconds, "channel": np.zeros(40), "level_db": np.full(40, -30.0)}, 4.0)
    assert ((alike >= 17) & (alike <= 20)).all()


def test_a_click_between_the_pulses_of_a_voice_is_found() -> None:
    sound = syllables()
    sound[round(1.33 * RATE) : round(1.33 * RATE) + 2] += 0.5
    assert [finding.frames for finding in _of("sound_click", sound)] == [FrameRange(31, 32)]
    assert [finding.frames for finding in _of("sound_click", _through_aac(sound, 256))] == [FrameRange(31, 32)]


def test_a_click_right_before_a_sound_is_not_taken_for_its_attack() -> None:
    sound = ambience(0.0005)
    sound[2 * RATE :] *= 20
    sound[round(1.998 * RATE) : round(1.998 * RATE) + 4] += 0.2
    assert [finding.frames for finding in _of("sound_click", sound)] == [FrameRange(47, 48)]


def test_a_click_in_a_pause_is_a_click_and_no_dropout_that_begins_or_ends_there() -> None:
    sound = syllables()
    sound[round(1.29 * RATE) : round(1.4 * RATE)] = 0
    sound[round(1.3 * RATE) : round(1.3 * RATE) + 8] = 0.3
    assert [finding.check for finding in _found(sound) if finding.frames is not None] == ["sound_click"]


def test_the_edges_of_a_dropout_are_not_told_as_clicks() -> None:
    sound = bass_note()
    sound[round(1.505 * RATE) : round(1.545 * RATE)] = 0
    assert _named(0.5 * sound) == {"sound_dropout"}


@pytest.mark.parametrize("milliseconds", [5, 20, 200])
def test_a_hole_in_a_low_note_is_found_wherever_its_wave_is_cut(milliseconds: int) -> None:
    for start in (1.500, 1.505, 1.5075):
        sound = bass_note()
        sound[round(start * RATE) : round(start * RATE) + milliseconds * 48] = 0
        assert [finding.measured for finding in _of("sound_dropout", sound)] == [pytest.approx(milliseconds, abs=3)], start


def test_a_thing_that_taps_is_no_fault() -> None:
    sound, time = ambience(0.002), np.arange(RATE // 5) / RATE
    rng = np.random.default_rng(9)
    for start in (0.4, 1.1, 1.85, 2.5, 3.2):
        tap = 0.5 * (np.exp(-time / 0.0008) + 0.03 * np.exp(-time / 0.05)) * rng.standard_normal(len(time))
        sound[round(start * RATE) : round(start * RATE) + len(time)] += tap[:, None].astype(np.float32)
    assert _of("sound_click", sound) == []


@pytest.mark.parametrize("milliseconds", [12, 60, 300])
def test_a_dropout_is_found_behind_a_codec(milliseconds: int) -> None:
    sound = ambience()
    start = round(1.5 * RATE)
    sound[start : start + milliseconds * 48] = 0
    found = _of("sound_dropout", _through_aac(sound, 160))
    assert [finding.measured for finding in found] == [pytest.approx(milliseconds, abs=4)]


@pytest.mark.parametrize(("released_seconds", "room_stops", "found"), [(0.01, False, 0), (0.0, True, 1)])
def test_a_rest_under_which_the_room_goes_on_is_no_dropout(released_seconds: float, room_stops: bool, found: int) -> None:
    time = np.arange(SECONDS * RATE) / RATE
    note = 0.3 * sum(np.sin(2 * np.pi * 330 * k * time) / k for k in range(1, 6))
    release = np.clip((2.0 - time) / max(released_seconds, 1e-9), 0, 1) * (time < 2.0)
    attack = np.clip((time - 2.04) / max(released_seconds / 5, 1e-9), 0, 1) * (time >= 2.04)
    room = 3e-4 * np.random.default_rng(9).standard_normal(len(time))
    sound = (release + attack) * note + room * (~((time >= 2.0) & (time < 2.04)) if room_stops else 1)
    assert len(_of("sound_dropout", _edges_faded(np.repeat(sound[:, None], 2, axis=1).astype(np.float32)))) == found


@pytest.mark.parametrize("died_to", [1.0, 0.1])
def test_a_hole_is_as_long_as_it_is_silent_though_what_was_cut_has_died_away_behind_it(died_to: float) -> None:
    sound = ambience()
    sound[round(1.54 * RATE) :] *= died_to
    sound[round(1.5 * RATE) : round(1.54 * RATE)] = 0
    assert [finding.measured for finding in _of("sound_dropout", sound)] == [pytest.approx(40, abs=2)]


def test_a_note_that_is_released_and_struck_again_is_no_dropout() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    within = time % 0.4
    shape = np.clip(np.minimum(within / 0.004, (0.3 - within) / 0.02), 0, 1)
    wave = 0.3 * shape * (np.sin(2 * np.pi * 330 * time) + 0.4 * np.sin(2 * np.pi * 990 * time))
    assert _of("sound_dropout", _edges_faded(np.repeat(wave[:, None], 2, axis=1) + 1e-5)) == []


def test_a_hole_that_cuts_off_a_stroke_in_a_quiet_room_is_found() -> None:
    rng, start = np.random.default_rng(5), 2 * RATE
    sound = 0.0005 * rng.standard_normal((SECONDS * RATE, 2))
    stroke = 0.3 * rng.standard_normal((4800, 2)) * np.exp(-np.arange(4800) / 960)[:, None]
    sound[start : start + 4800] += stroke
    assert _of("sound_dropout", _edges_faded(sound)) == []
    sound[start + 144 : start + 2064] = 0
    assert [finding.measured for finding in _of("sound_dropout", _edges_faded(sound))] == [pytest.approx(40, abs=1.1)]


def test_clipping_is_found_behind_a_codec() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    melody = np.sin(2 * np.pi * (150 * time + 20 * np.sin(2 * np.pi * time))) * (0.6 + 0.4 * np.sin(2 * np.pi * 1.7 * time))
    sound = _edges_faded(0.5 * np.repeat(melody[:, None], 2, axis=1)) + ambience(0.003)
    driven = np.clip(sound, -0.25, 0.25)
    found = _of("sound_clipping", _through_aac(np.asarray(driven, np.float32), 192))
    assert len(found) == 1
    assert "was cut off near" in found[0].message
    assert _of("sound_clipping", _through_aac(sound, 192)) == []


@pytest.mark.parametrize("mains", [50, 60])
def test_mains_hum_is_named_by_its_lines(mains: int) -> None:
    time = np.arange(SECONDS * RATE) / RATE
    hum = 0.003 * np.sin(2 * np.pi * mains * time) + 0.002 * np.sin(2 * np.pi * 3 * mains * time)
    found = _of("sound_hum", ambience(0.01) + hum.astype(np.float32)[:, None])
    assert len(found) == 1
    assert f"{3 * mains}" in found[0].message


def test_hum_in_noise_that_makes_it_waver_is_found_and_a_drifting_tone_is_none() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    noise = np.random.default_rng(8).normal(0, 0.075, (SECONDS * RATE, 2))
    lines = sum(0.004 * np.sin(2 * np.pi * 50 * multiple * time) for multiple in (2, 3, 5))
    waver = 1 + 0.4 * np.sin(2 * np.pi * 0.7 * time)
    assert len(_of("sound_hum", _edges_faded(noise + np.asarray(lines)[:, None]))) == 1
    assert _of("sound_hum", _edges_faded(0.1 * noise + np.asarray(lines * waver)[:, None])) == []


def test_a_single_line_of_hum_in_noise_is_found_by_what_both_fall_to() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    rumble = 0.2 * np.convolve(np.random.default_rng(3).normal(0, 1, SECONDS * RATE), np.hanning(481) / 241, "same")
    assert _of("sound_hum", _edges_faded(np.repeat(rumble[:, None], 2, axis=1))) == []
    hum = 0.008 * np.sin(2 * np.pi * 50 * time)
    (found,) = _of("sound_hum", _edges_faded(np.repeat((rumble + hum)[:, None], 2, axis=1)))
    assert found.measured == pytest.approx(16.5, abs=0.5)


def test_an_engine_on_two_high_multiples_of_the_mains_is_no_hum() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    engine = 0.01 * np.sin(2 * np.pi * 300 * time) + 0.006 * np.sin(2 * np.pi * 500 * time)
    assert _of("sound_hum", ambience(0.01) + engine.astype(np.float32)[:, None]) == []


def test_a_whine_is_found_under_a_note_that_passes_over_it() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    note = 0.03 * np.sin(2 * np.pi * 7351 * time) * np.clip(20 * (0.25 - np.abs(time - 2)), 0, 1)
    whine = 0.003 * np.sin(2 * np.pi * 7350 * time)
    assert len(_of("sound_hum", ambience() + (note + whine).astype(np.float32)[:, None])) == 1


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_note_that_ends_is_no_whine(share: float) -> None:
    time = np.arange(SECONDS * RATE) / RATE
    note = 0.003 * np.sin(2 * np.pi * 7350 * time) * (time < share * SECONDS)
    assert _of("sound_hum", ambience(0.01) + note.astype(np.float32)[:, None]) == []


def test_notes_that_follow_each_other_on_one_pitch_are_no_whine() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    struck = np.clip(20 * np.abs(time - 2.1) - 0.4, 0, 1)
    notes = 0.003 * np.sin(2 * np.pi * 7350 * time) * struck
    assert _of("sound_hum", ambience(0.01) + notes.astype(np.float32)[:, None]) == []


def test_the_overtone_of_a_note_that_is_held_is_no_whine() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    note = 0.05 * np.sin(2 * np.pi * 440 * time) + 0.005 * np.sin(2 * np.pi * 3520 * time)
    assert _of("sound_hum", ambience(0.01) + note.astype(np.float32)[:, None]) == []


def test_a_whine_is_named_by_its_frequency() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    found = _of("sound_hum", ambience() + (0.003 * np.sin(2 * np.pi * 7350 * time)).astype(np.float32)[:, None])
    assert len(found) == 1
    assert "A steady whine at 7350 Hz, -50 dBFS" in found[0].message


def test_a_step_of_the_ambience_is_placed_and_a_swell_is_none() -> None:
    stepped, time = ambience(), np.arange(SECONDS * RATE) / RATE
    stepped[round(2.2 * RATE) :] *= np.float32(10 ** (-12 / 20))
    found = _of("sound_step", stepped)
    assert [finding.measured for finding in found] == [pytest.approx(12, abs=0.7)]
    assert "falls by 11.8 dB at a stroke at 2.20 s" in found[0].message
    assert found[0].frames is not None
    assert abs(found[0].frames.start - 52) <= 1
    swell = 10 ** (-12 / 20 * np.clip((time - 1.5) / 1.0, 0, 1))
    assert _of("sound_step", np.asarray(ambience() * swell[:, None], np.float32)) == []


@pytest.mark.parametrize(("seconds", "found"), [(0.02, 1), (0.17, 0)])
def test_a_note_that_dies_away_is_no_step_of_the_ambience(seconds: float, found: int) -> None:
    time = np.arange(SECONDS * RATE) / RATE
    fall = 10 ** (-12 / 20 * np.clip((time - 2.0) / seconds + 0.5, 0, 1))
    assert len(_of("sound_step", np.asarray(ambience() * fall[:, None], np.float32))) == found


def test_a_level_that_rises_and_falls_all_the_time_has_no_step() -> None:
    loud = np.floor(np.arange(SECONDS * RATE) / RATE / 0.9) % 2
    assert _of("sound_step", np.asarray(ambience() * 10 ** (-10 / 20 * loud[:, None]), np.float32)) == []


def test_mono_and_surround_are_judged_without_a_stereo_pair() -> None:
    sound = ambience()
    assert _found(sound[:, :1]) == []
    assert _found(np.concatenate([sound, sound * 0.5, sound * 0.2], axis=1)) == []


def _struck(shift_seconds: float, times: Sequence[float] = (0.5, 1.13, 1.9, 2.4, 3.31)) -> tuple[Sound, NDArray[np.float64]]:
    """Blows at these times, heard so much later than their frames, in which the movement of one tile stops."""
    rng = np.random.default_rng(9)
    sound, change = rng.normal(0, 1e-3, (SECONDS * RATE, 2)), rng.normal(4.0, 0.1, 24 * SECONDS)
    for seconds in times:
        place = round((seconds + shift_seconds) * RATE)
        sound[place : place + 4800] += (np.exp(-np.arange(4800) / 800) * rng.normal(0, 0.2, 4800))[:, None]
        change[round(seconds * 24) :] *= 0.2 if change[round(seconds * 24)] > 2 else 5.0
    return np.asarray(sound, np.float32), change


def _sync(sound: Sound, change: NDArray[np.float64]) -> list[Finding]:
    check = all_checks()["sound_sync"]
    collector = all_sound_signals()["sound_levels"].collector(SoundShape(sample_rate=RATE, channels=2))
    collector.add(sound)
    signals = {"sound_levels": collector.finish(), "displacement": {"tile_change": change}}
    return list(check.judge(Subject(facts=FACTS, plan=TakePlan(), signals=signals, loudness=None), check.limits).findings)


@pytest.mark.parametrize(("shift", "said"), [(0.0, None), (0.08, None), (-0.2, "before"), (0.25, "after")])
def test_impacts_that_are_heard_too_early_or_too_late(shift: float, said: str | None) -> None:
    found = _sync(*_struck(shift))
    assert len(found) == (1 if said else 0)
    if said:
        assert found[0].measured == pytest.approx(shift * 1000, abs=42)
        assert said in found[0].message


def test_impacts_of_another_scene_say_nothing_about_sync() -> None:
    sound, _ = _struck(0.2, (0.7, 1.0, 1.6, 2.75, 3.0))
    _, change = _struck(0.0)
    assert _sync(sound, change) == []
