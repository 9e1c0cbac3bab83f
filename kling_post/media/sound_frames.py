"""Decoded sound placed on the picture's clock: every packet at its own timestamp, holes filled, what lies before the picture cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kling_post.errors import MediaError

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

Samples = NDArray[np.float32]
"""Sound as (samples, channels), full scale at 1.0, channels in the order of the file's layout (L R C LFE Ls Rs)."""

_HOLE_SECONDS = 0.005
"""Timestamps that miss their place by less are rounding of the container's clock (Matroska counts milliseconds), not holes."""
_MOST_HOLE_SECONDS = 3600
"""A longer one is damage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFormat:
    """What the decoder delivers, which for HE-AAC is not what the container says."""

    sample_rate: int
    channels: int
    layout: str
    """FFmpeg's name: ``mono``, ``stereo``, ``5.1(side)``."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Decoded samples that follow the ones before without a hole."""

    samples: Samples
    format: SoundFormat


def sound_format(path: Path) -> SoundFormat | None:
    """The format of the first sound stream, from its first decoded frame; None where there is no sound.

    Raises:
        MediaError: the file cannot be opened, or its sound cannot be decoded.
    """
    import av

    try:
        with _opened(path) as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            frame = next(iter(container.decode(stream)), None)
            return None if frame is None else _format_of(frame)
    except av.error.FFmpegError as error:
        raise _damaged(path, error) from error


def aligned(path: Path) -> Iterator[Stretch]:
    """Decoded frames of the first sound stream in order, holes filled, beginning at the picture's start.

    Raises:
        MediaError: the file cannot be opened, or its sound breaks off while decoding.
    """
    import av

    with _opened(path) as container:
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        position, known, clock, stop = 0, None, None, None
        try:
            for frame, following in _with_next(container.decode(stream)):
                if known is None:
                    known, clock, stop = _format_of(frame), *_bounds(container, stream, frame)
                elif (frame.sample_rate, frame.layout.name) != (known.sample_rate, known.layout):
                    raise MediaError(f"its sound changes from {known} to {_format_of(frame)} on the way.", path=path)
                samples = _as_float(frame, path)
                place = position if clock is None or frame.pts is None else clock.sample(frame.pts)
                if position and clock is not None and _stands_alone(following, clock, position + len(samples)):
                    place = position
                # A declared end more than one frame early is a wrong declaration, not padding.
                if stop is not None and 0 < stop - place < len(samples):
                    samples = samples[: stop - place]
                for piece in _placed(samples, place - position, known.sample_rate, path, at_head=position == 0):
                    position += len(piece)
                    yield Stretch(piece, known)
        except av.error.FFmpegError as error:
            raise _damaged(path, error, position / known.sample_rate if known else 0.0) from error


def _opened(path: Path) -> "InputContainer":
    import av

    from kling_post.media.container import opened

    if not path.is_file():
        raise MediaError("there is no such file.", path=path)
    try:
        return opened(path)
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(f"cannot be opened as media ({error}).", path=path, remedy="Give a video or sound file.") from error


def _damaged(path: Path, error: Exception, seconds: float = 0.0) -> MediaError:
    return MediaError(f"its sound cannot be decoded after {seconds:.2f} s ({error}).", path=path, remedy="Fetch or export the file again.")


def _format_of(frame: "AudioFrame") -> SoundFormat:
    return SoundFormat(sample_rate=frame.sample_rate, channels=frame.layout.nb_channels, layout=frame.layout.name)


class _Clock:
    """Sample numbers of timestamps, from the picture's start on; whole numbers only, because it is asked for every packet."""

    def __init__(self, origin: Fraction, time_base: Fraction, sample_rate: int) -> None:
        per_tick, before = time_base * sample_rate, origin * sample_rate
        self._numerator = per_tick.numerator * before.denominator
        self._before = before.numerator * per_tick.denominator
        self._denominator = per_tick.denominator * before.denominator

    def sample(self, ticks: int) -> int:
        """The sample nearest to a timestamp."""
        return (2 * (ticks * self._numerator - self._before) + self._denominator) // (2 * self._denominator)


def _with_next(frames: "Iterator[AudioFrame]") -> "Iterator[tuple[AudioFrame, AudioFrame | None]]":
    """Every frame with the one behind it; an error of the decoder comes after the last whole frame."""
    import av

    held = broken = None
    while broken is None:
        try:
            frame = next(frames, None)
        except av.error.FFmpegError as error:
            frame, broken = None, error
        if held is not None:
            yield held, frame
        held = frame
        if frame is None:
            break
    if broken is not None:
        raise broken


def _stands_alone(following: "AudioFrame | None", clock: _Clock, end: int) -> bool:
    """Whether the next frame follows ``end``: what this one's own timestamp says is then no hole (Vorbis misdates its short blocks)."""
    if following is None or following.pts is None:
        return False
    return abs(clock.sample(following.pts) - end) <= _HOLE_SECONDS * following.sample_rate


def _bounds(container: "InputContainer", stream: "AudioStream", first: "AudioFrame") -> tuple[_Clock | None, int | None]:
    """The clock of the picture, or of the sound itself where there is none, and the sample where the sound is declared to end."""
    if first.time_base is None:
        return None, None
    origin = _picture_start(container)
    if origin is None:
        origin = (first.pts or 0) * first.time_base
    clock = _Clock(origin, first.time_base, first.sample_rate)
    stop = _declared_stop(container, stream)
    return clock, None if stop is None else round((stop - origin) * first.sample_rate)


def _placed(samples: Samples, hole: int, sample_rate: int, path: Path, *, at_head: bool) -> Iterator[Samples]:
    """The frame's samples, after silence if they belong ``hole`` samples later, cut if they began before what is there already."""
    # At the head every sample counts; later only what no rounding of timestamps explains.
    if at_head or abs(hole) > _HOLE_SECONDS * sample_rate:
        if hole > _MOST_HOLE_SECONDS * sample_rate:
            raise MediaError(f"its sound's timestamps jump by {hole / sample_rate:.0f} s.", path=path, remedy="Export the file again.")
        if hole > 0:
            yield np.zeros((hole, samples.shape[1]), np.float32)
        else:
            samples = samples[-hole:]
    if len(samples):
        yield samples


def _picture_start(container: "InputContainer") -> Fraction | None:
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.time_base is not None:
            return (stream.start_time or 0) * stream.time_base
    return None


def _declared_stop(container: "InputContainer", stream: "AudioStream") -> Fraction | None:
    # Only the MP4 family states a sound length that excludes the padding of the last frame.
    if "mp4" not in container.format.name or stream.duration is None or stream.time_base is None:
        return None
    return ((stream.start_time or 0) + stream.duration) * stream.time_base


def _as_float(frame: "AudioFrame", path: Path) -> Samples:
    stored: NDArray[Any] = frame.to_ndarray()
    samples = stored.T if frame.format.is_planar else stored.reshape(-1, frame.layout.nb_channels)
    if samples.dtype.kind == "f":
        if not np.isfinite(samples.max(initial=0) - samples.min(initial=0)):
            raise MediaError("its sound holds samples that are not numbers.", path=path, remedy="Export the file again.")
        return np.asarray(samples, np.float32)
    if samples.dtype == np.uint8:
        return np.asarray((samples.astype(np.float32) - 128) / 128, np.float32)
    scale = np.float32(-1 / float(np.iinfo(samples.dtype).min))
    return np.asarray(np.multiply(samples, scale, dtype=np.float32, casting="unsafe"), np.float32)
