"""Code values beyond what R103 prefers, full range without its flag and limited range with one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from kling_post.calibration.injectors.injector import (
    PLAIN,
    HardNegative,
    Injected,
    Material,
    Planes,
    Random,
    RgbFrame,
    run,
    somewhere,
    whole,
)
from kling_post.calibration.patterns import pan
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondPreferred:
    """A patch of one colour that limited range has no picture for."""

    name: str
    title: str
    codes: tuple[int, int, int]
    """Y', Cb and Cr of the patch."""
    check: str = "levels"
    sizes: tuple[float, ...] = (0.5, 1.3, 2.0, 5.0)
    unit: str = "% of the area"
    visible: float = 1.3
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """For two seconds."""
        count = len(material.frames)
        length = round(2 * material.rate)
        start = somewhere(material.rng, 6, count - 6 - length)
        height, width = material.frames[0].shape[:2]
        side = (size / 100) ** 0.5
        rows, columns = round(height * side), round(width * side)
        top, left = somewhere(material.rng, 0, height - rows), somewhere(material.rng, 0, width - columns)

        def frames() -> Iterator[Planes]:
            for index, frame in enumerate(material.frames):
                luma, blue, red = (plane.copy() for plane in rgb_to_ycbcr420(frame))
                if start <= index < start + length:
                    luma[top : top + rows, left : left + columns] = self.codes[0]
                    blue[top // 2 : (top + rows) // 2, left // 2 : (left + columns) // 2] = self.codes[1]
                    red[top // 2 : (top + rows) // 2, left // 2 : (left + columns) // 2] = self.codes[2]
                yield luma, blue, red

        return Injected(frames=frames(), truth=(run(start, start + length),))


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRangeUnflagged:
    """Luma spread over 0 to 255 in a file that says limited; the dose is the contrast of the footage itself."""

    name: str = "full_range_unflagged"
    title: str = "Full range under a limited flag"
    check: str = "levels"
    sizes: tuple[float, ...] = (1.0, 1.6, 2.2)
    unit: str = "times the footage's contrast"
    visible: float = 1.6
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end."""

        def frames() -> Iterator[Planes]:
            for frame in material.frames:
                stretched = np.clip(128 + (frame.astype(np.float32) - 128) * np.float32(size), 0, 255).astype(np.uint8)
                luma, blue, red = (plane.copy() for plane in rgb_to_ycbcr420(stretched))
                full = np.clip(np.rint((luma.astype(np.float32) - 16) * (255 / 219)), 0, 255).astype(np.uint8)
                yield full, blue, red

        return Injected(frames=frames(), truth=(whole(len(material.frames)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedFlaggedFull:
    """Luma of 16 to 235 in a file that says full range: the picture is shown flat and grey."""

    name: str = "limited_flagged_full"
    title: str = "Limited range under a full flag"
    check: str = "levels"
    sizes: tuple[float, ...] = (0.02, 0.5, 2.0)
    unit: str = "% of the picture at black, and at white"
    visible: float = 0.5
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end, stretched to as much contrast as it takes for so much black and white."""
        frames = _stretched(material.frames, size, black=16, white=235)
        return Injected(frames=frames, truth=(whole(len(material.frames)),), full_range_flag=True)


def _stretched(frames: Sequence[RgbFrame], percent: float, *, black: int, white: int) -> Iterator[Planes]:
    """With so many per cent of the middle frame's luma at one code, and at the other."""
    darkest, lightest = np.percentile(rgb_to_ycbcr420(frames[len(frames) // 2])[0], (percent, 100 - percent))
    gain = np.float32((white - black) / max(1.0, lightest - darkest))
    for frame in frames:
        luma, blue, red = rgb_to_ycbcr420(frame)
        stretched = black + (luma.astype(np.float32) - np.float32(darkest)) * gain
        yield np.clip(np.rint(stretched), black, white).astype(np.uint8), blue, red


def _full(size: Size, count: int, rng: Random) -> Iterator[Planes]:
    """A pan in full range that says so, with deep black and clear white."""
    for frame in pan(size, count, rng, pixels=1.0):
        clear = np.clip(128 + (frame.astype(np.float32) - 128) * np.float32(2.5), 0, 255).astype(np.uint8)
        luma, *chroma = (plane.astype(np.float32) for plane in rgb_to_ycbcr420(clear))
        full = ((luma - 16) * (255 / 219), *(128 + (plane - 128) * (255 / 224) for plane in chroma))
        luma_codes, blue, red = (np.clip(np.rint(plane), 0, 255).astype(np.uint8) for plane in full)
        yield luma_codes, blue, red


def _speculars(size: Size, count: int, rng: Random, *, share: float) -> Iterator[RgbFrame]:
    """Glints at full white on water: legal white, many and small."""
    for frame in pan(size, count, rng, pixels=0.5):
        shown = frame.copy()
        shown[rng.random(frame.shape[:2]) < share] = 255
        yield shown


INJECTORS = (
    BeyondPreferred(name="luma_beyond_preferred", title="Luma at code 250 in a part of the picture", codes=(250, 128, 128)),
    BeyondPreferred(name="colour_beyond_gamut", title="Red of 150 % in a part of the picture", codes=(140, 128, 225)),
    FullRangeUnflagged(),
    LimitedFlaggedFull(),
)
HARD_NEGATIVES = (
    HardNegative(name="full_range_flagged", title="Full range that says so", draw=_full, full_range_flag=True),
    HardNegative(
        name="glints", title="Glints of full white on water", draw=partial(_speculars, share=0.01), allowed=frozenset({"flicker"})
    ),
)
