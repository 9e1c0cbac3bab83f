"""Clean footage: drawn by the project itself, or the user's own clips; and what it is good for.

Reference footage is a handful of places of the previz backend under a moving camera and textures with the spectrum of natural
scenes. All of it is one unbroken shot without defects by construction, and is drawn anew from its recipe on every run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.clips import rgb_frames
from kling_post.calibration.patterns import grained, pan
from kling_post.generation.previz.contract import Picture, PictureRequest, ShotSound
from kling_post.generation.previz.places import place
from kling_post.generation.previz.reading import read_prompt
from kling_post.media.probe import probe
from kling_post.vocabulary import Size

RgbFrame = NDArray[np.uint8]

SIZE = Size(640, 360)
"""The working size of the checks' benchmark."""
RATE = Fraction(24)
FRAMES = 96
"""Four seconds: long enough for every check, short enough for hundreds of cases."""
_TRAIT_WIDTH = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """A recipe of one clean shot."""

    name: str
    recipe: str
    """For people: the prompt or the pattern."""
    draw: Callable[[int], Iterator[RgbFrame]]
    """The frames of a seed."""
    prompt: str = ""
    """What its sound is made of; empty for footage without sound of its own."""
    even: bool = True
    """Drawn under a camera that moves evenly; a clip's may shake by itself."""


def wide_size(width: int) -> Size:
    """So many columns, 16:9."""
    return Size(width, round(width * 9 / 32) * 2)


def drawn_shot(prompt: str, seed: int, *, size: Size = SIZE, frames: int = FRAMES) -> Picture:
    """One shot of a prompt as previz draws it, without a label; most know their depth and camera too (``geometry.view.Viewed``)."""
    reading = read_prompt(prompt, None)
    request = PictureRequest(reading=reading, seed=seed, shot_index=0, shot_count=1, size=size, frames=frames, rate=RATE, threads=1)
    return place(reading.place).picture(request)


def _previz(prompt: str, seed: int, *, size: Size) -> Iterator[RgbFrame]:
    picture = drawn_shot(prompt, seed, size=size)
    for index in range(FRAMES):
        yield picture.frame(index)


def texture_pan(seed: int, *, pixels: float, sigma: float = 0.0, exponent: float = 1.2, size: Size = SIZE) -> Iterator[RgbFrame]:
    """A texture with a spectrum of 1/f**exponent that goes by at so many pixels of 640 a frame, under grain of ``sigma`` codes."""
    rng = np.random.default_rng([seed, round(1000 * pixels), round(10 * sigma)])
    for frame in pan(size, FRAMES, rng, pixels=pixels * size.width / SIZE.width, exponent=exponent):
        yield grained(frame, sigma, rng)


_PROMPTS = {
    "salt_flats": "A caravan crosses the salt flats at golden hour, wide shot, the camera trucks right, wind",
    "quarry": "A marble quarry at noon, the camera trucks left, machines",
    "station": "A railway station hall at dusk, the camera dollies forward, footsteps",
    "ice_library": "An ice library in the polar night, the camera cranes up",
    "forest": "A forest in fog at dawn, the camera dollies forward, birds",
    "sea": "The sea at dusk, static camera, waves",
    "mountains": "Mountains at dawn, the camera orbits, wind",
    "lake": "A lake at noon, the camera pans left, birds",
}


_QUICK = frozenset({"quarry", "lake", "texture_pan_1", "soft_pan_2"})


def reference_footage(*, quick: bool = False, size: Size = SIZE) -> tuple[Footage, ...]:
    """Every recipe, or the four that are drawn fastest and have every trait among them."""
    drawn = tuple(
        Footage(name=name, recipe=prompt, draw=partial(_previz, prompt, size=size), prompt=prompt) for name, prompt in _PROMPTS.items()
    )
    texture = partial(texture_pan, size=size)
    textures = (
        Footage(name="texture_pan_1", recipe="texture, 1/f^1.2, pan of 1/640 a frame", draw=partial(texture, pixels=1.0)),
        Footage(name="texture_pan_3", recipe="texture, 1/f^1.2, pan of 3/640 a frame", draw=partial(texture, pixels=3.0)),
        Footage(name="soft_pan_2", recipe="texture, 1/f^1.6, pan of 2/640 a frame", draw=partial(texture, pixels=2.0, exponent=1.6)),
        Footage(name="grainy_pan_1", recipe="texture, pan of 1/640 a frame, grain 2", draw=partial(texture, pixels=1.0, sigma=2.0)),
    )
    footage = drawn + textures
    return tuple(shot for shot in footage if shot.name in _QUICK) if quick else footage


def sound_of(prompt: str, seed: int, frames: int = FRAMES, rate: Fraction = RATE) -> NDArray[np.float32]:
    """The foley of a prompt, (samples, 2) at 48 kHz, as long as so many frames."""
    from kling_post.generation.previz.foley import shot_sound

    return shot_sound(ShotSound(reading=read_prompt(prompt, None), seed=seed, samples=round(Fraction(frames) / rate * 48_000)))


def clip_footage(path: Path, *, width: int = SIZE.width) -> Footage:
    """The first frames of a user's clip, no wider than ``width``; whether it is clean is the user's word."""
    return Footage(name=path.name, recipe="the user's clip", draw=partial(_clip, path, width=width), even=False)


def _clip(path: Path, seed: int, *, width: int) -> Iterator[RgbFrame]:
    del seed
    yield from islice(rgb_frames(path, probe(path), width=width), FRAMES)


def traits_of(frames: Sequence[RgbFrame]) -> frozenset[str]:
    """What a shot is, from dense flow (DIS, Kroeger 2016) between sampled neighbours: not from the signals that are on trial.

    ``moving``: a tenth of the picture moves by 0.25 pixel of 480 a frame or more, all the time. ``even``: the median movement is
    0.25 % of the width or more and hardly changes. ``steady``: the first and the last picture have one composition.
    """
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    steps = []
    for index in range(2, len(frames) - 2, 6):
        one, other = (_grey(frames[place]) for place in (index, index + 1))
        field = flow.calc(one, other, np.zeros((*one.shape, 2), np.float32))
        steps.append((float(np.percentile(np.hypot(field[..., 0], field[..., 1]), 90)), np.median(field.reshape(-1, 2), axis=0)))
    return traits_of_steps(steps, _TRAIT_WIDTH, frames)


def traits_of_steps(sampled: Sequence[tuple[float, NDArray[np.floating]]], width: int, frames: Sequence[RgbFrame]) -> frozenset[str]:
    """The traits that sampled steps show: each its 90th percentile of length and its median vector, in pixels of a picture so wide."""
    scale = _TRAIT_WIDTH / width
    high = [length * scale for length, _ in sampled]
    steps = np.array([middle for _, middle in sampled]) * scale
    mean = steps.mean(axis=0)
    length = float(np.hypot(*mean))
    found = set()
    if min(high) >= 0.25:
        found.add("moving")
    if length >= 0.0025 * _TRAIT_WIDTH and np.hypot(*(steps - mean).T).max() <= 0.12 * length:
        found.add("even")
    first, last = (cv2.resize(_grey(frames[place]), (16, 9), interpolation=cv2.INTER_AREA).ravel() for place in (0, -1))
    if float(np.corrcoef(first, last)[0, 1]) >= 0.95:
        found.add("steady")
    return frozenset(found)


def _grey(frame: RgbFrame) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return np.asarray(
        cv2.resize(grey, (_TRAIT_WIDTH, round(_TRAIT_WIDTH * grey.shape[0] / grey.shape[1])), interpolation=cv2.INTER_AREA), np.uint8
    )
