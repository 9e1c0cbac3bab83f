"""Where every frame of a master comes from: a bill of materials and a disclosure beside it, facts only.

``<name>.materials.json`` leads from any record frame to its take, task, prompt, seed, model, cost and container tags, and to the stems.
``<name>.disclosure.json`` says how much of the programme was made by what, for whoever must label it. Whether a law or a platform
asks for a label is not decided here. Marks of origin that takes carry are carried on into the master (``carried_marks``).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kling_post.edit.conform import conform_clip
from kling_post.edit.timeline import Clip, Stem, StemClip, Timeline
from kling_post.media.tags import container_tags
from kling_post.timebase import timecode
from kling_post.vocabulary import Take
from kling_post.whole_files import part_path, publish

if TYPE_CHECKING:
    from kling_post.edit.finished import Master

MARKS: Final = ("AIGC", "aigc", "digitalSourceType", "Iptc4xmpExt:DigitalSourceType")
"""Container tags that mark generated footage: GB 45438-2025's, and the IPTC's source type."""

_PROCEDURAL: Final = frozenset({"previz"})
"""Backends that draw by formulae; every other backend is a generative model."""
_OF_THE_TAKE: Final = ("task_uuid", "backend", "model", "take", "seed", "cost_usd", "prompt_sha256", "repairs")


def take_metadata(take: Take) -> dict[str, str]:
    """What a clip says of its take: task, model, backend, seed where one was asked for, cost, and the hash of its prompts.

    The hash is the SHA-256 of the shots' prompts in UTF-8, joined by line feeds: it proves a prompt without telling it.
    """
    task = take.task
    known = {
        "task_uuid": task.task_uuid,
        "model": task.model,
        "backend": take.backend,
        "take": str(task.take_number),
        "sha256": take.facts.sha256,
        "cost_usd": str(take.cost_usd),
        "prompt_sha256": hashlib.sha256("\n".join(shot.prompt for shot in task.shots).encode()).hexdigest(),
    }
    return known | ({"seed": str(task.seed)} if task.seed else {})


def write_provenance(timeline: Timeline, master: "Master") -> tuple[Path, Path]:
    """Write the bill of materials and the disclosure beside the master; each appears when it is whole.

    Raises:
        MediaError: a take is not there any more.
        OSError: the folder cannot be written to.
    """
    tags = {path: container_tags(path) for path in _files(timeline)}
    written = []
    contents = {"materials": bill_of_materials(timeline, master, tags), "disclosure": disclosure(timeline, master, tags)}
    for kind, content in contents.items():
        path = master.path.with_suffix(f".{kind}.json")
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            part = part_path(path)
            part.write_text(text, encoding="utf-8")
            publish(part, path)
        written.append(path)
    return written[0], written[1]


def bill_of_materials(timeline: Timeline, master: "Master", tags: Mapping[Path, Mapping[str, str]]) -> dict[str, Any]:
    """Everything that the master was made from, as JSON will have it."""
    takes = [_take(path, timeline, tags.get(path, {})) for path in _files(timeline)]
    costs = [_decimal(take.get("cost_usd")) for take in takes]
    return {
        "format": "kling-post bill of materials",
        "version": 1,
        "master": _master(timeline, master),
        "record": [_record(timeline, start, stop) for start, stop in _spans(timeline)],
        "clips": [_clip(clip, timeline) for clip in timeline.clips],
        "takes": takes,
        "stems": [_stem_clip(stem, clip) for stem in timeline.stems for clip in stem.clips],
        "cost_usd": str(sum((cost for cost in costs if cost is not None), Decimal(0))),
        "takes_of_unknown_cost": sum(cost is None for cost in costs),
        "notes": list(master.notes),
    }


def disclosure(timeline: Timeline, master: "Master", tags: Mapping[Path, Mapping[str, str]]) -> dict[str, Any]:
    """How much of the programme was made by what. A dissolve counts half to either side."""
    seconds: dict[tuple[str, str, str], Fraction] = {}
    for clip, after in zip(timeline.clips, [*timeline.clips[1:], None], strict=True):
        overlap = Fraction(clip.dissolve_frames + (after.dissolve_frames if after else 0), 2)
        made = (origin(clip), clip.metadata.get("backend", ""), clip.metadata.get("model", ""))
        seconds[made] = seconds.get(made, Fraction(0)) + (clip.record.frames - overlap) / timeline.rate
    whole = Fraction(timeline.frames) / timeline.rate
    return {
        "format": "kling-post disclosure",
        "version": 1,
        "master": _master(timeline, master),
        "made_by": [
            {
                "origin": kind,
                "backend": backend,
                "model": model,
                "seconds": round(float(length), 3),
                "share": round(float(length / whole), 4),
            }
            for (kind, backend, model), length in sorted(seconds.items())
        ],
        "marks_in_takes": [
            {"file": path.name, "marks": marks}
            for path in _files(timeline)
            if (marks := {name: value for name, value in tags.get(path, {}).items() if name in MARKS})
        ],
        "marks_in_master": carried_marks([tags.get(path, {}) for path in _files(timeline)]),
    }


def origin(clip: Clip) -> str:
    """``generative model``, ``procedural`` or ``not known``."""
    backend = clip.metadata.get("backend")
    if not backend:
        return "not known"
    return "procedural" if backend in _PROCEDURAL else "generative model"


def carried_marks(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The takes' marks of origin as the master carries them: each different value once, numbered from the second on.

    >>> carried_marks([{"AIGC": "a"}, {"AIGC": "b"}, {"AIGC": "a"}])
    {'AIGC': 'a', 'AIGC_2': 'b'}
    """
    carried: dict[str, str] = {}
    for name in MARKS:
        values = dict.fromkeys(each[name] for each in tags if name in each)
        carried |= {name if number == 1 else f"{name}_{number}": value for number, value in enumerate(values, start=1)}
    return carried


def marks_of(timeline: Timeline) -> dict[str, str]:
    """What ``carried_marks`` makes of the timeline's takes.

    Raises:
        MediaError: a take is missing.
    """
    return carried_marks([container_tags(path) for path in _files(timeline)])


# ----------------------------------------------------------------------------------------------- parts


def _files(timeline: Timeline) -> list[Path]:
    return list(dict.fromkeys(clip.path for clip in timeline.clips))


def _master(timeline: Timeline, master: "Master") -> dict[str, Any]:
    return {
        "file": master.path.name,
        "sha256": master.sha256,
        "frames": master.frames,
        "rate": f"{timeline.rate.numerator}/{timeline.rate.denominator}",
        "size": str(timeline.size),
        "start_timecode": _timecode(timeline, 0),
    }


def _spans(timeline: Timeline) -> list[tuple[int, int]]:
    """The programme divided wherever the clips on show change."""
    edges = sorted({edge for clip in timeline.clips for edge in (clip.record.start, clip.record.stop)})
    return list(pairwise(edges))


def _record(timeline: Timeline, start: int, stop: int) -> dict[str, Any]:
    shown = [clip for clip in timeline.clips if clip.record.start < stop and clip.record.stop > start]
    return {
        "frames": [start, stop],
        "timecode": [_timecode(timeline, start), _timecode(timeline, stop)],
        "clips": [clip.clip_id for clip in shown],
        "takes": [_files(timeline).index(clip.path) for clip in shown],
        "take_sha256": [clip.facts.sha256 for clip in shown],
    }


def _clip(clip: Clip, timeline: Timeline) -> dict[str, Any]:
    return {
        "clip_id": clip.clip_id,
        "name": clip.name,
        "take": _files(timeline).index(clip.path),
        "source_frames": [clip.source.start, clip.source.stop],
        "record_frames": [clip.record.start, clip.record.stop],
        "join": clip.join.value,
        "dissolve_frames": clip.dissolve_frames,
        "gain_db": clip.gain_db,
        "sound_shift_frames": clip.sound_shift_frames,
        "speed": str(conform_clip(clip, timeline).speed),
        "conform": list(conform_clip(clip, timeline).notes),
        "repairs": clip.metadata.get("repairs", ""),
        "picture_correction": None if clip.picture_correction is None else asdict(clip.picture_correction),
        "sound_correction": None if clip.sound_correction is None else asdict(clip.sound_correction),
    }


def _stem_clip(stem: Stem, clip: StemClip) -> dict[str, Any]:
    return {
        "stem": stem.name,
        "role": stem.role,
        "clip_id": clip.clip_id,
        "file": clip.file.path.name,
        "path": str(clip.file.path),
        "sha256": clip.file.sha256,
        "source_frames": [clip.source.start, clip.source.stop],
        "record_frames": [clip.record.start, clip.record.stop],
        "gain_db": clip.gain_db,
        "fade_frames": [clip.fade_in_frames, clip.fade_out_frames],
    }


def _take(path: Path, timeline: Timeline, tags: Mapping[str, str]) -> dict[str, Any]:
    clip = next(clip for clip in timeline.clips if clip.path == path)
    return {
        "file": path.name,
        "path": str(path),
        "bytes": clip.facts.bytes,
        "sha256": clip.facts.sha256,
        "origin": origin(clip),
        **{name: clip.metadata.get(name) for name in _OF_THE_TAKE},
        "container_tags": dict(tags),
    }


def _timecode(timeline: Timeline, frame: int) -> str:
    return timecode(timeline.start_frame + frame, timeline.rate, drop_frame=timeline.drop_frame)


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
