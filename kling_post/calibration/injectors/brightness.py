"""Pulsing brightness: the whole picture or one part of it, at the rates at which people see it best."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, exposed, run, whole
from kling_post.calibration.patterns import moved, pan, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulsing:
    """A periodic swing of exposure over the whole clip; sizes are peak to peak."""

    name: str
    title: str
    hertz: float
    square: bool = False
    part: float = 1.0
    """Share of the picture's area that pulses, a square with soft edges."""
    check: str = "flicker"
    sizes: tuple[float, ...] = (0.5, 1.0, 1.5, 3.0, 6.0)
    unit: str = "% peak to peak"
    visible: float = 1.5
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """Swing every frame by a wave of random phase."""
        return Injected(frames=self._frames(material, size), truth=(whole(len(material.frames)),), clean=material.frames)

    def _frames(self, material: Material, size: float) -> Iterator[RgbFrame]:
        phase = material.rng.uniform(0, 2 * np.pi)
        mask = _part(material, self.part)
        for index, frame in enumerate(material.frames):
            wave = np.sin(2 * np.pi * self.hertz * index / float(material.rate) + phase)
            percent = size / 2 * (np.sign(wave) if self.square else wave)
            brighter = frame * (1 + np.float32(percent / 100) * mask)
            # Dithering carries swings of less than one code, as a sensor's noise does.
            noise = material.rng.random(frame.shape[:2], dtype=np.float32)[..., None] - np.float32(0.5)
            yield np.clip(np.rint(brighter + noise), 0, 255).astype(np.uint8)


def _part(material: Material, share: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    height, width = material.frames[0].shape[:2]
    if share >= 1:
        return np.ones((1, 1, 1), np.float32)
    side_rows, side_columns = round(height * share**0.5), round(width * share**0.5)
    top, left = (int(material.rng.integers(0, full - side)) for full, side in ((height, side_rows), (width, side_columns)))
    mask = np.zeros((height, width), np.float32)
    mask[top : top + side_rows, left : left + side_columns] = 1
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), width / 80), np.float32)[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Pulsing that lasts one second only."""

    name: str = "pulsing_burst"
    title: str = "Pulsing for one second, 8 Hz"
    check: str = "flicker"
    sizes: tuple[float, ...] = (1.0, 2.0, 4.0)
    unit: str = "% peak to peak"
    visible: float = 2.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """A second of it in the middle."""
        length = round(material.rate)
        start = int(material.rng.integers(12, len(material.frames) - length - 12))
        wave = np.sin(2 * np.pi * 8 * np.arange(length) / float(material.rate) + 0.3)

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                inside = start <= index < start + length
                yield exposed(frame, size / 2 * wave[index - start]) if inside else frame

        return Injected(frames=frames(), truth=(run(start, start + length),), clean=material.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restless:
    """The exposure of every frame is drawn anew."""

    name: str = "restless_light"
    title: str = "Brightness drawn anew in every frame"
    check: str = "flicker"
    sizes: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0)
    unit: str = "% peak to peak (four standard deviations)"
    visible: float = 8.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end."""
        percents = material.rng.standard_normal(len(material.frames)) * size / 4

        def frames() -> Iterator[RgbFrame]:
            for frame, percent in zip(material.frames, percents, strict=True):
                yield exposed(frame, percent)

        return Injected(frames=frames(), truth=(whole(len(material.frames)),), clean=material.frames)


def _lightning(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Two strokes, each of three to five bursts of light within a third of a second."""
    light = np.zeros(count)
    for start in (count // 4, 3 * count // 5):
        for burst in range(int(rng.integers(3, 6))):
            place = start + 2 * burst + int(rng.integers(0, 2))
            strength = rng.uniform(15, 70)
            light[place : place + 3] += strength * np.array([1, 0.4, 0.15])
    for index, frame in enumerate(pan(size, count, rng, pixels=0.3)):
        yield exposed(frame, light[index])


def _lamp(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A warning lamp in the scene, a fiftieth of the picture, blinks twice a second; its glow reaches a little further."""
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    top, left = rng.uniform(0.3, 0.7, 2) * (size.height, size.width)
    glow = np.exp(-(((rows - top) ** 2 + (columns - left) ** 2) / (2 * (size.width / 22) ** 2)))[..., None]
    for index, frame in enumerate(pan(size, count, rng, pixels=0.2)):
        lit = (index // 6) % 2
        yield np.clip(frame + lit * glow * np.array([120, 60, 20]), 0, 255).astype(np.uint8)


def _fire(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Firelight: brightness wanders as 1/f noise, a few per cent, without a beat."""
    picture = texture(size, rng)
    spectrum = np.fft.rfft(rng.standard_normal(4 * count))
    spectrum[1:] /= np.arange(1, len(spectrum))
    spectrum[0] = 0
    light = np.fft.irfft(spectrum)[:count]
    light = 4 * light / light.std()
    for index in range(count):
        yield exposed(moved(picture, size, left=0.3 * index, top=0), light[index])


def _fade(size: Size, count: int, rng: Random, *, opening: bool) -> Iterator[RgbFrame]:
    length = count // 3
    for index, frame in enumerate(pan(size, count, rng, pixels=0.8)):
        place = index if opening else count - 1 - index
        yield np.rint(frame * np.float32(min(1.0, place / length))).astype(np.uint8)


def _zoom(size: Size, count: int, rng: Random, *, per_frame: float) -> Iterator[RgbFrame]:
    picture = texture(size, rng)
    for index in range(count):
        yield moved(picture, size, left=0, top=0, scale=(1 + per_frame) ** index)


INJECTORS = (
    Pulsing(name="pulsing_4_hertz", title="Pulsing, 4 Hz sine", hertz=4),
    Pulsing(name="pulsing_8_hertz", title="Pulsing, 8 Hz sine", hertz=8),
    Pulsing(name="pulsing_12_hertz", title="Pulsing, every other frame", hertz=12, square=True),
    Pulsing(
        name="pulsing_part",
        title="Pulsing of a sixteenth of the picture, 8 Hz",
        hertz=8,
        part=1 / 16,
        check="local_flicker",
        sizes=(2.0, 4.0, 8.0),
        visible=4.0,
    ),
    Burst(),
    Restless(),
)
HARD_NEGATIVES = (
    HardNegative(name="lightning", title="Lightning", draw=_lightning, allowed=frozenset({"flash", "levels", "photosensitivity"})),
    HardNegative(name="warning_lamp", title="A blinking lamp in the scene", draw=_lamp, allowed=frozenset({"local_flicker"})),
    HardNegative(name="firelight", title="Firelight, 1/f luminance noise of 4 %", draw=_fire, allowed=frozenset({"flash", "end_frames"})),
    HardNegative(
        name="fade_in", title="Fade in from black", draw=partial(_fade, opening=True), allowed=frozenset({"black", "colour_drift"})
    ),
    HardNegative(
        name="fade_out", title="Fade out to black", draw=partial(_fade, opening=False), allowed=frozenset({"black", "colour_drift"})
    ),
    HardNegative(name="zoom_in", title="Zoom, 0.6 % a frame", draw=partial(_zoom, per_frame=0.006)),
    HardNegative(name="zoom_slow", title="Zoom, 0.05 % a frame", draw=partial(_zoom, per_frame=0.0005)),
)
