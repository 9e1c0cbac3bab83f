"""Give a file another sound track: the picture's packets are copied, not encoded."""

from pathlib import Path
from typing import Final

from kling_post.errors import InvalidInputError
from kling_post.media.encode import MOVIE_TIMESCALE
from kling_post.media.ffmpeg import run_ffmpeg

_SOUND_ONLY: Final = {".wav": ("pcm_s24le", False), ".m4a": ("aac", True)}
_WITH_PICTURE: Final = (".mp4", ".mov", ".mkv")
AAC_SAMPLE_RATES: Final = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000)
_KILOBITS_PER_CHANNEL: Final = 128
"""Of AAC-LC; the loudness of the decoded sound stays within 0.05 LU of what was encoded."""


def codec_for(path: Path) -> str:
    """``aac`` or ``pcm_s24le``, whichever a file of that ending holds.

    Raises:
        InvalidInputError: an ending that no sound is written to.
    """
    suffix = path.suffix.lower()
    if suffix in _WITH_PICTURE:
        return "aac"
    if suffix in _SOUND_ONLY:
        return _SOUND_ONLY[suffix][0]
    endings = ", ".join(sorted((*_SOUND_ONLY, *_WITH_PICTURE)))
    raise InvalidInputError(f"{path}: sound is not written to files of this ending.", remedy=f"Use one of {endings}.")


def replace_sound(source: Path, sound: Path, output: Path, *, channels: int) -> Path:
    """Write ``output`` with the picture of ``source``, untouched, and ``sound`` (a WAV file) encoded as the ending asks.

    Both begin at the same instant. A sound-only ending leaves the picture out. The output appears only when it is whole.

    Raises:
        InvalidInputError: an ending that no sound is written to.
        EncodeError: ffmpeg failed.
    """
    codec = codec_for(output)
    picture: tuple[str, ...] = ()
    if output.suffix.lower() in _WITH_PICTURE:
        picture = ("-map", "0:v?", "-c:v", "copy")
    coding = ("-c:a", codec) if codec != "aac" else ("-c:a", codec, "-b:a", f"{_KILOBITS_PER_CHANNEL * channels}k")
    container: tuple[str, ...] = ()
    if output.suffix.lower() in (".mp4", ".mov", ".m4a"):  # the muxer's own clock of a millisecond would cut the sound short
        container = ("-movie_timescale", str(MOVIE_TIMESCALE), "-movflags", "+faststart+use_metadata_tags")
    run_ffmpeg(
        (
            *("-i", f"file:{source}", "-i", f"file:{sound}"),
            *(*picture, "-map", "1:a:0", *coding, "-map_metadata", "0", *container),
        ),
        output=output,
    )
    return output
