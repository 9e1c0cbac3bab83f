"""Cuts that nobody planned, hard and melting; and movement and light that look like a cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, instant, somewhere, within
from kling_post.calibration.patterns import moved, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class HardCut:
    """A cut to another shot; the dose is how much of the other shot's own colours it keeps."""

    name: str = "hard_cut"
    title: str = "An unplanned cut"
    check: str = "cuts"
    sizes: tuple[float, ...] = (0.0, 0.5, 1.0)
    unit: str = "of the other shot's own palette"
    visible: float = 0.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """Somewhere inside; 0 brings the new shot to the mean and spread of the old one, channel by channel."""
        place = somewhere(material.rng, 14, len(material.frames) - 14)
        before, after = material.frames[place].astype(np.float32), material.other[place].astype(np.float32)
        gain = before.std(axis=(0, 1)) / np.maximum(after.std(axis=(0, 1)), 1)
        offset = before.mean(axis=(0, 1)) - after.mean(axis=(0, 1)) * gain

        def frames() -> Iterator[RgbFrame]:
            yield from material.frames[:place]
            for frame in material.other[place : len(material.frames)]:
                matched = frame * gain + offset
                yield np.clip(np.rint(matched + (frame - matched) * np.float32(size)), 0, 255).astype(np.uint8)

        return Injected(frames=frames(), truth=(instant(place),))


@dataclass(frozen=True, slots=True, kw_only=True)
class CloserCut:
    """A jump cut in one scene: the same shot, suddenly closer."""

    name: str = "jump_cut"
    title: str = "A jump cut: the same scene, closer"
    check: str = "cuts"
    sizes: tuple[float, ...] = (1.1, 1.3, 1.6, 2.2)
    unit: str = "times as close"
    visible: float = 1.3
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """Somewhere inside."""
        count = len(material.frames)
        place = somewhere(material.rng, 14, count - 14)
        height, width = material.frames[0].shape[:2]
        aside = material.rng.uniform(-0.5, 0.5, 2) * (1 - 1 / size)

        def frames() -> Iterator[RgbFrame]:
            yield from material.frames[:place]
            for frame in material.frames[place:]:
                yield moved(frame, Size(width, height), left=aside[0] * width, top=aside[1] * height, scale=size)

        return Injected(frames=frames(), truth=(instant(place),))


@dataclass(frozen=True, slots=True, kw_only=True)
class MorphCut:
    """One shot melts into another within a few frames, as generators do when they lose the scene."""

    name: str = "morph_cut"
    title: str = "A cut that melts over a few frames"
    check: str = "cuts"
    sizes: tuple[float, ...] = (3.0, 5.0, 8.0, 12.0)
    unit: str = "frames long"
    visible: float = 3.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """The truth is the stretch of mixed frames; a cut anywhere inside names it."""
        length = int(size)
        place = somewhere(material.rng, 14, len(material.frames) - 14 - length)

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                share = np.float32(min(1.0, max(0.0, (index - place + 1) / (length + 1))))
                yield frame if share == 0 else np.rint(frame * (1 - share) + material.other[index] * share).astype(np.uint8)

        return Injected(frames=frames(), truth=(within(place, place + length + 1),))


@dataclass(frozen=True, slots=True, kw_only=True)
class WarpedCut:
    """One shot turns into another within a few frames while shapes flow into those of the other: what generators do more often than mix."""

    name: str = "warped_cut"
    title: str = "A cut whose shapes flow into the next shot's"
    check: str = "cuts"
    sizes: tuple[float, ...] = (3.0, 5.0, 8.0, 12.0)
    unit: str = "frames long"
    visible: float = 3.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """Both shots are bent along the dense flow between them (DIS, Kroeger 2016) and mixed; the truth as for a plain melt."""
        length = int(size)
        place = somewhere(material.rng, 14, len(material.frames) - 14 - length)

        def frames() -> Iterator[RgbFrame]:
            flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
            for index, frame in enumerate(material.frames):
                share = min(1.0, max(0.0, (index - place + 1) / (length + 1)))
                yield frame if share == 0 else material.other[index] if share == 1 else _bent(flow, frame, material.other[index], share)

        return Injected(frames=frames(), truth=(within(place, place + length + 1),))


def _bent(flow: cv2.DISOpticalFlow, one: RgbFrame, other: RgbFrame, share: float) -> RgbFrame:
    before, after = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (one, other))
    field = cv2.GaussianBlur(flow.calc(before, after, np.zeros((*before.shape, 2), np.float32)), (0, 0), one.shape[1] / 100)
    rows, columns = np.indices(before.shape, np.float32)
    mixed = np.zeros(one.shape, np.float32)
    for picture, way, weight in ((one, -share, 1 - share), (other, 1 - share, share)):
        across, down = (places + field[..., axis] * np.float32(way) for axis, places in enumerate((columns, rows)))
        bent = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mixed += bent * np.float32(weight)
    return np.rint(mixed).astype(np.uint8)


def _whip(size: Size, count: int, rng: Random, *, share: float) -> Iterator[RgbFrame]:
    """Rest, a whip pan of a third of a second with motion blur, rest."""
    length = 8
    peak = share * size.width
    speed = np.zeros(count)
    middle = count // 2
    speed[middle - length // 2 : middle + length // 2] = peak * np.sin(np.pi * (np.arange(length) + 0.5) / length)
    left = 4 + np.cumsum(speed) + 0.3 * np.arange(count)
    wide = int(left[-1]) + size.width + 8
    picture = texture(Size(wide + wide % 2, size.height), rng)
    for index in range(count):
        blur = max(1, round(speed[index] / 2 / 4))
        steps = [moved(picture, size, left=left[index] - speed[index] / 2 * k / blur, top=0) for k in range(blur)]
        yield np.rint(np.mean(steps, axis=0)).astype(np.uint8)


def _dolly(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A dolly through an opening: the near wall comes closer and leaves the picture within half a second, another scene behind it stays."""
    near, far = texture(size, rng), texture(size, rng)
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    apart = np.maximum(abs(rows - size.height / 2) / size.height, abs(columns - size.width / 2) / size.width)
    for index in range(count):
        # The camera moves from the first frame on, slowly far from the wall and fast beside it.
        closer = float(np.exp(0.012 * index + max(0.0, (index - count // 2 + 12) / 6)))
        wall = moved(near, size, left=0, top=0, scale=min(closer, 60.0))
        behind = moved(far, size, left=0, top=0, scale=1 + 0.002 * index)
        edge = np.clip((apart - 0.06 * closer) * size.width / 2 + 0.5, 0, 1)[..., None].astype(np.float32)
        yield np.rint(behind + (wall - behind.astype(np.float32)) * edge).astype(np.uint8)


def _explosion(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A ball of light swells from a corner over half a second, whites out half of the picture and dies away."""
    picture = texture(size, rng)
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    distance = np.hypot(rows - size.height * 0.6, columns - size.width * 0.4) / size.width
    for index in range(count):
        age = index - count // 3
        strength = 0.0 if age < 0 else min(1.0, age / 5) * np.exp(-max(0, age - 5) / 14)
        glow = np.exp(-((distance / (0.1 + 0.012 * max(0, age))) ** 2)) * strength
        frame = moved(picture, size, left=0.4 * index, top=0)
        yield np.rint(frame + (np.array([255, 225, 150]) - frame) * glow[..., None]).astype(np.uint8)


INJECTORS = (HardCut(), CloserCut(), MorphCut(), WarpedCut())
HARD_NEGATIVES = (
    HardNegative(name="whip_pan", title="Whip pan, a sixth of the width a frame", draw=partial(_whip, share=1 / 6)),
    HardNegative(name="whip_pan_fast", title="Whip pan, 40 % of the width a frame", draw=partial(_whip, share=0.4)),
    HardNegative(name="dolly_through", title="A dolly through an opening into another place", draw=_dolly),
    HardNegative(name="explosion", title="An explosion", draw=_explosion, allowed=frozenset({"levels", "colour_drift"})),
)
