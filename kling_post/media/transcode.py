"""One file in, the same frames out in another codec: converted to BT.709 limited range, tagged, with the same count, rate and timecode.

The filter graph and the arguments are built with ffmpeg-python; the process is ours (``run_ffmpeg``), so that it never outlives us
and nothing half-written stays.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from kling_post.errors import InvalidInputError
from kling_post.media.color import UNSPECIFIED, luma_weights
from kling_post.media.encode import MOVIE_TIMESCALE, track_timescale
from kling_post.media.ffmpeg import run_ffmpeg
from kling_post.media.sound import Samples, read_sound, write_wav
from kling_post.progress import SILENT, Progress
from kling_post.timebase import frames_to_samples, nominal_rate
from kling_post.vocabulary import MediaFacts, Size
from kling_post.whole_files import part_path

SAMPLE_RATE: Final = 48_000

_SCALER: Final = "accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"
"""Exact rounding and whole chroma; the scaler's fast paths are off by up to two code values."""
_BT601: Final = frozenset({"smpte170m", "bt470bg", "fcc", "smpte240m"})
_HIGH_DYNAMIC_RANGE: Final = {"arib-std-b67": "HLG", "smpte2084": "PQ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How a file is written. Option values may hold ``{half_gop}``, ``{gop}``, ``{two_gop}``: the frames of a half, one, two seconds."""

    suffix: str
    """Of the file: the container."""
    video: Mapping[str, str]
    """Ffmpeg's options of the picture, without the dash: ``{"c:v": "prores_ks", "profile:v": "3"}``."""
    pixel_format: str
    sound: Mapping[str, str] = field(default_factory=dict)
    """Ffmpeg's options of the sound; empty leaves the sound out."""
    copies_sound: str = ""
    """A codec that is taken over as it is, where the source's sound is in it at 48 kHz already."""
    has_timecode: bool = True
    scale: Fraction = Fraction(1)
    """Of width and height."""
    smallest: Size = field(default_factory=lambda: Size(2, 2))
    """What the codec needs at least."""

    def size(self, source: Size) -> Size:
        """Of the written picture: even in both directions."""
        if self.scale == 1:
            return source
        return Size(max(2, round(source.width * self.scale / 2) * 2), max(2, round(source.height * self.scale / 2) * 2))


def transcode(
    facts: MediaFacts,
    output: Path,
    coding: Coding,
    *,
    more: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> Path:
    """Write ``output`` from the file that ``facts`` describe; it appears only when it is whole.

    Frame ``n`` of the output is frame ``n`` of the source. The sound is cut or filled with silence to the picture's length.

    Args:
        facts: of the source.
        output: with the coding's ending.
        coding: how to write it.
        more: ffmpeg options that stand in place of the coding's own, already checked.
        tags: of the container, besides those that the source has.
        progress: told the frames written.

    Raises:
        InvalidInputError: a variable rate, high dynamic range, or a size that the codec cannot hold.
        EncodeError: ffmpeg failed.
    """
    _refuse(facts, coding)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".sound-", dir=output.parent) as folder:
        sound = None
        if coding.sound and facts.audio is not None:
            copied = "b:a" not in (more or {}) and _sound_is_copied(facts, coding)
            sound = facts.path if copied else _exact_sound(facts, Path(folder) / "sound.wav")
        arguments = transcode_arguments(facts, output, coding, sound=sound, more=more or {}, tags=tags or {})
        run_ffmpeg(arguments, output=output, progress=progress, total_frames=facts.frames, label=f"encode {output.name}")
    return output


def transcode_arguments(
    facts: MediaFacts,
    output: Path,
    coding: Coding,
    *,
    sound: Path | None = None,
    more: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Everything behind the program's name and before the output file."""
    import ffmpeg

    source = ffmpeg.input(f"file:{facts.path}")
    streams = [converted(source["V:0"], facts, coding)]
    if sound == facts.path:
        streams.append(source["a:0"])
    elif sound is not None:
        streams.append(ffmpeg.input(f"file:{sound}")["a:0"])
    options = _tuned(_options(facts, output, coding, copied=sound == facts.path), more or {})
    said = dict(tags or {}) | ({} if coding.has_timecode else {"timecode": ""})
    if sound is None:
        options = {name: value for name, value in options.items() if not name.endswith(":a")}
    command: list[str] = ffmpeg.output(*streams, f"file:{part_path(output)}", **options).compile()
    # ffmpeg-python can give an option once only, and this one comes once for each tag.
    return (*command[1:-1], *(word for name, value in said.items() for word in ("-metadata", f"{name}={value}")))


def converted(picture: Any, facts: MediaFacts, coding: Coding, *, tagged: Literal["bt709", "srgb"] = "bt709") -> Any:
    """The picture stream in the coding's size and pixel format, BT.709, limited range (full for RGB), with its tags.

    A source without tags is BT.709 limited range (BT.601 below 720 lines), as everywhere in this package.
    """
    size = coding.size(facts.size)
    rgb = coding.pixel_format.startswith(("rgb", "gbr"))
    picture = picture.filter("setpts", "PTS-STARTPTS")
    scaling: dict[str, str | int] = {"w": size.width, "h": size.height, "flags": f"{'area' if coding.scale < 1 else 'bicubic'}+{_SCALER}"}
    if not _is_rgb(facts):
        scaling |= {"in_color_matrix": source_matrix(facts), "in_range": "full" if facts.color_range == "full" else "limited"}
    scaling |= {"out_range": "full"} if rgb else {"out_color_matrix": "bt709", "out_range": "limited"}
    picture = picture.filter("scale", **scaling).filter("format", pix_fmts=coding.pixel_format)
    if coding.scale != 1:  # rounding to even sizes must not leave an aspect of 1001/1000 behind
        picture = picture.filter("setsar", f"{facts.sample_aspect.numerator}/{facts.sample_aspect.denominator}")
    transfer = "iec61966-2-1" if tagged == "srgb" else "bt709"
    matrix = {"colorspace": "gbr", "range": "pc"} if rgb else {"colorspace": "bt709", "range": "tv"}
    return picture.filter("setparams", color_primaries="bt709", color_trc=transfer, **matrix)


def source_matrix(facts: MediaFacts) -> str:
    """The matrix that the source's YCbCr is to be read with: ``bt709``, ``bt601`` or its own."""
    if facts.color_matrix in {"", UNSPECIFIED, "unknown", "reserved"}:
        return "bt709" if luma_weights(UNSPECIFIED, height=facts.size.height) == luma_weights("bt709", height=0) else "bt601"
    if facts.color_matrix in _BT601:
        return {"smpte240m": "smpte240m", "fcc": "fcc"}.get(facts.color_matrix, "bt601")
    return "bt2020" if facts.color_matrix.startswith("bt2020") else "bt709"


def _options(facts: MediaFacts, output: Path, coding: Coding, *, copied: bool) -> dict[str, str]:
    gop = max(2, nominal_rate(facts.rate))
    filled = {name: value.format(gop=gop, half_gop=gop // 2, two_gop=2 * gop) for name, value in coding.video.items()}
    options = filled | {"fps_mode": "passthrough", "map_metadata": "0", "map_metadata:s:v": "-1"}
    options |= {"c:a": "copy"} if copied else dict(coding.sound)
    if output.suffix in {".mp4", ".mov"}:
        clocks = {"video_track_timescale": str(track_timescale(facts.rate)), "movie_timescale": str(MOVIE_TIMESCALE)}
        options |= clocks | {"movflags": "+faststart+use_metadata_tags"}
        if coding.has_timecode:
            options["timecode"] = facts.start_timecode or "00:00:00:00"
        else:
            options["write_tmcd"] = "0"
    return options


def _tuned(options: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """The options with others in their place; lists of an encoder's own parameters are joined, where the last word counts."""
    tuned = dict(options)
    if {"b:v", "qp"} & more.keys():  # a bit rate beside a constant quality would be ignored
        tuned.pop("crf", None)
    for name, value in more.items():
        tuned[name] = f"{tuned[name]}:{value}" if name.endswith("-params") and name in tuned else value
    return tuned


def _is_rgb(facts: MediaFacts) -> bool:
    return facts.color_matrix == "gbr" or facts.pixel_format.startswith(("rgb", "bgr", "gbr", "argb", "abgr", "pal8"))


def _sound_is_copied(facts: MediaFacts, coding: Coding) -> bool:
    """Whether the sound needs nothing: right codec, right rate, from the picture's first instant to its last."""
    audio = facts.audio
    if audio is None or audio.codec != coding.copies_sound or audio.sample_rate != SAMPLE_RATE or facts.container not in {"mp4", "mov"}:
        return False
    length = None if audio.duration_seconds is None else round(audio.duration_seconds * SAMPLE_RATE)
    return audio.start_seconds == facts.start_seconds == 0 and length == frames_to_samples(facts.frames, facts.rate, SAMPLE_RATE)


def _exact_sound(facts: MediaFacts, path: Path) -> Path:
    """The source's sound as a WAV of exactly the picture's length at 48 kHz."""
    stop = frames_to_samples(facts.frames, facts.rate, SAMPLE_RATE)

    def blocks() -> Iterator[Samples]:
        given = 0
        for block in read_sound(facts.path, sample_rate=SAMPLE_RATE, stop=stop):
            given += len(block)
            yield block
        assert facts.audio is not None
        if given < stop:
            yield np.zeros((stop - given, facts.audio.channels), np.float32)

    return write_wav(path, blocks(), SAMPLE_RATE, bits=32)


def _refuse(facts: MediaFacts, coding: Coding) -> None:
    if not facts.constant_rate:
        raise InvalidInputError(
            f"{facts.path}: has a variable frame rate.", remedy="Assemble it first: the master has every frame in its place."
        )
    transfer = _HIGH_DYNAMIC_RANGE.get(facts.color_transfer)
    if transfer is not None:
        raise InvalidInputError(
            f"{facts.path}: is high dynamic range ({transfer}); all profiles are BT.709.",
            remedy="Convert it to BT.709 with the look that you want first.",
        )
    size = coding.size(facts.size)
    if size.width < coding.smallest.width or size.height < coding.smallest.height:
        raise InvalidInputError(f"{facts.path}: {size} is smaller than {coding.smallest}, the least that this codec takes.")
    if any(length % step for length, step in zip((size.width, size.height), _steps(coding.pixel_format), strict=True)):
        raise InvalidInputError(f"{facts.path}: {size} cannot be written as {coding.pixel_format}, which needs even lengths.")


def _steps(pixel_format: str) -> Sequence[int]:
    """How many luma samples a chroma sample spans, across and down."""
    return (2, 2) if "420" in pixel_format else (2, 1) if "422" in pixel_format else (1, 1)
