"""From takes to an edit: each take in the order of the shot list, split at its planned cuts, joined as asked.

Pure: the same entries always make the same timeline, and no file is opened.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from kling_post.edit.conform import conform
from kling_post.edit.timeline import Clip, Marker, Timeline
from kling_post.errors import InvalidInputError
from kling_post.vocabulary import FrameRange, JoinKind, MediaFacts, Size

_REEL_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class EditEntry:
    """One take's place in the edit."""

    path: Path
    facts: MediaFacts
    shot_ids: tuple[str, ...]
    """The shots that the take holds, in order; each becomes one clip."""
    names: tuple[str, ...] = ()
    """What people read, one for each shot; empty means the shot ids."""
    cut_frames: tuple[int, ...] = ()
    """First frame of each shot but the first, in the take, at the timeline's rate."""
    join: JoinKind = JoinKind.CUT
    """How the take's first shot joins what stands before it."""
    dissolve_frames: int = 0
    trim_head_frames: int = 0
    """Frames of the take's beginning that are not used."""
    trim_tail_frames: int = 0
    """Frames of the take's end that are not used."""
    gain_db: float = 0.0
    markers: tuple[Marker, ...] = ()
    """Findings of the take, in the take's own frames at the timeline's rate; each clip gets those that touch it."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Where the take comes from (task, model, seed …), carried to the NLE."""


def assemble(
    name: str,
    entries: Sequence[EditEntry],
    *,
    rate: Fraction,
    size: Size | None = None,
    start_frame: int = 0,
    drop_frame: bool = False,
    markers: tuple[Marker, ...] = (),
) -> Timeline:
    """Lay the takes one behind the other.

    Args:
        name: of the edit.
        entries: in the order of the edit.
        rate: of the timeline.
        size: of the picture; None means that of the largest take.
        start_frame: frame count of the first frame's timecode.
        drop_frame: whether timecode is written as drop-frame.
        markers: of the programme, in record frames.

    Raises:
        InvalidInputError: no entries, cuts outside the take, more trimmed than there is, a clip shorter than its dissolves,
            two shots of one name, or a take of high dynamic range.
    """
    if not entries:
        raise InvalidInputError(f"The edit {name!r} has no shots.", remedy="Add at least one.")
    for entry in entries:
        _refuse_high_dynamic_range(entry)
    size = size or max((entry.facts.size for entry in entries), key=lambda each: (each.width * each.height, each.width))
    reels = _reels([entry.path for entry in entries])
    clips: list[Clip] = []
    for index, entry in enumerate(entries):
        join = JoinKind.CUT if index == 0 else entry.join
        dissolve = entry.dissolve_frames if join is JoinKind.DISSOLVE else 0
        if join is JoinKind.DISSOLVE and dissolve == 0:
            join = JoinKind.CUT
        if clips and clips[-1].source.frames < dissolve:
            raise _too_short(clips[-1], dissolve)
        record = clips[-1].record.stop - dissolve if clips else 0
        for position, source in enumerate(_shots(entry, rate, size)):
            clip = _clip(entry, position, source, record, reels[entry.path])
            if position == 0:
                clip = replace(clip, join=join, dissolve_frames=dissolve)
            clips.append(clip)
            record = clip.record.stop
    _refuse_repeated_ids(clips)
    _refuse_short_clips(clips)
    return Timeline(name=name, rate=rate, size=size, start_frame=start_frame, drop_frame=drop_frame, clips=tuple(clips), markers=markers)


def _shots(entry: EditEntry, rate: Fraction, size: Size) -> list[FrameRange]:
    """The frames of each shot of the take, trimmed."""
    frames = conform(entry.facts, rate=rate, size=size).frames
    cuts = entry.cut_frames
    if len(entry.shot_ids) != len(cuts) + 1 or (entry.names and len(entry.names) != len(entry.shot_ids)):
        raise InvalidInputError(f"{entry.path}: {len(cuts)} cuts make {len(cuts) + 1} shots, but {len(entry.shot_ids)} are named.")
    start, stop = entry.trim_head_frames, frames - entry.trim_tail_frames
    bounds = [start, *cuts, stop]
    if any(later <= earlier for earlier, later in pairwise(bounds)):
        raise InvalidInputError(
            f"{entry.path}: its cuts at {list(cuts)} do not lie inside the frames {start} to {stop} that are used of it.",
            remedy="The take is shorter than its plan, or too much is trimmed.",
        )
    return [FrameRange(*pair) for pair in pairwise(bounds)]


def _refuse_high_dynamic_range(entry: EditEntry) -> None:
    """Without tone mapping such a take would come out grey and flat, and nothing in the file would say so."""
    names = {"arib-std-b67": "HLG", "smpte2084": "PQ"}
    transfer = names.get(entry.facts.color_transfer)
    if transfer is not None:
        raise InvalidInputError(
            f"{entry.path}: is high dynamic range ({transfer}), the edit is BT.709.",
            remedy="Convert it to BT.709 with the look that you want, then use that file.",
        )


def _clip(entry: EditEntry, position: int, source: FrameRange, record: int, reel: str) -> Clip:
    shot_id = entry.shot_ids[position]
    touching = [marker for marker in entry.markers if marker.frames.start < source.stop and marker.frames.stop > source.start]
    return Clip(
        clip_id=shot_id,
        name=entry.names[position] if entry.names else shot_id,
        reel=reel,
        path=entry.path,
        facts=entry.facts,
        source=source,
        record=FrameRange(record, record + source.frames),
        join=JoinKind.CUT,
        gain_db=entry.gain_db,
        markers=tuple(touching),
        metadata=entry.metadata,
    )


def _refuse_short_clips(clips: Sequence[Clip]) -> None:
    for clip, after in zip(clips, [*clips[1:], None], strict=True):
        needed = clip.dissolve_frames + (after.dissolve_frames if after else 0)
        if clip.source.frames < needed:
            raise _too_short(clip, needed)


def _too_short(clip: Clip, needed: int) -> InvalidInputError:
    return InvalidInputError(
        f"The shot {clip.clip_id!r} has {clip.source.frames} frames, but its dissolves need {needed}.",
        remedy="Make the dissolve shorter or the shot longer.",
    )


def _refuse_repeated_ids(clips: Sequence[Clip]) -> None:
    seen: set[str] = set()
    for clip in clips:
        if clip.clip_id in seen:
            raise InvalidInputError(f"Two shots of the edit are called {clip.clip_id!r}.", remedy="Give each shot its own id.")
        seen.add(clip.clip_id)


def _reels(paths: Sequence[Path]) -> dict[Path, str]:
    """A reel of at most eight characters for each file: from its name, numbered where names collide."""
    reels: dict[Path, str] = {}
    taken: set[str] = set()
    for path in paths:
        if path in reels:
            continue
        plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode("ascii").upper()
        base = re.sub(r"[^A-Z0-9]+", "_", plain).strip("_") or "TAKE"
        reel, number = base[:_REEL_LENGTH].rstrip("_"), 1
        while reel in taken:
            number += 1
            reel = base[: _REEL_LENGTH - len(str(number))].rstrip("_") + str(number)
        taken.add(reel)
        reels[path] = reel
    return reels
