"""The tracks that a project asks for, as stems of its edit."""

import re

from kling_post.edit.timeline import Stem, StemClip, Timeline
from kling_post.errors import InvalidInputError
from kling_post.media.sound_file import sound_file
from kling_post.project.edit_list import EditList, Track, TrackClip
from kling_post.vocabulary import FrameRange


def stems(asked: EditList, timeline: Timeline) -> tuple[Stem, ...]:
    """Each track with its files opened and its open ends closed by the file's end, the programme's, or the next clip's beginning.

    Raises:
        MediaError: a file is missing or has no sound.
        InvalidInputError: clips over each other, a clip behind the programme's end, fades longer than their clip.
    """
    return tuple(_stem(track, timeline) for track in asked.tracks)


def _stem(track: Track, timeline: Timeline) -> Stem:
    clips = [_clip(track, number, timeline) for number in range(len(track.clips))]
    try:
        return Stem(name=track.name, role=track.role, clips=tuple(clips))
    except ValueError as error:
        raise InvalidInputError(f"The track {error}.", remedy="Put one of them on a track of its own.") from error


def _clip(track: Track, number: int, timeline: Timeline) -> StemClip:
    asked = track.clips[number]
    frames = _frames(asked, track.clips[number + 1 :], timeline)
    name = f"{_word(track.name)}_{number + 1}"
    if frames <= 0:
        raise InvalidInputError(
            f"{asked.path} is to begin at frame {asked.record_frame} of the programme, which has {timeline.frames}, and at frame"
            f" {asked.in_frame} of its own.",
            remedy="Let it begin earlier.",
        )
    try:
        return StemClip(
            clip_id=name,
            name=asked.path.name,
            reel="",  # given with the stems' place in the edit
            file=sound_file(asked.path.resolve()),
            source=FrameRange(asked.in_frame, asked.in_frame + frames),
            record=FrameRange(asked.record_frame, asked.record_frame + frames),
            gain_db=asked.gain_db,
            fade_in_frames=asked.fade_in_frames,
            fade_out_frames=asked.fade_out_frames,
        )
    except ValueError as error:
        raise InvalidInputError(f"The track {track.name!r}: {error}.", remedy="Shorten its fades.") from error


def _frames(asked: TrackClip, later: tuple[TrackClip, ...], timeline: Timeline) -> int:
    if asked.out_frame is not None:
        return asked.out_frame - asked.in_frame
    whole = int(sound_file(asked.path.resolve()).duration_seconds * timeline.rate) - asked.in_frame
    until = min([timeline.frames, *(clip.record_frame for clip in later)])
    return min(whole, until - asked.record_frame)


def _word(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
