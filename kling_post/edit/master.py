"""The finished programme: picture copied or encoded, sound mixed and brought to its target, in one file that is whole or not there.

Beside the master stand ``<name>.master.json`` (what it was made from and what it measures: with the same takes, the same edit and
the same target, nothing is made again) and the two files of ``provenance``; the edit itself is written by who knows its markers.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from kling_post.edit.conform import conform_clip
from kling_post.edit.finished import Master
from kling_post.edit.mix import Stereo, mixed_sound
from kling_post.edit.provenance import marks_of, write_provenance
from kling_post.edit.render import Picture, render_picture
from kling_post.edit.segments import clean_segments
from kling_post.edit.timeline import Clip, StemClip, Timeline
from kling_post.errors import EncodeError
from kling_post.media.disk import writing_into
from kling_post.media.encode import H264_MASTER, EncodeSettings
from kling_post.media.encode_sound import encode_aac
from kling_post.media.probe import file_sha256
from kling_post.media.sound import read_sound
from kling_post.media.splice import picture_index, splice
from kling_post.media.wav import write_wav
from kling_post.progress import SILENT, Progress
from kling_post.sound.delivery import DeliveredLoudness, deliver
from kling_post.sound.normalise import LimiterReport, TargetRefusedError
from kling_post.timebase import timecode
from kling_post.vocabulary import Loudness, LoudnessTarget
from kling_post.whole_files import part_path, publish

_VERSION: Final = 3
"""Raise it when the same edit would give another master: masters made before are then made anew."""


_LOWER_LU: Final = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24)
"""How far below a target that a programme cannot reach without harm to land instead; the first that does no harm."""


def render_master(
    timeline: Timeline,
    *,
    target: LoudnessTarget,
    folder: Path,
    quality: EncodeSettings = H264_MASTER,
    progress: Progress = SILENT,
) -> Master:
    """Make ``<folder>/<timeline name>.mp4``, or find it made.

    Work that is kept between runs lies in ``<folder>/.work``; it may be deleted at any time.

    Args:
        timeline: the edit.
        target: where the programme's loudness must land.
        folder: of the master.
        quality: encoder settings for what must be encoded.
        progress: told frames encoded, sound mixed, frames written.

    Raises:
        MediaError: a take is missing, has changed, or cannot be read.
        EncodeError: the encoder failed, the folder cannot be written to, the disk is full, or the file came out with other
            frames than planned.
        TargetRefusedError: not even a sound 24 LU below the target goes without harm.
    """
    path = folder / f"{file_stem(timeline.name)}.mp4"
    key = _key(timeline, target, quality)
    with writing_into(folder):
        master = _made_before(path, key)
        if master is None:
            master = _make(timeline, target, path, quality, progress)
            _remember(master, key)
        else:
            progress.start("master", timeline.frames)
            progress.advance(timeline.frames)
            progress.finish("nothing has changed: kept")
        write_provenance(timeline, master)
    return master


def _make(timeline: Timeline, target: LoudnessTarget, path: Path, quality: EncodeSettings, progress: Progress) -> Master:
    work = path.parent / ".work"
    work.mkdir(parents=True, exist_ok=True)
    picture = render_picture(timeline, cache_folder=work / "segments", quality=quality, progress=progress)
    delivered = _sound(timeline, target, work, quality.sound_kilobits, progress)
    master_timecode = timecode(timeline.start_frame, timeline.rate, drop_frame=timeline.drop_frame)
    tags = {"title": timeline.name, "comment": _comment(timeline, master_timecode)} | marks_of(timeline)
    try:
        splice(
            path,
            picture.stretches,
            rate=timeline.rate,
            sound=delivered.path,
            timecode=master_timecode,
            metadata=tags,
            progress=progress,
        )
    finally:
        delivered.path.unlink(missing_ok=True)
    _check_frames(path, timeline)
    clean_segments(work / "segments", keep={stretch.index.path for stretch in picture.stretches})
    return _master(path, timeline, picture, delivered)


def _comment(timeline: Timeline, first_timecode: str) -> str:
    makers = sorted({clip.metadata["backend"] for clip in timeline.clips if "backend" in clip.metadata})
    made = f", takes by {' and '.join(makers)}" if makers else ""
    return f"clips: {len(timeline.clips)}, frames: {timeline.frames}, from {first_timecode}{made}"


def _sound(timeline: Timeline, target: LoudnessTarget, work: Path, kilobits: int, progress: Progress) -> DeliveredLoudness:
    """Mix, normalise and encode the sound; the mix lies on disk, because normalising hears it several times."""
    mix, track = work / "mix.wav", work / "sound.m4a"
    progress.start("sound", round(timeline.frames / timeline.rate), "seconds")
    try:
        write_wav(mix, _told(mixed_sound(timeline), timeline.sample_rate, progress), timeline.sample_rate, bits=32)
        delivered = _delivered(mix, track, target, timeline.sample_rate, kilobits)
    finally:
        mix.unlink(missing_ok=True)
    progress.finish(f"{delivered.delivered.integrated_lufs:.1f} LUFS, {delivered.delivered.true_peak_dbtp:.1f} dBTP")
    return delivered


def _told(blocks: Iterator[Stereo], sample_rate: int, progress: Progress) -> Iterator[Stereo]:
    """The blocks, with the seconds that they make told."""
    samples = 0
    for block in blocks:
        yield block
        samples += len(block)
        progress.advance(samples // sample_rate)


def _delivered(mix: Path, track: Path, target: LoudnessTarget, sample_rate: int, kilobits: int) -> DeliveredLoudness:
    """The track at its target, or, where that would do harm, as near below it as goes without: an edit is not lost to its peaks."""
    refusal: TargetRefusedError | None = None
    for lower_lu in _LOWER_LU:
        try:
            delivered = deliver(
                lambda: read_sound(mix),
                sample_rate=sample_rate,
                target=replace(target, integrated_lufs=target.integrated_lufs - lower_lu),
                encode=lambda blocks: encode_aac(track, blocks, sample_rate, kilobits),
                decode=read_sound,
            )
        except TargetRefusedError as error:
            refusal = refusal or error
            continue
        if refusal is None:
            return delivered
        note = f"{refusal.message} It was brought to {delivered.delivered.integrated_lufs:.1f} LUFS instead."
        return replace(delivered, target=target, note=note)
    assert refusal is not None
    raise refusal


def _check_frames(path: Path, timeline: Timeline) -> None:
    """The file is believed only after its packets have been read back."""
    index = picture_index(path)
    if index is None or index.frames != timeline.frames or index.start != 0:
        found = "no even run of frames" if index is None else f"{index.frames} frames from {index.start}"
        path.unlink()
        raise EncodeError(f"{path}: came out with {found} where {timeline.frames} from 0 were planned; it was removed.")


def _master(path: Path, timeline: Timeline, picture: Picture, delivered: DeliveredLoudness) -> Master:
    notes = [f"{clip.clip_id} {note}" for clip in timeline.clips for note in conform_clip(clip, timeline).notes]
    return Master(
        path=path,
        sha256=file_sha256(path),
        frames=timeline.frames,
        loudness=delivered.delivered,
        source_loudness=delivered.source,
        target=delivered.target,
        gain_db=delivered.gain_db,
        limiter=delivered.limiter,
        copied_frames=picture.copied_frames,
        encoded_frames=picture.encoded_frames,
        notes=(*notes, *((delivered.note,) if delivered.note else ())),
    )


# ----------------------------------------------------------------------------------------------- made before?


def _key(timeline: Timeline, target: LoudnessTarget, quality: EncodeSettings) -> str:
    """The hash of everything that the master depends on."""
    content = {
        "version": _VERSION,
        "name": timeline.name,
        "rate": str(timeline.rate),
        "size": str(timeline.size),
        "start": [timeline.start_frame, timeline.drop_frame, timeline.sample_rate],
        "bit_depth": timeline.bit_depth,
        "clips": [_clip_key(clip) for clip in timeline.clips],
        "stems": [[_stem_key(clip) for clip in stem.clips] for stem in timeline.stems],
        "target": asdict(target),
        "quality": asdict(quality),
    }
    corrections = [
        [place, *(None if each is None else asdict(each) for each in (clip.picture_correction, clip.sound_correction))]
        for place, clip in enumerate(timeline.clips)
        if clip.picture_correction or clip.sound_correction
    ]
    if corrections:  # left out where there are none, so that masters made before this could be told stay
        content["corrections"] = corrections
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _clip_key(clip: Clip) -> list[object]:
    place = [clip.source.start, clip.source.stop, clip.record.start, clip.join, clip.dissolve_frames, clip.sound_shift_frames]
    return [clip.facts.sha256, *place, clip.gain_db, asdict(clip.retime), clip.fit]


def _stem_key(clip: StemClip) -> list[object]:
    fades = [clip.fade_in_frames, clip.fade_out_frames]
    return [clip.file.sha256, clip.source.start, clip.source.stop, clip.record.start, clip.gain_db, *fades]


def _note_path(path: Path) -> Path:
    return path.with_suffix(".master.json")


def _remember(master: Master, key: str) -> None:
    status = master.path.stat()
    content = {
        "key": key,
        "bytes": status.st_size,
        "modified_ns": status.st_mtime_ns,
        "master": asdict(master) | {"path": master.path.name},
    }
    note = _note_path(master.path)
    part = part_path(note)
    part.write_text(json.dumps(content, indent=1, default=str), encoding="utf-8")
    publish(part, note)


def _made_before(path: Path, key: str) -> Master | None:
    try:
        content = json.loads(_note_path(path).read_text(encoding="utf-8"))
        status = path.stat()
        if content["key"] != key or content["bytes"] != status.st_size:
            return None
        stored: dict[str, Any] = content["master"]
        if content["modified_ns"] != status.st_mtime_ns and file_sha256(path) != stored["sha256"]:
            return None
        return Master(
            **stored
            | {
                "path": path,
                "loudness": _loudness(stored["loudness"]),
                "source_loudness": _loudness(stored["source_loudness"]),
                "target": LoudnessTarget(**stored["target"]),
                "limiter": LimiterReport(**stored["limiter"]),
                "notes": tuple(stored["notes"]),
                "from_cache": True,
            }
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no note, or not one of ours: make it


def _loudness(stored: dict[str, Any]) -> Loudness:
    curves = {key: tuple(stored[key]) for key in ("momentary_lufs", "short_term_lufs")}
    return Loudness(**stored | curves)


def file_stem(name: str) -> str:
    """A file name without its ending that every system takes, from the edit's own name."""
    cleaned = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name).strip(" .")
    return cleaned or "master"
