"""People as neutral stand-ins seen from behind, who walk away from the camera; their steps are heard."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import PictureRequest, RgbFrame
from kling_post.generation.previz.interior import figures
from kling_post.generation.previz.interior.drifting import View
from kling_post.generation.previz.interior.noise import random
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.picture.layers import Layer as Sprite
from kling_post.generation.previz.picture.layers import affine, lay

PEOPLE = ("person", "traveler", "attendants", "archivist", "violinist")
_STEPS_PER_SECOND = 1.9
_DENSITIES = (520.0, 180.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walker:
    x: float
    z: float
    phase: float
    sprites: tuple[Sprite, ...]
    mirrored: tuple[Sprite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walkers:
    """Everybody of a shot."""

    keys: tuple[str, ...]
    walkers: tuple[_Walker, ...]
    eye: float
    speed: float
    duration: float

    @property
    def steps(self) -> tuple[float, ...]:
        """When the foremost one's feet touch the ground."""
        first = 0.5 / _STEPS_PER_SECOND
        return tuple(float(second) for second in np.arange(first, self.duration, 1 / _STEPS_PER_SECOND))

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw them far to near."""
        _, low, high = figures.FIGURE_BOX
        for walker in sorted(self.walkers, key=lambda one: -one.z):
            z = walker.z + self.speed * seconds
            stride = np.pi * (_STEPS_PER_SECOND * seconds + walker.phase)
            if z - (view.pose.z - view.base.z) < 1.2:
                continue
            sway = 0.018 * float(np.sin(stride))
            column, row, scale = (float(v[0]) for v in view.project(*(np.array([c]) for c in (walker.x + sway, -self.eye, z))))
            bob = 0.022 * abs(float(np.sin(stride))) * scale
            sprite, below = next(
                (
                    pair
                    for pair in zip(reversed(walker.sprites), reversed(walker.mirrored), strict=True)
                    if pair[0].shape[0] >= (high - low) * scale * 0.8
                ),
                (walker.sprites[0], walker.mirrored[0]),
            )
            size = (high - low) * scale / sprite.shape[0]
            anchor = (sprite.shape[1] / 2, sprite.shape[0] * high / (high - low))
            if walker.mirrored:
                lay(frame, below, affine(scale_x=size, scale_y=-size, at=(column, row + bob), anchor=anchor))
            lay(frame, sprite, affine(scale_x=size, at=(column, row - bob), anchor=anchor))


def walkers_for(
    request: PictureRequest,
    *,
    eye: float,
    light: NDArray[np.float32],
    places: tuple[tuple[float, float], ...],
    mirror: float = 0.0,
    speed: float = 1.1,
) -> Walkers | None:
    """Those whom the prompt names; None where it names nobody.

    Args:
        request: The shot.
        eye: Height of the camera, metres.
        light: (3,) linear light that falls on them.
        places: (x, z) from the camera in metres, the first one's first.
        mirror: How much the ground mirrors them, 0 to 1.
        speed: Metres a second, away from the camera.
    """
    reading = request.reading
    element = next((found for key in PEOPLE if (found := reading.element(key)) is not None), None)
    if element is None:
        return None
    draw = random((request.seed, 831))
    coat = reading.element("coat")
    colour = named_colour(element.colour or (coat.colour if coat is not None else None), (74, 76, 88))
    everybody = []
    for number, (x, z) in enumerate(places[: max(1, element.count)]):
        paint = colour if number == 0 else named_colour(None, tuple(draw.uniform(40, 120, 3)))
        densities = [density * request.size.width / 3840 for density in _DENSITIES]
        textures = [figures.visitor((request.seed, 832, number), max(12.0, density), paint) for density in densities]
        sprites = tuple(_sprite(texture, light, 1.0) for texture in textures)
        below = tuple(_sprite(texture, light, mirror) for texture in textures)
        everybody.append(_Walker(x=x, z=z, phase=float(draw.random()) if number else 0.0, sprites=sprites, mirrored=below))
    duration = float(request.frames / request.rate)
    return Walkers(keys=(element.key,), walkers=tuple(everybody), eye=eye, speed=speed, duration=duration)


def _sprite(texture: NDArray[np.float32], light: NDArray[np.float32], share: float) -> Sprite:
    """A figure's texture (linear, premultiplied) under a light, as display values."""
    cover = texture[..., 3:]
    colour = np.clip(texture[..., :3] / np.maximum(cover, 1e-3) * light, 0, 1) ** (1 / 2.2)
    return Sprite(np.clip(np.dstack([colour * cover, cover]) * (255 * share) + 0.5, 0, 255).astype(np.uint8))
