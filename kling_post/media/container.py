"""Opening a media file safely: known containers only, local files only, and one sentence where it cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from kling_post.errors import MediaError

# Containers that hold their own media. Left out on purpose: playlists and lists of other files (hls, dash, concat, image
# sequences, sdp), which can point anywhere, and raw formats that would accept any bytes as picture.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mxf,avi,mpegts,mpeg,ogg,flv,ivf,nut,gif,yuv4mpegpipe,h264,hevc,vvc,obu,av1,m4v,mpegvideo,"
    "wav,w64,mp3,flac,aac,aiff,caf,au,ac3,eac3,opus,asf"
)
MAX_PIXELS = 8192 * 8192
"""Larger pictures are refused: a header of a few bytes can ask for gigabytes."""


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """The container of ``path``, closed at the end of the block.

    Only the file itself is ever read: formats that refer to other files are refused and every protocol but ``file`` is shut.
    Errors of the media library inside the block come out as ``MediaError``.

    Raises:
        MediaError: missing, not a file, empty, or not a container that this package reads.
    """
    _require_file(path)
    try:
        container = opened(path)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(
            "not a media file that can be read.", path=path, remedy="Bring MP4, MOV, MKV, WebM or MXF, complete and unencrypted."
        ) from error
    try:
        yield container
    except av.error.FFmpegError as error:
        raise MediaError(f"damaged: {describe(error)}.", path=path) from error
    finally:
        container.close()


def opened(path: Path) -> InputContainer:
    """The container, without decoding where it can tell everything by itself.

    To learn what streams hold, the media library decodes their first pictures: a tenth of a second each time that a 4K file is
    opened. MP4 and MOV say it in their headers, so that it may skip them; for the others it is worth its time.

    Raises:
        FFmpegError, OSError, ValueError: whatever the media library says.
    """
    address = f"file:{path}"
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
    container = av.open(address, options={**options, "skip_frame": "all"}, metadata_errors="replace")
    if container.format.name.startswith("mov,"):
        return container
    container.close()
    return av.open(address, options=options, metadata_errors="replace")


def picture_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first picture stream that is not a cover image.

    Raises:
        MediaError: there is none, its codec is not known, or its pictures are too large to be true.
    """
    for stream in container.streams.video:
        if stream.disposition & Disposition.attached_pic:
            continue
        try:
            width, height = stream.codec_context.width, stream.codec_context.height
        except AttributeError as error:  # PyAV gives streams of unknown codecs no codec context
            raise MediaError("its picture is in a codec that is not known here.", path=path) from error
        if width * height > MAX_PIXELS:
            raise MediaError(f"its picture claims {width}x{height} pixels, more than this package reads.", path=path)
        return stream
    holds = "sound but no picture" if container.streams.audio else "no picture"
    raise MediaError(f"holds {holds}.", path=path, remedy="Bring a file with a picture stream.")


def describe(error: av.error.FFmpegError) -> str:
    """The media library's reason in its own words, without its error number and the path."""
    return (error.strerror or type(error).__name__).strip().rstrip(".").lower()


def _require_file(path: Path) -> None:
    if not path.exists():
        raise MediaError("there is no such file.", path=path)
    if not path.is_file():
        raise MediaError("not a file.", path=path)
    if path.stat().st_size == 0:
        raise MediaError("empty: zero bytes.", path=path)
