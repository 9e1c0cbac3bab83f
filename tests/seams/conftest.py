"""A textured scene that can pan by any fraction of a pixel, as sides of a join."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.side import Side, detail_ratio

Scene = Callable[[float], NDArray[np.float32]]
ROWS, COLUMNS = 180, 320


def textured_scene(seed: int) -> Scene:
    """A 1/f^1.6 texture of mean 0.45, and a function that gives its picture after a pan of so many pixels."""
    random = np.random.default_rng(seed)
    rows, columns = 256, 1024
    down, right = np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None]
    distance = np.hypot(down, right)
    distance[0, 0] = 1
    spectrum = (random.normal(size=distance.shape) + 1j * random.normal(size=distance.shape)) / distance**1.6
    spectrum[0, 0] = 0
    spectrum /= np.fft.irfft2(spectrum, (rows, columns)).std() / 0.13

    def picture(pan: float) -> NDArray[np.float32]:
        moved = np.fft.irfft2(spectrum * np.exp(-2j * np.pi * right * pan), (rows, columns))
        return np.clip(0.45 + moved[:ROWS, :COLUMNS], 0, 1).astype(np.float32)

    return picture


def side_from(pictures: list[NDArray[np.float32]], *, blue: float = 0.03, red: float = 0.05, grain: float = 0.004, seed: int = 0) -> Side:
    """A side of luma pictures with even chroma and white grain."""
    random = np.random.default_rng(seed)
    luma = np.stack([picture + random.normal(0, grain, picture.shape) for picture in pictures]).astype(np.float32)
    return Side(
        luma=luma,
        chroma_blue=np.full_like(luma, blue),
        chroma_red=np.full_like(luma, red),
        sharpness=np.array([detail_ratio(picture) for picture in luma]),
    )


@pytest.fixture(scope="session")
def side() -> Callable[..., Side]:
    """``side_from``: a side of given luma pictures."""
    return side_from


@pytest.fixture(scope="session")
def scene() -> Scene:
    return textured_scene(2)


@pytest.fixture(scope="session")
def other_scene() -> Scene:
    return textured_scene(11)


@pytest.fixture
def sides(scene: Scene) -> Callable[..., tuple[Side, Side]]:
    """Build both sides of a shot that pans at 1.5 pixels a frame; ``first`` is where the incoming side starts, 12 being seamless."""

    def build(
        *,
        first: float = 12,
        speed: float = 1.5,
        change: Callable[[NDArray[np.float32]], NDArray[np.float32]] = lambda picture: picture,
        **incoming: float,
    ) -> tuple[Side, Side]:
        before = [scene(speed * place) for place in range(12)]
        after = [change(scene(speed * (first + place))) for place in range(12)]
        return side_from(before, seed=1), side_from(after, seed=2, **incoming)

    return build
