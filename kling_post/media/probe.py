"""What a file is: container, picture, timing, colour tags and sound, from its headers and packets.

Only the first picture is decoded, because rotation and interlacing are known for certain only there.
"""

import hashlib
from collections.abc import Callable
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
from kling_post.media.first_picture import FirstPicture, first_picture_of
from kling_post.media.timing import PictureTiming, picture_timing
from kling_post.vocabulary import AudioFacts, MediaFacts

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


def probe(path: Path, *, known: Callable[[], FirstPicture | None] | None = None) -> MediaFacts:
    """What a media file is.

    ``rotation_degrees`` is the clockwise turn that a player applies (0, 90, 180 or 270); ``size`` is the size after it.

    Args:
        path: The file.
        known: What the first picture shows where somebody decodes the file already; asked last, as it may have to wait. None, or
            where it gives None, decodes the first picture here.

    Raises:
        MediaError: missing, empty, not media, no picture, cut off before its end, or its first picture cannot be decoded.
    """
    timing = picture_timing(path)
    _require_complete(path, timing)
    rate, constant = timing.rate()
    sha256 = file_sha256(path)
    picture = known() if known else None
    if picture is None:
        with open_media(path) as container:
            picture = _first_picture(container, picture_stream(container, path), path)
    with open_media(path) as container:
        stream = picture_stream(container, path)
        sound = next(iter(container.streams.audio), None)
        start_timecode = _start_timecode(container, stream)
        return MediaFacts(
            path=path,
            sha256=sha256,
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


def _first_picture(container: InputContainer, stream: VideoStream, path: Path) -> FirstPicture:
    frame = None
    try:
        frame = _first_decoded(container, stream)
    except av.error.FFmpegError as error:
        raise MediaError(
            "its first picture cannot be decoded.", path=path, remedy="The file is damaged or encrypted; fetch it again."
        ) from error
    if frame is None:
        raise MediaError("holds no picture that can be decoded.", path=path)
    return first_picture_of(frame, stream)


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
