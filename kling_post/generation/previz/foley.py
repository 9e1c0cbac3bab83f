"""The sound of a shot: what the prompt and the place make one expect, on the moments at which the picture shows it.

Everything is synthesised and seeded. Each sound has a generator of its own, so that adding one does not change the others.
"""

import zlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading, ShotSound
from kling_post.generation.previz.reading import place_chain
from kling_post.generation.previz.sounds import makers
from kling_post.generation.previz.sounds.material import RATE, Scene, Stereo, band, set_level
from kling_post.generation.previz.sounds.room import ROOMS, answer
from kling_post.generation.previz.words import vocabulary
from kling_post.timebase import frames_to_samples

LOUDNESS_LUFS: Final = -20.0
"""Where the finished mix lies: loud enough to be judged on any speaker, with room left for its peaks."""
CEILING_DBTP: Final = -3.5
_UNNAMED_DB: Final = -7.0
"""How far below its usual level a sound lies that the place suggests and nobody named."""
_NAMED_ELSEWHERE_DB: Final = -3.0
"""The same where another shot of the scene names it: the wind of one shot blows in the next."""
_JOIN_SECONDS: Final = 0.03
"""Cross-fade at planned cuts inside a task, centred on the cut."""
_FADE_SECONDS: Final = 0.005
_MOST_GAIN_DB: Final = 24.0


def shot_sound(request: ShotSound) -> NDArray[np.float32]:
    """The finished sound of one shot alone.

    Returns:
        (samples, 2) at 48 kHz, exactly ``request.samples`` long, about -20 LUFS, true peaks below -3 dBTP, silent at both ends.
    """
    return finished(mixed(request))


def take_sound(
    readings: Sequence[Reading], events: Sequence[Mapping[str, tuple[float, ...]]], shot_frames: Sequence[int], rate: Fraction, seed: int
) -> NDArray[np.float32]:
    """The sound of all shots, (samples, 2) at 48 kHz: exactly as long as the frames, cross-faded with equal power at the cuts."""
    bounds = [frames_to_samples(frames, rate, RATE) for frames in accumulate((0, *shot_frames))]
    half = round(_JOIN_SECONDS * RATE / 2)
    named = frozenset(key for reading in readings for key in reading.sounds)
    whole = np.zeros((bounds[-1], 2))
    for index, (reading, seen) in enumerate(zip(readings, events, strict=True)):
        head, tail = (half if index else 0), (half if index + 1 < len(readings) else 0)
        start, stop = bounds[index] - head, bounds[index + 1] + tail
        shifted = {key: tuple(second + head / RATE for second in seconds) for key, seconds in seen.items()}
        # A seed of its own per shot: the same gust must not blow again after each cut.
        samples = mixed(ShotSound(reading=reading, seed=seed + 7919 * index, samples=stop - start, events=shifted), named)
        rise = np.sin(np.linspace(0, np.pi / 2, 2 * half))[:, None]
        if head:
            samples[: 2 * half] *= rise
        if tail:
            samples[-2 * half :] *= rise[::-1]
        whole[start:stop] += samples
    return finished(whole)


def sound_keys(request: ShotSound, named_elsewhere: frozenset[str] = frozenset()) -> tuple[tuple[str, float], ...]:
    """The sounds of a shot and their offset in dB: those named or seen, then those that the place suggests."""
    reading = request.reading
    wanted = dict.fromkeys((*reading.sounds, *request.events), 0.0)
    for name in place_chain(reading.place):
        suggested = vocabulary("places").get(name, {}).get("sounds", ())
        for key in suggested:
            wanted.setdefault(key, _NAMED_ELSEWHERE_DB if key in named_elsewhere else _UNNAMED_DB)
        if suggested:
            break
    known = makers()
    return tuple((key, offset) for key, offset in wanted.items() if key in known and key not in reading.removed)


def not_made(sounds: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the sounds that the foley cannot make: speech, music."""
    return tuple(key for key in sounds if key not in makers() and key != "echo")


def mixed(request: ShotSound, named_elsewhere: frozenset[str] = frozenset()) -> Stereo:
    """The shot's sounds at their levels in their room, (samples, 2): neither faded nor brought to a loudness yet.

    ``named_elsewhere`` are sounds that other shots of the scene name.
    """
    reading = request.reading
    dry = np.zeros((request.samples, 2))
    into_room = np.zeros_like(dry)
    for key, offset in sound_keys(request, named_elsewhere):
        maker = makers()[key]
        scene = Scene(samples=request.samples, rng=_generator(request.seed, key), reading=reading, events=request.events)
        sound = set_level(maker.make(scene), maker.level_db + offset, maker.measure)
        dry += sound
        into_room += sound * maker.room
    room = next((ROOMS[name] for name in place_chain(reading.place) if name in ROOMS), None)
    if room is not None:
        echoing = 1.5 if "echo" in reading.sounds else 1.0
        dry += answer(room, into_room, _generator(request.seed, "room")) * echoing
    return dry


def finished(mix: Stereo) -> NDArray[np.float32]:
    """Bring a mix to its loudness below its ceiling, without offset, with short fades at both ends."""
    from kling_post.sound.meter import LoudnessMeter

    if mix.shape[0] == 0:
        return np.zeros((0, 2), np.float32)
    clean = band(mix, 22, None)
    meter = LoudnessMeter(RATE, 2)
    meter.add(clean.astype(np.float32))
    integrated = meter.result().integrated_lufs
    if np.isfinite(integrated):
        clean *= 10 ** (min(LOUDNESS_LUFS - integrated, _MOST_GAIN_DB) / 20)
    limited = _limited(clean, 10 ** (CEILING_DBTP / 20))
    limited -= limited.mean(axis=0)
    fade = min(round(_FADE_SECONDS * RATE), mix.shape[0] // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, fade))[:, None] ** 2
    limited[:fade] *= ramp
    limited[mix.shape[0] - fade :] *= ramp[::-1]
    return limited.astype(np.float32)


def _limited(sound: Stereo, ceiling: float) -> Stereo:
    """Hold peaks under the ceiling: the gain is known 3 ms ahead and never jumps. Peaks are those of the 4 times oversampled wave."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d
    from scipy.signal import resample_poly

    fine = np.abs(resample_poly(sound, 4, 1, axis=0)).max(axis=1)
    peaks = fine[: sound.shape[0] * 4].reshape(-1, 4).max(axis=1)
    if peaks.max() <= ceiling:
        return sound
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    window = round(0.003 * RATE) | 1
    held = minimum_filter1d(needed, 2 * window + 1, mode="nearest")
    return np.asarray(sound * uniform_filter1d(held, window, mode="nearest")[:, None] * 0.995)


def _generator(seed: int, key: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0xFFFF_FFFF, zlib.crc32(key.encode())])
