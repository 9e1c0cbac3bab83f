"""Faults of sound put into made clips, what is proposed for them, and what is left in the mix."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import pytest

from kling_post.edit.mix import mixed_sound
from kling_post.edit.timeline import Timeline
from kling_post.repair.apply import apply_repairs
from kling_post.repair.propose_sound import propose_sound
from kling_post.repair.repairs import Repair, TrimHead
from kling_post.repair.sound_repairs import CrossfadeSound, Declick, FadeEdges, FillTone, FixChannels, MatchLevel, RemoveDc
from kling_post.vocabulary import FrameRange, JoinKind, Judgement, Retime, SeamProperty, SeamReport, Severity

Cut: TypeAlias = Any
RATE, SAMPLES = 48_000, 32_000
"""Sixteen frames at 24 frames a second."""


def hum(seed: int = 1, level: float = 0.05) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, level, (SAMPLES, 2))
    return np.asarray(np.apply_along_axis(lambda wave: np.convolve(wave, np.ones(8) / 8, "same"), 0, noise), np.float32)


def report(*, kind: JoinKind = JoinKind.CONTINUE, loudness: float = 0.0, click: float = 0.0) -> SeamReport:
    def row(name: str, measured: float, limit: float, unit: str) -> SeamProperty:
        severity = Severity.REVIEW if abs(measured) > limit else None
        return SeamProperty(name=name, measured=measured, limit=limit, unit=unit, severity=severity, message="as measured")

    return SeamReport(
        outgoing="half0",
        incoming="half1",
        record_frame=16,
        planned=kind,
        seen=kind,
        properties=(row("loudness", loudness, 3.0, "LU"), row("click", click, 4.0, "x")),
        judgement=Judgement(),
    )


def proposed(timeline: Timeline, seam: SeamReport, kind: type[Repair]) -> list[Any]:
    return [repair for repair in propose_sound([seam], timeline) if isinstance(repair, kind)]


def mix_of(timeline: Timeline) -> np.ndarray:
    return np.concatenate(list(mixed_sound(timeline)))


def test_clean_sound_needs_nothing(cut_in_two: Cut) -> None:
    assert propose_sound([report()], cut_in_two(sounds=(hum(1), hum(2)))) == ()


def test_a_constant_is_found_and_taken_off(cut_in_two: Cut) -> None:
    timeline = cut_in_two(sounds=(hum(1), hum(2) + np.float32(0.02)))
    (repair,) = proposed(timeline, report(), RemoveDc)
    assert repair.incoming == "half1"
    assert repair.offset == pytest.approx((0.02, 0.02), abs=0.001)
    assert abs(mix_of(apply_repairs(timeline, [repair]))[SAMPLES + 2000 :].mean()) < 0.001


def test_a_channel_that_is_empty_gets_the_other_one(cut_in_two: Cut) -> None:
    sided = hum(2)
    sided[:, 1] = 0
    timeline = cut_in_two(sounds=(hum(1), sided))
    (repair,) = proposed(timeline, report(), FixChannels)
    assert repair.channels == "left on both"
    left, right = mix_of(apply_repairs(timeline, [repair]))[SAMPLES + 2000 :].T
    assert np.array_equal(left, right)


def test_a_channel_that_is_upside_down_is_turned(cut_in_two: Cut) -> None:
    inverted = hum(2)
    inverted[:, 1] = -inverted[:, 0]
    (repair,) = proposed(cut_in_two(sounds=(hum(1), inverted)), report(), FixChannels)
    assert repair.channels == "right inverted"


def test_sound_that_ends_early_is_filled_with_its_own_tone(cut_in_two: Cut) -> None:
    timeline = cut_in_two(sounds=(hum(1)[:-6000], hum(2)))
    (repair,) = proposed(timeline, report(), FillTone)
    assert repair.incoming == "half0"
    assert repair.tail_samples == pytest.approx(6000, abs=1100)  # AAC writes whole frames of 1024 samples
    filled = mix_of(apply_repairs(timeline, [repair]))[SAMPLES - 4000 : SAMPLES - 500]
    assert filled.std() == pytest.approx(hum(1).std(), rel=0.2)


def test_a_step_of_loudness_is_matched_by_one_gain_and_only_where_the_shot_goes_on(cut_in_two: Cut) -> None:
    timeline = cut_in_two(sounds=(hum(1), hum(2) * np.float32(2)))
    (repair,) = proposed(timeline, report(loudness=6.0), MatchLevel)
    assert repair.gain_db == -6.0
    assert repair.predictions[0].after == 0.0
    assert proposed(timeline, report(kind=JoinKind.CUT, loudness=6.0), MatchLevel) == []


def test_a_gain_is_held_at_twelve_decibels(cut_in_two: Cut) -> None:
    (repair,) = proposed(cut_in_two(sounds=(hum(1), hum(2))), report(loudness=-20.0), MatchLevel)
    assert repair.gain_db == 12.0
    assert repair.predictions[0].after == -8.0


def test_a_click_beside_the_join_is_drawn_anew(cut_in_two: Cut) -> None:
    clicked = hum(2)
    clicked[480:490] += np.float32(0.7)
    timeline = cut_in_two(sounds=(hum(1), clicked))
    (repair,) = proposed(timeline, report(), Declick)
    stretch = slice(SAMPLES + 400, SAMPLES + 600)
    assert np.abs(mix_of(timeline)[stretch]).max() > 0.4
    assert np.abs(mix_of(apply_repairs(timeline, [repair]))[stretch]).max() < 0.2


def test_a_break_at_the_cut_itself_is_no_click_to_be_drawn_anew(cut_in_two: Cut) -> None:
    broken = hum(2)
    broken[:96] += np.float32(0.5) * np.exp(-np.arange(96) / 24).astype(np.float32)[:, None]
    timeline = cut_in_two(sounds=(hum(1), broken))
    assert all(samples.start >= 32 for repair in proposed(timeline, report(click=9.0), Declick) for samples in repair.in_incoming)
    mended = mix_of(apply_repairs(timeline, propose_sound([report(click=9.0)], timeline)))
    assert np.abs(mended).max() < 0.6


def test_a_waveform_that_breaks_gets_the_shortest_fade_that_does(cut_in_two: Cut) -> None:
    high, low = hum(1) + np.float32(0.0), hum(2)
    high[-2000:] += np.float32(0.4)
    (repair,) = proposed(cut_in_two(sounds=(high, low)), report(click=9.0), FadeEdges)
    assert 0.002 <= repair.in_seconds <= 0.01
    assert repair.predictions[0].after < 2.0


def test_sound_before_a_trimmed_head_crosses_over(cut_in_two: Cut) -> None:
    timeline = cut_in_two(sounds=(hum(1), hum(2)))
    trim = TrimHead(outgoing="half0", incoming="half1", reason="", frames=4)
    trimmed = apply_repairs(timeline, [trim])
    (repair,) = proposed(trimmed, report(), CrossfadeSound)
    assert repair.crossfade.before_samples == 8000
    assert repair.crossfade.correlation < 0.1
    mix = mix_of(apply_repairs(timeline, [trim, repair]))
    assert len(mix) == 2 * SAMPLES - 8000
    levels = [part.std() for part in np.array_split(mix[SAMPLES - 8000 : SAMPLES], 8)]
    assert max(levels) / min(levels) < 1.35


def test_a_retimed_take_holds_as_much_behind_the_join_as_its_conformed_length_says(cut_in_two: Cut) -> None:
    timeline = cut_in_two(sounds=(hum(1), hum(2)))
    first, second = timeline.clips
    half_speed = replace(first, retime=Retime(speed=Fraction(1, 2)), source=FrameRange(0, 28), record=FrameRange(0, 28))
    edit = replace(timeline, clips=(half_speed, replace(second, record=FrameRange(28, 44))))
    (repair,) = proposed(edit, report(), CrossfadeSound)
    assert (repair.crossfade.before_samples, repair.crossfade.after_samples) == (0, 8000)  # four frames of its 32 are left


def test_a_cut_in_name_only_is_left_alone(cut_in_two: Cut) -> None:
    timeline = cut_in_two(sounds=(hum(1), hum(2)))
    first = timeline.clips[0]
    halves = (
        replace(first, source=FrameRange(0, 8), record=FrameRange(0, 8)),
        replace(first, clip_id="half1", source=FrameRange(8, 16), record=FrameRange(8, 16)),
    )
    assert propose_sound([report(click=9.0)], replace(timeline, clips=halves)) == ()
