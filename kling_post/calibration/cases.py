"""What the benchmark asks: every defect at every size, in several shots, under grain and at several qualities; and clean footage.

The cases follow from the seed alone. Each belongs to one of two halves by a hash of its own description: limits are set on one
and reported on the other, and adding a case moves no other.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from zlib import crc32

import numpy as np

from kling_post.calibration.injectors.registry import all_hard_negatives, all_injectors

CRFS = (14, 18, 23, 28)
"""Of libx264, from nearly lossless to what platforms send."""
CLEAN_SOUND_CRF = 18
"""Clean clips of this quality carry their sound."""


class Kind(StrEnum):
    """What a case holds."""

    DEFECT = "defect"
    CLEAN = "clean"
    HARD_NEGATIVE = "hard negative"


class Half(StrEnum):
    """What a case is for."""

    SETTING = "setting"
    REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One clip to be made and judged."""

    kind: Kind
    name: str
    """Of the injector or the hard negative; the footage's own name for a clean clip."""
    size: float = 0.0
    footage: str = ""
    """Empty for hard negatives, which are drawn by themselves."""
    grain: float = 0.0
    crf: int = 18
    seed: int = 0

    @property
    def key(self) -> str:
        """The description that decides chance and half."""
        return f"{self.kind} {self.name} {self.size:g} {self.footage} grain {self.grain:g} crf {self.crf} seed {self.seed}"

    @property
    def half(self) -> Half:
        """Which half it belongs to: the first bit of the SHA-256 of its key."""
        return Half.SETTING if hashlib.sha256(self.key.encode()).digest()[0] & 0x80 else Half.REPORT

    def chance(self) -> np.random.Generator:
        """Its own source of chance, the same on every run."""
        return np.random.default_rng(list(hashlib.sha256(self.key.encode()).digest()[:16]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is asked."""

    shots_each: int = 2
    """Shots per defect, size and grain."""
    clean_crfs: tuple[int, ...] = CRFS
    clean_grains: tuple[float, ...] = (0.0,)
    negatives_each: int = 2
    only_visible: bool = False
    """Of the sizes only the smallest that people see, and of the grains only the last."""


FULL = Extent()
QUICK = Extent(shots_each=1, clean_crfs=(18,), negatives_each=0, only_visible=True)


def plan_cases(traits: Mapping[str, frozenset[str]], *, seed: int, extent: Extent = FULL) -> tuple[Case, ...]:
    """All cases for footage of these traits, in a fixed order; each draws its own chance, so that adding one moves no other."""
    cases: list[Case] = []
    for injector in all_injectors().values():
        fitting = [name for name in sorted(traits) if injector.traits <= traits[name]]
        sizes = injector.sizes
        grains = injector.grains
        if extent.only_visible:
            sizes = (min((size for size in sizes if size >= injector.visible), default=sizes[-1]),)
            grains = grains[-1:]
        for size, grain in product(sizes, grains):
            rng = _chance(seed, injector.name, size, grain)
            for footage in _some(fitting, extent.shots_each, rng):
                crf = int(rng.choice(CRFS))
                cases.append(Case(kind=Kind.DEFECT, name=injector.name, size=size, footage=footage, grain=grain, crf=crf, seed=seed))
    for footage, crf, grain in product(sorted(traits), extent.clean_crfs, extent.clean_grains):
        cases.append(Case(kind=Kind.CLEAN, name=footage, footage=footage, grain=grain, crf=crf, seed=seed))
    for name, number in product(all_hard_negatives(), range(extent.negatives_each)):
        crf = int(_chance(seed, name, number).choice(CRFS))
        cases.append(Case(kind=Kind.HARD_NEGATIVE, name=name, crf=crf, seed=1000 * seed + number))
    return tuple(cases)


def _chance(seed: int, *about: object) -> np.random.Generator:
    """A generator of its own for whatever this is about."""
    return np.random.default_rng([seed, crc32(repr(about).encode())])


def _some(names: Sequence[str], count: int, rng: np.random.Generator) -> tuple[str, ...]:
    return tuple(names[place] for place in rng.permutation(len(names))[:count])
