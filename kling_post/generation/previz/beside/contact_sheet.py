"""A contact sheet: frames of a take on one page, in their order, each with its shot and timecode."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.timebase import timecode
from kling_post.whole_files import whole_file

_WANTED: Final = 8
_LEAST_A_SHOT: Final = 2
_ACROSS: Final = 4
_LONG_SIDE: Final = 480
_GAP: Final = 12
_CAPTION: Final = 30
_PAPER, _INK = (24, 24, 26), (200, 200, 204)


def sheet_frames(shot_frames: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Which frames of each shot the sheet shows, counted in the shot: its first, its last and more by its length."""
    whole = sum(shot_frames)
    chosen = []
    for frames in shot_frames:
        count = min(frames, max(_LEAST_A_SHOT, round(_WANTED * frames / whole)))
        chosen.append(tuple(sorted({round(part * (frames - 1) / max(count - 1, 1)) for part in range(count)})))
    return tuple(chosen)


def thumbnail(frame: RgbFrame) -> RgbFrame:
    """A frame as small as the sheet shows it; small frames stay as they are."""
    rows, columns = frame.shape[:2]
    share = min(1.0, _LONG_SIDE / max(rows, columns))
    size = (max(1, round(columns * share)), max(1, round(rows * share)))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def write_contact_sheet(path: Path, pictures: Mapping[int, RgbFrame], shots: Mapping[int, str], rate: Fraction, comment: str) -> Path:
    """Lay out the sheet.

    Args:
        path: PNG.
        pictures: Thumbnails of one size by frame of the take.
        shots: What each of those frames' shot is called.
        rate: Of the take.
        comment: What the file says of itself.
    """
    from PIL import Image, ImageDraw, ImageFont
    from PIL.PngImagePlugin import PngInfo

    rows, columns = next(iter(pictures.values())).shape[:2]
    down = -(-len(pictures) // _ACROSS)
    across = -(-len(pictures) // down)
    page = Image.new("RGB", (across * (columns + _GAP) + _GAP, down * (rows + _CAPTION + _GAP) + _GAP), _PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(max(9, min(15, columns // 20)))
    for number, frame in enumerate(sorted(pictures)):
        left = _GAP + number % across * (columns + _GAP)
        top = _GAP + number // across * (rows + _CAPTION + _GAP)
        page.paste(Image.fromarray(pictures[frame]), (left, top))
        caption = f"{shots[frame]}   {timecode(frame, rate)}   frame {frame}"
        draw.text((left, top + rows + 6), _fitting(caption, font, columns), fill=_INK, font=font)
    about = PngInfo()
    about.add_text("Comment", comment)
    with whole_file(path) as part:
        page.save(part, format="PNG", pnginfo=about, compress_level=6)
    return path


def _fitting(text: str, font: object, width: int) -> str:
    """The text, cut from its front where it is too long: the frame number is what counts."""
    while len(text) > 1 and font.getlength(text) > width:  # type: ignore[attr-defined]
        text = text[1:]
    return text
