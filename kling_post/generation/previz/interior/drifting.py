"""The kinds of things that move in the air: snow and dust, powder, scraps of paper, birds.

Every path is a formula of time, so any frame can be drawn alone. Places are metres from the camera that saw the still: x right, y up
from the eye, z away.
"""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.interior.relief import Relief
from kling_post.generation.previz.picture.camera import Pose

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where points of the air fall in one frame."""

    relief: Relief
    pose: Pose
    base: Pose
    width: int
    height: int

    def project(self, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Column, row and pixels per metre; points behind the camera get a scale of 0."""
        away = z - (self.pose.z - self.base.z)
        ahead = away > 0.15
        scale = np.where(ahead, self.pose.focal * self.width / np.where(ahead, away, 1.0), 0.0)
        column = self.relief.vanishing[0] * self.width + (self.pose.shift - self.base.shift) * self.height
        return (
            column + scale * (x - (self.pose.x - self.base.x)),
            self.pose.horizon * self.height - scale * (y - (self.pose.y - self.base.y)),
            scale,
        )


class Layer(Protocol):
    """One kind of thing in the air."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Element keys that it shows."""

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw it over the frame, in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specks:
    """Many small soft dots that fall or float: snow, dust."""

    keys: tuple[str, ...]
    start: Floats
    """(n, 3), inside the box."""
    box: tuple[float, float, float]
    """Half width, half height and depth of the box that they wrap around in, metres; its near face is half a metre away."""
    speed: Floats
    """(n, 3) metres a second."""
    sway: Floats
    """(n, 3): metres, cycles a second, phase."""
    radius_metres: Floats
    colour: tuple[int, int, int]
    opacity: float
    twinkle: float
    """How much of the brightness comes and goes, 0 to 1."""

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw those that are in the picture, far ones first."""
        half_x, half_y, depth = self.box
        place = self.start + self.speed * seconds
        swing = self.sway[:, 0] * np.sin(2 * np.pi * (self.sway[:, 1] * seconds + self.sway[:, 2]))
        x = (place[:, 0] + half_x) % (2 * half_x) - half_x + swing
        y = (place[:, 1] + half_y) % (2 * half_y) - half_y
        gone = view.pose.z - view.base.z
        z = (place[:, 2] - gone) % depth + 0.5
        fade = np.clip((z - 0.5) / 0.8, 0, 1) * np.clip((depth + 0.5 - z) / (0.25 * depth), 0, 1)
        fade *= np.clip((half_y - np.abs(y)) / (0.06 * half_y), 0, 1)
        column, row, scale = view.project(x, y, z + gone)
        glint = 1 - self.twinkle * (0.5 + 0.5 * np.sin(2 * np.pi * (seconds * (0.3 + self.sway[:, 1]) + 7 * self.sway[:, 2])))
        dots(frame, column, row, self.radius_metres * scale, self.colour, self.opacity * fade * glint)


def dots(
    frame: RgbFrame, x: Floats, y: Floats, radius: Floats, colour: tuple[int, int, int], opacity: Floats, *, largest: float = 0.012
) -> None:
    """Blend soft discs into the frame: small ones keep their light as fainter pixels, those over ``largest`` (of the width) fade."""
    rows, columns = frame.shape[:2]
    limit = largest * columns
    strength = opacity * np.clip(radius / 0.8, 0.4, 1) ** 2 * np.clip(2 - radius / limit, 0, 1)
    radius = np.clip(radius, 0.8, 2 * limit)
    seen = (strength > 0.02) & (x > -limit) & (y > -limit) & (x < columns + limit) & (y < rows + limit)
    tint = np.array(colour, np.float32)
    for index in np.flatnonzero(seen):
        reach = radius[index] + 1
        left, top = max(0, int(x[index] - reach)), max(0, int(y[index] - reach))
        right, bottom = min(columns, int(x[index] + reach) + 2), min(rows, int(y[index] + reach) + 2)
        if left >= right or top >= bottom:
            continue
        across = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - x[index])
        down = np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - y[index])
        away = (across**2)[None, :] + (down**2)[:, None]
        cover = np.clip(1 - away / np.float32(reach**2), 0, 1) ** np.float32(1.5) * np.float32(strength[index])
        patch = frame[top:bottom, left:right]
        patch[:] = (patch + (tint - patch) * cover[..., None] + np.float32(0.5)).astype(np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Powder:
    """Small avalanches: powder that breaks from ledges at the sides, falls and spreads."""

    keys: tuple[str, ...]
    source: Floats
    """(bursts, 4): x, y, z and the second at which it breaks."""
    grain: Floats
    """(bursts, n, 4): delay, sideways drift, fall speed, size."""

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw what is falling now."""
        for source, grain in zip(self.source, self.grain, strict=True):
            age = seconds - source[3] - grain[:, 0]
            alive = (age > 0) & (age < 4.0)
            if not alive.any():
                continue
            age, own = age[alive], grain[alive]
            spread = own[:, 1] * (0.12 + 0.42 * age)
            fallen = own[:, 2] * (age - 0.35 * (1 - np.exp(-age / 0.35)))
            x = source[0] + spread
            y = source[1] - fallen
            column, row, scale = view.project(x, y, np.full(len(age), source[2]))
            alive_share = np.clip(age / 0.2, 0, 1) * np.clip((4.0 - age) / 2.6, 0, 1)
            white = (236, 244, 248)
            cloud = slice(None, None, 16)  # every sixteenth grain carries a soft cloud of dust with it
            dots(frame, column[cloud], row[cloud], (0.12 + 0.22 * age[cloud]) * scale[cloud], white, 0.1 * alive_share[cloud], largest=0.06)
            dots(frame, column, row, own[:, 3] * (0.6 + 0.5 * age) * scale, white, 0.5 * alive_share, largest=0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scraps:
    """Sheets of old paper that circle along the middle of the space, turning as they go."""

    keys: tuple[str, ...]
    orbit: Floats
    """(n, 6): radius, phase, turns a second, height, distance, rise a second."""
    spin: Floats
    """(n, 4): tumbling cycles a second about two axes, and their phases."""
    size: Floats

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw the sheets, far ones first."""
        angle = 2 * np.pi * (self.orbit[:, 1] + self.orbit[:, 2] * seconds)
        x = self.orbit[:, 0] * np.cos(angle)
        z = self.orbit[:, 4] + 0.8 * self.orbit[:, 0] * np.sin(angle)
        y = self.orbit[:, 3] + self.orbit[:, 5] * seconds + 0.5 * np.sin(2 * angle + self.orbit[:, 1] * 9)
        roll = 2 * np.pi * (self.spin[:, 0] * seconds + self.spin[:, 2])
        tip = 2 * np.pi * (self.spin[:, 1] * seconds + self.spin[:, 3])
        for index in np.argsort(-z, kind="stable"):
            self._sheet(frame, view, (x[index], y[index], z[index]), float(roll[index]), float(tip[index]), float(self.size[index]))

    @staticmethod
    def _sheet(frame: RgbFrame, view: View, place: tuple[float, float, float], roll: float, tip: float, size: float) -> None:
        u = np.array([np.cos(roll), np.sin(roll) * 0.55, np.sin(roll) * 0.8])
        v = np.array([-np.sin(roll) * np.cos(tip), np.cos(roll) * np.cos(tip), np.sin(tip)])
        bend = 0.3 * size * np.sin(tip * 0.7 + 1)
        corners = []
        for across in (-0.5, 0.0, 0.5):
            lift = np.array([0.0, bend, bend]) * (0.25 - across**2) * 4
            corners.append([np.array(place) + size * (across * u + down * 0.7 * v) + lift for down in (-0.5, 0.5)])
        points = np.array(corners).reshape(-1, 3)
        column, row, scale = view.project(points[:, 0], points[:, 1], points[:, 2])
        if scale.min() <= 0 or size * scale.max() > 0.06 * view.width:
            return
        pixels = np.round(np.column_stack([column, row]) * 16).astype(np.int64).clip(-(2**26), 2**26).astype(np.int32)
        facing = abs(float(np.cross(u, v)[2]))
        haze = float(np.clip(place[2] / 60, 0, 0.55))
        for quad, turn in (((0, 2, 3, 1), 1.0), ((2, 4, 5, 3), 0.78)):
            light = (0.38 + 0.6 * facing) * turn
            shade = tuple(
                float((1 - haze) * light * paper + haze * air) for paper, air in zip((232, 222, 198), (150, 190, 194), strict=True)
            )
            cv2.fillConvexPoly(frame, pixels[list(quad)][:, None], shade, cv2.LINE_AA, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Birds:
    """Distant birds that come into the picture late in the shot, flapping."""

    keys: tuple[str, ...]
    start: Floats
    """(n, 5): x, y, z at ``enters``, wing beats a second, phase."""
    velocity: Floats
    """(n, 3) metres a second."""
    enters: float
    """Second at which the first comes."""

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw the flock."""
        age = seconds - self.enters
        if age <= 0:
            return
        for (x, y, z, beat, phase), velocity in zip(self.start, self.velocity, strict=True):
            lift = np.sin(2 * np.pi * (beat * seconds + phase))
            centre = np.array([x, y + 0.08 * lift, z]) + velocity * age
            points = centre + 0.5 * np.array(
                [
                    (-1.0, 0.75 * lift, 0),
                    (-0.42, 0.5 * lift + 0.06, 0),
                    (0, 0.05, 0),
                    (0.42, 0.5 * lift + 0.06, 0),
                    (1.0, 0.75 * lift, 0),
                    (0.3, -0.02 + 0.3 * lift, 0),
                    (0, -0.14, 0),
                    (-0.3, -0.02 + 0.3 * lift, 0),
                ]
            )
            column, row, scale = view.project(points[:, 0], points[:, 1], points[:, 2])
            if scale.min() <= 0:
                continue
            pixels = np.round(np.column_stack([column, row]) * 16).astype(np.int64).clip(-(2**26), 2**26).astype(np.int32)
            grey = float(np.clip(34 + 1.6 * z, 34, 130))
            cv2.fillPoly(frame, [pixels[:, None]], (grey, grey + 4, grey + 6), cv2.LINE_AA, 4)
