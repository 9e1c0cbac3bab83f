"""Room tone is noise of the asked spectrum, never a loop, the same wherever it is cut, and eased so that nobody hears it begin or end."""

from dataclasses import replace

import numpy as np
import pytest
from plain_facts import plain_facts, stereo

from kling_post.checks.check import Subject
from kling_post.checks.sound.step import CHECK
from kling_post.edit.corrections import SampleRange, SoundCorrection, ToneBand, ToneBed
from kling_post.edit.sound_mending import mended
from kling_post.edit.tone_bed import with_beds
from kling_post.signals.sound.levels import SOUND_SIGNAL
from kling_post.signals.sound.signal import SoundShape
from kling_post.vocabulary import TakePlan

RATE = 48_000
BANDS = (ToneBand(hertz=500.0, left_dbfs=-40.0, right_dbfs=-46.0), ToneBand(hertz=630.0, left_dbfs=-200.0, right_dbfs=-200.0))
BED = ToneBed(bands=BANDS, full=SampleRange(start=-RATE, stop=3 * RATE), eased_samples=2 * RATE, correlation=0.5, seed=7)


HISS = replace(BED, bands=tuple(ToneBand(hertz=1000 * 2 ** (band / 3), left_dbfs=-60, right_dbfs=-60) for band in range(13)))


def silence(seconds: float) -> np.ndarray:
    return np.zeros((round(seconds * RATE), 2), np.float32)


def decibels(sound: np.ndarray) -> list[float]:
    return [float(20 * np.log10(np.asarray(sound)[:, side].std() + 1e-12)) for side in (0, 1)]


def test_a_bed_is_as_loud_as_its_bands_say_and_has_nothing_elsewhere() -> None:
    tone = with_beds(silence(3), [BED], RATE)
    assert decibels(tone) == pytest.approx([-40.0, -46.0], abs=0.5)
    assert float((tone[:, 0] * tone[:, 1]).mean() / (tone[:, 0].std() * tone[:, 1].std())) == pytest.approx(0.5, abs=0.08)
    power = np.abs(np.fft.rfft(tone[:, 0])) ** 2
    inside = slice(round(3 * 500 * 2 ** (-1 / 5)), round(3 * 500 * 2 ** (1 / 5)))
    assert power[inside].sum() / power.sum() > 0.99


def test_a_bed_is_no_loop_and_has_no_seam_in_it() -> None:
    tone = with_beds(silence(3), [HISS], RATE)[:, 0].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(tone, 2 * len(tone))) ** 2
    likeness = np.fft.irfft(spectrum)[: len(tone)] / float(tone @ tone)
    assert np.abs(likeness[RATE // 100 :]).max() < 0.05
    levels = [part.std() for part in np.array_split(tone, 48)]
    assert max(levels) / min(levels) < 1.2


def test_a_bed_is_the_same_noise_wherever_the_sound_is_cut_and_on_every_run() -> None:
    whole = with_beds(silence(6), [BED], RATE)
    later = with_beds(silence(2), [BED], RATE, clip_starts_at=-12_345)
    assert np.array_equal(later, whole[12_345 : 12_345 + 2 * RATE])
    assert np.array_equal(with_beds(silence(1), [BED], RATE, clip_starts_at=777)[777:], whole[: RATE - 777])
    assert not np.array_equal(with_beds(silence(1), [replace(BED, seed=8)], RATE), whole[:RATE])


def test_of_two_beds_the_louder_one_is_heard_in_each_band_and_not_their_sum() -> None:
    other = replace(BED, bands=(replace(BANDS[0], left_dbfs=-50.0, right_dbfs=-42.0), BANDS[1]))
    assert decibels(with_beds(silence(3), [BED, other], RATE)) == pytest.approx([-40.0, -42.0], abs=0.5)


def test_an_eased_bed_fades_without_a_step_and_leaves_the_rest_as_it_was() -> None:
    own = np.random.default_rng(3).normal(0, 10 ** (-62 / 20), (8 * RATE, 2)).astype(np.float32)
    sound = mended(own, SoundCorrection(tone_beds=(BED,)), RATE)
    quarters = [decibels(sound[start : start + RATE // 2])[0] for start in range(3 * RATE, 5 * RATE, RATE // 2)]
    assert quarters == sorted(quarters, reverse=True)
    assert np.array_equal(sound[5 * RATE + 4096 :], own[5 * RATE + 4096 :])
    collector = SOUND_SIGNAL.collector(SoundShape(sample_rate=RATE, channels=2))
    collector.add(sound)
    facts = plain_facts(frames=192, audio=stereo(8))
    subject = Subject(facts=facts, plan=TakePlan(), signals={SOUND_SIGNAL.name: collector.finish()}, loudness=None)
    assert CHECK.judge(subject, CHECK.limits).findings == ()
