"""How far a chain of clips has drifted from its first clip, hop by hop.

Each chained clip begins where the one before it ended, so every small error of colour, contrast or sharpness is handed on and grows. A
join may be within all its limits and the tenth clip still be another film. So each clip of a chain is held against the *anchor*, the end
of the chain's first clip, at its head and at its end; nothing is decoded for it that the seams did not read already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kling_post.signals.kernels.perceptual import delta_e_itp
from kling_post.vocabulary import Finding, FrameRange, JoinKind, SeamReport, Severity, SideLooks

_SOURCE = "kling_post.seams.chain_drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLimits:
    """How far a clip may be from its chain's anchor. Proposals: about twice what one join may step."""

    colour_delta_e_itp: float = 6.0
    contrast_percent: float = 10.0
    black_percent: float = 3.0
    sharpness_percent: float = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPoint:
    """One end of a clip against the anchor."""

    clip_id: str
    at_head: bool
    """Whether it is the clip's head; otherwise its end."""
    record_frame: int
    """The join next to it, on the timeline."""
    colour_delta_e_itp: float
    contrast_percent: float
    """Of the anchor's contrast, less 100."""
    black_percent: float
    """Of the range."""
    sharpness_percent: float
    """Of the anchor's sharpness, less 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDrift:
    """A run of clips that continue each other."""

    clips: tuple[str, ...]
    points: tuple[DriftPoint, ...]
    """In the order of the edit: the head of the second clip, its end, the head of the third one, and so on."""
    findings: tuple[Finding, ...] = ()
    """The hop at which each property passes its limit for good."""


_PROPERTIES = (
    ("colour_delta_e_itp", "colour", "Delta E ITP"),
    ("contrast_percent", "contrast", "%"),
    ("black_percent", "black level", "% of the range"),
    ("sharpness_percent", "sharpness", "%"),
)


def chain_drifts(seams: Sequence[SeamReport], limits: DriftLimits | None = None) -> tuple[ChainDrift, ...]:
    """The chains of an edit, from the reports on all of its joins in order; chains of one hop are the seam's own business.

    A join belongs to a chain where it was planned to continue, or is seen to.
    """
    limits = limits or DriftLimits()
    chains: list[list[SeamReport]] = [[]]
    for seam in seams:
        if _chained(seam):
            chains[-1].append(seam)
        elif chains[-1]:
            chains.append([])
    return tuple(_drift(chain, limits) for chain in chains if len(chain) >= 2)


def _chained(seam: SeamReport) -> bool:
    measured = seam.looks_before is not None and seam.looks_after is not None
    planned_apart = seam.planned is JoinKind.DISSOLVE or seam.seen is JoinKind.CUT
    return measured and not planned_apart and JoinKind.CONTINUE in (seam.planned, seam.seen)


def _drift(chain: Sequence[SeamReport], limits: DriftLimits) -> ChainDrift:
    anchor = chain[0].looks_before
    assert anchor is not None
    points: list[DriftPoint] = []
    for place, seam in enumerate(chain):
        if place:
            assert seam.looks_before is not None
            points.append(_point(anchor, seam.looks_before, seam.outgoing, seam.record_frame, at_head=False))
        assert seam.looks_after is not None
        points.append(_point(anchor, seam.looks_after, seam.incoming, seam.record_frame, at_head=True))
    found = [_passed(points, chain, name, title, unit, getattr(limits, name)) for name, title, unit in _PROPERTIES]
    return ChainDrift(
        clips=(chain[0].outgoing, *(seam.incoming for seam in chain)),
        points=tuple(points),
        findings=tuple(finding for finding in found if finding is not None),
    )


def _point(anchor: SideLooks, looks: SideLooks, clip_id: str, record_frame: int, *, at_head: bool) -> DriftPoint:
    return DriftPoint(
        clip_id=clip_id,
        at_head=at_head,
        record_frame=record_frame,
        colour_delta_e_itp=float(delta_e_itp(np.array(looks.ictcp), np.array(anchor.ictcp))),
        contrast_percent=_percent(looks.contrast_percent, anchor.contrast_percent),
        black_percent=looks.black_percent - anchor.black_percent,
        sharpness_percent=_percent(looks.sharpness, anchor.sharpness),
    )


def _percent(value: float, anchor: float) -> float:
    return 100 * (value / anchor - 1) if anchor > 1e-6 else 0.0


def _passed(points: Sequence[DriftPoint], chain: Sequence[SeamReport], name: str, title: str, unit: str, limit: float) -> Finding | None:
    """The first point from which on the property stays beyond its limit to the end of the chain; None where it ends within."""
    beyond = [abs(getattr(point, name)) > limit for point in points]
    if not beyond[-1]:
        return None
    place = len(beyond) - beyond[::-1].index(False) if False in beyond else 0
    point = points[place]
    measured = getattr(point, name)
    hop = 1 + [seam.incoming for seam in chain].index(point.clip_id)
    where = "head" if point.at_head else "end"
    last = getattr(points[-1], name)
    return Finding(
        check=f"chain.{title.replace(' ', '_')}",
        severity=Severity.REVIEW,
        frames=FrameRange(point.record_frame, point.record_frame + 1),
        measured=float(measured),
        limit=limit,
        unit=unit,
        message=f"The chain from {chain[0].outgoing} leaves the {title} of its first clip at hop {hop}, the {where} of {point.clip_id}: "
        f"{measured:+.1f} {unit}, {last:+.1f} at its end; the limit is {limit:g}.",
        source=_SOURCE,
        remedy="Match the clips to the chain's first one, not each to the one before it.",
    )
