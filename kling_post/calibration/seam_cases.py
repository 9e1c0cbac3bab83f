"""What the benchmark of seams asks: which takes are split where, what is done to the second half, and what the truth then is.

As with the checks, the cases follow from the seed alone, and each belongs to one of two halves by a hash of its own description.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np

from kling_post.calibration.cases import CRFS, Half
from kling_post.calibration.seam_alterations import ALTERATIONS, LIMIT_OF

DOSES: Mapping[float, int] = {0.5: 1, 1.0: 1, 1.5: 6, 2.0: 2}
"""Multiples of the limit, and how many times as many joins as of another fault get one of that size, for each property."""
MOST_REPEATS = 12
SIDE_FRAMES = 16


class Join(StrEnum):
    """What is made of a take, or of two."""

    PLAIN = "plain split"
    """Nothing is wrong with it."""
    ALTERED = "altered"
    ECHO = "echo"
    HELD = "held head"
    DROPPED = "dropped frames"
    SLOWED = "speed change"
    CUT = "cut"
    MATCH_CUT = "match cut"
    """To a shot of the same kind of place, composed alike."""
    DISSOLVE = "dissolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamCase:
    """One join to be made and judged."""

    join: Join
    footage: str
    crf: int
    alteration: str = ""
    """Of ``ALTERATIONS``, where the join is ALTERED."""
    amount: float = 0.0
    """Times the limit, frames, or frames of a dissolve."""
    seed: int = 0

    @property
    def key(self) -> str:
        """The description that decides chance and half."""
        return f"seam {self.join} {self.alteration} {self.amount:g} {self.footage} crf {self.crf} seed {self.seed}"

    @property
    def half(self) -> Half:
        """Which half it belongs to: the first bit of the SHA-256 of its key."""
        return Half.SETTING if hashlib.sha256(self.key.encode()).digest()[0] & 0x80 else Half.REPORT

    def chance(self) -> np.random.Generator:
        """Its own source of chance, the same on every run."""
        return np.random.default_rng(list(hashlib.sha256(self.key.encode()).digest()[:16]))


def plan_seams(names: Sequence[str], *, seed: int, shots_each: int = 4, plain_each: int = 10) -> tuple[SeamCase, ...]:
    """All joins for takes of these names, in a fixed order.

    Args:
        names: Of the clean takes.
        seed: Of everything that is left to chance.
        shots_each: Takes that each fault of time of each size is put into; of faults of the picture see ``DOSES``.
        plain_each: Untouched splits of each take at each quality.
    """
    rng = np.random.default_rng(seed)
    ordered = sorted(names)
    cases: list[SeamCase] = []
    for join, alteration, amount, count in _faults(shots_each):
        for name, crf in _somewhere(ordered, count, rng):
            cases.append(SeamCase(join=join, footage=name, crf=crf, alteration=alteration, amount=amount, seed=seed))
    for name, crf in product(ordered, CRFS):
        cases += [SeamCase(join=Join.PLAIN, footage=name, crf=crf, seed=1000 * seed + number) for number in range(plain_each)]
        cases += [SeamCase(join=join, footage=name, crf=crf, seed=seed) for join in (Join.CUT, Join.MATCH_CUT)]
    # One take alone has no other to be cut to, or to melt into.
    return tuple(case for case in cases if len(ordered) > 1 or case.join not in {Join.CUT, Join.DISSOLVE})


def _faults(shots_each: int) -> Iterator[tuple[Join, str, float, int]]:
    """Every fault in every size: the join, the alteration, the amount, and how many joins get it."""
    for target in LIMIT_OF:
        names = [name for name, alteration in ALTERATIONS.items() if alteration.target == target]
        for (dose, times), name in product(DOSES.items(), names):
            yield Join.ALTERED, name, dose, -(-shots_each * times // len(names))
    yield from ((join, "", frames, shots_each) for join in (Join.ECHO, Join.HELD) for frames in range(1, MOST_REPEATS + 1))
    yield from ((Join.DROPPED, "", frames, shots_each) for frames in (1, 2, 4, 8))
    yield Join.SLOWED, "", 2, 2 * shots_each
    yield from ((Join.DISSOLVE, "", frames, shots_each) for frames in (6, 12, 16))


def _somewhere(names: Sequence[str], count: int, rng: np.random.Generator) -> Iterator[tuple[str, int]]:
    """So many takes and qualities, no pair of them twice, spread as evenly over both as they go."""
    takes, crfs = rng.permutation(len(names)), rng.permutation(len(CRFS))
    for place in range(min(count, len(names) * len(CRFS))):
        turn, take = divmod(place, len(names))
        # Each round of the takes begins one quality further on, so that no pair comes again.
        yield names[takes[take]], CRFS[crfs[(take + turn) % len(CRFS)]]
