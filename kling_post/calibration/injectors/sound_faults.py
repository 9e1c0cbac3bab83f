"""Faults of the sound: clicks, holes, flat tops, offsets, inverted and missing channels, silence."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import PLAIN, Injected, Material, Random, whole, within
from kling_post.calibration.score import Event

Sound = NDArray[np.float32]
Made = tuple[Sound, tuple[float, float] | None]
"""The faulty sound, and the seconds during which the fault is heard; None for all of it."""

RATE = 48_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFault:
    """One fault, made by ``make(sound, size, rng)``."""

    name: str
    title: str
    check: str
    sizes: tuple[float, ...]
    unit: str
    visible: float
    make: Callable[[Sound, float, Random], Made]
    coded: bool = False
    """Whether AAC smears the fault, as in a delivered take; PCM otherwise."""
    traits: frozenset[str] = frozenset({"sounding"})
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """The picture stays as it is."""
        sound, seconds = self.make(material.sound.copy(), size, material.rng)
        return Injected(frames=iter(material.frames), truth=(self._event(material, seconds),), sound=sound, sound_coded=self.coded)

    def _event(self, material: Material, seconds: tuple[float, float] | None) -> Event:
        if seconds is None:
            return whole(len(material.frames))
        first, last = (int(each * float(material.rate)) for each in seconds)
        return within(first, last + 1)


def _place(sound: Sound, rng: Random, length: int) -> int:
    """A place in the middle third where the sound is near its usual level: no fault is heard in silence."""
    count = len(sound)
    usual = float(np.sqrt(np.square(sound).mean()))
    for _ in range(200):
        start = int(rng.integers(count // 3, 2 * count // 3))
        beside = sound[start - 2400 : start + length + 2400]
        if float(np.sqrt(np.square(beside).mean())) >= 0.7 * usual:
            return start
    return count // 2


def _click(sound: Sound, size: float, rng: Random) -> Made:
    start = _place(sound, rng, 4)
    sound[start : start + 4] += np.float32(10 ** (size / 20)) * np.array([1, -0.8, 0.5, -0.2], np.float32)[:, None]
    return sound, (start / RATE, (start + 4) / RATE)


def _hole(sound: Sound, size: float, rng: Random) -> Made:
    length = round(size / 1000 * RATE)
    start = _place(sound, rng, length)
    sound[start : start + length] = 0
    return sound, (start / RATE, (start + length) / RATE)


def _clipped(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    peak = float(np.abs(sound).max())
    ceiling = np.float32(peak * 10 ** (-size / 20))
    return np.clip(sound, -ceiling, ceiling), None


def _offset(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    return sound + np.float32(size / 100), None


def _inverted(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    middle = sound.mean(axis=1, keepdims=True)
    side = sound - middle
    wide = middle * np.array([1, -1], np.float32) + side
    return np.asarray(sound + (wide - sound) * np.float32(size), np.float32), None


def _one_sided(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    sound[:, 1] *= np.float32(10 ** (-size / 20))
    return sound, None


_FAULTS = (
    SoundFault(
        name="click", title="A click of four samples", check="sound_click", sizes=(-36, -24, -12, -6), unit="dBFS", visible=-24, make=_click
    ),
    SoundFault(
        name="sound_hole", title="A hole in the sound", check="sound_dropout", sizes=(2, 5, 20, 100, 400), unit="ms", visible=5, make=_hole
    ),
    SoundFault(
        name="clipping",
        title="Clipped tops",
        check="sound_clipping",
        sizes=(1, 3, 6, 12),
        unit="dB under the peak",
        visible=3,
        make=_clipped,
    ),
    SoundFault(name="dc_offset", title="Offset from zero", check="sound_dc", sizes=(0.1, 0.5, 1, 2), unit="%", visible=0.5, make=_offset),
    SoundFault(
        name="inverted_channel",
        title="One channel inverted",
        check="sound_phase",
        sizes=(0.5, 1.0),
        unit="share",
        visible=1.0,
        make=_inverted,
    ),
    SoundFault(
        name="missing_channel",
        title="One channel quieter",
        check="sound_one_sided",
        sizes=(12, 26, 60),
        unit="dB",
        visible=26,
        make=_one_sided,
    ),
)
_CODED = tuple(replace(fault, name=f"{fault.name}_aac", title=f"{fault.title}, AAC", coded=True) for fault in _FAULTS)

INJECTORS = (*_FAULTS, *_CODED)
