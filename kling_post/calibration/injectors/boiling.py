"""Fine texture that re-forms from frame to frame on things that keep their place; and what moves by nature."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import HardNegative, Injected, Material, Random, RgbFrame, within
from kling_post.calibration.patterns import grained, moved, round_part, texture
from kling_post.media.decode import decode
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.vocabulary import Size

Floats = NDArray[np.float32]

_WAVELENGTHS = (3.0, 12.0)
"""Pixels of a picture 640 wide: larger than grain, smaller than things."""
_DETAIL = 3.0 / 640
"""Of the width: standard deviation of the blur that the fine detail is told by."""
_HALF_LIVES = (2, 3, 4, 6)
"""Frames after which half of the texture is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boil:
    """In a round part of the picture another texture takes the place of the fine detail; it goes with what moves there and re-forms."""

    name: str = "texture_boil"
    title: str = "Texture that boils"
    check: str = "texture_boil"
    sizes: tuple[float, ...] = (2.0, 4.0, 8.0)
    unit: str = "codes"
    visible: float = 4.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """An eighth to a third of the picture, all the time, with a half-life by chance."""
        rng = material.rng
        half_life = float(rng.choice(_HALF_LIVES))
        height, width = material.frames[0].shape[:2]
        inside = _part(width, height, rng.uniform(0.12, 0.33), rng)
        left = _TextureLeft(inside[..., 0] > 0.99)
        frames = left.watched(textured(material.frames, rng, codes=size, half_life_frames=half_life, inside=inside))
        return Injected(frames=frames, truth=(within(0, len(material.frames)),), picture_left=left.share)


class _TextureLeft:
    """How much of a texture, as it was to be coded, a file still shows: encoders blur what changes all the time, and hold it."""

    def __init__(self, inside: NDArray[np.bool_]) -> None:
        self._inside = inside
        self._written: dict[int, Floats] = {}

    def watched(self, frames: Iterator[RgbFrame]) -> Iterator[RgbFrame]:
        """The same frames; every sixth is remembered."""
        for index, frame in enumerate(frames):
            if index % 6 == 0:
                self._written[index] = self._texture(rgb_to_ycbcr420(frame)[0])
            yield frame

    def share(self, path: Path) -> float:
        """Regression of the decoded texture on the written one, the median of those frames."""
        shares = []
        for frame in decode(path):
            if frame.index in self._written:
                own = self._written[frame.index]
                shares.append(float(own @ self._texture(frame.luma_eight_bit(0)) / (own @ own)))
        return float(np.median(shares))

    def _texture(self, luma: NDArray[np.uint8]) -> Floats:
        values = luma.astype(np.float32)
        return np.asarray((values - cv2.GaussianBlur(values, (0, 0), _DETAIL * luma.shape[1]))[self._inside], np.float32)


def textured(frames: Sequence[RgbFrame], rng: Random, *, codes: float, half_life_frames: float, inside: Floats) -> Iterator[RgbFrame]:
    """The frames with a texture of that standard deviation in place of the detail of a part, carried by the movement there.

    ``inside`` is (height, width, 1), 1 where the texture is. The texture is a mixture of fields, in the coordinates of the first frame,
    each step of which keeps 0.5**(1 / half life) of the one before (a first-order autoregression); an infinite half-life keeps all of it:
    the same picture without the defect.
    """
    height, width = frames[0].shape[:2]
    kept = 0.5 ** (1 / half_life_frames)
    lattice = np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)
    places, field = lattice, _fine_noise(width, height, rng)
    flow, before = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST), None
    for frame in frames:
        grey = cv2.cvtColor(cv2.resize(frame, (width // 2, height // 2), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        if before is not None:
            # Where each pixel was in the frame before; smoothed, as things are larger than their texture.
            step = 2 * cv2.blur(flow.calc(grey, before, np.zeros((*grey.shape, 2), np.float32)), (15, 15))
            source = lattice + cv2.resize(step, (width, height))
            known = np.clip(source, 0, np.array([width - 1, height - 1], np.float32))
            places = cv2.remap(places, *_split(known), cv2.INTER_LINEAR) + source - known
            if kept < 1:
                field = np.float32(kept) * field + np.float32(np.sqrt(1 - kept * kept)) * _fine_noise(width, height, rng)
        before = grey
        shown = cv2.remap(field, *_split(places), cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
        soft = cv2.GaussianBlur(frame, (0, 0), _DETAIL * width).astype(np.float32)
        mixed = frame + inside * (soft + np.float32(codes) * shown[..., None] - frame)
        yield np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _fine_noise(width: int, height: int, rng: Random) -> Floats:
    """Noise of the wavelengths of fine texture, of unit deviation; its opposite edges fit together."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]) * width / 640
    shortest, longest = _WAVELENGTHS
    spectrum = np.fft.rfft2(rng.standard_normal((height, width), dtype=np.float32))
    # Less of the finer ones, as in nature.
    spectrum *= ((frequency >= 1 / longest) & (frequency <= 1 / shortest)) / np.maximum(frequency, 1 / longest)
    values = np.fft.irfft2(spectrum, s=(height, width)).astype(np.float32)
    return np.asarray(values / values.std(), np.float32)


def _part(width: int, height: int, share: float, rng: Random) -> Floats:
    """A round part somewhere about the middle that fills such a share, see ``round_part``."""
    radius = np.sqrt(share * width * height / np.pi)
    middle = height * rng.uniform(0.4, 0.6), width * rng.uniform(0.3, 0.7)
    return round_part(Size(width, height), middle=middle, radius=radius, edge=0.1 * radius)


def _carried(size: Size, count: int, rng: Random, *, camera: Callable[[int], tuple[float, float, float]]) -> Iterator[RgbFrame]:
    """The defect's own texture on a scene, but always the same one, under a camera that moves."""
    wide = Size(size.width + 320, size.height + 80)
    plain = texture(wide, rng)
    (scene,) = textured([plain], rng, codes=6.0, half_life_frames=np.inf, inside=_part(wide.width, wide.height, 0.3, rng))
    for index in range(count):
        left, top, scale = camera(index)
        yield grained(moved(scene, size, left=160 + left, top=40 + top, scale=scale), 1.5, rng)


def _hand(index: int) -> tuple[float, float, float]:
    return 9 * np.sin(index / 7.3) + 3 * np.sin(index / 2.9), 6 * np.sin(index / 5.1 + 1), 1.0


def _falling(size: Size, count: int, rng: Random, *, length: int, speed: float, number: int) -> Iterator[RgbFrame]:
    """Rain or snow before a still scene: bright strokes that fall at several depths."""
    scene = texture(size, rng)
    depth = rng.uniform(0.4, 1.0, number)
    across, down = rng.uniform(0, size.width, number), rng.uniform(0, size.height + 40, number)
    for index in range(count):
        layer = np.zeros((size.height, size.width), np.float32)
        for near, x, y in zip(depth, across, down, strict=True):
            top = (y + speed * near * index) % (size.height + 40) - 40
            sway = x + 3 * near * np.sin(index / 9 + x)
            end = round(sway), round(top + length * near)
            cv2.line(layer, (round(sway), round(top)), end, float(110 * near), 1 if near < 0.8 else 2, cv2.LINE_AA)
        soft = cv2.GaussianBlur(layer, (0, 0), 0.7)[..., None]
        yield np.clip(np.rint(scene + soft), 0, 255).astype(np.uint8)


def _leaves(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Foliage in the wind: detail that sways by a few pixels, each bough in its own time, over a trunk that rests."""
    picture = texture(size, rng, exponent=0.9)
    lattice = np.dstack(np.meshgrid(np.arange(size.width), np.arange(size.height))).astype(np.float32)
    phase, reach = (_smooth(size, rng, 40) for _ in range(2))
    for index in range(count):
        sway = (2.5 * reach * np.sin(index / 4.0 + 3 * phase))[..., None] * np.array([1.0, 0.4], np.float32)
        places = (lattice + sway).astype(np.float32)
        swayed = cv2.remap(picture, *_split(places), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        yield np.asarray(swayed, np.uint8)


def _water(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Waves of many lengths, each at the pace that deep water gives it, below a shore that rests."""
    shore = texture(size, rng)
    rows, columns = np.mgrid[0 : size.height, 0 : size.width].astype(np.float32)
    lengths = rng.uniform(6, 120, 40)
    ways = rng.normal(0.3, 0.6, 40)
    phases = rng.uniform(0, 2 * np.pi, 40)
    horizon = size.height // 3
    for index in range(count):
        height = np.zeros((size.height, size.width), np.float32)
        for length, way, phase in zip(lengths, ways, phases, strict=True):
            number = 2 * np.pi / length
            crest = number * (columns * np.cos(way) + 2 * rows * np.sin(way)) + phase + 0.9 * np.sqrt(number) * index
            height += np.float32(length**0.6) * np.sin(crest).astype(np.float32)
        sea = 110 + 45 * np.tanh(height / 40)
        frame = shore.copy()
        frame[horizon:] = np.clip(np.rint(sea[horizon:, :, None] * np.array([0.8, 1.0, 1.1])), 0, 255)
        yield frame


def _crowd(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Many small figures, each on a way of its own."""
    ground = texture(size, rng, exponent=1.6)
    number = 260
    places = rng.uniform((0, size.height / 6), (size.width, size.height), (number, 2))
    speeds = rng.normal(0, 0.8, (number, 2)) * (1, 0.3)
    colours = rng.integers(20, 230, (number, 3))
    order = np.argsort(places[:, 1])
    for index in range(count):
        frame = ground.copy()
        for one in order:
            x, y = places[one] + speeds[one] * index
            tall = 8 + 14 * y / size.height
            middle = round(x * 16), round((y + 0.6 * np.sin(index / 2.5 + one)) * 16)
            shape = round(tall * 3), round(tall * 8)
            cv2.ellipse(frame, middle, shape, 0, 0, 360, colours[one].tolist(), -1, cv2.LINE_AA, 4)
        yield frame


def _split(places: Floats) -> tuple[Floats, Floats]:
    return places[..., 0], places[..., 1]


def _smooth(size: Size, rng: Random, sigma: float) -> Floats:
    values = cv2.GaussianBlur(rng.standard_normal((size.height, size.width), dtype=np.float32), (0, 0), sigma)
    return np.asarray(values / values.std(), np.float32)


INJECTORS = (Boil(),)
HARD_NEGATIVES = (
    HardNegative(
        name="carried_texture_pan",
        title="The boiling texture, but fixed, in a pan",
        draw=partial(_carried, camera=lambda index: (1.2 * index, 0.2 * index, 1.0)),
    ),
    HardNegative(
        name="carried_texture_zoom", title="The same in a zoom", draw=partial(_carried, camera=lambda index: (0.0, 0.0, 1 + 0.003 * index))
    ),
    HardNegative(name="carried_texture_hand", title="The same, held in the hand", draw=partial(_carried, camera=_hand)),
    HardNegative(name="falling_rain", title="Rain before a still scene", draw=partial(_falling, length=26, speed=17.0, number=260)),
    HardNegative(name="snowfall", title="Snow before a still scene", draw=partial(_falling, length=2, speed=2.5, number=400)),
    HardNegative(name="windy_leaves", title="Leaves in the wind", draw=_leaves),
    HardNegative(name="open_water", title="Waves below a shore", draw=_water),
    HardNegative(name="crowd", title="A crowd of small figures", draw=_crowd),
)
