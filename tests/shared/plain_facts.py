"""Facts of a take as the service delivers it, for tests of rooms that see no file."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from kling_post.vocabulary import AudioFacts, MediaFacts, Size


def plain_facts(**changes: Any) -> MediaFacts:
    """One second of silent 320x180 H.264 at 24 frames a second, BT.709, 8 bits; any of it changed."""
    values: dict[str, Any] = {
        "path": Path("take.mp4"),
        "sha256": "0" * 64,
        "bytes": 1,
        "container": "mp4",
        "codec": "h264",
        "profile": "High",
        "pixel_format": "yuv420p",
        "bit_depth": 8,
        "size": Size(320, 180),
        "sample_aspect": Fraction(1),
        "rotation_degrees": 0,
        "rate": Fraction(24),
        "constant_rate": True,
        "frames": 24,
        "start_seconds": Fraction(0),
        "color_primaries": "bt709",
        "color_transfer": "bt709",
        "color_matrix": "bt709",
        "color_range": "limited",
        "interlaced": False,
        "start_timecode": None,
        "audio": None,
    }
    return MediaFacts(**{**values, **changes})


def stereo(seconds: Fraction | int | None = None, *, start: Fraction = Fraction(0)) -> AudioFacts:
    """AAC stereo at 48 kHz."""
    length = None if seconds is None else Fraction(seconds)
    return AudioFacts(codec="aac", sample_rate=48_000, channels=2, layout="stereo", start_seconds=start, duration_seconds=length)
