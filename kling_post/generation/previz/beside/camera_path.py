"""The camera's path as files: JSON with everything, and USD, which Blender, Nuke, Houdini, Maya and Unreal read.

USD because its camera has a shifted lens. The picture's verticals stay upright in a pan or a tilt, so that the camera never turns and
its principal point moves instead; formats that only know a turning camera (.chan, glTF) would put every edge elsewhere.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from kling_post.generation.previz.geometry.view import Pinhole

SENSOR_MM: Final = 36.0
"""Width of the sensor that focal lengths are given for: full frame. The height follows from the picture's shape."""
_CENTIMETRES: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotCamera:
    """The camera through one shot of a take."""

    shot_id: str
    first_frame: int
    """In the take."""
    cameras: tuple[Pinhole, ...]
    """One for each frame; empty where the shot has none to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A camera in the units of lens and sensor."""

    focal_mm: float
    shift: tuple[float, float]
    """Right and up, in widths of the sensor: how far the picture's middle lies from the optical axis. Blender's ``shift_x`` and
    ``shift_y`` of landscape pictures."""
    field_of_view_degrees: tuple[float, float]
    """Of the lens without its shift, across and down."""


def lens_of(camera: Pinhole) -> Lens:
    """The lens of a camera on a sensor of ``SENSOR_MM``."""
    size = camera.size
    angles = [math.degrees(2 * math.atan(side / 2 / camera.focal_pixels)) for side in (size.width, size.height)]
    return Lens(
        focal_mm=camera.focal_pixels * SENSOR_MM / size.width,
        shift=((size.width / 2 - camera.column) / size.width, (camera.row - size.height / 2) / size.width),
        field_of_view_degrees=(angles[0], angles[1]),
    )


def camera_json(shots: Sequence[ShotCamera], rate: Fraction, comment: str) -> dict[str, Any]:
    """The whole path as JSON values; axes are x right, y up, z ahead, and the camera looks along +z."""
    size = next(camera.size for shot in shots for camera in shot.cameras)
    return {
        "schema": "kling-post camera 1",
        "comment": comment,
        "size": str(size),
        "rate": str(rate),
        "sensor_mm": [SENSOR_MM, round(SENSOR_MM * size.height / size.width, 6)],
        "axes": "metres; x right, y up, z ahead; the camera looks along +z and never turns: a pan or a tilt shifts its lens",
        "shots": [
            {
                "shot": shot.shot_id,
                "first_frame": shot.first_frame,
                "metric": all(camera.metric for camera in shot.cameras),
                "frames": [_frame_json(shot.first_frame + number, camera) for number, camera in enumerate(shot.cameras)],
            }
            for shot in shots
        ],
    }


def _frame_json(frame: int, camera: Pinhole) -> dict[str, Any]:
    lens = lens_of(camera)
    return {
        "frame": frame,
        "position_metres": _rounded(camera.x, camera.y, camera.z),
        "rotation_degrees": [0.0, 0.0, 0.0],
        "focal_length_mm": round(lens.focal_mm, 6),
        "lens_shift_widths": _rounded(*lens.shift),
        "field_of_view_degrees": _rounded(*lens.field_of_view_degrees),
        "focal_pixels": round(camera.focal_pixels, 6),
        "principal_point_pixels": _rounded(camera.column, camera.row),
    }


def _rounded(*values: float) -> list[float]:
    return [round(value, 6) for value in values]


def camera_usd(shots: Sequence[ShotCamera], rate: Fraction, comment: str) -> str:
    """The path as a USD text file: one camera, sampled at every frame of the take, in centimetres, y up, looking along -z.

    In a stage of centimetres, USD's focal length and apertures are millimetres.
    """
    sampled = {shot.first_frame + number: camera for shot in shots for number, camera in enumerate(shot.cameras)}
    lenses = {frame: lens_of(camera) for frame, camera in sampled.items()}
    size = next(iter(sampled.values())).size
    high = SENSOR_MM * size.height / size.width
    moved = {
        frame: f"({_number(camera.x * _CENTIMETRES)}, {_number(camera.y * _CENTIMETRES)}, {_number(-camera.z * _CENTIMETRES)})"
        for frame, camera in sampled.items()
    }

    def samples(kind: str, value: Callable[[Lens], float]) -> str:
        return _samples(kind, {frame: _number(value(lens)) for frame, lens in lenses.items()})

    return "\n".join(
        (
            "#usda 1.0",
            "(",
            '    defaultPrim = "Camera"',
            f'    doc = "{comment}"',
            f"    endTimeCode = {max(sampled)}",
            f"    framesPerSecond = {float(rate):g}",
            "    metersPerUnit = 0.01",
            f"    startTimeCode = {min(sampled)}",
            f"    timeCodesPerSecond = {float(rate):g}",
            '    upAxis = "Y"',
            ")",
            "",
            'def Camera "Camera"',
            "{",
            "    float2 clippingRange = (10, 100000000)",
            samples("float focalLength", lambda lens: lens.focal_mm),
            f"    float horizontalAperture = {_number(SENSOR_MM)}",
            samples("float horizontalApertureOffset", lambda lens: lens.shift[0] * SENSOR_MM),
            '    token projection = "perspective"',
            f"    float verticalAperture = {_number(high)}",
            samples("float verticalApertureOffset", lambda lens: lens.shift[1] * SENSOR_MM),
            _samples("double3 xformOp:translate", moved),
            '    uniform token[] xformOpOrder = ["xformOp:translate"]',
            "}",
            "",
        )
    )


def _samples(name: str, values: Mapping[int, str]) -> str:
    lines = "\n".join(f"        {frame}: {value}," for frame, value in values.items())
    return f"    {name}.timeSamples = {{\n{lines}\n    }}"


def _number(value: float) -> str:
    return f"{value:.7g}"
