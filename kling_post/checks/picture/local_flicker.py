"""Does a part of the picture pulse while the rest stands?

A patch that a generator re-decides every few frames pulses as one: its tiles brighten and darken together. Things that move do not,
because they reach neighbouring tiles one after the other. Whether a lamp is meant to pulse, a person must say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.exposure import exposure_steps, reversals, tile_levels
from kling_post.checks.evidence.runs import shots, stretch
from kling_post.checks.evidence.spectral_lines import beats_of, in_phase, shared_by, strongest_lines
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS
from kling_post.vocabulary import Area, Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFlickerLimits:
    """A pulsing patch; swings are of exposure against the whole picture's, peak to peak."""

    swing_percent: float = 2.2
    """Of the patch's mean; higher than for the whole picture, as a part is seen less."""
    over_slower: float = 1.5
    """The patch's beat is so many times as strong as anything slower in it: what moves there is not a beat."""
    over_floor: float = 2.5
    """The same over the rest of its spectrum."""
    widest_swing_percent: float = 20.0
    """A tile that changes by more from one frame to the next is crossed by something: a passer-by, a lamp."""
    fastest_share: float = 0.01
    """Movement, in picture widths a frame, above which nothing is asked: a fast pan changes every tile all the time."""
    tiles: int = 4
    """Of 144, neighbours of each other: an eighth of the width by an eighth and more of the height."""
    agreement: float = 0.4
    """Swing of each tile of the patch over the strongest one's, in phase with it."""
    alone: float = 0.6
    """Share that the patch has in all tiles with this beat, in any phase: a fence that goes by beats everywhere, each tile in its turn."""
    slowest_hertz: float = 3.0
    """People walk, wave and breathe more slowly."""
    widest_share: float = 0.5
    """A larger part is the whole picture's business (see flicker)."""


class LocalFlicker:
    """Pulsing of a part."""

    name = "local_flicker"
    title = "Flicker of a part of the picture"
    needs = ("luma", "motion", "structure")
    limits = LocalFlickerLimits()

    def judge(self, subject: Subject, limits: LocalFlickerLimits) -> Answer:
        """The most pulsing patch of each shot, for review."""
        facts, signals = subject.facts, subject.signals
        full = facts.color_range == "full"
        cuts = cut_frames(signals)
        whole = np.cumsum(exposure_steps(signals["luma"], full_range=full, cuts=cuts))
        levels = np.maximum(tile_levels(signals["luma"], full_range=full), 1.0)
        bright = levels.min(axis=0) > 8
        own = 100 * np.log(levels) - whole[:, None]
        second = max(8, round(facts.rate))
        moved = np.nan_to_num(signals["motion"]["median"]) / max(facts.size.width, facts.size.height)
        findings: list[Finding] = []
        for shot in shots(facts.frames, cuts):
            hits: list[_Patch] = []
            for length in (second, 2 * second):
                for start in _starts(shot, length):
                    window = slice(start, start + length)
                    if np.median(moved[window]) <= limits.fastest_share:
                        patch = _patch(own[window], bright, FrameRange(start, start + length), float(facts.rate), limits)
                        hits += [patch] if patch else []
            if hits:
                findings.append(self._finding(subject, hits, limits))
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, hits: list["_Patch"], limits: LocalFlickerLimits) -> Finding:
        frames = FrameRange(min(hit.frames.start for hit in hits), max(hit.frames.stop for hit in hits))
        strongest = max(hits, key=lambda hit: hit.swing)
        rows, columns = np.flatnonzero(strongest.tiles.any(axis=1)), np.flatnonzero(strongest.tiles.any(axis=0))
        message = (
            f"A part of the picture pulses by {strongest.swing:.1f} % at {strongest.hertz:.1f} Hz against the rest: "
            f"{stretch(frames, subject.facts)}."
        )
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=strongest.swing,
            limit=limits.swing_percent,
            unit="% peak to peak",
            message=message,
            source="exposure of 144 tiles against the whole picture's",
            remedy="Take the take again, unless something there is meant to flicker.",
            area=Area(
                left=float(columns[0] / TILE_COLUMNS),
                top=float(rows[0] / TILE_ROWS),
                right=float((columns[-1] + 1) / TILE_COLUMNS),
                bottom=float((rows[-1] + 1) / TILE_ROWS),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patch:
    """Neighbouring tiles with one beat in one window."""

    frames: FrameRange
    tiles: NDArray[np.bool_]
    """(9, 16)."""
    swing: float
    hertz: float


def _starts(shot: FrameRange, length: int) -> list[int]:
    """First frames of windows, half their length apart."""
    return list(range(shot.start, shot.stop - length + 1, max(1, length // 2)))


_SEEDS = 6
"""Tiles with the clearest beat from which a patch is grown; more find the same patch again."""


def _patch(own: Values, bright: NDArray[np.bool_], frames: FrameRange, rate: float, limits: LocalFlickerLimits) -> _Patch | None:
    """The strongest group of neighbouring tiles that share a beat in a window of exposure curves, (frames, 144)."""
    jumps = np.abs(np.diff(own, axis=0)).max(axis=0)
    usable = bright & (jumps <= limits.widest_swing_percent)
    swings, clearness = beats_of(own, rate=rate)
    lively = np.flatnonzero(usable & (swings >= 0.7 * limits.swing_percent))
    best: _Patch | None = None
    for tile in lively[np.argsort(-clearness[lively])][:_SEEDS].tolist():
        if best and best.tiles.ravel()[tile]:
            continue
        (line,) = strongest_lines(own[:, tile], rate=rate, frames=len(own))
        if line.hertz < limits.slowest_hertz:
            continue
        shares = np.where(usable, shared_by(line, own[:, tile], own, rate=rate), 0.0)
        group = _around(tile, (in_phase(shares) >= limits.agreement).reshape(TILE_ROWS, TILE_COLUMNS))
        if not limits.tiles <= group.sum() <= limits.widest_share * own.shape[1]:
            continue
        if group.sum() < limits.alone * np.count_nonzero(np.abs(shares) >= limits.agreement):
            continue
        curve = own[:, group.ravel()].mean(axis=1)
        for beat in strongest_lines(curve, rate=rate, frames=len(own)):
            clear = beat.over_slower >= limits.over_slower and beat.over_floor >= limits.over_floor
            if clear and beat.swing >= limits.swing_percent and (best is None or beat.swing > best.swing):
                best = _Patch(frames=frames, tiles=group, swing=_seen_swing(curve, beat.swing, limits), hertz=beat.hertz)
    return best


def _seen_swing(curve: Values, swing: float, limits: LocalFlickerLimits) -> float:
    """From turning point to turning point: sampled at few frames a period, a wave rarely reaches its crests."""
    turning = reversals(curve, swing / 2)
    return max(limits.swing_percent, float(np.median(np.abs(np.diff(curve[turning]))))) if len(turning) > 3 else swing


def _around(seed: int, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The marked tiles that hang together with one of them, side by side."""
    group = np.zeros_like(marked)
    group.ravel()[seed] = True
    while True:
        grown = group.copy()
        grown[1:] |= group[:-1]
        grown[:-1] |= group[1:]
        grown[:, 1:] |= group[:, :-1]
        grown[:, :-1] |= group[:, 1:]
        grown = (grown & marked) | group
        if (grown == group).all():
            return group
        group = grown


CHECK = LocalFlicker()
