"""How many of the faults put into clean sound the checks find, and how often they cry wolf over sound that has none.

    python scripts/bench_sound_checks.py [--first 9001] [--takes 2] [--clean-takes 7] [--check NAME] [--clips FOLDER ...]

Clean sound is made by formula (kling_post/calibration/made_sound.py): notes, organ, voices, drums, castanets, typing, wind, rain, fire; and
by the previz's foley. Each take of ten seconds is delivered as 24-bit PCM and through AAC at 128, 192 or 256 kbit/s, as a generator
would. Three clicks or holes go into one take, other faults into one each. Which of them can be heard is decided before any check
is asked (kling_post/calibration/audibility.py), of clicks and holes once more in the delivered file: what a codec has taken away is no
fault of it. --first is the number of the first take: limits and weights were set on takes below 200, from 12001 to 13098, from
20001 to 20008 and from 40001 to 46004. --clips also puts clicks and holes into the sound of the files of a folder, and lists
what is found in them untouched. --check asks one check only, of its own faults.
"""

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
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
from kling_post.calibration.footage import reference_footage, sound_of
from kling_post.calibration.injectors.sound_faults import add_whine, cut_hole, least_beside
from kling_post.calibration.made_sound import KINDS
from kling_post.media.sound import read_sound_whole, sound_format, write_wav
from kling_post.pipeline.loudness import read_loudness
from kling_post.vocabulary import Finding, Severity

RATE, SECONDS = 48_000, 10
AAC = (128, 192, 256)
Sound = NDArray[np.float32]
Random = np.random.Generator
Places = list[tuple[int, int]]
"""First sample of each fault, and how many samples it lasts; empty for faults of the whole take."""

PROMPTS = [shot.prompt for shot in reference_footage() if shot.prompt]
FOLEY = tuple(f"foley {number}" for number in range(len(PROMPTS)))
PROGRAMME = (*("music", "organ", "speech", "drums", "footsteps", "birds", "wind", "scene"), *FOLEY[:3], "gated_speech", "rests", "claps")
CLIPPED = ("music", "organ", "speech", "wind", "scene", "birds", "drums", *FOLEY[2:6])
"""Without rumble: in ten seconds of loud noise down to nothing, half a percent of offset lies within the chance of the mean."""
QUIET_BASS = ("music", "speech", "footsteps", "birds")
STEADY = ("rain", "wide", "wind", "room")


@cache
def clean(kind: str, take: int) -> Sound:
    if kind in FOLEY:
        return np.asarray(sound_of(PROMPTS[FOLEY.index(kind)], take, frames=24 * SECONDS), np.float32)
    return KINDS[kind](np.random.default_rng([take, 77]), SECONDS * RATE)


@dataclass(frozen=True)
class Fault:
    check: str
    sizes: tuple[float, ...]
    inject: Callable[[Sound, float, Random], tuple[Sound, Places] | None]
    """None where it would not be heard."""
    into: tuple[str, ...]


def clicks(sound: Sound, _size: float, rng: Random) -> tuple[Sound, Places] | None:
    """Of 1 to 8 samples and -36 to -6 dBFS, in both channels or one, where they stand out."""
    out, places = sound.copy(), []
    for low in _cells(sound):
        for _ in range(60):
            width, level = int(rng.integers(1, 9)), 10 ** (float(rng.choice([-36, -30, -24, -18, -12, -6])) / 20)
            shape = (np.ones(width), np.array([1, -0.8, 0.5, -0.2]))[int(rng.integers(2))] * rng.choice([-1, 1]) * level
            start = low + int(rng.integers(0, 2 * RATE))
            if prominence_db(shape, sound, start) >= LEAST_PROMINENCE_DB:
                channels = slice(None) if rng.random() < 0.7 else slice(1, 2)
                out[start : start + len(shape), channels] += shape.astype(np.float32)[:, None]
                places.append((start, len(shape)))
                break
    return (out, places) if places else None


def holes(sound: Sound, milliseconds: float, rng: Random) -> tuple[Sound, Places] | None:
    """Where they are heard: what falls into a pause is none."""
    out, places = sound.copy(), []
    size = int(milliseconds * RATE / 1000)
    least = least_beside(sound)
    for low in _cells(sound):
        for _ in range(60):
            start = low + int(rng.integers(0, 2 * RATE))
            if cut_hole(out, start, size, least):
                places.append((start, size))
                break
    return (out, places) if places else None


def _cells(sound: Sound) -> Iterator[int]:
    """First sample of every third second, two seconds before the end at the latest."""
    yield from range(RATE // 2, len(sound) - int(2.6 * RATE), 3 * RATE)


def clip(sound: Sound, size_db: float, _rng: Random) -> tuple[Sound, Places] | None:
    ceiling = np.float32(np.abs(sound).max() * 10 ** (-size_db / 20))
    clipped = np.clip(sound, -ceiling, ceiling)
    return (clipped, []) if distortion_db(sound, clipped) >= LEAST_DISTORTION_DB else None


def offset(sound: Sound, percent: float, rng: Random) -> tuple[Sound, Places]:
    return sound + np.float32(percent / 100 * rng.choice([-1, 1])), []


def inverted(sound: Sound, _size: float, _rng: Random) -> tuple[Sound, Places]:
    out = sound.copy()
    out[:, 1] = -out[:, 0] * 0.95 + 0.05 * out[:, 1]
    return out, []


def one_sided(sound: Sound, drop_db: float, _rng: Random) -> tuple[Sound, Places]:
    return sound * np.array([1, 10 ** (-drop_db / 20)], np.float32), []


def muted(sound: Sound, level: float, rng: Random) -> tuple[Sound, Places]:
    return (rng.normal(0, 1, sound.shape) * level).astype(np.float32), []


def hum(sound: Sound, level_dbfs: float, rng: Random) -> tuple[Sound, Places] | None:
    mains = float(rng.choice([50, 60]))
    turns = mains * np.arange(len(sound)) / RATE
    wave = np.sin(2 * np.pi * turns) + 0.7 * np.sin(6 * np.pi * turns) + 0.3 * np.sin(10 * np.pi * turns)
    heard = max(tone_over_db(sound, mains * multiple, level_dbfs - down) for multiple, down in ((1, 0), (3, 3), (5, 10)))
    return (np.asarray(sound + 10 ** (level_dbfs / 20) * wave[:, None], np.float32), []) if heard >= LEAST_TONE_DB else None


def whine(sound: Sound, level_dbfs: float, rng: Random) -> tuple[Sound, Places] | None:
    made, _, heard = add_whine(sound, level_dbfs, rng)
    return (made, []) if heard else None


def step(sound: Sound, drop_db: float, rng: Random) -> tuple[Sound, Places]:
    out = sound.copy()
    out[int(rng.uniform(1.5, SECONDS - 1.5) * RATE) :] *= np.float32(10 ** (-drop_db / 20))
    return out, []


FAULTS = {
    "click of 1 to 8 samples, -36 to -6 dBFS": Fault("sound_click", (0.0,), clicks, PROGRAMME),
    "dropout of 5 to 400 ms": Fault("sound_dropout", (5.0, 10.0, 20.0, 40.0, 100.0, 400.0), holes, PROGRAMME),
    "clipping by 6 and 12 dB": Fault("sound_clipping", (6.0, 12.0), clip, CLIPPED),
    "DC offset of 0.5 and 2 %": Fault("sound_dc", (0.5, 2.0), offset, QUIET_BASS),
    "inverted channel": Fault("sound_phase", (1.0,), inverted, PROGRAMME[:8]),
    "one side 25 dB down, or missing": Fault("sound_one_sided", (25.0, 120.0), one_sided, PROGRAMME[:6]),
    "mains hum, -50 and -40 dBFS": Fault("sound_hum", (-50.0, -40.0), hum, QUIET_BASS),
    "whine, -50 and -40 dBFS": Fault("sound_hum", (-50.0, -40.0), whine, PROGRAMME[:6]),
    "step of the ambience by 10 and 14 dB": Fault("sound_step", (10.0, 14.0), step, STEADY),
    "silent track": Fault("sound_silence", (0.0, 2e-4), muted, ("room", "wind")),
}


def delivered(sound: Sound, rate: int, kilobits: int, folder: Path) -> Path:
    """A file of 24-bit PCM, or of AAC."""
    if not kilobits:
        return write_wav(folder / "take.wav", np.clip(sound, -1, 1), rate, bits=24)
    path = folder / "take.m4a"
    planes = np.ascontiguousarray(np.clip(sound, -1, 1).T)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=rate)
        stream.bit_rate, stream.layout = 1000 * kilobits, "stereo" if len(planes) == 2 else "mono"
        for start in range(0, planes.shape[1], 1024):
            block = np.ascontiguousarray(planes[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=stream.layout.name)
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def findings(path: Path) -> list[Finding]:
    return [each for each in read_loudness(path).findings if each.severity is not Severity.INFO]


class Score:
    """Found and asked, by fault and by how the take was delivered; and what was found that is not there."""

    def __init__(self, check: str = "") -> None:
        self._check = check
        self.found: Counter[tuple[str, str]] = Counter()
        self.asked: Counter[tuple[str, str]] = Counter()
        self.missed: dict[str, Counter[str]] = defaultdict(Counter)
        self.alarms: Counter[tuple[str, str, str]] = Counter()
        self.gone: Counter[str] = Counter()

    def asks(self, check: str) -> bool:
        """Whether this check is asked: all are, unless one was named."""
        return self._check in ("", check)

    def count(self, title: str, kind: str, how: int, check: str, path: Path, places: Places, rate: int) -> None:
        told = [each for each in findings(path) if each.check == check]
        if places:
            kept = _still_heard(check, path, places)
            self.gone[title] += len(places) - len(kept)
            places = kept
        hits = [_named(told, start / rate, length / rate) for start, length in places] if check in SHORT else [bool(told)]
        column = f"AAC {how}" if how else "PCM"
        self.asked[title, column] += len(hits)
        self.found[title, column] += sum(hits)
        self.missed[title][f"{kind} {column}"] += len(hits) - sum(hits)

    def show(self) -> None:
        columns = ("PCM", *(f"AAC {each}" for each in AAC))
        print("| fault | " + " | ".join(columns) + " | all |")
        print("|---" * (len(columns) + 2) + "|")
        for title in dict.fromkeys(title for title, _ in self.asked):
            asked, found = (sum(counts[title, column] for column in columns) for counts in (self.asked, self.found))
            cells = [f"{self.found[title, column]} of {self.asked[title, column]}" for column in columns]
            print(f"| {title} | " + " | ".join(cells) + f" | {found} of {asked}, {found / max(asked, 1):.3f} |")
        print(f"put in and not heard in the delivered file: {dict(+self.gone)}")
        for title, missed in self.missed.items():
            print(f"missed, {title}: {dict((+missed).most_common(12))}")


SHORT = {"sound_click", "sound_dropout"}


def _still_heard(check: str, path: Path, places: Places) -> Places:
    sound = read_sound_whole(path)
    is_heard = hole_is_heard if check == "sound_dropout" else click_is_heard
    return [place for place in places if is_heard(sound, *place)]


def _named(told: list[Finding], start: float, length: float) -> bool:
    """Whether a finding names this place, to 30 ms."""
    frames = [each.frames for each in told if each.frames is not None]
    return any(each.start / 100 - 0.03 <= start + length and each.stop / 100 + 0.03 >= start for each in frames)


def score_faults(folder: Path, takes: range, score: Score) -> None:
    for title, fault in FAULTS.items():
        if not score.asks(fault.check):
            continue
        for number, (kind, take) in enumerate((kind, take) for kind in fault.into for take in takes):
            # Short faults come three to a take, of one size; the other kinds are asked at every size in the first take.
            several = fault.check in SHORT
            if take != takes[0] and not several:
                continue
            sizes = (fault.sizes[number % len(fault.sizes)],) if several else fault.sizes
            for size in sizes:
                rng = np.random.default_rng([take, len(kind), sum(kind.encode()), int(abs(size) * 10)])
                made = fault.inject(clean(kind, take), size, rng)
                for how in (0, AAC[int(rng.integers(3))]):
                    if made is not None:
                        path = delivered(made[0], RATE, how, folder)
                        score.count(title, f"{kind} {size:g}", how, fault.check, path, made[1], RATE)
        print(f"# {title} done", flush=True)


def score_clean(folder: Path, takes: range, score: Score) -> float:
    """Minutes listened to."""
    kinds = (*KINDS, *FOLEY)
    for take in takes:
        for number, kind in enumerate(kinds):
            how = (0, *AAC)[(number + take) % 4]
            for each in findings(delivered(clean(kind, take), RATE, how, folder)):
                if not score.asks(each.check):
                    continue
                score.alarms[kind, each.check, each.severity.value] += 1
                print(f"# {kind} {take} {how or 'PCM'}: {each.severity.value}: {each.message}", flush=True)
        clean.cache_clear()
    return len(kinds) * len(takes) * SECONDS / 60


def score_clips(clips: Path, folder: Path, score: Score) -> None:
    for path in sorted(clips.iterdir()):
        form = sound_format(path)
        sound = read_sound_whole(path) if form is not None else np.zeros((0, 1), np.float32)
        if form is None or form.sample_rate not in (44_100, 48_000) or np.square(sound).mean() < 1e-7:
            continue
        for each in findings(path):
            print(f"# {path.name[:40]}: {each.check}: {each.message}", flush=True)
        rng = np.random.default_rng(len(sound))
        for title, inject, check in (("clips: click", clicks, "sound_click"), ("clips: dropout of 20 ms", holes, "sound_dropout")):
            made = inject(sound, 20.0, rng)
            if made is None or not score.asks(check):
                continue
            for how in (0, 192):
                score.count(title, path.name[:30], how, check, delivered(made[0], form.sample_rate, how, folder), made[1], form.sample_rate)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--first", type=int, default=9001, help="number of the first take")
    options.add_argument("--takes", type=int, default=2, help="takes of each kind that short faults are put into")
    options.add_argument("--clean-takes", type=int, default=7, help="takes of each kind without a fault")
    options.add_argument("--check", default="", help="the one check to ask, such as sound_click")
    options.add_argument("--clips", type=Path, nargs="*", default=[], help="folders of files to put clicks and holes into")
    chosen = options.parse_args()
    score = Score(chosen.check)
    with tempfile.TemporaryDirectory() as name:
        score_faults(Path(name), range(chosen.first, chosen.first + chosen.takes), score)
        for folder in chosen.clips:
            score_clips(folder, Path(name), score)
        minutes = score_clean(Path(name), range(chosen.first, chosen.first + chosen.clean_takes), score)
    score.show()
    count = sum(score.alarms.values())
    print(f"clean sound: {count} false alarms in {minutes:.1f} minutes, {10 * count / max(minutes, 1e-9):.2f} in ten: {dict(score.alarms)}")


if __name__ == "__main__":
    main()
