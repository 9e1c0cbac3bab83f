"""Is there detail up to the picture's own size, or was a smaller picture enlarged?

The power spectrum of natural pictures falls along a straight line on logarithmic scales. Where a smaller picture was enlarged by a usual
scaler, it leaves that line downwards at the smaller one's finest detail. Soft pictures and low bit rates take the evidence away, and
grain put on afterwards or an enlarger that invents detail hides it: then nothing is claimed.

Enlarging by three halves or by three also leaves a period of three samples, which no native picture has along both axes; at good bit
rates it is told by that alone.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import Finding, Severity, Size

Values = NDArray[np.float64]

_FITTED = (0.12, 0.42)
"""Band of the line, as shares of the Nyquist frequency: below an enlargement's loss from half size, above the composition."""
_JUST_ABOVE, _FAR_ABOVE = (0.5, 0.6), (0.6, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionLimits:
    """Set on textures of three slopes enlarged twofold with three scalers and coded at constant rate factors 18 to 28."""

    missing_dex: float = 0.18
    """Powers of ten of spectral power that are missing above half the Nyquist frequency: native 0.0 to 0.03, drawn scenes with bare
    ground up to 0.16, enlarged 0.2 to 0.6."""
    steepest_slope: float = -3.2
    """A line that falls faster than this belongs to a soft or hard-pressed picture, in which nothing can be told."""
    least_power: float = 3.3
    """Common logarithm of power that must be there above half the Nyquist frequency; rounding to 8 bits alone makes 2.3."""
    noise_dex: float = 0.25
    """Power this far above the line is grain or coding noise, which hides what lies under it."""
    thirds: float = 3.2
    """How far a period of three samples stands out, the geometric mean of both axes, in one look at least: native 0.3 to 1.9, enlarged by
    3/2 or 3 at good bit rates 3.5 to 100."""
    thirds_each: float = 2.4
    """The same of the axis that shows it less: scalers work on both, a fence has its period along one."""
    least_width: int = 1920
    """Pictures whose longer side is under this are not asked."""


class Resolution:
    """Effective resolution."""

    name = "resolution"
    title = "Effective resolution"
    needs = ("spectrum",)
    limits = ResolutionLimits()

    def judge(self, subject: Subject, limits: ResolutionLimits) -> Answer:
        """For review where the picture looks enlarged; a note where it cannot be told; nothing where detail goes all the way."""
        size = subject.facts.size
        power = _sharpest(subject.signals["spectrum"]["power"])
        if max(size.width, size.height) < limits.least_width or power is None:
            return Answer()
        slope, line = _line(power)
        thirds = _thirds(subject.signals["spectrum"]["thirds"], limits)
        if thirds >= limits.thirds:
            return Answer(findings=(self._by_thirds(size, thirds, limits),))
        missing, beyond = (_mean(line - power, band) for band in (_JUST_ABOVE, _FAR_ABOVE))
        level = _mean(power, _JUST_ABOVE)
        if slope >= limits.steepest_slope and min(missing, beyond) >= limits.missing_dex and not subject.plan.drawn:
            message = (
                f"Of the detail that {size} can hold, only what about {size.width // 2}x{size.height // 2} holds is there, as in an "
                f"enlarged picture or one that is soft throughout ({missing:.2f} powers of ten are missing above it)."
            )
            return Answer(findings=(self._finding(Severity.REVIEW, missing, limits, message),))
        if slope < limits.steepest_slope or level < limits.least_power or missing > limits.missing_dex / 2 or -missing > limits.noise_dex:
            if subject.plan.drawn:
                why = "drawn, and drawings do not follow the law of natural pictures"
            elif slope < limits.steepest_slope or level < limits.least_power:
                why = "soft or hard pressed"
            else:
                why = "grainy or in between"
            message = f"Whether the picture was enlarged to {size} cannot be told: its finest detail is {why}."
            return Answer(findings=(self._finding(Severity.INFO, missing, limits, message),))
        return Answer()

    def _by_thirds(self, size: Size, thirds: float, limits: ResolutionLimits) -> Finding:
        halves, third = (f"{round(size.width * share)}x{round(size.height * share)}" for share in (Fraction(2, 3), Fraction(1, 3)))
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=None,
            measured=thirds,
            limit=limits.thirds,
            unit="times chance",
            message=f"Looks enlarged to {size}, from about {halves} or {third}: every third row and column is interpolated alike.",
            source="period of the second difference (Gallagher 2005)",
            remedy="Ask for the native size, or say that it was enlarged.",
        )

    def _finding(self, severity: Severity, missing: float, limits: ResolutionLimits, message: str) -> Finding:
        return Finding(
            check=self.name,
            severity=severity,
            frames=None,
            measured=missing,
            limit=limits.missing_dex if severity is Severity.REVIEW else None,
            unit="dex",
            message=message,
            source="spectral knee, after Katsavounidis and others (SMPTE 2015)",
            remedy="Ask for the native size, or say that it was enlarged." if severity is Severity.REVIEW else "",
        )


def _sharpest(power: Values) -> Values | None:
    """The mean spectrum of the sharper half of the frames looked at, so that focus and motion blur do not decide; None without any."""
    if len(power) == 0:
        return None
    sharpness = np.array([_mean(each, (0.3, 0.8)) for each in power])
    return np.asarray(power[sharpness >= np.median(sharpness)].mean(axis=0))


def _thirds(looks: Values, limits: ResolutionLimits) -> float:
    """The clearest look, the geometric mean of both axes; 0 without any."""
    both = looks[np.isfinite(looks).all(axis=1)]
    both = both[both.min(axis=1, initial=np.inf) >= limits.thirds_each]
    return float(np.sqrt(both.prod(axis=1)).max()) if len(both) else 0.0


def _line(power: Values) -> tuple[float, Values]:
    """Slope of the straight line through the fitted band on logarithmic scales, and the line over all bands."""
    fineness = np.log10(_fineness(power))
    band = _within(power, _FITTED)
    slope, height = np.polyfit(fineness[band], power[band], 1)
    return float(slope), slope * fineness + height


def _mean(values: Values, band: tuple[float, float]) -> float:
    return float(values[_within(values, band)].mean())


def _within(values: Values, band: tuple[float, float]) -> NDArray[np.bool_]:
    fineness = _fineness(values)
    return (fineness >= band[0]) & (fineness <= band[1])


def _fineness(values: Values) -> Values:
    return (np.arange(len(values)) + 0.5) / len(values)


CHECK = Resolution()
