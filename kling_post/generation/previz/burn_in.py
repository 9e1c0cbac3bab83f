"""The label on every previz frame: what it is, which shot, which move, where in time. Two small plates, nothing else is touched.

All glyphs are rendered once per shot, with the font that comes inside Pillow; a frame costs two small blends.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.timebase import nominal_rate, timecode
from kling_post.vocabulary import Size

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

NOTICE: Final = "PREVIZ - not generated footage"
"""What every frame says, whatever else it shows."""

_SAFE_MARGIN: Final = 0.035
"""Of width and height: the action-safe border of EBU R 95 for 16:9."""
_TEXT_HEIGHT: Final = 0.0155
"""Font size against the shorter side of a 16:9 picture's height."""
_SMALLEST_FONT_PIXELS: Final = 10
_PLATE_OPACITY: Final = 0.46
_PLATE_GREY: Final = 10
_TEXT: Final = (236, 238, 240)
_NOTICE_TEXT: Final = (255, 196, 92)
_FAINT_TEXT: Final = (176, 182, 188)
_OVERSAMPLED: Final = 4
"""Rounded corners are drawn this much larger and scaled down."""

_Run = tuple[str, tuple[int, int, int]]
"""A piece of text and its colour."""


@dataclass(frozen=True, slots=True)
class _Plate:
    """A blend for a rectangle of the picture: new = old * keep / 256 + add."""

    left: int
    top: int
    keep: NDArray[np.uint16]
    """(rows, columns, 1), 0 to 256."""
    add: NDArray[np.uint16]
    """(rows, columns, 3), 0 to 255."""

    def blend(self, frame: RgbFrame) -> None:
        rows, columns = self.keep.shape[:2]
        area = frame[self.top : self.top + rows, self.left : self.left + columns]
        area[:] = ((area * self.keep + 128) >> 8) + self.add


@dataclass(frozen=True, kw_only=True)
class BurnIn:
    """The label of one shot of a take."""

    size: Size
    rate: Fraction
    shot_id: str
    camera: str
    """The shot's moves as words: ``dolly in, slow``; empty where the prompt names none."""
    seed: int
    first_frame: int
    """The shot's first frame in the take."""
    take_frames: int
    """Length of the whole take, for the line of progress."""

    def draw(self, frame: RgbFrame, index: int) -> None:
        """Write the label onto a frame, in place.

        Args:
            frame: (height, width, 3) of the size given.
            index: Frame of the shot, from 0.
        """
        self._top.blend(frame)
        in_take = self.first_frame + index
        self._bottom_plate(in_take).blend(frame)

    def prepare(self) -> None:
        """Render all glyphs now, so that several threads may draw frames afterwards."""
        for plate in (self._top, self._bottom_plate(self.first_frame)):
            assert plate.keep.size

    def areas(self) -> tuple[tuple[int, int, int, int], ...]:
        """The rectangles that are written on: (left, top, right, bottom) in pixels."""
        plates = (self._top, self._bottom_plate(self.first_frame))
        return tuple((plate.left, plate.top, plate.left + plate.keep.shape[1], plate.top + plate.keep.shape[0]) for plate in plates)

    @cached_property
    def _font(self) -> "FreeTypeFont | ImageFont":
        from PIL import ImageFont

        reference = min(self.size.height, self.size.width)
        return ImageFont.load_default(size=max(_SMALLEST_FONT_PIXELS, round(reference * _TEXT_HEIGHT)))

    @cached_property
    def _line_height(self) -> int:
        return round(max(_SMALLEST_FONT_PIXELS, min(self.size.height, self.size.width) * _TEXT_HEIGHT) * 1.9)

    @cached_property
    def _digit_width(self) -> int:
        return max(self._width(digit) for digit in "0123456789")

    @cached_property
    def _top(self) -> _Plate:
        runs: list[_Run] = [(NOTICE, _NOTICE_TEXT), (self.shot_id, _TEXT)]
        if self.camera:
            runs.append((self.camera, _FAINT_TEXT))
        return self._plate(self._fitting(runs), at_top=True)

    @cached_property
    def _bottom(self) -> tuple[_Plate, tuple[int, ...], tuple[int, ...]]:
        """The lower plate with the digits left blank, and where the digits of timecode and frame number go, from its left."""
        clock = timecode(0, self.rate)
        number = f"{max(self.take_frames - 1, 0):04d}"
        rest = f"{self.size}  {nominal_rate(self.rate)}p   seed {self.seed}"
        left = self._padding
        clock_at, left = self._cells(clock, left)
        left += self._gap
        word_width = self._width("frame ")
        number_at, after = self._cells(number, left + word_width)
        fixed = [(mark, clock_at[place], _TEXT) for place, mark in enumerate(clock) if not mark.isdigit()]
        fixed += [("frame ", left, _FAINT_TEXT), (rest, after + self._gap, _FAINT_TEXT)]
        width = after + self._gap + self._width(rest) + self._padding
        plate = self._drawn(fixed, width, at_top=False)
        digits = tuple(at for at, mark in zip(clock_at, clock, strict=True) if mark.isdigit())
        return plate, digits, number_at

    def _bottom_plate(self, in_take: int) -> _Plate:
        blank, clock_at, number_at = self._bottom
        keep, add = blank.keep.copy(), blank.add.copy()
        clock = [mark for mark in timecode(in_take, self.rate) if mark.isdigit()]
        for at, digit in (*zip(clock_at, clock, strict=False), *zip(number_at, f"{in_take:0{len(number_at)}d}", strict=False)):
            glyph = self._glyphs[int(digit)]
            columns = slice(at, max(at, min(at + glyph.shape[1], keep.shape[1])))
            cover = glyph[:, : columns.stop - columns.start]
            keep[:, columns] = keep[:, columns] * (256 - cover) >> 8
            add[:, columns] = (add[:, columns] * (256 - cover) + np.array(_TEXT, np.uint16) * cover) >> 8
        line = max(1, keep.shape[0] // 16)
        done = round(keep.shape[1] * (in_take + 1) / max(1, self.take_frames))
        keep[-line:, :done] = 64
        add[-line:, :done] = np.array(_NOTICE_TEXT, np.uint16) * 3 // 4
        return _Plate(blank.left, blank.top, keep, add)

    @cached_property
    def _glyphs(self) -> tuple[NDArray[np.uint16], ...]:
        """The ten digits: (rows of the plate, digit width, 1) coverage 0 to 256, each centred in its cell."""
        shape = (self._line_height, self._digit_width)
        return tuple(self._text_cover([(digit, (self._digit_width - self._width(digit)) // 2)], shape)[..., None] for digit in "0123456789")

    @property
    def _margin(self) -> tuple[int, int]:
        return round(self.size.width * _SAFE_MARGIN), round(self.size.height * _SAFE_MARGIN)

    @property
    def _padding(self) -> int:
        return self._line_height // 3

    @property
    def _gap(self) -> int:
        return self._line_height

    def _width(self, text: str) -> int:
        return round(self._font.getlength(text))

    def _cells(self, text: str, left: int) -> tuple[tuple[int, ...], int]:
        """Where each character of a number starts, digits in cells of equal width, and where the text ends."""
        starts = []
        for mark in text:
            starts.append(left)
            left += self._digit_width if mark.isdigit() else self._width(mark)
        return tuple(starts), left

    def _fitting(self, runs: list[_Run]) -> list[_Run]:
        """Leave out the last pieces, never the notice, where the picture is too narrow for all."""
        room = self.size.width - 2 * self._margin[0] - 2 * self._padding
        while len(runs) > 1 and sum(self._width(text) for text, _ in runs) + self._gap * (len(runs) - 1) > room:
            runs = runs[:-1]
        return runs

    def _plate(self, runs: list[_Run], *, at_top: bool) -> _Plate:
        placed, left = [], self._padding
        for text, colour in runs:
            placed.append((text, left, colour))
            left += self._width(text) + self._gap
        return self._drawn(placed, left - self._gap + self._padding, at_top=at_top)

    def _drawn(self, placed: list[tuple[str, int, tuple[int, int, int]]], width: int, *, at_top: bool) -> _Plate:
        rows = self._line_height
        width = min(width, self.size.width - 2 * self._margin[0])  # a thumbnail cuts the text off
        cover = _rounded(rows, width) * _PLATE_OPACITY
        keep, add = 1 - cover, np.repeat((cover * _PLATE_GREY)[..., None], 3, axis=2)
        for text, at, colour in placed:
            text_cover = self._text_cover([(text, at)], (rows, width)) / np.float32(256)
            keep *= 1 - text_cover
            add = add * (1 - text_cover[..., None]) + text_cover[..., None] * np.array(colour, np.float32)
        left, margin_rows = self._margin
        top = margin_rows if at_top else self.size.height - margin_rows - rows
        # Rounding both up could pass 255 by one code: the sum is kept below it here, not clipped per frame.
        return _Plate(left, top, np.floor(keep * 256).astype(np.uint16)[..., None], np.floor(add * 0.996).astype(np.uint16))

    def _text_cover(self, texts: list[tuple[str, int]], shape: tuple[int, int]) -> NDArray[np.uint16]:
        """Text as coverage, 0 to 256, (rows, columns); the baseline is the same for every text."""
        from PIL import Image, ImageDraw

        canvas = Image.new("L", (shape[1], shape[0]), 0)
        draw = ImageDraw.Draw(canvas)
        ascent = self._font.getbbox("H")
        top = round((shape[0] - (ascent[3] - ascent[1])) / 2 - ascent[1])
        for text, left in texts:
            draw.text((left, top), text, font=self._font, fill=255)
        cover = np.asarray(canvas, np.uint16)
        return cover + (cover >> 7)


def _rounded(rows: int, columns: int) -> NDArray[np.float32]:
    """A filled rectangle with round corners, 0 to 1."""
    from PIL import Image, ImageDraw

    large = Image.new("L", (columns * _OVERSAMPLED, rows * _OVERSAMPLED), 0)
    ImageDraw.Draw(large).rounded_rectangle((0, 0, *(edge - 1 for edge in large.size)), radius=rows * _OVERSAMPLED // 5, fill=255)
    return np.asarray(large.resize((columns, rows), Image.Resampling.BOX), np.float32) / np.float32(255)
