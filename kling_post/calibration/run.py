"""Makes every case, has it measured and judged as any take is, and keeps what was found beside what was put in."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.case_files import SOUND_RATE, about_sound, write_clip
from kling_post.calibration.cases import CLEAN_SOUND_CRF, FULL, Case, Extent, Kind, plan_cases
from kling_post.calibration.delivered import Delivery
from kling_post.calibration.footage import FRAMES, RATE, SIZE, Footage, reference_footage, sound_of, traits_of
from kling_post.calibration.injectors.injector import Frame, HardNegative, Injected, Material, RgbFrame
from kling_post.calibration.injectors.registry import all_hard_negatives, all_injectors
from kling_post.calibration.patterns import grained
from kling_post.calibration.peers import PEERS, ask_peers
from kling_post.calibration.score import Event
from kling_post.calibration.sweeps import FACTORS, SWEEPS, asked_at
from kling_post.calibration.workers import worker_processes
from kling_post.checks.check import Subject
from kling_post.checks.judge import judge
from kling_post.media.probe import probe
from kling_post.progress import SILENT, Progress
from kling_post.signals.runner import measure
from kling_post.vocabulary import FrameRange, MediaFacts, Severity, TakePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding, as far as scoring needs it."""

    check: str
    severity: Severity
    frames: FrameRange | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case: what was put in and what was found."""

    case: Case
    frames: int
    seconds: float
    truth: tuple[Event, ...]
    found: tuple[Found, ...]
    """At review level or above."""
    peers: Mapping[str, tuple[FrameRange, ...]] = field(default_factory=dict)
    swept: Mapping[str, Mapping[float, tuple[FrameRange | None, ...]]] = field(default_factory=dict)
    """Check, then factor on its deciding limits, then where it finds something."""
    cpu_seconds: float = 0.0
    delivered: float = 1.0
    """Share of the defect's size that coding has left in the file, where that can be measured."""
    coder_bands: float = 0.0
    """Of innocent footage, the share of the picture in which the coder has made bands."""

    @property
    def delivered_size(self) -> float:
        """Size as it is in the file."""
        return self.case.size * min(1.0, self.delivered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A whole run."""

    footage: tuple[Footage, ...]
    traits: dict[str, frozenset[str]]
    outcomes: tuple[Outcome, ...]
    seed: int
    user_clips: bool
    left_out: tuple[str, ...] = ()
    """Clips too short to put anything into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """Footage drawn once, kept as one array in a temporary folder; workers map it instead of drawing it again."""

    path: Path
    other: Path
    prompt: str


def run_benchmark(
    footage: Sequence[Footage] | None = None,
    *,
    seed: int = 1,
    extent: Extent = FULL,
    processes: int = 2,
    only: Sequence[str] = (),
    user_clips: bool = False,
    progress: Progress = SILENT,
) -> Benchmark:
    """Draw the footage, make and judge every case.

    Args:
        footage: Clean shots; None for the reference footage.
        seed: Of everything that is left to chance.
        extent: How much is asked.
        processes: Worked on in parallel.
        only: Names of injectors, checks or hard negatives; empty for all.
        user_clips: Whether the footage is a user's, so that what is found in it untouched counts as known.
        progress: Told of cases.

    Raises:
        MediaError: a clip cannot be read.
    """
    shots = tuple(reference_footage() if footage is None else footage)
    with TemporaryDirectory(prefix="kling-post-benchmark-") as temporary, worker_processes(processes) as pool:
        folder = Path(temporary)
        progress.start("drawing clean footage", len(shots), "shots")
        drawn = {}
        jobs = {pool.submit(_draw, shot, folder / f"{number}.npy", seed): shot for number, shot in enumerate(shots)}
        for done, job in enumerate(as_completed(jobs), start=1):
            drawn[jobs[job].name] = job.result()
            progress.advance(done)
        progress.finish()
        usable = [shot for shot in shots if drawn[shot.name] is not None]
        traits = {shot.name: drawn[shot.name] or frozenset() for shot in usable}
        stored = _stored(shots, usable, folder)
        cases = [case for case in plan_cases(traits, seed=seed, extent=extent) if _wanted(case, only)]
        outcomes = _all_cases(pool, cases, stored, folder, progress)
    left_out = tuple(shot.name for shot in shots if drawn[shot.name] is None)
    return Benchmark(footage=tuple(usable), traits=traits, outcomes=outcomes, seed=seed, user_clips=user_clips, left_out=left_out)


def _stored(shots: Sequence[Footage], usable: Sequence[Footage], folder: Path) -> dict[str, _Stored]:
    paths = {shot.name: folder / f"{number}.npy" for number, shot in enumerate(shots)}
    # The shot to cut to is the one half the list away: never a shot of the same kind, where there are two.
    partner = {shot.name: usable[(place + max(1, len(usable) // 2)) % len(usable)].name for place, shot in enumerate(usable)}
    return {shot.name: _Stored(path=paths[shot.name], other=paths[partner[shot.name]], prompt=shot.prompt) for shot in usable}


def _wanted(case: Case, only: Sequence[str]) -> bool:
    if not only or case.kind is Kind.CLEAN:
        return True
    names = {case.name}
    if case.kind is Kind.DEFECT:
        names.add(all_injectors()[case.name].check)
    return bool(names & set(only))


def _draw(shot: Footage, path: Path, seed: int) -> frozenset[str] | None:
    """Draw one shot into a file; its traits, or None where it is too short."""
    cv2.setNumThreads(1)
    frames = list(shot.draw(seed))
    if len(frames) < FRAMES:
        return None
    np.save(path, np.stack(frames))
    return traits_of(frames) | ({"sounding"} if shot.prompt else set())


def _all_cases(
    pool: ProcessPoolExecutor, cases: Sequence[Case], stored: dict[str, _Stored], folder: Path, progress: Progress
) -> tuple[Outcome, ...]:
    progress.start("making and judging cases", len(cases), "cases")
    jobs = {pool.submit(_outcome, case, stored.get(case.footage), folder): number for number, case in enumerate(cases)}
    outcomes: dict[int, Outcome] = {}
    for done, job in enumerate(as_completed(jobs), start=1):
        outcomes[jobs[job]] = job.result()
        progress.advance(done)
    progress.finish()
    return tuple(outcomes[number] for number in sorted(outcomes))


def _outcome(case: Case, stored: _Stored | None, folder: Path) -> Outcome:
    """One case from its recipe to its findings; the clip itself is deleted."""
    cv2.setNumThreads(1)
    before = os.times()
    delivery = Delivery(_made(case, stored))
    made = delivery.watched()
    path = folder / f"{os.getpid()}.mp4"
    try:
        write_clip(path, made, case)
        outcome = replace(_judged(path, made, case, folder), delivered=delivery.share(path), coder_bands=delivery.coder_bands(path))
    finally:
        path.unlink(missing_ok=True)
    spent = sum(os.times()[:4]) - sum(before[:4])
    return replace(outcome, cpu_seconds=spent)


def _made(case: Case, stored: _Stored | None) -> Injected:
    rng = case.chance()
    if case.kind is Kind.HARD_NEGATIVE:
        return _innocent(all_hard_negatives()[case.name], rng)
    assert stored is not None, f"{case.key} has no footage"
    material = _material(stored, case, rng)
    if case.kind is Kind.CLEAN:
        return Injected(frames=_grain(iter(material.frames), case.grain, rng), truth=(), sound=_clean_sound(stored, case))
    injected = all_injectors()[case.name].apply(material, case.size)
    return replace(injected, frames=_grain(injected.frames, case.grain, rng))


def _innocent(negative: HardNegative, rng: np.random.Generator) -> Injected:
    """A hard negative; its sound, where it has some, is stored as PCM or coded by chance."""
    sound = None if negative.sound is None else negative.sound(rng, round(FRAMES / RATE * SOUND_RATE))
    frames = iter(()) if negative.draw is None else negative.draw(SIZE, FRAMES, rng)
    coded = bool(rng.random() < 0.5)
    return Injected(frames=frames, truth=(), sound=sound, sound_coded=coded, full_range_flag=negative.full_range_flag)


def _material(stored: _Stored, case: Case, rng: np.random.Generator) -> Material:
    frames, other = (np.load(path, mmap_mode="r") for path in (stored.path, stored.other))
    size = frames.shape[1:3]
    return Material(
        frames=[np.asarray(frame) for frame in frames],
        other=[_fitted(frame, size) for frame in other],
        rate=RATE,
        rng=rng,
        sound=sound_of(stored.prompt, case.seed) if about_sound(case) else np.zeros((0, 2), np.float32),
    )


def _clean_sound(stored: _Stored, case: Case) -> NDArray[np.float32] | None:
    """Once per shot is enough: the sound does not depend on the picture's quality."""
    return sound_of(stored.prompt, case.seed) if stored.prompt and case.crf == CLEAN_SOUND_CRF else None


def _fitted(frame: RgbFrame, size: tuple[int, int]) -> RgbFrame:
    if frame.shape[:2] == size:
        return np.asarray(frame)
    return np.asarray(cv2.resize(frame, (size[1], size[0]), interpolation=cv2.INTER_AREA), np.uint8)


def _grain(frames: Iterator[Frame], sigma: float, rng: np.random.Generator) -> Iterator[Frame]:
    for frame in frames:
        yield frame if isinstance(frame, tuple) or not sigma else grained(frame, sigma, rng)


def _judged(path: Path, made: Injected, case: Case, folder: Path) -> Outcome:
    facts = probe(path)
    measured = measure(path, facts, cache_folder=None, names=() if about_sound(case) else None)
    # One unbroken shot is what was ordered: every cut is a fault.
    subject = Subject(facts=facts, plan=TakePlan(cut_seconds=()), signals=measured.signals, loudness=measured.loudness)
    findings = judge(subject).findings
    found = tuple(
        Found(check=finding.check, severity=finding.severity, frames=finding.frames, message=finding.message)
        for finding in findings
        if finding.severity is not Severity.INFO
    )
    asked = [all_injectors()[case.name].check] if case.kind is Kind.DEFECT else list(SWEEPS)
    peers = {} if about_sound(case) else _peers(path, facts, asked, folder)
    return Outcome(
        case=case,
        frames=facts.frames,
        seconds=float(facts.duration_seconds),
        truth=made.truth,
        found=found,
        peers=peers,
        swept={check: swept for check in asked if (swept := _swept(check, subject))},
    )


def _peers(path: Path, facts: MediaFacts, asked: Sequence[str], folder: Path) -> dict[str, tuple[FrameRange, ...]]:
    answered = {check for answers in PEERS.values() for check in answers}
    wanted = [check for check in asked if check in answered]
    return ask_peers(path, facts, wanted, folder) if wanted else {}


def _swept(check: str, subject: Subject) -> dict[float, tuple[FrameRange | None, ...]]:
    swept = {}
    for factor in FACTORS:
        findings = asked_at(check, subject, factor)
        if findings is None:
            return {}
        swept[factor] = tuple(finding.frames for finding in findings)
    return swept
