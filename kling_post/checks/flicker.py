"""Does the brightness of the whole picture, or of one part of it, pulse?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.cut_detection import cut_frames
from kling_post.checks.exposure import exposure_steps, reversals
from kling_post.checks.periods import Pulse, strongest_pulse
from kling_post.checks.runs import joined, shots, stretch
from kling_post.vocabulary import Finding, FrameRange, MediaFacts, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlickerLimits:
    """Swings of exposure, peak to peak, in per cent. Steady footage of every kind measured here stays below four reversals a second."""

    review_percent: float = 1.0
    """Just visible at 8 to 10 Hz on a bright screen: the peak of the eye's temporal contrast sensitivity."""
    fail_percent: float = 2.0
    """Visible to everybody: +-1 % around the mean."""
    reversals_per_second: int = 5
    """Turning points within one second from which it flickers; two make one pulse."""
    pulse_percent: float = 1.5
    """A dip or peak that comes back at a generator's period, however slow: mean height above the frames around it."""
    pulse_agreement: float = 0.8
    """Share of periods that must show the pulse."""


class Flicker:
    """Pulsing of the whole picture: irregular, or at a generator's period."""

    name = "flicker"
    title = "Luma flicker and pulsing"
    needs = ("luma", "motion", "structure")
    limits = FlickerLimits()

    def judge(self, subject: Subject, limits: FlickerLimits) -> Answer:
        """A finding per flickering stretch, and one per shot that pulses at a fixed period."""
        facts, signals = subject.facts, subject.signals
        cuts = cut_frames(signals)
        steps = exposure_steps(signals["luma"], full_range=facts.color_range == "full", cuts=cuts)
        findings: list[Finding] = []
        for shot in shots(facts.frames, cuts):
            exposure = np.cumsum(steps[shot.start : shot.stop])
            flickering = self._flickering(facts, exposure, shot, limits)
            findings += flickering
            pulse = strongest_pulse(exposure, least=limits.pulse_percent, agreement=limits.pulse_agreement)
            if pulse and not flickering:
                findings.append(self._pulsing(shot, pulse, limits))
        return Answer(findings=tuple(findings))

    def _flickering(self, facts: MediaFacts, exposure: Values, shot: FrameRange, limits: FlickerLimits) -> list[Finding]:
        second = max(2, round(facts.rate))
        findings: list[Finding] = []
        for amplitude, severity in ((limits.fail_percent, Severity.FAIL), (limits.review_percent, Severity.REVIEW)):
            for found in _crowded(reversals(exposure, amplitude), second, limits.reversals_per_second):
                frames = found.shifted(shot.start)
                if any(other.frames and other.frames.start < frames.stop and frames.start < other.frames.stop for other in findings):
                    continue
                swing = float(np.median(np.abs(np.diff(exposure[_turning(exposure, amplitude, found)]))))
                findings.append(self._finding(facts, frames, swing, amplitude, severity))
        return findings

    def _finding(self, facts: MediaFacts, frames: FrameRange, swing: float, limit: float, severity: Severity) -> Finding:
        return Finding(
            check=self.name,
            severity=severity,
            frames=frames,
            measured=swing,
            limit=limit,
            unit="% peak to peak",
            message=f"The brightness of the whole picture flickers by {swing:.1f} % peak to peak: {stretch(frames, facts)}.",
            source="temporal contrast sensitivity; BBC RD 1975/13 on luminance fluctuation",
            remedy="Even out the exposure over these frames, or take the take again.",
        )

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


def _crowded(points: list[int], second: int, least: int) -> tuple[FrameRange, ...]:
    """Stretches in which ``least`` turning points lie within a second, from the first to behind the last."""
    crowded = [
        FrameRange(points[place], points[place + least - 1] + 1)
        for place in range(len(points) - least + 1)
        if points[place + least - 1] - points[place] < second
    ]
    return joined(crowded, gap=second // 2)


def _turning(exposure: Values, amplitude: float, within: FrameRange) -> list[int]:
    return [point for point in reversals(exposure, amplitude) if within.start <= point < within.stop]


CHECK = Flicker()
