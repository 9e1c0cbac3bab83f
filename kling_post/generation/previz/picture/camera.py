"""The camera: a pin-hole that moves, and keeps verticals upright by shifting its lens rather than tilting.

World axes in metres: x right, y up, z ahead; the ground is y = 0. With a shifted lens the horizon is a straight row and every plane
that faces the camera keeps its shape, so layers can be moved by plain affine warps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from kling_post.generation.previz.contract import CameraMove
from kling_post.generation.previz.picture.noise import generator, slow_curve
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where the camera stands at one moment."""

    x: float = 0.0
    y: float = 1.6
    z: float = 0.0
    focal: float = 1.05
    """Focal length in picture heights: 1.05 is about a 25 mm lens on a full-frame sensor."""
    horizon: float = 0.44
    """Row of the horizon as a fraction of the picture's height."""
    shift: float = 0.0
    """Sideways shift of the whole view in picture heights."""

    def scale(self, size: Size, z: float) -> float:
        """Pixels per metre at depth ``z``."""
        return self.focal * size.height / max(z - self.z, 1e-3)

    def project(self, size: Size, x: float, y: float, z: float) -> tuple[float, float]:
        """Column and row (pixel edges, not centres) of a point in front of the camera."""
        scale = self.scale(size, z)
        return self.centre(size) + scale * (x - self.x), self.horizon * size.height - scale * (y - self.y)

    def centre(self, size: Size) -> float:
        """Column of the vanishing point."""
        return size.width / 2 + self.shift * size.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How much of what stands far away some poses see beyond the base pose's picture; in steps, so that shots can share what is drawn."""

    beside: float = 0.0
    """On either side, in picture heights of the base pose."""
    above: float = 0.0
    """Over the horizon, in the same."""

    def at_least(self, *, beside: float, above: float = 0.0) -> "Outlook":
        """No less than that, so that shots which see little more than the picture share what is drawn."""
        return Outlook(beside=max(self.beside, beside), above=max(self.above, above))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far each kind of move goes at pace 1: metres per second, or picture heights per second."""

    dolly: float = 1.2
    truck: float = 1.2
    crane: float = 0.8
    crane_horizon: float = 0.0
    """How much the horizon moves down the picture per second while the camera rises."""
    pan: float = 0.06
    tilt: float = 0.05
    zoom: float = 0.05
    orbit_depth: float = 12.0
    """Distance of the point that an orbit keeps in place."""
    extra: Mapping[str, float] = field(default_factory=dict)


def eased(progress: float, begins: float, ends: float) -> float:
    """Travel of a move at ``progress`` (0 to 1 of the shot), as a fraction of the shot: starts and stops softly inside the shot.

    The speed is a trapezium: full speed, with ramps where the move begins or ends within the shot. Never a jump of speed.
    """
    length = max(ends - begins, 1e-6)
    ramp_in = min(0.25, length / 2) if begins > 0 else 0.0
    ramp_out = min(0.25, length / 2) if ends < 1 else 0.0
    moved = min(max(progress - begins, 0.0), length)
    travel = moved - ramp_in / 2 if moved > ramp_in else (moved * moved / (2 * ramp_in) if ramp_in else moved)
    left = length - moved
    if ramp_out and left < ramp_out:
        travel -= (ramp_out - left) ** 2 / (2 * ramp_out)
    return travel


_MOMENTS, _STEPS = 48, 8
"""Poses that are asked for an outlook, and its steps in a picture's height."""


def _in_steps(heights: float) -> float:
    """Rounded up; what the camera does between two moments is far less than a step."""
    return float(np.ceil(heights * _STEPS) / _STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPath:
    """A camera's way through one shot."""

    base: Pose
    moves: tuple[CameraMove, ...]
    reach: Reach
    duration_seconds: float
    seed: int = 0

    def at(self, seconds: float) -> Pose:
        """The pose at a moment of the shot."""
        pose = self.base
        for number, move in enumerate(self.moves):
            progress = seconds / self.duration_seconds if self.duration_seconds else 0.0
            travel = eased(progress, move.begins, move.ends) * self.duration_seconds * move.pace * move.direction
            pose = self._moved(pose, move.kind, travel, seconds, number)
        return replace(pose, y=max(pose.y, 0.12))

    def outlook(self, size: Size, *, nearest_metres: float) -> Outlook:
        """What must be drawn once for all poses of the shot, of things no nearer than ``nearest_metres``."""
        base, half = self.base, size.width / size.height / 2
        beside, above = 0.0, 0.0
        for moment in range(_MOMENTS + 1):
            pose = self.at(self.duration_seconds * moment / _MOMENTS)
            smaller = base.focal / pose.focal
            back = max(1.0, 1 - (pose.z - base.z) / nearest_metres)
            sideways = abs(pose.x - base.x) * base.focal / nearest_metres
            beside = max(beside, (half + abs(pose.shift - base.shift)) * smaller * back + sideways - half)
            above = max(above, pose.horizon * smaller)
        return Outlook(beside=_in_steps(beside), above=_in_steps(above))

    def _moved(self, pose: Pose, kind: str, travel: float, seconds: float, number: int) -> Pose:
        reach = self.reach
        moved = pose
        match kind:
            case "dolly":
                moved = replace(pose, z=pose.z + travel * reach.dolly)
            case "truck":
                moved = replace(pose, x=pose.x + travel * reach.truck)
            case "crane":
                moved = replace(pose, y=pose.y + travel * reach.crane, horizon=pose.horizon - travel * reach.crane_horizon)
            case "pan":
                moved = replace(pose, shift=pose.shift - travel * reach.pan)
            case "tilt":
                moved = replace(pose, horizon=float(np.clip(pose.horizon + travel * reach.tilt, 0.12, 0.9)))
            case "zoom":
                moved = replace(pose, focal=pose.focal * float(np.exp(travel * reach.zoom)))
            case "orbit":
                sideways = travel * reach.truck
                moved = replace(pose, x=pose.x - sideways, shift=pose.shift - sideways * pose.focal / reach.orbit_depth)
            case "handheld":
                across = slow_curve(seconds, generator(self.seed, "handheld x", number), hertz=1.1)
                down = slow_curve(seconds, generator(self.seed, "handheld y", number), hertz=1.3)
                moved = replace(pose, shift=pose.shift + 0.004 * across, horizon=pose.horizon + 0.003 * down)
        return moved
