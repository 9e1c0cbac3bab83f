"""Known faults for the sound at a join, on made sound: a bed of room tone with things that happen over it, split in the middle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.score import Tally
from kling_post.seams.limits import LIMITS
from kling_post.seams.sound import measure_sound
from kling_post.vocabulary import JoinKind

Sound = NDArray[np.float32]
RATE = 48_000
FRAME = 2000
_SECONDS = 6
_LIMITS = LIMITS[JoinKind.CONTINUE]
SOUND_LIMITS: Mapping[str, float] = {
    "loudness": _LIMITS.loudness_lu,
    "room tone": _LIMITS.room_tone_db,
    "sound gap": _LIMITS.sound_gap_milliseconds,
    "click": _LIMITS.click_ratio,
}
DOSES = (0.0, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundOutcome:
    """One join of sound: what was put in and what was measured."""

    fault: str
    """A property of the scorecard, or ``echo``."""
    amount: float
    """Times the limit; frames of an echo."""
    measured: Mapping[str, float]


def _pink(samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20))
    noise = np.fft.irfft(spectrum, samples)
    return np.asarray(noise / noise.std())


def made_scene(rng: np.random.Generator) -> tuple[Sound, Sound]:
    """A bed of room tone and the events over it, both (samples, 2), of one length."""
    samples = _SECONDS * RATE
    bed = 10 ** (rng.uniform(-52, -42) / 20) * np.stack([_pink(samples, rng), _pink(samples, rng)], axis=1)
    events = np.zeros((samples, 2))
    for _ in range(int(rng.integers(70, 100))):
        start, length = int(rng.integers(0, samples - RATE // 2)), int(rng.integers(RATE // 20, RATE // 3))
        envelope = np.exp(-np.arange(length) / (length / 5)) * np.minimum(np.arange(length) / 400, 1)
        tone = np.sin(2 * np.pi * rng.uniform(120, 1800) * np.arange(length) / RATE) + 0.4 * _pink(length, rng)
        events[start : start + length] += (10 ** (rng.uniform(-26, -14) / 20) * envelope * tone)[:, None]
    return bed.astype(np.float32), events.astype(np.float32)


def _level(before: Sound, after: Sound, amount: float) -> tuple[Sound, Sound]:
    return before, after * np.float32(10 ** (amount / 20))


def _gap(before: Sound, after: Sound, amount: float) -> tuple[Sound, Sound]:
    samples = round(amount / 1000 * RATE)
    return (before if not samples else np.concatenate([before[:-samples], np.zeros((samples, 2), np.float32)])), after


def _click(before: Sound, after: Sound, amount: float) -> tuple[Sound, Sound]:
    near = RATE // 20
    own = max(float(np.abs(np.diff(part, n=2, axis=0)).max()) for part in (before[-near:], after[:near]))
    changed = after.copy()
    # A jump that decays within 2 ms, as a cut through a waveform leaves it.
    decay = np.exp(-np.arange(near) / (0.0005 * RATE))[:, None]
    changed[:near] += np.float32(amount * max(own, 10 ** (-50 / 20) / 4)) * decay.astype(np.float32)
    return before, changed


_FAULTS: Mapping[str, Callable[[Sound, Sound, float], tuple[Sound, Sound]]] = {"loudness": _level, "sound gap": _gap, "click": _click}


def sound_outcomes(*, seed: int, scenes_each: int = 6) -> tuple[SoundOutcome, ...]:
    """Every fault at every dose, echoes of 0 to 12 frames, in scenes of their own."""
    outcomes = []
    rng = np.random.default_rng([seed, 77])
    for fault in SOUND_LIMITS:
        for dose in DOSES:
            for _ in range(scenes_each):
                bed, events = made_scene(rng)
                outcomes.append(_measured(fault, dose, *_faulty(fault, bed, events, dose)))
    for frames in range(13):
        for _ in range(max(1, scenes_each // 2)):
            scene = np.add(*made_scene(rng))
            middle = len(scene) // 2
            outcomes.append(_measured("echo", frames, scene[:middle], scene[middle - frames * FRAME :]))
    return tuple(outcomes)


def _faulty(fault: str, bed: Sound, events: Sound, dose: float) -> tuple[Sound, Sound]:
    amount, middle = dose * SOUND_LIMITS[fault], len(bed) // 2
    if fault == "room tone":
        louder = bed.copy()
        louder[middle:] *= np.float32(10 ** (amount / 20))
        scene = louder + events
        return scene[:middle], scene[middle:]
    scene = bed + events
    return _FAULTS[fault](scene[:middle], scene[middle:], amount)


def _measured(fault: str, amount: float, before: Sound, after: Sound) -> SoundOutcome:
    # As 16-bit PCM stores it.
    before, after = (np.asarray(np.rint(part * 32767) / 32767, np.float32) for part in (before, after))
    sound = measure_sound(before, after, RATE, samples_per_frame=FRAME)
    measured = {
        "loudness": sound.level_step_lu,
        "room tone": sound.room_tone_step_db,
        "sound gap": 1000 * max(sound.gap_before_seconds, sound.gap_after_seconds),
        "click": sound.click_ratio,
        "echo": float(sound.echoed_frames),
    }
    return SoundOutcome(fault=fault, amount=amount, measured=measured)


def sound_tally(outcomes: tuple[SoundOutcome, ...], name: str, dose: float) -> Tally:
    """One property: wrong from ``dose`` times its limit, right where nothing of it was altered or at most half its limit."""
    counts = Tally()
    for outcome in outcomes:
        if outcome.fault != name:
            continue
        found = abs(outcome.measured[name]) > SOUND_LIMITS[name]
        if outcome.amount >= dose:
            counts += Tally(hits=found, misses=not found)
        elif outcome.amount <= 0.5:
            counts += Tally(extras=found)
    return counts
