"""How much blur to take back, or how far to soften, so that a picture is as sharp as the one before: tried with the seams' own measure."""

from collections.abc import Collection
from typing import Final

from kling_post.edit.corrections import Refocusing
from kling_post.repair.compare import measured, worse_properties
from kling_post.repair.join import Found, Join, predictions
from kling_post.repair.repairs import Key, MatchSharpness
from kling_post.vocabulary import SeamReport

_MOST_SHARPENED: Final = 1.4
"""Sigma of the blur that is taken back. Three drawn halves that had lost 40 % of their sharpness came nearest to what they were (by peak
signal to noise) at 1.2 to 1.3, and were 0.5 to 1.4 dB further off at 1.5, where contrast grows and edges begin to ring."""
_MOST_SOFTENED: Final = -0.9
_EASED_FRAMES: Final = 48
_TRIALS: Final = 4
_NEAR: Final = 0.15
"""Of the limit: a rest that is not worth another trial."""
_FIRST: Final = 0.03
"""Focus for each per cent of the step, on the first trial."""
_SHARES: Final = (1.0, 0.75, 0.5)
"""Of the way to the match, in the order in which they are tried: all of it may do harm."""
_MUST_LEAVE: Final = 0.5
"""Of the step at most, or it is not worth encoding frames for."""

_Trial = tuple[float, float, SeamReport]
"""Focus (the blur to take back, or the softening where negative), the step of sharpness that is left, and the whole scorecard."""


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
        focus, left, seam = trial
        worse = worse_properties(bare, seam)
        if not worse and abs(left) <= _MUST_LEAVE * abs(step):
            return MatchSharpness(
                outgoing=report.outgoing,
                incoming=report.incoming,
                reason=before.message,
                refocusing=_refocusing(focus, join),
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
    focus = -_FIRST * _step(bare)
    while len(trials) <= _TRIALS:
        held = min(max(focus, _MOST_SOFTENED), _MOST_SHARPENED)
        trials.append(_tried(join, held))
        (one, was, _), (other, now, _) = sorted(trials, key=lambda trial: abs(trial[1]))[:2]
        falls_short = held != focus and trials[-1][1] * trials[0][1] > 0
        if abs(was) <= near or was == now or falls_short:
            break
        focus = one - was * (other - one) / (now - was)
    return min(trials, key=lambda trial: abs(trial[1]))


def _tried(join: Join, focus: float) -> _Trial:
    seam = join.tried(join.outgoing, join.incoming.refocused(_refocusing(focus, join)))
    return focus, _step(seam), seam


def _refocusing(focus: float, join: Join) -> Refocusing:
    eased = min(_EASED_FRAMES, join.after.source.frames)
    return Refocusing(blur_pixels=round(max(focus, 0.0), 3), softened=round(max(-focus, 0.0), 3), eased_frames=eased)


def _step(seam: SeamReport) -> float:
    sharpness = measured(seam, "sharpness")
    return 0.0 if sharpness is None else sharpness.measured
