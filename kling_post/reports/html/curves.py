"""Measured series as small SVG curves, drawn in a box of 1000 by 100 that the page stretches."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kling_post.reports.material import SignalSeries
from kling_post.vocabulary import Loudness

WIDTH, HEIGHT = 1000, 100
_MOST_POINTS = 1200
"""More than a screen has columns adds nothing but bytes; longer series keep the extremes of each column."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a curve."""

    name: str
    path: str
    """SVG path data in the 1000 by 100 box; gaps where there is no number. Empty where the page's script draws it."""
    role: str
    """``main`` or ``second``: how it is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One small chart."""

    title: str
    unit: str
    explanation: str
    lines: tuple[Line, ...]
    low: str
    """Label of the bottom edge."""
    high: str
    low_value: float
    high_value: float
    readings: str
    """JSON for the cursor: ``[[name, values …]]`` over the chart's width, null where there is none."""

    def height_of(self, value: float) -> float:
        """Where a value lies, in percent from the top; for lines of targets and limits."""
        share = (value - self.low_value) / (self.high_value - self.low_value)
        return round(100 * (1 - min(max(share, 0.0), 1.0)), 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Which series a chart shows, and the least range it spans, so that noise does not look like an event."""

    title: str
    unit: str
    explanation: str
    signal: str
    lines: tuple[tuple[str, str, int | None], ...]
    """Name of the line, of the series, and the column where the series has several."""
    least_span: float
    from_zero: bool = False
    jumps_at_cuts: bool = False
    """Whether a cut makes it leap, so that planned cuts are left out of the axis' range and run off its top."""


_PLANS = (
    _Plan(
        title="Luma",
        unit="code",
        explanation="Mean brightness of each frame, as an 8-bit code value.",
        signal="luma",
        lines=(("mean", "mean", None),),
        least_span=16,
    ),
    _Plan(
        title="Movement",
        unit="px/frame",
        explanation="Length of the optical flow: the median and the 95th percentile over the picture.",
        signal="motion",
        lines=(("median", "median", None), ("95 %", "p95", None)),
        least_span=2,
        from_zero=True,
        jumps_at_cuts=True,
    ),
    _Plan(
        title="Displacement",
        unit="px",
        explanation="How far the frame is from being a repeat of the one before it; near zero is a held or doubled frame.",
        signal="displacement",
        lines=(("median tile", "tile_median", None), ("90 % tile", "tile_p90", None)),
        least_span=0.5,
        from_zero=True,
        jumps_at_cuts=True,
    ),
    _Plan(
        title="Colour",
        unit="code from grey",
        explanation="Mean blue and red colour difference of each frame, in 8-bit codes from neutral.",
        signal="colour",
        lines=(("Cb", "chroma", 0), ("Cr", "chroma", 1)),
        least_span=12,
    ),
)


def curves_of(signals: SignalSeries, *, cut_frames: Sequence[int] = (), coarse: bool = False) -> tuple[Curve, ...]:
    """The charts of one take, over its frames; only those whose series were measured.

    Args:
        signals: The measured series.
        cut_frames: The first frames of planned shots.
        coarse: Readings of four digits and no paths, which the page's script then draws from the readings: for pages with very many curves.
    """
    curves = []
    for plan in _PLANS:
        series = signals.get(plan.signal, {})
        named = [(name, _column(series[key], column)) for name, key, column in plan.lines if key in series]
        if named and all(len(values) for _, values in named):
            shift = 128 if plan.signal == "colour" else 0
            beside_cuts = [frame + offset for frame in cut_frames for offset in (-1, 0, 1)] if plan.jumps_at_cuts else []
            curves.append(_curve(plan, [(name, values - shift) for name, values in named], leave_out=beside_cuts, coarse=coarse))
    return tuple(curves)


def loudness_curve(loudness: Loudness, *, seconds: Fraction | float, target_lufs: float | None = None) -> Curve | None:
    """Momentary and short-term loudness over a programme or a take; None where no curves were kept, or all is silence."""
    if not any(math.isfinite(value) for value in (*loudness.short_term_lufs, *loudness.momentary_lufs)):
        return None
    plan = _Plan(
        title="Loudness",
        unit="LUFS",
        explanation="Short-term (3 s) and momentary (0.4 s) loudness, EBU Tech 3341.",
        signal="",
        lines=(),
        least_span=12,
    )
    named = [
        (name, _over(values, loudness.duration_seconds, float(seconds)))
        for name, values in (("short-term", loudness.short_term_lufs), ("momentary", loudness.momentary_lufs))
        if values
    ]
    return _curve(plan, named, include=target_lufs, lowest=-60.0)


def drift_curve(title: str, unit: str, explanation: str, values: Floats, *, limit: float, least_span: float) -> Curve:
    """How far something is from where it began, place by place, with its limit inside the chart."""
    plan = _Plan(title=title, unit=unit, explanation=explanation, signal="", lines=(), least_span=least_span)
    return _curve(plan, [(title.lower(), values)], include=limit)


def _over(values: Sequence[float], measured_seconds: float, seconds: float) -> Floats:
    """A ten-a-second series, filled up or cut to the picture's length so that both share an axis."""
    wanted = max(1, round(len(values) * seconds / measured_seconds)) if measured_seconds > 0 else len(values)
    filled = np.full(wanted, np.nan)
    filled[: min(wanted, len(values))] = values[:wanted]
    return filled


def _column(values: Floats, column: int | None) -> Floats:
    chosen = values if column is None else values[:, column]
    return np.asarray(chosen, np.float64).reshape(len(values), -1)[:, 0]


def _curve(
    plan: _Plan,
    named: list[tuple[str, Floats]],
    *,
    include: float | None = None,
    lowest: float = -math.inf,
    leave_out: Sequence[int] = (),
    coarse: bool = False,
) -> Curve:
    named = [(name, np.where(np.isfinite(values), np.maximum(values, lowest), np.nan)) for name, values in named]
    kept = [np.delete(values, [place for place in leave_out if 0 <= place < len(values)]) for _, values in named]
    finite = np.concatenate([values[np.isfinite(values)] for values in kept])
    if include is not None:
        finite = np.append(finite, include)
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    spare = max(plan.least_span - (high - low), (high - low) * 0.08) / 2
    low, high = (0.0 if plan.from_zero else low - spare), high + spare
    return Curve(
        title=plan.title,
        unit=plan.unit,
        explanation=plan.explanation,
        lines=tuple(
            Line(name=name, path="" if coarse else _path(values, low, high), role="main" if place == 0 else "second")
            for place, (name, values) in enumerate(named)
        ),
        low=_edge_label(low, high - low),
        high=_edge_label(high, high - low),
        low_value=low,
        high_value=high,
        readings=json.dumps(
            [[name, *(None if math.isnan(value) else _reading(value, coarse=coarse) for value in values)] for name, values in named]
        ),
    )


def _edge_label(value: float, span: float) -> str:
    """As many decimals as the span of the axis deserves."""
    return f"{value:.0f}" if span >= 20 or value == 0 else f"{value:.1f}" if span >= 2 else f"{value:.2f}"


def _reading(value: float, *, coarse: bool) -> float:
    return float(f"{value:.4g}") if coarse else round(float(value), 3)


def _path(values: Floats, low: float, high: float) -> str:
    """Path data; each value stands in the middle of its frame."""
    places = (np.arange(len(values)) + 0.5) * WIDTH / len(values)
    if len(values) > _MOST_POINTS:
        places, values = _extremes(places, values)
    heights = np.clip(HEIGHT * (1 - (values - low) / (high - low)), 0, HEIGHT)
    parts = []
    pen_down = False
    for x, y in zip(places, heights, strict=True):
        if math.isnan(y):
            pen_down = False
            continue
        parts.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = True
    if len(parts) == 1:
        parts.append("h0.1")
    return "".join(parts)


def _extremes(places: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The lowest and the highest of each column, in their order, so that no single odd frame is lost."""
    kept: list[int] = []
    for column in np.array_split(np.arange(len(values)), _MOST_POINTS // 2):
        finite = column[np.isfinite(values[column])]
        if finite.size:
            kept.extend(sorted({int(finite[np.argmin(values[finite])]), int(finite[np.argmax(values[finite])])}))
    return places[kept], values[kept]
