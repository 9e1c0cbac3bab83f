"""How many of the faults put into clean sound the checks find, and how often they cry wolf over sound that has none.

    python scripts/bench_sound_checks.py [--takes 12] [--aac] [--clean FOLDER]

Clean sound is made here: notes, speech-like syllables, drums, castanets, square waves, wind and rain, and tones. Each fault is put
in at strengths on both sides of its limit; recall counts the strengths that a listener would want found. --aac sends every take
through AAC first, as a generator would. --clean also runs over the files of a folder and lists what is found there.
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

from kling_post.media.ffmpeg import ffmpeg_program
from kling_post.media.sound import write_wav
from kling_post.pipeline.loudness import read_loudness
from kling_post.vocabulary import Severity

RATE = 48_000
SECONDS = 6
Sound = NDArray[np.float32]


def _clock() -> NDArray[np.float64]:
    return np.arange(SECONDS * RATE) / RATE


def _stereo(rng: np.random.Generator, mono: NDArray[np.float64], width: float = 0.2) -> Sound:
    room = np.stack([mono, np.roll(mono, int(rng.integers(20, 400)))], axis=1)
    mixed = np.stack([mono, mono], axis=1) * (1 - width) + room * width
    mixed += rng.normal(0, 2e-4, mixed.shape)
    return np.asarray(mixed / np.abs(mixed).max() * 0.6, np.float32)


def _coloured(rng: np.random.Generator, exponent: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(SECONDS * RATE))
    spectrum /= np.maximum(np.arange(len(spectrum)), 20 * SECONDS) ** exponent
    noise = np.fft.irfft(spectrum, SECONDS * RATE)
    return np.asarray(noise / np.abs(noise).max())


def _struck(
    rng: np.random.Generator, per_second: float, decay_seconds: tuple[float, float], tone: tuple[float, float]
) -> NDArray[np.float64]:
    sound = np.zeros(SECONDS * RATE)
    for start in np.sort(rng.integers(0, len(sound) - RATE, int(per_second * SECONDS))):
        time = np.arange(RATE // 2) / RATE
        decay = np.exp(-time / rng.uniform(*decay_seconds))
        body = np.sin(2 * np.pi * rng.uniform(*tone) * time) + 0.5 * rng.standard_normal(len(time))
        sound[start : start + len(time)] += decay * body * rng.uniform(0.3, 1)
    return sound


def music(rng: np.random.Generator) -> Sound:
    time, mix = _clock(), np.zeros(SECONDS * RATE)
    for start in np.arange(0, SECONDS - 0.5, 0.25):
        for pitch in 110 * 2 ** (rng.integers(0, 36, 3) / 12):
            local = np.maximum(time - start, 0)
            envelope = np.minimum(local / 0.01, 1) * np.exp(-local / 0.4) * (time >= start)
            mix += envelope * sum(np.sin(2 * np.pi * pitch * k * local) / k**1.5 for k in range(1, 8))
    return _stereo(rng, mix)


def speech(rng: np.random.Generator) -> Sound:
    time, mix = _clock(), np.zeros(SECONDS * RATE)
    start = 0.1
    while start < SECONDS - 0.6:
        length = rng.uniform(0.08, 0.35)
        local = time - start
        envelope = np.clip(local / 0.02, 0, 1) * np.clip((length - local) / 0.04, 0, 1)
        pitch = rng.uniform(90, 220)
        voice = sum(
            np.sin(2 * np.pi * pitch * k * time) * np.exp(-(((k * pitch - rng.uniform(400, 1200)) / 700) ** 2)) for k in range(1, 20)
        )
        mix += envelope * (voice + (0.6 * rng.standard_normal(len(time)) if rng.random() < 0.25 else 0))
        start += length + rng.choice([0.02, 0.08, 0.3, 0.6])
    return _stereo(rng, mix, 0.05)


def drums(rng: np.random.Generator) -> Sound:
    return _stereo(rng, _struck(rng, 4, (0.03, 0.2), (60, 400)) + 0.02 * _coloured(rng, 0.5))


def castanets(rng: np.random.Generator) -> Sound:
    return _stereo(rng, _struck(rng, 9, (0.004, 0.015), (1500, 4000)) + 0.003 * _coloured(rng, 0.5))


def footsteps(rng: np.random.Generator) -> Sound:
    return _stereo(rng, _struck(rng, 1.6, (0.01, 0.06), (80, 900)) + 0.03 * _coloured(rng, 0.9))


def rain(rng: np.random.Generator) -> Sound:
    drops = np.zeros(SECONDS * RATE)
    places = rng.integers(0, len(drops) - 300, 4000)
    for place in places:
        drops[place : place + 200] += rng.uniform(0, 1) ** 4 * np.exp(-np.arange(200) / 30) * np.sin(np.arange(200) * rng.uniform(0.2, 1.0))
    return _stereo(rng, drops + 0.2 * _coloured(rng, 0.4))


def wind(rng: np.random.Generator) -> Sound:
    return _stereo(rng, _coloured(rng, 1.0) * (0.3 + 0.7 * np.abs(np.sin(2 * np.pi * 0.11 * _clock()))), 0.5)


def fire(rng: np.random.Generator) -> Sound:
    return _stereo(rng, _struck(rng, 25, (0.0006, 0.004), (800, 6000)) + 0.1 * _coloured(rng, 0.8))


def square(rng: np.random.Generator) -> Sound:
    time = _clock()
    return _stereo(rng, np.sign(np.sin(2 * np.pi * rng.uniform(80, 300) * time)) * np.where(np.sin(2 * np.pi * 2 * time) > 0, 1, 0.4), 0.0)


def bass(rng: np.random.Generator) -> Sound:
    time = _clock()
    return _stereo(rng, np.sin(2 * np.pi * 50 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 0.3 * time)) + 0.01 * _coloured(rng, 0.5), 0.0)


def wide(rng: np.random.Generator) -> Sound:
    both = np.stack([_coloured(rng, 0.5), _coloured(rng, 0.5)], axis=1)
    return np.asarray(both / np.abs(both).max() * 0.5, np.float32)


CLEAN: dict[str, Callable[[np.random.Generator], Sound]] = {
    each.__name__: each for each in (music, speech, drums, castanets, footsteps, rain, wind, fire, square, bass, wide)
}
INJECTED_INTO = ("music", "speech", "drums", "footsteps", "rain", "wind", "wide")
QUIET_ENOUGH = ("music", "speech", "drums", "footsteps", "wind")
"""A click in rain or loud noise is one of many, to a listener too."""

WITHOUT_RUMBLE = ("music", "speech", "drums", "footsteps")
"""In six seconds of loud noise down to nothing, an offset of one percent lies within the chance of the mean."""


@cache
def clean(kind: str, take: int) -> Sound:
    return CLEAN[kind](np.random.default_rng([take, 77]))


@dataclass(frozen=True)
class Fault:
    check: str
    strengths: tuple[float, ...]
    """Those that must be found."""
    inject: Callable[[Sound, float, np.random.Generator], Sound]
    lossless_only: bool = False
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
    out, place = sound.copy(), int(rng.integers(RATE, len(sound) - RATE))
    width = int(rng.integers(1, 6))
    out[place : place + width] += 10 ** (level_dbfs / 20) * rng.choice([-1, 1])
    return out


def dropout(sound: Sound, milliseconds: float, rng: np.random.Generator) -> Sound:
    out, place = sound.copy(), _loud_place(sound, rng)
    out[place : place + int(milliseconds * RATE / 1000)] = 0
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


def cut_head(sound: Sound, level_dbfs: float, rng: np.random.Generator) -> Sound:
    rising = np.convolve(sound[:, 0], np.ones(24) / 24, "same") > 10 ** (level_dbfs / 20)
    places = np.flatnonzero(rising[: len(sound) // 2])
    return sound[int(rng.choice(places)) :] if len(places) else sound


FAULTS = {
    "clip at full scale or turned down": Fault("sound_clipping", (4.0, 8.0), clip, lossless_only=True),
    "click": Fault("sound_click", (-14.0, -10.0, -6.0), click, into=QUIET_ENOUGH),
    "dropout": Fault("sound_dropout", (5.0, 10.0, 40.0, 200.0), dropout),
    "DC offset": Fault("sound_dc", (0.5, 1.0, 2.0), offset, into=WITHOUT_RUMBLE),
    "inverted channel": Fault("sound_phase", (1.0,), inverted),
    "one side missing": Fault("sound_one_sided", (25.0, 40.0, 120.0), one_sided),
    "silent track": Fault("sound_silence", (0.0, 1e-5, 2e-4), muted),
}


def findings(sound: Sound, folder: Path, *, aac: bool) -> list[tuple[str, str]]:
    path = write_wav(folder / "take.wav", np.clip(sound, -1, 1), RATE, bits=24)
    if aac:
        coded = folder / "take.m4a"
        subprocess.run([ffmpeg_program(), "-y", "-v", "error", "-i", str(path), "-c:a", "aac", "-b:a", "256k", str(coded)], check=True)
        path = coded
    return [(each.check, each.message) for each in read_loudness(path).findings if each.severity is not Severity.INFO]


def score_faults(folder: Path, takes: int, *, aac: bool) -> None:
    print(f"{'fault':36}{'found':>12}   missed at")
    for title, fault in FAULTS.items():
        if fault.lossless_only and aac:
            continue
        found, missed = 0, Counter[str]()
        trials = [(kind, take, strength) for kind in fault.into for take in range(takes) for strength in fault.strengths]
        for kind, take, strength in trials:
            rng = np.random.default_rng([take, len(kind), int(strength * 10) % 997])
            sound = fault.inject(clean(kind, take), strength, rng)
            if fault.check in {check for check, _ in findings(sound, folder, aac=aac)}:
                found += 1
            else:
                missed[f"{kind} {strength:g}"] += 1
        misses = ", ".join(f"{place} x{count}" for place, count in missed.most_common(6))
        print(f"{title:36}{found:5} of {len(trials):4}   {misses}", flush=True)


def score_clean(folder: Path, takes: int, *, aac: bool) -> None:
    alarms: Counter[tuple[str, str]] = Counter()
    for kind in CLEAN:
        for take in range(takes):
            for check, message in findings(clean(kind, take), folder, aac=aac):
                if "away from zero" not in message:  # the made sounds do begin and end anywhere
                    alarms[kind, check] += 1
    minutes = len(CLEAN) * takes * SECONDS / 60
    print(f"clean sound: {sum(alarms.values())} false alarms in {minutes:.1f} minutes", dict(alarms))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--takes", type=int, default=2, help="takes of each kind")
    options.add_argument("--aac", action="store_true", help="send every take through AAC")
    options.add_argument("--clean", type=Path, help="a folder of files to list findings of")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        score_faults(Path(name), chosen.takes, aac=chosen.aac)
        score_clean(Path(name), chosen.takes, aac=chosen.aac)
    for path in sorted(chosen.clean.iterdir()) if chosen.clean else ():
        for each in read_loudness(path).findings:
            print(f"{path.name[:40]:42}{each.severity:8}{each.check:18}{each.message}")


if __name__ == "__main__":
    main()
