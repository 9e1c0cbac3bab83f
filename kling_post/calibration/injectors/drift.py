"""Colour, contrast and saturation that wander one way through the shot."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, exposed, whole
from kling_post.calibration.patterns import pan, texture
from kling_post.vocabulary import Size

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A grade whose strength grows evenly from nothing at the first frame to its full size at the last."""

    name: str
    title: str
    unit: str
    sizes: tuple[float, ...]
    visible: float
    grade: Callable[[Values, float], Values]
    check: str = "colour_drift"
    traits: frozenset[str] = frozenset({"steady"})
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end."""
        last = len(material.frames) - 1

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                graded = self.grade(frame.astype(np.float32), size * index / last)
                yield np.clip(np.rint(graded), 0, 255).astype(np.uint8)

        return Injected(frames=frames(), truth=(whole(len(material.frames)),))


def _warmer(frame: Values, delta_e_itp: float) -> Values:
    """Red up and blue down, by the share that moves a middle grey by so much Delta E ITP (ITU-R BT.2124)."""
    share = np.float32(delta_e_itp / _itp_per_share())
    return np.asarray(frame * np.array([1 + share, 1, 1 - share], np.float32))


@cache
def _itp_per_share() -> float:
    grey = _ictcp(np.array([0.45, 0.45, 0.45]))
    warm = _ictcp(np.array([0.45 * 1.05, 0.45, 0.45 * 0.95]))
    return float(np.linalg.norm((warm - grey) * (720, 360, 720))) / 0.05


def _ictcp(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """ICtCp of one BT.709 colour shown by a 100 cd/m2 BT.1886 screen: BT.2087 to BT.2020, then BT.2100 table 7."""
    to_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
    to_lms = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
    lms = to_lms @ (to_2020 @ (rgb**2.4)) * 100 / 10000
    power = lms ** (2610 / 16384)
    pq = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    return np.asarray(np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) @ pq / 4096)


def _brighter(frame: Values, percent: float) -> Values:
    return np.asarray(frame * np.float32(1 + percent / 100))


def _contrast(frame: Values, percent: float) -> Values:
    mean = frame.mean(dtype=np.float32)
    return np.asarray(mean + (frame - mean) * np.float32(1 + percent / 100))


def _saturation(frame: Values, percent: float) -> Values:
    grey = (frame @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None]
    return np.asarray(grey + (frame - grey) * np.float32(1 + percent / 100))


def _sunset(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """The camera pans from shade to sun: brighter and warmer, because it shows another place."""
    from kling_post.calibration.patterns import moved

    picture = texture(Size(size.width * 3, size.height), rng).astype(np.float32)
    light = np.linspace(0.45, 1.25, picture.shape[1], dtype=np.float32)[None, :, None] ** np.array([1.0, 1.15, 1.5], np.float32)
    lit = np.clip(picture * light, 0, 255).astype(np.uint8)
    for index in range(count):
        yield moved(lit, size, left=index * 1.9 * size.width / count, top=0)


def _cloud(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Light that falls and comes back, as slowly as a drift."""
    for index, frame in enumerate(pan(size, count, rng, pixels=0.1)):
        yield exposed(frame, -20 * float(np.sin(np.pi * index / count)) ** 2)


def _painted(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """An eighth of the picture turns from green to red while everything else stays as it is."""
    top, left = int(size.height * rng.uniform(0.1, 0.5)), int(size.width * rng.uniform(0.1, 0.6))
    inside = (slice(top, top + size.height // 2), slice(left, left + size.width // 4))
    for index, frame in enumerate(pan(size, count, rng, pixels=0.05)):
        shown = frame.copy()
        share = np.float32(index / count)
        paint = np.array([60, 150, 70], np.float32) * (1 - share) + np.array([190, 50, 45], np.float32) * share
        shown[inside] = np.rint(frame[inside] * np.float32(0.3) + paint * np.float32(0.7)).astype(np.uint8)
        yield shown


INJECTORS = (
    Drift(name="colour_drift", title="Colour drifts warmer", unit="Delta E ITP", sizes=(2, 5, 10, 20, 40), visible=10, grade=_warmer),
    Drift(name="exposure_drift", title="Exposure rises", unit="%", sizes=(5, 10, 20, 40), visible=20, grade=_brighter),
    Drift(name="contrast_drift", title="Contrast rises", unit="%", sizes=(5, 10, 20, 40), visible=20, grade=_contrast),
    Drift(name="saturation_drift", title="Saturation rises", unit="%", sizes=(10, 20, 40, 80), visible=40, grade=_saturation),
)
HARD_NEGATIVES = (
    HardNegative(name="shade_to_sun", title="Pan from shade into sun", draw=_sunset),
    HardNegative(name="passing_cloud", title="A cloud dims the sun by 20 % and passes", draw=_cloud),
    HardNegative(name="painted_thing", title="A thing in the picture changes its colour", draw=_painted),
)
