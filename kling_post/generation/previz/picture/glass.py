"""Glass spheres that bend the sky upside down, with paper maps fluttering inside."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.layers import Affine, Layer, lay, layer
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.sculpt import Part, Workshop
from kling_post.generation.previz.picture.tone import display, mix, rgb

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassColours:
    """What a sphere shows of the world: it turns it upside down."""

    sky: Colour
    glow: Colour
    ground: Colour
    sun: Colour
    sun_side: float
    """-1 where the sun stands to the left, +1 to the right."""


def _disc(side: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    axis = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side / 2) - 1
    x, y = np.meshgrid(axis * np.float32(1.03), -axis * np.float32(1.03))
    return x, y, np.hypot(x, y)


def glass_back(side: int, colours: GlassColours) -> Layer:
    """The bent world behind: ground above, sky below, a band of glow between, the sun's caustic on the far side."""
    x, y, radius = _disc(side)
    bent = y * (1 + 0.45 * radius**2) + 0.05 * x * x
    colour = mix(rgb(*colours.glow), rgb(*colours.ground), smoothstep(0.02, 0.5, bent)[..., None])
    colour = mix(colour, rgb(*colours.sky), smoothstep(0.05, 0.75, -bent)[..., None])
    caustic = np.exp(-((x + 0.52 * colours.sun_side) ** 2 + (y + 0.38) ** 2) * 16)
    colour = colour + rgb(*colours.sun) * (caustic * 1.5)[..., None]
    colour *= (1 - 0.55 * smoothstep(0.72, 1.0, radius))[..., None]
    cover = np.clip((1 - radius) * side * 0.5, 0, 1) * (0.52 + 0.36 * smoothstep(0.55, 1.0, radius))
    return layer(display(np.asarray(colour, np.float32)), np.asarray(cover, np.float32))


def glass_front(side: int, colours: GlassColours) -> Layer:
    """Reflections on the near face: a bright rim toward the sun, a window of sky, a hard highlight."""
    x, y, radius = _disc(side)
    inside = np.clip((1 - radius) * side * 0.5, 0, 1)
    edge = smoothstep(0.84, 0.985, radius) * inside
    toward = np.clip(0.5 + 0.6 * (x * colours.sun_side + y * 0.45), 0.08, 1.2)
    rim = edge * toward
    window = np.exp(-(((x - 0.34 * colours.sun_side) ** 2) * 7 + ((y - 0.46) ** 2) * 22)) * inside * 0.5
    spot = np.exp(-((x - 0.46 * colours.sun_side) ** 2 + (y - 0.5) ** 2) * 190) * inside
    cover = np.clip(rim * 0.85 + window * 0.75 + spot, 0, 1)
    light = rgb(*colours.sun) * (rim * 0.9 + spot * 5)[..., None] + rgb(*colours.sky) * (window * 2.2 + 0.2)[..., None]
    return layer(display(np.asarray(light / np.maximum(cover, 0.15)[..., None] * 0.6, np.float32)), np.asarray(cover, np.float32))


def _map_sheet(workshop: Workshop, number: int) -> Part:
    """A parchment sheet with drawn coasts and fold lines, about 0.7 by 0.5 in units of the sphere's radius."""

    def paint(x: FloatArray, y: FloatArray) -> FloatArray:
        rng = generator(workshop.seed, "map", number)
        coast = cv2.resize(spectral_noise((64, 64), beta=1.9, rng=rng), (x.shape[1], x.shape[0]), interpolation=cv2.INTER_CUBIC)
        line = np.exp(-((coast / 0.09) ** 2)) * 0.75
        folds = np.exp(-((np.mod(x + 5, 0.22) - 0.11) ** 2) * 9000) * 0.3 + np.exp(-((np.mod(y + 5, 0.18) - 0.09) ** 2) * 9000) * 0.3
        tone = mix(rgb(0.82, 0.66, 0.42), rgb(0.70, 0.56, 0.38), smoothstep(-0.2, 0.4, np.asarray(coast, np.float32))[..., None])
        return mix(tone, rgb(0.16, 0.08, 0.05), np.clip(line + folds, 0, 1)[..., None])

    curl = 0.05 * (-1) ** number
    outline = [(-0.36, -0.24), (0.0, -0.24 + curl), (0.36, -0.25), (0.37, 0.24), (0.0, 0.24 + curl), (-0.36, 0.25)]
    return workshop.part([outline], paint, roundness=0.05, smooth=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassSphere:
    """A sphere of unit radius with its sheets; drawn at any size and place."""

    back: Layer
    front: Layer
    sheets: tuple[Part, ...]
    phases: tuple[float, ...]

    def draw(
        self, frame: RgbFrame, plane: Affine, centre: tuple[float, float], radius: float, seconds: float, *, light: Layer | None = None
    ) -> None:
        """Draw at ``centre`` (metres of the plane); ``light`` replaces the bent world behind."""
        middle = plane[:, :2] @ np.array(centre) + plane[:, 2]
        pixels = float(plane[0, 0]) * radius
        unit = np.array([[pixels, 0, middle[0]], [0, -pixels, middle[1]]])
        behind = light or self.back
        lay(frame, behind, _fit(unit, behind.shape[0]))
        for number, (sheet, phase) in enumerate(zip(self.sheets, self.phases, strict=True)):
            turn = seconds * (0.9 + 0.17 * number) + phase
            joint = (0.36 * float(np.sin(turn)), 0.3 * float(np.sin(turn * 1.31 + phase)) - 0.04)
            flutter = (0.42 + 0.5 * abs(float(np.cos(turn * 1.7 + phase))), 0.85 + 0.12 * float(np.sin(seconds * 7 + phase)))
            sheet.draw(frame, unit, joint, 28 * float(np.sin(turn * 1.2 + phase)), flutter)
        lay(frame, self.front, _fit(unit, self.front.shape[0]))


def _fit(unit: Affine, side: int) -> Affine:
    half = side / 2 / 1.03
    scale = unit[0, 0] / half
    return np.array([[scale, 0, unit[0, 2] - scale * side / 2], [0, scale, unit[1, 2] - scale * side / 2]])


def make_sphere(workshop: Workshop, colours: GlassColours, radius: float, number: int, *, maps: bool) -> GlassSphere:
    """A sphere for drawing near ``radius`` metres at the workshop's scale."""
    pixels = workshop.pixels_per_metre * radius
    side = max(16, int(pixels * 2.06) // 4 * 4 + 4)
    small = Workshop(studio=workshop.studio, pixels_per_metre=max(pixels, 8.0), seed=workshop.seed + number)
    phases = tuple(generator(workshop.seed, "sheets", number).uniform(0, 6.28, 4).tolist())
    sheets = tuple(_map_sheet(small, count) for count in range(4)) if maps else ()
    return GlassSphere(back=glass_back(side, colours), front=glass_front(side, colours), sheets=sheets, phases=phases[: len(sheets)])
