"""What a file is: container, picture, timing, colour tags and sound, from its headers and packets.

Only the first picture is decoded, because rotation and interlacing are known for certain only there.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kling_post.errors import MediaError
from kling_post.media import color
from kling_post.media.container import open_media, picture_stream
from kling_post.media.timing import PictureTiming, picture_timing
from kling_post.vocabulary import AudioFacts, MediaFacts, Size

_BLOCK_BYTES = 1 << 20


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal; read in blocks of one mebibyte.

    Raises:
        MediaError: the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise MediaError(f"cannot be read: {error.strerror}.", path=path) from error
    return digest.hexdigest()


def probe(path: Path) -> MediaFacts:
    """What a media file is.

    ``rotation_degrees`` is the clockwise turn that a player applies (0, 90, 180 or 270); ``size`` is the size after it.

    Raises:
        MediaError: missing, empty, not media, no picture, cut off before its end, or its first picture cannot be decoded.
    """
    timing = picture_timing(path)
    _require_complete(path, timing)
    rate, constant = timing.rate()
    with open_media(path) as container:
        stream = picture_stream(container, path)
        start_timecode = _start_timecode(container, stream)
        picture = _first_picture(container, stream, path)
    with open_media(path) as container:
        stream = picture_stream(container, path)
        sound = next(iter(container.streams.audio), None)
        return MediaFacts(
            path=path,
            sha256=file_sha256(path),
            bytes=path.stat().st_size,
            container=_container_name(container),
            codec=stream.codec_context.codec.canonical_name,
            profile=stream.codec_context.profile or "",
            pixel_format=picture.pixel_format,
            bit_depth=picture.bit_depth,
            size=picture.size,
            sample_aspect=picture.sample_aspect,
            rotation_degrees=picture.rotation_degrees,
            rate=rate,
            constant_rate=constant,
            frames=timing.frames,
            start_seconds=_start_seconds(stream, timing),
            color_primaries=picture.color_primaries,
            color_transfer=picture.color_transfer,
            color_matrix=picture.color_matrix,
            color_range=color.range_name(picture.color_range),
            interlaced=picture.interlaced,
            start_timecode=start_timecode,
            audio=_audio_facts(container, sound) if sound else None,
        )


def display_rotation(frame: VideoFrame) -> int:
    """The clockwise turn, 0, 90, 180 or 270, that brings a stored picture upright; other angles count as none."""
    clockwise = -frame.rotation % 360
    return clockwise if clockwise % 90 == 0 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _FirstPicture:
    pixel_format: str
    bit_depth: int
    size: Size
    sample_aspect: Fraction
    rotation_degrees: int
    color_primaries: str
    color_transfer: str
    color_matrix: str
    color_range: int
    interlaced: bool


def _first_picture(container: InputContainer, stream: VideoStream, path: Path) -> _FirstPicture:
    frame = None
    try:
        frame = _first_decoded(container, stream)
    except av.error.FFmpegError as error:
        raise MediaError(
            "its first picture cannot be decoded.", path=path, remedy="The file is damaged or encrypted; fetch it again."
        ) from error
    if frame is None:
        raise MediaError("holds no picture that can be decoded.", path=path)
    context = stream.codec_context
    rotation = display_rotation(frame)
    width, height = frame.width, frame.height
    aspect = stream.sample_aspect_ratio or context.sample_aspect_ratio
    full_by_name = frame.format.name.startswith("yuvj")
    return _FirstPicture(
        pixel_format=frame.format.name,
        bit_depth=frame.format.components[0].bits,
        size=Size(height, width) if rotation in {90, 270} else Size(width, height),
        sample_aspect=Fraction(aspect) if aspect else Fraction(1),
        rotation_degrees=rotation,
        color_primaries=color.PRIMARIES.get(int(context.color_primaries), color.UNSPECIFIED),
        color_transfer=color.TRANSFERS.get(int(context.color_trc), color.UNSPECIFIED),
        color_matrix=color.MATRICES.get(int(context.colorspace), color.UNSPECIFIED),
        color_range=2 if full_by_name else int(context.color_range),
        interlaced=bool(frame.interlaced_frame),
    )


def _first_decoded(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    """The picture of the first packet alone: a decoder that is told that nothing follows need not wait for pictures to put in order."""
    for packet in container.demux(stream):
        frames = stream.decode(packet) or (stream.decode(None) if packet.size else [])
        if frames:
            return frames[0]
        stream.codec_context.flush_buffers()
    return None


def _require_complete(path: Path, timing: PictureTiming) -> None:
    if timing.frames == 0:
        raise MediaError("holds no picture.", path=path)
    if timing.stored_frames < timing.announced_frames:
        raise MediaError(
            f"cut off: {timing.stored_frames} of the {timing.announced_frames} pictures that its index promises are there.",
            path=path,
            remedy="Fetch the file again.",
        )


def _container_name(container: InputContainer) -> str:
    """``mp4`` and ``mov`` share a reader; the brand tells them apart."""
    name = container.format.name
    if name.startswith("mov,"):
        return "mov" if container.metadata.get("major_brand", "").strip() == "qt" else "mp4"
    return "webm" if name == "matroska,webm" and container.name.endswith(".webm") else name.split(",")[0]


def _start_seconds(stream: VideoStream, timing: PictureTiming) -> Fraction:
    if timing.presentation:
        return timing.presentation[0] * timing.time_base
    return (stream.start_time or 0) * timing.time_base


def _start_timecode(container: InputContainer, stream: VideoStream) -> str | None:
    places = (stream.metadata, *(other.metadata for other in container.streams), container.metadata)
    return next((place["timecode"] for place in places if place.get("timecode")), None)


def _audio_facts(container: InputContainer, stream: AudioStream) -> AudioFacts:
    """The sound stream's facts; its length is counted from packets, less the encoder's priming."""
    time_base = stream.time_base or Fraction(1, stream.rate or 48_000)
    start: int | None = None
    end: int | None = None
    for packet in container.demux(stream):
        if packet.size == 0 or packet.pts is None or packet.is_discard:
            continue
        start = packet.pts if start is None else min(start, packet.pts)
        end = max(end or 0, packet.pts + (packet.duration or 0))
    if stream.start_time is not None:
        start = stream.start_time
    known = start is not None and end is not None
    return AudioFacts(
        codec=stream.codec_context.codec.canonical_name,
        sample_rate=stream.codec_context.sample_rate,
        channels=stream.codec_context.channels,
        layout=stream.codec_context.layout.name,
        start_seconds=(start or 0) * time_base,
        duration_seconds=(end - start) * time_base if known and start is not None and end is not None else None,
    )
