"""Things that stand upright in one plane each, drawn anew in every frame: true parallax, and edges that stay straight."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.interior.canvas import Texture
from kling_post.generation.previz.interior.drifting import View
from kling_post.generation.previz.picture.layers import Affine, affine, lay
from kling_post.generation.previz.picture.layers import Layer as Sprite

_NEAREST_METRES = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing: a picture, and where its foot stands."""

    sprite: Sprite
    small: Sprite
    """The same at half the size, for when it is seen from farther away."""
    x: float
    y: float
    """Of its foot, metres above the camera's height in the still (below zero: lower)."""
    z: float
    wide: float
    """Metres that the picture spans."""
    sway: float = 0.0
    """How far its head moves, as a share of its height."""

    def placed(self, view: View, seconds: float) -> tuple[Sprite, Affine] | None:
        """The picture to lay and its place in the frame; None where it is behind the camera."""
        if self.z - (view.pose.z - view.base.z) < _NEAREST_METRES:
            return None
        column, row, scale = (float(v[0]) for v in view.project(*(np.array([c]) for c in (self.x, self.y, self.z))))
        pixels = self.wide * scale
        sprite = self.small if pixels < 0.55 * self.sprite.shape[1] else self.sprite
        rows, columns = sprite.shape
        size = pixels / columns
        matrix = affine(scale_x=size, at=(column, row), anchor=(columns / 2, rows))
        if self.sway:
            lean = self.sway * float(np.sin(1.1 * seconds + 1.7 * self.x + self.z)) * columns / rows
            matrix[0, 1] += lean * size
            matrix[0, 2] -= lean * size * rows
        return sprite, matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Many of them, from far to near."""

    keys: tuple[str, ...]
    cards: tuple[Card, ...]

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw them over the frame, in place."""
        for card in self.cards:
            placed = card.placed(view, seconds)
            if placed is not None:
                lay(frame, *placed)

    def depths(self, view: View) -> Iterator[tuple[Card, float]]:
        """Each card and its distance from the camera now, far to near."""
        gone = view.pose.z - view.base.z
        for card in self.cards:
            if card.z - gone >= _NEAREST_METRES:
                yield card, card.z - gone


def sprite_of(texture: Texture, haze: NDArray[np.float32], clear: float, *, exposure: float) -> tuple[Sprite, Sprite]:
    """A texture (linear, premultiplied) as display values behind the haze before it, whole and at half the size.

    Args:
        texture: (rows, columns, 4).
        haze: (3,) linear light that the air adds.
        clear: Share of the thing's own light that comes through, 0 to 1.
        exposure: As of the still.
    """
    cover = texture[..., 3:]
    light = texture[..., :3] * np.float32(clear) + haze * (cover * np.float32(1 - clear))
    colour = light / np.maximum(cover, np.float32(1e-3)) * np.float32(exposure)
    # The curve of ``interior.finish.developed``, so that a card matches the still behind it.
    value = colour * (2.51 * colour + 0.03) / (colour * (2.43 * colour + 0.59) + 0.14)
    shown = np.clip(value, 0, 1) ** (1 / 2.4)
    rgba = np.dstack([shown * cover, cover]) * np.float32(255)
    half = cv2.resize(rgba, (max(1, rgba.shape[1] // 2), max(1, rgba.shape[0] // 2)), interpolation=cv2.INTER_AREA)
    return tuple(Sprite(np.clip(picture + 0.5, 0, 255).astype(np.uint8)) for picture in (rgba, half))  # type: ignore[return-value]
