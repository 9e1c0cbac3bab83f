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
        products = self.none.copy()
        products[0] = _inner(field, pull)
        for lag, (earlier, earlier_pull) in enumerate(reversed(self._kept), start=1):
            products[lag] = (_inner(earlier, pull) + _inner(field, earlier_pull)) / 2
        self._kept.append((field, pull))
        return products


def _inner(one: Field, other: Field) -> float:
    # Not a matrix product: NumPy's linear algebra would start threads of its own.
    return float((one * other).mean())
