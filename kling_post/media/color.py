"""Code points of colour description (ISO/IEC 23091-2, as H.264 and HEVC carry them) by the names that ffmpeg uses."""

from typing import Literal

PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    11: "iec61966-2-4",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
MATRICES = {
    0: "gbr",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    14: "ictcp",
}
UNSPECIFIED = "unspecified"

_LUMA_WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "bt470bg": (0.299, 0.114),
    "smpte170m": (0.299, 0.114),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
    "bt2020c": (0.2627, 0.0593),
}


def range_name(code: int) -> Literal["limited", "full", "unspecified"]:
    """The code range behind the media library's number."""
    if code == 1:
        return "limited"
    return "full" if code == 2 else "unspecified"


def luma_weights(matrix: str, *, height: int) -> tuple[float, float]:
    """The weights of red and blue in luma, by matrix name; untagged pictures are BT.709 from 720 lines, BT.601 below."""
    if matrix in _LUMA_WEIGHTS:
        return _LUMA_WEIGHTS[matrix]
    return _LUMA_WEIGHTS["bt709" if height >= 720 else "smpte170m"]
