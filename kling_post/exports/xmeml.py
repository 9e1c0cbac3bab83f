"""Final Cut Pro 7 XML (xmeml, version 5): Premiere Pro of any age and DaVinci Resolve.

A clip beside a transition has -1 for that end, and its in or out point reaches to the transition's far side. Picture and sound of
a take share one file and are linked both ways, so that an editor moves them together.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from kling_post.edit.conform import conform_clip
from kling_post.edit.timeline import Clip, Marker, Stem, StemClip, Timeline
from kling_post.exports.addresses import file_of, file_url
from kling_post.exports.placing import Heard, alternate_notes, conform_notes, heard, retimed, source_start_frame, subtitle_notes, visible
from kling_post.exports.repairs import correction_notes
from kling_post.exports.xmeml_effects import LOUDEST_DB, put_level, put_rate, put_scale, put_speed, put_transition
from kling_post.exports.xml_file import child, write_xml
from kling_post.timebase import timecode
from kling_post.vocabulary import FrameRange, JoinKind

SUFFIX = ".xml"
TITLE = "Final Cut Pro 7 XML"


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the edit as one sequence.

    Returns:
        What the format cannot carry, one sentence each.
    """
    write_xml(path, to_xmeml(timeline), "xmeml")
    notes = list(conform_notes(timeline, format_name="The XML"))
    notes += [f"{clip.clip_id}: its gain of {clip.gain_db:g} dB was held at 12 dB." for clip in timeline.clips if clip.gain_db > LOUDEST_DB]
    if any(_markers_of(clip) for clip in timeline.clips) or timeline.markers:
        notes.append("Markers keep their names and comments but not their colours, which the format does not have.")
    if any(clip.location is not None and not clip.location.is_absolute() for clip in timeline.clips):
        notes.append("Relative paths are written as asked, but the format knows absolute ones only: the NLE may ask where the takes are.")
    stem_clips = [clip for stem in timeline.stems for clip in stem.clips]
    notes += [f"{clip.clip_id}: its gain of {clip.gain_db:g} dB was held at 12 dB." for clip in stem_clips if clip.gain_db > LOUDEST_DB]
    if any(clip.fade_in_frames or clip.fade_out_frames for clip in stem_clips):
        notes.append("Fades of stems are straight lines between key frames; in the master they follow a sine.")
    if any(clip.facts.size != timeline.size for clip in timeline.clips):
        notes.append("Takes of another size carry a scale in percent of their own pixels, as Premiere counts it.")
    kept = (*alternate_notes(timeline, format_name="The XML"), *subtitle_notes(timeline, format_name="The XML"))
    return (*notes, *kept, *correction_notes(timeline, format_name="The XML"))


def to_xmeml(timeline: Timeline) -> ET.Element:
    """The document's root element."""
    root = ET.Element("xmeml", version="5")
    sequence = child(root, "sequence", id="sequence-1")
    child(sequence, "name", timeline.name)
    child(sequence, "duration", timeline.frames)
    put_rate(sequence, timeline.rate)
    _timecode(sequence, timeline.start_frame, timeline)
    media = child(sequence, "media")
    files = _Files(timeline)
    _picture_track(media, timeline, files)
    _sound_tracks(media, timeline, files)
    for marker in timeline.markers:
        _marker(sequence, marker, marker.frames.start, marker.frames.stop)
    return root


class _Files:
    """Each file, described where it first appears and named by its id from then on."""

    def __init__(self, timeline: Timeline) -> None:
        stems = [clip for stem in timeline.stems for clip in stem.clips]
        paths = dict.fromkeys([*map(file_of, timeline.clips), *map(file_of, stems)])
        self._described: set[Path] = set()
        self._ids = {path: f"file-{number}" for number, path in enumerate(paths, start=1)}
        self._rate = timeline.rate

    def put(self, item: ET.Element, clip: Clip | StemClip) -> None:
        path = file_of(clip)
        file = child(item, "file", id=self._ids[path])
        if path in self._described:
            return
        self._described.add(path)
        child(file, "name", path.name)
        child(file, "pathurl", _path_url(clip))
        if isinstance(clip, StemClip):
            put_rate(file, self._rate)
            child(file, "duration", int(clip.file.duration_seconds * self._rate))
            _sound_of_file(child(file, "media"), clip.file.sample_rate, clip.file.channels)
            return
        facts = clip.facts
        put_rate(file, facts.rate)
        child(file, "duration", facts.frames)
        _file_timecode(file, clip)
        media = child(file, "media")
        shape = child(child(media, "video"), "samplecharacteristics")
        put_rate(shape, facts.rate)
        child(shape, "width", facts.size.width)
        child(shape, "height", facts.size.height)
        child(shape, "anamorphic", "FALSE")
        child(shape, "pixelaspectratio", "square")
        child(shape, "fielddominance", "none")
        if facts.audio is not None:
            _sound_of_file(media, facts.audio.sample_rate, facts.audio.channels)


def _sound_of_file(media: ET.Element, sample_rate: int, channels: int) -> None:
    sound = child(media, "audio")
    character = child(sound, "samplecharacteristics")
    child(character, "depth", 16)
    child(character, "samplerate", sample_rate)
    child(sound, "channelcount", channels)


def _picture_track(media: ET.Element, timeline: Timeline, files: _Files) -> None:
    video = child(media, "video")
    shape = child(child(video, "format"), "samplecharacteristics")
    put_rate(shape, timeline.rate)
    child(shape, "width", timeline.size.width)
    child(shape, "height", timeline.size.height)
    child(shape, "anamorphic", "FALSE")
    child(shape, "pixelaspectratio", "square")
    child(shape, "fielddominance", "none")
    child(shape, "colordepth", 24)
    track = child(video, "track")
    for number, clip in enumerate(timeline.clips):
        dissolves = clip.join is JoinKind.DISSOLVE
        if dissolves:
            put_transition(track, clip.record.start, clip.dissolve_frames, timeline, "video")
        item = _item(track, clip, f"picture-{number + 1}", timeline, clip.record, clip.source)
        _ends(item, opens=dissolves, closes=_next_join(timeline, number) is JoinKind.DISSOLVE)
        files.put(item, clip)
        put_scale(item, clip, timeline)
        put_speed(item, clip, timeline, "video")
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
    sounds = heard(timeline)
    for channel in (1, 2):
        track = child(audio, "track")
        for sound in sounds:
            _sound_item(track, sound, channel, timeline, files)
        _close_track(track, channel)
    for stem in timeline.stems:
        _stem_tracks(audio, stem, timeline, files)


def _sound_item(track: ET.Element, sound: Heard, channel: int, timeline: Timeline, files: _Files) -> None:
    clip, audio = sound.clip, sound.clip.facts.audio
    assert audio is not None
    if sound.opens:
        put_transition(track, sound.record.start, clip.dissolve_frames, timeline, "audio")
    item = _item(track, clip, f"sound-{sound.number + 1}-{channel}", timeline, sound.record, sound.source)
    _ends(item, opens=sound.opens, closes=sound.closes)
    files.put(item, clip)
    source = child(item, "sourcetrack")
    child(source, "mediatype", "audio")
    child(source, "trackindex", min(channel, audio.channels))
    if clip.gain_db:
        put_level(item, clip.gain_db)
    put_speed(item, clip, timeline, "audio")
    _links(item, sound.number, timeline.clips)


def _stem_tracks(audio: ET.Element, stem: Stem, timeline: Timeline, files: _Files) -> None:
    """A stem on a track for each of its channels, two at most, linked with each other."""
    channels = min(2, max(clip.file.channels for clip in stem.clips))
    first = len(audio.findall("track")) + 1
    for channel in range(1, channels + 1):
        track = child(audio, "track")
        for number, clip in enumerate(stem.clips, start=1):
            item = _item(track, clip, f"{clip.clip_id}-{channel}", timeline, clip.record, clip.source)
            files.put(item, clip)
            source = child(item, "sourcetrack")
            child(source, "mediatype", "audio")
            child(source, "trackindex", min(channel, clip.file.channels))
            if clip.gain_db or clip.fade_in_frames or clip.fade_out_frames:
                put_level(item, clip.gain_db, fades=clip)
            for other in range(1, channels + 1):
                _link(item, f"{clip.clip_id}-{other}", "audio", first + other - 1, number)
        _close_track(track, channel)


def _close_track(track: ET.Element, channel: int) -> None:
    child(track, "enabled", "TRUE")
    child(track, "locked", "FALSE")
    child(track, "outputchannelindex", channel)


def _next_join(timeline: Timeline, number: int) -> JoinKind:
    return timeline.clips[number + 1].join if number + 1 < len(timeline.clips) else JoinKind.CUT


def _item(track: ET.Element, clip: Clip | StemClip, item_id: str, timeline: Timeline, record: FrameRange, source: FrameRange) -> ET.Element:
    item = child(track, "clipitem", id=item_id)
    child(item, "masterclipid", f"master-{clip.reel}")
    child(item, "name", clip.name)
    child(item, "enabled", "TRUE")
    child(item, "duration", _length(clip, timeline))
    put_rate(item, timeline.rate)
    child(item, "start", record.start)
    child(item, "end", record.stop)
    child(item, "in", source.start)
    child(item, "out", source.stop)
    return item


def _length(clip: Clip | StemClip, timeline: Timeline) -> int:
    """Of the whole file: a clip at another speed counts in frames at that speed, in and out points too."""
    if isinstance(clip, StemClip):
        return int(clip.file.duration_seconds * timeline.rate)
    return clip.facts.frames if retimed(clip, timeline) == 1 else conform_clip(clip, timeline).frames


def _ends(item: ET.Element, *, opens: bool, closes: bool) -> None:
    """Beside a transition an end is -1."""
    for crosses, name in ((opens, "start"), (closes, "end")):
        end = item.find(name)
        if crosses and end is not None:
            end.text = "-1"


def _links(item: ET.Element, number: int, clips: Sequence[Clip]) -> None:
    if clips[number].facts.audio is None:
        return
    sounding = sum(clip.facts.audio is not None for clip in clips[: number + 1])
    kinds = [("video", 1, f"picture-{number + 1}", number + 1)]
    kinds += [("audio", channel, f"sound-{number + 1}-{channel}", sounding) for channel in (1, 2)]
    for kind, track, name, position in kinds:
        _link(item, name, kind, track, position)


def _link(item: ET.Element, name: str, kind: str, track: int, position: int) -> None:
    link = child(item, "link")
    child(link, "linkclipref", name)
    child(link, "mediatype", kind)
    child(link, "trackindex", track)
    child(link, "clipindex", position)


def _markers_of(clip: Clip) -> list[tuple[Marker, int, int]]:
    return [(marker, seen.start, seen.stop) for marker in clip.markers if (seen := visible(marker, clip)) is not None]


def _marker(parent: ET.Element, marker: Marker, start: int, stop: int) -> None:
    made = child(parent, "marker")
    child(made, "comment", marker.comment)
    child(made, "name", f"{marker.severity.value.upper()}: {marker.name}")
    child(made, "in", start)
    child(made, "out", -1 if stop - start <= 1 else stop)


def _timecode(parent: ET.Element, start_frame: int, timeline: Timeline) -> None:
    made = child(parent, "timecode")
    put_rate(made, timeline.rate)
    child(made, "string", timecode(start_frame, timeline.rate, drop_frame=timeline.drop_frame))
    child(made, "frame", start_frame)
    child(made, "displayformat", "DF" if timeline.drop_frame else "NDF")


def _file_timecode(file: ET.Element, clip: Clip) -> None:
    rate = clip.facts.rate
    start = source_start_frame(clip, rate)
    drop_frame = start > 0 and ";" in (clip.facts.start_timecode or "")
    made = child(file, "timecode")
    put_rate(made, rate)
    child(made, "string", timecode(start, rate, drop_frame=drop_frame))
    child(made, "frame", start)
    child(made, "displayformat", "DF" if drop_frame else "NDF")
    child(child(made, "reel"), "name", clip.reel)


def _path_url(clip: Clip | StemClip) -> str:
    """``file://localhost/...``: the form that Premiere and Resolve both take; relative addresses stay relative."""
    return re.sub("^file:///", "file://localhost/", file_url(clip))
