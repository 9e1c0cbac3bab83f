"""What reviewers say, one event after the other, in a file that only ever grows.

Each event is one line of JSON, on the disk before the page is told that it is saved. What holds now is what comes out when the events
are read in order, so that nothing is overwritten and who said what, and when, stays.
"""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kling_post.errors import InvalidInputError

MOST_WORDS = 4000
"""Letters in a note or a reason."""

TakeId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
"""The first sixteen digits of the SHA-256 of a take's file: another file is another take, whatever it is called."""
Name = Annotated[str, Field(min_length=1, max_length=400)]
Words = Annotated[str, Field(min_length=1, max_length=MOST_WORDS, pattern=r"\S")]
Frame = Annotated[int, Field(ge=0, le=10_000_000)]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(default_factory=lambda: uuid4().hex, pattern=r"^[0-9a-f]{32}$")
    """Drawn by whoever makes the event: the same event sent twice counts once."""
    at: datetime = Field(default_factory=_now)
    by: str = Field(default="", max_length=120)


class VerdictGiven(_Event):
    """What a reviewer thinks of a take."""

    kind: Literal["verdict"] = "verdict"
    take: TakeId
    verdict: Literal["approved", "needs_work", "rejected", "none"]


class NoteWritten(_Event):
    """Words at a frame of a take."""

    kind: Literal["note"] = "note"
    take: TakeId
    frame: Frame
    text: Words


class NoteRemoved(_Event):
    """A note that no longer holds."""

    kind: Literal["note_removed"] = "note_removed"
    note: str


class TakeChosen(_Event):
    """The take that a shot shall use; None goes back to the ranking."""

    kind: Literal["choose"] = "choose"
    shot: Name
    take: TakeId | None


class Trimmed(_Event):
    """The frames of a take that are good to use, from ``start`` up to, not with, ``stop``; None of both means all of it."""

    kind: Literal["trim"] = "trim"
    take: TakeId
    start: Frame | None
    stop: Frame | None


class FindingWaived(_Event):
    """A finding that the reviewer answers for until a day."""

    kind: Literal["waive"] = "waive"
    subject: Name
    """The take's file name, or ``one to two`` for a seam between those clips."""
    check: Name
    frames: tuple[Frame, Frame] | None
    reason: Words
    expires: date


class WaiverRemoved(_Event):
    """A waiver that no longer holds."""

    kind: Literal["waiver_removed"] = "waiver_removed"
    waiver: str


class RetakeAsked(_Event):
    """Whether a shot shall be made once more; ``beside`` is how many takes it had then, so that one wish orders one take."""

    kind: Literal["retake"] = "retake"
    shot: Name
    wanted: bool
    beside: int = Field(ge=0, le=10_000)


Event = VerdictGiven | NoteWritten | NoteRemoved | TakeChosen | Trimmed | FindingWaived | WaiverRemoved | RetakeAsked
_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What holds after all events."""

    of_take: Mapping[str, str] = field(default_factory=dict)
    """``approved``, ``needs_work`` or ``rejected`` by take; takes without a word are not in it."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Take by shot, where a person chose."""
    trims: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    retakes: Mapping[str, int] = field(default_factory=dict)
    """Shots that shall be made once more, and how many takes each had when that was asked."""
    notes: tuple[NoteWritten, ...] = ()
    waivers: tuple[FindingWaived, ...] = ()
    events: int = 0
    torn_lines: int = 0
    """Lines that a crash cut off while they were written; what they held was never reported as saved."""


def parse_event(data: object) -> Event:
    """An event from JSON values.

    Raises:
        InvalidInputError: it is none, with the first thing that is wrong.
    """
    try:
        event = _EVENT.validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise InvalidInputError(f"not a review event: {where or 'it'}: {first['msg']}.") from error
    if isinstance(event, Trimmed):
        _check_order(event.start, event.stop)
    if isinstance(event, FindingWaived) and event.frames is not None:
        _check_order(*event.frames)
    return event


def _check_order(start: int | None, stop: int | None) -> None:
    if (start is None) != (stop is None) or (start is not None and stop is not None and start >= stop):
        raise InvalidInputError(f"not a review event: frames run from a first to the one behind the last, not [{start}, {stop}).")


@dataclass(slots=True)
class _Tally:
    of_take: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    trims: dict[str, tuple[int, int]] = field(default_factory=dict)
    retakes: dict[str, int] = field(default_factory=dict)
    notes: dict[str, NoteWritten] = field(default_factory=dict)
    waivers: dict[str, FindingWaived] = field(default_factory=dict)

    def count(self, event: Event) -> None:
        """Let the event hold."""
        match event:
            case NoteWritten():
                self.notes[event.id] = event
            case NoteRemoved():
                self.notes.pop(event.note, None)
            case FindingWaived():
                self.waivers[event.id] = event
            case WaiverRemoved():
                self.waivers.pop(event.waiver, None)
            case _:
                self._set(event)

    def _set(self, event: VerdictGiven | TakeChosen | Trimmed | RetakeAsked) -> None:
        match event:
            case VerdictGiven():
                _put(self.of_take, event.take, None if event.verdict == "none" else event.verdict)
            case TakeChosen():
                _put(self.chosen, event.shot, event.take)
            case Trimmed():
                _put(self.trims, event.take, None if event.start is None or event.stop is None else (event.start, event.stop))
            case RetakeAsked():
                _put(self.retakes, event.shot, event.beside if event.wanted else None)


def fold(events: Iterable[Event], *, torn_lines: int = 0) -> Verdicts:
    """What holds after the events, the later word above the earlier; an event that comes again is passed over."""
    seen: set[str] = set()
    tally = _Tally()
    for event in events:
        if event.id not in seen:
            seen.add(event.id)
            tally.count(event)
    return Verdicts(
        of_take=tally.of_take,
        chosen=tally.chosen,
        trims=tally.trims,
        retakes=tally.retakes,
        notes=tuple(tally.notes.values()),
        waivers=tuple(tally.waivers.values()),
        events=len(seen),
        torn_lines=torn_lines,
    )


_Value = TypeVar("_Value")


def _put(values: dict[str, _Value], key: str, value: _Value | None) -> None:
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value


class VerdictLog:
    """The file of events."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def append(self, event: Event) -> None:
        """Add an event; when this returns, it is on the disk.

        Raises:
            OSError: it could not be written.
        """
        line = json.dumps(event.model_dump(mode="json"), ensure_ascii=False).encode() + b"\n"
        with self._lock:
            new = not self.path.exists()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                # A line that a crash cut off must not swallow the next one. One write, so that two reviewers' lines do not mix.
                file.write(b"\n" + line if self._ends_torn() else line)
                file.flush()
                os.fsync(file.fileno())
            if new and os.name == "posix":
                _sync_folder(self.path.parent)

    def _ends_torn(self) -> bool:
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"

    def read(self) -> Verdicts:
        """What holds now; nothing where there is no file.

        Raises:
            InvalidInputError: a whole line that is no event: the file was changed by hand, or is of a later version.
        """
        events, torn = events_of(self.path)
        return fold(events, torn_lines=torn)


def events_of(path: Path) -> tuple[list[Event], int]:
    """The events of a file in order, and how many lines of it were cut off by a crash; none where there is no file.

    Raises:
        InvalidInputError: it cannot be read, or has a whole line that is no event.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise InvalidInputError(f"{path}: cannot be read: {error}.") from error
    events: list[Event] = []
    torn = 0
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            torn += 1
            continue
        try:
            events.append(parse_event(data))
        except InvalidInputError as error:
            raise InvalidInputError(
                f"{path}:{number}: {error.message}", remedy="Remove the line, or use the version that wrote it."
            ) from error
    return events, torn


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
