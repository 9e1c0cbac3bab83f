"""Sound out of files as float32 blocks on the picture's clock, and into WAV files (``write_wav``).

Sample 0 is the instant of the first picture frame, so that ``timebase.frames_to_samples`` addresses the sound of any frame.
Encoder priming and edit lists are honoured by placing every decoded packet at its own timestamp; sound that starts late is
preceded by silence, sound that starts before the picture is cut, and a hole in the timestamps becomes silence of its length.
In a file without a picture, sample 0 is the first sample of the sound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kling_post.errors import MediaError
from kling_post.media.wav import write_wav

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

__all__ = ["BLOCK_SAMPLES", "Samples", "SoundFormat", "read_sound", "read_sound_whole", "sound_format", "write_wav"]

Samples = NDArray[np.float32]
"""Sound as (samples, channels), full scale at 1.0, channels in the order of the file's layout (L R C LFE Ls Rs)."""

BLOCK_SAMPLES = 32_768
"""Two thirds of a second at 48 kHz: what is done to a block stays in the processor's cache."""
_HOLE_SECONDS = 0.005
"""Timestamps that miss their place by less are rounding of the container's clock (Matroska counts milliseconds), not holes."""
_MOST_HOLE_SECONDS = 3600
"""A longer one is damage."""
_RESAMPLER = "filter_size=256:filter_type=kaiser:kaiser_beta=14:cutoff=0.97:exact_rational=1:linear_interp=0:phase_shift=10"
"""512 taps, Kaiser 14: flat to 0.97 of the lower Nyquist, distortion of a sine below -135 dB, no delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFormat:
    """What the decoder delivers, which for HE-AAC is not what the container says."""

    sample_rate: int
    channels: int
    layout: str
    """FFmpeg's name: ``mono``, ``stereo``, ``5.1(side)``."""


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


def read_sound(path: Path, *, sample_rate: int | None = None, start: int = 0, stop: int | None = None) -> Iterator[Samples]:
    """The first sound stream in blocks of up to ``BLOCK_SAMPLES``, float32 (samples, channels), sample 0 at the picture's start.

    Args:
        path: Any audio or video file.
        sample_rate: Resample to this rate; None keeps the file's own (``sound_format`` tells it).
        start: First sample to deliver, at the delivered rate.
        stop: End of the samples to deliver; silence fills up to it where the sound is shorter. None: to the sound's end.

    Yields:
        One block after the other. Nothing at all, not even silence, where the file has no sound.

    Raises:
        MediaError: the file cannot be opened, or its sound breaks off while decoding.
    """
    blocks = _aligned(path)
    if sample_rate is not None:
        blocks = _resampled(blocks, sample_rate)
    return _gathered(_cut(blocks, start, stop))


def read_sound_whole(path: Path, *, sample_rate: int | None = None, start: int = 0, stop: int | None = None) -> Samples:
    """All that ``read_sound`` yields as one array; shape (0, 0) where the file has no sound."""
    blocks = list(read_sound(path, sample_rate=sample_rate, start=start, stop=stop))
    return np.concatenate(blocks) if blocks else np.zeros((0, 0), np.float32)


# ----------------------------------------------------------------------------------------------- decoding


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


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Decoded samples that follow the ones before without a hole."""

    samples: Samples
    format: SoundFormat


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


def _aligned(path: Path) -> Iterator[_Stretch]:
    """Decoded frames in order, holes filled, beginning at the picture's start."""
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
                    yield _Stretch(piece, known)
        except av.error.FFmpegError as error:
            raise _damaged(path, error, position / known.sample_rate if known else 0.0) from error


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


# ----------------------------------------------------------------------------------------------- shaping the flow


def _resampled(stretches: Iterator[_Stretch], sample_rate: int) -> Iterator[_Stretch]:
    first = next(stretches, None)
    if first is None:
        return
    if first.format.sample_rate == sample_rate:
        yield first
        yield from stretches
        return
    target = SoundFormat(sample_rate=sample_rate, channels=first.format.channels, layout=first.format.layout)
    for samples in _through_resampler(first, stretches, target):
        yield _Stretch(samples, target)


def _through_resampler(first: _Stretch, rest: Iterator[_Stretch], target: SoundFormat) -> Iterator[Samples]:
    from av import AudioFrame
    from av.error import BlockingIOError as NothingYet
    from av.error import EOFError as Drained
    from av.filter import Graph

    source = first.format
    graph = Graph()
    entry = graph.add_abuffer(
        sample_rate=source.sample_rate, format="fltp", layout=source.layout, time_base=Fraction(1, source.sample_rate)
    )
    resampler = graph.add("aresample", f"{target.sample_rate}:{_RESAMPLER}")
    outlet = graph.add("abuffersink")
    entry.link_to(resampler)
    resampler.link_to(outlet)
    graph.configure()

    def drain() -> Iterator[Samples]:
        while True:
            try:
                pulled = graph.pull()
            except (NothingYet, Drained):
                return
            assert isinstance(pulled, AudioFrame)
            yield np.ascontiguousarray(pulled.to_ndarray().T, np.float32)

    position = 0
    for stretch in _chained(first, rest):
        planes = np.ascontiguousarray(stretch.samples.T)
        frame = AudioFrame.from_ndarray(planes, format="fltp", layout=source.layout)
        frame.sample_rate, frame.pts, frame.time_base = source.sample_rate, position, Fraction(1, source.sample_rate)
        position += planes.shape[1]
        graph.push(frame)
        yield from drain()
    graph.push(None)
    yield from drain()


def _chained(first: _Stretch, rest: Iterator[_Stretch]) -> Iterator[_Stretch]:
    yield first
    yield from rest


def _cut(stretches: Iterator[_Stretch], start: int, stop: int | None) -> Iterator[Samples]:
    """Samples ``start`` up to ``stop``, with silence up to ``stop`` where they end before it."""
    position, channels = 0, 0
    for stretch in stretches:
        samples, channels = stretch.samples, stretch.format.channels
        end = len(samples) if stop is None else stop - position
        piece = samples[max(0, start - position) : max(0, end)]
        position += len(samples)
        if len(piece):
            yield piece
        if stop is not None and position >= stop:
            return
    if channels and stop is not None:
        yield np.zeros((stop - max(position, start), channels), np.float32)


def _gathered(pieces: Iterator[Samples]) -> Iterator[Samples]:
    """Codec frames of a thousand samples, joined to blocks that are worth a call."""
    waiting: list[Samples] = []
    count = 0
    for piece in pieces:
        for begin in range(0, len(piece), BLOCK_SAMPLES):
            waiting.append(piece[begin : begin + BLOCK_SAMPLES])
            count += len(waiting[-1])
            if count >= BLOCK_SAMPLES:
                joined = np.concatenate(waiting)
                yield joined[:BLOCK_SAMPLES]
                waiting, count = [joined[BLOCK_SAMPLES:]], count - BLOCK_SAMPLES
    if count:
        yield np.concatenate(waiting)
