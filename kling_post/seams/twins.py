"""Frames of the incoming side that are frames of the outgoing side: read from how far all frames of a join lie from each other.

Where the incoming clip begins with n frames that the outgoing one ended with, its j-th frame is the outgoing side's (n - j)-th from the
end, so it must lie from *every* frame as its twin does: the distances across the join are those within the sides, moved by n, and a
constant more, because a frame that is coded anew gets noise of its own. For each count those foretold distances are laid beside the
measured ones. Nothing is asked of the movement: pans, water, figures drawn on twos and cadences of converted film all foretell
themselves. A single difference between two frames could not tell, for a fresh key frame may differ more from its twin than a slow shot
differs from frame to frame.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pictures = NDArray[np.float32]

MOST_REPEATS = 12
"""Half a second at 24 frames a second."""
_WIDTH = 160
_FINE, _COARSE = 1.5, 6.0
"""Sigmas of the band that is compared, in pixels of that width: below it lies what codecs change, above it what grading changes."""
_REACH = 4
"""Frames further apart than this in time tell little: a distance that is full grows no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """Squared distances between the frames of a join, 0 for the same picture to 2 for unrelated ones; blind to brightness and contrast."""

    before: Floats
    """(outgoing frames, outgoing frames)."""
    after: Floats
    """(incoming frames, incoming frames)."""
    across: Floats
    """(outgoing frames, incoming frames)."""

    @property
    def steps_before(self) -> Floats:
        """From each frame of the outgoing side to the next."""
        return np.diag(self.before, 1)

    @property
    def steps_after(self) -> Floats:
        """From each frame of the incoming side to the next."""
        return np.diag(self.after, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well one count of repeated frames foretells the distances across the join."""

    repeated_frames: int
    misfit: float
    """What it leaves unexplained, as a share of what it foretells: root mean square over standard deviation. The lower of two: where every
    frame has grain of its own, and where a twin keeps that of its twin, so that it lies from all others as far as that one does."""
    misfit_anew: float
    """The former. Fast fine detail, which goes as far in one step as in two, passes for grain there."""


def distances_of(outgoing: Pictures, incoming: Pictures) -> Distances:
    """Compare every luma picture of two sides (frames, rows, columns), all of one size, with every other."""
    before, after = _directions(outgoing), _directions(incoming)
    return Distances(before=2 - 2 * before @ before.T, after=2 - 2 * after @ after.T, across=2 - 2 * before @ after.T)


def _directions(pictures: Pictures) -> Floats:
    """(frames, pixels): the band of each picture, of mean 0 and length 1."""
    rows, columns = pictures.shape[1:]
    width = min(columns, _WIDTH)
    size = (width, max(1, round(rows * width / columns)))
    found = []
    for picture in pictures:
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        band = cv2.GaussianBlur(small, (0, 0), _FINE) - cv2.GaussianBlur(small, (0, 0), _COARSE)
        vector = band.ravel().astype(np.float64)
        vector -= vector.mean()
        found.append(vector / max(float(np.linalg.norm(vector)), 1e-9))
    return np.stack(found)


def fits_of(distances: Distances) -> tuple[Fit, ...]:
    """How well each possible count explains the distances across, from 1 on; none where a side has less than three frames."""
    outgoing, incoming = distances.across.shape
    if min(outgoing, incoming) < 3:
        return ()
    counts = range(1, min(MOST_REPEATS, outgoing - 1, incoming) + 1)
    new_grain = _without_grain(distances.before), _without_grain(distances.after)
    anew = [_misfit(*new_grain, distances.across, count) for count in counts]
    kept = [_misfit(distances.before, distances.after, distances.across, count) for count in counts]
    return tuple(
        Fit(repeated_frames=count, misfit=min(new, old), misfit_anew=new) for count, new, old in zip(counts, anew, kept, strict=True)
    )


def _without_grain(within: Floats) -> Floats:
    """Distances within a side less what its grain adds to each, which is new on every frame: what remains where no time passes.

    It is read off the straight line through the distances one and two frames away, and is never more than the smallest steps.
    """
    ones, twos = np.diag(within, 1), np.diag(within, 2)
    grain = float(np.clip(np.median(2 * ones[:-1] - twos), 0, np.percentile(ones, 10)))
    return np.asarray(within - grain * (1 - np.eye(len(within))))


def _misfit(before: Floats, after: Floats, across: Floats, count: int) -> float:
    """Distances within the sides, and across; how well ``count`` repeated frames foretell the latter."""
    outgoing, incoming = across.shape
    row, column = np.meshgrid(np.arange(outgoing), np.arange(incoming), indexing="ij")
    # The place of each incoming frame's twin in the outgoing side, and the other way round, where it has one.
    twin_before, twin_after = outgoing - count + column, row - (outgoing - count)
    foretold = np.stack(
        [
            np.where(column < count, before[row, np.minimum(twin_before, outgoing - 1)], np.nan),
            np.where((twin_after >= 0) & (twin_after < incoming), after[np.clip(twin_after, 0, incoming - 1), column], np.nan),
        ]
    )
    known = np.isfinite(foretold).any(axis=0) & (np.abs(twin_before - row) <= _REACH)
    expected = np.nanmean(foretold[:, known], axis=0)
    apart = across[known] - expected
    left = float(np.sqrt(np.mean((apart - np.median(apart)) ** 2)))
    return left / max(float(expected.std()), 1e-9)
