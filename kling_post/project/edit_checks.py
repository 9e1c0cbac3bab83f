"""What can be told of an edit before anything is bought: missing files, handles that no take will have, lines behind a shot's end."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from kling_post.errors import ProjectError
from kling_post.project.edit_list import EditList
from kling_post.project.shots import ProjectShot
from kling_post.timebase import seconds_to_frames


def check_edit(edit: EditList, shots: Sequence[ProjectShot], rate: Fraction, path: Path) -> None:
    """Refuse what would be refused after the takes are paid for.

    Raises:
        ProjectError: with the line of the shot or the track's clip.
    """
    for shot in shots:
        _check_shot(shot, rate, path)
    for before, shot in pairwise(shots):
        _check_split(before, shot, path)
    programme = sum(_used(shot, rate) - shot.dissolve_frames for shot in shots)
    for track in edit.tracks:
        for clip in track.clips:
            if not clip.path.is_file():
                raise ProjectError(f"track {track.name!r}: there is no file {clip.path}.", path=path, line=clip.line)
            if clip.record_frame >= programme:
                raise ProjectError(
                    f"track {track.name!r}: {clip.path.name} begins at frame {clip.record_frame}, the programme will have {programme}.",
                    path=path,
                    line=clip.line,
                )


def _check_shot(shot: ProjectShot, rate: Fraction, path: Path) -> None:
    planned = [_frames(one.duration_seconds, shot, rate) for one in shot.tasks[0].shots]
    trim = shot.edit
    for end, trimmed, frames in (("head", trim.trim_head_frames, planned[0]), ("tail", trim.trim_tail_frames, planned[-1])):
        if trimmed >= frames:
            raise _wrong(shot, path, f"trim.{end} is {trimmed} frames, allowed are fewer than the {frames} of the shot at that end")
    if _used(shot, rate) <= 0:
        both = trim.trim_head_frames + trim.trim_tail_frames
        raise _wrong(shot, path, f"trim takes {both} frames, allowed are fewer than the {sum(planned)} of the shot")
    own = seconds_to_frames(shot.tasks[0].duration_seconds, rate)
    for line in trim.dialogue:
        if line.frames.stop > own:
            raise _wrong(shot, path, f"the line {line.text!r} ends at frame {line.frames.stop}, the take will have {own}")


def _check_split(before: ProjectShot, shot: ProjectShot, path: Path) -> None:
    shift = shot.edit.sound_shift_frames
    if shift < 0 and shot.tasks[0].sound and -shift > shot.edit.trim_head_frames:
        there = shot.edit.trim_head_frames
        raise _wrong(shot, path, f"sound_leads is {-shift} frames, allowed are the {there} that trim.head leaves before the picture")
    if shift > 0 and before.tasks[0].sound and shift > before.edit.trim_tail_frames:
        there = before.edit.trim_tail_frames
        raise _wrong(
            shot,
            path,
            f"sound_trails is {shift} frames, allowed are the {there} that trim.tail leaves of {before.shot_id!r} behind its picture",
        )


def _used(shot: ProjectShot, rate: Fraction) -> int:
    whole = _frames(shot.tasks[0].duration_seconds, shot, rate)
    return whole - shot.edit.trim_head_frames - shot.edit.trim_tail_frames


def _frames(seconds: int, shot: ProjectShot, rate: Fraction) -> int:
    return seconds_to_frames(Fraction(seconds) / shot.edit.retime.speed, rate)


def _wrong(shot: ProjectShot, path: Path, words: str) -> ProjectError:
    return ProjectError(f"shot {shot.shot_id!r}: {words}.", path=path, line=shot.line)
