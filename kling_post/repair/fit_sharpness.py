"""How much fine detail to add or to take away so that a picture is as sharp as the one before it: tried with the seams' own measure."""

from collections.abc import Collection
from typing import Final

from kling_post.edit.corrections import Refocusing
from kling_post.repair.compare import measured, worse_properties
from kling_post.repair.join import Found, Join, predictions
from kling_post.repair.repairs import Key, MatchSharpness
from kling_post.vocabulary import SeamReport

_MOST_SHARPENED: Final = 1.5
"""More detail than that rings along every edge."""
_MOST_SOFTENED: Final = -0.9
_EASED_FRAMES: Final = 48
_TRIALS: Final = 4
_NEAR: Final = 0.15
"""Of the limit: a rest that is not worth another trial."""
_FIRST: Final = 0.03
"""Detail for each per cent of the step, on the first trial."""
_SHARES: Final = (1.0, 0.75, 0.5)
"""Of the way to the match, in the order in which they are tried: sharpening deepens blacks, so all of it may do harm."""
_MUST_LEAVE: Final = 0.5
"""Of the step at most, or it is not worth encoding frames for."""

_Trial = tuple[float, float, SeamReport]
"""Detail, the step of sharpness that is left, and the whole scorecard."""


def sharpness_repair(join: Join, found: Found, withheld: Collection[Key]) -> MatchSharpness | None:
    """Eased sharpening or softening of the incoming clip where sharpness steps; None where it does not, or where that would do harm."""
    report, before = join.report, measured(join.report, "sharpness")
    key = MatchSharpness.kind, report.outgoing, report.incoming
    if before is None or before.severity is None or key in withheld:
        return None
    bare = join.tried(join.outgoing, join.incoming)
    step, matched = _step(bare), _matched(join, bare, near=_NEAR * before.limit)
    for share in _SHARES:
        trial = matched if share == 1.0 else _tried(join, share * matched[0])
        detail, left, seam = trial
        worse = worse_properties(bare, seam)
        if not worse and abs(left) <= _MUST_LEAVE * abs(step):
            return MatchSharpness(
                outgoing=report.outgoing,
                incoming=report.incoming,
                reason=before.message,
                refocusing=_refocusing(detail, join),
                predictions=predictions(bare, seam, ("sharpness", "grain")),
            )
        if not worse:
            break
    why = "makes " + " and ".join(item.name for item in worse) + " worse" if worse else f"leaves a step of {left:+.0f} %"
    found.decline(report, MatchSharpness.kind, f"Tried on the frames beside the join, it {why}.")
    return None


def _matched(join: Join, bare: SeamReport, *, near: float) -> _Trial:
    """The trial that leaves least of the step, by the secant through the two best ones."""
    trials: list[_Trial] = [(0.0, _step(bare), bare)]
    detail = -_FIRST * _step(bare)
    while len(trials) <= _TRIALS:
        held = min(max(detail, _MOST_SOFTENED), _MOST_SHARPENED)
        trials.append(_tried(join, held))
        (one, was, _), (other, now, _) = sorted(trials, key=lambda trial: abs(trial[1]))[:2]
        falls_short = held != detail and trials[-1][1] * trials[0][1] > 0
        if abs(was) <= near or was == now or falls_short:
            break
        detail = one - was * (other - one) / (now - was)
    return min(trials, key=lambda trial: abs(trial[1]))


def _tried(join: Join, detail: float) -> _Trial:
    seam = join.tried(join.outgoing, join.incoming.refocused(_refocusing(detail, join)))
    return detail, _step(seam), seam


def _refocusing(detail: float, join: Join) -> Refocusing:
    return Refocusing(detail=round(detail, 3), eased_frames=min(_EASED_FRAMES, join.after.source.frames))


def _step(seam: SeamReport) -> float:
    sharpness = measured(seam, "sharpness")
    return 0.0 if sharpness is None else sharpness.measured
