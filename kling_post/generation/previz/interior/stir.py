"""Slow life inside a still: water that ripples, an aurora that sways and breathes, sunlight that strengthens.

All of it is nothing at second 0, so that the first frame stays the given still, and it moves across the picture: never the whole
picture at once, which would be flicker.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import PictureRequest, RgbFrame
from kling_post.generation.previz.interior.coarse import Grid
from kling_post.generation.previz.interior.noise import Field, blurred, fractal, smooth
from kling_post.generation.previz.interior.relief import COLUMNS, Relief

_WAVES = ((0.9, 0.7, 0.35, 0.0), (0.55, 1.1, -0.6, 1.7), (1.6, 0.45, 0.1, 3.1), (0.38, 1.5, 0.9, 4.4))
"""Wavelength in metres, cycles a second, direction in radians from straight ahead, phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stir:
    """What stirs in one still; maps are (rows, COLUMNS) over the still."""

    water: Field | None
    """Where water lies, 0 to 1."""
    aurora: Field | None
    """Where the aurora is, 0 to 1."""
    glow: Field | None
    """(rows, COLUMNS, 3) display values that a full breath of light adds."""
    pattern: Field
    """Slow noise that the light moves by, 0 to 1."""
    strengthens: bool
    """Whether the light grows over the shot (sunbeams) rather than comes and goes (aurora)."""
    relief: Relief
    seconds: float
    drawn: frozenset[str]

    def bent(self, view: Field, seconds: float, *, amount: float = 1.0) -> Field:
        """The source map with ``amount`` of its ripples and swaying added; ``view`` in fractions of the width."""
        if self.water is None and self.aurora is None:
            return view
        out = view.copy()
        if self.water is not None:
            mask = _sampled(self.water, view) * np.float32(amount)
            across, down = self._ripple(view, seconds, 0.0)
            out[..., 0] += across * mask
            out[..., 1] += down * mask
        if self.aurora is not None:
            mask = _sampled(self.aurora, view) * np.float32(amount)
            x, y = view[..., 0], view[..., 1]
            sway = np.sin(9 * x + 5 * y + 0.55 * seconds) - np.sin(9 * x + 5 * y)
            ripple = np.sin(23 * x - 7 * y - 0.8 * seconds) - np.sin(23 * x - 7 * y)
            out[..., 0] += np.float32(0.0045) * (sway + np.float32(0.45) * ripple) * mask
        return out

    def _ripple(self, view: Field, seconds: float, start: float) -> tuple[Field, Field]:
        """Displacement by small waves on the water's plane, less that at ``start``; waves too fine for the grid are left out."""
        rows, columns = self.relief.nearness.shape
        aspect = rows / columns
        below = np.maximum(view[..., 1] - np.float32(self.relief.vanishing[1] * aspect), np.float32(0.004))
        eye = np.float32(1.7)
        away = np.minimum(np.float32(self.relief.focal) * eye / below, 120)
        side = (view[..., 0] - np.float32(self.relief.vanishing[0])) * away / np.float32(self.relief.focal)
        across, down = np.zeros_like(away), np.zeros_like(away)
        cell = away / np.float32(self.relief.focal * columns)
        foreshortened = cell * away / eye
        for length, cycles, direction, phase in _WAVES:
            number = 2 * np.pi / length
            place = np.float32(number) * (side * np.float32(np.sin(direction)) + away * np.float32(np.cos(direction))) + np.float32(phase)
            seen = np.clip(1.6 - 5 * foreshortened / np.float32(length), 0, 1)
            turn = 2 * np.pi * cycles
            size = seen * np.float32(0.00085 * length**0.5) / np.sqrt(1 + away / 6)
            down += size * (np.sin(place - np.float32(turn * seconds)) - np.sin(place - np.float32(turn * start)))
            across += size * np.float32(0.6) * (np.cos(place - np.float32(turn * seconds)) - np.cos(place - np.float32(turn * start)))
        return across, down

    def shine(self, frame: RgbFrame, view: Field, grid: Grid, seconds: float) -> None:
        """Add the moving light to the frame, in place."""
        if self.glow is None or seconds <= 0:
            return
        at = seconds / max(self.seconds, 1e-6)
        amount = at * at * (3 - 2 * at) if self.strengthens else 0.5 - 0.5 * np.cos(2 * np.pi * seconds / 6.5)
        light = _sampled(self.glow, view)
        moving = view + np.array([0.011 * seconds, -0.004 * seconds], np.float32)
        light *= (np.float32(amount) * (np.float32(0.35) + np.float32(1.1) * _sampled(self.pattern, moving)))[..., None]
        added = np.clip(light, 0, 255).astype(np.float32)
        full = np.asarray(grid.full(added, frame.shape[0], frame.shape[1]))
        cv2.add(frame, full, dst=frame, dtype=cv2.CV_8U)


def _sampled(field: Field, view: Field) -> Field:
    """A map over the still at the places of a view."""
    columns = field.shape[1]
    x = np.ascontiguousarray(view[..., 0] * np.float32(columns) - np.float32(0.5))
    y = np.ascontiguousarray(view[..., 1] * np.float32(columns) - np.float32(0.5))
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)


def stir_for(still: RgbFrame, relief: Relief, request: PictureRequest) -> Stir:
    """What of the reading's slow movement can be found in the still, by place and colour."""
    reading = request.reading
    named = {element.key for element in reading.elements} - set(reading.removed)
    rows = relief.nearness.shape[0]
    small = np.asarray(cv2.resize(still, (COLUMNS, rows), interpolation=cv2.INTER_AREA), np.float32)
    drawn: set[str] = set()
    water = aurora = glow = None
    strengthens = False
    if named & {"water", "ripples", "waves"} and relief.kind != "flat":
        water = _water(relief)
        drawn |= named & {"water", "ripples", "waves"}
    if "aurora" in named:
        aurora = _aurora(small, relief)
        if float(aurora.mean()) > 0.004:
            glow = small * aurora[..., None] * np.float32(0.3)
            drawn.add("aurora")
        else:
            aurora = None
    if glow is None and named & {"sunbeams", "sun"}:
        glow, strengthens = _beams(small, relief), True
        drawn |= named & {"sunbeams"}
    return Stir(
        water=water,
        aurora=aurora,
        glow=glow,
        pattern=fractal((request.seed, 521), (rows, COLUMNS), (3, 6), octaves=3),
        strengthens=strengthens,
        relief=relief,
        seconds=float(request.frames / request.rate),
        drawn=frozenset(drawn),
    )


def _water(relief: Relief) -> Field:
    """Water in the lower middle: below the horizon, and away from the walls where there are any."""
    rows, columns = relief.nearness.shape
    y = ((np.arange(rows, dtype=np.float32) + 0.5) / rows - relief.vanishing[1])[:, None] * rows / columns
    x = np.abs((np.arange(columns, dtype=np.float32) + 0.5) / columns - relief.vanishing[0])[None, :]
    inside = smooth(y - x * np.float32(0.14), 0.0, 0.05) if relief.kind != "landscape" else smooth(y + 0 * x, 0.0, 0.05)
    return np.asarray(inside * smooth(y + 0 * x, 0.015, 0.06), np.float32)


def _aurora(small: Field, relief: Relief) -> Field:
    """Green and violet light in the upper part of the still that is smooth and far."""
    rows = small.shape[0]
    red, green, blue = (small[..., channel] for channel in range(3))
    cool = smooth((green + blue) / 2 - red, 12, 50)
    violet = smooth(np.minimum(red, blue) - green, 6, 40)
    grey = small.mean(axis=2)
    rough = blurred(np.abs(grey - blurred(grey, 1.0)), 2.0)
    up = np.float32(relief.vanishing[1]) - np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    high = smooth(np.asarray(np.broadcast_to(up, cool.shape), np.float32), 0.05, 0.2)
    middle = 1 - smooth(
        np.abs(np.linspace(0, 1, small.shape[1], dtype=np.float32)[None, :] - np.float32(relief.vanishing[0])) + 0 * high, 0.3, 0.42
    )
    return blurred(np.asarray(np.maximum(cool, violet) * (1 - smooth(rough, 0.7, 1.6)) * high * middle, np.float32), 2.5)


def _beams(small: Field, relief: Relief) -> Field:
    """Light that streams away from the still's brightest places: a zoom blur towards the vanishing point."""
    rows, columns = small.shape[:2]
    bright = np.maximum(small - np.float32(170), 0)
    x, y = relief.vanishing[0] * columns, max(0.15, relief.vanishing[1] - 0.22) * rows
    for octave in range(5):
        scale = 1 + 0.5 / 2 ** (4 - octave)
        matrix = np.array([[scale, 0, x * (1 - scale)], [0, scale, y * (1 - scale)]], np.float32)
        bright = (bright + np.asarray(cv2.warpAffine(bright, matrix, (columns, rows), flags=cv2.INTER_LINEAR), np.float32)) / 2
    return np.asarray(blurred(bright, 1.5) * np.array([0.95, 0.82, 0.6], np.float32), np.float32)
