"""Frames in, a finished H.264 or 10-bit H.265 MP4 out: BT.709, limited range, tagged, constant rate, closed GOPs, IDR at every planned cut.

The colour conversion is ours. OpenCV's own RGB to YCbCr conversions know BT.601 only (pure red would come back as Y 81
instead of 63), and ffmpeg's scale filter costs three times as much CPU per 4K frame and twice the bytes through the pipe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.errors import InvalidInputError
from kling_post.media.ffmpeg import muxer_for
from kling_post.media.piped_file import PipedFile
from kling_post.timebase import nominal_rate
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeSettings:
    """How a file is encoded: libx264, High profile, 8-bit 4:2:0; or libx265, Main 10, 10-bit 4:2:0."""

    codec: Literal["h264", "h265"] = "h264"
    preset: str
    """Of the encoder; decides CPU against bytes, hardly the quality at a given crf."""
    crf: int
    """Constant rate factor, 0 to 51; 17 is hard to tell from the source."""
    gop_seconds: Fraction = Fraction(1)
    """Longest distance between two IDR frames."""
    sound_kilobits: int = 256
    """AAC-LC bit rate of the sound."""
    threads: int = 4
    """Encoder threads; part of the settings because x264's bytes depend on it."""
    keeps_grain: bool = False
    """Fine texture is weighed before it is rounded away, and bits are shared out over twenty frames, not ten: what is encoded then looks
    as grainy as what it is copied next to, for one or two per cent more bytes and no CPU worth telling. H.264 only."""
    parameter_set_id: int = 0
    """Id of the stream's parameter sets; one of its own lets it stand in a file beside streams of other settings. H.264 only."""

    @property
    def bit_depth(self) -> int:
        """Of what is encoded, and of the planes that the writer takes: 8 as bytes, 10 as 16-bit integers."""
        return 8 if self.codec == "h264" else 10


MOVIE_TIMESCALE: Final = 240_000
"""Ticks per second of a file's edit lists: whole frames of every rate of the trade, and whole samples of 48 kHz.

The muxer's own 1000 would cut the sound off by up to a millisecond.
"""

H264_TAKE: Final = EncodeSettings(preset="veryfast", crf=17)
"""What local backends write: cheap, and close enough to the source to be encoded once more for the master."""

H264_MASTER: Final = EncodeSettings(preset="veryfast", crf=16, sound_kilobits=320, keeps_grain=True)
"""What the edit writes where it must encode."""

H265_MASTER: Final = EncodeSettings(codec="h265", preset="veryfast", crf=14, sound_kilobits=320)
"""The same for an edit of 10 bits."""

# BT.709: Kr, Kb of ITU-R BT.709-6 item 3.2; code values of item 3.4 (8 bits: 219 steps of luma from 16, 224 of chroma around 128).
_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_TO_YCBCR: Final = np.array(
    [
        [219 / 255 * _KR, 219 / 255 * _KG, 219 / 255 * _KB, 16],
        [224 / 255 * -_KR / (2 - 2 * _KB), 224 / 255 * -_KG / (2 - 2 * _KB), 224 / 255 / 2, 128],
        [224 / 255 / 2, 224 / 255 * -_KG / (2 - 2 * _KR), 224 / 255 * -_KB / (2 - 2 * _KR), 128],
    ],
    dtype=np.float32,
)


Planes = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Y', Cb and Cr; the last two of half the width and height. 8 bits as bytes, 10 as 16-bit integers of 0 to 1023."""

_STRIP_ROWS: Final = 64
"""Even; a strip of a 4K frame and what is made from it stay in a core's own cache."""


def rgb_to_ycbcr420(rgb: NDArray[np.uint8], out: Planes | None = None) -> Planes:
    """Full-range R'G'B' (height, width, 3) as BT.709 limited-range Y', Cb, Cr planes, 4:2:0, within one code value of exact.

    Chroma sits where H.264 assumes it by default: on the even columns, between the rows (ITU-T H.264 figure E-1, type 0),
    so it is filtered with 1-2-1 across and 1-1 down. ``out`` is planes to write into, of the right size.
    """
    rows, columns = rgb.shape[:2]
    half = (rows // 2, columns // 2)
    planes = out or (np.empty((rows, columns), np.uint8), np.empty(half, np.uint8), np.empty(half, np.uint8))
    for top in range(0, rows, _STRIP_ROWS):
        strip = rgb[top : top + _STRIP_ROWS]
        # One call for all three planes takes OpenCV's vector path; asking for luma alone takes the slow one.
        cv2.extractChannel(cv2.transform(strip, _TO_YCBCR), 0, dst=planes[0][top : top + _STRIP_ROWS])
        size = (half[1], strip.shape[0] // 2)
        chroma_rgb = cv2.resize(strip, size, interpolation=cv2.INTER_AREA)
        if columns > 2:  # the pairs one column to the left; the first column has no left neighbour and stands for itself
            left = cv2.resize(strip[:, 1:-1], (size[0] - 1, size[1]), interpolation=cv2.INTER_AREA)
            chroma_rgb[:, 1:] = cv2.addWeighted(chroma_rgb[:, 1:], 0.5, left, 0.5, 0)
        chroma = cv2.transform(chroma_rgb, _TO_YCBCR)
        for channel in (1, 2):
            cv2.extractChannel(chroma, channel, dst=planes[channel][top // 2 : top // 2 + size[1]])
    return planes


def track_timescale(rate: Fraction) -> int:
    """Ticks per second in which a frame of ``rate`` lasts a whole number of ticks, at least 10 000.

    >>> track_timescale(Fraction(24)), track_timescale(Fraction(24000, 1001))
    (12288, 24000)
    """
    timescale = rate.numerator
    while timescale < 10_000:
        timescale *= 2
    return timescale


class FrameWriter(PipedFile):
    """Writes frames to a video file that appears under its name only when it is whole.

    ::

        with FrameWriter(path, size=Size(3840, 2160), rate=Fraction(24), sound=wav) as writer:
            for frame in frames:
                writer.write(frame)

    Leaving the block by an exception ends ffmpeg and removes what was written.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: Size,
        rate: Fraction,
        sound: Path | None = None,
        quality: EncodeSettings = H264_TAKE,
        metadata: Mapping[str, str] | None = None,
        cut_frames: Sequence[int] = (),
        timecode: str | None = None,
    ) -> None:
        """Describe the file; ffmpeg starts when the ``with`` block is entered.

        Args:
            path: ``.mp4`` or ``.mov``.
            size: even in both directions, as 4:2:0 needs it.
            rate: exact frames per second.
            sound: a sound file to go along as 48 kHz stereo AAC, as long as the picture will be.
            quality: encoder settings.
            metadata: container tags, kept under the names given (``title``, ``comment`` …).
            cut_frames: frames that must be IDR frames besides the first: planned cuts.
            timecode: of the first frame, ``01:00:00:00``; written as a timecode track.
        """
        if size.width % 2 or size.height % 2 or min(size.width, size.height) < 2:
            raise InvalidInputError(f"{path}: a 4:2:0 picture needs an even width and height, not {size}.")
        super().__init__(path)
        self._size = size
        self._dtype = np.dtype(np.uint8 if quality.bit_depth == 8 else np.uint16)
        self._planes: Planes | None = None
        self._arguments = (
            *_input_arguments(size, rate, sound, quality),
            *_video_arguments(quality, rate, cut_frames),
            *(() if sound is None else ("-c:a", "aac", "-b:a", f"{quality.sound_kilobits}k", "-ar", "48000", "-ac", "2")),
            *(() if timecode is None else ("-timecode", timecode)),
            *(word for key, value in (metadata or {}).items() for word in ("-metadata", f"{key}={value}")),
            *("-video_track_timescale", str(track_timescale(rate)), "-movie_timescale", str(MOVIE_TIMESCALE)),
            *("-movflags", "+faststart+use_metadata_tags"),
            *("-f", muxer_for(path), f"file:{self._part}"),
        )

    def write(self, rgb: NDArray[np.uint8]) -> None:
        """Append one frame: (height, width, 3) uint8, full-range R'G'B' with BT.709 primaries.

        Raises:
            EncodeError: ffmpeg has stopped (disk full, killed …).
        """
        if self._dtype != np.uint8:
            raise ValueError(f"{self.path}: takes planes of 10 bits, not R'G'B' of 8")
        expected = (self._size.height, self._size.width, 3)
        if rgb.shape != expected or rgb.dtype != np.uint8:
            raise ValueError(f"{self.path}: a frame must be uint8 {expected}, not {rgb.dtype} {rgb.shape}")
        self._planes = rgb_to_ycbcr420(rgb, self._planes)
        self.write_planes(*self._planes)

    def write_planes(self, luma: NDArray[Any], chroma_blue: NDArray[Any], chroma_red: NDArray[Any]) -> None:
        """Append one frame that is limited-range 4:2:0 BT.709 of the writer's depth already: no conversion, no loss.

        Raises:
            EncodeError: ffmpeg has stopped.
        """
        half = (self._size.height // 2, self._size.width // 2)
        for plane, shape in ((luma, (self._size.height, self._size.width)), (chroma_blue, half), (chroma_red, half)):
            if plane.shape != shape or plane.dtype != self._dtype:
                raise ValueError(f"{self.path}: a plane must be {self._dtype} {shape}, not {plane.dtype} {plane.shape}")
        self._append(luma, chroma_blue, chroma_red)


def _input_arguments(size: Size, rate: Fraction, sound: Path | None, quality: EncodeSettings) -> tuple[str, ...]:
    framerate = f"{rate.numerator}/{rate.denominator}"
    planes = "yuv420p" if quality.bit_depth == 8 else "yuv420p10le"
    picture = ("-f", "rawvideo", "-pixel_format", planes, "-video_size", str(size), "-framerate", framerate, "-i", "pipe:0")
    if sound is None:
        return (*picture, "-map", "0:v")
    return (*picture, "-i", f"file:{sound}", "-map", "0:v", "-map", "1:a:0")


def _video_arguments(quality: EncodeSettings, rate: Fraction, cut_frames: Sequence[int]) -> tuple[str, ...]:
    gop = max(1, round(nominal_rate(rate) * quality.gop_seconds))
    cuts = "+".join(f"eq(n,{frame})" for frame in sorted({0, *cut_frames}))
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    return (
        *("-vf", tags, "-fps_mode", "passthrough", *_encoder_arguments(quality, gop)),
        *("-preset", quality.preset, "-crf", str(quality.crf), "-g", str(gop)),
        *("-force_key_frames", f"expr:{cuts}", "-forced-idr", "1", "-threads", str(quality.threads)),
    )


def _encoder_arguments(quality: EncodeSettings, gop: int) -> tuple[str, ...]:
    """The encoder, told to write the same parameter sets whatever the content: files of equal settings join without encoding."""
    if quality.codec == "h264":
        grain = ":trellis=1:rc-lookahead=20" if quality.keeps_grain else ""
        x264 = f"open-gop=0:stitchable=1:force-cfr=1:sps-id={quality.parameter_set_id}{grain}"
        return "-c:v", "libx264", "-profile:v", "high", "-pix_fmt", "yuv420p", "-x264-params", x264
    x265 = (
        f"open-gop=0:keyint={gop}:repeat-headers=0:info=0:colorprim=1:transfer=1:colormatrix=1:range=limited:log-level=1"
        f":pools={quality.threads}:frame-threads=2"
    )
    return "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", "-x265-params", x265
