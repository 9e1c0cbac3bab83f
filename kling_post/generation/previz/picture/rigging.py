"""Quarry works in the background: cables from wall to wall with buckets that travel, and lift towers with moving cages."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.vocabulary import Size

DisplayColour = tuple[int, int, int]
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A cable between two points of the world, with its sag in metres and buckets that travel along it."""

    first: Point
    last: Point
    sag: float
    buckets: int = 2
    metres_per_second: float = 1.6
    thickness: float = 0.16
    mast: float = 0.0
    """Height of the masts that hold its ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A lattice tower with a cage that goes up and down."""

    x: float
    z: float
    foot: float
    height: float
    width: float = 3.4
    period_seconds: float = 26.0
    phase: float = 0.0


def _pixels(points: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.round((points - 0.5) * 16).astype(np.int32)


def _project(size: Size, pose: Pose, points: NDArray[np.float64]) -> NDArray[np.float64]:
    scale = pose.focal * size.height / (points[:, 2] - pose.z)
    return np.stack(
        [pose.centre(size) + scale * (points[:, 0] - pose.x), pose.horizon * size.height - scale * (points[:, 1] - pose.y)], axis=1
    )


def draw_cable(frame: RgbFrame, pose: Pose, cable: Cable, seconds: float, colour: DisplayColour) -> None:
    """Draw a cable (a parabola, as a slack cable nearly is) and its buckets."""
    size = Size(frame.shape[1], frame.shape[0])
    first, last = np.array(cable.first), np.array(cable.last)
    share = np.linspace(0, 1, 40)[:, None]
    points = first + (last - first) * share
    points[:, 1] -= 4 * cable.sag * (share * (1 - share))[:, 0]
    depth = float(points[:, 2].mean())
    thick = max(1, round(cable.thickness * pose.scale(size, depth)))
    cv2.polylines(
        frame, [_pixels(_project(size, pose, points))], isClosed=False, color=colour, thickness=thick, lineType=cv2.LINE_AA, shift=4
    )
    for end in (first, last):
        foot = end - np.array([0.0, cable.mast + 0.5, 0.0])
        ends = _pixels(_project(size, pose, np.stack([end, foot])))
        cv2.line(
            frame, tuple(ends[0].tolist()), tuple(ends[1].tolist()), colour, max(1, round(0.7 * pose.scale(size, end[2]))), cv2.LINE_AA, 4
        )
    length = float(np.linalg.norm(last - first))
    for number in range(cable.buckets):
        along = (number / cable.buckets + 0.13 + cable.metres_per_second * seconds / length) % 1.0
        place = first + (last - first) * along
        place[1] -= 4 * cable.sag * along * (1 - along)
        _bucket(frame, size, pose, place, colour, float(np.sin(seconds * 1.1 + number)))


def _bucket(frame: RgbFrame, size: Size, pose: Pose, place: NDArray[np.float64], colour: DisplayColour, swing: float) -> None:
    outline = np.array([(-0.08, 0.0), (0.08, 0.0), (0.1, -1.6), (1.5, -1.7), (1.2, -3.4), (-1.2, -3.4), (-1.5, -1.7), (-0.1, -1.6)])
    lean = 0.05 * swing
    corners = np.stack([place[0] + outline[:, 0] - lean * outline[:, 1], place[1] + outline[:, 1], np.full(len(outline), place[2])], axis=1)
    cv2.fillPoly(frame, [_pixels(_project(size, pose, corners))], colour, cv2.LINE_AA, 4)


def draw_lift(frame: RgbFrame, pose: Pose, lift: Lift, seconds: float, colour: DisplayColour, lamp: DisplayColour) -> None:
    """Draw a tower: two legs, cross bracing, a head frame, and the cage at its height of the moment."""
    size = Size(frame.shape[1], frame.shape[0])
    half, top = lift.width / 2, lift.foot + lift.height
    scale = pose.scale(size, lift.z)

    def line(x0: float, y0: float, x1: float, y1: float, metres: float) -> None:
        ends = _pixels(_project(size, pose, np.array([[lift.x + x0, y0, lift.z], [lift.x + x1, y1, lift.z]])))
        cv2.line(frame, tuple(ends[0].tolist()), tuple(ends[1].tolist()), colour, max(1, round(metres * scale)), cv2.LINE_AA, 4)

    line(-half, lift.foot, -half, top, 0.32)
    line(half, lift.foot, half, top, 0.32)
    levels = np.arange(lift.foot, top, lift.width * 1.15)
    for number, level in enumerate(levels):
        upper = min(level + lift.width * 1.15, top)
        line(-half if number % 2 else half, float(level), half if number % 2 else -half, float(upper), 0.16)
        line(-half, float(upper), half, float(upper), 0.16)
    line(-half * 1.9, top + 0.4, half * 3.2, top + 0.4, 0.45)
    line(half * 3.0, top, half * 3.0, top - lift.height * 0.5, 0.08)
    turn = (seconds / lift.period_seconds + lift.phase) % 1.0
    level = lift.foot + 1 + (lift.height - 5) * (0.5 - 0.5 * float(np.cos(2 * np.pi * turn)))
    cage = np.array([[-half * 0.85, level], [half * 0.85, level], [half * 0.85, level + 3.2], [-half * 0.85, level + 3.2]])
    corners = np.column_stack([lift.x + cage[:, 0], cage[:, 1], np.full(4, lift.z)])
    cv2.fillPoly(frame, [_pixels(_project(size, pose, corners))], colour, cv2.LINE_AA, 4)
    light = _project(size, pose, np.array([[lift.x, level + 2.0, lift.z]]))[0]
    cv2.circle(
        frame, (round((light[0] - 0.5) * 16), round((light[1] - 0.5) * 16)), max(8, round(0.42 * scale * 16)), lamp, -1, cv2.LINE_AA, 4
    )
