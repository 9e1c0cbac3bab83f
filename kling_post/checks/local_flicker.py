"""Does a part of the picture pulse while the rest stands?

A patch that a generator re-decides every few frames pulses as one: its tiles brighten and darken together. Things that move do not,
because they reach neighbouring tiles one after the other. Whether a lamp is meant to pulse, a person must say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.cut_detection import cut_frames
from kling_post.checks.exposure import exposure_steps, reversals, tile_levels
from kling_post.checks.runs import shots, stretch
from kling_post.signals.tile_grid import TILE_COLUMNS, TILE_ROWS
from kling_post.vocabulary import Area, Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFlickerLimits:
    """A pulsing patch; swings are of exposure against the whole picture's, peak to peak."""

    swing_percent: float = 3.0
    """Higher than for the whole picture: a part is seen less, and footage of water and leaves reaches 2."""
    widest_swing_percent: float = 20.0
    """A tile that changes by more from one frame to the next is crossed by something: a passer-by, a lamp."""
    fastest_share: float = 0.01
    """Movement, in picture widths a frame, above which nothing is asked: a fast pan changes every tile all the time."""
    reversals_per_second: int = 6
    """Turning points within a second, in each tile of the patch."""
    tiles: int = 4
    """Of 144, neighbours of each other: an eighth of the width by an eighth and more of the height."""
    agreement: float = 0.9
    """Correlation of each tile with the patch's mean."""
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
        second = max(2, round(facts.rate))
        moved = np.nan_to_num(signals["motion"]["median"]) / max(facts.size.width, facts.size.height)
        findings: list[Finding] = []
        for shot in shots(facts.frames, cuts):
            slow = [start for start in _starts(shot, second) if np.median(moved[start : start + second]) <= limits.fastest_share]
            windows = [(start, _patch(own[start : start + second], bright, limits)) for start in slow]
            hits = [(start, patch) for start, patch in windows if patch.any()]
            if hits:
                findings.append(self._finding(subject, shot, hits, own, second, limits))
        return Answer(findings=tuple(findings))

    def _finding(
        self,
        subject: Subject,
        shot: FrameRange,
        hits: list[tuple[int, NDArray[np.bool_]]],
        own: Values,
        second: int,
        limits: LocalFlickerLimits,
    ) -> Finding:
        frames = FrameRange(hits[0][0], min(shot.stop, hits[-1][0] + second))
        start, patch = max(hits, key=lambda hit: int(hit[1].sum()))
        curve = own[start : start + second][:, patch.ravel()].mean(axis=1)
        swing = float(np.median(np.abs(np.diff(curve[reversals(curve, limits.swing_percent)]))))
        rows, columns = np.flatnonzero(patch.any(axis=1)), np.flatnonzero(patch.any(axis=0))
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=swing,
            limit=limits.swing_percent,
            unit="% peak to peak",
            message=f"A part of the picture pulses by {swing:.1f} % against the rest: {stretch(frames, subject.facts)}.",
            source="exposure of 144 tiles against the whole picture's",
            remedy="Take the take again, unless something there is meant to flicker.",
            area=Area(
                left=float(columns[0] / TILE_COLUMNS),
                top=float(rows[0] / TILE_ROWS),
                right=float((columns[-1] + 1) / TILE_COLUMNS),
                bottom=float((rows[-1] + 1) / TILE_ROWS),
            ),
        )


def _starts(shot: FrameRange, second: int) -> list[int]:
    """First frames of windows of a second, half a second apart."""
    return list(range(shot.start, shot.stop - second + 1, max(1, second // 2)))


def _patch(own: Values, bright: NDArray[np.bool_], limits: LocalFlickerLimits) -> NDArray[np.bool_]:
    """The largest group of neighbouring tiles that pulse together in a window, (9, 16); empty where there is none."""
    pulses = np.zeros(own.shape[1], bool)
    jumps = np.abs(np.diff(own, axis=0)).max(axis=0)
    for tile in np.flatnonzero(bright & (np.ptp(own, axis=0) >= limits.swing_percent) & (jumps <= limits.widest_swing_percent)):
        pulses[tile] = len(reversals(own[:, tile], limits.swing_percent)) >= limits.reversals_per_second
    best = np.zeros((TILE_ROWS, TILE_COLUMNS), bool)
    for group in _groups(pulses.reshape(TILE_ROWS, TILE_COLUMNS)):
        # Steps, not levels: the drift that a slow pan puts under each tile's pulses is its own.
        steps = np.diff(own[:, group.ravel()], axis=0)
        mean = steps.mean(axis=1)
        together = np.array([np.corrcoef(step, mean)[0, 1] >= limits.agreement for step in steps.T])
        if limits.tiles <= together.sum() <= limits.widest_share * own.shape[1] and together.mean() >= 0.5 and together.sum() > best.sum():
            best = np.zeros_like(best)
            best.ravel()[np.flatnonzero(group.ravel())[together]] = True
    return best


def _groups(marked: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Marked tiles by side-by-side neighbourhood."""
    left, groups = marked.copy(), []
    while left.any():
        group = np.zeros_like(left)
        group[tuple(np.argwhere(left)[0])] = True
        while True:
            grown = group.copy()
            grown[1:] |= group[:-1]
            grown[:-1] |= group[1:]
            grown[:, 1:] |= group[:, :-1]
            grown[:, :-1] |= group[:, 1:]
            grown &= left
            if (grown == group).all():
                break
            group = grown
        groups.append(group)
        left &= ~group
    return groups


CHECK = LocalFlicker()
