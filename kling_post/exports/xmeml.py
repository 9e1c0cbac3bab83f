"""Final Cut Pro 7 XML (xmeml, version 5): Premiere Pro of any age and DaVinci Resolve.

A clip beside a transition has -1 for that end, and its in or out point reaches to the transition's far side. Picture and sound of
a take share one file and are linked both ways, so that an editor moves them together.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from kling_post.edit.timeline import Clip, Marker, Timeline
from kling_post.exports.addresses import file_url
from kling_post.exports.placing import conform_notes, source_start_frame, visible
from kling_post.exports.xml_file import child, write_xml
from kling_post.timebase import is_ntsc, nominal_rate, timecode
from kling_post.vocabulary import JoinKind

SUFFIX = ".xml"
TITLE = "Final Cut Pro 7 XML"

_LOUDEST_DB: Final = 12.0
"""The format's level runs to 3.98 times, which is 12 dB."""


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the edit as one sequence.

    Returns:
        What the format cannot carry, one sentence each.
    """
    write_xml(path, to_xmeml(timeline), "xmeml")
    notes = list(conform_notes(timeline, format_name="The XML"))
    notes += [
        f"{clip.clip_id}: its gain of {clip.gain_db:g} dB was held at 12 dB." for clip in timeline.clips if clip.gain_db > _LOUDEST_DB
    ]
    if any(_markers_of(clip) for clip in timeline.clips) or timeline.markers:
        notes.append("Markers keep their names and comments but not their colours, which the format does not have.")
    if any(clip.location is not None and not clip.location.is_absolute() for clip in timeline.clips):
        notes.append("Relative paths are written as asked, but the format knows absolute ones only: the NLE may ask where the takes are.")
    return tuple(notes)


def to_xmeml(timeline: Timeline) -> ET.Element:
    """The document's root element."""
    root = ET.Element("xmeml", version="5")
    sequence = child(root, "sequence", id="sequence-1")
    child(sequence, "name", timeline.name)
    child(sequence, "duration", timeline.frames)
    _rate(sequence, timeline.rate)
    _timecode(sequence, timeline.start_frame, timeline)
    media = child(sequence, "media")
    files = _Files(timeline)
    _picture_track(media, timeline, files)
    _sound_tracks(media, timeline, files)
    for marker in timeline.markers:
        _marker(sequence, marker, marker.frames.start, marker.frames.stop)
    return root


class _Files:
    """Each take's file, described where it first appears and named by its id from then on."""

    def __init__(self, timeline: Timeline) -> None:
        self._described: set[Path] = set()
        self._ids = {path: f"file-{number}" for number, path in enumerate(dict.fromkeys(clip.path for clip in timeline.clips), start=1)}

    def put(self, item: ET.Element, clip: Clip) -> None:
        file = child(item, "file", id=self._ids[clip.path])
        if clip.path in self._described:
            return
        self._described.add(clip.path)
        facts = clip.facts
        child(file, "name", clip.path.name)
        child(file, "pathurl", _path_url(clip))
        _rate(file, facts.rate)
        child(file, "duration", facts.frames)
        _file_timecode(file, clip)
        media = child(file, "media")
        shape = child(child(media, "video"), "samplecharacteristics")
        _rate(shape, facts.rate)
        child(shape, "width", facts.size.width)
        child(shape, "height", facts.size.height)
        child(shape, "anamorphic", "FALSE")
        child(shape, "pixelaspectratio", "square")
        child(shape, "fielddominance", "none")
        if facts.audio is not None:
            sound = child(media, "audio")
            character = child(sound, "samplecharacteristics")
            child(character, "depth", 16)
            child(character, "samplerate", facts.audio.sample_rate)
            child(sound, "channelcount", facts.audio.channels)


def _picture_track(media: ET.Element, timeline: Timeline, files: _Files) -> None:
    video = child(media, "video")
    shape = child(child(video, "format"), "samplecharacteristics")
    _rate(shape, timeline.rate)
    child(shape, "width", timeline.size.width)
    child(shape, "height", timeline.size.height)
    child(shape, "anamorphic", "FALSE")
    child(shape, "pixelaspectratio", "square")
    child(shape, "fielddominance", "none")
    child(shape, "colordepth", 24)
    track = child(video, "track")
    for number, clip in enumerate(timeline.clips):
        if clip.join is JoinKind.DISSOLVE:
            _transition(track, clip, timeline, "video")
        item = _item(track, number, timeline, files, f"picture-{number + 1}", opens=clip.join, closes=_next_join(timeline, number))
        for marker, start, stop in _markers_of(clip):
            _marker(item, marker, start, stop)
        _links(item, number, timeline.clips)
    child(track, "enabled", "TRUE")
    child(track, "locked", "FALSE")


def _sound_tracks(media: ET.Element, timeline: Timeline, files: _Files) -> None:
    audio = child(media, "audio")
    child(audio, "numOutputChannels", 2)
    character = child(child(audio, "format"), "samplecharacteristics")
    child(character, "depth", 16)
    child(character, "samplerate", timeline.sample_rate)
    for channel in (1, 2):
        track = child(audio, "track")
        for number, clip in enumerate(timeline.clips):
            if clip.facts.audio is None:
                continue
            opens, closes = _sound_joins(timeline.clips, number)
            if opens is JoinKind.DISSOLVE:
                _transition(track, clip, timeline, "audio")
            item = _item(track, number, timeline, files, f"sound-{number + 1}-{channel}", opens=opens, closes=closes)
            source = child(item, "sourcetrack")
            child(source, "mediatype", "audio")
            child(source, "trackindex", min(channel, clip.facts.audio.channels))
            if clip.gain_db:
                _level(item, clip.gain_db)
            _links(item, number, timeline.clips)
        child(track, "enabled", "TRUE")
        child(track, "locked", "FALSE")
        child(track, "outputchannelindex", channel)


def _next_join(timeline: Timeline, number: int) -> JoinKind:
    return timeline.clips[number + 1].join if number + 1 < len(timeline.clips) else JoinKind.CUT


def _sound_joins(clips: Sequence[Clip], number: int) -> tuple[JoinKind, JoinKind]:
    """How a clip's sound begins and ends: a crossfade needs sound on both sides of it."""

    def join(position: int) -> JoinKind:
        if not 0 < position < len(clips) or clips[position - 1].facts.audio is None or clips[position].facts.audio is None:
            return JoinKind.CUT
        return clips[position].join

    return join(number), join(number + 1)


def _item(
    track: ET.Element, number: int, timeline: Timeline, files: _Files, item_id: str, *, opens: JoinKind, closes: JoinKind
) -> ET.Element:
    clip = timeline.clips[number]
    item = child(track, "clipitem", id=item_id)
    child(item, "masterclipid", f"master-{clip.reel}")
    child(item, "name", clip.name)
    child(item, "enabled", "TRUE")
    child(item, "duration", clip.facts.frames)
    _rate(item, timeline.rate)
    child(item, "start", -1 if opens is JoinKind.DISSOLVE else clip.record.start)
    child(item, "end", -1 if closes is JoinKind.DISSOLVE else clip.record.stop)
    child(item, "in", clip.source.start)
    child(item, "out", clip.source.stop)
    files.put(item, clip)
    return item


def _transition(track: ET.Element, clip: Clip, timeline: Timeline, kind: str) -> None:
    made = child(track, "transitionitem")
    child(made, "start", clip.record.start)
    child(made, "end", clip.record.start + clip.dissolve_frames)
    child(made, "alignment", "center")
    _rate(made, timeline.rate)
    effect = child(made, "effect")
    picture = kind == "video"
    child(effect, "name", "Cross Dissolve" if picture else "Cross Fade (+3dB)")
    child(effect, "effectid", "Cross Dissolve" if picture else "KGAudioTransCrossFade3dB")
    if picture:
        child(effect, "effectcategory", "Dissolve")
    child(effect, "effecttype", "transition")
    child(effect, "mediatype", kind)
    child(effect, "wipecode", 0)
    child(effect, "wipeaccuracy", 100)
    child(effect, "startratio", 0)
    child(effect, "endratio", 1)
    child(effect, "reverse", "FALSE")


def _links(item: ET.Element, number: int, clips: Sequence[Clip]) -> None:
    if clips[number].facts.audio is None:
        return
    sounding = sum(clip.facts.audio is not None for clip in clips[: number + 1])
    kinds = [("video", 1, f"picture-{number + 1}", number + 1)]
    kinds += [("audio", channel, f"sound-{number + 1}-{channel}", sounding) for channel in (1, 2)]
    for kind, track, name, position in kinds:
        link = child(item, "link")
        child(link, "linkclipref", name)
        child(link, "mediatype", kind)
        child(link, "trackindex", track)
        child(link, "clipindex", position)


def _level(item: ET.Element, gain_db: float) -> None:
    effect = child(child(item, "filter"), "effect")
    child(effect, "name", "Audio Levels")
    child(effect, "effectid", "audiolevels")
    child(effect, "effectcategory", "audiolevels")
    child(effect, "effecttype", "audiolevels")
    child(effect, "mediatype", "audio")
    level = child(effect, "parameter")
    child(level, "parameterid", "level")
    child(level, "name", "Level")
    child(level, "valuemin", 0)
    child(level, "valuemax", "3.98107")
    child(level, "value", f"{10 ** (min(gain_db, _LOUDEST_DB) / 20):.5f}")


def _markers_of(clip: Clip) -> list[tuple[Marker, int, int]]:
    return [(marker, seen.start, seen.stop) for marker in clip.markers if (seen := visible(marker, clip)) is not None]


def _marker(parent: ET.Element, marker: Marker, start: int, stop: int) -> None:
    made = child(parent, "marker")
    child(made, "comment", marker.comment)
    child(made, "name", f"{marker.severity.value.upper()}: {marker.name}")
    child(made, "in", start)
    child(made, "out", -1 if stop - start <= 1 else stop)


def _rate(parent: ET.Element, rate: Fraction) -> None:
    made = child(parent, "rate")
    child(made, "timebase", nominal_rate(rate))
    child(made, "ntsc", "TRUE" if is_ntsc(rate) else "FALSE")


def _timecode(parent: ET.Element, start_frame: int, timeline: Timeline) -> None:
    made = child(parent, "timecode")
    _rate(made, timeline.rate)
    child(made, "string", timecode(start_frame, timeline.rate, drop_frame=timeline.drop_frame))
    child(made, "frame", start_frame)
    child(made, "displayformat", "DF" if timeline.drop_frame else "NDF")


def _file_timecode(file: ET.Element, clip: Clip) -> None:
    rate = clip.facts.rate
    start = source_start_frame(clip, rate)
    drop_frame = start > 0 and ";" in (clip.facts.start_timecode or "")
    made = child(file, "timecode")
    _rate(made, rate)
    child(made, "string", timecode(start, rate, drop_frame=drop_frame))
    child(made, "frame", start)
    child(made, "displayformat", "DF" if drop_frame else "NDF")
    child(child(made, "reel"), "name", clip.reel)


def _path_url(clip: Clip) -> str:
    """``file://localhost/...``: the form that Premiere and Resolve both take; relative addresses stay relative."""
    return re.sub("^file:///", "file://localhost/", file_url(clip))
