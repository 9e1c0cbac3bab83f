"""How well do repairs mend the sound of joins? Made scenes split in two, a fault in the second half, repaired, rendered, measured again.

    python scripts/bench_repair_sound.py [--scenes 3] [--doses 1.5 2] [--seed 1] [--markdown FILE]

A scene is a bed of room tone with events over it (``kling_post.calibration.seam_sound``), two seconds before and two behind the join,
under a picture that goes on. Faults are multiples of the seams' limits: a step of level; a break of the waveform at the join; a click of
a millisecond 15 ms behind it; sound that ends before its picture; a constant on the second half; a step of room tone; and four
frames that come twice in picture and sound, whose sound crosses over after the trim. Everything is encoded as AAC in the takes and
measured in the finished programme.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.footage import texture_pan
from kling_post.calibration.seam_sound import RATE, SOUND_LIMITS, made_scene
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.sound import read_sound_whole
from kling_post.media.wav import write_wav
from kling_post.pipeline.files import timeline_of_files
from kling_post.pipeline.mend import render_mended
from kling_post.repair.compare import worse_properties
from kling_post.repair.outcome import Mending
from kling_post.seams.inspect import inspect_seams
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind, Size

Sound = NDArray[np.float32]
Frame = NDArray[np.uint8]

FRAMES = 48
SAMPLES = FRAMES * RATE // 24
ECHO_FRAMES = 4
SOUND_REPAIRS = ("match level", "fade edges", "crossfade", "declick", "fill tone", "lay room tone", "remove DC", "fix channels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One join, before and after."""

    fault: str
    dose: float
    before: float
    after: float
    limit: float
    made: tuple[str, ...]
    worse: tuple[str, ...]


def level(sound: Sound, dose: float, chance: np.random.Generator) -> Sound:
    return sound * np.float32(10 ** (chance.choice((-1, 1)) * dose * SOUND_LIMITS["loudness"] / 20))


def broken(sound: Sound, dose: float, _: np.random.Generator) -> Sound:
    """The waveform jumps where the second half begins, and swings back within 2 ms."""
    changed, near = sound.copy(), RATE // 20
    own = max(float(np.abs(np.diff(sound[:near], n=2, axis=0)).max()), 10 ** (-50 / 20) / 4)
    changed[:near] += (
        np.float32(dose * SOUND_LIMITS["click"] * own) * np.exp(-np.arange(near) / (0.0005 * RATE)).astype(np.float32)[:, None]
    )
    return changed


def clicked(sound: Sound, dose: float, chance: np.random.Generator) -> Sound:
    changed, start = sound.copy(), round(0.015 * RATE)
    changed[start : start + 48] += (chance.normal(0, 0.15 * dose, (48, 2)) * np.hanning(48)[:, None]).astype(np.float32)
    return changed


def constant(sound: Sound, dose: float, _: np.random.Generator) -> Sound:
    return sound + np.float32(0.005 * dose)


FAULTS: Mapping[str, Callable[[Sound, float, np.random.Generator], Sound]] = {
    "level": level,
    "break": broken,
    "click": clicked,
    "constant": constant,
}


def scene(fault: str, dose: float, chance: np.random.Generator) -> tuple[Sound, Sound]:
    bed, events = made_scene(chance)
    if fault == "room tone":
        bed[SAMPLES:] *= np.float32(10 ** (dose * SOUND_LIMITS["room tone"] / 20))
    whole = (bed + events)[: 3 * SAMPLES]
    before, after = whole[:SAMPLES], whole[SAMPLES : 2 * SAMPLES]
    if fault == "echo":
        after = whole[SAMPLES - ECHO_FRAMES * RATE // 24 :][:SAMPLES]
    if fault == "gap":
        before = before[: -round(dose * 0.04 * RATE)]
    return (before, FAULTS[fault](after, dose, chance)) if fault in FAULTS else (before, after)


def write(path: Path, frames: Sequence[Frame], sound: Sound) -> Path:
    wav = path.with_suffix(".wav")
    write_wav(wav, iter([np.clip(sound, -1, 1)]), RATE)
    rows, columns = frames[0].shape[:2]
    quality = EncodeSettings(preset="veryfast", crf=18)
    with FrameWriter(path, size=Size(columns, rows), rate=Fraction(24), quality=quality, sound=wav) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def click_over_scene(sound: Sound, join: int) -> float:
    """The highest sample of the 4 ms about the click's place over the highest of the 40 ms around them, without the mean."""
    middle = join + round(0.0155 * RATE)
    around = sound[middle - RATE // 50 : middle + RATE // 50] - sound[middle - RATE // 50 : middle + RATE // 50].mean(axis=0)
    near = slice(len(around) // 2 - RATE // 500, len(around) // 2 + RATE // 500)
    rest = np.concatenate([around[: near.start], around[near.stop :]])
    return float(np.abs(around[near]).max() / max(np.abs(rest).max(), 1e-4))


def figure(fault: str, path: Path, timeline: Timeline, report_of: Mapping[str, float]) -> float:
    """What tells the fault in a file of the join: from the scorecard, or from the samples where that has no such property."""
    join = timeline.clips[1].record.start * RATE // 24
    if fault in ("click", "constant"):
        sound = read_sound_whole(path, sample_rate=RATE)
        return click_over_scene(sound, join) if fault == "click" else 100 * abs(float(sound[join + RATE // 4 :].mean()))
    names = {"level": "loudness", "break": "click", "gap": "sound gap", "room tone": "room tone", "echo": "repeated frames"}
    return abs(report_of[names[fault]])


def one_join(fault: str, dose: float, pictures: tuple[list[Frame], list[Frame]], seed: int, folder: Path) -> Result:
    chance = np.random.default_rng([seed, sum(map(ord, fault)), round(10 * dose)])
    sounds = scene(fault, dose, chance)
    paths = [write(folder / f"{name}.mp4", frames, sound) for name, frames, sound in zip("ab", pictures, sounds, strict=True)]
    timeline = timeline_of_files("join", paths, join=JoinKind.CONTINUE)
    seams = inspect_seams(timeline)
    plain, _ = render_mended(timeline, seams, how="off", target=target("streaming"), folder=folder / "plain")
    master, mending = render_mended(timeline, seams, how="apply", target=target("streaming"), folder=folder / "out")
    then, now = mending.before[0], (mending.after or mending.before)[0]
    limits = {item.name: item.limit for item in then.properties}
    names = {"level": "loudness", "break": "click", "gap": "sound gap", "room tone": "room tone"}
    return Result(
        fault=fault,
        dose=dose,
        before=figure(fault, plain.path, timeline, {item.name: item.measured for item in then.properties}),
        after=figure(fault, master.path, mending.timeline, {item.name: item.measured for item in now.properties}),
        limit=limits.get(names.get(fault, ""), 0.0),
        made=made_of(mending),
        worse=tuple(item.name for item in worse_properties(then, now)) if mending.after else (),
    )


def made_of(mending: Mending) -> tuple[str, ...]:
    return tuple(outcome.repair.kind for outcome in mending.applied)


def table(results: Sequence[Result]) -> str:
    by_fault: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_fault[result.fault].append(result)
    lines = [
        "| fault | joins | repaired | before (median) | left (median) | limit | worse joins | by |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for fault, mine in by_fault.items():
        done = [result for result in mine if set(result.made) & {*SOUND_REPAIRS, "trim head"}]
        kinds = sorted({kind for result in done for kind in result.made})
        before, left = (f"{np.median([getattr(result, name) for result in done or mine]):.2f}" for name in ("before", "after"))
        limit = f"{mine[0].limit:g}" if mine[0].limit else "-"
        worse = sum(bool(result.worse) for result in mine)
        lines.append(f"| {fault} | {len(mine)} | {len(done)} | {before} | {left} | {limit} | {worse} | {', '.join(kinds) or '-'} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=3)
    parser.add_argument("--doses", type=float, nargs="+", default=(1.5, 2.0))
    parser.add_argument("--faults", nargs="*", default=("level", "break", "click", "gap", "constant", "room tone", "echo"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    take = [np.ascontiguousarray(frame[::2, ::2]) for frame in texture_pan(options.seed, pixels=2.0)]
    results = []
    for fault in options.faults:
        for dose in options.doses if fault != "echo" else options.doses[:1]:
            for number in range(options.scenes):
                start = FRAMES - (ECHO_FRAMES if fault == "echo" else 0)
                with tempfile.TemporaryDirectory() as folder:
                    pictures = (take[:FRAMES], take[start : start + FRAMES])
                    result = one_join(fault, dose, pictures, options.seed + number, Path(folder))
                results.append(result)
                print(result, flush=True)
    text = table(results)
    print("\n" + text)
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
