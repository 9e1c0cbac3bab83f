"""How an impulse rises and falls in six bands, in steps of a quarter of a millisecond, and how it lies between the channels.

A click is there in all bands at once and gone in all of them; a codec smears it, evenly to both sides. A stroke rings on, the pulse of
a voice stands out in some bands and not in others, and what begins within milliseconds falls off with frequency. A click in one channel
alone lies apart from a sound that is in both.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kling_post.signals.sound.decibels import decibels
from kling_post.signals.sound.power_spectra import band_edges

EDGES_HZ = (1000, 2000, 3500, 5500, 8000, 11_000, 16_000)
_STEPS_PER_SECOND = 4000
_REACH, _PEAK, _BEFORE, _AFTER, _NEAR = 128, 12, 96, 72, 16
"""In steps: half of what is looked at, where the peak may lie, and from where to where the surroundings reach."""
_LATER = (8, 20)
_FLOOR, _SLOPE_FLOOR = 1e-11, 0.05
_LEAST_WEIGHT, _MOST_WEIGHT = 1e-3, 20.0
_OTHERS_FLOOR = 1e-3
"""Channels that are 30 dB quieter than this one say nothing of it."""

SHAPE = ("least_band_db", "middle_band_db", "lift_db", "slope_db", "apart_db")

Planes = NDArray[np.float32]
Places = NDArray[np.int64]
Levels = NDArray[np.float64]


def impulse_shapes(planes: Planes, channel: int, at: Places, rate: int) -> tuple[Levels, ...]:
    """What ``SHAPE`` names, of each impulse.

    Args:
        planes: (channels, samples).
        channel: The one that the impulses are in.
        at: (impulses,) samples, each at least 33 ms from both ends.
        rate: Samples per second.

    Returns:
        Five times (impulses,), in decibels: the height over all from 24 ms before to 18 ms after, 4 ms left out on both sides, of the
        least prominent band and of the fourth of six; what is left 2 to 5 ms after over the middle of the surroundings, mean of the
        bands by how far each stands out; by how much what it adds to the sound rises with each octave; and how much more it is in
        this channel than the sound around is, 0 in mono.
    """
    power = _band_power(planes[channel], at, rate)
    middle, bands = power.shape[2] // 2, len(EDGES_HZ) - 1
    around = np.sort(
        np.concatenate([power[..., middle - _BEFORE : middle - _NEAR], power[..., middle + _NEAR : middle + _AFTER]], axis=2), axis=2
    )
    near = power[..., middle - _PEAK : middle + _PEAK + 1]
    over = decibels(near.max(axis=2) / np.maximum(around[..., -1], _FLOOR))
    peak = middle - _PEAK + near.argmax(axis=2)
    later = np.take_along_axis(power, peak[..., None] + np.arange(*_LATER), 2).mean(axis=2)
    weights = np.clip(over, 0, _MOST_WEIGHT) + _LEAST_WEIGHT
    weights /= weights.sum(axis=1, keepdims=True)
    quarter = around.shape[2] // 4
    lift = decibels((later + _FLOOR) / (around[..., quarter:-quarter].mean(axis=2) + _FLOOR))
    added = np.maximum(near.max(axis=2) - around[..., quarter:-quarter].mean(axis=2), _FLOOR) / np.diff(EDGES_HZ)
    ranked = np.sort(over, axis=1)
    return (
        ranked[:, 0],
        ranked[:, bands // 2 - 1],
        (weights * lift).sum(axis=1),
        _slope(decibels(added), weights),
        _apart(planes, channel, at, rate),
    )


def _slope(levels: Levels, weights: Levels) -> Levels:
    """Of levels over octaves, (impulses, bands): the weighted line through them; nothing where one band has all the weight."""
    octaves = np.log2(np.sqrt(np.array(EDGES_HZ[1:], float) * EDGES_HZ[:-1]))
    aside = octaves - (weights * octaves).sum(axis=1, keepdims=True)
    return np.asarray((weights * aside * levels).sum(axis=1) / ((weights * aside**2).sum(axis=1) + _SLOPE_FLOOR), np.float64)


def _band_power(plane: NDArray[np.float32], at: Places, rate: int) -> Levels:
    """(impulses, bands, steps), squared envelopes of the bands in the steps around each place."""
    step = rate // _STEPS_PER_SECOND
    reach = _REACH * step
    spectrum = np.fft.rfft(plane[at[:, None] + np.arange(-reach, reach)])
    edges = band_edges(EDGES_HZ, 2 * reach, rate)
    power = np.empty((len(at), len(edges) - 1, 2 * _REACH))
    for band, (low, high) in enumerate(pairwise(edges)):
        # Only one side of the spectrum, moved down to zero: its transform back is the band's envelope, at the rate of the steps.
        count = 2 * _REACH * -(-(high - low) // (2 * _REACH))
        one_sided = np.zeros((len(at), count), np.complex128)
        one_sided[:, : high - low] = spectrum[:, low:high]
        envelope = np.square(np.abs(np.fft.ifft(one_sided))) * (count / reach) ** 2
        power[:, band] = envelope.reshape(len(at), 2 * _REACH, -1).mean(axis=2)
    return power


def _apart(planes: Planes, channel: int, at: Places, rate: int) -> Levels:
    if len(planes) < 2:
        return np.zeros(len(at))
    reach, aside, core = (round(seconds * rate) for seconds in (0.032, 0.004, 0.001))
    places = at[:, None] + np.arange(-reach, reach)
    powers = [np.square(np.diff(plane[places])) for plane in planes]
    own = powers.pop(channel) + np.float32(1e-14)
    others = np.mean(powers, axis=0) + np.float32(_OTHERS_FLOOR) * own
    near = own[:, reach - 3 * core : reach + 3 * core]
    peak = reach - 3 * core + near.argmax(axis=1)
    middle = peak[:, None] + np.arange(-core, core)
    around = np.r_[0 : reach - aside, reach + aside : own.shape[1]]
    inside = np.take_along_axis(own, middle, 1).sum(axis=1) / np.take_along_axis(others, middle, 1).sum(axis=1)
    return decibels(inside / (own[:, around].sum(axis=1) / others[:, around].sum(axis=1)))
