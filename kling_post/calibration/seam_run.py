"""Makes every join, has it inspected as any seam is, and keeps the scorecard beside the truth."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.footage import RATE, Footage
from kling_post.calibration.seam_alterations import ALTERATIONS, LOOKS
from kling_post.calibration.seam_cases import SIDE_FRAMES, Join, SeamCase, plan_seams
from kling_post.calibration.seam_footage import LEAST_FRAMES, Frames, MadeJoin, Truth, make_join, seam_footage
from kling_post.calibration.seam_grain import grain_as_coded
from kling_post.calibration.seam_leaps import as_coded
from kling_post.calibration.seam_looks import looks_as_coded
from kling_post.calibration.seam_matching import LeftOver, left_over
from kling_post.calibration.seam_peers import PeerAnswer, ask_peer
from kling_post.calibration.seam_sound import SoundOutcome, sound_outcomes
from kling_post.calibration.seam_unrest import Unrest, unrest_of
from kling_post.calibration.workers import worker_processes
from kling_post.errors import InvalidInputError
from kling_post.media.color import luma_weights
from kling_post.media.decode import decode
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.frames import FrameView
from kling_post.media.rgb import ycbcr_to_rgb
from kling_post.progress import SILENT, Progress
from kling_post.seams.inspect import evidence_of
from kling_post.seams.judge import judge_seam
from kling_post.seams.side import side_of
from kling_post.vocabulary import JoinKind, SeamReport, Size

Result = TypeVar("Result")
_MATCHED_FROM = 1.5
RgbFrame = NDArray[np.uint8]
_WEIGHTS = luma_weights("bt709", height=1080)
"""The reference encoder writes BT.709 whatever the size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamOutcome:
    """One join: the truth, what the scorecard says, and what the rule that others use says."""

    case: SeamCase
    truth: Truth
    report: SeamReport
    peer: PeerAnswer
    cpu_seconds: float
    left: Mapping[str, LeftOver] = field(default_factory=dict)
    """What each method of matching colours leaves of a step of looks; empty where it was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamBenchmark:
    """A whole run."""

    footage: tuple[str, ...]
    outcomes: tuple[SeamOutcome, ...]
    seed: int
    user_clips: bool
    left_out: tuple[str, ...]
    """Clips too short to be split."""
    sizes: tuple[Size, ...] = ()
    """Of the pictures of all takes."""
    sounds: tuple[SoundOutcome, ...] = ()


def run_seam_benchmark(
    footage: Sequence[Footage] | None = None,
    *,
    seed: int = 1,
    shots_each: int = 4,
    plain_each: int = 5,
    processes: int = 2,
    in_process: bool = False,
    only: Sequence[str] = (),
    folder: Path | None = None,
    user_clips: bool = False,
    progress: Progress = SILENT,
) -> SeamBenchmark:
    """Draw the takes, make and inspect every join.

    Args:
        footage: Clean takes; None for the reference footage.
        seed: Of everything that is left to chance.
        shots_each: Takes that each fault of each size is put into.
        plain_each: Untouched splits of each take at each quality.
        processes: Worked on in parallel.
        in_process: Use threads of this process in place of processes: for a few joins, and for takes that cannot be sent.
        only: Names of joins or alterations; empty for all.
        folder: Where takes and encoded joins stay for the next run; None for a temporary folder.
        user_clips: Whether the footage is a user's.
        progress: Told of cases.

    Raises:
        InvalidInputError: no clip is long enough.
        MediaError: a clip cannot be read.
    """
    takes = tuple(seam_footage() if footage is None else footage)
    place = TemporaryDirectory(prefix="kling-post-seams-") if folder is None else nullcontext(str(folder))
    with place as name, _pool(processes, in_process=in_process) as pool:
        work = Path(name)
        work.mkdir(parents=True, exist_ok=True)
        paths = {take.name: _stored(work, take.name, seed) for take in takes}
        _finished("drawing clean takes", [pool.submit(_draw, take, paths[take.name], seed) for take in takes], progress)
        shapes = {take.name: np.load(paths[take.name], mmap_mode="r").shape for take in takes}
        usable = [name for name, (frames, *_) in shapes.items() if frames >= LEAST_FRAMES]
        if not usable:
            raise InvalidInputError(f"No clip is long enough: to be split in two it takes {LEAST_FRAMES} frames.")
        planned = plan_seams(usable, seed=seed, shots_each=shots_each, plain_each=plain_each)
        cases = [case for case in planned if not only or {str(case.join), case.alteration} & set(only)]
        # The take to cut to is the one half the list away: never one of the same kind, where there are two.
        partner = {take: usable[(number + max(1, len(usable) // 2)) % len(usable)] for number, take in enumerate(usable)}
        jobs = [pool.submit(_outcome, case, paths[case.footage], paths[partner[case.footage]], work) for case in cases]
        outcomes = _finished("making and inspecting joins", jobs, progress)
        sounds = pool.submit(sound_outcomes, seed=seed, scenes_each=2 * shots_each).result()
    return SeamBenchmark(
        footage=tuple(usable),
        outcomes=tuple(outcomes),
        seed=seed,
        user_clips=user_clips,
        sounds=sounds,
        left_out=tuple(take.name for take in takes if take.name not in usable),
        sizes=tuple(Size(columns, rows) for rows, columns in sorted({shapes[name][1:3] for name in usable})),
    )


def _pool(workers: int, *, in_process: bool) -> Executor:
    return ThreadPoolExecutor(workers) if in_process else worker_processes(workers)


def _finished(what: str, jobs: Sequence[Future[Result]], progress: Progress) -> list[Result]:
    """The results in the order of the jobs."""
    progress.start(what, len(jobs), "")
    for done, job in enumerate(as_completed(jobs), start=1):
        job.result()
        progress.advance(done)
    progress.finish()
    return [job.result() for job in jobs]


def _stored(folder: Path, name: str, seed: int) -> Path:
    return folder / f"{hashlib.sha256(f'{name} {seed}'.encode()).hexdigest()[:16]}.npy"


def _draw(take: Footage, path: Path, seed: int) -> None:
    cv2.setNumThreads(1)
    if not path.exists():
        beside = path.with_suffix(f".{os.getpid()}.npy")
        frames = np.stack(list(take.draw(seed)))
        if not take.even:
            unrest = unrest_of(list(frames))
            np.savez(_unrest_path(path), movement=unrest.movement, looks=unrest.looks)
        np.save(beside, frames)
        beside.replace(path)


def _unrest_path(path: Path) -> Path:
    return path.with_suffix(".unrest.npz")


def _unrest(path: Path) -> Unrest | None:
    """Of a stored take; None of one that moves evenly."""
    if not _unrest_path(path).exists():
        return None
    with np.load(_unrest_path(path)) as kept:
        return Unrest(movement=kept["movement"], looks=kept["looks"])


def _outcome(case: SeamCase, take_path: Path, other_path: Path, folder: Path) -> SeamOutcome:
    cv2.setNumThreads(1)
    take, other = (np.load(path, mmap_mode="r") for path in (take_path, other_path))
    name = hashlib.sha256((case.key + take_path.name + other_path.name).encode()).hexdigest()[:24]
    before_path, after_path, trial_path = (folder / f"{name}.{which}.mp4" for which in ("before", "after", "trial"))

    def coded(frames: Frames) -> list[NDArray[np.generic]]:
        _write(trial_path, frames, case.crf)
        planes = [np.asarray(view.luma).copy() for view in decode(trial_path)]
        trial_path.unlink()
        return planes

    made = make_join(case, take, [_fitted(frame, take.shape[1:3]) for frame in other[: 2 * SIDE_FRAMES]], coded, _unrest(take_path))
    for path, frames in ((before_path, [*made.run_up, *made.outgoing]), (after_path, made.incoming)):
        if not path.exists():
            _write(path, frames, case.crf)
    before = os.times()
    views = [*list(decode(before_path))[len(made.run_up) :], *decode(after_path)]
    outgoing, incoming = side_of(views[:SIDE_FRAMES]), side_of(views[SIDE_FRAMES:])
    planned = JoinKind.CONTINUE if made.truth.kind == "continue" else JoinKind.CUT
    report = judge_seam(
        evidence_of(outgoing, incoming),
        outgoing="before",
        incoming="after",
        record_frame=len(made.outgoing),
        planned=planned,
    )
    spent = sum(os.times()[:2]) - sum(before[:2])
    return SeamOutcome(
        case=case,
        truth=_in_file(case, made, views),
        report=report,
        peer=ask_peer([np.asarray(view.luma) for view in views], SIDE_FRAMES),
        cpu_seconds=spent,
        left=_matched(case, made, views, report),
    )


def _in_file(case: SeamCase, made: MadeJoin, views: Sequence[FrameView]) -> Truth:
    """The truth of a join as the file holds it."""
    truth, planes = made.truth, [view.luma for view in views]
    if truth.kind != "continue":
        return truth
    steps = looks_as_coded(truth.steps, made.outgoing, made.clean if len(made.clean) else made.incoming, [_rgb(view) for view in views])
    if len(made.clean):
        steps = as_coded(steps, made.outgoing, made.clean, planes)
    grainless = made.clean if case.alteration == "grain" else made.incoming
    return replace(truth, steps=grain_as_coded(steps, made.outgoing, grainless, planes))


def _matched(case: SeamCase, made: MadeJoin, views: Sequence[FrameView], report: SeamReport) -> Mapping[str, LeftOver]:
    """What becomes of the colours, where a look was altered visibly, and on the first untouched split of each take and quality."""
    altered = case.join is Join.ALTERED and ALTERATIONS[case.alteration].target in LOOKS and case.amount >= _MATCHED_FROM
    if not (altered or (case.join is Join.PLAIN and case.seed % 1000 == 0)):
        return {}
    found = any(each.name in LOOKS and each.severity is not None for each in report.properties)
    return left_over(views[:SIDE_FRAMES], views[SIDE_FRAMES:], made.clean, found=found)


def _rgb(view: FrameView) -> RgbFrame:
    return ycbcr_to_rgb(view.luma, view.chroma_blue, view.chroma_red, bit_depth=8, full_range=False, weights=_WEIGHTS)


def _fitted(frame: RgbFrame, size: tuple[int, ...]) -> RgbFrame:
    if frame.shape[:2] == size:
        return np.asarray(frame)
    return np.asarray(cv2.resize(frame, (size[1], size[0]), interpolation=cv2.INTER_AREA), np.uint8)


def _write(path: Path, frames: Frames, crf: int) -> None:
    """One side, in a file of its own, as clips come: what an encoder has learnt of a clip it does not take along into the next."""
    rows, columns = frames[0].shape[:2]
    quality = EncodeSettings(preset="veryfast", crf=crf, threads=1)
    with FrameWriter(path, size=Size(columns, rows), rate=RATE, quality=quality) as writer:
        for frame in frames:
            writer.write(np.asarray(frame))
