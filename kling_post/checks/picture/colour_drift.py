"""Do colour, exposure, contrast or saturation wander while the shot stays the same?

Generators drift: a take slowly gains contrast, warms or bleaches out. So does a camera that pans from shade into sun, and a thing may
change its colour because it is painted; so a drift is reported only where most of the picture's tiles change alike, one way through
most of the shot, while the picture keeps its composition, and at most for review: whether it is meant, a person must say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.blocks import blocks
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.runs import shots, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]

_ITP = np.array([720.0, 360.0, 720.0])
"""ITU-R BT.2124: from ICtCp to steps that are just visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLimits:
    """How far a shot may wander from end to end; the change is measured from its first to its last sixth and drawn out to both ends."""

    delta_e_itp: float = 6.0
    """Change of colour (Ct and Cp) of the median tile, ITU-R BT.2124; 1 is just visible side by side, moving content makes up to 5."""
    exposure_delta_e_itp: float = 20.0
    """The same of intensity alone; higher, as things that come nearer bring their own light: up to 15."""
    contrast_percent: float = 15.0
    """Change of the differences of light between tiles; moving content makes up to 12."""
    saturation_percent: float = 25.0
    """Change of the median tile's chroma; moving content makes up to 15."""
    composition: float = 0.9
    """Correlation of brightness over the 144 tiles, first sixth with last: below it the shot shows something else at its end."""
    steadiness: float = 0.85
    """Rank correlation with time: 1 for a change that never turns back."""
    least_seconds: float = 2.0
    """Shorter shots are not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drift:
    """One property's course through a shot, in the unit of its limit."""

    name: str
    curve: Values
    """Per frame, 0 at the start."""
    limit: float
    unit: str
    words: tuple[str, str]
    """For a fall and a rise."""


class ColourDrift:
    """Slow, one-way change of colour."""

    name = "colour_drift"
    title = "Colour, exposure and contrast drift"
    needs = ("colour", "luma", "motion", "structure")
    limits = DriftLimits()

    def judge(self, subject: Subject, limits: DriftLimits) -> Answer:
        """At most one finding per shot and property."""
        findings: list[Finding] = []
        for shot in shots(subject.facts.frames, cut_frames(subject.signals)):
            if shot.frames < limits.least_seconds * subject.facts.rate:
                continue
            if _composition(subject.signals["luma"]["tiles"][shot.start : shot.stop]) < limits.composition:
                continue
            findings += [
                found for drift in _drifts(subject.signals, shot, limits) if (found := self._finding(subject, shot, drift, limits))
            ]
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, shot: FrameRange, drift: _Drift, limits: DriftLimits) -> Finding | None:
        change = _from_end_to_end(drift.curve)
        if abs(change) < drift.limit or _steadiness(drift.curve * np.sign(change)) < limits.steadiness:
            return None
        word = drift.words[int(change > 0)]
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=shot,
            measured=abs(change),
            limit=drift.limit,
            unit=drift.unit,
            message=f"{drift.name} {word} by {abs(change):.0f} {drift.unit} over {stretch(shot, subject.facts)}.",
            source="ITU-R BT.2124" if drift.unit == "Delta E ITP" else "144 tiles, first sixth of the shot against its last",
            remedy="Counter it with a slow grade over the shot, or use only the part that holds.",
        )


def _drifts(signals: Mapping[str, Mapping[str, Values]], shot: FrameRange, limits: DriftLimits) -> tuple[_Drift, ...]:
    inside = slice(shot.start, shot.stop)
    tiles = signals["colour"]["ictcp_tiles"][inside].reshape(shot.frames, -1, 3)
    # Bars and black have no colour to drift.
    lit = tiles[..., 0].min(axis=0) * _ITP[0] > _DARK_ITP
    if lit.sum() < _LEAST_TILES:
        return ()
    first = _ends(tiles)[0][lit]
    moved = np.concatenate([np.median(tiles[block][:, lit] - first, axis=1) for block in blocks(len(tiles))]) * _ITP
    amount = np.concatenate([np.linalg.norm(tiles[block, lit, 1:] * _ITP[1:], axis=-1) for block in blocks(len(tiles))])
    chroma = moved[:, 1:]
    towards = _ends(chroma)[1]
    along = chroma @ (towards / max(float(np.linalg.norm(towards)), 1e-9))
    luma = signals["luma"]["tiles"][inside].reshape(shot.frames, -1)
    exposure, contrast, saturation = moved[:, 0], _contrast(luma[:, lit]), _saturation(amount)
    drifts = [
        _Drift(name="Colour", curve=along, limit=limits.delta_e_itp, unit="Delta E ITP", words=2 * (f"drifts {_direction(towards)}",)),
        _Drift(
            name="Exposure",
            curve=exposure,
            limit=limits.exposure_delta_e_itp,
            unit="Delta E ITP",
            words=("drifts darker", "drifts brighter"),
        ),
    ]
    if contrast is not None and _same_way(exposure, limits.exposure_delta_e_itp, contrast):
        contrast = None
    for name, curve, limit in (
        ("Contrast", contrast, limits.contrast_percent),
        ("Saturation", saturation, limits.saturation_percent),
    ):
        if curve is not None:
            drifts.append(_Drift(name=name, curve=curve, limit=limit, unit="%", words=("falls", "rises")))
    return tuple(drifts)


def _same_way(exposure: Values, limit: float, contrast: Values) -> bool:
    """Whether more light, or less, stretches or shrinks the differences: that is told once, as exposure."""
    change = _from_end_to_end(exposure)
    return abs(change) >= limit and change * _from_end_to_end(contrast) > 0


_DARK_ITP = 100.0
"""Intensity of about code 30."""
_LEAST_TILES = 20
_FLAT_CODES = 8.0
"""A picture whose tiles differ by less has no contrast to speak of."""
_GREY_ITP = 4.0
"""A tile nearer to grey has no saturation to speak of."""


def _contrast(luma: Values) -> Values | None:
    """Change of contrast per frame, in per cent.

    Where other things come into the picture, the tiles that differed most at the start differ less later, and those that differ most at
    the end differed less before: both ways alike. A change of contrast goes one way. So it is measured from both ends, and the mean
    taken, of the logarithms.
    """
    start, end = _ends(luma)
    forth, back = _apart(luma, start), _apart(luma, end)
    if forth is None or back is None:
        return None
    both = np.sqrt(forth * back)
    return np.asarray(100 * (both / _ends(both)[0] - 1))


def _apart(luma: Values, reference: Values) -> Values | None:
    """Per frame the median ratio of differences between pairs of tiles to those of a reference, 0.05 or more.

    Pairs that differ most, three tenths of all. What moves changes the pairs it touches; a change of contrast changes all alike.
    """
    one, other = np.triu_indices(luma.shape[1], 1)
    apart = reference[one] - reference[other]
    wide = np.abs(apart) > max(_FLAT_CODES, float(np.percentile(np.abs(apart), 70)))
    if wide.sum() < luma.shape[1]:
        return None
    one, other, apart = one[wide], other[wide], apart[wide]
    return np.maximum([float(np.median((frame[one] - frame[other]) / apart)) for frame in luma], 0.05)


def _saturation(amount: Values) -> Values | None:
    """Change of saturation per frame, in per cent: the median ratio of coloured tiles' chroma, (frames, tiles), to the start's."""
    start, _ = _ends(amount)
    coloured = start > _GREY_ITP
    if coloured.sum() < _LEAST_TILES:
        return None
    return np.asarray(100 * (np.median(amount[:, coloured] / start[coloured], axis=1) - 1))


def _ends(values: Values) -> tuple[Values, Values]:
    """Medians over the first and the last sixth."""
    count = max(1, len(values) // 6)
    return np.median(values[:count], axis=0), np.median(values[-count:], axis=0)


def _from_end_to_end(curve: Values) -> float:
    """The change between the first and the last sixth, as an even drift makes it from the first frame to the last."""
    first, last = _ends(curve)
    apart = len(curve) - max(1, len(curve) // 6)
    return float(last - first) * (len(curve) - 1) / max(1, apart)


def _composition(tiles: Values) -> float:
    """Likeness of the first and the last sixth's distribution of light over the picture, whatever its level and contrast."""
    first, last = _ends(tiles.reshape(len(tiles), -1))
    if min(first.std(), last.std()) < 0.5:
        return 1.0
    return float(np.corrcoef(first, last)[0, 1])


def _steadiness(values: Values) -> float:
    """Spearman's rank correlation with time."""
    ranks = np.argsort(np.argsort(values)).astype(np.float64)
    places = np.arange(len(values), dtype=np.float64)
    return float(np.corrcoef(ranks, places)[0, 1]) if len(values) > 2 else 0.0


def _direction(change: Values) -> str:
    """The axis of Ct and Cp that changes most, in words."""
    axis = int(np.argmax(np.abs(change)))
    return (("less blue", "bluer"), ("less red", "redder"))[axis][int(change[axis] > 0)]


CHECK = ColourDrift()
