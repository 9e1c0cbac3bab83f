"""Slates and captions of the review reel, drawn as pictures."""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kling_post.vocabulary import Size

Rgb = NDArray[np.uint8]
Rgba = NDArray[np.uint8]

_PAPER, _INK, _MUTED = (18, 21, 25), (236, 239, 243), (150, 160, 172)
TONES = {
    "fail": (255, 122, 110),
    "review": (240, 186, 84),
    "info": (169, 189, 214),
    "undetermined": (143, 188, 242),
    "pass": (118, 207, 154),
}
"""Colour of each verdict and severity, as on the dark report page."""


def slate(size: Size, *, title: str, verdict: str, lines: Sequence[str]) -> Rgb:
    """A title card: (rows, columns, 3). Text that does not fit is cut off with an ellipsis."""
    picture = Image.new("RGB", (size.width, size.height), _PAPER)
    draw = ImageDraw.Draw(picture)
    unit = size.height / 540
    left, width = round(64 * unit), size.width - round(128 * unit)
    big, middle, small = (_font(round(points * unit)) for points in (44, 24, 20))
    draw.rectangle((0, 0, round(12 * unit), size.height), fill=TONES[verdict])
    draw.text((left, round(150 * unit)), _fitted(title, big, width), font=big, fill=_INK)
    draw.text((left, round(214 * unit)), verdict.upper(), font=middle, fill=TONES[verdict])
    for place, line in enumerate(lines[:7]):
        draw.text((left, round((268 + 32 * place) * unit)), _fitted(line, small, width), font=small, fill=_MUTED)
    return np.asarray(picture, np.uint8)


def caption(size: Size, *, severity: str, text: str) -> Rgba:
    """One finding as a bar for the picture's foot: (rows, columns, 4), one or two lines."""
    unit = size.height / 540
    font = _font(round(19 * unit))
    inner = size.width - round(72 * unit)
    lines = _wrapped(text, font, inner)[:2]
    line_height = round(25 * unit)
    height = line_height * len(lines) + round(12 * unit)
    picture = Image.new("RGBA", (size.width, height), (*_PAPER, 215))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, round(8 * unit), height), fill=(*TONES[severity], 255))
    for place, line in enumerate(lines):
        draw.text((round(36 * unit), round(5 * unit) + place * line_height), line, font=font, fill=(*_INK, 255))
    return np.asarray(picture, np.uint8)


def stamp(size: Size, text: str) -> Rgba:
    """A small label for a corner: (rows, columns, 4)."""
    unit = size.height / 540
    font = _font(round(17 * unit))
    width = round(font.getlength(text) + 20 * unit)
    picture = Image.new("RGBA", (width, round(28 * unit)), (*_PAPER, 190))
    ImageDraw.Draw(picture).text((round(10 * unit), round(3 * unit)), text, font=font, fill=(*_INK, 255))
    return np.asarray(picture, np.uint8)


def _font(points: int) -> ImageFont.FreeTypeFont:
    # The typeface that comes inside Pillow: the same on every machine, nothing to install.
    font = ImageFont.load_default(size=max(points, 8))
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    text = " ".join(text.split())
    if font.getlength(text) <= width:
        return text
    kept = bisect_right(range(len(text)), width, key=lambda count: font.getlength(text[:count] + "..."))
    return text[: max(kept - 1, 0)] + "..."


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Lines of whole words; the second one takes what is left, cut off where it must be."""
    words = text.split()
    first: list[str] = []
    while words and font.getlength(" ".join([*first, words[0]])) <= width:
        first.append(words.pop(0))
    if not first:
        return [_fitted(text, font, width)]
    return [" ".join(first)] + ([_fitted(" ".join(words), font, width)] if words else [])
