"""Do code values stay inside the range that broadcast and streaming accept, and is the range flag believable?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import joined, runs, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsLimits:
    """EBU R103 v3 (2020) and what tells a wrong range flag."""

    area: float = 0.01
    """Share of the picture that may lie outside the preferred range (luma 5 to 246 in 8 bit, R, G and B -5 to 105 %): EBU R103."""
    seconds: float = 0.5
    """Shorter excursions are left to the eye: sparks, specular glints."""
    flag_share: float = 0.005
    """Share of luma below 16 and, at once, above 235 over the clip, from which material tagged limited looks full range."""
    low_bits: float = 0.002
    """Share of samples that use the bits below the eighth, under which a 10-bit file holds 8-bit material."""


class Levels:
    """Signal levels and range."""

    name = "levels"
    title = "Signal levels and range"
    needs = ("levels",)
    limits = LevelsLimits()

    def judge(self, subject: Subject, limits: LevelsLimits) -> Answer:
        """Findings for stretches outside the preferred range, for a doubtful range flag and for unused bits."""
        findings = [*self._luma(subject, limits), *self._gamut(subject, limits), *self._flag(subject, limits), *self._bits(subject, limits)]
        return Answer(findings=tuple(findings))

    def _luma(self, subject: Subject, limits: LevelsLimits) -> list[Finding]:
        if subject.facts.color_range == "full":
            return []
        return self._outside(subject, _luma_outside(subject), "luma outside codes 5 to 246", limits)

    def _gamut(self, subject: Subject, limits: LevelsLimits) -> list[Finding]:
        # What luma alone puts outside has been said.
        luma = 0 if subject.facts.color_range == "full" else _luma_outside(subject)
        beyond = np.maximum(subject.signals["levels"]["gamut"] - luma, 0)
        return self._outside(subject, beyond, "R, G or B outside -5 to 105 %", limits)

    def _outside(self, subject: Subject, shares: NDArray[np.float64], what: str, limits: LevelsLimits) -> list[Finding]:
        findings = []
        for frames in joined(runs(shares > limits.area), gap=2):
            if frames.frames < min(limits.seconds * float(subject.facts.rate), subject.facts.frames):
                continue
            worst = float(shares[frames.start : frames.stop].max())
            findings.append(
                self._finding(
                    frames,
                    worst,
                    limits.area,
                    "of the area",
                    f"Up to {worst:.1%} of the picture has {what}: {stretch(frames, subject.facts)}.",
                )
            )
        return findings

    def _flag(self, subject: Subject, limits: LevelsLimits) -> list[Finding]:
        levels = subject.signals["levels"]
        below, above = float(levels["below_black"].mean()), float(levels["above_white"].mean())
        if subject.facts.color_range == "full":
            # Real full-range material uses what limited range forbids; none at all of a clip that has black and white is suspicious.
            lowest, highest = _ends(levels["histogram"])
            if 14 <= lowest <= 20 and 230 <= highest <= 238:
                message = f"Tagged full range, but luma stays within codes {lowest:.0f} to {highest:.0f}: looks like limited range."
                return [self._finding(None, highest, 255, "code", message, code="")]
            return []
        share = min(below, above)
        if share < limits.flag_share:
            return []
        message = f"{below:.1%} of luma lies below black and {above:.1%} above white: looks like full range without its flag."
        return [self._finding(None, share, limits.flag_share, "of the area", message, code="")]

    def _bits(self, subject: Subject, limits: LevelsLimits) -> list[Finding]:
        used = subject.signals["levels"]["low_bits"]
        if subject.facts.bit_depth <= 8 or float(np.nanmean(used)) >= limits.low_bits:
            return []
        message = f"A {subject.facts.bit_depth}-bit file that holds 8-bit material: the bits below the eighth are unused."
        return [self._finding(None, float(np.nanmean(used)), limits.low_bits, "of the samples", message, code="")]

    def _finding(
        self,
        frames: FrameRange | None,
        measured: float,
        limit: float,
        unit: str,
        message: str,
        code: str = "EBU QC 0051B Video Signal Levels",
    ) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=measured,
            limit=limit,
            unit=unit,
            message=message,
            code=code,
            source="EBU R103 v3" if code else "histogram of luma",
            remedy="Legalise in the grade." if code else "Correct the range before grading.",
        )


def _ends(histogram: NDArray[np.float64]) -> tuple[float, float]:
    """The codes below and above which a thousandth of the samples lies: coding overshoots by a few codes beside edges."""
    below = np.cumsum(histogram)
    return float(np.searchsorted(below, 0.001)), float(np.searchsorted(below, below[-1] - 0.001))


def _luma_outside(subject: Subject) -> NDArray[np.float64]:
    levels = subject.signals["levels"]
    return np.asarray(levels["below_preferred"] + levels["above_preferred"])


CHECK = Levels()
