"""What the timestamps of picture packets say: exact rate, whether it is constant, and the order of the frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import av

from kling_post.media.container import open_media, picture_stream

_COMMON_RATES = tuple(
    Fraction(rate)
    for rate in (
        "24",
        "24000/1001",
        "25",
        "30",
        "30000/1001",
        "50",
        "60",
        "60000/1001",
        "48",
        "48000/1001",
        "16",
        "12",
        "15",
        "8",
        "10",
        "120",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTiming:
    """Timing of every shown picture of a file."""

    presentation: tuple[int, ...]
    """Sorted presentation times in ``time_base`` units; empty where the file stores none (raw streams)."""
    time_base: Fraction
    frames: int
    """Pictures shown: packets that an edit list or the codec does not hide."""
    declared_rate: Fraction | None
    """What the container says."""
    announced_frames: int
    """Packets that the container's index promises; 0 where it does not tell."""
    stored_frames: int
    """Packets actually there, hidden ones too."""

    def rate(self) -> tuple[Fraction, bool]:
        """The rate that the timestamps show, and whether every frame lasts exactly one frame of it."""
        return rate_of(self.presentation, self.time_base, self.declared_rate)


def rate_of(presentation: Sequence[int], time_base: Fraction, declared: Fraction | None) -> tuple[Fraction, bool]:
    """The exact rate behind sorted timestamps, and whether it is constant.

    A rate fits if every timestamp lies within one tick of where it would be. The container's own word is tried first, then
    the trade's rates, then the spacing itself: at a time base of a millisecond the spacing alone cannot tell 24 from 23.976.

    >>> rate_of((0, 42, 83, 125, 167), Fraction(1, 1000), None)
    (Fraction(24, 1), True)
    """
    if len(presentation) < 2:
        return declared or Fraction(25), True
    steps = sorted(later - earlier for earlier, later in pairwise(presentation))
    middle = steps[len(steps) // 2]
    span = presentation[-1] - presentation[0]
    mean = Fraction(len(steps)) / (span * time_base) if span else None
    by_step = Fraction(1) / (middle * time_base) if middle else None
    for rate in (declared, *_COMMON_RATES, by_step, mean):
        if rate and _fits(presentation, time_base, rate):
            return rate, True
    return _typical_rate(steps, time_base, declared, mean), False


def _fits(presentation: Sequence[int], time_base: Fraction, rate: Fraction) -> bool:
    # |t_k - t_0 - k / (rate * time_base)| <= 1 tick, in integers.
    period = 1 / (rate * time_base)
    over, under, first = period.numerator, period.denominator, presentation[0]
    return all(abs((time - first) * under - place * over) <= under for place, time in enumerate(presentation))


def _typical_rate(steps: Sequence[int], time_base: Fraction, declared: Fraction | None, mean: Fraction | None) -> Fraction:
    """A constant rate with gaps keeps its rate; truly variable material gets its average."""
    middle = steps[len(steps) // 2]
    usual = sum(abs(step - middle) <= 1 for step in steps)
    if middle and usual >= 0.9 * len(steps):
        spacing = 1 / (middle * time_base)
        close = [rate for rate in (declared, *_COMMON_RATES) if rate and abs(1 / (rate * time_base) - middle) <= 1]
        return close[0] if close else spacing
    return (mean or declared or Fraction(25)).limit_denominator(1001)


def picture_timing(path: Path) -> PictureTiming:
    """The timing of a file's picture stream, read from its packets; remembered while the file stays as it is.

    Raises:
        MediaError: as ``open_media`` and ``picture_stream``.
    """
    if not path.is_file():  # let open_media say what is wrong
        with open_media(path):
            pass
    status = path.stat()
    return _picture_timing(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _picture_timing(path: Path, _size: int, _modified_ns: int) -> PictureTiming:
    times: list[int] = []
    shown = stored = 0
    with open_media(path) as container:
        stream = picture_stream(container, path)
        hidden_bit = stream.codec_context.codec.canonical_name == "vp8"
        for packet in container.demux(stream):
            if packet.size == 0:  # the flush packet that ends the stream
                continue
            stored += 1
            # A VP8 frame whose show_frame bit (RFC 6386, 9.1) is clear is only ever referred to.
            if packet.is_discard or (hidden_bit and not bytes(packet)[0] & 0x10):
                continue
            shown += 1
            if packet.pts is not None:
                times.append(packet.pts)
        declared = stream.average_rate or stream.guessed_rate
        if container.format.name == "h264" and shown:
            # A raw stream may hold a picture's two fields in packets of their own, and no timestamps to tell.
            shown = stored = _pictures_of_fields(path) or shown
        return PictureTiming(
            presentation=tuple(sorted(times)) if len(times) == shown else (),
            time_base=stream.time_base or Fraction(1, 90_000),
            frames=shown,
            declared_rate=Fraction(declared) if declared else None,
            announced_frames=stream.frames,
            stored_frames=stored,
        )


def _pictures_of_fields(path: Path) -> int | None:
    """How many pictures an interlaced raw stream decodes to; None where it is not interlaced, or does not decode to its end."""
    count = 0
    with open_media(path) as container:
        stream = picture_stream(container, path)
        try:
            for frame in container.decode(stream):
                if not frame.interlaced_frame and not count:
                    return None
                count += 1
        except av.error.FFmpegError:
            return None
    return count
