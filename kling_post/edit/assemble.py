"""From takes to an edit: each take in the order of the shot list, split at its planned cuts, joined as asked.

Pure: the same entries always make the same timeline, and no file is opened.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from kling_post.edit.conform import conform, conform_clip
from kling_post.edit.timeline import Alternate, Clip, Marker, Stem, StemClip, Timeline
from kling_post.errors import InvalidInputError
from kling_post.vocabulary import Cadence, DialogueLine, Fit, FrameRange, JoinKind, MediaFacts, Retime, Size

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
    sound_shift_frames: int = 0
    """How much later than its picture the first shot's sound joins what stands before it; negative leads (a J cut)."""
    retime: Retime = field(default_factory=Retime)
    fit: Fit = Fit.FIT
    dialogue: tuple[DialogueLine, ...] = ()
    """What is said in the take, counted at the timeline's rate in the conformed take; each clip gets the lines that touch it."""
    alternates: tuple[tuple[Path, MediaFacts, str], ...] = ()
    """Other takes of the same shots: file, facts, name."""
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
    bit_depth: int | None = None,
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
        bit_depth: of the finished picture, 8 or 10; None means 10 where any take has more than 8 bits.

    Raises:
        InvalidInputError: no entries, cuts outside the take, more trimmed than there is, a clip shorter than its dissolves,
            sound that leads or trails beyond its take, two shots of one name, or a take of high dynamic range.
    """
    if not entries:
        raise InvalidInputError(f"The edit {name!r} has no shots.", remedy="Add at least one.")
    for entry in entries:
        _refuse_high_dynamic_range(entry)
    size = size or max((entry.facts.size for entry in entries), key=lambda each: (each.width * each.height, each.width))
    reels = _reels([path for entry in entries for path in (entry.path, *(each[0] for each in entry.alternates))])
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
            clip = _clip(entry, position, source, record, reels)
            if position == 0:
                shift = entry.sound_shift_frames if clips else 0
                clip = replace(clip, join=join, dissolve_frames=dissolve, sound_shift_frames=shift)
            clips.append(clip)
            record = clip.record.stop
    _refuse_repeated_ids(clips)
    _refuse_short_clips(clips)
    timeline = Timeline(
        name=name,
        rate=rate,
        size=size,
        start_frame=start_frame,
        drop_frame=drop_frame,
        clips=tuple(clips),
        markers=markers,
        bit_depth=bit_depth or (10 if any(entry.facts.bit_depth > 8 for entry in entries) else 8),
    )
    _refuse_missing_sound_handles(timeline)
    return timeline


def with_stems(timeline: Timeline, stems: Sequence[Stem]) -> Timeline:
    """The same edit with sound tracks beside it; their files get reels that no take has.

    Raises:
        InvalidInputError: a stem's clip outside the programme or its file, two of one id, or two over each other.
    """
    seen: set[str] = set()
    for stem in stems:
        for clip in stem.clips:
            if clip.clip_id in seen:
                raise InvalidInputError(f"Two clips of the stems are called {clip.clip_id!r}.", remedy="Give each its own id.")
            seen.add(clip.clip_id)
            if clip.record.stop > timeline.frames:
                raise InvalidInputError(
                    f"The stem clip {clip.clip_id!r} ends at frame {clip.record.stop}, the programme has {timeline.frames}.",
                    remedy="Let it end earlier; without an end it stops with the programme.",
                )
            if Fraction(clip.source.stop) / timeline.rate > clip.file.duration_seconds + 1 / timeline.rate:
                raise InvalidInputError(
                    f"The stem clip {clip.clip_id!r} needs {float(clip.source.stop / timeline.rate):.2f} s of {clip.file.path},"
                    f" which has {float(clip.file.duration_seconds):.2f} s.",
                    remedy="Use less of it.",
                )
    taken = {clip.reel for clip in timeline.clips} | {other.reel for clip in timeline.clips for other in clip.alternates}
    reels = _reels([clip.file.path for stem in stems for clip in stem.clips], taken)
    named = [replace(stem, clips=tuple(replace(clip, reel=reels[clip.file.path]) for clip in stem.clips)) for stem in stems]
    return replace(timeline, stems=tuple(named))


def held_in_programme(timeline: Timeline) -> Timeline:
    """The same edit after it has become shorter: stems end with it, and what lies behind it is gone."""
    if all(clip.record.stop <= timeline.frames for stem in timeline.stems for clip in stem.clips):
        return timeline
    return replace(timeline, stems=tuple(replace(stem, clips=tuple(_held(stem, timeline.frames))) for stem in timeline.stems))


def _held(stem: Stem, end: int) -> Iterator[StemClip]:
    for clip in stem.clips:
        if clip.record.start < end:
            yield shortened(clip, min(clip.record.stop, end) - clip.record.start)


def shortened(clip: StemClip, frames: int) -> StemClip:
    """The clip's first ``frames`` frames, at least one, its fades kept as far as they fit."""
    fade_in = min(clip.fade_in_frames, frames)
    return replace(
        clip,
        source=FrameRange(clip.source.start, clip.source.start + frames),
        record=FrameRange(clip.record.start, clip.record.start + frames),
        fade_in_frames=fade_in,
        fade_out_frames=min(clip.fade_out_frames, frames - fade_in),
    )


def _shots(entry: EditEntry, rate: Fraction, size: Size) -> list[FrameRange]:
    """The frames of each shot of the take, trimmed."""
    if not entry.facts.constant_rate and entry.retime.cadence in {Cadence.RETIME, Cadence.FLOW}:
        raise InvalidInputError(
            f"{entry.path}: has a variable frame rate, which {entry.retime.cadence.value} cannot start from.",
            remedy="Leave its cadence to auto, or convert it to a constant rate first.",
        )
    if min(entry.trim_head_frames, entry.trim_tail_frames) < 0:
        raise InvalidInputError(f"{entry.path}: cannot be trimmed by fewer than 0 frames.")
    frames = conform(entry.facts, rate=rate, size=size, retime=entry.retime).frames
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


def _clip(entry: EditEntry, position: int, source: FrameRange, record: int, reels: Mapping[Path, str]) -> Clip:
    shot_id = entry.shot_ids[position]
    touching = [marker for marker in entry.markers if marker.frames.start < source.stop and marker.frames.stop > source.start]
    first, last = position == 0, position == len(entry.shot_ids) - 1
    return Clip(
        clip_id=shot_id,
        name=entry.names[position] if entry.names else shot_id,
        reel=reels[entry.path],
        path=entry.path,
        facts=entry.facts,
        source=source,
        record=FrameRange(record, record + source.frames),
        join=JoinKind.CUT,
        gain_db=entry.gain_db,
        retime=entry.retime,
        fit=entry.fit,
        # Lines before the first picture, or behind the last, may still be heard: the sound can lead and trail.
        dialogue=tuple(
            line for line in entry.dialogue if (first or line.frames.stop > source.start) and (last or line.frames.start < source.stop)
        ),
        alternates=tuple(Alternate(path=path, facts=facts, name=name, reel=reels[path]) for path, facts, name in entry.alternates),
        markers=tuple(touching),
        metadata=entry.metadata,
    )


def _refuse_short_clips(clips: Sequence[Clip]) -> None:
    for clip, after in zip(clips, [*clips[1:], None], strict=True):
        needed = clip.dissolve_frames + (after.dissolve_frames if after else 0)
        if clip.source.frames < needed:
            raise _too_short(clip, needed)


def _refuse_missing_sound_handles(timeline: Timeline) -> None:
    """A J or L cut needs sound beyond the picture's ends, and leaves some of it between them."""
    for position, clip in enumerate(timeline.clips):
        after = timeline.clips[position + 1] if position + 1 < len(timeline.clips) else None
        lead, trail = -clip.sound_shift_frames, after.sound_shift_frames if after else 0
        if not lead and not trail:
            continue
        crossed = clip.dissolve_frames + (after.dissolve_frames if after else 0)
        if clip.record.start - lead < 0 or clip.record.frames + lead + trail < max(1, crossed):
            raise InvalidInputError(
                f"The sound of the shot {clip.clip_id!r} is shifted by more frames than there are around it.",
                remedy="Let the sound lead or trail by less.",
            )
        if clip.facts.audio is None:
            continue
        behind = conform_clip(clip, timeline).frames - clip.source.stop
        for needed, there, end in ((lead, clip.source.start, "head"), (trail, behind, "tail")):
            if needed > there:
                raise InvalidInputError(
                    f"The sound of the shot {clip.clip_id!r} is to run {needed} frames beyond its picture at its {end}, but the take"
                    f" has {there} there.",
                    remedy=f"Trim the picture at its {end} by {needed} frames or more, or shift the sound by less.",
                )


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


def _reels(paths: Sequence[Path], others: Collection[str] = ()) -> dict[Path, str]:
    """A reel of at most eight characters for each file: from its name, numbered where names collide, with ``others`` too."""
    reels: dict[Path, str] = {}
    taken = set(others)
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
