"""What the benchmark of seams comes to: classes, properties, trim counts, false alarms.

A property is *wrong* in a join where it truly steps by the dose in question or more, and *right* where it truly steps by at most half
its limit; joins between the two, and side effects of unknown size, are left out of its count. The dose is a multiple of the join's own
limit, which lies above the plain one where a clip is restless by itself (``seam_unrest``); what is right is held to the plain one.
Looks, sharpness, grain, framing and zoom are what they are in the file, by whatever was put in and by the encoder, at untouched joins as
at altered ones (``seam_looks``, ``seam_grain``, ``seam_leaps``). What is scored is the severity that the scorecard gives the row, limits
raised by the footage's own variation included.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kling_post.calibration.cases import Half
from kling_post.calibration.score import Tally
from kling_post.calibration.seam_alterations import ALTERATIONS, LIMIT_OF, MOVING
from kling_post.calibration.seam_cases import Join
from kling_post.calibration.seam_run import SeamOutcome
from kling_post.vocabulary import SeamProperty, Severity

REPEATS_OPEN = "seam.repeated_frames"
FRAMING_FAULTS = frozenset({Join.DROPPED, Join.SLOWED, Join.ECHO, Join.HELD})
"""Faults of time move the picture too: framing, zoom and velocity are not asked there."""
_ALSO_TOLD_AS = {name: (name, "skipped frames", "repeated frames") for name in ("framing", "zoom")}
"""A shift along the movement, or a zoom along a dolly, is what frames left out would do, and against it what frames that come twice would;
the scorecard tells it as one or the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Right answers out of so many."""

    right: int
    total: int
    open: int = 0
    """Of the total, those said to be undetermined."""

    @property
    def share(self) -> float:
        """Right of all; NaN of none."""
        return self.right / self.total if self.total else math.nan

    @property
    def wrong(self) -> int:
        """Neither right nor left open."""
        return self.total - self.right - self.open


def in_half(outcomes: Iterable[SeamOutcome], half: Half | None) -> tuple[SeamOutcome, ...]:
    """The outcomes of one half, or all."""
    return tuple(outcome for outcome in outcomes if half is None or outcome.case.half is half)


def row(outcome: SeamOutcome, name: str) -> SeamProperty | None:
    """A row of the scorecard."""
    return next((each for each in outcome.report.properties if each.name == name), None)


def flagged(outcome: SeamOutcome, name: str) -> bool:
    """Whether the scorecard finds a property beyond its limit."""
    found = row(outcome, name)
    return found is not None and found.severity is not None


def _told(outcome: SeamOutcome, name: str) -> bool:
    """Whether a fault of a property is found, by whatever row tells it."""
    return any(flagged(outcome, each) for each in _ALSO_TOLD_AS.get(name, (name,)))


def classes(outcomes: Sequence[SeamOutcome]) -> dict[str, Counted]:
    """By true class: how often the picture is read right."""
    kinds = sorted({outcome.truth.kind for outcome in outcomes})
    counted = {}
    for kind in kinds:
        of_kind = [outcome for outcome in outcomes if outcome.truth.kind == kind]
        seen = [None if outcome.report.seen is None else str(outcome.report.seen) for outcome in of_kind]
        counted[kind] = Counted(right=seen.count(kind), total=len(seen), open=seen.count(None))
    return counted


def truly_steps(outcome: SeamOutcome, name: str, dose: float) -> bool | None:
    """Whether a property steps by ``dose`` times its limit or more; None where that cannot be said or is too little to be asked."""
    if outcome.truth.kind != "continue" or name not in outcome.truth.steps:
        return None
    if outcome.case.join in FRAMING_FAULTS and name in MOVING:
        return None
    size = abs(outcome.truth.steps[name])
    # The strength is found on three frames, so the mean of all may lie a few per cent under the dose.
    if size >= 0.93 * dose * outcome.truth.limits[name]:
        return True
    return False if size <= 0.5 * LIMIT_OF[name] else None


def tally(outcomes: Sequence[SeamOutcome], name: str, dose: float) -> Tally:
    """One property at one dose and above."""
    counts = Tally()
    for outcome in outcomes:
        truth = truly_steps(outcome, name, dose)
        if truth is not None:
            found = _told(outcome, name) if truth else flagged(outcome, name)
            counts += Tally(hits=truth and found, misses=truth and not found, extras=found and not truth)
    return counts


def altered(outcomes: Iterable[SeamOutcome], name: str) -> tuple[SeamOutcome, ...]:
    """The joins that a fault of a property was put into."""
    return tuple(outcome for outcome in outcomes if outcome.case.alteration and ALTERATIONS[outcome.case.alteration].target == name)


def dose_response(outcomes: Sequence[SeamOutcome], name: str) -> dict[float, Counted]:
    """Of the joins altered for this property: how many were found at each dose."""
    asked = altered(outcomes, name)
    return {
        dose: Counted(right=sum(_told(each, name) for each in at), total=len(at))
        for dose in sorted({each.case.amount for each in asked})
        if (at := [each for each in asked if each.case.amount == dose])
    }


def trim_counts(outcomes: Sequence[SeamOutcome], keep: Callable[[SeamOutcome], bool]) -> Counted:
    """Exact counts of repeated frames for 0 to 12, among plain splits and echoes."""
    asked = [outcome for outcome in outcomes if outcome.case.join in {Join.PLAIN, Join.ECHO} and keep(outcome)]
    answered = [outcome for outcome in asked if not _left_open(outcome, REPEATS_OPEN)]
    right = sum(_count(outcome, "repeated frames") == outcome.truth.repeated_frames for outcome in answered)
    return Counted(right=right, total=len(asked), open=len(asked) - len(answered))


def held_counts(outcomes: Sequence[SeamOutcome], keep: Callable[[SeamOutcome], bool]) -> Counted:
    """Exact counts of held frames, among plain splits and holds."""
    asked = [outcome for outcome in outcomes if outcome.case.join in {Join.PLAIN, Join.HELD} and keep(outcome)]
    right = sum(_count(outcome, "held frames") == outcome.truth.held_frames for outcome in asked)
    return Counted(right=right, total=len(asked))


def dropped_counts(outcomes: Sequence[SeamOutcome], keep: Callable[[SeamOutcome], bool]) -> Counted:
    """Joins that skip frames and are marked for it, by whatever row."""
    asked = [outcome for outcome in outcomes if outcome.case.join is Join.DROPPED and keep(outcome)]
    right = sum(any(flagged(outcome, name) for name in ("skipped frames", "framing")) for outcome in asked)
    return Counted(right=right, total=len(asked))


def clean_in_file(outcome: SeamOutcome) -> bool:
    """Whether the encoder, too, leaves an untouched join without a step beyond a limit."""
    return all(abs(step) <= outcome.truth.limits[name] for name, step in outcome.truth.steps.items())


def false_alarms(outcomes: Sequence[SeamOutcome], *, fails_only: bool = False) -> Counted:
    """Plain splits with a finding at review level or above, of all plain splits."""
    plain = [outcome for outcome in outcomes if outcome.case.join is Join.PLAIN]
    alarmed = sum(
        any(finding.severity is Severity.FAIL or not fails_only for finding in outcome.report.judgement.findings) for outcome in plain
    )
    return Counted(right=alarmed, total=len(plain))


def _count(outcome: SeamOutcome, name: str) -> int:
    found = row(outcome, name)
    return 0 if found is None else round(found.measured)


def _left_open(outcome: SeamOutcome, check: str) -> bool:
    return any(question.check == check for question in outcome.report.judgement.undetermined)
