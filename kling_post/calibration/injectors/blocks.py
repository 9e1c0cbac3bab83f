"""The block grid of a codec that was starved of bits, and a texture with straight edges of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, whole
from kling_post.calibration.patterns import moved, texture
from kling_post.calibration.stepped import LOOK, look_at
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Every 8 by 8 block is brought towards its own mean: what coarse quantisation leaves of it."""

    name: str = "blocks"
    title: str = "8 by 8 blocks"
    check: str = "blockiness"
    sizes: tuple[float, ...] = (0.1, 0.25, 0.5, 0.8)
    unit: str = "share of the detail in a block that is gone"
    visible: float = 0.5
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end."""

        def frames() -> Iterator[RgbFrame]:
            for frame in material.frames:
                yield _blocked(frame, size)

        middle = material.frames[LOOK]
        return Injected(
            frames=frames(),
            truth=(whole(len(material.frames)),),
            picture_left=lambda path: _edges_left(path, _blocked(middle, size), middle),
        )


def _edges_left(path: Path, blocked: RgbFrame, clean: RgbFrame) -> float:
    """Regression of what a file adds to the steps between blocks on what was put in, in its middle frame: deblocking takes it away."""
    steps = [_edge_steps(rgb_to_ycbcr420(frame)[0]) for frame in (blocked, clean)]
    luma = look_at(path)
    if luma is None:
        return 0.0
    put_in = steps[0] - steps[1]
    return float((_edge_steps(luma) - steps[1]) @ put_in / (put_in @ put_in))


def _edge_steps(luma: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The steps from each block to the next, across and down."""
    steps = [np.diff(values.astype(np.float64), axis=1)[:, 7::8].ravel() for values in (luma, luma.T)]
    return np.concatenate(steps)


def _blocked(frame: RgbFrame, share: float) -> RgbFrame:
    rows, columns = frame.shape[0] // 8 * 8, frame.shape[1] // 8 * 8
    tiles = frame[:rows, :columns].reshape(rows // 8, 8, columns // 8, 8, 3).astype(np.float32)
    means = tiles.mean(axis=(1, 3), keepdims=True)
    mixed = (tiles + (means - tiles) * np.float32(share)).reshape(rows, columns, 3)
    shown = frame.copy()
    shown[:rows, :columns] = np.rint(mixed)
    return shown


def _fence(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A pan along a fence, its bars 11 pixels apart."""
    picture = texture(Size(size.width + 220, size.height), rng)
    for left in range(0, picture.shape[1], 11):
        picture[40:-40, left : left + 4] //= 3
    for index in range(count):
        yield moved(picture, size, left=2 + 2.0 * index, top=0)


INJECTORS = (Blocks(),)
HARD_NEGATIVES = (HardNegative(name="fence", title="Pan along a fence", draw=_fence, allowed=frozenset({"duplicate_frames"})),)
