"""What only a decoded picture tells for certain: its format, its turn, whether it is interlaced, and its colour tags."""

from dataclasses import dataclass
from fractions import Fraction

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kling_post.media import color
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPicture:
    """Facts of the first picture that a file shows."""

    pixel_format: str
    bit_depth: int
    size: Size
    sample_aspect: Fraction
    rotation_degrees: int
    color_primaries: str
    color_transfer: str
    color_matrix: str
    color_range: int
    interlaced: bool


def first_picture_of(frame: VideoFrame, stream: VideoStream) -> FirstPicture:
    """The facts of a picture; its stream's decoder must have given it just now."""
    context = stream.codec_context
    rotation = display_rotation(frame)
    width, height = frame.width, frame.height
    aspect = stream.sample_aspect_ratio or context.sample_aspect_ratio
    full_by_name = frame.format.name.startswith("yuvj")
    return FirstPicture(
        pixel_format=frame.format.name,
        bit_depth=frame.format.components[0].bits,
        size=Size(height, width) if rotation in {90, 270} else Size(width, height),
        sample_aspect=Fraction(aspect) if aspect else Fraction(1),
        rotation_degrees=rotation,
        color_primaries=color.PRIMARIES.get(int(context.color_primaries), color.UNSPECIFIED),
        color_transfer=color.TRANSFERS.get(int(context.color_trc), color.UNSPECIFIED),
        color_matrix=color.MATRICES.get(int(context.colorspace), color.UNSPECIFIED),
        color_range=2 if full_by_name else int(context.color_range),
        interlaced=bool(frame.interlaced_frame),
    )


def display_rotation(frame: VideoFrame) -> int:
    """The clockwise turn, 0, 90, 180 or 270, that brings a stored picture upright; other angles count as none."""
    clockwise = -frame.rotation % 360
    return clockwise if clockwise % 90 == 0 else 0
