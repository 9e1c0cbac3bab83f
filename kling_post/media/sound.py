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

BLOCK_SAMPLES = 65_536
_HOLE_SECONDS = Fraction(1, 200)
"""Timestamps that miss their place by less are rounding of the container's clock (Matroska counts milliseconds), not holes."""
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
    """The first sound stream in blocks of about a second, float32 (samples, channels), sample 0 at the picture's start.

    Args:
        path: Any audio or video file.
        sample_rate: Resample to this rate; None keeps the file's own (``sound_format`` tells it).
        start: First sample to deliver, at the delivered rate.
        stop: End of the samples to deliver; silence fills up to it where the sound is shorter. None: to the sound's end.

    Yields:
        Blocks of up to ``BLOCK_SAMPLES``. Nothing at all, not even silence, where the file has no sound.

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

    if not path.is_file():
        raise MediaError("there is no such file.", path=path)
    try:
        return av.open(str(path), metadata_errors="replace")
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


def _aligned(path: Path) -> Iterator[_Stretch]:
    """Decoded frames in order, holes filled, beginning at the picture's start."""
    import av

    with _opened(path) as container:
        if not container.streams.audio:
            return
        stream = container.streams.audio[0]
        origin, stop = _picture_start(container), _declared_stop(container, stream)
        position, known = 0, None
        try:
            for frame in container.decode(stream):
                found = _format_of(frame)
                if known is None:
                    known = found
                    if origin is None:
                        origin = _seconds(frame) or Fraction(0)
                elif known != found:
                    raise MediaError(f"its sound changes from {known} to {found} on the way.", path=path)
                assert origin is not None
                samples = _trimmed_end(_as_float(frame), frame, stop)
                if not np.isfinite(samples.max(initial=0) - samples.min(initial=0)):
                    raise MediaError("its sound holds samples that are not numbers.", path=path, remedy="Export the file again.")
                for piece in _placed(samples, frame, origin, position):
                    position += len(piece)
                    yield _Stretch(piece, known)
        except av.error.FFmpegError as error:
            raise _damaged(path, error, position / known.sample_rate if known else 0.0) from error


def _placed(samples: Samples, frame: "AudioFrame", origin: Fraction, position: int) -> Iterator[Samples]:
    """The frame's samples, after silence if they belong later than ``position``, cut if they began before it."""
    seconds = _seconds(frame)
    hole = 0 if seconds is None else round((seconds - origin) * frame.sample_rate) - position
    # At the head every sample counts; later only what no rounding of timestamps explains.
    if position == 0 or abs(hole) > _HOLE_SECONDS * frame.sample_rate:
        if hole > 0:
            yield np.zeros((hole, samples.shape[1]), np.float32)
        else:
            samples = samples[-hole:]
    if len(samples):
        yield samples


def _trimmed_end(samples: Samples, frame: "AudioFrame", stop: Fraction | None) -> Samples:
    """Without the encoder's padding: the part of the last frame that lies behind the stream's declared end."""
    seconds = _seconds(frame)
    if stop is None or seconds is None:
        return samples
    kept = round((stop - seconds) * frame.sample_rate)
    # A declared end more than one frame early is a wrong declaration, not padding.
    return samples[:kept] if 0 < kept < len(samples) else samples


def _seconds(frame: "AudioFrame") -> Fraction | None:
    return None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base


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


def _as_float(frame: "AudioFrame") -> Samples:
    stored: NDArray[Any] = frame.to_ndarray()
    channels = frame.layout.nb_channels
    samples = stored.T if frame.format.is_planar else stored.reshape(-1, channels)
    if samples.dtype.kind == "f":
        return np.asarray(samples, np.float32)
    if samples.dtype == np.uint8:
        return np.asarray((samples.astype(np.float32) - 128) / 128, np.float32)
    full_scale = np.float32(-float(np.iinfo(samples.dtype).min))
    return samples.astype(np.float32) / full_scale


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
            yield _as_float(pulled)

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
