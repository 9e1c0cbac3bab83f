"""What both sides of a join look like and how they move, as numbers; no opinion and no limit.

Each property is compared at the join itself: a robust line (Theil-Sen) through the frames of each side is drawn to the middle of the
join, so that a picture that was brightening anyway does not count as a step. Next to each step stands the *noise*: what this footage
does by itself, from how far the frames lie from their own lines and from the step that the same method finds in the middle of each side.
"""

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import Step, step_between, steps_of
from kling_post.seams.side import Side
from kling_post.signals.perceptual import delta_e_itp, ictcp, unclipped_rgb

Floats = NDArray[np.float64]

_COLOUR_WIDTH = 96
"""Colour is averaged over pictures about this wide: finer detail does not change the mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One property at a join: its step from the outgoing to the incoming side, and what the footage varies by itself."""

    step: float
    noise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Per-frame figures of one side; every array is (frames,) except ``ictcp``."""

    luma: Floats
    """Mean luma, 0 to 1."""
    ictcp: Floats
    """(frames, 3): mean ICtCp of the picture."""
    black: Floats
    """5th percentile of luma."""
    contrast: Floats
    """95th less 5th percentile of luma."""
    saturation: Floats
    """Mean distance of chroma from grey."""
    sharpness: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamMeasurements:
    """All that was measured at one join."""

    before: tuple[Step, ...]
    """Steps within the outgoing side."""
    join: Step
    """From the last outgoing to the first incoming frame."""
    after: tuple[Step, ...]
    """Steps within the incoming side."""
    luma: Compared
    """In percent of the range from black to white."""
    colour: Compared
    """In Delta E ITP, lightness included."""
    black: Compared
    """In percent of the range."""
    contrast: Compared
    """In percent of the outgoing side's contrast."""
    saturation: Compared
    """In percent of the outgoing side's saturation."""
    sharpness: Compared
    """Incoming over outgoing, less 1, in percent."""
    flash_before: Compared
    """How far the last outgoing frame's colour lies from where the frames before it lead, Delta E ITP."""
    flash_after: Compared
    """How far the first incoming frame's colour lies from where the frames after it lead, Delta E ITP."""


def looks_of(side: Side) -> Looks:
    """The per-frame figures of one side."""
    rows, columns = side.luma.shape[1:]
    small = (min(columns, _COLOUR_WIDTH), max(1, round(rows * min(columns, _COLOUR_WIDTH) / columns)))

    def reduced(pictures: NDArray[np.float32]) -> Floats:
        return np.stack([cv2.resize(picture, small, interpolation=cv2.INTER_AREA) for picture in pictures]).astype(np.float64)

    blue, red = reduced(side.chroma_blue), reduced(side.chroma_red)
    codes = np.stack([reduced(side.luma) * 219 + 16, blue * 224 + 128, red * 224 + 128], axis=-1).astype(np.float32)
    rgb = np.stack([unclipped_rgb(picture, full_range=False, weights=side.luma_weights) for picture in codes])
    colours = ictcp(np.clip(rgb, 0, 1).astype(np.float64))
    dark, light = np.percentile(side.luma.reshape(side.frames, -1), (5, 95), axis=1)
    return Looks(
        luma=side.luma.mean(axis=(1, 2), dtype=np.float64),
        ictcp=colours.mean(axis=(1, 2)),
        black=dark.astype(np.float64),
        contrast=(light - dark).astype(np.float64),
        saturation=np.hypot(blue, red).mean(axis=(1, 2)),
        sharpness=side.sharpness,
    )


def line_through(values: Floats, at: float) -> tuple[float, float]:
    """Where a Theil-Sen line through ``values`` (at 0, 1, 2 …) passes ``at``, and the values' robust spread about the line.

    The slope is the median of the slopes between all pairs (Sen 1968), so that one odd frame does not tilt it.
    """
    if len(values) == 1:
        return float(values[0]), 0.0
    slope = float(np.median([(values[j] - values[i]) / (j - i) for i, j in combinations(range(len(values)), 2)]))
    places = np.arange(len(values))
    offset = float(np.median(values - slope * places))
    spread = 1.4826 * float(np.median(np.abs(values - slope * places - offset)))
    return offset + slope * at, spread


def compared(before: Floats, after: Floats) -> Compared:
    """The step of one figure at the join: the incoming side's line less the outgoing side's, both in the middle of the join."""
    end, end_spread = line_through(before, len(before) - 0.5)
    start, start_spread = line_through(after, -0.5)
    within = max(abs(_inner_step(before)), abs(_inner_step(after))) / 2
    return Compared(step=start - end, noise=max(end_spread, start_spread, within))


def _inner_step(values: Floats) -> float:
    """The step that the same method finds between the halves of one side, where there is none; 0 for fewer than six frames."""
    if len(values) < 6:
        return 0.0
    half = len(values) // 2
    return line_through(values[half:], -0.5)[0] - line_through(values[:half], half - 0.5)[0]


def _in_percent(before: Floats, after: Floats, *, of: float = 1.0) -> Compared:
    result = compared(before, after)
    scale = 100.0 / max(of, 1e-6)
    return Compared(step=result.step * scale, noise=result.noise * scale)


def _colour(before: Floats, after: Floats) -> Compared:
    """Delta E ITP between the lines of both sides; the noise in the same unit."""
    axes = [compared(before[:, axis], after[:, axis]) for axis in range(3)]
    step, noise = (np.array([getattr(axis, name) for axis in axes]) for name in ("step", "noise"))
    return Compared(step=float(delta_e_itp(step, np.zeros(3))), noise=float(delta_e_itp(noise, np.zeros(3))))


def _flash(colours: Floats) -> Compared:
    """How far the first frame's colour lies from the line through the frames after it; the noise is half the next worst frame's."""
    if len(colours) < 4:
        return Compared(step=0.0, noise=0.0)
    # Values at 1, 2, 3 … so that the frame in question stands at 0; the line is drawn without it.
    lines = [[line_through(colours[1:, axis], place - 1.0)[0] for axis in range(3)] for place in range(len(colours))]
    away = delta_e_itp(colours, np.array(lines))
    return Compared(step=float(away[0]), noise=float(away[1:].max()) / 2)


def measure_seam(outgoing: Side, incoming: Side) -> SeamMeasurements:
    """Measure a join from the last frames of the outgoing and the first frames of the incoming clip, of one picture size."""
    before, after = looks_of(outgoing), looks_of(incoming)
    return SeamMeasurements(
        before=steps_of(outgoing.luma),
        join=step_between(outgoing.luma[-1], incoming.luma[0]),
        after=steps_of(incoming.luma),
        luma=_in_percent(before.luma, after.luma),
        colour=_colour(before.ictcp, after.ictcp),
        black=_in_percent(before.black, after.black),
        contrast=_in_percent(before.contrast, after.contrast, of=float(np.median(before.contrast))),
        saturation=_in_percent(before.saturation, after.saturation, of=max(float(np.median(before.saturation)), 0.01)),
        sharpness=_in_percent(before.sharpness, after.sharpness, of=float(np.median(before.sharpness))),
        flash_before=_flash(before.ictcp[::-1]),
        flash_after=_flash(after.ictcp),
    )
