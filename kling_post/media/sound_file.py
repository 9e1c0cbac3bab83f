"""What a sound file is, for the stems of an edit: counted once for each state of the file."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from kling_post.errors import MediaError
from kling_post.media.probe import file_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFile:
    """A file whose sound is used, and nothing else of it."""

    path: Path
    sha256: str
    bytes: int
    codec: str
    sample_rate: int
    channels: int
    duration_seconds: Fraction
    """As the container declares it."""


def sound_file(path: Path) -> SoundFile:
    """The facts of a file with sound.

    Raises:
        MediaError: missing, not media, without sound, or of unknown length.
    """
    if not path.is_file():
        raise MediaError("there is no such file.", path=path)
    status = path.stat()
    return _sound_file(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _sound_file(path: Path, size: int, _modified_ns: int) -> SoundFile:
    import av

    from kling_post.media.container import opened

    try:
        with opened(path) as container:
            if not container.streams.audio:
                raise MediaError("has no sound.", path=path, remedy="Give a file with sound: WAV, AIFF, FLAC, MP3, M4A or a movie.")
            stream = container.streams.audio[0]
            seconds = _seconds(stream.duration, stream.time_base) or _seconds(container.duration, Fraction(1, 1_000_000))
            codec, sample_rate, channels = stream.codec_context.name, stream.codec_context.sample_rate, stream.codec_context.channels
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(f"cannot be opened as media ({error}).", path=path, remedy="Give a sound file.") from error
    if not seconds or not sample_rate:
        raise MediaError("does not say how long its sound is.", path=path, remedy="Convert it to WAV.")
    return SoundFile(
        path=path,
        sha256=file_sha256(path),
        bytes=size,
        codec=codec,
        sample_rate=sample_rate,
        channels=channels,
        duration_seconds=seconds,
    )


def _seconds(ticks: int | None, tick: Fraction | None) -> Fraction | None:
    return None if ticks is None or tick is None or ticks <= 0 else ticks * tick
