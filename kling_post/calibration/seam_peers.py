"""The rule that others use at joins: the mean absolute difference of the two frames against the clips' own median step."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_CUT = 6.0
_FAULT = 2.0
_REPEAT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """What the plain difference says of a join."""

    ratio: float
    """Difference over the join, as a multiple of the median difference of neighbours."""

    @property
    def cut(self) -> bool:
        """Whether it takes the join for a change of shot."""
        return self.ratio > _CUT

    @property
    def fault(self) -> bool:
        """Whether it takes the join for a bad one of a shot that goes on."""
        return self.ratio > _FAULT

    @property
    def repeated(self) -> bool:
        """Whether it takes the first frame for a repeated one."""
        return self.ratio < _REPEAT


def ask_peer(luma: Sequence[NDArray[np.generic]], split: int) -> PeerAnswer:
    """The rule on the luma of both sides, ``split`` being the first frame after the join."""
    steps = [float(np.mean(np.abs(one.astype(np.int16) - other.astype(np.int16)))) for one, other in pairwise(luma)]
    own = float(np.median([*steps[: split - 1], *steps[split:]]))
    return PeerAnswer(ratio=steps[split - 1] / max(own, 1e-3))
