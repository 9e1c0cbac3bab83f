"""How many of the faults put into clean sound the checks find, and how often they cry wolf over sound that has none.

    python scripts/bench_sound_checks.py [--takes 2] [--first 2] [--aac] [--clean FOLDER]

Clean sound is made by formula (kling_post/calibration/made_sound.py): notes, organ, voices, drums, castanets, typing, wind, rain, fire.
Each fault is put in at strengths that a listener would want found, at places where it is heard. --aac sends every take through AAC
first, as a generator would. --first chooses the takes: limits were set on takes 0 and 1. --clean also runs over the files of a folder
and lists what is found there.
"""

import argparse
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.audibility import prominence_db
from kling_post.calibration.made_sound import KINDS
from kling_post.media.ffmpeg import ffmpeg_program
from kling_post.media.sound import write_wav
from kling_post.pipeline.loudness import read_loudness
from kling_post.vocabulary import Severity

RATE = 48_000
SECONDS = 6
Sound = NDArray[np.float32]


INJECTED_INTO = ("music", "organ", "speech", "drums", "footsteps", "birds", "wind", "wide", "scene")
QUIET_ENOUGH = ("music", "organ", "speech", "drums", "footsteps", "birds", "wind", "scene")
"""A click in rain, fire or typing is one of many, to a listener too."""

WITHOUT_RUMBLE = ("music", "speech", "footsteps", "birds")
"""In six seconds of loud noise down to nothing, an offset of one percent lies within the chance of the mean."""


@cache
def clean(kind: str, take: int) -> Sound:
    return KINDS[kind](np.random.default_rng([take, 77]), SECONDS * RATE)


@dataclass(frozen=True)
class Fault:
    check: str
    strengths: tuple[float, ...]
    """Those that must be found."""
    inject: Callable[[Sound, float, np.random.Generator], Sound]
    through_aac: tuple[float, ...] | None = None
    """Strengths that must be found behind AAC where they are others."""
    into: tuple[str, ...] = INJECTED_INTO


def _loud_place(sound: Sound, rng: np.random.Generator, margin: int = RATE // 2) -> int:
    """A place where the sound is at programme level, as a fault in silence is another fault."""
    power = np.convolve(np.square(sound).sum(axis=1), np.ones(2400) / 2400, "same")
    good = np.flatnonzero(power[margin:-margin] > np.percentile(power, 70)) + margin
    return int(rng.choice(good))


def clip(sound: Sound, drive_db: float, rng: np.random.Generator) -> Sound:
    level = rng.choice([1.0, 0.7])
    loud = sound / np.abs(sound).max() * 10 ** (drive_db / 20)
    return np.asarray(np.clip(loud, -1, 1) * level, np.float32)


def click(sound: Sound, level_dbfs: float, rng: np.random.Generator) -> Sound:
    out, impulse = sound.copy(), np.ones(int(rng.integers(1, 9))) * 10 ** (level_dbfs / 20) * rng.choice([-1, 1])
    for _ in range(100):
        place = int(rng.integers(RATE // 2, len(sound) - RATE // 2))
        if prominence_db(impulse, sound, place) >= 10:
            break
    out[place : place + len(impulse)] += impulse.astype(np.float32)[:, None]
    return out


def dropout(sound: Sound, milliseconds: float, rng: np.random.Generator) -> Sound:
    """Where the sound stands on both sides: what falls into a pause is none."""
    out, size = sound.copy(), int(milliseconds * RATE / 1000)
    for _ in range(100):
        place = _loud_place(sound, rng)
        beside = (sound[place - 480 : place], sound[place + size : place + size + 480])
        if min(float(np.square(each).sum(axis=1).mean()) for each in beside) > 10**-4.5:
            break
    out[place : place + size] = 0
    return out


def offset(sound: Sound, percent: float, rng: np.random.Generator) -> Sound:
    return sound + np.float32(percent / 100 * rng.choice([-1, 1]))


def inverted(sound: Sound, _strength: float, _rng: np.random.Generator) -> Sound:
    out = sound.copy()
    out[:, 1] = -out[:, 0] * 0.95 + 0.05 * out[:, 1]
    return out


def one_sided(sound: Sound, drop_db: float, _rng: np.random.Generator) -> Sound:
    out = sound.copy()
    out[:, 1] *= np.float32(10 ** (-drop_db / 20))
    return out


def muted(sound: Sound, level: float, rng: np.random.Generator) -> Sound:
    return (rng.normal(0, 1, sound.shape) * level).astype(np.float32)


def hum(sound: Sound, level_dbfs: float, rng: np.random.Generator) -> Sound:
    turns = float(rng.choice([50, 60])) * np.arange(len(sound)) / RATE
    wave = np.sin(2 * np.pi * turns) + 0.7 * np.sin(6 * np.pi * turns) + 0.3 * np.sin(10 * np.pi * turns)
    return np.asarray(sound + 10 ** (level_dbfs / 20) * wave[:, None], np.float32)


def whine(sound: Sound, level_dbfs: float, rng: np.random.Generator) -> Sound:
    wave = np.sin(2 * np.pi * rng.uniform(1500, 15_000) * np.arange(len(sound)) / RATE)
    return np.asarray(sound + 10 ** (level_dbfs / 20) * wave[:, None], np.float32)


def step(sound: Sound, drop_db: float, rng: np.random.Generator) -> Sound:
    out = sound.copy()
    out[int(rng.uniform(1.5, SECONDS - 1.5) * RATE) :] *= np.float32(10 ** (-drop_db / 20))
    return out


FAULTS = {
    "clip at full scale or turned down": Fault(
        "sound_clipping", (4.0, 8.0), clip, through_aac=(8.0, 12.0), into=("music", "organ", "speech", "wind", "scene")
    ),
    "click": Fault("sound_click", (-24.0, -16.0, -8.0), click, into=QUIET_ENOUGH),
    "dropout": Fault("sound_dropout", (5.0, 10.0, 40.0, 200.0), dropout, through_aac=(10.0, 40.0, 200.0)),
    "DC offset": Fault("sound_dc", (0.5, 1.0, 2.0), offset, into=WITHOUT_RUMBLE),
    "inverted channel": Fault("sound_phase", (1.0,), inverted),
    "one side missing": Fault("sound_one_sided", (25.0, 40.0, 120.0), one_sided),
    "mains hum": Fault("sound_hum", (-50.0, -40.0), hum, into=WITHOUT_RUMBLE),
    "whine": Fault("sound_hum", (-50.0, -40.0), whine),
    "step of the ambience": Fault("sound_step", (10.0, 14.0), step, into=("rain", "wide", "wind", "room")),
    "silent track": Fault("sound_silence", (0.0, 1e-5, 2e-4), muted),
}


def findings(sound: Sound, folder: Path, *, aac: bool) -> list[tuple[str, str]]:
    path = write_wav(folder / "take.wav", np.clip(sound, -1, 1), RATE, bits=24)
    if aac:
        coded = folder / "take.m4a"
        subprocess.run([ffmpeg_program(), "-y", "-v", "error", "-i", str(path), "-c:a", "aac", "-b:a", "256k", str(coded)], check=True)
        path = coded
    return [(each.check, each.message) for each in read_loudness(path).findings if each.severity is not Severity.INFO]


def score_faults(folder: Path, takes: range, *, aac: bool) -> None:
    print(f"{'fault':36}{'found':>12}   missed at")
    for title, fault in FAULTS.items():
        found, missed = 0, Counter[str]()
        strengths = fault.through_aac if aac and fault.through_aac else fault.strengths
        trials = [(kind, take, strength) for kind in fault.into for take in takes for strength in strengths]
        for kind, take, strength in trials:
            rng = np.random.default_rng([take, len(kind), int(strength * 10) % 997])
            sound = fault.inject(clean(kind, take), strength, rng)
            if fault.check in {check for check, _ in findings(sound, folder, aac=aac)}:
                found += 1
            else:
                missed[f"{kind} {strength:g}"] += 1
        misses = ", ".join(f"{place} x{count}" for place, count in missed.most_common(6))
        print(f"{title:36}{found:5} of {len(trials):4}   {misses}", flush=True)


def score_clean(folder: Path, takes: range, *, aac: bool) -> None:
    alarms: Counter[tuple[str, str]] = Counter()
    for kind in KINDS:
        for take in takes:
            for check, _message in findings(clean(kind, take), folder, aac=aac):
                alarms[kind, check] += 1
    minutes = len(KINDS) * len(takes) * SECONDS / 60
    print(f"clean sound: {sum(alarms.values())} false alarms in {minutes:.1f} minutes", dict(alarms))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--takes", type=int, default=2, help="takes of each kind")
    options.add_argument("--first", type=int, default=2, help="number of the first take")
    options.add_argument("--aac", action="store_true", help="send every take through AAC")
    options.add_argument("--clean", type=Path, help="a folder of files to list findings of")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        takes = range(chosen.first, chosen.first + chosen.takes)
        score_faults(Path(name), takes, aac=chosen.aac)
        score_clean(Path(name), takes, aac=chosen.aac)
    for path in sorted(chosen.clean.iterdir()) if chosen.clean else ():
        for each in read_loudness(path).findings:
            print(f"{path.name[:40]:42}{each.severity:8}{each.check:18}{each.message}")


if __name__ == "__main__":
    main()
