"""Joining stretches of H.264 or HEVC files into one movie without encoding: pictures are copied bit for bit, packet by packet.

A stretch may begin only at an IDR frame, and end only where everything shown before the end has also been decoded before
it; ``PictureIndex`` knows these places. All stretches must agree in size and have parameter sets that fit into one record.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kling_post.errors import EncodeError, InvalidInputError
from kling_post.media.container import open_media, picture_stream
from kling_post.media.encode import MOVIE_TIMESCALE, track_timescale
from kling_post.media.ffmpeg import muxer_for
from kling_post.media.h264 import ParameterSets, parse_avcc
from kling_post.media.hevc import HevcRecord, parse_hvcc
from kling_post.media.timing import rate_of
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import FrameRange
from kling_post.whole_files import part_path, publish

if TYPE_CHECKING:
    from av import Packet
    from av.container import OutputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

_BT709: Final = 1
_LIMITED: Final = 1


StreamHeader = ParameterSets | HevcRecord
"""What a decoder must know before the first picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureIndex:
    """Where a file's pictures stand, from its packets alone."""

    path: Path
    display: tuple[int, ...]
    """Display order of each packet, in decode order."""
    idr: tuple[int, ...]
    """Frames at which decoding can start with nothing from before, in display order."""
    parameter_sets: StreamHeader
    tick: Fraction
    """Seconds of one unit of its timestamps."""
    start: int
    """Timestamp of frame 0."""
    frame_ticks: Fraction
    """How many of these units a frame lasts; no whole number where the container's clock is too coarse for the rate."""

    def place(self, time: int) -> int:
        """The frame that a timestamp belongs to."""
        return round((time - self.start) / self.frame_ticks)

    @property
    def frames(self) -> int:
        """Frames of the file."""
        return len(self.display)

    def first_start(self, frame: int) -> int:
        """The first frame from ``frame`` on at which a copy may begin; the file's end where there is none."""
        return next((place for place in self.idr if place >= frame), self.frames)

    def last_stop(self, frame: int) -> int:
        """The last end, up to ``frame``, at which a copy may stop: no frame before it needs a packet that comes later."""
        best, highest = 0, -1
        for count, place in enumerate(self.display, start=1):
            highest = max(highest, place)
            if count > frame:
                break
            if highest + 1 == count:
                best = count
        return best


def picture_index(path: Path) -> PictureIndex | None:
    """The index of a file whose pictures can be copied; None where they cannot.

    That is: H.264 or HEVC in MP4 or MOV, constant rate without gaps, an IDR frame first, and one set of parameters throughout.

    Raises:
        MediaError: the file cannot be read.
    """
    if not path.is_file():
        with open_media(path):  # says what is wrong
            pass
    status = path.stat()
    return _picture_index(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _picture_index(path: Path, _size: int, _modified_ns: int) -> PictureIndex | None:
    with open_media(path) as container:
        stream = picture_stream(container, path)
        sets = _header(stream)
        tick = stream.time_base
        if sets is None or not tick:
            return None
        times: list[int] = []
        keys: list[int] = []
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            if packet.pts is None or packet.is_discard:
                return None
            times.append(packet.pts)
            if packet.is_keyframe:
                data = bytes(packet)
                if not sets.knows_sets_in(data):
                    return None
                if sets.starts_at(data):
                    keys.append(packet.pts)
        declared = stream.average_rate
    shown = sorted(times)
    rate, constant = rate_of(shown, tick, Fraction(declared) if declared else None)
    if not keys or min(keys) != shown[0] or not constant:
        return None
    index = PictureIndex(path=path, display=(), idr=(), parameter_sets=sets, tick=tick, start=shown[0], frame_ticks=1 / (rate * tick))
    display, idr = tuple(map(index.place, times)), tuple(sorted(map(index.place, keys)))
    return replace(index, display=display, idr=idr) if sorted(display) == list(range(len(times))) else None


def _header(stream: "VideoStream") -> StreamHeader | None:
    record = bytes(stream.codec_context.extradata or b"")
    readers = {"h264": parse_avcc, "hevc": parse_hvcc}
    reader = readers.get(stream.codec_context.name)
    return None if reader is None else reader(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Frames of one file that are copied."""

    index: PictureIndex
    frames: FrameRange

    def display(self) -> list[int]:
        """Display order within the stretch of each of its packets, in decode order."""
        return [place - self.frames.start for place in self.index.display if self.frames.start <= place < self.frames.stop]


def common_parameter_sets(indexes: Sequence[PictureIndex]) -> StreamHeader | None:
    """The parameter sets of all files in one record; None where that is impossible."""
    merged: StreamHeader | None = indexes[0].parameter_sets
    for index in indexes[1:]:
        if merged is None:
            return None
        merged = merged.joined(index.parameter_sets)
    return merged


def splice(
    path: Path,
    stretches: Sequence[Stretch],
    *,
    rate: Fraction,
    sound: Path | None = None,
    timecode: str | None = None,
    metadata: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> None:
    """Write the stretches one behind the other as one movie: constant rate, first frame at 0, index in front.

    Args:
        path: ``.mp4`` or ``.mov``; appears only when it is whole.
        stretches: each beginning at an IDR frame and ending where a copy may end.
        rate: of all of them.
        sound: an ``.m4a`` whose AAC packets are copied, its priming kept out of hearing by the edit list.
        timecode: of the first frame, for the timecode track.
        metadata: container tags.
        progress: told the frames written.

    Raises:
        InvalidInputError: the files' parameter sets do not fit together.
        EncodeError: the file cannot be written.
    """
    import av

    sets = common_parameter_sets([stretch.index for stretch in stretches])
    if sets is None:
        raise InvalidInputError(f"{path}: the pictures to be joined were encoded with settings that one file cannot hold.")
    part = part_path(path)
    total = sum(stretch.frames.frames for stretch in stretches)
    progress.start("write", total)
    options = {
        "movflags": "+faststart+use_metadata_tags",
        "video_track_timescale": str(track_timescale(rate)),
        "movie_timescale": str(MOVIE_TIMESCALE),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(part), "w", format=muxer_for(path), options=options) as movie:
            movie.metadata.update(metadata or {})
            if timecode is not None:
                movie.metadata["timecode"] = timecode
            _write(movie, stretches, sets, rate, sound, progress)
        publish(part, path)
    except av.error.FFmpegError as error:
        full = error.errno == 28  # ENOSPC
        raise EncodeError(f"{path}: " + ("the disk is full." if full else f"cannot be written ({error.strerror}).")) from error
    finally:
        part.unlink(missing_ok=True)
    progress.finish()


def _write(
    movie: "OutputContainer", stretches: Sequence[Stretch], sets: StreamHeader, rate: Fraction, sound: Path | None, progress: Progress
) -> None:
    with open_media(stretches[0].index.path) as source:
        picture = movie.add_stream_from_template(picture_stream(source, stretches[0].index.path))
    context = picture.codec_context
    context.extradata, context.codec_tag = sets.to_record(), sets.tag
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = _LIMITED, _BT709, _BT709, _BT709
    picture.time_base = Fraction(1, track_timescale(rate))
    picture.metadata.clear()
    pictures = _picture_packets(stretches, picture, rate)
    if sound is None:
        for done, packet in enumerate(pictures, start=1):
            movie.mux(packet)
            progress.advance(done)
        return
    with open_media(sound) as heard:
        source_stream = heard.streams.audio[0]
        voice = movie.add_stream_from_template(source_stream)
        sounds = (packet for packet in heard.demux(source_stream) if packet.size)
        _mux_in_time_order(movie, pictures, sounds, voice, progress)


def _mux_in_time_order(
    movie: "OutputContainer", pictures: "Iterator[Packet[Any]]", sounds: "Iterator[Packet[Any]]", voice: "Stream", progress: Progress
) -> None:
    """Alternate by decode time, so that the muxer never has to hold one stream back in memory."""
    waiting = next(sounds, None)
    for done, packet in enumerate(pictures, start=1):
        now = _seconds(packet)
        while waiting is not None and _seconds(waiting) <= now:
            waiting.stream = voice
            movie.mux(waiting)
            waiting = next(sounds, None)
        movie.mux(packet)
        progress.advance(done)
    while waiting is not None:
        waiting.stream = voice
        movie.mux(waiting)
        waiting = next(sounds, None)


def _seconds(packet: "Packet[Any]") -> Fraction:
    assert packet.time_base is not None
    return (packet.dts or 0) * packet.time_base


def _picture_packets(stretches: Sequence[Stretch], stream: "Stream", rate: Fraction) -> "Iterator[Packet[Any]]":
    """All packets in decode order, timed anew: the sources' decode times differ in how far they run ahead."""
    import av

    time_base = Fraction(1, track_timescale(rate))
    frame_ticks = int(1 / rate / time_base)
    shown: list[int] = []
    for stretch in stretches:
        begin = len(shown)
        shown.extend(begin + place for place in stretch.display())
    delay = max(position - place for position, place in enumerate(shown))
    position = 0
    for stretch in stretches:
        for data, key in _copied(stretch):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, time_base
            packet.pts, packet.dts = shown[position] * frame_ticks, (position - delay) * frame_ticks
            packet.duration, packet.is_keyframe = frame_ticks, key
            position += 1
            yield packet


def _copied(stretch: Stretch) -> Iterator[tuple[bytes, bool]]:
    """The packets of a stretch as stored, parameter sets left out, and whether each is an IDR frame."""
    index, wanted = stretch.index, stretch.frames
    with open_media(index.path) as container:
        stream = picture_stream(container, index.path)
        if wanted.start:
            container.seek(index.start + int(wanted.start * index.frame_ticks), stream=stream, backward=True)
        left = wanted.frames
        idr = frozenset(index.idr)
        for packet in container.demux(stream):
            if packet.size == 0 or packet.pts is None:
                continue
            place = index.place(packet.pts)
            if wanted.start <= place < wanted.stop:
                yield index.parameter_sets.without_sets(bytes(packet)), place in idr
                left -= 1
                if left == 0:
                    return
    raise EncodeError(f"{index.path}: {left} of its frames {wanted.start} to {wanted.stop} are no longer there.")
