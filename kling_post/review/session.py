"""What there is to review: the shots, takes, clips and seams of a finished run, as its report.json tells them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from kling_post.errors import InvalidInputError
from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import Area, Finding, FrameRange, Judgement, Severity, Size, Undetermined

_SCHEMA_VERSIONS = (1,)
ID_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTake:
    """One take of a shot."""

    take_id: str
    """The first sixteen digits of its file's SHA-256."""
    shot_id: str
    """The line of the shot list that it was made for."""
    number: int
    path: Path
    size: Size
    rate: Fraction
    frames: int
    has_sound: bool
    cost_usd: Decimal
    judgement: Judgement
    planned: tuple[tuple[str, int], ...]
    """Id and first frame of each shot that the take holds."""
    prompts: tuple[str, ...]
    model: str
    backend: str
    """The name of the engine that made it."""
    facts_line: str
    """Codec and format, for people."""
    notes: tuple[str, ...] = ()
    repaired: Path | None = None
    """The same take with its defects mended, where that was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewShot:
    """One line of the shot list with its takes, in the order in which they were made."""

    shot_id: str
    takes: tuple[ReviewTake, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClip:
    """A stretch of a take as the edit has it now."""

    clip_id: str
    take_id: str
    source: FrameRange
    """Frames of the take's file."""
    record: FrameRange
    dissolve_frames: int
    join: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSeam:
    """A join of the edit as it is now."""

    outgoing: str
    incoming: str
    record_frame: int
    planned: str
    seen: str | None
    judgement: Judgement
    rows: tuple[Mapping[str, Any], ...]
    """The scorecard as report.json has it."""
    repaired: tuple[str, ...] = ()
    """The kinds of repair that were made at it; the figures are then the finished programme's."""

    @property
    def subject(self) -> str:
        """What waivers call it."""
        return f"{self.outgoing} to {self.incoming}"


@dataclass(frozen=True, kw_only=True)
class ReviewSession:
    """Everything that a reviewer is shown, but for the pictures."""

    project: str
    folder: Path
    """Of the run."""
    rate: Fraction
    size: Size
    start_timecode: str
    frames: int
    backend: str
    budget_usd: Decimal | None
    cost_usd: Decimal
    shots: tuple[ReviewShot, ...]
    clips: tuple[ReviewClip, ...]
    seams: tuple[ReviewSeam, ...]
    master: Path | None = None
    """The finished programme as it was when this was reported; None where it is not there."""

    @cached_property
    def takes(self) -> Mapping[str, ReviewTake]:
        """All takes by id, in the order of the edit."""
        return {take.take_id: take for shot in self.shots for take in shot.takes}

    @cached_property
    def used(self) -> Mapping[str, str]:
        """The take that the edit has now, by shot."""
        shot_of = {take_id: take.shot_id for take_id, take in self.takes.items()}
        return {shot_of[clip.take_id]: clip.take_id for clip in self.clips}

    def shot(self, shot_id: str) -> ReviewShot | None:
        """The shot of that name."""
        return next((shot for shot in self.shots if shot.shot_id == shot_id), None)


def report_path(folder: Path) -> Path:
    """Where a run's figures lie."""
    return folder / "report" / "report.json"


def load_session(folder: Path) -> ReviewSession:
    """The finished run in a folder.

    Raises:
        InvalidInputError: there is none, or its report.json is of another version or damaged.
    """
    path = report_path(folder)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInputError(
            f"{folder}: holds no finished run to review.", remedy="Run it first: kling-post run PROJECT; or name its folder with --out."
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path}: cannot be read: {error}.", remedy="Run the project again.") from error
    if not isinstance(data, dict) or data.get("schema_version") not in _SCHEMA_VERSIONS:
        raise InvalidInputError(f"{path}: is not a report of this version.", remedy="Run the project again with this version.")
    try:
        return _session(data, folder.resolve(), path.parent.resolve())
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInputError(f"{path}: is damaged: {type(error).__name__} {error}.", remedy="Run the project again.") from error


def _session(data: Mapping[str, Any], folder: Path, beside: Path) -> ReviewSession:
    timeline, rate = data["timeline"], Fraction(data["timeline"]["rate"])
    takes = [_take(one, beside) for one in data["takes"]]
    by_path = {take.path: take for take in takes}
    shots = dict.fromkeys(take.shot_id for take in takes)
    budget = data["money"]["budget_usd"]
    return ReviewSession(
        project=data["project"],
        folder=folder,
        rate=rate,
        size=Size(timeline["size"]["width"], timeline["size"]["height"]),
        start_timecode=timeline["start_timecode"],
        frames=timeline["frames"],
        backend=data["backend"],
        budget_usd=None if budget is None else Decimal(budget),
        cost_usd=Decimal(data["money"]["cost_usd"]),
        shots=tuple(ReviewShot(shot_id=shot, takes=tuple(take for take in takes if take.shot_id == shot)) for shot in shots),
        clips=tuple(clip for one in timeline["clips"] if (clip := _clip(one, by_path, beside, rate)) is not None),
        seams=tuple(_seam(one) for one in data["seams"]),
        master=_master(data.get("programme"), beside),
    )


def _master(programme: Mapping[str, Any] | None, beside: Path) -> Path | None:
    path = None if programme is None else (beside / programme["file"]).resolve()
    return path if path is not None and path.is_file() else None


def _take(one: Mapping[str, Any], beside: Path) -> ReviewTake:
    facts, rate = one["facts"], Fraction(one["facts"]["rate"])
    audio = facts["audio"]
    sound = "no sound" if audio is None else f"{audio['codec']} {audio['sample_rate']} Hz {audio['layout']}"
    path = (beside / one["file"]).resolve()
    return ReviewTake(
        take_id=facts["sha256"][:ID_DIGITS],
        shot_id=_shot_id([shot["id"] for shot in one["shots"]]),
        number=one["take"],
        path=path,
        size=Size(facts["size"]["width"], facts["size"]["height"]),
        rate=rate,
        frames=facts["frames"],
        has_sound=audio is not None,
        cost_usd=Decimal(one["cost_usd"]),
        judgement=_judgement(one),
        planned=_planned(one["shots"], rate),
        prompts=tuple(shot["prompt"] for shot in one["shots"]),
        model=one["model"],
        backend=one["backend"],
        facts_line=f"{facts['codec']} {facts['profile']} {facts['pixel_format']}, {sound}",
        notes=tuple(one["notes"]),
        repaired=_repaired(one, beside),
    )


def _repaired(one: Mapping[str, Any], beside: Path) -> Path | None:
    """Where the report names a mended file that is there."""
    named = one.get("repaired")
    path = (beside / named).resolve() if isinstance(named, str) else None
    return path if path is not None and path.is_file() else None


def _shot_id(planned: Sequence[str]) -> str:
    """The shot that a take was planned for: ``caravan`` for a take that holds ``caravan_1`` and ``caravan_2``."""
    return planned[0].removesuffix("_1") if len(planned) > 1 else planned[0]


def _planned(shots: Sequence[Mapping[str, Any]], rate: Fraction) -> tuple[tuple[str, int], ...]:
    first, begin = [], 0
    for shot in shots:
        first.append((str(shot["id"]), seconds_to_frames(begin, rate)))
        begin += int(shot["duration_seconds"])
    return tuple(first)


def _clip(one: Mapping[str, Any], by_path: Mapping[Path, ReviewTake], beside: Path, rate: Fraction) -> ReviewClip | None:
    take = by_path.get((beside / one["file"]).resolve())
    if take is None:
        return None
    source = FrameRange(one["source"]["start"], one["source"]["stop"])
    if "take_frames" in one:
        source = FrameRange(one["take_frames"]["start"], one["take_frames"]["stop"])
    elif take.rate != rate:  # reports of before this was said, which knew no speeds
        first = min(round(source.start * take.rate / rate), take.frames - 1)
        source = FrameRange(first, max(first + 1, min(round(source.stop * take.rate / rate), take.frames)))
    return ReviewClip(
        clip_id=one["id"],
        take_id=take.take_id,
        source=source,
        record=FrameRange(one["record"]["start"], one["record"]["stop"]),
        dissolve_frames=one["dissolve_frames"],
        join=one["join"],
    )


def _seam(one: Mapping[str, Any]) -> ReviewSeam:
    return ReviewSeam(
        outgoing=one["outgoing"],
        incoming=one["incoming"],
        record_frame=one["record_frame"],
        planned=one["planned"],
        seen=one["seen"],
        judgement=_judgement(one),
        rows=tuple(one["properties"]),
        repaired=tuple(one.get("repaired", ())),
    )


def _judgement(one: Mapping[str, Any]) -> Judgement:
    return Judgement(
        findings=tuple(_finding(each) for each in one["findings"]),
        undetermined=tuple(Undetermined(check=each["check"], reason=each["reason"]) for each in one["undetermined"]),
    )


def _finding(one: Mapping[str, Any]) -> Finding:
    frames, area = one["frames"], one["area"]
    finding = Finding(
        check=one["check"],
        severity=Severity(one["severity"]),
        frames=None if frames is None else FrameRange(frames["start"], frames["stop"]),
        measured=one["measured"],
        limit=one["limit"],
        unit=one["unit"],
        message=one["message"],
        code=one["code"],
        source=one["source"],
        remedy=one["remedy"],
    )
    return finding if area is None else replace(finding, area=Area(**area))
