"""FCPXML 1.10: Final Cut Pro and DaVinci Resolve.

All times are whole multiples of the frame duration, written as fractions of a second. Clips stand end to end in the spine; a
transition lies across the cut and eats into the handles of both, as Final Cut Pro wants it.
"""

from fractions import Fraction
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from kling_post.edit.timeline import Clip, Marker, Timeline
from kling_post.exports.addresses import file_url
from kling_post.exports.placing import Placed, conform_notes, placed, visible
from kling_post.exports.xml_file import allowed, child, write_xml
from kling_post.vocabulary import FrameRange, JoinKind, MediaFacts, Severity, Size

SUFFIX = ".fcpxml"
TITLE = "FCPXML 1.10"

_CROSS_DISSOLVE: Final = "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"
"""Final Cut Pro's own name of its cross dissolve."""
_AUDIO_CROSSFADE: Final = "FFAudioTransition"
_NAMED_RATES: Final = {
    Fraction(24000, 1001): "23.98",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30000, 1001): "29.97",
    Fraction(30): "30",
    Fraction(48000, 1001): "47.95",
    Fraction(48): "48",
    Fraction(50): "50",
    Fraction(60000, 1001): "59.94",
    Fraction(60): "60",
}
"""Source rates that ``conform-rate`` can name."""


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the edit as one project in one event.

    Returns:
        What the format cannot carry, one sentence each.
    """
    write_xml(path, to_fcpxml(timeline), "fcpxml")
    notes = []
    if timeline.markers:
        notes.append("FCPXML has no markers on a project: they stand on the clips under them.")
    if any(clip.dissolve_frames % 2 for clip in timeline.clips):
        notes.append("A dissolve of an odd number of frames lies one frame longer behind the cut; Final Cut Pro may centre it.")
    return (*notes, *conform_notes(timeline, format_name="FCPXML"))


def to_fcpxml(timeline: Timeline) -> ET.Element:
    """The document's root element."""
    root = ET.Element("fcpxml", version="1.10")
    resources = child(root, "resources")
    ids = _Resources(resources, timeline)
    project = child(child(child(root, "library"), "event", name=allowed(timeline.name)), "project", name=allowed(timeline.name))
    sequence = child(
        project,
        "sequence",
        format=ids.format(timeline.rate, timeline.size),
        duration=_time(timeline.frames, timeline.rate),
        tcStart=_time(timeline.start_frame, timeline.rate),
        tcFormat="DF" if timeline.drop_frame else "NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    spine = child(sequence, "spine")
    places = placed(timeline)
    for position, place in enumerate(places):
        if place.clip.join is JoinKind.DISSOLVE:
            sound = place.clip.facts.audio is not None and places[position - 1].clip.facts.audio is not None
            _transition(spine, place, timeline, ids, sound=sound)
        _asset_clip(spine, place, timeline, ids)
    return root


class _Resources:
    """Formats, assets and effects, each written once and known by its id."""

    def __init__(self, resources: ET.Element, timeline: Timeline) -> None:
        self._resources = resources
        self._ids: dict[object, str] = {}
        self.format(timeline.rate, timeline.size)

    def _new(self, key: object) -> str:
        self._ids[key] = f"r{len(self._ids) + 1}"
        return self._ids[key]

    def format(self, rate: Fraction, size: Size) -> str:
        key = ("format", rate, size)
        if key not in self._ids:
            frame = f"{rate.denominator}/{rate.numerator}s"
            child(
                self._resources,
                "format",
                id=self._new(key),
                frameDuration=frame,
                width=str(size.width),
                height=str(size.height),
                colorSpace="1-1-1 (Rec. 709)",
            )
        return self._ids[key]

    def effect(self, name: str, uid: str) -> str:
        if uid not in self._ids:
            child(self._resources, "effect", id=self._new(uid), name=name, uid=uid)
        return self._ids[uid]

    def asset(self, place: Placed, rate: Fraction) -> str:
        clip, facts = place.clip, place.clip.facts
        if clip.path not in self._ids:
            picture = self.format(facts.rate, facts.size)
            asset = child(
                self._resources,
                "asset",
                id=self._new(clip.path),
                name=allowed(clip.path.name),
                uid=facts.sha256[:32].upper(),
                start=_time(_own_start(place, rate), facts.rate),
                duration=_time(facts.frames, facts.rate),
                hasVideo="1",
                videoSources="1",
                format=picture,
                **_sound_attributes(facts),
            )
            child(asset, "media-rep", kind="original-media", src=file_url(clip))
        return self._ids[clip.path]


def _sound_attributes(facts: MediaFacts) -> dict[str, str]:
    if facts.audio is None:
        return {}
    return {"hasAudio": "1", "audioSources": "1", "audioChannels": str(facts.audio.channels), "audioRate": str(facts.audio.sample_rate)}


def _transition(spine: ET.Element, place: Placed, timeline: Timeline, ids: _Resources, *, sound: bool) -> None:
    start = timeline.start_frame + place.record.start - place.before_cut_frames
    made = child(
        spine,
        "transition",
        name="Cross Dissolve",
        offset=_time(start, timeline.rate),
        duration=_time(place.clip.dissolve_frames, timeline.rate),
    )
    child(made, "filter-video", ref=ids.effect("Cross Dissolve", _CROSS_DISSOLVE), name="Cross Dissolve")
    if sound:
        child(made, "filter-audio", ref=ids.effect("Audio Crossfade", _AUDIO_CROSSFADE), name="Audio Crossfade")


def _asset_clip(spine: ET.Element, place: Placed, timeline: Timeline, ids: _Resources) -> None:
    clip, rate = place.clip, timeline.rate
    made = child(
        spine,
        "asset-clip",
        ref=ids.asset(place, rate),
        offset=_time(timeline.start_frame + place.record.start, rate),
        name=allowed(clip.name),
        start=_time(place.source_start_frame + place.source.start, rate),
        duration=_time(place.record.frames, rate),
        tcFormat="DF" if timeline.drop_frame else "NDF",
        **({} if clip.facts.audio is None else {"audioRole": "dialogue"}),
    )
    child(made, "note", _note(clip))
    if place.conform.rate != "same" and clip.facts.rate in _NAMED_RATES:
        scaled = "1" if place.conform.rate == "frame for frame" else "0"
        child(made, "conform-rate", scaleEnabled=scaled, srcFrameRate=_NAMED_RATES[clip.facts.rate])
    if clip.facts.size != timeline.size:
        child(made, "adjust-conform", type="fit")
    if clip.gain_db and clip.facts.audio is not None:
        child(made, "adjust-volume", amount=f"{clip.gain_db:g}dB")
    for marker, frames in _markers(place, timeline):
        _marker(made, marker, FrameRange(frames.start + place.source_start_frame, frames.stop + place.source_start_frame), rate)


def _markers(place: Placed, timeline: Timeline) -> list[tuple[Marker, FrameRange]]:
    """The clip's own markers and those of the programme that begin over it, in frames of the take."""
    found = [(marker, seen) for marker in place.clip.markers if (seen := visible(marker, place.clip)) is not None]
    for marker in timeline.markers:
        if place.record.start <= marker.frames.start < place.record.stop:
            start = marker.frames.start - place.record.start + place.source.start
            found.append((marker, FrameRange(start, start + max(1, marker.frames.frames))))
    return sorted(found, key=lambda each: each[1].start)


def _marker(parent: ET.Element, marker: Marker, frames: FrameRange, rate: Fraction) -> None:
    # A marker with ``completed`` is a to-do item: red in Final Cut Pro until somebody ticks it off.
    todo = {} if marker.severity is Severity.INFO else {"completed": "0"}
    child(
        parent,
        "marker",
        start=_time(frames.start, rate),
        duration=_time(frames.frames, rate),
        value=allowed(marker.name) or "marker",
        **todo,
        **({"note": allowed(marker.comment)} if marker.comment else {}),
    )


def _note(clip: Clip) -> str:
    origin = ", ".join(f"{key} {value}" for key, value in clip.metadata.items())
    return f"{clip.clip_id}, reel {clip.reel}" + (f", {origin}" if origin else "")


def _own_start(place: Placed, rate: Fraction) -> int:
    """The take's first timecode in frames of its own rate."""
    return round(Fraction(place.source_start_frame) / rate * place.clip.facts.rate)


def _time(frames: int, rate: Fraction) -> str:
    """Frames as FCPXML's fraction of a second, on the grid of the rate."""
    return f"{frames * rate.denominator}/{rate.numerator}s" if frames else "0s"
