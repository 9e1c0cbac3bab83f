"""Text and marks burnt into the picture; and things of the scene that stand still while all else moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, whole
from kling_post.calibration.patterns import moved, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class BurntInText:
    """A line of text at a corner or in the lower third, white, of some opacity."""

    name: str
    title: str
    opacity: float
    check: str = "text"
    sizes: tuple[float, ...] = (1.5, 3.0, 5.0, 8.0)
    unit: str = "% of the height, capital letters"
    visible: float = 3.0
    traits: frozenset[str] = frozenset({"moving"})
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end, at a place where the picture changes: a mark on a still sky cannot be told from a thing in the sky."""
        height, width = material.frames[0].shape[:2]
        early, late = (material.frames[len(material.frames) * part // 4].astype(np.int16) for part in (1, 3))
        changed = np.abs(early - late).mean(axis=2).astype(np.float32)
        tries = [_lettering(Size(width, height), size, material.rng) for _ in range(12)]
        moving = [cover for cover in tries if float((changed * cover).sum() / cover.sum()) >= 6.0]
        cover = (moving or tries)[0] * np.float32(self.opacity)

        def frames() -> Iterator[RgbFrame]:
            for frame in material.frames:
                yield np.rint(frame + (np.float32(245) - frame) * cover[..., None]).astype(np.uint8)

        return Injected(frames=frames(), truth=(whole(len(material.frames)),))


def _lettering(size: Size, percent: float, rng: Random) -> NDArray[np.float32]:
    """Coverage 0 to 1 of a word or two at one of five usual places, drawn four times as large and scaled down."""
    words = ("SAMPLE", "PREVIEW COPY", "made with Cinegen", "CAM 04  00:12", "DO NOT USE")
    text = words[int(rng.integers(len(words)))]
    pixels = size.height * percent / 100
    scale = 4 * pixels / 21
    thickness = max(1, round(4 * pixels / 9))
    (columns, rows), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    large = np.zeros((rows + base + 8, columns + 8), np.uint8)
    cv2.putText(large, text, (4, rows + 4), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thickness, cv2.LINE_AA)
    word = cv2.resize(large, (max(1, large.shape[1] // 4), max(1, large.shape[0] // 4)), interpolation=cv2.INTER_AREA)
    word = word[: size.height // 2, : size.width - 8]
    room = size.width - word.shape[1], size.height - word.shape[0]
    edge = round(size.height * 0.04)
    places = (
        (edge, edge),
        (room[0] - edge, edge),
        (edge, room[1] - edge),
        (room[0] - edge, room[1] - edge),
        (room[0] // 2, room[1] - edge),
    )
    left, top = places[int(rng.integers(len(places)))]
    left, top = max(0, left), max(0, top)
    cover = np.zeros((size.height, size.width), np.float32)
    cover[top : top + word.shape[0], left : left + word.shape[1]] = word.astype(np.float32) / 255
    return cover


def _sign(size: Size, count: int, rng: Random, *, pixels: float) -> Iterator[RgbFrame]:
    """A pan past a lettered sign: text that belongs to the scene."""
    wide = Size(size.width + int(pixels * count) // 2 * 2 + 16, size.height)
    picture = texture(wide, rng).astype(np.float32)
    for _ in range(4):
        cover = _lettering(wide, 8.0, rng)[..., None]
        picture += (np.float32(240) - picture) * cover
    still = np.rint(picture).astype(np.uint8)
    for index in range(count):
        yield moved(still, size, left=4 + pixels * index, top=0)


def _cockpit(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """The view over a bonnet: its edge and the frame of the windscreen stand still before a moving road."""
    picture = texture(Size(size.width + 4 * count // 2 * 2 + 16, size.height), rng)
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    bonnet = rows > size.height * (0.78 + 0.25 * (columns / size.width - 0.5) ** 2)
    pillar = abs(columns - size.width * 0.12 - 0.2 * rows) < size.width * 0.03
    shade = np.linspace(30, 70, size.width, dtype=np.float32)[None, :, None]
    for index in range(count):
        frame = moved(picture, size, left=4 + 4.0 * index, top=0).astype(np.float32)
        yield np.rint(np.where((bonnet | pillar)[..., None], shade, frame)).astype(np.uint8)


def _locked(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A locked camera: a textured scene stands still while a broad figure of another texture crosses it."""
    scene, figure = texture(size, rng, exponent=1.0), texture(size, rng)
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    for index in range(count):
        centre = size.width * (-0.2 + 1.4 * index / count)
        inside = (((columns - centre) / (0.2 * size.width)) ** 2 + ((rows - 0.6 * size.height) / (0.5 * size.height)) ** 2) < 1
        yield np.where(inside[..., None], moved(figure, size, left=-centre, top=0), scene).astype(np.uint8)


INJECTORS = (
    BurntInText(name="burnt_in_text", title="Burnt-in text", opacity=1.0),
    BurntInText(name="watermark", title="A translucent mark", opacity=0.5, visible=3.0),
)
HARD_NEGATIVES = (
    HardNegative(name="lettered_sign", title="A pan past lettered signs", draw=partial(_sign, pixels=3.0)),
    HardNegative(name="cockpit", title="A bonnet and a pillar before a moving road", draw=_cockpit),
    HardNegative(name="locked_scene", title="A figure crosses a still scene", draw=_locked),
)
