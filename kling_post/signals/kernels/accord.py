"""How alike the movement of a step is to that of the steps before it, kept as a few inner products instead of whole fields.

From these products a check can tell the pace of any step along the movement around it, whatever that movement is: a pan, a
zoom, a dolly with parallax or people who walk. An ordinary step has pace 1, a repeated frame 0, a step across k missing
frames k + 1. Products of steps that share no frame hold no noise in the mean, since noise of different frames is independent.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

LAGS = 13
"""Products are kept with the step itself and the twelve before it: six on either side of any step, and those with each other."""

Field = NDArray[np.float64]


class Accord:
    """Remembers the last twelve fields; a field and its pull have one shape, whichever the collector likes."""

    def __init__(self) -> None:
        self._kept: deque[tuple[Field, Field]] = deque(maxlen=LAGS - 1)
        self.none = np.full(LAGS, np.nan)
        """What stands for a frame without a step to it."""

    def restart(self) -> None:
        """Forget: what follows has nothing to do with what was."""
        self._kept.clear()

    def with_step(self, field: Field, pull: Field) -> Field:
        """The products of a step with itself and with the steps before, nearest first, shape (13,); NaN where there is none.

        Args:
            field: Displacement in each place.
            pull: The field times what each place can tell of it; the field itself where all places count alike.
        """
        return np.asarray(self.with_steps(field[None], pull[None])[0])

    def with_steps(self, fields: Field, pulls: Field) -> Field:
        """``with_step`` of steps that follow each other, the step first in the arguments and in the result (steps, 13)."""
        before, steps = len(self._kept), len(fields)
        fields, pulls = (
            np.concatenate([*(each[place][None] for each in self._kept), new.reshape(steps, -1)])
            for place, new in enumerate((fields, pulls))
        )
        products = np.tile(self.none, (steps, 1))
        for lag in range(min(LAGS, before + steps)):
            later = slice(max(lag, before), before + steps)
            earlier = slice(later.start - lag, later.stop - lag)
            shared = _inner(fields[earlier], pulls[later]) + _inner(fields[later], pulls[earlier])
            products[later.start - before :, lag] = shared / 2
        self._kept.extend(zip(fields[before:], pulls[before:], strict=True))
        return products


def _inner(one: Field, other: Field) -> Field:
    # Not a matrix product: NumPy's linear algebra would start threads of its own.
    return np.asarray(np.einsum("sn,sn->s", one, other) / one.shape[1])
