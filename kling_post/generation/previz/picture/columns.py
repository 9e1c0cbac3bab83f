"""Basalt columns: bundles of six-sided pillars, some broken off, rendered as upright layers at several depths."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.layers import Layer, affine, lay, layer
from kling_post.generation.previz.picture.noise import FloatArray, generator, spectral_noise
from kling_post.generation.previz.picture.sculpt import Studio
from kling_post.generation.previz.picture.tone import Bytes, display, mix, rgb
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A stand of columns in one upright plane; metres."""

    x: float
    z: float
    width: float
    height: float
    thickness: float = 2.2
    """Width of one column."""
    leaning: float = 0.0
    """-1 is highest on its left, +1 on its right, 0 in its middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A rendered bundle."""

    bundle: Bundle
    picture: Layer
    cover: Bytes
    """A small silhouette, for shadows."""
    pixels_per_metre: float

    def draw(self, frame: RgbFrame, pose: Pose) -> None:
        """Lay the stand over the frame, with its foot on the ground."""
        size = Size(frame.shape[1], frame.shape[0])
        scale = pose.scale(size, self.bundle.z) / self.pixels_per_metre
        at = pose.project(size, self.bundle.x, 0.0, self.bundle.z)
        rows, columns = self.picture.shape
        lay(frame, self.picture, affine(scale_x=scale, at=at, anchor=(columns / 2, rows - self.pixels_per_metre * 0.6)))


def _heights(bundle: Bundle, places: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Organ pipes: a smooth crown with steps from neighbour to neighbour, ragged at the feet of the bundle."""
    across = places / (bundle.width / 2)
    crown = np.clip(1 - np.abs(across - 0.55 * bundle.leaning) ** 2.2 / (1 + 0.6 * abs(bundle.leaning)) ** 2.2, 0.06, 1)
    return np.asarray(bundle.height * crown * rng.uniform(0.66, 1.08, len(places)), np.float32)


def _column(light: FloatArray, cover: FloatArray, left: float, width: float, top: float, studio: Studio, rng: np.random.Generator) -> None:
    """Paint one column into linear light, over what is there: three faces, a broken top, joints across."""
    rows, columns = cover.shape
    first, last = max(0, int(left)), min(columns, int(left + width) + 1)
    if first >= last:
        return
    across = (np.arange(first, last, dtype=np.float32) + 0.5 - left) / width
    turn = rng.uniform(0.22, 0.4)
    # Faces turned left, to the viewer and right: the sun stands to the left and behind.
    face = np.where(across < turn, 0, np.where(across < turn + 0.42, 1, 2))
    brightness = np.array([0.62, 0.16, 0.05], np.float32)[face]
    rim = np.exp(-((across / 0.035) ** 2)) * 1.6 + np.exp(-(((across - turn) / 0.018) ** 2)) * 0.5
    slope = np.where(face == 0, (turn - across) * 0.5, np.where(face == 1, 0.0, (across - turn - 0.42) * 0.35)) * width
    edge = top + slope + rng.uniform(-0.05, 0.05) * width
    low = max(0, int(top) - 2)
    down = np.arange(low, rows, dtype=np.float32)[:, None] + 0.5
    alpha = np.clip(down - edge[None] + 0.5, 0, 1) * np.clip((across * width + 0.5), 0, 1) * np.clip((1 - across) * width + 0.5, 0, 1)
    joints = np.cumsum(rng.uniform(0.9, 3.4, 90)) * width + top
    joint = np.zeros(len(down), np.float32)
    for place in joints[joints < rows]:
        joint += np.exp(-(((down[:, 0] - place) / max(0.9, width * 0.02)) ** 2))
    tone = np.float32(rng.uniform(0.75, 1.25)) * (1 - 0.42 * np.clip(joint, 0, 1))[:, None]
    sun = rgb(*studio.sun) * ((brightness + rim) * 0.024)[None, :, None]
    ambient = rgb(0.30, 0.36, 0.52) * 0.024 + rgb(*studio.bounce) * (0.03 * np.clip((down - rows * 0.55) / (rows * 0.45), 0, 1))[..., None]
    top_light = np.exp(-np.maximum(down - edge[None], 0) / (0.10 * width))[..., None] * rgb(*studio.sun) * 0.02
    painted = (sun + ambient + top_light) * tone[..., None]
    share = alpha[..., None]
    light[low:, first:last] += (painted - light[low:, first:last]) * share
    cover[low:, first:last] = np.maximum(cover[low:, first:last], alpha)


def build_stand(bundle: Bundle, studio: Studio, size: Size, pose: Pose, *, seed: int, haze_share: float) -> Stand:
    """Render a bundle at the scale that it has from ``pose``."""
    rng = generator(seed, "basalt", round(bundle.x * 10), round(bundle.z * 10))
    scale = pose.scale(size, bundle.z)
    columns = int(bundle.width * 1.12 * scale)
    rows = int((bundle.height * 1.1 + 0.6) * scale)
    light = np.zeros((rows, columns, 3), np.float32)
    cover = np.zeros((rows, columns), np.float32)
    count = int(bundle.width / bundle.thickness * 3.4)
    places = np.sort(rng.uniform(-bundle.width / 2, bundle.width / 2, count)).astype(np.float32)
    heights = _heights(bundle, places, rng)
    # Back rows first: tall ones stand behind short ones.
    for number in np.argsort(-heights + rng.uniform(-0.3, 0.3, count) * bundle.height):
        width = bundle.thickness * rng.uniform(0.85, 1.2) * scale
        left = columns / 2 + places[number] * scale - width / 2
        _column(light, cover, float(left), float(width), float(rows - (heights[number] + 0.6) * scale), studio, rng)
    grit = spectral_noise((256, 256), beta=0.9, rng=rng)
    rough = cv2.resize(grit, (max(2, columns), max(2, rows)), interpolation=cv2.INTER_CUBIC)[:rows, :columns]
    light *= (1 + 0.13 * rough + 0.05 * rng.standard_normal((rows, columns)).astype(np.float32))[..., None].clip(0.4, 1.7)
    height = np.linspace(bundle.height * 1.1, 0, rows, dtype=np.float32)[:, None]
    haze = np.clip(haze_share * (0.16 + 0.9 * np.exp(-height / 4.0)), 0, 0.9)
    hazed = mix(light, np.broadcast_to(rgb(*studio.haze), light.shape), haze[..., None])
    small = cv2.resize(cover * 255, (max(2, int(columns * 6 / scale)), max(2, int(rows * 6 / scale))), interpolation=cv2.INTER_AREA)
    foot = np.clip((rows - np.arange(rows, dtype=np.float32)[:, None]) / (0.5 * scale), 0, 1)
    return Stand(bundle=bundle, picture=layer(display(hazed), cover * foot), cover=np.asarray(small, np.uint8), pixels_per_metre=scale)
