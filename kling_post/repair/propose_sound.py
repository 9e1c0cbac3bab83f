"""What could mend the sound of clips and joins: levels, clicks, channels, a constant, ends that are missing, takings-over.

A clip's own faults are mended wherever it stands. Levels and crossfades concern a join, and only one over which the shot goes on.
"""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.conform import conform_clip
from kling_post.edit.corrections import Crossfade, SampleRange
from kling_post.edit.mix import clip_sound, goes_on
from kling_post.edit.sound_mending import correlation, prediction, redrawn
from kling_post.edit.timeline import Clip, Timeline
from kling_post.repair.compare import measured
from kling_post.repair.repairs import Key, Prediction, Repair
from kling_post.repair.sound_repairs import CrossfadeSound, Declick, FadeEdges, FillTone, FixChannels, MatchLevel, RemoveDc
from kling_post.seams.sound import click_ratio
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import JoinKind, SeamReport

Stereo = NDArray[np.float32]

_MOST_GAIN_DB: Final = 12.0
_SILENT_LUFS: Final = -69.0
_FADES_SECONDS: Final = (0.002, 0.003, 0.005, 0.01)
_LONGEST_CROSSFADE_SECONDS: Final = 0.25
_SHORTEST_CROSSFADE_SECONDS: Final = 0.01
_LEAST_DC: Final = 0.003
"""-50 dBFS, as the check of DC offset has it."""
_DC_SPREAD: Final = 3.0
_ONE_SIDED_DB: Final = 20.0
_INVERTED: Final = -0.9
"""Correlation of left and right below which one of them is taken to be upside down."""
_AUDIBLE: Final = 10 ** (-55 / 20)
_SHORTEST_HOLE_SECONDS: Final = 0.02
_FORETOLD_FROM: Final = 32
"""Samples that a prediction is from: nearer to a clip's edge there is no telling a click from the break of the cut, which a fade mends."""
_EDGE_SECONDS: Final = 0.03
"""Clicks are looked for so near to a join; elsewhere they are the take's own."""
_CLICK_SIGMAS, _CLICK_LEVEL = 15.0, 10 ** (-50 / 20)
_CLICK_SECONDS, _SMEAR_SECONDS = 0.008, 0.002
"""A click lasts a millisecond or two; a codec draws some five more behind it."""
_OVER_OTHERS: Final = 3.0
"""How many times higher a click stands than anything else within 30 ms: percussion rings on and speech pulses."""


def propose_sound(reports: Sequence[SeamReport], timeline: Timeline, *, withheld: Collection[Key] = ()) -> tuple[Repair, ...]:
    """Propose repairs for the sound of every clip and of every join.

    Args:
        reports: What the seams' room found, one for each join, in order.
        timeline: The edit, its trims made already.
        withheld: Keys of repairs that have been tried and found wanting.

    Raises:
        MediaError: a take's sound cannot be read.
    """
    found: list[Repair] = []
    for clip in timeline.clips:
        if clip.facts.audio is not None:
            found += faults_of_clip(clip, clip_sound(clip, timeline), timeline.sample_rate)
    level = 0.0
    for report, (before, after) in zip(reports, pairwise(timeline.clips), strict=True):
        matched = _level(report, level) if report.goes_on else None
        level = matched.gain_db if matched is not None and matched.key not in withheld else level if report.goes_on else 0.0
        found += [] if matched is None else [matched]
        if before.facts.audio is not None and after.facts.audio is not None and not goes_on(before, after):
            found += _of_join(report, before, after, timeline, continuing=report.goes_on)
    return tuple(repair for repair in found if repair.key not in withheld)


# ----------------------------------------------------------------------------------------------- one clip


def faults_of_clip(clip: Clip, sound: Stereo, sample_rate: int) -> list[Repair]:
    """What could mend a clip's own sound, wherever it stands.

    Args:
        clip: Of the edit.
        sound: (samples, 2) as the mix has it.
        sample_rate: Of the edit.
    """
    repairs: list[Repair] = []
    name = clip.clip_id
    channels = _channel_fault(sound)
    if channels:
        fault, mend = channels
        repairs.append(FixChannels(outgoing=name, incoming=name, reason=fault, channels=mend))
    offset = _dc(sound, sample_rate)
    if any(offset):
        before = max(abs(each) for each in offset)
        foretold = Prediction(property="DC offset", unit="% of full scale", before=100 * before, after=0.0, limit=100 * _LEAST_DC)
        reason = f"The sound stands {100 * before:.2f} % of full scale off its zero line."
        repairs.append(RemoveDc(outgoing=name, incoming=name, reason=reason, offset=offset, predictions=(foretold,)))
    head, tail = _hole(sound[::-1], sample_rate), _hole(sound, sample_rate)
    if head or tail:
        missing = 1000 * (head + tail) / sample_rate
        foretold = Prediction(property="missing sound", unit="ms", before=missing, after=0.0, limit=1000 * _SHORTEST_HOLE_SECONDS)
        reason = f"The sound is {missing:.0f} ms shorter than the picture."
        repairs.append(FillTone(outgoing=name, incoming=name, reason=reason, head_samples=head, tail_samples=tail, predictions=(foretold,)))
    return repairs


def _channel_fault(sound: Stereo) -> tuple[str, str] | None:
    """What is wrong with the channels, and what ``SoundCorrection.channels`` mends it."""
    levels = np.sqrt(np.mean(sound.astype(np.float64) ** 2, axis=0))
    if levels.max() < _AUDIBLE:
        return None
    if 20 * np.log10(levels.max() / max(levels.min(), 1e-9)) >= _ONE_SIDED_DB:
        loud = "left" if levels[0] > levels[1] else "right"
        return f"Only the {loud} channel sounds.", f"{loud} on both"
    if correlation(sound[:, :1], sound[:, 1:]) < _INVERTED:
        return "The right channel is the left one upside down.", "right inverted"
    return None


def _dc(sound: Stereo, sample_rate: int) -> tuple[float, float]:
    """The constant in each channel, 0 where it is small or within what chance makes of the half-second means."""
    blocks = np.array([part.mean(axis=0, dtype=np.float64) for part in np.array_split(sound, max(1, len(sound) * 2 // sample_rate))])
    means, errors = blocks.mean(axis=0), blocks.std(axis=0) / max(1.0, len(blocks) ** 0.5)
    kept = [float(mean) if abs(mean) >= max(_LEAST_DC, _DC_SPREAD * error) else 0.0 for mean, error in zip(means, errors, strict=True)]
    return kept[0], kept[1]


def _hole(sound: Stereo, sample_rate: int) -> int:
    """Samples of digital silence at the end, where at least twice as much sound stands before it; 0 where none are missing."""
    heard = np.flatnonzero(np.abs(sound).max(axis=1) > 1e-6)
    missing = len(sound) - 1 - int(heard[-1]) if len(heard) else 0
    return missing if _SHORTEST_HOLE_SECONDS * sample_rate <= missing <= len(sound) // 3 else 0


# ----------------------------------------------------------------------------------------------- one join


def _level(report: SeamReport, before_db: float) -> MatchLevel | None:
    """The incoming clip's gain; the gain of the clip before carried on where nothing steps."""
    loudness = measured(report, "loudness")
    if loudness is None:
        return None
    steps = loudness.severity is not None
    gain = before_db - (loudness.measured if steps else 0.0)
    if not gain or abs(loudness.measured) > abs(_SILENT_LUFS) / 2:
        return None
    held = min(max(gain, -_MOST_GAIN_DB), _MOST_GAIN_DB)
    left = loudness.measured + held - before_db
    return MatchLevel(
        outgoing=report.outgoing,
        incoming=report.incoming,
        reason=loudness.message if steps else "The clip before it is brought to the chain's level; this clip goes along with it.",
        gain_db=held,
        predictions=(Prediction(property="loudness", unit="LU", before=loudness.measured, after=left, limit=loudness.limit),),
    )


def _of_join(report: SeamReport, before: Clip, after: Clip, timeline: Timeline, *, continuing: bool) -> list[Repair]:
    rate = timeline.sample_rate
    tail, head = clip_sound(before, timeline), clip_sound(after, timeline)
    repairs: list[Repair] = []
    near = round(_EDGE_SECONDS * rate)
    in_tail = _clicks(tail, rate, len(tail) - near, len(tail) - _FORETOLD_FROM)
    in_head = _clicks(head, rate, _FORETOLD_FROM, near)
    if in_tail or in_head:
        reason = "A click lies within 30 ms of the join."
        foretold = Prediction(property="clicks at the edge", unit="", before=len(in_tail) + len(in_head), after=0, limit=0)
        repairs.append(
            Declick(
                outgoing=before.clip_id,
                incoming=after.clip_id,
                reason=reason,
                in_outgoing=in_tail,
                in_incoming=in_head,
                predictions=(foretold,),
            )
        )
        for samples in in_tail:
            tail = redrawn(tail, samples)
        for samples in in_head:
            head = redrawn(head, samples)
    crossed = _crossfade(before, after, timeline) if continuing else None
    if crossed is not None:
        repairs.append(crossed)
    elif after.join is not JoinKind.DISSOLVE and (click := measured(report, "click")) is not None and click.severity is not None:
        seconds, left = _fade(tail, head, rate, click.limit)
        foretold = Prediction(property="click", unit="x", before=click.measured, after=left, limit=click.limit)
        repairs.append(
            FadeEdges(
                outgoing=before.clip_id,
                incoming=after.clip_id,
                reason=click.message,
                out_seconds=seconds,
                in_seconds=seconds,
                predictions=(foretold,),
            )
        )
    return repairs


def _fade(tail: Stereo, head: Stereo, sample_rate: int, limit: float) -> tuple[float, float]:
    """The shortest fade that takes the break below half its limit, and the break that is left; the longest where none does."""
    left = 0.0
    for seconds in _FADES_SECONDS:
        length = max(1, min(round(seconds * sample_rate), len(tail), len(head)))
        ramp = ((np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(length))[:, None]
        ends, begins = tail.copy(), head.copy()
        ends[-length:] *= ramp[::-1]
        begins[:length] *= ramp
        left = click_ratio(ends, begins, sample_rate)
        if left <= limit / 2:
            return seconds, left
    return _FADES_SECONDS[-1], left


def _crossfade(before: Clip, after: Clip, timeline: Timeline) -> CrossfadeSound | None:
    """A crossfade from what the incoming take holds before its first frame and the outgoing one behind its last."""
    rate = timeline.sample_rate
    if after.join is JoinKind.DISSOLVE or after.sound_shift_frames:
        return None
    longest = round(_LONGEST_CROSSFADE_SECONDS * rate)
    lead = min(frames_to_samples(after.source.start, timeline.rate, rate), longest)
    behind = conform_clip(before, timeline).frames - before.source.stop
    trail = min(frames_to_samples(max(behind, 0), timeline.rate, rate), longest)
    lead, trail = (lead if lead >= trail else 0), (trail if trail > lead else 0)
    if max(lead, trail) < _SHORTEST_CROSSFADE_SECONDS * rate:
        return None
    outgoing = clip_sound(before, timeline, trail_samples=trail)[-(lead + trail) :]
    incoming = clip_sound(after, timeline, lead_samples=lead)[: lead + trail]
    shorter = min(len(outgoing), len(incoming))
    rho = correlation(outgoing[:shorter], incoming[:shorter])
    seconds = (lead + trail) / rate
    return CrossfadeSound(
        outgoing=before.clip_id,
        incoming=after.clip_id,
        reason=f"The takes hold {1000 * seconds:.0f} ms of sound beyond the join, by which one can take over from the other.",
        crossfade=Crossfade(before_samples=lead, after_samples=trail, correlation=max(0.0, round(rho, 3))),
        seconds=seconds,
    )


def _clicks(sound: Stereo, sample_rate: int, start: int, stop: int) -> tuple[SampleRange, ...]:
    """Clicks between two samples: up to 8 ms that nothing before them foretells, with nothing like them within 30 ms."""
    around = round(0.2 * sample_rate)
    first, last = max(0, start - around), min(len(sound), stop + around)
    found: list[SampleRange] = []
    for channel in range(sound.shape[1]):
        found += [
            SampleRange(start=first + begin, stop=first + end)
            for begin, end in _isolated(_unforetold(sound[first:last, channel].astype(np.float64)), sample_rate)
            if start <= first + begin and first + end <= stop
        ]
    return tuple(dict.fromkeys(found))


def _unforetold(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a linear prediction from the samples before leaves over."""
    order = _FORETOLD_FROM
    if len(samples) < 4 * order or not samples.any():
        return np.zeros(len(samples))
    filters = np.concatenate([[1.0], -prediction(samples, order)])
    return np.asarray(np.convolve(samples, filters)[: len(samples)])


def _isolated(residual: NDArray[np.float64], sample_rate: int) -> list[tuple[int, int]]:
    """Where something short stands out, a codec's smear of it included, and nothing within 30 ms of it comes near."""
    height = np.abs(residual)
    sigma = max(1.4826 * float(np.median(height)), 2e-5)
    high = np.flatnonzero((height > _CLICK_SIGMAS * sigma) & (height > _CLICK_LEVEL))
    if not len(high):
        return []
    smear, apart = round(_SMEAR_SECONDS * sample_rate), round(_EDGE_SECONDS * sample_rate)
    found = []
    for group in np.split(high, np.flatnonzero(np.diff(high) > smear) + 1):
        begin, end = int(group[0]), int(group[-1]) + 1
        around = np.concatenate([height[max(0, begin - apart) : max(0, begin - smear)], height[end + smear : end + apart]])
        stands_out = height[begin:end].max() > _OVER_OTHERS * float(around.max(initial=0.0))
        if end - begin <= round(_CLICK_SECONDS * sample_rate) and stands_out:
            found.append((max(0, begin - 2), min(len(residual), end + 2)))
    return found
