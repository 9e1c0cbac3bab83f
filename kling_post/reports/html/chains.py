"""The drift of chained clips against their first one, as small curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kling_post.reports.html.curves import Curve, drift_curve
from kling_post.seams.chain_drift import ChainDrift, DriftLimits
from kling_post.vocabulary import Finding

_CURVES = (
    ("Colour", "Delta E ITP", "colour_delta_e_itp", 4.0),
    ("Contrast", "%", "contrast_percent", 8.0),
    ("Sharpness", "%", "sharpness_percent", 20.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftCurve:
    """One property of a chain."""

    curve: Curve
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainView:
    """One chain on the page."""

    first: str
    last: str
    hops: int
    curves: tuple[DriftCurve, ...]
    findings: tuple[Finding, ...]


def chain_views(chains: Sequence[ChainDrift], limits: DriftLimits | None = None) -> tuple[ChainView, ...]:
    """What the page shows of each chain; the anchor itself stands at the left edge, at zero."""
    limits = limits or DriftLimits()
    return tuple(
        ChainView(
            first=chain.clips[0],
            last=chain.clips[-1],
            hops=len(chain.clips) - 1,
            curves=tuple(_curve(chain, *plan, limit=getattr(limits, plan[2])) for plan in _CURVES),
            findings=chain.findings,
        )
        for chain in chains
    )


def _curve(chain: ChainDrift, title: str, unit: str, name: str, least_span: float, *, limit: float) -> DriftCurve:
    values = np.array([0.0, *(getattr(point, name) for point in chain.points)])
    limit = -limit if values[-1] < 0 else limit
    explanation = f"Of each clip's head and end against the end of {chain.clips[0]}."
    return DriftCurve(curve=drift_curve(title, unit, explanation, values, limit=limit, least_span=least_span), limit=limit)
