"""The heights of half-waves, and the form of their tops."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.signals.sound.half_waves import BIN_DB, LOWEST_DBFS, SOUND_SIGNAL
from kling_post.signals.sound.signal import SoundSeries, SoundShape

RATE = 48_000


def _counted(wave: NDArray[np.float64]) -> SoundSeries:
    collector = SOUND_SIGNAL.collector(SoundShape(sample_rate=RATE, channels=1))
    collector.add(wave[:, None].astype(np.float32))
    return collector.finish()


def _tone(hertz: float = 100.3) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE + 0.1)


def test_a_tone_has_half_waves_of_one_height_and_the_top_of_a_sine() -> None:
    heard = _counted(_tone())
    place = int((20 * np.log10(0.5) - LOWEST_DBFS) / BIN_DB)
    assert heard["all"][place, 0] == heard["all"].sum() == 199
    assert heard["near"].sum() / heard["wide"].sum() == pytest.approx(np.arccos(0.9) / np.arccos(0.7), abs=0.003)
    assert heard["length"].sum() == pytest.approx(199 * RATE / 200.6, abs=1)
    assert heard["flat"].sum() == 0


def test_clipping_leaves_blunt_and_flat_tops_and_crowds_the_samples() -> None:
    heard = _counted(np.clip(_tone(), -0.25, 0.25))
    place = int((20 * np.log10(0.25) - LOWEST_DBFS) / BIN_DB)
    assert heard["flat"][place, 0] == heard["all"].sum() == 199
    assert heard["near"].sum() / heard["wide"].sum() == pytest.approx(0.907, abs=0.01)
    assert heard["samples"][place, 0] / heard["length"].sum() == pytest.approx(2 / 3, abs=0.02)


def test_a_turned_down_tone_keeps_its_form() -> None:
    loud, quiet = _counted(_tone()), _counted(0.3 * _tone())
    assert quiet["near"].sum() == loud["near"].sum()
    assert np.flatnonzero(quiet["all"])[0] < np.flatnonzero(loud["all"])[0]


def test_silence_has_no_half_waves() -> None:
    assert all(not counts.any() for counts in _counted(np.zeros(RATE)).values())
