"""How a caravan is staged on the salt: three set-ups, their light, and the effects that go with them."""

from dataclasses import dataclass, replace

import numpy as np

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.picture.camera import Reach
from kling_post.generation.previz.picture.columns import Bundle
from kling_post.generation.previz.picture.glass import GlassColours
from kling_post.generation.previz.picture.particles import Fleck
from kling_post.generation.previz.picture.sculpt import Studio
from kling_post.generation.previz.picture.shadows import ShadowSun
from kling_post.generation.previz.picture.tone import Bytes

STUDIO = Studio(
    sun=(6.0, 3.4, 1.6),
    sun_direction=(-0.66, 0.28, -0.70),
    sky=(0.33, 0.35, 0.48),
    bounce=(0.36, 0.28, 0.26),
    haze=(0.52, 0.34, 0.25),
    rim=1.5,
)
GLASS = GlassColours(sky=(0.22, 0.25, 0.38), glow=(1.2, 0.62, 0.28), ground=(0.34, 0.32, 0.36), sun=(3.0, 1.9, 1.0), sun_side=-1)
GOLD_GLASS = replace(GLASS, sky=(0.75, 0.52, 0.24), glow=(1.9, 1.1, 0.42))
FIERCE_GLASS = replace(GLASS, sky=(0.95, 0.20, 0.03), glow=(3.2, 0.75, 0.08), ground=(0.30, 0.14, 0.09))
SHADOW = ShadowSun(across=1.35, toward=2.6, depth=0.6)
NEAR_SHADOW = replace(SHADOW, across=0.85, toward=1.55)
PACE = 1.32
"""Metres per second of the caravan, and so of a camera that keeps level with it."""
ALWAYS = frozenset({"cracked plates", "sun", "clouds", "haze"})
ANIMALS = ("pack animal", "caravan", "animal")
PEOPLE = ("traveler", "mirror mask", "caravan", "person")
CARGO = {"saddle": "saddle", "glass sphere": "glass sphere", "paper maps": "paper maps"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Where the camera starts and where the caravan walks."""

    y: float
    horizon: float
    reach: Reach
    animal_x: float
    animal_z: float
    spacing: float
    guide_x: float
    guide_z: float


_WIDE = Staging(
    y=1.7, horizon=0.45, reach=Reach(dolly=2.4, truck=1.6, crane=0.7), animal_x=4.6, animal_z=19.0, spacing=5.6, guide_x=8.3, guide_z=18.2
)
_ALONGSIDE = Staging(
    y=1.55,
    horizon=0.47,
    reach=Reach(dolly=1.0, truck=PACE, crane=0.4),
    animal_x=-0.2,
    animal_z=9.6,
    spacing=5.5,
    guide_x=2.75,
    guide_z=6.6,
)
_GATEWAY = Staging(
    y=0.55,
    horizon=0.72,
    reach=Reach(dolly=2.4, truck=1.4, crane=2.1, crane_horizon=0.072),
    animal_x=-0.6,
    animal_z=24.0,
    spacing=5.6,
    guide_x=3.2,
    guide_z=23.0,
)
BUNDLES = (
    Bundle(x=-78, z=165, width=74, height=46, thickness=2.8, leaning=0.5),
    Bundle(x=84, z=150, width=70, height=60, thickness=2.8, leaning=-0.5),
    Bundle(x=-34, z=84, width=32, height=46, leaning=0.75),
    Bundle(x=38, z=78, width=34, height=52, leaning=-0.75),
    Bundle(x=-33, z=47, width=15, height=17, thickness=1.7, leaning=-0.4),
    Bundle(x=30, z=40, width=13, height=24, thickness=1.7, leaning=0.5),
)


def named(reading: Reading, *keys: str) -> bool:
    """Whether the reading names any of these elements."""
    return any(reading.element(key) is not None for key in keys)


def staging_for(reading: Reading) -> Staging:
    """Which of the three set-ups a reading asks for: a gateway of columns, alongside the caravan, or the wide plain."""
    if named(reading, "basalt columns"):
        return _GATEWAY
    if reading.framing in {"medium", "close", "eye level"} and named(reading, *ANIMALS, *PEOPLE):
        return _ALONGSIDE
    return replace(_WIDE, y=0.6, horizon=0.6) if reading.framing == "low angle" else _WIDE


def flecks_for(staging: Staging, seed: int) -> tuple[Fleck, ...]:
    """Flecks that slide over the flanks of the first animals and over the ground before them."""
    rng = np.random.default_rng(seed)
    flanks = [
        Fleck(
            across=(start - 0.5, start + 0.6),
            height=float(rng.uniform(2.1, 3.0)),
            length=float(rng.uniform(0.16, 0.3)),
            depth=staging.animal_z,
            flat=False,
        )
        for start in (-1.0, -0.6, 0.4, 0.9, -0.2)
    ]
    ground = [
        Fleck(
            across=(start, start + float(rng.uniform(0.5, 1.3))),
            height=0.0,
            length=float(rng.uniform(0.2, 0.42)),
            depth=staging.animal_z - float(rng.uniform(0.6, 3.4)),
            flat=True,
        )
        for start in np.linspace(-3.4, 3.2, 11)
    ]
    return (*flanks, *ground)


def turning_light(progress: float) -> Bytes:
    """The light turning from pale gold to fierce orange, as a table for all colours at once: (256, 1, 3)."""
    level = np.arange(256, dtype=np.float64)[:, None] / 255
    gold = np.clip(level * np.array([1.04, 0.99, 0.84]), 0, 1)
    power, gain = np.array([0.80, 1.28, 1.9]), np.array([1.0, 0.80, 0.40])
    fierce = np.clip(level**power * gain, 0, 1)
    return np.asarray(np.round((gold + (fierce - gold) * progress) * 255), np.uint8).reshape(256, 1, 3)
