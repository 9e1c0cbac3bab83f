"""Sound out of files as float32 blocks on the picture's clock, and into WAV files (``write_wav``).

Sample 0 is the instant of the first picture frame, so that ``timebase.frames_to_samples`` addresses the sound of any frame.
Encoder priming and edit lists are honoured by placing every decoded packet at its own timestamp; sound that starts late is
preceded by silence, sound that starts before the picture is cut, and a hole in the timestamps becomes silence of its length.
In a file without a picture, sample 0 is the first sample of the sound.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kling_post.media.sound_frames import Samples, SoundFormat, Stretch, aligned, sound_format
from kling_post.media.wav import write_wav

__all__ = ["BLOCK_SAMPLES", "Samples", "SoundFormat", "read_sound", "read_sound_whole", "sound_format", "write_wav"]

BLOCK_SAMPLES = 32_768
"""Two thirds of a second at 48 kHz: what is done to a block stays in the processor's cache."""


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
    blocks = aligned(path)
    if sample_rate is not None:
        from kling_post.media.sound_resampling import resampled

        blocks = resampled(blocks, sample_rate)
    return _gathered(_cut(blocks, start, stop))


def read_sound_whole(path: Path, *, sample_rate: int | None = None, start: int = 0, stop: int | None = None) -> Samples:
    """All that ``read_sound`` yields as one array; shape (0, 0) where the file has no sound."""
    blocks = list(read_sound(path, sample_rate=sample_rate, start=start, stop=stop))
    return np.concatenate(blocks) if blocks else np.zeros((0, 0), np.float32)


def _cut(stretches: Iterator[Stretch], start: int, stop: int | None) -> Iterator[Samples]:
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
