"""From an assembled programme to an encoded sound track that measures what its target asks: the loop of the master.

How the master uses it::

    from kling_post.sound.delivery import deliver

    delivered = deliver(
        lambda: read_sound(mix_wav),                  # the programme before normalising; called several times
        sample_rate=48_000,
        target=target("ebu-r128"),
        encode=write_track,                           # Callable[[Iterator[Samples]], Path]
        decode=read_sound,                            # Callable[[Path], Iterator[Samples]]
    )

``encode`` gets the normalised programme as blocks of float32 (samples, channels), writes the delivery codec (AAC in MP4) and
returns the path; it is called again, over the same path if it likes, until what ``decode`` reads back from it meets the target,
at most ``MAX_ENCODES`` times. The file of the last call is the delivered one. Only blocks are held in memory.

The gain is one number for the whole programme. Peaks that pass the ceiling with that gain, or because of the codec, go through
the limiter, and the result says by how much and for how long.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kling_post.sound.limiter import Samples, peak_curve, turned
from kling_post.sound.normalise import LimiterReport, Programme, TargetRefusedError, limiter_report, measure, plan_gain, settle
from kling_post.vocabulary import Loudness, LoudnessTarget

MAX_ENCODES = 5
WITHIN_LU = 0.1
"""How near to the target the encoded track must measure, whatever wider tolerance the target's standard grants."""
_CEILING_MARGIN_DB = 0.1
"""Kept below the target's ceiling from the second encode on, because each encode rings a little differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredLoudness:
    """What was asked, what was done, and what the encoded track measures."""

    target: LoudnessTarget
    source: Loudness
    """The programme before normalising."""
    gain_db: float
    """The one gain of the whole programme."""
    limiter: LimiterReport
    delivered: Loudness
    """Measured on the decoded delivery."""
    encodes: int
    path: Path
    note: str = ""
    """One sentence where something is to be said: the programme is silent, or too short to be measured, and was left so."""


def deliver(
    programme: Programme,
    *,
    sample_rate: int,
    target: LoudnessTarget,
    encode: Callable[[Iterator[Samples]], Path],
    decode: Callable[[Path], Iterable[Samples]],
    layout: str = "",
) -> DeliveredLoudness:
    """Normalise, encode, measure what was encoded, and correct until it meets the target.

    Args:
        programme: Gives the assembled programme as blocks, float32 (samples, channels); the same ones at every call.
        sample_rate: Of the programme and of what ``decode`` gives back.
        target: Integrated loudness and true-peak ceiling.
        encode: Writes blocks in the delivery codec and returns where.
        decode: Reads the encoded track back.
        layout: FFmpeg's name of the channel layout where the count does not tell it.

    Returns:
        The delivered track's loudness within 0.1 LU of the target and under its true-peak ceiling. A silent programme, or
        one under 0.4 s, is encoded as it is, with a note.

    Raises:
        TargetRefusedError: the target cannot be met without harm, or the codec does not let it be met.
        ValueError: ``programme`` or ``decode`` gave no block.
    """
    source = measure(programme(), sample_rate, layout)
    if not np.isfinite(source.integrated_lufs):
        return _left_as_it_is(programme, source, target, encode)
    plan, ceiling_dbtp, delivered, peaks = plan_gain(source, target), target.true_peak_dbtp, source, None
    for encodes in range(1, MAX_ENCODES + 1):
        if peaks is None and plan.true_peak_dbtp > ceiling_dbtp:
            peaks = peak_curve(programme())
        plan, reduction = settle(programme, plan, sample_rate=sample_rate, ceiling_dbtp=ceiling_dbtp, peaks=peaks, layout=layout)
        path = encode(turned(programme(), plan.gain_db, reduction))
        delivered = measure(decode(path), sample_rate, layout)
        off_lu = delivered.integrated_lufs - target.integrated_lufs
        over_db = delivered.true_peak_dbtp - target.true_peak_dbtp
        if abs(off_lu) <= WITHIN_LU and over_db <= 0:
            return DeliveredLoudness(
                target=target,
                source=source,
                gain_db=plan.gain_db,
                limiter=limiter_report(reduction, plan),
                delivered=delivered,
                encodes=encodes,
                path=path,
            )
        plan = plan.aimed_at(plan.aim_lufs - off_lu)
        if over_db > 0:
            ceiling_dbtp -= over_db + _CEILING_MARGIN_DB
    raise TargetRefusedError(
        f"After {MAX_ENCODES} encodes the sound measures {delivered.integrated_lufs:.2f} LUFS and {delivered.true_peak_dbtp:.2f} dBTP, "
        f"not {target.integrated_lufs:g} LUFS under {target.true_peak_dbtp:g} dBTP.",
        remedy="Raise the bit rate of the sound, or give a lower target.",
    )


def _left_as_it_is(
    programme: Programme, source: Loudness, target: LoudnessTarget, encode: Callable[[Iterator[Samples]], Path]
) -> DeliveredLoudness:
    path = encode(iter(programme()))
    short = source.duration_seconds < 0.4
    why = "The programme is too short to have an integrated loudness." if short else "The programme is silent below the gate of -70 LUFS."
    return DeliveredLoudness(
        target=target,
        source=source,
        gain_db=0.0,
        limiter=LimiterReport(),
        delivered=source,
        encodes=1,
        path=path,
        note=f"{why} Its sound was left as it is.",
    )
