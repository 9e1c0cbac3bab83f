"""Room tone laid under joins at which the noise floor steps: the quieter side is filled up to the louder one, never the other way round.

A clip's room reaches into the clips beside it: in full for as long as the seams listen, then eased out. Where a clip is shorter than
that it reaches on into the next one of the chain, so that filling one join opens none behind it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import SampleRange, SoundCorrection, ToneBand, ToneBed
from kling_post.edit.mix import clip_sound
from kling_post.edit.timeline import Clip, Timeline
from kling_post.repair.compare import measured
from kling_post.repair.fit_tone import buries, fitted_bed
from kling_post.repair.join import Declined
from kling_post.repair.repairs import Key, Prediction
from kling_post.repair.sound_repairs import LayTone
from kling_post.seams.limits import LIMITS
from kling_post.seams.sound import STRETCH_SECONDS, SoundStep, measure_sound
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import JoinKind, SeamReport

Stereo = NDArray[np.float32]

_EASED_SECONDS: Final = 4
_CARRIED: Final = "The room tone laid under the clip beside it goes on here."
_NO_NOISE: Final = "What one side has more of is no noise, or too little of it: nothing can be laid under the other one."
_BURIES: Final = "The noise of one side is louder than all that is heard on the other: it is no room tone but a sound of its own."


@dataclass(slots=True)
class _Laid:
    """What is laid on both sides of one join."""

    in_outgoing: list[ToneBed] = field(default_factory=list)
    in_incoming: list[ToneBed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Bed:
    """A bed found for the clip behind a join, or before it."""

    join: int
    forwards: bool
    bed: ToneBed
    buries: bool


def propose_tone(
    reports: Sequence[SeamReport], timeline: Timeline, *, withheld: Collection[Key] = ()
) -> tuple[tuple[LayTone, ...], tuple[Declined, ...]]:
    """Propose room tone for every join whose noise floor steps where the shot goes on; and what was declined.

    Args:
        reports: What the seams' room found, one for each join, in order.
        timeline: The edit, its trims made and its sound mended otherwise.
        withheld: Keys of repairs that have been tried and found wanting.

    Raises:
        MediaError: a take's sound cannot be read.
    """
    chain = _Chain(reports, timeline)
    laid: dict[int, _Laid] = {}
    declined = []
    for join, report in enumerate(reports):
        if not chain.steps(join):
            continue
        beds = [bed for forwards in (True, False) for bed in chain.beds(join, forwards=forwards)]
        if any((LayTone.kind, reports[each.join].outgoing, reports[each.join].incoming) in withheld for each in beds):
            continue
        if not beds or any(each.buries for each in beds):
            reason = _BURIES if beds else _NO_NOISE
            declined.append(Declined(outgoing=report.outgoing, incoming=report.incoming, kind=LayTone.kind, reason=reason))
            continue
        for each in beds:
            mine = laid.setdefault(each.join, _Laid())
            (mine.in_incoming if each.forwards else mine.in_outgoing).append(each.bed)
    return tuple(chain.repair(join, mine) for join, mine in sorted(laid.items())), tuple(declined)


class _Chain:
    """The edit's clips with their sound next to each join, read once."""

    def __init__(self, reports: Sequence[SeamReport], timeline: Timeline) -> None:
        self._reports = reports
        self._timeline = timeline
        self._pairs = list(pairwise(timeline.clips))
        self._ends: dict[tuple[int, bool], Stereo] = {}

    def end(self, join: int, *, outgoing: bool) -> Stereo:
        """What is heard for 3 s next to a join, (samples, 2)."""
        key = join, outgoing
        if key not in self._ends:
            sound = clip_sound(self._pairs[join][0 if outgoing else 1], self._timeline)
            most = STRETCH_SECONDS * self._timeline.sample_rate
            self._ends[key] = sound[-most:].copy() if outgoing else sound[:most].copy()
        return self._ends[key]

    def steps(self, join: int) -> bool:
        """Whether the noise floor steps too far at a join with sound on both sides, its level matched."""
        told = measured(self._reports[join], "room tone")
        if told is None or told.severity is None or not self._goes_on(join):
            return False
        return abs(self._step(self.end(join, outgoing=True), self.end(join, outgoing=False)).room_tone_step_db) > told.limit

    def beds(self, join: int, *, forwards: bool) -> Iterator[_Bed]:
        """The beds by which the room of the clip before a join reaches forwards, or that of the clip behind it backwards."""
        rate = self._timeline.sample_rate
        room, reach = self.end(join, outgoing=forwards), STRETCH_SECONDS * rate
        passed, eased = 0, _EASED_SECONDS * rate
        while 0 <= join < len(self._pairs) and self._goes_on(join) and passed < reach + eased:
            clip, under = self._pairs[join][1 if forwards else 0], self.end(join, outgoing=not forwards)
            length = self._sample(clip.record.stop) - self._sample(clip.record.start)
            # Where the clip meets its neighbour the bed stays in full: only the far end is eased.
            start, stop = (-reach, reach - passed) if forwards else (length - reach + passed, length + reach)
            bed = fitted_bed(
                room, under, rate, full=SampleRange(start=start, stop=stop), eased_samples=eased, seed=int(clip.facts.sha256[:8], 16)
            )
            if bed is None:
                return
            yield _Bed(join, forwards, _before_gain(bed, clip.gain_db), buries(bed, under))
            passed += length
            join += 1 if forwards else -1

    def repair(self, join: int, laid: _Laid) -> LayTone:
        """The beds of a join as a repair, with what it is foretold to change."""
        report, (before, after) = self._reports[join], self._pairs[join]
        tail, head = self.end(join, outgoing=True), self.end(join, outgoing=False)
        was = self._step(tail, head)
        now = self._step(self._end_with(before, laid.in_outgoing, outgoing=True), self._end_with(after, laid.in_incoming, outgoing=False))
        limits, told = LIMITS[JoinKind.CONTINUE], measured(report, "room tone")
        return LayTone(
            outgoing=report.outgoing,
            incoming=report.incoming,
            reason=_CARRIED if told is None or told.severity is None else told.message,
            in_outgoing=tuple(laid.in_outgoing),
            in_incoming=tuple(laid.in_incoming),
            predictions=(
                Prediction(
                    property="room tone", unit="dB", before=was.room_tone_step_db, after=now.room_tone_step_db, limit=limits.room_tone_db
                ),
                Prediction(property="loudness", unit="LU", before=was.level_step_lu, after=now.level_step_lu, limit=limits.loudness_lu),
            ),
        )

    def _goes_on(self, join: int) -> bool:
        report, clips = self._reports[join], self._pairs[join]
        sounds = all(clip.facts.audio is not None for clip in clips)
        return sounds and report.goes_on

    def _end_with(self, clip: Clip, beds: Sequence[ToneBed], *, outgoing: bool) -> Stereo:
        correction = clip.sound_correction or SoundCorrection()
        sound = clip_sound(replace(clip, sound_correction=replace(correction, tone_beds=tuple(beds))), self._timeline)
        most = STRETCH_SECONDS * self._timeline.sample_rate
        return sound[-most:] if outgoing else sound[:most]

    def _sample(self, frame: int) -> int:
        return frames_to_samples(frame, self._timeline.rate, self._timeline.sample_rate)

    def _step(self, tail: Stereo, head: Stereo) -> SoundStep:
        return measure_sound(tail, head, self._timeline.sample_rate)


def _before_gain(bed: ToneBed, gain_db: float) -> ToneBed:
    """The bed as it must be for the clip's gain to bring it to its level."""
    return replace(
        bed,
        bands=tuple(
            ToneBand(hertz=band.hertz, left_dbfs=band.left_dbfs - gain_db, right_dbfs=band.right_dbfs - gain_db) for band in bed.bands
        ),
    )
