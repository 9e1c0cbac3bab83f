"""Steps that fall behind the movement around them, told by pace: for repeats that grain and coding hide from plain lengths.

The length of a step holds whatever noise there is; its pace along the movement that the steps around it share does not, because
noise of different frames is independent (see ``pace``). So a held frame of a grainy, coded shot has a length of a third of the
steps beside it, but a pace of a few hundredths.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.evidence.fading import fades, light_jumps, strobes
from kling_post.checks.evidence.pace import pace_of
from kling_post.checks.evidence.path import speeds_of

Values = NDArray[np.float64]

_PACE = 0.3
"""Of the step, at most, in either direction; a frame that an encoder predicts from both sides keeps a quarter of its step."""
_LENGTH = 0.45
"""Of the shared movement, at most."""
_LEAST_PIXELS = 0.09
"""Shared movement of the working picture, longer side up to 480; slower movement is the encoder's to arrange."""
_COHERENCE = 0.55
"""Share of the movement around that its steps have in common."""
_EVERYWHERE = 0.12
"""Movement that a tenth of the tiles have, over that of the whole, in the steps beside: a small thing before a still picture has 0.0."""
_UNLIKE_CODES, _UNLIKE_SHARE = 6.0, 0.7
"""Change of the middle tile that neither grain nor coding makes, where it is also this share of the change beside: such a step moves in
a way that least squares do not see, like fine threads by a whole pitch. Of the most changed tile where the middle one rests anyway: there
one thing goes on, and the picture is another one."""
_RESTS_PIXELS = 0.015
"""What a middle tile at rest moves by, noise taken off."""
_BESIDE = 4
"""Steps on either side that say whether the movement is everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """Every step of a clip against the movement around it; NaN where nothing around it moves."""

    pace: Values
    coherence: Values
    pixels: Values
    """Of the movement that the steps around share, root mean square, in pixels of the working picture."""
    length: Values
    """Of all movement of the step, over that: a step that goes another way is as long as the others."""
    everywhere: NDArray[np.bool_]
    """Whether the steps beside it move a tenth of the picture or more, and are no fade."""
    unlike: NDArray[np.bool_]
    """Whether the picture changes as much as in the steps beside it, and by more than grain and coding; or where only a part of it moves,
    anything in it."""
    speed: Values
    """Pixels of the working picture along that movement, by all steps around it together (see ``path``)."""
    lagging: NDArray[np.bool_]
    """Whether it holds the picture, seen by pace."""


def paced_steps(
    moved: Mapping[str, Values], cuts: tuple[int, ...], *, lengths: Values, middle: Values, rest: Values, change: Values, brighter: Values
) -> Paced:
    """The steps of the displacement signal ``moved``.

    ``middle`` is the displacement of the middle tile in each step, ``rest`` what nine tiles of ten stay under; ``lengths``,
    ``change`` and ``brighter`` are as in ``held.Steps``, all of shape (frames,).
    """
    steps = pace_of(moved["accord"], cuts)
    gradient = np.maximum(np.nan_to_num(moved["gradient"]), 0.05)
    pixels = np.sqrt(np.nan_to_num(steps.movement) / gradient)
    everywhere = _around(rest) >= _EVERYWHERE * np.maximum(_around(lengths), 1e-9)
    everywhere &= ~strobes(_windows(lengths), _windows(light_jumps(brighter, moved["difference"])))
    everywhere &= ~_fades_beside(brighter, moved["difference"])
    unlike = _unlike(change) | (_unlike(moved["tile_change"]) & (_around(middle) < _RESTS_PIXELS))
    with np.errstate(invalid="ignore", divide="ignore"):
        length = lengths / pixels
        lags = (np.abs(steps.pace) <= _PACE) & (steps.coherence >= _COHERENCE) & (length <= _LENGTH)
    return Paced(
        pace=steps.pace,
        coherence=steps.coherence,
        pixels=pixels,
        length=length,
        everywhere=everywhere,
        unlike=unlike,
        speed=speeds_of(steps.products, moved["gradient"]),
        lagging=np.asarray(lags & (pixels >= _LEAST_PIXELS) & everywhere & ~unlike, bool),
    )


def _unlike(change: Values) -> NDArray[np.bool_]:
    return np.asarray((change >= _UNLIKE_CODES) & (change >= _UNLIKE_SHARE * _around(change)))


def _windows(values: NDArray) -> NDArray:  # type: ignore[type-arg]
    """Each value with those beside it."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(values, _BESIDE), 2 * _BESIDE + 1)


def _around(values: Values) -> Values:
    """The median of the steps beside each one, itself left out."""
    padded = np.pad(values, _BESIDE, constant_values=np.nan)
    around = np.delete(np.lib.stride_tricks.sliding_window_view(padded, 2 * _BESIDE + 1), _BESIDE, axis=1)
    return np.asarray(np.nan_to_num(np.nanmedian(np.where(np.isfinite(around).any(axis=1, keepdims=True), around, 0.0), axis=1)))


def _fades_beside(brighter: Values, difference: Values) -> NDArray[np.bool_]:
    """Whether the steps before each one are those of a fade, or the steps after it."""
    brighter, difference = np.nan_to_num(brighter), np.nan_to_num(difference)
    light, change = (np.lib.stride_tricks.sliding_window_view(np.pad(each, _BESIDE), _BESIDE) for each in (brighter, difference))
    before, after = (fades(light[side], change[side], left=difference) for side in (slice(-_BESIDE - 1), slice(_BESIDE + 1, None)))
    return np.asarray(before | after)
