"""The review reel: every clip of the edit behind a slate, with its findings burnt in where they happen, at proxy size.

MoviePy does what it is made for: titles, captions and sound put together on one time line. Nothing of it goes into the master.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kling_post.edit.conform import conform_clip, take_frames
from kling_post.edit.timeline import Clip, Timeline
from kling_post.progress import SILENT, Progress
from kling_post.reports.material import ReportMaterial
from kling_post.reports.slates import caption, slate, stamp
from kling_post.timebase import timecode
from kling_post.vocabulary import Finding, FrameRange, Judgement, Severity, Size

if TYPE_CHECKING:
    from moviepy import VideoClip

PROXY = Size(960, 540)
_SLATE_SECONDS = 1.5
_LEAST_CAPTION_SECONDS = 1.2
"""A flash of one frame must stay named for long enough to be read."""
_MOST_CAPTIONS = 3
"""Bars on the picture at the same time; the page has them all."""


def write_reel(material: ReportMaterial, path: Path, *, size: Size = PROXY, progress: Progress = SILENT) -> Path:
    """Write the reel as H.264 with AAC; it appears under its name only when it is whole.

    Args:
        material: The run.
        path: Ends in ``.mp4``.
        size: Of the picture; takes of another shape are boxed in.
        progress: Told of every frame written.

    Raises:
        MediaError: a take is missing.
        OSError: the folder cannot be written to.
    """
    from moviepy import concatenate_videoclips

    from kling_post.media.probe import probe

    for clip in material.timeline.clips:
        probe(clip.path)
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    with ExitStack() as open_files:
        scenes = [scene for clip in material.timeline.clips for scene in _scenes(clip, material, size, open_files)]
        reel = concatenate_videoclips(scenes)
        progress.start("review reel", round(reel.duration * material.timeline.rate))
        try:
            reel.write_videofile(
                str(part),
                fps=float(material.timeline.rate),
                codec="libx264",
                preset="veryfast",
                audio=reel.audio is not None,
                audio_codec="aac",
                audio_fps=48_000,
                temp_audiofile_path=str(path.parent),
                ffmpeg_params=["-crf", "23", "-pix_fmt", "yuv420p", "-movflags", "+faststart"],
                logger=_logger(progress),
            )
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    progress.finish(path.name)
    return path


def _scenes(clip: Clip, material: ReportMaterial, size: Size, open_files: ExitStack) -> Iterator["VideoClip"]:
    """The slate and the clip behind it."""
    from moviepy import ImageClip

    rate, shown = material.timeline.rate, take_frames(clip, material.timeline)
    item = next((item for item in material.takes if item.take.path == clip.path), None)
    findings = () if item is None else tuple(one for one in item.judgement.findings if one.frames is None or _meet(one.frames, shown))
    worst_first = sorted(findings, key=lambda one: (Severity.FAIL, Severity.REVIEW, Severity.INFO).index(one.severity))
    take = "" if item is None else f"take {item.take.task.take_number} of {item.take.backend}, "
    lines = [
        f"{take}{clip.path.name}, f{shown.start} to f{shown.stop - 1}",
        f"{timecode(material.timeline.start_frame + clip.record.start, rate)}, {float(clip.record.frames / rate):.2f} s",
        *(f"{finding.severity}: {finding.message}" for finding in worst_first),
    ]
    verdict = str(Judgement(findings=findings).verdict)
    card = slate(size, title=clip.clip_id, verdict=verdict, lines=lines)
    yield ImageClip(card, duration=_SLATE_SECONDS)
    yield _with_captions(clip, material.timeline, findings, size, open_files)


def _meet(one: FrameRange, other: FrameRange) -> bool:
    return one.start < other.stop and one.stop > other.start


def _with_captions(clip: Clip, timeline: Timeline, findings: tuple[Finding, ...], size: Size, open_files: ExitStack) -> "VideoClip":
    """The clip's picture and sound in the proxy's size, its name in the corner, its findings at the foot."""
    from moviepy import CompositeVideoClip, ImageClip, VideoFileClip

    source = VideoFileClip(str(clip.path), audio=clip.facts.audio is not None, target_resolution=_inside(clip.facts.size, size))
    open_files.callback(_close, source)
    shown_frames, speed = take_frames(clip, timeline), conform_clip(clip, timeline).speed
    begin, end = shown_frames.start / clip.facts.rate, shown_frames.stop / clip.facts.rate
    # The container's clock rounds; a hair less than the file keeps the last frame from being asked for twice.
    picture = source.subclipped(float(begin), min(float(end), source.duration))
    if speed != 1:
        picture = picture.with_speed_scaled(float(speed))
    label = stamp(size, clip.clip_id)
    # Upper right: takes of the previz carry their own label, which must stay readable, upper left.
    corner = (size.width - label.shape[1] - 12, 12)
    layers = [picture.with_position("center"), ImageClip(label, duration=picture.duration).with_position(corner)]
    shown = [finding for finding in findings if finding.frames is not None and finding.severity is not Severity.INFO]
    foot = float(size.height) - 10
    for finding in shown[:_MOST_CAPTIONS]:
        assert finding.frames is not None
        bar = caption(size, severity=str(finding.severity), text=f"f{finding.frames.start}  {finding.message}")
        foot -= bar.shape[0] + 4
        starts = max(0.0, float((finding.frames.start / clip.facts.rate - begin) / speed))
        lasts = max(_LEAST_CAPTION_SECONDS, float(finding.frames.frames / clip.facts.rate / speed))
        starts = min(starts, max(0.0, picture.duration - _LEAST_CAPTION_SECONDS))
        lasts = min(lasts, picture.duration - starts)
        layers.append(ImageClip(bar, duration=lasts).with_start(starts).with_position((0, foot)))
    return CompositeVideoClip(layers, size=(size.width, size.height)).with_duration(picture.duration)


def _close(source: Any) -> None:
    """Close a MoviePy source with its pipes, which MoviePy leaves open where ffmpeg has already ended by itself."""
    readers = [source.reader, getattr(source.audio, "reader", None)]
    pipes = [pipe for reader in readers if reader is not None and reader.proc for pipe in (reader.proc.stdout, reader.proc.stderr)]
    source.close()
    for pipe in pipes:
        pipe.close()


def _inside(picture: Size, box: Size) -> tuple[int, int]:
    """The largest even size of the picture's shape that fits into the box."""
    scale = min(Fraction(box.width, picture.width), Fraction(box.height, picture.height))
    return max(2, round(picture.width * scale / 2) * 2), max(2, round(picture.height * scale / 2) * 2)


def _logger(progress: Progress) -> Any:
    """MoviePy's own reporting, turned into ours."""
    from proglog import ProgressBarLogger  # type: ignore[import-untyped]

    class _Bridge(ProgressBarLogger):  # type: ignore[misc]
        def bars_callback(self, bar: str, attr: str, value: int, old_value: int | None = None) -> None:
            del old_value
            if bar == "frame_index" and attr == "index":
                progress.advance(value)

    return _Bridge()
