"""Pulses at a fixed distance: what the frame groups of a video generator's decoder leave (every 4th, 8th, 16th, 17th frame ...)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

PERIODS = tuple(range(4, 34))
"""Frames. Shorter ones are flicker; longer ones repeat too seldom in a take of 3 to 15 s to be told from chance."""
_LEAST_PULSES = 4
_PROMINENCE = 4.0
"""A pulse must stand this far above the typical ripple of the other frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """One frame in ``period`` that differs from its neighbours each time by about ``percent``."""

    period: int
    first: int
    """First pulse, counted from the start of the curve."""
    last: int
    percent: float
    """Median height above (below, if negative) the mean of the two frames beside it."""


def strongest_pulse(exposure: Values, *, least: float, agreement: float) -> Pulse | None:
    """The clearest pulse of an exposure curve (per cent, (frames,)); None where no period shows one."""
    ripple = np.zeros(len(exposure))
    ripple[1:-1] = exposure[1:-1] - (exposure[2:] + exposure[:-2]) / 2
    if np.abs(ripple).max(initial=0) < least:
        return None  # so it is with most clips, and at once
    best: Pulse | None = None
    for period in PERIODS:
        for phase in range(period):
            places = np.arange(phase, len(ripple) - 1, period)
            places = places[places > 0]
            pulse = _pulse_at(ripple, places, period, least=least, agreement=agreement)
            # A multiple of the true period shows the same pulse with half the evidence: only a clearly higher one replaces it.
            if pulse and (best is None or abs(pulse.percent) > 1.2 * abs(best.percent)):
                best = pulse
    return best


def _pulse_at(ripple: Values, places: NDArray[np.int64], period: int, *, least: float, agreement: float) -> Pulse | None:
    if len(places) < _LEAST_PULSES:
        return None
    heights = ripple[places]
    height = float(np.median(heights))
    if abs(height) < least or np.mean(heights * np.sign(height) >= least / 2) < agreement:
        return None
    # The frames beside a pulse ripple by half its height the other way; leave them out of the comparison.
    others = np.delete(ripple, np.unique(np.clip(np.concatenate([places - 1, places, places + 1]), 0, len(ripple) - 1)))
    typical = float(np.median(np.abs(others))) if others.size else 0.0
    if abs(height) < _PROMINENCE * typical:
        return None
    return Pulse(period=period, first=int(places[0]), last=int(places[-1]), percent=height)
