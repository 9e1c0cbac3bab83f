"""A planet: ground, clouds and the lamps of its night, the edge of lit air, its ring."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal, smooth

_SUN = np.array([-0.62, 0.42, -0.66])
"""Towards the sun: right, up, ahead; it lights the planet from the left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A planet in the picture."""

    x: float
    y: float
    radius: float
    """In picture heights, from the middle."""
    kind: str
    """``earth``, ``mars``, ``giant`` or ``moon``."""
    ring: bool


def paint_globe(light: Field, nearness: Field, world: World, key: Key, near: float) -> None:
    """Shade one sphere into the picture, its air and its ring, in place."""
    rows, columns = light.shape[:2]
    reach = world.radius * (2.5 if world.ring else 1.12)
    left, right = (int(np.clip(columns / 2 + (world.x + way * reach) * rows, 0, columns)) for way in (-1, 1))
    top, bottom = (int(np.clip(rows / 2 - (world.y + way * reach) * rows, 0, rows)) for way in (1, -1))
    if left >= right or top >= bottom:
        return
    x = ((np.arange(left, right, dtype=np.float32) + 0.5 - columns / 2) / rows - np.float32(world.x))[None] / np.float32(world.radius)
    y = -((np.arange(top, bottom, dtype=np.float32) + 0.5 - rows / 2) / rows + np.float32(world.y))[:, None] / np.float32(world.radius)
    x, y = np.broadcast_arrays(x, y)
    away = np.sqrt(x**2 + y**2)
    edge = np.float32(1 / (world.radius * rows))
    cover = np.clip((1 - away) / edge + 0.5, 0, 1)[..., None]
    z = -np.sqrt(np.clip(1 - away**2, 0, 1))
    sun = _SUN / np.linalg.norm(_SUN)
    toward = np.asarray(x * sun[0] + y * sun[1] + z * sun[2], np.float32)
    day = smooth(toward, -0.06, 0.22) * np.clip(toward * 1.15 + 0.12, 0, 1)
    surface, lamps = _surface(world.kind, (*key, 1), x, y, z)
    shaded = surface * (day[..., None] * np.float32(1.55)) + lamps * smooth(-toward, 0.0, 0.16)[..., None]
    if world.kind != "moon":
        air = linear(110, 170, 255) if world.kind == "earth" else linear(255, 190, 140)
        rim = np.clip(1 - np.sqrt(np.clip(1 - away**2, 0, 1)), 0, 1) ** 3
        shaded = shaded + air * (rim * smooth(toward, -0.25, 0.3) * 0.9)[..., None]
        halo = np.exp(-np.clip(away - 1, 0, 1) / 0.016) * (away > 1) * smooth(toward + 0.1, -0.2, 0.4)
        light[top:bottom, left:right] += air * (halo * 0.55)[..., None]
    behind = light[top:bottom, left:right]
    if world.ring:
        ring, share, front = _ring((*key, 2), x, y)
        behind[:] = behind * (1 - share * (1 - front)) + ring * share * (1 - front)
    behind[:] = behind * (1 - cover) + np.asarray(shaded, np.float32) * cover
    if world.ring:
        behind[:] = behind * (1 - share * front) + ring * share * front
    nearness[top:bottom, left:right][cover[..., 0] > 0.5] = near


def _surface(kind: str, key: Key, x: Field, y: Field, z: Field) -> tuple[Field, Field]:
    """Colour of the ground and of the clouds over it, and the lamps of its night side."""
    tall, wide = 1024, 2048
    column = np.asarray((np.arctan2(x, -z) / (2 * np.pi) + 0.5) * (wide - 1), np.float32)
    row = np.asarray((0.5 - np.arcsin(np.clip(y, -1, 1)) / np.pi) * (tall - 1), np.float32)

    def seen(field: Field) -> Field:
        return np.asarray(cv2.remap(field, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)

    land = fractal((*key, 1), (tall, wide), (5, 10), octaves=9, gain=0.56)
    fine = fractal((*key, 2), (tall, wide), (16, 32), octaves=7, gain=0.6)
    none = np.zeros((*x.shape, 3), np.float32)
    if kind == "giant":
        bend = (fine - 0.5) * 0.05 + (land - 0.5) * 0.05
        level = np.linspace(0, 1, tall, dtype=np.float32)[:, None] + bend
        stripe = fractal((*key, 3), (tall, 4), (16, 2), octaves=4, gain=0.7)[:, 0]
        index = np.clip(level * (tall - 1), 0, tall - 1).astype(int)
        band = stripe[index] + 0.12 * (fine - 0.5)
        paint = (
            linear(222, 190, 140) * (1 - smooth(band, 0.35, 0.65))[..., None] + linear(150, 100, 66) * smooth(band, 0.35, 0.65)[..., None]
        )
        return np.dstack([seen(np.ascontiguousarray(paint[..., channel])) for channel in range(3)]), none
    shore, ruggedness = seen(land), seen(fine)
    if kind in ("mars", "moon"):
        base, other = (linear(196, 112, 70), linear(120, 62, 42)) if kind == "mars" else (linear(176, 174, 170), linear(104, 102, 100))
        share = smooth(shore + 0.35 * (ruggedness - 0.5), 0.42, 0.6)[..., None]
        cap = smooth(np.abs(y) + 0.12 * (ruggedness - 0.5), 0.9, 0.95)[..., None] if kind == "mars" else np.float32(0)
        paint = (base * share + other * (1 - share)) * (0.5 + 0.9 * ruggedness)[..., None]
        return np.asarray(paint * (1 - cap) + linear(236, 232, 226) * cap, np.float32), none
    ground = smooth(shore, 0.53, 0.545)[..., None]
    dry = smooth(ruggedness + 0.5 * (0.5 - np.abs(y)), 0.5, 0.8)[..., None]
    soil = linear(70, 104, 56) * (1 - dry) + linear(176, 150, 104) * dry
    sea = linear(16, 48, 104) * (0.7 + 0.5 * ruggedness)[..., None]
    ice = smooth(np.abs(y) + 0.15 * (ruggedness - 0.5), 0.86, 0.93)[..., None]
    paint = (sea * (1 - ground) + soil * ground * (0.5 + ruggedness)[..., None]) * (1 - ice) + linear(236, 240, 246) * ice
    swirl = fractal((*key, 4), (tall, wide), (7, 9), octaves=9, gain=0.62)
    cloud = smooth(seen(swirl) + 0.2 * (ruggedness - 0.5), 0.52, 0.72)[..., None] * np.float32(0.92)
    paint = paint * (1 - cloud) + linear(244, 246, 250) * cloud
    towns = smooth(seen(fractal((*key, 5), (tall, wide), (220, 440), octaves=2)), 0.70, 0.78) * smooth(ruggedness, 0.5, 0.7)
    lamps = linear(255, 196, 110) * (towns[..., None] * ground * (1 - cloud)) * np.float32(1.6)
    return np.asarray(paint, np.float32), np.asarray(lamps, np.float32)


def _ring(key: Key, x: Field, y: Field) -> tuple[Field, Field, Field]:
    """Light, cover and whether it passes before the globe, of a ring that is seen at a slant."""
    tilt, turn = 0.22, 0.32
    across = x * np.cos(turn) + y * np.sin(turn)
    along = (-x * np.sin(turn) + y * np.cos(turn)) / tilt
    radius = np.sqrt(across**2 + along**2)
    profile = fractal(key, (4, 1024), (1, 40), octaves=5, gain=0.8)
    place = np.asarray(np.clip((radius - 1.28) / 1.05, 0, 1) * 1023, np.float32)
    grain = np.asarray(cv2.remap(profile, place, np.full_like(place, 1.0), cv2.INTER_LINEAR), np.float32)
    inside = smooth(radius, 1.28, 1.32) * (1 - smooth(radius, 2.25, 2.32)) * (1 - 0.9 * np.exp(-(((radius - 1.92) / 0.025) ** 2)))
    share = (inside * (0.25 + 0.85 * grain))[..., None]
    # The globe's shadow falls on the far right of the ring.
    lit = 1 - 0.85 * smooth(across, 0.0, 0.3) * (1 - smooth(np.abs(along * tilt), 0.75, 0.95)) * (along > 0)
    colour = linear(226, 206, 170) * (lit * (0.5 + 0.7 * grain))[..., None]
    return np.asarray(colour, np.float32), np.clip(np.asarray(share, np.float32), 0, 1), (along < 0).astype(np.float32)[..., None]
