"""The whole picture jumps from frame to frame, and a hand that only sways."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, whole
from kling_post.calibration.patterns import moved, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Shake:
    """White, independent shifts of every frame; the size is their standard deviation along each axis."""

    name: str = "frame_shake"
    title: str = "Every frame shifted at random"
    check: str = "jitter"
    sizes: tuple[float, ...] = (0.1, 0.2, 0.4, 0.8)
    unit: str = "% of the width"
    visible: float = 0.4
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end, enlarged by 6 % so that no edge shows."""
        height, width = material.frames[0].shape[:2]
        shifts = np.clip(material.rng.standard_normal((len(material.frames), 2)), -2.5, 2.5) * size / 100 * width

        def frames() -> Iterator[RgbFrame]:
            for frame, (across, down) in zip(material.frames, shifts, strict=True):
                yield moved(frame, Size(width, height), left=across, top=down, scale=1.06)

        return Injected(frames=frames(), truth=(whole(len(material.frames)),))


def _handheld(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A hand's sway: 1/f, below 3 Hz, about 0.6 % of the width."""
    picture = texture(Size(size.width + 120, size.height + 80), rng)
    path = np.zeros((2, count))
    for axis in range(2):
        spectrum = np.fft.rfft(rng.standard_normal(count * 2))
        hertz = np.fft.rfftfreq(count * 2, 1 / 24)
        spectrum[1:] *= np.where(hertz[1:] < 3, 1 / hertz[1:], 0)
        spectrum[0] = 0
        sway = np.fft.irfft(spectrum)[:count]
        path[axis] = 0.006 * size.width * sway / sway.std()
    for index in range(count):
        yield moved(picture, size, left=60 + path[0, index], top=40 + path[1, index])


INJECTORS = (Shake(),)
HARD_NEGATIVES = (HardNegative(name="handheld", title="Held in the hand", draw=_handheld),)
