"""Walking: where feet are, how two-segment legs bend to reach them, and when a foot comes down."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Gait:
    """A walk in place: the body moves at ``speed`` while each foot stands still on the ground and then swings ahead."""

    period_seconds: float
    stride: float
    """Metres that a foot travels over the ground in one period, and so the body too."""
    duty: float = 0.64
    """Share of the period that a foot stands."""
    lift: float = 0.35
    """How high a foot swings, in metres."""

    @property
    def speed(self) -> float:
        """Metres per second."""
        return self.stride / self.period_seconds

    def foot(self, seconds: float, offset: float) -> tuple[float, float, float]:
        """A foot ahead of its hip (metres), above the ground (metres), and its pitch (degrees, toes down positive)."""
        phase = (seconds / self.period_seconds + offset) % 1.0
        reach = self.stride * self.duty
        if phase < self.duty:
            return reach * (0.5 - phase / self.duty), 0.0, 0.0
        swing = (phase - self.duty) / (1 - self.duty)
        # Leaves and meets the ground at the speed of the ground: no slip, no kick.
        back = -reach / self.duty * (1 - self.duty)
        a, d = -reach / 2, reach / 2
        blend = 3 * swing**2 - 2 * swing**3
        ends = back * (swing**3 - 2 * swing**2 + swing) + back * (swing**3 - swing**2)
        ahead = a + (d - a) * blend + ends
        return ahead, self.lift * float(np.sin(np.pi * swing) ** 1.6), 38.0 * float(np.sin(np.pi * swing) * np.cos(np.pi * swing * 0.9))

    def steps(self, offset: float, duration_seconds: float) -> tuple[float, ...]:
        """Seconds at which the foot comes down, within the duration."""
        first = int(np.floor(offset))
        last = int(np.ceil(duration_seconds / self.period_seconds + offset)) + 1
        moments = [(count - offset) * self.period_seconds for count in range(first, last)]
        return tuple(round(moment, 4) for moment in moments if 0 <= moment < duration_seconds)


def bend(
    hip: tuple[float, float], foot: tuple[float, float], upper: float, lower: float, *, forward: bool
) -> tuple[float, float, tuple[float, float]]:
    """Angles (degrees, counter-clockwise, 0 hangs down) of both segments and the knee between, by the law of cosines.

    A foot out of reach is approached with a straight leg.
    """
    across, down = foot[0] - hip[0], foot[1] - hip[1]
    distance = min(float(np.hypot(across, down)), (upper + lower) * 0.9995)
    straight = float(np.arctan2(across, -down))
    inner = float(np.arccos(np.clip((upper**2 + distance**2 - lower**2) / (2 * upper * max(distance, 1e-6)), -1, 1)))
    first = straight + (inner if forward else -inner)
    knee = (hip[0] + upper * np.sin(first), hip[1] - upper * np.cos(first))
    second = float(np.arctan2(foot[0] - knee[0], knee[1] - foot[1]))
    return float(np.rad2deg(first)), float(np.rad2deg(second)), (float(knee[0]), float(knee[1]))
