"""Do things that are heard to strike also strike in the picture, at the same time?

Only impacts can tell: sharp attacks of the sound, and frames in which the movement of some part of the picture stops or starts at
once. Where there are several of both, and one shift makes nearly all of them meet, that shift is how far sound and picture are
apart. Everything else says nothing, and nothing is said then. (ITU-R BT.1359-1: noticed from 45 ms early to 125 ms late.)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import STEPS_PER_SECOND, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSyncLimits:
    """When a shift between impacts is a finding."""

    early_seconds: float = 0.045
    """Sound before the picture, from which it is noticed (BT.1359-1), but never less than a frame and a half."""
    late_seconds: float = 0.125
    """Sound behind the picture."""
    attack_db: float = 15.0
    """Rise of the level from the 50 ms before to the 10 ms of an impact."""
    jolt: float = 6.0
    """Change of a part's movement from one frame to the next, over its usual change (median), that counts as an impact."""
    least_impacts: int = 4
    """Heard and seen, each."""
    most_per_second: float = 4.0
    """More are a rhythm, which meets itself at every beat."""
    reach_seconds: float = 0.5
    meeting_share: float = 0.8
    """Of the impacts heard, so many must meet one that is seen."""
    second_share: float = 0.5
    """At any other shift no more than this share of them may meet."""


class SoundSync:
    """Impacts of the sound against jolts of the picture."""

    name = "sound_sync"
    title = "Sound and picture"
    needs = ()
    limits = SoundSyncLimits()

    def judge(self, subject: Subject, limits: SoundSyncLimits) -> Answer:
        """A finding where the impacts agree on a shift that is noticed."""
        levels = heard(subject, "sound_levels")
        if levels is None:
            return not_measured(self.name, subject)
        moved = subject.signals.get("displacement")
        if "rms" not in levels or moved is None or "tile_change" not in moved:
            return Answer()
        rate = float(subject.facts.rate)
        sounds, sights = _attacks(levels["rms"], limits), _jolts(moved["tile_change"], limits) / rate
        seconds = float(subject.facts.duration_seconds)
        if min(len(sounds), len(sights)) < limits.least_impacts or max(len(sounds), len(sights)) > limits.most_per_second * seconds:
            return Answer()
        found = _common_shift(sounds, sights, 1 / rate, limits)
        if found is None:
            return Answer()
        shift, share = found
        limit = limits.late_seconds if shift > 0 else max(limits.early_seconds, 1.5 / rate)
        if abs(shift) <= limit:
            return Answer()
        side = "after" if shift > 0 else "before"
        return Answer(
            findings=(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=None,
                    measured=shift * 1000,
                    limit=limit * 1000,
                    unit="ms",
                    message=(
                        f"Impacts are heard {abs(shift) * 1000:.0f} ms {side} they are seen "
                        f"({share:.0%} of {len(sounds)} agree; a frame lasts {1000 / rate:.0f} ms)."
                    ),
                    source="attacks of the sound against jolts of the picture; limits of ITU-R BT.1359-1",
                    remedy="Shift the sound by that much, after a look.",
                ),
            )
        )


def _attacks(rms: NDArray[np.float64], limits: SoundSyncLimits) -> NDArray[np.float64]:
    """Seconds of the sharp attacks; of several within 100 ms the first."""
    level = 10 * np.log10(np.square(rms).sum(axis=1) + 1e-9)
    before = np.array([level[max(0, step - 5) : step].max(initial=0.0 if step == 0 else -90.0) for step in range(len(level))])
    sharp = np.flatnonzero((level - before >= limits.attack_db) & (level >= np.percentile(level, 50)))
    return np.asarray(sharp[np.diff(sharp, prepend=-100) > 10] / STEPS_PER_SECOND, np.float64)


def _jolts(change: NDArray[np.float64], limits: SoundSyncLimits) -> NDArray[np.float64]:
    """Frames in which the tile that changes most changes its change: a blow lands, a fall ends. Of neighbours the largest."""
    jolt = np.abs(np.diff(np.nan_to_num(change), prepend=0.0))
    jolt[:2] = 0.0
    usual = float(np.median(jolt[2:])) if len(jolt) > 2 else 0.0
    strong = np.flatnonzero(jolt > max(limits.jolt * usual, 0.5))
    return np.array([frame for frame in strong if jolt[frame] >= jolt[max(0, frame - 2) : frame + 3].max()], np.float64)


def _common_shift(
    sounds: NDArray[np.float64], sights: NDArray[np.float64], frame: float, limits: SoundSyncLimits
) -> tuple[float, float] | None:
    """The one shift in seconds at which nearly all impacts meet, positive for late sound, and their share; None where it is not plain."""
    apart = (sounds[:, None] - sights[None, :]).ravel()
    apart = apart[np.abs(apart) <= limits.reach_seconds]
    if not len(apart):
        return None
    meeting = np.count_nonzero(np.abs(apart[:, None] - apart[None, :]) <= frame, axis=1)
    best = float(np.median(apart[np.abs(apart - apart[meeting.argmax()]) <= frame]))
    share = np.count_nonzero(np.abs(apart - best) <= frame) / len(sounds)
    others = meeting[np.abs(apart - best) > 2 * frame].max(initial=0) / len(sounds)
    return (best, min(1.0, share)) if share >= limits.meeting_share and others <= limits.second_share else None


CHECK = SoundSync()
