"""Are there frames that show two moments at once, as rate conversion by blending makes them?

Single blended frames lie between sharper neighbours that they are a mix of. A converted rate shows in a pattern: 24 frames made 30 by
blending repeat five kinds of mixture, and the sharpness of what moves swings with them. Mixtures that follow the movement (optical
flow) leave no such trace and are not found here; neither is a picture that trails in every frame alike, nor 30 frames made 24, whose
swings some generators' own pulses of detail equal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import SIGNALS, cut_frames, melts
from kling_post.checks.evidence.runs import at, joined, runs, shots, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]

_PERIODS = range(2, 8)
"""Frames after which the usual conversions repeat: 2 for doubling, 5 for 24 to 30 or 60, 6 for 25 to 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendedFramesLimits:
    """Set on moving shots, drawn and generated, with frames mixed in and rates converted by blending."""

    residual_share: float = 0.2
    """What the mix of the neighbours leaves of a frame, over the same of the neighbours: half and half 0.0, true 0.8 and more."""
    energy: float = 0.97
    """Energy of moving gradients over the neighbours', at most: half and half 0.5 to 0.95, a third 0.6 to 0.93, true 0.97 on."""
    part_residual_share: float = 0.5
    """The first limit for a frame that is mixed in part."""
    part_energy: float = 0.93
    """And the second. Its neighbours must stand out as far, and the ones beyond them must be as sharp as any."""
    least_residual: float = 0.1
    """What the mix leaves of true frames, at least: under it the movement is too slow to see a mixture by."""
    moving: float = 0.02
    """Share of the picture that must move in a pattern: below it a mixture is not seen."""
    single_moving: float = 0.05
    """The same for a single frame: coders mix small things that move."""
    habit: int = 3
    """Single mixtures that may lie near each other: more of them are a coder's habit, and no frames that somebody mixed."""
    habit_reach: int = 8
    """Frames on either side that are near."""
    told_share: float = 1 / 3
    """Of a shot's frames that must move so for a pattern to be the shot's."""
    speed_percent: float = 0.28
    """Of the longer side a frame, by which the fastest twentieth must move: coders at low rates mix every other frame of slower shots, and
    nobody sees edges double that lie so near."""
    swing: float = 0.1
    """Natural logarithm by which that energy swings in a pattern of converted rate."""
    swing_residual_share: float = 0.5
    """What the mix leaves of the softest kind of frame in the pattern, over the sharpest; generators' pulses of detail: 0.6 on."""
    spread: float = 0.35
    """Deviation inside a phase of the pattern, over the swing, at most."""


class BlendedFrames:
    """Mixes of neighbouring frames."""

    name = "blended_frames"
    title = "Blended frames"
    needs = (*SIGNALS, "blends")
    limits = BlendedFramesLimits()

    def judge(self, subject: Subject, limits: BlendedFramesLimits) -> Answer:
        """For review: a finding per shot whose rate was converted by blending, else one per stretch of blended frames."""
        findings = []
        for shot in shots(subject.facts.frames, cut_frames(subject.signals)):
            period = _period(subject, shot, limits)
            if period:
                findings.append(self._converted(subject, shot, period))
            else:
                findings += [self._single(subject, frames, limits) for frames in _singles(subject, shot, limits)]
        return Answer(findings=tuple(findings))

    def _converted(self, subject: Subject, shot: FrameRange, period: int) -> Finding:
        how = "every other frame mixes its neighbours" if period == 2 else f"mixed frames come back every {period} frames"
        message = f"The rate was converted by blending, {how}: {stretch(shot, subject.facts)}."
        return self._finding(shot, float(period), 0.0, "frames apart", message)

    def _single(self, subject: Subject, frames: FrameRange, limits: BlendedFramesLimits) -> Finding:
        measured = float(np.nanmin(subject.signals["blends"]["energy"][frames.start : frames.stop]))
        place = at(frames.start, subject.facts) if frames.frames == 1 else stretch(frames, subject.facts)
        message = f"Two moments show at once, moving edges stand double: {place}."
        return self._finding(frames, measured, limits.energy, "of the neighbours' gradient energy", message)

    def _finding(self, frames: FrameRange, measured: float, limit: float, unit: str, message: str) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=measured,
            limit=limit,
            unit=unit,
            message=message,
            code="MovieLabs FRAME-BLENDING",
            source="least squares against both neighbours",
            remedy="Ask for the take at its own rate, or replace the frames.",
        )


def _singles(subject: Subject, shot: FrameRange, limits: BlendedFramesLimits) -> tuple[FrameRange, ...]:
    """Blended frames of a shot; a melt from one shot into another is a mixture as well, but the cuts check's."""
    blends = subject.signals["blends"]
    energy, residual, share = (blends[name] for name in ("energy", "residual", "share"))
    moving = _moving(subject, limits)
    if shot.frames < 5:
        return ()
    mixed = np.zeros(subject.facts.frames, bool)
    inner = slice(shot.start + 2, shot.stop - 2)
    sharper, further, left = (
        [values[inner.start + way : inner.stop + way] for way in ways]
        for values, ways in ((energy, (-1, 1)), (energy, (-2, 2)), (residual, (-1, 1)))
    )
    beside = np.minimum(*left)
    with np.errstate(invalid="ignore"):
        wholly = (
            (residual[inner] <= limits.residual_share * beside)
            & (energy[inner] <= limits.energy)
            & (np.add(*sharper) >= 2 * (2 - limits.energy) - 0.02)
        )
        partly = (
            (residual[inner] <= limits.part_residual_share * beside)
            & (energy[inner] <= limits.part_energy)
            & (np.minimum(*sharper) >= 1 + (1 - limits.part_energy) / 2)
            & (np.abs(np.array(further) - 1) <= 0.06).all(axis=0)
        )
        between = (share[inner] >= 0.2) & (share[inner] <= 0.8)
        mixed[inner] = (wholly | partly) & between & (beside >= limits.least_residual)
    # A coder that mixes frames of one movement does so all the time, also where nothing else would be told of it.
    many = np.convolve(np.pad(mixed, limits.habit_reach), np.ones(2 * limits.habit_reach + 1), mode="valid") > limits.habit
    mixed &= moving & ~many & (blends["moving"] >= limits.single_moving)
    for melt in melts(subject.signals):
        mixed[max(0, melt.start - 1) : melt.stop + 1] = False
    return joined(runs(mixed), gap=1)


def _period(subject: Subject, shot: FrameRange, limits: BlendedFramesLimits) -> int:
    """After how many frames the mixtures of a converted rate come back; 0 where there is no such pattern."""
    blends = subject.signals["blends"]
    energy, residual, share = (blends[name][shot.start : shot.stop] for name in ("energy", "residual", "share"))
    told = np.isfinite(energy) & _moving(subject, limits)[shot.start : shot.stop]
    for period in _PERIODS:
        if told.sum() < max(6 * period, limits.told_share * shot.frames):
            continue
        phases = [np.flatnonzero(told & (np.arange(len(told)) % period == phase)) for phase in range(period)]
        # Between two mixtures of one pair of frames nothing moves: 24 frames made 60 have such places, always the same.
        phases = [phase for phase in phases if len(phase) >= 0.25 * len(told) / period]
        if len(phases) < max(2, period - 2) or min(len(phase) for phase in phases) < 4:
            continue
        levels = np.array([np.median(np.log(energy[phase])) for phase in phases])
        inside = np.median([np.median(np.abs(np.log(energy[phase]) - level)) for phase, level in zip(phases, levels, strict=True)])
        swing = float(levels.max() - levels.min())
        softest, sharpest = phases[int(levels.argmin())], phases[int(levels.argmax())]
        left = np.median(residual[softest]) / max(1e-6, float(np.median(residual[sharpest])))
        if (
            swing < limits.swing
            or inside > limits.spread * swing
            or left > limits.swing_residual_share
            or not 0.2 <= np.median(share[softest]) <= 0.8
        ):
            continue
        return period
    return 0


def _moving(subject: Subject, limits: BlendedFramesLimits) -> NDArray[np.bool_]:
    """Frames in which enough of the picture moves, and fast enough."""
    size = subject.facts.size
    pixels = limits.speed_percent / 100 * max(size.width, size.height)
    fast = np.nan_to_num(subject.signals["motion"]["p95"]) >= pixels
    return np.asarray(fast & (subject.signals["blends"]["moving"] >= limits.moving), bool)


CHECK = BlendedFrames()
