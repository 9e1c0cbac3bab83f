"""What the motion signals read, beside the exact movement of reference footage.

The truth comes from the geometry that the footage was drawn with, never from its pixels; the signals read the coded file as they
read any take. What stands still in the world counts, and bodies by their own speed, where they are seen in both frames: water, smoke
and what is uncovered have no known movement. The truth's median is over what is known, a signal's over all of the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.footage import FRAMES, RATE, SIZE, Footage, drawn_shot, reference_footage, traits_of, traits_of_steps
from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.geometry.flow import NOT_KNOWN, Flow, flow_between
from kling_post.generation.previz.geometry.view import View, Viewed
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.probe import probe
from kling_post.progress import SILENT, Progress
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS
from kling_post.signals.kernels.working_size import working_halvings
from kling_post.signals.runner import measure
from kling_post.vocabulary import Size

Values = NDArray[np.float64]
LEAST_KNOWN = 0.6
"""Share of the picture whose movement must be known: below, a median over the picture is about something else."""
_TILE_KNOWN = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure of a signal over one shot, in pixels of the stored picture per frame, one value for each step."""

    name: str
    read: Values
    true: Values

    @property
    def error(self) -> Values:
        """Distance between what was read and what is true: of vectors (steps, 2), or of lengths (steps,)."""
        apart = self.read - self.true
        return np.asarray(np.hypot(*apart.T) if apart.ndim == 2 else np.abs(apart))

    @property
    def ratio(self) -> float:
        """Length read over length true, over the whole shot."""
        read, true = (np.hypot(*each.T).sum() if each.ndim == 2 else each.sum() for each in (self.read, self.true))
        return float(read / true) if true > 0 else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionScore:
    """One shot at one quality."""

    footage: str
    crf: int
    seed: int
    known: float
    """Share of the picture whose movement is known, mean over the shot."""
    speed: float
    """Median length of the true movement, pixels of the stored picture per frame."""
    readings: tuple[Reading, ...]
    """Empty where too little is known."""
    traits_agree: bool
    """Whether the traits told from optical flow of the pixels are those of the known movement; True where too little is known."""


def exact_steps(picture: Viewed, frames: int, rate: Fraction = RATE) -> Iterator[Flow]:
    """The exact flow from each frame of a shot to the next; each view is made once.

    Raises:
        ValueError: the shot has no geometry.
    """
    before: View | None = None
    for index in range(frames):
        view = picture.view(index)
        if view is None:
            raise ValueError("the shot has no geometry")
        if before is not None:
            yield flow_between(before, view, float(1 / rate))
        before = view


def score_motion(
    footage: Sequence[Footage] | None = None,
    *,
    seed: int = 1,
    crfs: Sequence[int] = (18, 28),
    frames: int = FRAMES,
    size: Size = SIZE,
    progress: Progress = SILENT,
) -> tuple[MotionScore, ...]:
    """Draw each shot, code it, have it measured, and compare with its exact movement; footage without geometry is left out."""
    shots = [shot for shot in footage or reference_footage() if shot.prompt]
    progress.start("scoring motion", len(shots), "shots")
    scores: list[MotionScore] = []
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for done, shot in enumerate(shots, start=1):
            scores += _scored(shot, seed, crfs, frames, size)
            progress.advance(done)
    finally:
        cv2.setNumThreads(threads)
    progress.finish()
    return tuple(scores)


def _scored(shot: Footage, seed: int, crfs: Sequence[int], frames: int, size: Size) -> Iterator[MotionScore]:
    picture = drawn_shot(shot.prompt, seed, size=size, frames=frames)
    if not isinstance(picture, Viewed) or picture.view(0) is None:
        return
    steps = [_Step.of(flow) for flow in exact_steps(picture, frames)]
    pictures = [picture.frame(index) for index in range(frames)]
    known = float(np.mean([step.known for step in steps]))
    told = traits_of(pictures), traits_of_steps([(step.high, step.median) for step in steps[2:-2:6]], size.width, pictures)
    for crf in crfs:
        yield MotionScore(
            footage=shot.name,
            crf=crf,
            seed=seed,
            known=known,
            speed=float(np.median([np.hypot(*step.median) for step in steps])),
            readings=_readings(pictures, steps, crf, size) if known >= LEAST_KNOWN else (),
            traits_agree=told[0] == told[1] or known < LEAST_KNOWN,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The exact movement of one step in the figures that signals give, pixels of the stored picture."""

    known: float
    median: Values
    """Across and down."""
    length: float
    """Median length."""
    high: float
    """The 90th percentile of the lengths."""
    highest: float
    """The 95th."""
    tiles: Values
    """Length of each tile's mean movement, (9, 16); NaN where too little of it is known."""

    @classmethod
    def of(cls, flow: Flow) -> "_Step":
        known = flow.known != NOT_KNOWN
        moved = flow.pixels[known].astype(np.float64)
        if not len(moved):
            moved = np.zeros((1, 2))
        lengths = np.hypot(*moved.T)
        grid = (TILE_COLUMNS, TILE_ROWS)
        share = cv2.resize(known.astype(np.float32), grid, interpolation=cv2.INTER_AREA)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = cv2.resize(flow.pixels * known[..., None], grid, interpolation=cv2.INTER_AREA) / share[..., None]
        tiles = np.where(share >= _TILE_KNOWN, np.hypot(mean[..., 0], mean[..., 1]), np.nan)
        return cls(
            known=float(known.mean()),
            median=np.median(moved, axis=0),
            length=float(np.median(lengths)),
            high=float(np.percentile(lengths, 90)),
            highest=float(np.percentile(lengths, 95)),
            tiles=np.asarray(tiles, np.float64),
        )


def _readings(pictures: Sequence[RgbFrame], steps: Sequence[_Step], crf: int, size: Size) -> tuple[Reading, ...]:
    with TemporaryDirectory(prefix="kling_post_motion_") as name:
        path = Path(name) / "shot.mp4"
        with FrameWriter(path, size=size, rate=RATE, quality=EncodeSettings(preset="veryfast", crf=crf, threads=1)) as writer:
            for picture in pictures:
                writer.write(picture)
        signals = measure(path, probe(path), cache_folder=None, names=("motion", "displacement")).signals
    motion, displacement = signals["motion"], signals["displacement"]
    working = float(1 << working_halvings(size))
    across = np.array([step.median for step in steps])
    return (
        Reading(name="motion, median vector", read=np.stack([motion["across"], motion["down"]], axis=1)[1:], true=across),
        Reading(name="motion, median length", read=motion["median"][1:], true=np.array([step.length for step in steps])),
        Reading(name="motion, 95 % length", read=motion["p95"][1:], true=np.array([step.highest for step in steps])),
        Reading(name="displacement, median tile", read=displacement["tile_median"][1:] * working, true=_tile_quantile(steps, 50)),
        Reading(name="displacement, 90 % tile", read=displacement["tile_p90"][1:] * working, true=_tile_quantile(steps, 90)),
    )


def _tile_quantile(steps: Sequence[_Step], percent: float) -> Values:
    return np.array([np.nanpercentile(step.tiles, percent) for step in steps])
