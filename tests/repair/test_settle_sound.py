"""A clip's own sound is looked through again in the finished programme."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kling_post.edit.timeline import Timeline
from kling_post.repair.outcome import State
from kling_post.repair.propose_sound import faults_of_clip
from kling_post.repair.settle_sound import sound_taken_back

Cut = Callable[..., Timeline]
RATE, SAMPLES = 48_000, 32_000


def _hum(number: int, samples: int = SAMPLES) -> np.ndarray:
    rng, time = np.random.default_rng(number), np.arange(samples) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 220 * time)
    return np.asarray(tone[:, None] + rng.normal(0, 0.01, (samples, 2)), np.float32)


def _offset(sound: np.ndarray) -> np.ndarray:
    return sound + np.float32(0.02)


def _one_sided(sound: np.ndarray) -> np.ndarray:
    return np.asarray(sound * np.array([1, 0], np.float32), np.float32)


@pytest.mark.parametrize("fault", [_offset, _one_sided], ids=["constant", "one side"])
def test_a_fault_that_is_still_there_takes_its_repair_back(cut_in_two: Cut, fault: Callable[[np.ndarray], np.ndarray]) -> None:
    faulty = cut_in_two(sounds=(_hum(1), fault(_hum(2))))
    clip: Any = faulty.clips[1]
    repairs = faults_of_clip(clip, fault(_hum(2)), faulty.sample_rate)
    assert len(repairs) == 1
    (back,) = sound_taken_back(repairs, faulty)
    assert (back.repair, back.state) == (repairs[0], State.WITHDRAWN)
    assert back.note.startswith("Measured in the finished programme, it is still there: ")


@pytest.mark.parametrize("fault", [_offset, _one_sided], ids=["constant", "one side"])
def test_a_fault_that_is_gone_leaves_its_repair_standing(cut_in_two: Cut, fault: Callable[[np.ndarray], np.ndarray]) -> None:
    mended = cut_in_two(sounds=(_hum(1), _hum(2)))
    repairs = faults_of_clip(mended.clips[1], fault(_hum(2)), mended.sample_rate)
    assert sound_taken_back(repairs, mended) == ()


def test_a_constant_that_is_a_tenth_of_what_it_was_is_mended(cut_in_two: Cut) -> None:
    nearly = cut_in_two(sounds=(_hum(1), _hum(2) + np.float32(0.005)))
    repairs = faults_of_clip(nearly.clips[1], _hum(2) + np.float32(0.05), nearly.sample_rate)
    assert sound_taken_back(repairs, nearly) == ()
