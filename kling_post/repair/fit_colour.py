"""Fit one colour transform to pixels that belong together: the simplest that does as well as any.

Tried are, in this order: a slope for each channel; slope and offset; with power (an ASC CDL's SOP); with saturation (a whole ASC CDL);
and the Monge-Kantorovich linear map between the two colour distributions (Pitie and Kokaram, "The linear Monge-Kantorovitch linear
colour mapping for example-based colour transfer", CVMP 2007) as a 3 x 3 matrix with offsets. All are fitted in R'G'B' as shown: there a
change of exposure or white balance is a gain, one of lift an offset, and no sum of light has to be undone. What they leave over is
compared in Delta E ITP, each on tiles of the picture that it was not fitted to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.colour import LUMA_WEIGHTS, ColourTransform
from kling_post.repair.matching import Matched
from kling_post.signals.kernels.perceptual import delta_e_itp, ictcp

Floats = NDArray[np.float64]

_FEWEST_PIXELS = 400
_AS_GOOD, _NEARLY = 1.05, 0.03
"""A simpler transform is taken where it leaves over no more than so many times what the best one does, and so many Delta E ITP: along a
chain of ten hops whatever is left over adds up."""
_WORTH_A_MATRIX = 1.3
"""A matrix, which no CDL carries, must leave over so many times less."""
_BANDS, _FEWEST_ALIKE = 6, 12
_GAINS = (0.67, 1.5)
"""Slope, power and saturation may go no further."""
_MOST_OFFSET = 0.2
_MOST_CROSSTALK = 0.15
_ROUNDS = 8
_AS_IT_IS = ColourTransform()

Build = Callable[[Floats], ColourTransform]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedColour:
    """A transform from the incoming to the outgoing side's colours, and how well it does."""

    transform: ColourTransform
    moved_delta_e_itp: float
    """How far it moves the mean colour."""
    before_delta_e_itp: float
    """What lies systematically between the sides without it: root mean square over groups of like colours."""
    after_delta_e_itp: float
    """What is left over, on tiles that it was not fitted to."""
    pixels: int
    bounded: bool
    """Whether it wanted to go further than it may."""


def fit_colour(matched: Matched, *, target: ColourTransform | None = None) -> FittedColour | None:
    """The transform that gives the incoming pixels the outgoing ones' colours; None where too few pixels match.

    ``target`` is the transform that the outgoing clip has itself, so that the incoming one is matched to what will be seen.
    """
    if len(matched.incoming) < _FEWEST_PIXELS:
        return None
    wanted = matched.outgoing if target is None else target.apply(matched.outgoing)
    halves = (matched.tile % 2 + matched.tile // 1000) % 2 == 0
    tried = []
    for model in (_slope, _slope_offset, _sop, _cdl, _monge_kantorovich):
        residuals = []
        for half in (halves, ~halves):
            if min(half.sum(), (~half).sum()) < _FEWEST_PIXELS // 4:
                half = np.ones_like(half)  # noqa: PLW2901 - too little to be divided
            fitted = model(matched.incoming[half], wanted[half])
            rest = ~half if not half.all() else half
            residuals.append(_difference(fitted.apply(matched.incoming[rest]), wanted[rest]))
        tried.append((model, float(np.mean(residuals))))
    matrix, by_matrix = tried.pop()
    best = min(residual for _, residual in tried)
    chosen, left = next((model, residual) for model, residual in tried if residual <= best * _AS_GOOD + _NEARLY)
    if by_matrix * _WORTH_A_MATRIX + _NEARLY < left:
        chosen, left = matrix, by_matrix
    transform = chosen(matched.incoming, wanted)
    held = _held(transform)
    return FittedColour(
        transform=held,
        moved_delta_e_itp=float(delta_e_itp(*(_mean_colour(colours) for colours in (matched.incoming, held.apply(matched.incoming))))),
        before_delta_e_itp=_difference(matched.incoming, wanted),
        after_delta_e_itp=left,
        pixels=len(matched.incoming),
        bounded=held != transform,
    )


def _difference(one: Floats, other: Floats) -> float:
    """Delta E ITP between the mean colours of groups of like brightness and hue, root mean square: what is chance averages out."""
    here, there = (ictcp(np.clip(colours, 0, 1)) for colours in (one, other))
    away = [_trimmed_mean(here[group] - there[group]) for group in _like_colours(other)]
    return float(np.sqrt(np.mean(delta_e_itp(np.array(away), np.zeros(3)) ** 2)))


def _like_colours(rgb: Floats) -> list[NDArray[np.int64]]:
    """The pixels in groups: by brightness, each of those by whether it is redder and whether it is bluer than the others in it."""
    luma = rgb @ np.array(LUMA_WEIGHTS)
    groups = []
    for band in np.array_split(np.argsort(luma), _BANDS):
        tints = rgb[band][:, (0, 2)] - luma[band, None]
        redder, bluer = (tints > np.median(tints, axis=0)).T
        groups += [band[chosen] for chosen in (redder & bluer, redder & ~bluer, ~redder & bluer, ~redder & ~bluer)]
    return [group for group in groups if len(group) >= _FEWEST_ALIKE]


def _trimmed_mean(values: Floats) -> Floats:
    """Mean over the first axis without the tenth at either end of each column."""
    ordered = np.sort(values, axis=0)
    cut = len(ordered) // 10
    return np.asarray(ordered[cut : len(ordered) - cut].mean(axis=0))


def _mean_colour(rgb: Floats) -> Floats:
    return np.asarray(ictcp(np.clip(rgb, 0, 1)).mean(axis=0))


# ----------------------------------------------------------------------------------------------- the transforms


def _triple(values: Floats) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _slope(incoming: Floats, wanted: Floats) -> ColourTransform:
    return _by_least_squares(incoming, wanted, lambda free: ColourTransform(slope=_triple(free)), np.ones(3))


def _slope_offset(incoming: Floats, wanted: Floats) -> ColourTransform:
    return _by_least_squares(
        incoming, wanted, lambda free: ColourTransform(slope=_triple(free[:3]), offset=_triple(free[3:6])), np.array([1.0] * 3 + [0.0] * 3)
    )


def _sop(incoming: Floats, wanted: Floats) -> ColourTransform:
    def build(free: Floats) -> ColourTransform:
        return ColourTransform(slope=_triple(free[:3]), offset=_triple(free[3:6]), power=_triple(free[6:9]))

    return _by_least_squares(incoming, wanted, build, np.array([1.0] * 3 + [0.0] * 3 + [1.0] * 3))


def _cdl(incoming: Floats, wanted: Floats) -> ColourTransform:
    def build(free: Floats) -> ColourTransform:
        sop = ColourTransform(slope=_triple(free[:3]), offset=_triple(free[3:6]), power=_triple(free[6:9]))
        return replace(sop, saturation=float(free[9]))

    return _by_least_squares(incoming, wanted, build, np.array([1.0] * 3 + [0.0] * 3 + [1.0] * 4))


def _by_least_squares(incoming: Floats, wanted: Floats, build: Build, start: Floats) -> ColourTransform:
    """Gauss-Newton with Huber weights, held to the start where the pixels do not decide: a hundredth of a code's worth each."""
    free, pull = start.copy(), 1e-4 * len(incoming)
    for _ in range(_ROUNDS):
        now = build(free).apply(incoming)
        error = wanted - now
        away = np.abs(error)
        spread = max(1.4826 * float(np.median(away)), 1e-4)
        weight = np.minimum(1.0, 1.5 * spread / np.maximum(away, 1e-9)).ravel()
        slopes = np.empty((error.size, len(free)))
        for place in range(len(free)):
            moved = free.copy()
            moved[place] += 1e-4
            slopes[:, place] = ((build(moved).apply(incoming) - now) / 1e-4).ravel()
        weighted = slopes.T * weight
        hessian = weighted @ slopes + np.eye(len(free)) * pull * 1e-2
        step = np.linalg.solve(hessian, weighted @ error.ravel() - pull * 1e-2 * (free - start))
        free = free + np.clip(step, -0.2, 0.2)
        free[6:] = np.clip(free[6:], 0.3, 3.0)
        if np.abs(step).max() < 1e-6:
            break
    return build(free)


def _monge_kantorovich(incoming: Floats, wanted: Floats) -> ColourTransform:
    """The linear map of least movement that gives one distribution the other's mean and covariance."""
    good = _inliers(incoming, wanted)
    here, there = incoming[good], wanted[good]
    mean_here, mean_there = here.mean(axis=0), there.mean(axis=0)
    quiet = 1e-6 * np.eye(3)
    cov_here, cov_there = np.cov(here.T) + quiet, np.cov(there.T) + quiet
    root = _power(cov_here, 0.5)
    back = _power(cov_here, -0.5)
    matrix = back @ _power(root @ cov_there @ root, 0.5) @ back
    offset = mean_there - matrix @ mean_here
    rows = _triple(matrix[0]), _triple(matrix[1]), _triple(matrix[2])
    return ColourTransform(matrix=rows, offset=_triple(offset))


def _inliers(incoming: Floats, wanted: Floats) -> NDArray[np.bool_]:
    """Pixels whose difference is like the others': both distributions are then of the same things."""
    away = np.linalg.norm(wanted - incoming - np.median(wanted - incoming, axis=0), axis=1)
    return np.asarray(away <= np.quantile(away, 0.95))


def _power(matrix: Floats, exponent: float) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1e-12) ** exponent) @ vectors.T)


# ----------------------------------------------------------------------------------------------- bounds


def within_bounds(transform: ColourTransform) -> bool:
    """Whether the transform changes no more than a repair may."""
    low, high = _GAINS
    gains = (*transform.slope, *transform.power, transform.saturation)
    matrix = np.eye(3) if transform.matrix is None else np.array(transform.matrix)
    diagonal, crosstalk = np.diag(matrix), matrix - np.diag(np.diag(matrix))
    return bool(
        all(low <= gain <= high for gain in (*gains, *diagonal))
        and max(abs(each) for each in transform.offset) <= _MOST_OFFSET
        and np.abs(crosstalk).max() <= _MOST_CROSSTALK
    )


def between(one: ColourTransform, other: ColourTransform, share: float) -> ColourTransform:
    """So much of the way from a transform to another, number by number, gains by their ratio: 0 is ``one``, 1 is ``other``."""
    if share in (0.0, 1.0):
        return other if share else one

    def gains(here: tuple[float, float, float], there: tuple[float, float, float]) -> tuple[float, float, float]:
        return _triple(np.maximum(np.array(here), 1e-3) ** (1 - share) * np.maximum(np.array(there), 1e-3) ** share)

    def mixed(here: Floats, there: Floats) -> Floats:
        return (1 - share) * here + share * there

    matrix = None
    if one.matrix is not None or other.matrix is not None:
        rows = mixed(*(np.eye(3) if each.matrix is None else np.array(each.matrix) for each in (one, other)))
        matrix = (_triple(rows[0]), _triple(rows[1]), _triple(rows[2]))
    return ColourTransform(
        slope=gains(one.slope, other.slope),
        offset=_triple(mixed(np.array(one.offset), np.array(other.offset))),
        power=gains(one.power, other.power),
        saturation=max(one.saturation, 1e-3) ** (1 - share) * max(other.saturation, 1e-3) ** share,
        matrix=matrix,
    )


def _held(transform: ColourTransform) -> ColourTransform:
    """The transform, or the largest part of it that lies within the bounds."""
    if within_bounds(transform):
        return transform
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if within_bounds(between(_AS_IT_IS, transform, middle)) else (low, middle)
    return between(_AS_IT_IS, transform, low)
