"""The two sides of a join as frames: one take split, or two takes joined, with the fault of a case in the second half."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.footage import Footage, reference_footage, texture_pan, wide_size
from kling_post.calibration.seam_alterations import ALTERATIONS, LIMIT_OF, LOOKS, MOVING, altered_frames
from kling_post.calibration.seam_cases import SIDE_FRAMES, Join, SeamCase
from kling_post.calibration.seam_grain import Coder, grainy_as_coded
from kling_post.calibration.seam_unrest import Unrest, own_limits

RgbFrame = NDArray[np.uint8]
Frames = Sequence[RgbFrame]

WIDTH = 1280
"""Columns of what is drawn; a user's clips are brought to no more. Four times what framing is measured at, as in use or less."""
RUN_UP_FRAMES = 8
_ROOM = SIDE_FRAMES + 12
"""Frames needed on either side of a split: for the side itself, and for echoes and dropped frames of up to twelve."""
LEAST_FRAMES = 2 * _ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a join is and what is wrong with it."""

    kind: str
    """``continue``, ``cut`` or ``dissolve``."""
    steps: Mapping[str, float]
    """Property, then by how much it really steps; NaN where it steps by an unknown amount as a side effect."""
    limits: Mapping[str, float] = field(default_factory=lambda: LIMIT_OF)
    """Property, then what a fault of this join is a multiple of: above the plain limit where the take is restless by itself."""
    repeated_frames: int = 0
    held_frames: int = 0
    dropped_frames: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeJoin:
    """Both sides, not yet encoded."""

    outgoing: Frames
    incoming: Frames
    truth: Truth
    run_up: Frames = ()
    """What comes before ``outgoing`` in its file, which is thus a whole group of pictures of a second."""
    clean: Frames = ()
    """The incoming frames as they are without a fault of the picture; empty at faults of time and where another shot begins."""


def seam_footage(width: int = WIDTH) -> tuple[Footage, ...]:
    """The reference footage and slow pans, where a repeat is hardest to tell from a step, 16:9."""
    size = wide_size(width)
    texture = partial(texture_pan, size=size)
    slow = (
        Footage(name="slow_pan_03", recipe="texture, pan of 0.3/640 a frame", draw=partial(texture, pixels=0.3)),
        Footage(name="soft_slow_pan_05", recipe="soft texture, pan of 0.5/640 a frame", draw=partial(texture, pixels=0.5, exponent=1.6)),
        Footage(name="grainy_slow_pan_05", recipe="texture, pan of 0.5/640 a frame, grain 3", draw=partial(texture, pixels=0.5, sigma=3.0)),
    )
    return (*reference_footage(size=size), *slow)


def make_join(case: SeamCase, take: Frames, other: Frames, coded: Coder | None = None, unrest: Unrest | None = None) -> MadeJoin:
    """Both sides of a case.

    Args:
        case: What to make.
        take: To be split.
        other: Another take of the same size, for cuts and dissolves.
        coded: Takes frames through the encoder; only needed for grain.
        unrest: What the take does by itself (``seam_unrest``); None for one that is drawn evenly.
    """
    rng = case.chance()
    split = int(rng.integers(_ROOM, len(take) - _ROOM + 1))
    made = _joined(case, take, other, split, rng, coded, LIMIT_OF if unrest is None else own_limits(unrest, split))
    return replace(made, run_up=take[split - SIDE_FRAMES - RUN_UP_FRAMES : split - SIDE_FRAMES])


def _joined(
    case: SeamCase,
    take: Frames,
    other: Frames,
    split: int,
    rng: np.random.Generator,
    coded: Coder | None,
    limits: Mapping[str, float],
) -> MadeJoin:
    if case.join in {Join.CUT, Join.MATCH_CUT, Join.DISSOLVE}:
        return _two_shots(case, take, other, split)
    outgoing = take[split - SIDE_FRAMES : split]
    clean = take[split : split + SIDE_FRAMES]
    if case.alteration == "grain" and coded is not None:
        noisy, left = grainy_as_coded(clean, case.amount * LIMIT_OF["grain"], rng, coded)
        steps = dict.fromkeys(LIMIT_OF, 0.0) | {"grain": left, "sharpness": float("nan")}
        return MadeJoin(outgoing=outgoing, incoming=noisy, truth=Truth(kind="continue", steps=steps, limits=limits), clean=clean)
    if case.join is Join.ALTERED:
        target = ALTERATIONS[case.alteration].target
        incoming, steps = altered_frames(case.alteration, clean, case.amount * limits[target] / LIMIT_OF[target], rng)
        if target in MOVING and limits[target] > LIMIT_OF[target]:
            # What is moved so far shows other things, and its own mirror image at the edge.
            steps |= {name: float("nan") for name in (*LOOKS, "sharpness")}
        return MadeJoin(outgoing=outgoing, incoming=incoming, truth=Truth(kind="continue", steps=steps, limits=limits), clean=clean)
    count = round(case.amount)
    places = split + _PLACES[case.join](np.arange(SIDE_FRAMES), count)
    truth = Truth(
        kind="continue",
        steps=dict.fromkeys(LIMIT_OF, 0.0),
        limits=limits,
        repeated_frames=count if case.join is Join.ECHO else 0,
        held_frames=count if case.join is Join.HELD else 0,
        dropped_frames=count if case.join is Join.DROPPED else 0,
    )
    return MadeJoin(
        outgoing=outgoing,
        incoming=[take[place] for place in places if place < len(take)],
        truth=truth,
        clean=clean if case.join is Join.PLAIN else (),
    )


_PLACES: Mapping[Join, Callable[[NDArray[np.int_], int], NDArray[np.int_]]] = {
    Join.PLAIN: lambda place, _: place,
    Join.ECHO: lambda place, count: place - count,
    Join.HELD: lambda place, count: np.maximum(0, place - count),
    Join.DROPPED: lambda place, count: place + count,
    Join.SLOWED: lambda place, count: 1 + count * place,
}
"""Which frame of the take, from the split on, stands at each place of the incoming side."""


def _two_shots(case: SeamCase, take: Frames, other: Frames, split: int) -> MadeJoin:
    before = take[split - SIDE_FRAMES : split + SIDE_FRAMES]
    if case.join is Join.MATCH_CUT:
        after: Frames = [_composed_alike(frame) for frame in before]
    else:
        after = other[: 2 * SIDE_FRAMES]
    if case.join is Join.DISSOLVE:
        shares = np.clip((np.arange(2 * SIDE_FRAMES) - (SIDE_FRAMES - case.amount / 2) + 1) / (case.amount + 1), 0, 1)
        mixed = [_mix(one, two, share) for one, two, share in zip(before, after, shares, strict=True)]
        return MadeJoin(outgoing=mixed[:SIDE_FRAMES], incoming=mixed[SIDE_FRAMES:], truth=Truth(kind="dissolve", steps={}))
    return MadeJoin(outgoing=before[:SIDE_FRAMES], incoming=after[SIDE_FRAMES:], truth=Truth(kind="cut", steps={}))


def _mix(one: RgbFrame, other: RgbFrame, share: float) -> RgbFrame:
    return np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), np.uint8)


def _composed_alike(frame: RgbFrame) -> RgbFrame:
    """The same palette and light in another picture: turned about and seen from nearer, as a reverse of the same scene."""
    rows, columns = frame.shape[:2]
    top, left = rows // 10, columns // 10
    nearer = frame[top : rows - top, left : columns - left][:, ::-1]
    return np.asarray(cv2.resize(nearer, (columns, rows), interpolation=cv2.INTER_CUBIC), np.uint8)
