"""How well do repairs mend joins? One take split, the second half altered by a known amount, repaired, rendered and measured again.

    python scripts/bench_repair.py [--footage N] [--takes NAME ...] [--clips FILE ...] [--doses 1.5 2] [--faults NAME ...]
                                   [--crf 18] [--chain-hops 10] [--folder FOLDER] [--markdown FILE]

For every repairable fault of the seam benchmark: the step that was put in, what is left of it in the finished programme, and whether any
property measures worse than before. Grain is put into the outgoing half, since it is only ever added; an echoed half keeps sixteen frames
behind its echo. Inside the repaired clips the exposure's flicker is measured as in the check (median over tiles of the change of log
brightness, less its running median over nine frames) in the take and in the master: what is more, the repair has added. Last, a
chain in which every hop drifts on from the one before by exposure, gamma, white balance and saturation, each below the limits.
"""

import argparse
import resource
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.calibration.clips import rgb_frames
from kling_post.calibration.footage import RATE, SIZE
from kling_post.calibration.patterns import grained
from kling_post.calibration.seam_alterations import ALTERATIONS, LIMIT_OF, altered_frames
from kling_post.calibration.seam_cases import SIDE_FRAMES, Join, SeamCase
from kling_post.calibration.seam_footage import LEAST_FRAMES, make_join, seam_footage
from kling_post.checks.evidence.exposure import exposure_steps
from kling_post.edit.timeline import Timeline
from kling_post.media.decode import decode_rgb
from kling_post.media.encode import EncodeSettings, FrameWriter, rgb_to_ycbcr420
from kling_post.media.probe import probe
from kling_post.pipeline.files import timeline_of_files
from kling_post.pipeline.mend import render_mended
from kling_post.repair.compare import worse_properties
from kling_post.repair.outcome import Mending, State
from kling_post.seams.inspect import inspect_seams
from kling_post.signals.kernels.perceptual import delta_e_itp, ictcp
from kling_post.signals.runner import measure
from kling_post.sound.targets import target
from kling_post.vocabulary import FrameRange, JoinKind, Size

MENDED_BY_COLOUR = ("gain", "gamma", "white balance", "tint", "contrast", "lift", "saturation")
MENDED_BY_FRAMING = ("shift", "zoom")
MENDED_BY_GRAIN = ("grain",)
MENDED_BY_REFOCUSING = ("blur", "sharpen")
"""Eased out over 48 frames, so that the second half is longer than that."""
FAULTS = (*MENDED_BY_COLOUR, *MENDED_BY_FRAMING, *MENDED_BY_GRAIN, *MENDED_BY_REFOCUSING, "echo")
LONG_FRAMES = 60
ECHOES = (1, 2, 4, 8)

Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One join, before and after."""

    fault: str
    dose: float
    injected: float
    before: float
    after: float
    limit: float
    repaired: bool
    withdrawn: int
    worse: tuple[str, ...]
    flicker_percent: float
    """Of the exposure inside the repaired clip, more than in its take."""
    seconds: float
    """CPU time of proposing, rendering and measuring again."""


def write(path: Path, frames: Sequence[Frame], crf: int) -> Path:
    rows, columns = frames[0].shape[:2]
    with FrameWriter(path, size=Size(columns, rows), rate=RATE, quality=EncodeSettings(preset="veryfast", crf=crf)) as writer:
        for frame in frames:
            writer.write_planes(*rgb_to_ycbcr420(np.ascontiguousarray(frame)))
    return path


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def mended(timeline: Timeline, folder: Path) -> tuple[Path, Mending, float]:
    """Repair and render; the master, what was done, and the CPU seconds beyond inspecting once."""
    seams = inspect_seams(timeline)
    began = cpu_seconds()
    master, mending = render_mended(timeline, seams, how="apply", target=target("streaming"), folder=folder)
    return master.path, mending, cpu_seconds() - began


def flicker_percent(path: Path, frames: FrameRange) -> float:
    """How far the exposure strays from its own running median over nine frames, root mean square, in per cent."""
    facts = probe(path)
    luma = measure(path, facts, names=("luma",)).signals["luma"]
    steps = exposure_steps(luma, full_range=facts.color_range == "full")[frames.start : frames.stop]
    exposure = np.cumsum(np.concatenate([[0.0], steps[1:]]))
    around = sliding_window_view(np.pad(exposure, 4, mode="edge"), 9)
    return float(np.sqrt(np.mean((exposure - np.median(around, axis=1)) ** 2)))


def added_flicker(master: Path, mending: Mending) -> float:
    """The most that a corrected clip flickers more in the finished programme than in its take."""
    corrected = [clip for clip in mending.timeline.clips if clip.picture_correction is not None]
    return max((flicker_percent(master, clip.record) - flicker_percent(clip.path, clip.source) for clip in corrected), default=0.0)


def sides(case: SeamCase, frames: Sequence[Frame]) -> tuple[Sequence[Frame], Sequence[Frame], float]:
    """Both halves, and the step of the fault's property that was put in."""
    if case.alteration == "grain":
        plain = make_join(replace(case, join=Join.ECHO, amount=0.0), frames, frames)
        codes, chance = case.amount * LIMIT_OF["grain"], case.chance()
        return [grained(frame, codes * 255 / 219, chance) for frame in plain.outgoing], plain.incoming, codes
    made = make_join(case, frames, frames)
    if case.alteration not in MENDED_BY_REFOCUSING and case.join is not Join.ECHO:
        return made.outgoing, made.incoming, abs(made.truth.steps[ALTERATIONS[case.alteration].target])
    split = 1 + next(place for place, frame in enumerate(frames) if frame is made.outgoing[-1])
    if case.alteration in MENDED_BY_REFOCUSING:
        clean = [*frames, *frames[-2:0:-1]][split : split + LONG_FRAMES]
        incoming, steps = altered_frames(case.alteration, clean, case.amount, case.chance())
        return made.outgoing, incoming, abs(steps["sharpness"])
    count = made.truth.repeated_frames
    return made.outgoing, frames[split - count : split + SIDE_FRAMES], float(count)


def one_join(case: SeamCase, frames: Sequence[Frame], folder: Path) -> Result:
    outgoing, incoming, injected = sides(case, frames)
    paths = [write(folder / f"{name}.mp4", side, case.crf) for name, side in (("a", outgoing), ("b", incoming))]
    timeline = timeline_of_files("join", paths, join=JoinKind.CONTINUE)
    (before,) = inspect_seams(timeline)
    master, mending, seconds = mended(timeline, folder / "out")
    name = "repeated frames" if case.join is Join.ECHO else ALTERATIONS[case.alteration].target
    after = mending.after[0] if mending.after else before
    then, now = (next(item for item in report.properties if item.name == name) for report in (before, after))
    return Result(
        fault=case.alteration or str(case.join),
        dose=case.amount,
        injected=injected,
        before=abs(then.measured),
        after=abs(now.measured),
        limit=now.limit,
        repaired=bool(mending.applied),
        withdrawn=sum(outcome.state is State.WITHDRAWN for outcome in mending.outcomes),
        worse=tuple(item.name for item in worse_properties(before, after)) if mending.after else (),
        flicker_percent=added_flicker(master, mending),
        seconds=seconds,
    )


def footage(count: int | None, takes: Sequence[str], clips: Sequence[Path], folder: Path | None) -> Iterator[tuple[str, list[Frame]]]:
    if clips:
        for path in clips:
            yield path.stem, list(islice(rgb_frames(path, probe(path)), 96))
        return
    for each in [each for each in seam_footage(SIZE.width) if each.name in takes or not takes][:count]:
        kept = None if folder is None else folder / f"{each.name}.npy"
        if kept is not None and kept.exists():
            yield each.name, list(np.load(kept))
            continue
        frames = list(each.draw(1))
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, np.stack(frames))
        yield each.name, frames


# ----------------------------------------------------------------------------------------------- chains


def drifted(frame: Frame, hop: int) -> Frame:
    """What ``hop`` hops of a drifting generator have made of a frame; each hop stays below the limits."""
    light = frame.astype(np.float32) / np.float32(255)
    grey = light @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    light = grey[..., None] + np.float32(1 + 0.015 * hop) * (light - grey[..., None])
    light = np.maximum(light, 0) ** np.float32(1 - 0.02 * hop) * np.array([1 + 0.008 * hop, 1, 1 - 0.008 * hop], np.float32)
    codes: Frame = np.clip(np.rint(light * np.float32(255 * (1 - 0.006 * hop))), 0, 255).astype(np.uint8)
    return codes


def one_chain(frames: Sequence[Frame], hops: int, crf: int, folder: Path) -> dict[str, float]:
    """A take played to its end and back, cut into hops, each begun with the last frame of the one before; how far it ends off course."""
    frames = [*frames, *frames[-2:0:-1]]
    length = min(24, (len(frames) - 1) // (hops + 1))
    starts = [hop * length for hop in range(hops + 1)]
    paths = [
        write(folder / f"hop_{hop}.mp4", [drifted(frame, hop) for frame in frames[max(0, start - 1) : start + length]], crf)
        for hop, start in enumerate(starts)
    ]
    timeline = timeline_of_files("chain", paths, join=JoinKind.CONTINUE)
    master, mending, seconds = mended(timeline, folder / "out")

    def mean(picture: Frame) -> NDArray[np.float64]:
        small = cv2.resize(picture.astype(np.float32) / np.float32(255), (96, 54), interpolation=cv2.INTER_AREA)
        return np.asarray(ictcp(small.astype(np.float64)).mean(axis=(0, 1)))

    clean = frames[starts[-1] + length - 1]
    end = decode_rgb(master, mending.timeline.frames - 1)
    return {
        "before": float(delta_e_itp(mean(drifted(clean, hops)), mean(clean))),
        "after": float(delta_e_itp(mean(end), mean(clean))),
        "worst_join": max(
            next(item.measured for item in seam.properties if item.name == "colour") for seam in (mending.after or mending.before)
        ),
        "withdrawn": sum(outcome.state is State.WITHDRAWN for outcome in mending.outcomes),
        "flicker_percent": added_flicker(master, mending),
        "seconds": seconds,
    }


# ----------------------------------------------------------------------------------------------- tables


def table(results: Sequence[Result]) -> str:
    by_fault: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_fault[result.fault].append(result)
    lines = [
        "| fault | joins | repaired | injected (median) | left (median) | left / injected | under the limit | worse joins | taken back |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for fault, mine in by_fault.items():
        done = [result for result in mine if result.repaired]
        cells = [fault, str(len(mine)), str(len(done))]
        if done:
            left = [result.after for result in done]
            ratio = float(np.median([result.after / max(result.injected, 1e-9) for result in done]))
            cells += [
                f"{np.median([result.injected for result in done]):.2f}",
                f"{np.median(left):.2f}",
                f"{ratio:.2f}",
                f"{sum(result.after <= result.limit for result in done)}/{len(done)}",
                str(sum(bool(result.worse) for result in done)),
                str(sum(result.withdrawn for result in mine)),
            ]
        lines.append("| " + " | ".join(cells + ["-"] * (9 - len(cells))) + " |")
    seconds = [result.seconds for result in results]
    flicker = max((result.flicker_percent for result in results), default=0.0)
    lines.append("")
    lines.append(f"Flicker of the exposure that a repair added inside a clip: at most {flicker:.3f} % root mean square.")
    lines.append(f"Proposing, rendering and measuring again: median {np.median(seconds):.1f} CPU-seconds a join.")
    return "\n".join(lines)


def cases(name: str, faults: Sequence[str], doses: Sequence[float], crf: int, seed: int) -> Iterator[SeamCase]:
    plain = SeamCase(join=Join.ALTERED, footage=name, crf=crf, seed=seed)
    for fault in faults:
        if fault == "echo":
            yield from (replace(plain, join=Join.ECHO, amount=frames) for frames in ECHOES)
        else:
            yield from (replace(plain, alteration=fault, amount=dose) for dose in doses)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--footage", type=int, default=None, help="the first so many of the reference footage; all by default")
    parser.add_argument("--takes", nargs="*", default=(), help="of the reference footage, by name")
    parser.add_argument("--clips", type=Path, nargs="*", default=(), help="real clips in place of the reference footage")
    parser.add_argument("--doses", type=float, nargs="+", default=(1.5, 2.0), help="multiples of each limit")
    parser.add_argument("--faults", nargs="*", choices=FAULTS, default=FAULTS)
    parser.add_argument("--folder", type=Path, help="where drawn takes stay for the next run")
    parser.add_argument("--crf", type=int, default=18)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chain-hops", type=int, default=10, help="0 for no chains")
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    results, chains = [], []
    for name, frames in footage(options.footage, options.takes, options.clips, options.folder):
        if len(frames) < LEAST_FRAMES:
            print(f"{name}: too short")
            continue
        for number, case in enumerate(cases(name, options.faults, options.doses, options.crf, options.seed)):
            with tempfile.TemporaryDirectory() as folder:
                result = one_join(case, frames, Path(folder))
            results.append(result)
            print(name, number, result, flush=True)
        if options.chain_hops:
            with tempfile.TemporaryDirectory() as folder:
                chains.append((name, one_chain(frames, options.chain_hops, options.crf, Path(folder))))
            print(*chains[-1], flush=True)
    text = table(results)
    if chains:
        text += f"\n\n| chain of {options.chain_hops} hops | drift before | after | worst join after | taken back |\n"
        text += "| --- | --- | --- | --- | --- |\n"
        text += "\n".join(
            f"| {name} | {chain['before']:.1f} | {chain['after']:.1f} | {chain['worst_join']:.1f} | {chain['withdrawn']:.0f} |"
            for name, chain in chains
        )
        flicker = max(chain["flicker_percent"] for _, chain in chains)
        text += f"\n\nDelta E ITP of the last frame from the undrifted take. Flicker added: at most {flicker:.3f} %."
    print("\n" + text)
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
