"""A beat is measured by its frequency and swing, and told from what merely wanders."""

import numpy as np
import pytest

from kling_post.checks.evidence.spectral_lines import in_phase, shared_by, strongest_lines

RATE = 24.0
TIMES = np.arange(96) / RATE


@pytest.mark.parametrize(("hertz", "swing"), [(3.0, 1.0), (4.0, 2.0), (6.2, 1.0), (8.0, 5.0)])
def test_a_sine_is_read_true_on_a_slope(hertz: float, swing: float) -> None:
    curve = swing / 2 * np.sin(2 * np.pi * hertz * TIMES + 0.7) + 3 * TIMES - TIMES**2
    for line in strongest_lines(curve, rate=RATE, frames=48):
        assert line.hertz == pytest.approx(hertz, abs=0.13)
        assert line.swing == pytest.approx(swing, rel=0.05)
        assert line.over_slower > 4


def test_every_other_frame_is_read_true_at_half_the_rate() -> None:
    curve = np.where(np.arange(96) % 2, 1.0, -1.0)
    assert all(line.swing == pytest.approx(2, rel=0.1) and line.hertz > 11.4 for line in strongest_lines(curve, rate=RATE, frames=24))


def test_a_random_walk_has_no_beat() -> None:
    walk = np.cumsum(np.random.default_rng(1).standard_normal(2000))
    assert np.mean([line.over_slower > 2 and line.over_floor > 2.5 for line in strongest_lines(walk, rate=RATE, frames=48)]) < 0.03


def test_windows_reach_to_the_end_and_short_curves_have_none() -> None:
    assert [line.start for line in strongest_lines(np.zeros(50), rate=RATE, frames=24)] == [0, 6, 12, 18, 24, 26]
    assert strongest_lines(np.zeros(23), rate=RATE, frames=24) == ()


def test_parts_share_a_beat_by_their_swing_and_phase() -> None:
    beat = np.sin(2 * np.pi * 6 * TIMES)
    parts = np.stack([beat, 0.5 * beat, -beat, np.cos(2 * np.pi * 6 * TIMES), 0 * beat], axis=1)
    line = strongest_lines(beat, rate=RATE, frames=48)[0]
    assert in_phase(shared_by(line, beat, parts, rate=RATE)) == pytest.approx([1, 0.5, 0, 0, 0], abs=0.01)
