"""A page of docs/: frames of the embedded backend beside their depth and their exact optical flow.

    python scripts/geometry_picture.py [--picture docs/pictures/previz_geometry.jpg]

Depth: white is near. Flow over four frames: the hue is the direction, the colour's strength the length; grey is what has no known movement.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kling_post.calibration.footage import drawn_shot
from kling_post.generation.previz.beside.depth import DepthScale
from kling_post.generation.previz.geometry.flow import NOT_KNOWN, Flow, flow_between
from kling_post.generation.previz.geometry.view import Viewed
from kling_post.vocabulary import Size

PROMPTS = (
    "A caravan crosses the salt flats under smoking ridges at golden hour, wide shot, the camera dollies forward",
    "A colossal mech walks through an amber stone quarry, slabs, lifts and cables, the camera cranes upward",
    "An ice library under an aurora, the camera dollies forward",
)
SIZE = Size(960, 540)
BEFORE, AFTER = 44, 48


def flow_colours(flow: Flow) -> NDArray[np.uint8]:
    """Flow as hue and strength; full strength at the 98th percentile of the lengths."""
    length = np.hypot(flow.pixels[..., 0], flow.pixels[..., 1])
    known = flow.known != NOT_KNOWN
    most = max(float(np.percentile(length[known], 98)), 1e-6)
    hue = (np.degrees(np.arctan2(flow.pixels[..., 1], flow.pixels[..., 0])) % 360) / 2
    strength = np.clip(length / most, 0, 1) * 255
    page = np.dstack([hue, strength, np.full_like(hue, 255)]).astype(np.uint8)
    colours = np.asarray(cv2.cvtColor(page, cv2.COLOR_HSV2RGB), np.uint8)
    colours[~known] = 90
    return colours


def row(prompt: str) -> NDArray[np.uint8]:
    """Frame, depth and flow side by side."""
    picture = drawn_shot(prompt, 3, size=SIZE)
    assert isinstance(picture, Viewed)
    before, after = picture.view(BEFORE), picture.view(AFTER)
    assert before is not None
    assert after is not None
    scale = DepthScale(shot_id="", first_frame=0, frames=1, nearest_metres=float(before.depth.min()))
    # Shown with a gamma of 2.2, as a viewer shows linear light: in the file the codes are linear in nearness.
    grey = np.rint(255 * (scale.codes(before.depth) / 65535) ** (1 / 2.2)).astype(np.uint8)
    flow = flow_between(before, after, (AFTER - BEFORE) / 24)
    return np.concatenate([picture.frame(BEFORE), np.dstack([grey] * 3), flow_colours(flow)], axis=1)


def main() -> None:
    """Write the page."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--picture", type=Path, default=Path("docs/pictures/previz_geometry.jpg"))
    asked = options.parse_args()
    page = np.concatenate([row(prompt) for prompt in PROMPTS], axis=0)
    image = Image.fromarray(page)
    image.resize((1440, round(1440 * image.height / image.width)), Image.Resampling.LANCZOS).save(asked.picture, quality=86, optimize=True)


if __name__ == "__main__":
    main()
