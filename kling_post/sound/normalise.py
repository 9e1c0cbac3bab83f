"""Bring a programme to its target with one gain, and a limiter only where peaks would pass the ceiling; or say why not.

There is no dynamic mode: the balance inside a programme stays as it was. What the limiter takes is counted, reported, and refused
beyond what goes unheard.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kling_post.errors import InvalidInputError
from kling_post.sound.limiter import PeakCurve, Reduction, Samples, peak_curve, reduce_peaks, turned
from kling_post.sound.meter import LoudnessMeter, gated_lufs
from kling_post.vocabulary import Loudness, LoudnessTarget

MOST_LIMITING_DB = 12.0
"""Deeper than this, a peak is no longer the peak of the sound it belongs to."""
HEAVY_LIMITING_DB = 4.0
MOST_HEAVY_SHARE = 0.10
"""Share of the programme that may be limited by more than ``HEAVY_LIMITING_DB``: beyond it the limiter works as a compressor."""
_AIM_LU = 0.02
_MAX_TRIALS = 12
_CEILING_STEP_DB = 0.01
_MOST_STEP_DB = 2.0
_LEAST_SLOPE = 0.2
"""Loudness gained per decibel of gain, below which the search does not believe its own step."""

Programme = Callable[[], Iterable[Samples]]


class TargetRefusedError(InvalidInputError):
    """A loudness target that a programme cannot meet, or not without harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GainPlan:
    """One gain for a whole programme."""

    target: LoudnessTarget
    source: Loudness
    gain_db: float
    aim_lufs: float
    """Where the gain is to land: the target, or beside it to make up for what the codec changes."""

    @property
    def true_peak_dbtp(self) -> float:
        """True peak with the gain and without the limiter."""
        return self.source.true_peak_dbtp + self.gain_db

    @property
    def needs_limiter(self) -> bool:
        """Whether peaks would pass the target's ceiling."""
        return self.true_peak_dbtp > self.target.true_peak_dbtp

    def with_gain(self, gain_db: float) -> "GainPlan":
        """The same aim with another gain."""
        return replace(self, gain_db=gain_db)

    def aimed_at(self, aim_lufs: float) -> "GainPlan":
        """Another aim, and the gain moved with it."""
        return replace(self, aim_lufs=aim_lufs, gain_db=self.gain_db + aim_lufs - self.aim_lufs)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterReport:
    """What the limiter did; all zero where it was not needed."""

    max_reduction_db: float = 0.0
    limited_seconds: float = 0.0
    """How long it turned down by more than 0.05 dB."""
    heavy_seconds: float = 0.0
    """How long by more than 4 dB."""


def plan_gain(loudness: Loudness, target: LoudnessTarget) -> GainPlan:
    """The gain from a programme's loudness to its target.

    Raises:
        TargetRefusedError: the programme is silent, or too short to have an integrated loudness.
    """
    if not np.isfinite(loudness.integrated_lufs):
        if loudness.duration_seconds < 0.4:
            raise TargetRefusedError(
                f"The sound lasts {loudness.duration_seconds:.2f} s; integrated loudness needs a block of 0.4 s.",
                remedy="Normalise the programme that it belongs to.",
            )
        raise TargetRefusedError(
            "The sound is silent below the gate of -70 LUFS, so there is nothing to normalise.",
            remedy="Check the source, or leave the sound as it is.",
        )
    return GainPlan(
        target=target,
        source=loudness,
        gain_db=target.integrated_lufs - loudness.integrated_lufs,
        aim_lufs=target.integrated_lufs,
    )


def settle(
    programme: Programme, plan: GainPlan, *, sample_rate: int, ceiling_dbtp: float, peaks: PeakCurve | None = None, layout: str = ""
) -> tuple[GainPlan, Reduction | None]:
    """The gain and the reduction with which the programme lands on the plan's aim: limiting costs loudness, which gain makes up.

    Args:
        programme: Gives the programme's blocks, before any gain, at every call.
        plan: Where to begin and where to land.
        sample_rate: Of the programme.
        ceiling_dbtp: True peak not to be passed.
        peaks: The programme's peak curve where it is known already.
        layout: FFmpeg's name of the channel layout where the count does not tell it.

    Raises:
        TargetRefusedError: it takes more limiting than goes unheard, or no gain gets there.
    """
    inner_ceiling_dbtp, before, slope = ceiling_dbtp, None, 1.0
    for _trial in range(_MAX_TRIALS):
        if plan.true_peak_dbtp <= ceiling_dbtp:
            return plan, None
        peaks = peaks or peak_curve(programme())
        reduction = reduce_peaks(peaks, plan.gain_db, inner_ceiling_dbtp, sample_rate)
        limiter_report(reduction, plan)
        reached = measure(turned(programme(), plan.gain_db, reduction), sample_rate, layout)
        missing = plan.aim_lufs - reached.integrated_lufs
        # The peak curve is interpolated four times and can read a hot treble a little low.
        over = reached.true_peak_dbtp - ceiling_dbtp
        if abs(missing) <= _AIM_LU and over <= 0:
            return plan, reduction
        inner_ceiling_dbtp -= max(0.0, over) + (_CEILING_STEP_DB if over > 0 else 0.0)
        here = (plan.gain_db, reached.integrated_lufs)
        if before is not None and abs(here[0] - before[0]) > _AIM_LU:
            slope = float(np.clip((here[1] - before[1]) / (here[0] - before[0]), _LEAST_SLOPE, 1.0))
        step = float(np.clip(missing / slope, -_MOST_STEP_DB, _MOST_STEP_DB))
        before, plan = here, plan.with_gain(plan.gain_db + step)
    raise TargetRefusedError(
        f"{plan.target.integrated_lufs:g} LUFS cannot be reached under {plan.target.true_peak_dbtp:g} dBTP: "
        "the limiter takes back every further decibel of gain.",
        remedy="Give a lower target.",
    )


def limiter_report(reduction: Reduction | None, plan: GainPlan) -> LimiterReport:
    """What the limiter does.

    Raises:
        TargetRefusedError: deeper than ``MOST_LIMITING_DB``, or heavy for too large a share of the programme.
    """
    if reduction is None:
        return LimiterReport()
    heavy = reduction.seconds_beyond(HEAVY_LIMITING_DB)
    excess = ""
    if reduction.max_db > MOST_LIMITING_DB:
        excess = f"its highest peak would have to be limited by {reduction.max_db:.1f} dB (at most {MOST_LIMITING_DB:g})"
    elif heavy > MOST_HEAVY_SHARE * plan.source.duration_seconds:
        share = heavy / plan.source.duration_seconds
        excess = f"{share:.0%} of it would be limited by more than {HEAVY_LIMITING_DB:g} dB (at most {MOST_HEAVY_SHARE:.0%})"
    if excess:
        raise TargetRefusedError(
            f"The sound at {plan.source.integrated_lufs:.1f} LUFS and {plan.source.true_peak_dbtp:.1f} dBTP cannot be brought to "
            f"{plan.target.integrated_lufs:g} LUFS under {plan.target.true_peak_dbtp:g} dBTP without harm: {excess}.",
            remedy="Give a lower target, or tame the peaks in the source.",
        )
    return LimiterReport(max_reduction_db=reduction.max_db, limited_seconds=reduction.seconds_beyond(), heavy_seconds=heavy)


def apply(samples: Samples, plan: GainPlan) -> tuple[Samples, LimiterReport]:
    """A whole programme in memory brought to the plan's target; shape, type and layout as given.

    Raises:
        TargetRefusedError: see ``settle``.
    """
    settled, reduction = settle(lambda: (samples,), plan, sample_rate=plan.source.sample_rate, ceiling_dbtp=plan.target.true_peak_dbtp)
    return next(turned((samples,), settled.gain_db, reduction)), limiter_report(reduction, settled)


def level_clips(clips: Sequence[Loudness], *, keep_lu: float = 4.0, most_db: float = 6.0) -> tuple[float, ...]:
    """Gains that bring the clips of one edit nearer to each other without making them equal (album mode).

    A scene may stay ``keep_lu`` above or below the loudness of all clips together; what lies outside is moved to that edge, by at
    most ``most_db``. Silent clips are left alone. The programme's own gain comes after this, from the assembled programme.

    Returns:
        One gain in dB per clip.
    """
    together = programme_lufs((clip, 0.0) for clip in clips)
    gains = []
    for clip in clips:
        away = clip.integrated_lufs - together
        excess = away - float(np.clip(away, -keep_lu, keep_lu)) if np.isfinite(away) else 0.0
        gains.append(float(np.clip(-excess, -most_db, most_db)))
    return tuple(gains)


def programme_lufs(clips: Iterable[tuple[Loudness, float]]) -> float:
    """Integrated loudness of clips played one after the other, each with its gain in dB; blocks across joins are not counted."""
    energies = [_block_energies(clip) * 10 ** (gain_db / 10) for clip, gain_db in clips]
    return gated_lufs(np.concatenate([*energies, np.zeros(0)]))


def measure(blocks: Iterable[Samples], sample_rate: int, layout: str = "") -> Loudness:
    """Loudness of a programme given as blocks.

    Raises:
        ValueError: there is no block.
    """
    blocks = iter(blocks)
    first = next(blocks, None)
    if first is None:
        raise ValueError("there is no sound to measure: give silence as zeros where a programme has none")
    meter = LoudnessMeter(sample_rate, first.shape[1], layout)
    meter.add(first)
    for block in blocks:
        meter.add(block)
    return meter.result()


def _block_energies(clip: Loudness) -> NDArray[np.float64]:
    """Energies of the clip's complete gating blocks, from its momentary curve."""
    levels = np.asarray(clip.momentary_lufs[3:], np.float64)
    return np.asarray(10 ** ((levels + 0.691) / 10), np.float64)
