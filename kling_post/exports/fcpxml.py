"""FCPXML 1.10: Final Cut Pro and DaVinci Resolve.

All times are whole multiples of the frame duration, written as fractions of a second. Clips stand end to end in the spine; a
transition lies across the cut and eats into the handles of both, as Final Cut Pro wants it. Stems are clips connected below the
spine, other takes stand with theirs in an audition, sound that leads or trails is the clip's own ``audioStart``.
"""

from fractions import Fraction
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from kling_post.edit.conform import conform
from kling_post.edit.timeline import Alternate, Clip, Marker, Stem, Timeline
from kling_post.exports.fcpxml_resources import Resources, own_start, seconds_text, time_text
from kling_post.exports.placing import Placed, conform_notes, placed, retimed, source_start_frame, subtitles, visible
from kling_post.exports.repairs import correction_notes
from kling_post.exports.xml_file import allowed, child, write_xml
from kling_post.vocabulary import Fit, FrameRange, JoinKind, Severity

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
    if any(clip.dissolve_frames and clip.sound_shift_frames for clip in timeline.clips):
        notes.append("Where sound leads or trails a dissolve, its crossfade stands under the picture's; in the master it is shifted.")
    if any(clip.fade_in_frames or clip.fade_out_frames for stem in timeline.stems for clip in stem.clips):
        notes.append("Fades of stems are Final Cut Pro's linear ones; in the master they follow a sine.")
    if timeline.stems and any(clip.alternates for clip in timeline.clips):
        notes.append("A stem that begins over a clip with other takes hangs on the one in use and goes when another is picked.")
    if subtitles(timeline):
        notes.append("Captions of SubRip's kind have no speakers: a name stands before its line.")
    notes += correction_notes(timeline, format_name="FCPXML")
    return (*notes, *conform_notes(timeline, format_name="FCPXML"))


def to_fcpxml(timeline: Timeline) -> ET.Element:
    """The document's root element."""
    root = ET.Element("fcpxml", version="1.10")
    resources = child(root, "resources")
    ids = Resources(resources, timeline)
    project = child(child(child(root, "library"), "event", name=allowed(timeline.name)), "project", name=allowed(timeline.name))
    sequence = child(
        project,
        "sequence",
        format=ids.format(timeline.rate, timeline.size),
        duration=time_text(timeline.frames, timeline.rate),
        tcStart=time_text(timeline.start_frame, timeline.rate),
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
        made = _spine_clip(spine, place, timeline, ids)
        for lane, stem in enumerate(timeline.stems, start=1):
            _connect_stem(made, place, (-lane, stem), timeline, ids)
        _captions(made, place, timeline)
        for marker, frames in _markers(place, timeline):
            start = place.source_start_frame
            _marker(made, marker, FrameRange(frames.start + start, frames.stop + start), timeline.rate)
    return root


def _transition(spine: ET.Element, place: Placed, timeline: Timeline, ids: Resources, *, sound: bool) -> None:
    start = timeline.start_frame + place.record.start - place.before_cut_frames
    made = child(
        spine,
        "transition",
        name="Cross Dissolve",
        offset=time_text(start, timeline.rate),
        duration=time_text(place.clip.dissolve_frames, timeline.rate),
    )
    child(made, "filter-video", ref=ids.effect("Cross Dissolve", _CROSS_DISSOLVE), name="Cross Dissolve")
    if sound:
        child(made, "filter-audio", ref=ids.effect("Audio Crossfade", _AUDIO_CROSSFADE), name="Audio Crossfade")


def _spine_clip(spine: ET.Element, place: Placed, timeline: Timeline, ids: Resources) -> ET.Element:
    """The clip on the spine, or in an audition on it where there are other takes of it."""
    offset = time_text(timeline.start_frame + place.record.start, timeline.rate)
    if not place.clip.alternates:
        return _asset_clip(spine, place, timeline, ids, offset=offset)
    audition = child(spine, "audition", offset=offset)
    made = _asset_clip(audition, place, timeline, ids, offset=offset)
    for alternate in place.clip.alternates:
        _alternate(audition, alternate, place, timeline, ids, offset=offset)
    return made


def _asset_clip(parent: ET.Element, place: Placed, timeline: Timeline, ids: Resources, *, offset: str) -> ET.Element:
    clip, rate = place.clip, timeline.rate
    made = child(
        parent,
        "asset-clip",
        ref=ids.asset(clip, rate),
        offset=offset,
        name=allowed(clip.name),
        start=time_text(place.source_start_frame + place.source.start, rate),
        duration=time_text(place.record.frames, rate),
        tcFormat="DF" if timeline.drop_frame else "NDF",
        **({} if clip.facts.audio is None else {"audioRole": "dialogue"}),
        **_split_edit(place, timeline),
    )
    child(made, "note", _note(clip))
    if clip.facts.rate != rate and clip.facts.rate in _NAMED_RATES:
        scaled = "1" if place.conform.rate == "frame for frame" else "0"
        child(made, "conform-rate", scaleEnabled=scaled, srcFrameRate=_NAMED_RATES[clip.facts.rate])
    _time_map(made, place, timeline)
    if clip.facts.size != timeline.size:
        child(made, "adjust-conform", type="none" if clip.fit is Fit.CROP else clip.fit.value)
    if clip.gain_db and clip.facts.audio is not None:
        child(made, "adjust-volume", amount=f"{clip.gain_db:g}dB")
    return made


def _split_edit(place: Placed, timeline: Timeline) -> dict[str, str]:
    """Where the sound begins and how long it lasts, where that is not where the picture does."""
    if place.clip.facts.audio is None:
        return {}
    number = timeline.clips.index(place.clip)
    after = timeline.clips[number + 1].sound_shift_frames if number + 1 < len(timeline.clips) else 0
    if not place.clip.sound_shift_frames and not after:
        return {}
    start = place.source_start_frame + place.source.start + place.clip.sound_shift_frames
    frames = place.record.frames - place.clip.sound_shift_frames + after
    return {"audioStart": time_text(start, timeline.rate), "audioDuration": time_text(frames, timeline.rate)}


def _time_map(made: ET.Element, place: Placed, timeline: Timeline) -> None:
    """A constant speed: the clip's own time at its first and last frame, and the file's at the same instants."""
    clip, rate = place.clip, timeline.rate
    if retimed(clip, timeline) == 1:
        return
    first, own_first = place.source_start_frame, own_start(clip, rate)
    pitch = "1" if place.conform.keeps_pitch else "0"
    points = child(made, "timeMap", frameSampling="optical-flow" if place.conform.rate == "optical flow" else "floor", preservesPitch=pitch)
    step = place.conform.step
    for frame in (0, place.conform.frames):
        value = Fraction(own_first + frame * step) / clip.facts.rate
        child(points, "timept", time=time_text(first + frame, rate), value=seconds_text(value), interp="linear")


def _alternate(parent: ET.Element, alternate: Alternate, place: Placed, timeline: Timeline, ids: Resources, *, offset: str) -> None:
    """Another take, from the same frame on; from its first one where it is too short for that."""
    rate = timeline.rate
    frames = conform(alternate.facts, rate=rate, size=timeline.size, retime=place.clip.retime).frames
    start = place.source.start if place.source.stop <= frames else 0
    made = child(
        parent,
        "asset-clip",
        ref=ids.asset(alternate, rate),
        offset=offset,
        name=allowed(alternate.name),
        start=time_text(source_start_frame(alternate, rate) + start, rate),
        duration=time_text(min(place.record.frames, frames), rate),
        tcFormat="DF" if timeline.drop_frame else "NDF",
        **({} if alternate.facts.audio is None else {"audioRole": "dialogue"}),
    )
    if alternate.facts.size != timeline.size:
        child(made, "adjust-conform", type="none" if place.clip.fit is Fit.CROP else place.clip.fit.value)


def _captions(parent: ET.Element, place: Placed, timeline: Timeline) -> None:
    """The lines that are first heard over this clip, as SubRip captions: they carry no speakers, so a name stands before its line."""
    for line in subtitles(timeline):
        if not place.record.start <= line.frames.start < place.record.stop:
            continue
        here = place.source_start_frame + place.source.start + line.frames.start - place.record.start
        said = allowed(f"{line.speaker}: {line.text}" if line.speaker else line.text)
        made = child(
            parent,
            "caption",
            lane="1",
            offset=time_text(here, timeline.rate),
            name=" ".join(said.split()),
            start=time_text(timeline.start_frame + line.frames.start, timeline.rate),
            duration=time_text(line.frames.frames, timeline.rate),
            role=f"SRT?captionFormat=SRT.{timeline.language}",
        )
        child(made, "text", said)


def _connect_stem(parent: ET.Element, place: Placed, lane: tuple[int, Stem], timeline: Timeline, ids: Resources) -> None:
    """The stem's clips that begin over this clip, placed in its own time."""
    rate, (number, stem) = timeline.rate, lane
    for clip in stem.clips:
        if not place.record.start <= clip.record.start < place.record.stop:
            continue
        here = place.source_start_frame + place.source.start + clip.record.start - place.record.start
        made = child(
            parent,
            "asset-clip",
            ref=ids.sound(clip),
            lane=str(number),
            offset=time_text(here, rate),
            name=allowed(clip.name),
            start=time_text(clip.source.start, rate),
            duration=time_text(clip.record.frames, rate),
            audioRole=f"{stem.role}.{allowed(stem.name)}",
        )
        if not (clip.gain_db or clip.fade_in_frames or clip.fade_out_frames):
            continue
        volume = child(made, "adjust-volume", amount=f"{clip.gain_db:g}dB")
        fades = (("fadeIn", clip.fade_in_frames), ("fadeOut", clip.fade_out_frames))
        if clip.fade_in_frames or clip.fade_out_frames:
            level = child(volume, "param", name="amount")
            for tag, frames in fades:
                if frames:
                    child(level, tag, type="linear", duration=time_text(frames, rate))


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
        start=time_text(frames.start, rate),
        duration=time_text(frames.frames, rate),
        value=allowed(marker.name) or "marker",
        **todo,
        **({"note": allowed(marker.comment)} if marker.comment else {}),
    )


def _note(clip: Clip) -> str:
    origin = ", ".join(f"{key} {value}" for key, value in clip.metadata.items())
    return f"{clip.clip_id}, reel {clip.reel}" + (f", {origin}" if origin else "")
