"""Repairs of what a join looks like beside its colour: framing, grain, and a dissolve where a step cannot be taken away."""

import math
from collections.abc import Collection
from typing import Final

import numpy as np

from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import AddedGrain
from kling_post.repair.compare import beyond, measured, worse_properties
from kling_post.repair.fit_framing import eased, pixels_at_1920
from kling_post.repair.join import Found, Join, predictions
from kling_post.repair.repairs import AddGrain, DissolveOver, EaseFraming, Key, Prediction
from kling_post.seams.motion import steps_of
from kling_post.vocabulary import SeamReport

FRAMING: Final = ("framing", "zoom")
_DISSOLVE_FRAMES: Final = 6
_MOST_DOUBLED_PIXELS: Final = 2.0
"""At 1920: how far apart the two pictures of a dissolve may stand before things are seen twice."""
_MOST_GRAIN_CODES: Final = 8.0


def framing_repair(join: Join, shown: ColourTransform | None, found: Found, withheld: Collection[Key]) -> None:
    """Propose an eased move where the picture jumps; ``shown`` is the colour transform of the incoming clip."""
    report = join.report
    if (EaseFraming.kind, report.outgoing, report.incoming) in withheld:
        return
    incoming = join.incoming.graded(shown)
    before = join.tried(join.outgoing, incoming)
    steps = beyond(before, *FRAMING)
    if not steps:
        return
    reframing = eased(join.outgoing, incoming, clip_frames=join.after.source.frames, with_zoom=bool(beyond(before, "zoom")))
    if reframing is None:
        found.decline(report, EaseFraming.kind, "The picture jumps further than an eased move may hide.")
        return
    after = join.tried(join.outgoing, incoming.reframed(reframing))
    worse = worse_properties(before, after, (*FRAMING, "velocity", "sharpness"))
    if worse:
        names = " and ".join(item.name for item in worse)
        found.decline(report, EaseFraming.kind, f"Tried on the frames beside the join, it makes {names} worse.")
        return
    found.repairs.append(
        EaseFraming(
            outgoing=report.outgoing,
            incoming=report.incoming,
            reason=" ".join(item.message for item in steps),
            reframing=reframing,
            pixels_at_1920=pixels_at_1920(reframing),
            predictions=predictions(before, after, (*FRAMING, "velocity")),
        )
    )


def grain_repair(report: SeamReport) -> AddGrain | None:
    """Grain for an incoming clip that is cleaner than the one before; None where it is not, or where the other one would need it.

    What is measured is the noise that one side has and the other has not, added as squares: it is what must be added.
    """
    grain = measured(report, "grain")
    if grain is None or grain.severity is None or not 0 < -grain.measured <= _MOST_GRAIN_CODES or not math.isfinite(grain.measured):
        return None
    return AddGrain(
        outgoing=report.outgoing,
        incoming=report.incoming,
        reason=grain.message,
        grain=AddedGrain(sigma_codes=-grain.measured),
        predictions=(Prediction(property="grain", unit=grain.unit, before=grain.measured, after=0.0, limit=grain.limit),),
    )


def dissolve_repair(join: Join) -> DissolveOver | None:
    """A short dissolve where sharpness steps, which nothing can put back, and the shot moves so little that nothing is seen twice."""
    sharpness = measured(join.report, "sharpness")
    longest = min(join.before.source.frames - join.before.dissolve_frames, join.after.source.frames) // 2
    if sharpness is None or sharpness.severity is None or longest < _DISSOLVE_FRAMES:
        return None
    steps = (*steps_of(join.outgoing.side().luma), *steps_of(join.incoming.side().luma))
    pixels = 1920 * float(np.median([step.movement for step in steps])) if steps else math.inf
    if pixels * _DISSOLVE_FRAMES > _MOST_DOUBLED_PIXELS:
        return None
    foretold = Prediction(
        property="sharpness a frame",
        unit=sharpness.unit,
        before=sharpness.measured,
        after=sharpness.measured / (_DISSOLVE_FRAMES + 1),
        limit=sharpness.limit,
    )
    return DissolveOver(
        outgoing=join.report.outgoing,
        incoming=join.report.incoming,
        reason=sharpness.message,
        frames=_DISSOLVE_FRAMES,
        predictions=(foretold,),
    )
