"""Whether an impulse is heard in what is around it, and whether the notes around it go on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.signals.sound.impulse_lines import LINES, impulse_lines

RATE = 48_000


def _lines(planes: NDArray[np.float64], rate: int = RATE) -> dict[str, float]:
    values = impulse_lines(planes.astype(np.float32), 0, np.array([rate // 10], np.int64), rate)
    return {name: float(value[0]) for name, value in zip(LINES, values, strict=True)}


def _chord(hertz: tuple[float, ...], seconds: float, rate: int = RATE) -> NDArray[np.float64]:
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(0.05 * np.sum([np.sin(2 * np.pi * each * time) for each in hertz], axis=0))


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_the_lines_of_a_chord_go_on_behind_a_click_and_end_where_another_begins(rate: int) -> None:
    one, other = (300.0, 450.0, 1500.0, 2200.0), (360.0, 540.0, 1800.0, 2700.0)
    going_on = _chord(one, 0.2, rate)
    going_on[rate // 10] += 0.5
    found = _lines(going_on[None], rate)
    assert min(found["low_lines_kept"], found["middle_lines_kept"]) > 0.98
    changed = np.concatenate([_chord(one, 0.1, rate), _chord(other, 0.1, rate)])
    found = _lines(changed[None], rate)
    assert max(found["low_lines_kept"], found["middle_lines_kept"]) < 0.4


def test_a_click_is_masked_by_a_louder_sound_shortly_before_it() -> None:
    sound = np.random.default_rng(5).normal(0, 1e-4, (1, RATE // 5))
    sound[0, RATE // 10] += 0.1
    assert _lines(sound)["unmasked_db"] > 20
    sound[0, RATE // 10 - 1000 : RATE // 10 - 800] += np.random.default_rng(6).normal(0, 0.05, 200)
    assert _lines(sound)["unmasked_db"] < 0


def test_a_click_is_heard_if_one_channel_lets_it_through() -> None:
    masked = np.random.default_rng(7).normal(0, 0.05, RATE // 5)
    sound = np.stack([masked, np.random.default_rng(8).normal(0, 1e-4, RATE // 5)])
    sound[1, RATE // 10] += 0.1
    assert _lines(sound)["unmasked_db"] > 20
    assert _lines(sound[:1])["unmasked_db"] < 6
