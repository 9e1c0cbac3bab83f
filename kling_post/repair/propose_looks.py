"""Repairs of what a join looks like beside its colour: framing, grain, and a dissolve where a step cannot be taken away."""

import math
from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np

from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import PictureCorrection
from kling_post.edit.timeline import Timeline
from kling_post.repair.compare import beyond, measured, worse_properties
from kling_post.repair.fit_framing import eased, pixels_at_1920
from kling_post.repair.fit_grain import MOST_GRAIN_CODES, fitted_grain
from kling_post.repair.join import Found, Join, predictions
from kling_post.repair.repairs import AddGrain, DissolveOver, EaseFraming, Key, Prediction
from kling_post.seams.limits import LIMITS
from kling_post.seams.motion import steps_of
from kling_post.vocabulary import JoinKind

FRAMING: Final = ("framing", "zoom")
_DISSOLVE_FRAMES: Final = 6
_MOST_DOUBLED_PIXELS: Final = 2.0
"""At 1920: how far apart the two pictures of a dissolve may stand before things are seen twice."""
_LEAST_OF_LIMIT: Final = 0.5
"""Grain of less than this share of its limit is not worth encoding a clip for."""


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


def grain_repair(join: Join, timeline: Timeline, given: AddGrain | None) -> AddGrain | None:
    """Grain for an incoming clip that is cleaner than what stands before it; None where it is not, or where the other one would need it.

    What is measured is the noise that one side has and the other has not: it adds as squares. ``given`` is what the clip before was
    given, which this clip lacks too unless it has more of its own.

    Raises:
        MediaError: the frames that the strength is tried on cannot be decoded.
        EncodeError: nor encoded.
    """
    report = join.report
    grain = measured(report, "grain")
    step = 0.0 if grain is None or grain.severity is None or not math.isfinite(grain.measured) else grain.measured
    lacks = -step * abs(step) + (0.0 if given is None else given.lacks_codes**2)
    limit = max(LIMITS[JoinKind.CONTINUE].grain_code_values, 0.0 if grain is None else grain.limit)
    if grain is None or not (_LEAST_OF_LIMIT * limit) ** 2 < lacks <= MOST_GRAIN_CODES**2:
        return None
    if given is not None and not step:
        return replace(
            given, outgoing=report.outgoing, incoming=report.incoming, reason="The clip before it is given grain.", predictions=()
        )
    before = join.before
    if given is not None:
        correction = before.picture_correction or PictureCorrection()
        before = replace(before, picture_correction=replace(correction, grain=given.grain))
    added, left = fitted_grain(before, join.after, timeline, lacks**0.5)
    return AddGrain(
        outgoing=report.outgoing,
        incoming=report.incoming,
        reason=grain.message,
        grain=added,
        lacks_codes=lacks**0.5,
        predictions=(Prediction(property="grain", unit=grain.unit, before=grain.measured, after=left, limit=grain.limit),),
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
