"""Does a frame or two not belong: a flash, a dark frame, a foreign picture, that is gone right after?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.exposure import exposure_steps
from kling_post.checks.evidence.runs import stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashLimits:
    """What stands out. The picture before and the one after must be alike, and the frames between unlike both."""

    longest_frames: int = 3
    """Longer ones are seen as a change of light, not as a fault of single frames."""
    exposure_percent: float = 2.8
    """Jump of exposure into the flash and back out of it."""
    difference_codes: float = 4.2
    """Jump of the small picture (mean of Y, Cb and Cr) into a foreign frame and back out of it, 8-bit codes."""
    exposure_return_share: float = 0.4
    """The exposures around may differ by this share of the jump: encoders keep up to so much of a flash in the frames behind it;"""
    drift_steps: float = 2.0
    """and by so many of the steps that are usual around: lamps that pass by change the light all the time."""
    return_share: float = 0.35
    """The pictures around may differ by this share of the jump."""
    moving_share: float = 1.2
    """Or by this share of what any two pictures so far apart do there, since everything moves."""
    meant_percent: float = 25.0
    """Brightness from which a light may be meant (a photographer's flash, lightning, a strobe): for review, not a fault as such."""
    neighbour_ratio: float = 4.0
    """How far it stands out of the mean of the exposures around, over what frames around do: fast movement jumps all the time."""
    foreign_ratio: float = 3.0
    """The jump of the picture over the usual step of the frames around."""


class Flash:
    """Single-frame flashes and foreign frames."""

    name = "flash"
    title = "Flashes and foreign frames"
    needs = ("luma", "motion", "structure")
    limits = FlashLimits()

    def judge(self, subject: Subject, limits: FlashLimits) -> Answer:
        """A finding per flash or foreign picture."""
        facts, signals = subject.facts, subject.signals
        cuts = cut_frames(signals)
        steps = exposure_steps(signals["luma"], full_range=facts.color_range == "full", cuts=cuts)
        distance = signals["structure"]["distance"]
        findings: list[Finding] = []
        taken = np.zeros(facts.frames + 1, bool)
        for length in range(1, limits.longest_frames + 1):
            for first in range(1, facts.frames - length):
                last = first + length
                if taken[first:last].any() or any(first <= cut <= last for cut in cuts):
                    continue
                finding = self._flashed(subject, steps, first, last, limits) or self._foreign(subject, distance, first, last, limits)
                if finding:
                    findings.append(finding)
                    taken[max(0, first - 1) : last + 1] = True
        return Answer(findings=tuple(sorted(findings, key=lambda each: each.frames.start if each.frames else 0)))

    def _flashed(self, subject: Subject, steps: Values, first: int, last: int, limits: FlashLimits) -> Finding | None:
        into, out = steps[first], steps[last]
        jump = min(abs(into), abs(out))
        if jump < limits.exposure_percent or into * out > 0:
            return None
        drift = limits.drift_steps * _usual(np.abs(steps), first, last)
        if abs(steps[first : last + 1].sum()) > limits.exposure_return_share * jump + drift:
            return None
        height = abs(into - out) / 2
        if height < limits.neighbour_ratio * _usual_height(steps, first, last) or jump < 2 * _beside(np.abs(steps), first, last):
            return None
        course = np.cumsum(steps[first:last])
        # Steps are logarithms; people read shares.
        peak = 100 * abs(float(np.expm1(course[np.argmax(np.abs(course))] / 100)))
        word = "brighter" if into > 0 else "darker"
        message = f"{_subject(first, last, subject)} {word} than before and after by {peak:.0f} %."
        meant = into > 0 and peak >= limits.meant_percent
        return self._finding(first, last, peak, limits.exposure_percent, "%", message, Severity.REVIEW if meant else Severity.FAIL)

    def _foreign(self, subject: Subject, distance: Values, first: int, last: int, limits: FlashLimits) -> Finding | None:
        lag = last - first  # the place of a lag of one frame more in the structure signal
        into, out, around = distance[first, 0], distance[last, 0], distance[last, lag]
        jump = float(min(into, out))
        if not np.isfinite([into, out, around]).all() or jump < limits.difference_codes:
            return None
        # In a pan the pictures around differ by what the pan makes of any two so far apart.
        moving = limits.moving_share * _usual(np.nan_to_num(distance[:, lag]), first, last + lag)
        if around > max(limits.return_share * jump, moving):
            return None
        if jump < limits.foreign_ratio * _usual(np.nan_to_num(distance[:, 0]), first, last):
            return None
        message = f"{_subject(first, last, subject)} unlike the ones before and after, which are alike: a foreign picture or a flash."
        return self._finding(first, last, jump, limits.difference_codes, "codes", message)

    def _finding(
        self, first: int, last: int, jump: float, limit: float, unit: str, message: str, severity: Severity = Severity.FAIL
    ) -> Finding:
        return Finding(
            check=self.name,
            severity=severity,
            frames=FrameRange(first, last),
            measured=jump,
            limit=limit,
            unit=unit,
            message=message,
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="comparison across the frames in question",
            remedy="Replace these frames with ones interpolated from their neighbours, unless the light is meant.",
        )


def _usual(steps: Values, first: int, last: int) -> float:
    """Median step of up to eight frames on each side, the jumps themselves left out."""
    around = np.concatenate([steps[max(1, first - 8) : first], steps[last + 1 : last + 9]])
    return float(np.median(around)) if around.size else 0.0


def _usual_height(steps: Values, first: int, last: int) -> float:
    """How far the frames around stand out in the same way, on the median: light that grows evenly does not, however fast."""
    lag = last - first
    around = [range(max(1, first - 8), first - lag), range(last + 1, min(len(steps) - lag, last + 9 - lag))]
    heights = [abs(steps[place] - steps[place + lag]) / 2 for side in around for place in side]
    return float(np.median(heights)) if heights else 0.0


def _beside(steps: Values, first: int, last: int) -> float:
    """The larger of the steps right before and right after: a dip between two fades is led up to by steps of its own size."""
    around = np.concatenate([steps[max(1, first - 1) : first], steps[last + 1 : last + 2]])
    return float(around.max()) if around.size else 0.0


def _subject(first: int, last: int, subject: Subject) -> str:
    words = stretch(FrameRange(first, last), subject.facts)
    return f"{words[0].upper()}{words[1:]} {'is' if last - first == 1 else 'are'}"


CHECK = Flash()
