"""Faults of the sound, put into foley and into made music, speech, percussion and ambience; and that sound without any fault."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.audibility import (
    LEAST_DISTORTION_DB,
    LEAST_PROMINENCE_DB,
    LEAST_TONE_DB,
    click_is_heard,
    distortion_db,
    hole_is_heard,
    prominence_db,
    tone_over_db,
)
from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, whole
from kling_post.calibration.made_sound import KINDS
from kling_post.calibration.score import Event, Shape
from kling_post.vocabulary import FrameRange

Sound = NDArray[np.float32]
Seconds = tuple[float, float]
Made = tuple[Sound, Seconds | None, bool]
"""The faulty sound, the seconds of the fault (None for all of it), and whether it is heard in this sound."""

RATE = 48_000
_FOLEY = "foley"
_PROGRAMME = (_FOLEY, _FOLEY, "music", "organ", "speech", "speech", "scene", "drums", "footsteps", "wind", "birds")
_QUIET_BASS = (_FOLEY, "music", "speech", "claps", "footsteps", "rain", "birds")
"""Where hum is not drowned by what the scene itself has down there."""
_STEADY = ("rain", "wide", "wind", "room")
_BESIDE = RATE // 100
_LEAST_BESIDE = 0.004
"""RMS of the 10 ms on either side of a hole, -48 dBFS."""
_MOST_DRAWN = 8


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
    into: tuple[str, ...] = _PROGRAMME
    """Kinds of sound that it is put into, one of them by chance."""
    is_heard: Callable[[Sound, int, int], bool] | None = None
    """Whether what a codec has left of it is heard, in the delivered sound from a sample on, so many of them."""
    shape: Shape = Shape.WITHIN
    """Of the event: clipping may be told of the whole take, or of the stretch in which its tops are cut off."""
    coded: bool = False
    """Whether AAC smears the fault, as in a delivered take; PCM otherwise."""
    traits: frozenset[str] = frozenset({"sounding"})
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """The picture stays as it is; where the fault is not heard in one sound, another is drawn."""
        for _ in range(_MOST_DRAWN):
            kind = str(material.rng.choice(self.into))
            clean = material.sound.copy() if kind == _FOLEY else KINDS[kind](material.rng, len(material.sound))
            sound, seconds, heard = self.make(clean, size, material.rng)
            if heard:
                break
        return Injected(
            frames=iter(material.frames),
            truth=(self._event(material, seconds),),
            sound=np.clip(sound, -1, 1),
            sound_coded=self.coded,
            sound_left=self._left(seconds, heard=heard),
        )

    def _left(self, seconds: Seconds | None, *, heard: bool) -> Callable[[Sound], bool] | None:
        """Whether it is heard in what was delivered; never, where none of the sounds that were drawn lets it be heard."""
        if not heard:
            return _never
        return None if self.is_heard is None or seconds is None else partial(_is_left, self.is_heard, seconds)

    def _event(self, material: Material, seconds: tuple[float, float] | None) -> Event:
        if seconds is None:
            return whole(len(material.frames))
        first, last = (int(each * float(material.rate)) for each in seconds)
        return Event(frames=FrameRange(first, last + 1), shape=self.shape)


def _never(_delivered: Sound) -> bool:
    return False


def _is_left(is_heard: Callable[[Sound, int, int], bool], seconds: Seconds, delivered: Sound) -> bool:
    start, stop = (round(each * RATE) for each in seconds)
    return is_heard(delivered, start, stop - start)


def _click(sound: Sound, size: float, rng: Random) -> Made:
    width = int(rng.integers(1, 9))
    shape = (np.ones(width), np.array([1, -0.8, 0.5, -0.2]))[int(rng.integers(2))] * rng.choice([-1, 1]) * 10 ** (size / 20)
    for _ in range(100):
        start = int(rng.integers(len(sound) // 8, 7 * len(sound) // 8))
        heard = prominence_db(shape, sound, start) >= LEAST_PROMINENCE_DB
        if heard:
            break
    sound[start : start + len(shape)] += shape.astype(np.float32)[:, None]
    return sound, (start / RATE, (start + len(shape)) / RATE), heard


def _hole(sound: Sound, size: float, rng: Random) -> Made:
    """In the middle third, where it is heard; a pause has no such place."""
    length, count, least = round(size / 1000 * RATE), len(sound), least_beside(sound)
    for _ in range(200):
        start = int(rng.integers(count // 3, 2 * count // 3))
        heard = cut_hole(sound, start, length, least)
        if heard:
            break
    else:
        sound[start : start + length] = 0
    return sound, (start / RATE, (start + length) / RATE), heard


def least_beside(sound: Sound) -> float:
    """RMS that must stand on either side of a hole in this sound: three tenths of its own, and -48 dBFS."""
    return max(_LEAST_BESIDE, 0.3 * float(np.sqrt(np.square(sound).mean())))


def cut_hole(sound: Sound, start: int, length: int, least: float) -> bool:
    """Silence a stretch, if sound stands on both sides and the hole is heard; whether that was done."""
    sides = (sound[start - _BESIDE : start], sound[start + length : start + length + _BESIDE])
    if min(float(np.sqrt(np.square(side).mean())) for side in sides) < least:
        return False
    kept = sound[start : start + length].copy()
    sound[start : start + length] = 0
    if not hole_is_heard(sound, start, length):
        sound[start : start + length] = kept
        return False
    return True


def _clipped(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    peak = float(np.abs(sound).max())
    ceiling = np.float32(peak * 10 ** (-size / 20))
    clipped = np.clip(sound, -ceiling, ceiling)
    # Nine tenths of what is cut off: a few single samples on either side of a stretch do not belong to it.
    first, last = np.quantile(np.flatnonzero((np.abs(sound) > ceiling).any(axis=1)), (0.05, 0.95)) / RATE
    return clipped, (float(first), float(last)), distortion_db(sound, clipped) >= LEAST_DISTORTION_DB


def _offset(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    return sound + np.float32(size / 100), None, True


def _inverted(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    middle = sound.mean(axis=1, keepdims=True)
    side = sound - middle
    wide = middle * np.array([1, -1], np.float32) + side
    return np.asarray(sound + (wide - sound) * np.float32(size), np.float32), None, True


def _one_sided(sound: Sound, size: float, rng: Random) -> Made:
    del rng
    sound[:, 1] *= np.float32(10 ** (-size / 20))
    return sound, None, True


def _hum(sound: Sound, size: float, rng: Random) -> Made:
    time, mains = np.arange(len(sound)) / RATE, float(rng.choice([50, 60]))
    parts = ((1, 0), (2, 6), (3, 3), (5, 9), (7, 14))
    hum = np.zeros(len(sound))
    heard = max(tone_over_db(sound, mains * multiple, size - down) for multiple, down in parts) >= LEAST_TONE_DB
    for multiple, down in parts:
        hum += 10 ** ((size - down) / 20) * np.sin(2 * np.pi * mains * multiple * time + rng.uniform(0, 6))
    return np.asarray(sound + hum[:, None], np.float32), None, heard


def add_whine(sound: Sound, size: float, rng: Random) -> Made:
    """A steady tone of ``size`` dBFS from 1.5 to 15 kHz, and whether it is heard."""
    hertz = rng.uniform(1500, 15_000)
    wave = 10 ** (size / 20) * np.sin(2 * np.pi * hertz * np.arange(len(sound)) / RATE)
    return np.asarray(sound + wave[:, None], np.float32), None, tone_over_db(sound, hertz, size) >= LEAST_TONE_DB


def _step(sound: Sound, size: float, rng: Random) -> Made:
    start = int(rng.uniform(1.3, len(sound) / RATE - 1.3) * RATE)
    quiet = sound[:start] if rng.random() < 0.5 else sound[start:]
    quiet *= np.float32(10 ** (-size / 20))
    return sound, (start / RATE, start / RATE), True


_FAULTS = (
    SoundFault(
        name="click",
        title="A click of one to eight samples",
        check="sound_click",
        sizes=(-36, -24, -18, -12, -6),
        unit="dBFS",
        visible=-24,
        make=_click,
        is_heard=click_is_heard,
    ),
    SoundFault(
        name="sound_hole",
        title="A hole in the sound",
        check="sound_dropout",
        sizes=(2, 5, 10, 20, 100, 400),
        unit="ms",
        visible=5,
        make=_hole,
        is_heard=hole_is_heard,
    ),
    SoundFault(
        name="clipping",
        title="Clipped tops",
        check="sound_clipping",
        sizes=(1, 3, 6, 12),
        unit="dB under the peak",
        visible=3,
        make=_clipped,
        shape=Shape.CLIP,
    ),
    SoundFault(
        name="dc_offset",
        title="Offset from zero",
        check="sound_dc",
        sizes=(0.1, 0.5, 1, 2),
        unit="%",
        visible=0.5,
        make=_offset,
        into=_QUIET_BASS,
    ),
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
    SoundFault(
        name="hum", title="Mains hum", check="sound_hum", sizes=(-70, -60, -50, -40), unit="dBFS", visible=-50, make=_hum, into=_QUIET_BASS
    ),
    SoundFault(
        name="whine", title="A steady whine", check="sound_hum", sizes=(-70, -60, -50, -40), unit="dBFS", visible=-50, make=add_whine
    ),
    SoundFault(
        name="ambience_step",
        title="A step of the ambience",
        check="sound_step",
        sizes=(3, 6, 10, 14),
        unit="dB",
        visible=10,
        make=_step,
        into=_STEADY,
    ),
)
_CODED_VISIBLE = {"clipping": 6.0}
"""A codec rounds off what clipping by 3 dB leaves."""
_CODED = tuple(
    replace(fault, name=f"{fault.name}_aac", title=f"{fault.title}, AAC", coded=True, visible=_CODED_VISIBLE.get(fault.name, fault.visible))
    for fault in _FAULTS
)

INJECTORS = (*_FAULTS, *_CODED)

HARD_NEGATIVES = tuple(
    HardNegative(name=f"sound_{name}", title=f"Sound without a fault: {(make.__doc__ or name).split('.')[0].lower()}", sound=partial(make))
    for name, make in KINDS.items()
)
