"""The edit as it was asked for, its moments counted in frames: what the keys of ``edit_keys`` come to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from kling_post.errors import ProjectError
from kling_post.project.edit_keys import DialogueKeys, EditKeys, Moment, RetimeKeys, TrackClipKeys
from kling_post.project.file import Lines, ProjectKeys, ShotKeys
from kling_post.timebase import parse_timecode, seconds_to_frames
from kling_post.vocabulary import Cadence, DialogueLine, Fit, FrameRange, Retime

_FRAMES = re.compile(r"^(\d+)f$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackClip:
    """A stretch of a sound file, where it was asked to be."""

    path: Path
    record_frame: int
    in_frame: int
    out_frame: int | None
    """None: to the file's end, or the programme's."""
    gain_db: float
    """The track's and its own."""
    fade_in_frames: int
    fade_out_frames: int
    line: int | None
    """Of the project file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A sound track beside the takes' own."""

    name: str
    role: str
    clips: tuple[TrackClip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotEdit:
    """What is asked of one shot in the edit, besides how it joins."""

    gain_db: float = 0.0
    trim_head_frames: int = 0
    trim_tail_frames: int = 0
    sound_shift_frames: int = 0
    """Negative: the sound leads (a J cut); positive: the sound of the shot before trails (an L cut)."""
    retime: Retime = field(default_factory=Retime)
    fit: Fit = Fit.FIT
    dialogue: tuple[DialogueLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditList:
    """What is asked of the edit as a whole."""

    bit_depth: int | None = None
    """8 or 10; None: 10 where a take has more than 8."""
    language: str = "en"
    """Of the dialogue, BCP 47."""
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What moments are counted by."""

    rate: Fraction
    start_frame: int
    path: Path
    lines: Lines

    def frames(self, moment: Moment, *steps: int | str, record: bool = False) -> int:
        """A moment as frames from zero; ``record`` allows timecode, counted from the programme's first.

        Raises:
            ProjectError: no moment, or one before zero.
        """
        count = self._count(moment, record=record)
        if count is None or count < 0:
            allowed = "seconds, frames as 48f" + (f", or a timecode from {self.start_frame} frames on" if record else "")
            name = ".".join(str(step) for step in steps)
            raise ProjectError(f"{name} is {moment!r}, allowed are {allowed}.", path=self.path, line=self.lines.line(*steps))
        return count

    def _count(self, moment: Moment, *, record: bool) -> int | None:
        if isinstance(moment, str):
            found = _FRAMES.match(moment)
            if found:
                return int(found[1])
            try:
                return parse_timecode(moment, self.rate) - self.start_frame if record else None
            except ValueError:
                return None
        return seconds_to_frames(Fraction(str(moment)), self.rate)


def edit_list(keys: EditKeys, clock: Clock) -> EditList:
    """The edit's tracks with their moments counted.

    Raises:
        ProjectError: a moment that is none, an end before its beginning, fades longer than their clip.
    """
    tracks = []
    for number, track in enumerate(keys.tracks):
        clips = [_clip(clip, track.level_db, clock, ("edit", "tracks", number, "clips", place)) for place, clip in enumerate(track.clips)]
        tracks.append(Track(name=track.name, role=track.role, clips=tuple(sorted(clips, key=lambda each: each.record_frame))))
    names = [track.name for track in tracks]
    for number, name in enumerate(names):
        if names.index(name) != number:
            line = clock.lines.line("edit", "tracks", number)
            raise ProjectError(f"two tracks are called {name!r}.", path=clock.path, line=line, remedy="Give each its own name.")
    return EditList(bit_depth=None if keys.bits == "auto" else keys.bits, language=keys.language, tracks=tuple(tracks))


def _clip(keys: TrackClipKeys, track_level_db: float, clock: Clock, steps: tuple[int | str, ...]) -> TrackClip:
    start = clock.frames(keys.in_, *steps, "in")
    stop = None if keys.out is None else clock.frames(keys.out, *steps, "out")
    if stop is not None and stop <= start:
        raise ProjectError(f"{keys.file} is used from frame {start} to {stop}.", path=clock.path, line=clock.lines.line(*steps, "out"))
    return TrackClip(
        path=clock.path.parent / keys.file,
        record_frame=clock.frames(keys.at, *steps, "at", record=True),
        in_frame=start,
        out_frame=stop,
        gain_db=track_level_db + keys.level_db,
        fade_in_frames=clock.frames(keys.fade_in, *steps, "fade_in"),
        fade_out_frames=clock.frames(keys.fade_out, *steps, "fade_out"),
        line=clock.lines.line(*steps),
    )


def shot_edit(keys: ShotKeys, project: ProjectKeys, clock: Clock, index: int, *, part: "Part") -> ShotEdit:
    """What the edit does with one shot, or with one part of a chain.

    Raises:
        ProjectError: a speed or a moment that is none, a line that ends before it begins.
    """
    retime = keys.retime or project.edit.retime
    return ShotEdit(
        gain_db=project.edit.native_level_db + keys.level_db,
        trim_head_frames=keys.trim.head if part.first else 0,
        trim_tail_frames=keys.trim.tail if part.last else 0,
        sound_shift_frames=part.sound_shift_frames if part.first else 0,
        retime=_retime(retime, clock, ("shots", index, "retime") if keys.retime else ("edit", "retime")),
        fit=Fit(keys.fit or project.edit.fit),
        dialogue=_dialogue(keys.dialogue, clock, index, part),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of a shot one order makes."""

    first: bool = True
    last: bool = True
    sound_shift_frames: int = 0
    starts_seconds: int = 0
    stops_seconds: int | None = None
    """None: the last part has no end of its own."""


def _dialogue(lines: Sequence[DialogueKeys], clock: Clock, index: int, part: Part) -> tuple[DialogueLine, ...]:
    """The lines that begin in the part, counted from its first frame."""
    begin = seconds_to_frames(part.starts_seconds, clock.rate)
    end = None if part.stops_seconds is None else seconds_to_frames(part.stops_seconds, clock.rate)
    found = []
    for number, keys in enumerate(lines):
        steps = ("shots", index, "dialogue", number)
        start, stop = clock.frames(keys.from_, *steps, "from"), clock.frames(keys.to, *steps, "to")
        if stop <= start:
            raise ProjectError(
                f"the line {keys.text!r} ends at frame {stop}, not after it begins at {start}.",
                path=clock.path,
                line=clock.lines.line(*steps, "to"),
            )
        if start >= begin and (end is None or start < end):
            frames = FrameRange(start - begin, (stop if end is None else min(stop, end)) - begin)
            found.append(DialogueLine(frames=frames, text=keys.text, speaker=keys.speaker))
    return tuple(found)


def _retime(keys: RetimeKeys, clock: Clock, steps: tuple[int | str, ...]) -> Retime:
    pitch = {"auto": None, "keep": True, "follow": False}[keys.pitch]
    try:
        return Retime(speed=Fraction(str(keys.speed)), cadence=Cadence(keys.cadence), keeps_pitch=pitch)
    except (ValueError, ZeroDivisionError) as error:
        raise ProjectError(
            f"speed is {keys.speed!r}, allowed are 0.1 to 10, as 2 or 1/2.", path=clock.path, line=clock.lines.line(*steps, "speed")
        ) from error
