"""Whether what changes in a stretch is its light: where a still fades, gradients follow the brightness, and it seems to move."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_SHARE = 0.5
"""Of the change, from which it is one of light."""
_JUMP_CODES, _JUMP_SHARE = 0.75, 0.4
"""Change of the mean luma in 8-bit codes, which no encoder makes from frame to frame; and of all change, from which it is one of light."""
_LEAST_CODES = 0.25
"""Rounding of the 8-bit working picture: a change is taken to be no smaller."""


def fades(brighter: Values, difference: Values, *, left: Values | float) -> NDArray[np.bool_]:
    """Whether the steps of a stretch are those of a fade.

    Encoders make every other frame a little lighter, and lamps that sweep a scene do so too: only what all steps share is a fade. Grain
    and coding change a picture that stands still, so what a held step changes by is no movement either.

    Args:
        brighter: Change of the mean luma of each step, 8-bit codes (..., steps).
        difference: Mean absolute difference of the same steps, 8-bit codes.
        left: The same of the held step beside them (...).
    """
    light = np.abs(np.median(brighter, axis=-1))
    change = np.sqrt(np.maximum(np.median(difference, axis=-1) ** 2 - left**2, _LEAST_CODES**2))
    return np.asarray(light >= _SHARE * change)


def light_jumps(brighter: Values, difference: Values) -> NDArray[np.bool_]:
    """Which steps are mostly a jump of light, which lends a picture that stands still its movement. Arguments as for ``fades``."""
    return np.asarray((np.abs(brighter) >= _JUMP_CODES) & (np.abs(brighter) >= _JUMP_SHARE * difference))


def strobes(lengths: Values, jumps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether what seems to move in a stretch does so for the greater part in jumps of light; both (..., steps)."""
    energy = lengths**2
    return np.asarray((energy * jumps).sum(axis=-1) > energy.sum(axis=-1) / 2)
