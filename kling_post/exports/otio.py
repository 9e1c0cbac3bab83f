"""OpenTimelineIO: read by Resolve 18.5 and later, Premiere 25.6 and later, Kdenlive, Flame. Stock schemas only.

What OTIO has no word for stands under ``metadata["kling_post"]``; a schema of our own would make other readers refuse the file.
"""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kling_post.edit.timeline import Alternate, Clip, Marker, Stem, StemClip, Timeline
from kling_post.exports.addresses import file_of, file_url
from kling_post.exports.placing import Placed, placed, source_start_frame, subtitle_notes, visible
from kling_post.exports.repairs import cdl_metadata, correction_notes
from kling_post.exports.text_file import write_text
from kling_post.vocabulary import Fit, FrameRange, JoinKind, Severity

if TYPE_CHECKING:
    import opentimelineio

SUFFIX = ".otio"
TITLE = "OpenTimelineIO"

_COLOURS: Final = {Severity.FAIL: "RED", Severity.REVIEW: "YELLOW", Severity.INFO: "CYAN"}


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the edit: a picture track, its sound track, stems, dissolves, handles (the whole take is available), other takes, markers.

    Returns:
        What the format cannot carry, one sentence each.
    """
    write_text(path, to_otio(timeline).to_json_string(indent=2) + "\n")
    notes = []
    if any(clip.gain_db for clip in timeline.clips) or timeline.stems:
        notes.append("OTIO has no sound levels and no fades: each clip's gain and fades are in its metadata, under kling_post.")
    for place in placed(timeline):
        if place.conform.speed != 1:
            notes.append(f"{place.clip.clip_id} runs at {float(place.conform.speed):.4f} times its speed, written as a linear time warp.")
        elif place.conform.rate != "same":
            notes.append(f"{place.clip.clip_id} {place.conform.notes[0]} The NLE decides which ones.")
    if any(clip.fit is not Fit.FIT for clip in timeline.clips):
        notes.append("OTIO has no word for fill and crop: how each clip fits the frame is in its metadata, under kling_post.")
    notes += correction_notes(timeline, format_name="OTIO", carries_cdl=True)
    return (*notes, *subtitle_notes(timeline, format_name="OTIO"))


def to_otio(timeline: Timeline) -> "opentimelineio.schema.Timeline":
    """The edit as an OTIO timeline."""
    import opentimelineio as otio

    made = otio.schema.Timeline(name=timeline.name, global_start_time=_time(timeline.start_frame, timeline.rate))
    made.metadata["kling_post"] = {
        "rate": str(timeline.rate),
        "drop_frame": timeline.drop_frame,
        "size": str(timeline.size),
        "sample_rate": timeline.sample_rate,
    }
    places = placed(timeline)
    made.tracks.append(_track("V1", otio.schema.TrackKind.Video, places, timeline.rate))
    if any(clip.facts.audio for clip in timeline.clips):
        made.tracks.append(_track("A1", otio.schema.TrackKind.Audio, placed(timeline, sound=True), timeline.rate))
    for number, stem in enumerate(timeline.stems, start=2):
        made.tracks.append(_stem_track(f"A{number} {stem.name}", stem, timeline.rate))
    for marker in timeline.markers:
        made.tracks.markers.append(_marker(marker, _range(marker.frames, timeline.rate)))
    return made


def _track(name: str, kind: str, places: tuple[Placed, ...], rate: Fraction) -> "opentimelineio.schema.Track":
    import opentimelineio as otio

    track = otio.schema.Track(name=name, kind=kind)
    picture = kind == otio.schema.TrackKind.Video
    for position, place in enumerate(places):
        silent_neighbour = position > 0 and places[position - 1].clip.facts.audio is None
        if not picture and place.clip.facts.audio is None:
            track.append(otio.schema.Gap(source_range=_range(FrameRange(0, place.record.frames), rate)))
            continue
        if place.clip.join is JoinKind.DISSOLVE and (picture or not silent_neighbour):
            track.append(
                otio.schema.Transition(
                    name="Cross Dissolve",
                    transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
                    in_offset=_time(place.before_cut_frames, rate),
                    out_offset=_time(place.after_cut_frames, rate),
                )
            )
        track.append(_clip(place, rate, picture=picture))
    return track


def _stem_track(name: str, stem: Stem, rate: Fraction) -> "opentimelineio.schema.Track":
    import opentimelineio as otio

    track = otio.schema.Track(name=name, kind=otio.schema.TrackKind.Audio)
    track.metadata["kling_post"] = {"role": stem.role, "stem": stem.name}
    reached = 0
    for clip in stem.clips:
        if clip.record.start > reached:
            track.append(otio.schema.Gap(source_range=_range(FrameRange(0, clip.record.start - reached), rate)))
        track.append(_stem_clip(clip, rate))
        reached = clip.record.stop
    return track


def _stem_clip(clip: StemClip, rate: Fraction) -> "opentimelineio.schema.Clip":
    import opentimelineio as otio

    samples, sample_rate = round(clip.file.duration_seconds * clip.file.sample_rate), Fraction(clip.file.sample_rate)
    reference = otio.schema.ExternalReference(target_url=file_url(clip), available_range=_range(FrameRange(0, samples), sample_rate))
    reference.name = file_of(clip).name
    made = otio.schema.Clip(name=clip.name, media_reference=reference, source_range=_range(clip.source, rate))
    made.metadata["kling_post"] = {
        "clip_id": clip.clip_id,
        "reel": clip.reel,
        "sha256": clip.file.sha256,
        "gain_db": clip.gain_db,
        "fade_in_frames": clip.fade_in_frames,
        "fade_out_frames": clip.fade_out_frames,
    }
    return made


def _reference(clip: Clip | Alternate, rate: Fraction) -> "opentimelineio.schema.ExternalReference":
    """A take's file: its own rate and length, so that an NLE that probes it finds what it was told."""
    import opentimelineio as otio

    own_start = round(Fraction(source_start_frame(clip, rate)) / rate * clip.facts.rate)
    reference = otio.schema.ExternalReference(
        target_url=file_url(clip),
        available_range=_range(FrameRange(own_start, own_start + clip.facts.frames), clip.facts.rate),
    )
    reference.name = clip.path.name
    return reference


def _clip(place: Placed, rate: Fraction, *, picture: bool) -> "opentimelineio.schema.Clip":
    import opentimelineio as otio

    clip, offset = place.clip, place.source_start_frame
    # What is taken from the file begins where the speed has brought it; how long it is seen is the timeline's.
    start = otio.opentime.RationalTime(float(place.source.start * place.conform.speed + offset), float(rate))
    made = otio.schema.Clip(
        name=clip.name,
        media_reference=_reference(clip, rate),
        source_range=otio.opentime.TimeRange(start, _time(place.source.frames, rate)),
    )
    if clip.alternates:
        others = {alternate.name: _reference(alternate, rate) for alternate in clip.alternates}
        made.set_media_references({made.DEFAULT_MEDIA_KEY: _reference(clip, rate), **others}, made.DEFAULT_MEDIA_KEY)
    if place.conform.speed != 1:
        made.effects.append(otio.schema.LinearTimeWarp(name="Conform", time_scalar=float(place.conform.speed)))
    made.metadata["kling_post"] = _metadata(clip, place)
    if cdl := cdl_metadata(clip):
        made.metadata["cdl"] = cdl
    if picture:
        for marker in clip.markers:
            seen = visible(marker, clip)
            if seen is not None:
                made.markers.append(_marker(marker, _range(FrameRange(seen.start + offset, seen.stop + offset), rate)))
    return made


def _metadata(clip: Clip, place: Placed) -> dict[str, Any]:
    return {
        **dict(clip.metadata),
        "clip_id": clip.clip_id,
        "reel": clip.reel,
        "sha256": clip.facts.sha256,
        "join": clip.join.value,
        "gain_db": clip.gain_db,
        "sound_shift_frames": clip.sound_shift_frames,
        "speed": str(place.conform.speed),
        "cadence": clip.retime.cadence.value,
        "keeps_pitch": place.conform.keeps_pitch,
        "fit": clip.fit.value,
        "dialogue": [
            {"frames": [line.frames.start, line.frames.stop], "text": line.text, "speaker": line.speaker} for line in clip.dialogue
        ],
        "link_group": clip.clip_id,
        "conform": [*place.conform.notes],
    }


def _marker(marker: Marker, marked: "opentimelineio.opentime.TimeRange") -> "opentimelineio.schema.Marker":
    import opentimelineio as otio

    made = otio.schema.Marker(name=marker.name, marked_range=marked, color=_COLOURS[marker.severity])
    made.comment = marker.comment
    made.metadata["kling_post"] = {"severity": marker.severity.value}
    return made


def _range(frames: FrameRange, rate: Fraction) -> "opentimelineio.opentime.TimeRange":
    import opentimelineio as otio

    return otio.opentime.TimeRange(_time(frames.start, rate), _time(frames.frames, rate))


def _time(frame: int, rate: Fraction) -> "opentimelineio.opentime.RationalTime":
    import opentimelineio as otio

    return otio.opentime.RationalTime(frame, float(rate))
