"""Any files in a row as an edit, without a project: for the verbs that inspect or assemble what lies there."""

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.timeline import Timeline
from kling_post.errors import UsageError
from kling_post.media.probe import probe
from kling_post.vocabulary import JoinKind, Size


def timeline_of_files(
    name: str,
    paths: Sequence[Path],
    *,
    join: JoinKind = JoinKind.CUT,
    dissolve_frames: int = 0,
    rate: Fraction | None = None,
    size: Size | None = None,
    start_frame: int = 0,
) -> Timeline:
    """The whole files, one behind the other.

    Args:
        name: Of the edit.
        paths: Media files, in order; the same file may stand in it twice.
        join: What every join is meant to be.
        dissolve_frames: Overlap at each join where ``join`` is DISSOLVE.
        rate: Of the timeline; None means the rate of most of the footage.
        size: Of the picture; None means that of the largest file.
        start_frame: Frame count of the first frame's timecode.

    Raises:
        UsageError: no files.
        MediaError: one of them cannot be read.
    """
    if not paths:
        raise UsageError("There are no files to put in a row.", remedy="Name at least one clip.")
    facts = [probe(path) for path in paths]
    footage: dict[Fraction, Fraction] = {}
    for each in facts:
        footage[each.rate] = footage.get(each.rate, Fraction(0)) + each.duration_seconds
    entries = [
        EditEntry(path=path, facts=each, shot_ids=(shot_id,), join=join, dissolve_frames=dissolve_frames)
        for path, each, shot_id in zip(paths, facts, _shot_ids(paths), strict=True)
    ]
    entries[0] = replace(entries[0], join=JoinKind.CUT, dissolve_frames=0)
    most = max(footage, key=lambda each: footage[each])
    return assemble(name, entries, rate=rate or most, size=size, start_frame=start_frame)


def _shot_ids(paths: Sequence[Path]) -> list[str]:
    """File names as ids; a name that comes again gets a number."""
    seen: dict[str, int] = {}
    ids = []
    for path in paths:
        stem = re.sub(r"[^\w.-]+", "_", path.stem) or "clip"
        seen[stem] = seen.get(stem, 0) + 1
        ids.append(stem if seen[stem] == 1 else f"{stem}_{seen[stem]}")
    return ids
