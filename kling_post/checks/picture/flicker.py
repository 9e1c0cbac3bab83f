"""Does the brightness of the whole picture pulse: with a beat, at a generator's period, or anew in every frame?

A beat must stand out of the clip's own spectrum, so that firelight, clouds and lightning, whose light wanders without one, are left
in peace however strong they are. What changes anew from frame to frame has no beat either, but its spectrum does not fall towards
high frequencies, as that of every light in nature does: a person is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.exposure import exposure_steps, reversals, tile_levels
from kling_post.checks.evidence.periods import Pulse, strongest_pulse
from kling_post.checks.evidence.runs import joined, shots, stretch
from kling_post.checks.evidence.spectral_lines import Line, in_phase, shared_by, strongest_lines
from kling_post.vocabulary import Finding, FrameRange, MediaFacts, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlickerLimits:
    """Swings of exposure, peak to peak, in per cent. Coded footage without any swings by up to 0.9 with the coder's frame types."""

    review_percent: float = 1.0
    """Just visible at 8 to 10 Hz on a bright screen: the peak of the eye's temporal contrast sensitivity."""
    fail_percent: float = 2.0
    """Visible to everybody: +-1 % around the mean."""
    over_slower: float = 2.0
    """A beat is so many times as strong as anything slower: the light of fire, clouds and movement never is."""
    over_floor: float = 2.5
    """A beat is so many times as strong as the rest of the spectrum: the dose scales with the clip's own unrest."""
    globality: float = 0.5
    """Share of the tiles that must beat alike, in phase and with 0.4 to 2.5 times the swing: hands that chop move a few of them."""
    pulse_percent: float = 1.5
    """A dip or peak that comes back at a generator's period, however slow: mean height above the frames around it."""
    pulse_agreement: float = 0.8
    """Share of periods that must show the pulse."""
    unrest_percent: float = 3.0
    """Irregular change from frame to frame, peak to peak, that goes to review."""


class Flicker:
    """Pulsing of the whole picture: with a beat, at a generator's period, or irregular."""

    name = "flicker"
    title = "Luma flicker and pulsing"
    needs = ("luma", "motion", "structure")
    limits = FlickerLimits()

    def judge(self, subject: Subject, limits: FlickerLimits) -> Answer:
        """A finding per flickering stretch, or one per shot that pulses at a fixed period or without rest."""
        facts, signals = subject.facts, subject.signals
        cuts = cut_frames(signals)
        steps = exposure_steps(signals["luma"], full_range=facts.color_range == "full", cuts=cuts)
        levels = tile_levels(signals["luma"], full_range=facts.color_range == "full")
        findings: list[Finding] = []
        for shot in shots(facts.frames, cuts):
            exposure = np.cumsum(steps[shot.start : shot.stop])
            exposure -= exposure[0]
            tiles = 100 * np.log(np.maximum(levels[shot.start : shot.stop], 1.0))
            flickering = self._beating(facts, exposure, tiles, shot, limits)
            pulse = strongest_pulse(exposure, least=limits.pulse_percent, agreement=limits.pulse_agreement)
            if not flickering and pulse:
                flickering = [self._pulsing(shot, pulse, limits)]
            restless = self._restless(facts, exposure, shot, limits)
            # Chance gives a second of restless light a beat; where all of it is restless, that is the better word.
            whole = not flickering or _covered(restless) >= max(0.6 * shot.frames, 1.5 * _covered(flickering))
            findings += restless if restless and whole else flickering
        return Answer(findings=tuple(findings))

    def _beating(self, facts: MediaFacts, exposure: Values, tiles: Values, shot: FrameRange, limits: FlickerLimits) -> list[Finding]:
        second = max(8, round(facts.rate))
        lines = [line for frames in (second, 2 * second) for line in strongest_lines(exposure, rate=float(facts.rate), frames=frames)]
        found = [
            line
            for line in lines
            if line.swing >= limits.review_percent
            # Within a single second firelight beats by chance: there a beat must be twice as clear.
            and line.over_slower >= limits.over_slower * (2 * second / line.frames)
            and line.over_floor >= limits.over_floor
            and _globality(line, exposure, tiles, float(facts.rate)) >= limits.globality
        ]
        # A coder lets a beat through here and damps it there: where it goes on at half the swing, it is one and the same.
        found += [line for line in lines if any(_goes_on(line, other) for other in found)]
        stretches = joined(sorted(FrameRange(line.start, line.start + line.frames) for line in found), gap=second // 2)
        return [self._beat(facts, exposure, shot, frames, _within(found, frames), limits) for frames in stretches]

    def _beat(
        self, facts: MediaFacts, exposure: Values, shot: FrameRange, frames: FrameRange, lines: Sequence[Line], limits: FlickerLimits
    ) -> Finding:
        strongest = max(lines, key=lambda line: line.swing)
        turning = _turning(exposure, frames, strongest.swing / 2)
        swing = strongest.swing
        if len(turning) > 3:
            # Sampled at few frames a period, a wave rarely reaches its crests. Windows reach over the ends of what they found.
            swing = max(limits.review_percent, float(np.median(np.abs(np.diff(exposure[turning])))))
            frames = FrameRange(max(frames.start, turning[0] - 1), min(frames.stop, turning[-1] + 2))
        frames = frames.shifted(shot.start)
        severity = Severity.FAIL if swing >= limits.fail_percent else Severity.REVIEW
        return Finding(
            check=self.name,
            severity=severity,
            frames=frames,
            measured=swing,
            limit=limits.fail_percent if severity is Severity.FAIL else limits.review_percent,
            unit="% peak to peak",
            message=(
                f"The brightness of the whole picture pulses by {swing:.1f} % peak to peak at {strongest.hertz:.1f} Hz: "
                f"{stretch(frames, facts)}."
            ),
            source="temporal contrast sensitivity; BBC RD 1975/13 on luminance fluctuation",
            remedy="Even out the exposure over these frames, or take the take again.",
        )

    def _restless(self, facts: MediaFacts, exposure: Values, shot: FrameRange, limits: FlickerLimits) -> list[Finding]:
        second = max(8, round(facts.rate))
        restless = [FrameRange(start, start + second) for start, swing in _unrest(exposure, second) if swing >= limits.unrest_percent]
        findings = []
        for frames in joined(restless, gap=0):
            if 2 * frames.frames < 3 * second:
                # Lightning is as restless, but soon over.
                continue
            swing = float(np.median([each for start, each in _unrest(exposure, second) if frames.start <= start < frames.stop]))
            placed = frames.shifted(shot.start)
            message = f"The brightness of the whole picture changes anew in every frame, by {swing:.1f} %: {stretch(placed, facts)}."
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=placed,
                    measured=swing,
                    limit=limits.unrest_percent,
                    unit="% peak to peak",
                    message=message,
                    source="exposure against the mean of the frames beside it",
                    remedy="Even out the exposure over these frames, unless the light is meant to flicker.",
                )
            )
        return findings

    def _pulsing(self, shot: FrameRange, pulse: Pulse, limits: FlickerLimits) -> Finding:
        frames = FrameRange(shot.start + pulse.first, min(shot.stop, shot.start + pulse.last + 1))
        word = "brighter" if pulse.percent > 0 else "darker"
        return Finding(
            check=self.name,
            severity=Severity.FAIL if abs(pulse.percent) >= 2 * limits.pulse_percent else Severity.REVIEW,
            frames=frames,
            measured=abs(pulse.percent),
            limit=limits.pulse_percent,
            unit="%",
            message=(
                f"Every {pulse.period}th frame is {abs(pulse.percent):.1f} % {word} than those around it, from frame {frames.start} on: "
                "the step of a generator's frame groups."
            ),
            source="exposure folded at the period",
            remedy="Even out these frames, or take the take again.",
        )


def _globality(line: Line, exposure: Values, tiles: Values, rate: float) -> float:
    """Share of the lit tiles that beat as the whole picture does."""
    lit = tiles[line.start : line.start + line.frames].min(axis=0) > _LIT
    if not lit.any():
        return 0.0
    shares = in_phase(shared_by(line, exposure, tiles[:, lit], rate=rate))
    return float(((shares > 0.4) & (shares < 2.5)).mean())


_LIT = 100 * float(np.log(16))
"""Tiles nearer to black ripple by their rounding."""


def _goes_on(line: Line, other: Line) -> bool:
    """Whether a window of the same length holds the beat of another, weaker."""
    return line.frames == other.frames and abs(line.hertz - other.hertz) <= 0.5 and 2 * line.swing >= other.swing


def _covered(findings: Sequence[Finding]) -> int:
    """Frames that findings speak of."""
    return sum(finding.frames.frames for finding in findings if finding.frames)


def _within(lines: Sequence[Line], frames: FrameRange) -> list[Line]:
    return [line for line in lines if frames.start <= line.start < frames.stop]


def _turning(exposure: Values, frames: FrameRange, amplitude: float) -> list[int]:
    return [point for point in reversals(exposure, amplitude) if frames.start <= point < frames.stop]


_WHITENESS = 0.4
"""Change that comes and goes within three frames over change of a third of a second, from which light counts as restless: measured on
coded clips, the light of a fire stays below 0.25, and light drawn anew in every frame lies at 0.45 to 1.6 where coding has left it."""


def _unrest(exposure: Values, second: int) -> list[tuple[int, float]]:
    """Start and swing of each window of a second, half a second apart, in which the light changes anew in every frame."""
    if len(exposure) < second:
        return []
    ripple = np.zeros(len(exposure))
    ripple[1:-1] = exposure[1:-1] - (exposure[2:] + exposure[:-2]) / 2
    smooth = np.convolve(exposure, np.ones(4) / 4, mode="same")
    lag = max(4, second // 3)
    slow = np.zeros(len(exposure))
    slow[lag:] = smooth[lag:] - smooth[:-lag]
    found = []
    for start in range(0, len(exposure) - second + 1, max(1, second // 2)):
        inside = slice(start + 1, start + second - 1)
        # Robust spread: a flash or two are not unrest. White noise of spread s ripples by s * sqrt(1.5) and steps by s / sqrt(2).
        spread = 1.4826 * float(np.median(np.abs(ripple[inside]))) / 1.5**0.5
        wander = 1.4826 * float(np.median(np.abs(slow[inside])))
        if spread * 0.7071 >= _WHITENESS * wander:
            found.append((start, 4 * spread))
    return found


CHECK = Flicker()
