"""From outcomes to figures: per check, per size of defect, per limit, against the peers, and against the goals."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kling_post.calibration.cases import Half, Kind
from kling_post.calibration.injectors.injector import LEAST_SHARE, Injector
from kling_post.calibration.injectors.registry import all_hard_negatives, all_injectors
from kling_post.calibration.run import Benchmark, Outcome
from kling_post.calibration.score import Tally, area_under_curve, iou, match
from kling_post.calibration.stepped import STEPPED_SHARE
from kling_post.calibration.sweeps import FACTORS, strictness
from kling_post.vocabulary import FrameRange, Severity

Ranges = Sequence[FrameRange | None]
Finder = Callable[[Outcome], Ranges]
"""Where somebody finds something in a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What was found where nothing is."""

    fail: int
    review: int
    seconds: float

    def per_ten_minutes(self, *, fail_only: bool) -> float:
        """Findings per ten minutes of footage."""
        return (self.fail if fail_only else self.fail + self.review) / max(self.seconds, 1e-9) * 600


def ours(check: str, bench: Benchmark) -> Finder:
    """Where a check finds something with its built-in limits; what it also finds in the untouched user's clip is left out."""
    known: dict[str, list[FrameRange | None]] = {}
    if bench.user_clips:
        for outcome in bench.outcomes:
            if outcome.case.kind is Kind.CLEAN:
                known.setdefault(outcome.case.footage, []).extend(each.frames for each in outcome.found if each.check == check)

    def found(outcome: Outcome) -> Ranges:
        ranges = [each.frames for each in outcome.found if each.check == check]
        if outcome.case.kind is not Kind.DEFECT:
            return ranges
        return [each for each in ranges if not any(_same(each, other) for other in known.get(outcome.case.footage, ()))]

    return found


def at_factor(check: str, factor: float) -> Finder:
    """Where a check finds something with its deciding limits scaled."""
    return lambda outcome: outcome.swept.get(check, {}).get(factor, ())


def tally(check: str, outcomes: Iterable[Outcome], finder: Finder, *, leave_out: Sequence[str] = ()) -> Tally:
    """Defects of visible size against findings; below that size a finding is neither right nor wrong, and misses do not count."""
    total = Tally()
    for outcome in outcomes:
        injector = all_injectors().get(outcome.case.name) if outcome.case.kind is Kind.DEFECT else None
        if injector is None:
            if _innocent(check, outcome):
                total += Tally(extras=len(finder(outcome)))
        elif injector.check == check and injector.name not in leave_out:
            found = match(outcome.truth, finder(outcome))
            total += found if is_visible(outcome, injector) else Tally(extras=found.extras)
    return total


def is_visible(outcome: Outcome, injector: Injector) -> bool:
    """Whether the file holds the defect at a size that people see."""
    return outcome.case.size >= injector.visible and _survived(outcome, injector)


def _survived(outcome: Outcome, injector: Injector) -> bool:
    """Whether coding has left most of the defect, or still enough to be seen."""
    return outcome.delivered_size >= LEAST_SHARE * min(outcome.case.size, injector.visible)


def dose(bench: Benchmark, injector: Injector) -> dict[tuple[float, float], Tally]:
    """Hits and misses by grain and size, of cases whose defect has survived the encoder."""
    finder = ours(injector.check, bench)
    doses: dict[tuple[float, float], Tally] = {}
    for outcome in bench.outcomes:
        if outcome.case.kind is Kind.DEFECT and outcome.case.name == injector.name and _survived(outcome, injector):
            key = (outcome.case.grain, outcome.case.size)
            doses[key] = doses.get(key, Tally()) + match(outcome.truth, finder(outcome))
    return doses


def alarms(bench: Benchmark, kind: Kind, check: str | None = None) -> Alarms:
    """What the checks say of clean clips or of hard negatives, apart from what they may say there."""
    fail = review = 0
    seconds = 0.0
    for outcome in bench.outcomes:
        if outcome.case.kind is not kind:
            continue
        seconds += outcome.seconds
        for each in outcome.found:
            if (check is None or each.check == check) and _innocent(each.check, outcome):
                fail += each.severity is Severity.FAIL
                review += each.severity is Severity.REVIEW
    return Alarms(fail=fail, review=review, seconds=seconds)


def curve(check: str, outcomes: Sequence[Outcome], *, leave_out: Sequence[str] = ()) -> float:
    """Area under the ROC curve of clips: a clip scores the strictest limits at which the check still speaks up in the right place."""
    positives, negatives = [], []
    for outcome in outcomes:
        swept = outcome.swept.get(check)
        if not swept:
            continue
        if outcome.case.kind is not Kind.DEFECT:
            if _innocent(check, outcome):
                negatives.append(max((strictness(check, factor) for factor in FACTORS if swept[factor]), default=0.0))
            continue
        injector = all_injectors()[outcome.case.name]
        if injector.check == check and injector.name not in leave_out and is_visible(outcome, injector):
            told = (factor for factor in FACTORS if match(outcome.truth, swept[factor]).hits)
            positives.append(max((strictness(check, factor) for factor in told), default=0.0))
    return area_under_curve(positives, negatives)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The factor that serves best on one half, and what it does on the other."""

    check: str
    factor: float
    setting: Tally
    report: Tally
    report_built_in: Tally


def best_setting(check: str, bench: Benchmark) -> Setting | None:
    """Choose by F1 on the setting half, the one nearest to 1 among equals; report on the other half."""
    halves = {half: [outcome for outcome in bench.outcomes if outcome.case.half is half] for half in Half}
    if not any(check in outcome.swept for outcome in bench.outcomes):
        return None
    tallies = {factor: tally(check, halves[Half.SETTING], at_factor(check, factor)) for factor in FACTORS}
    best = max(FACTORS, key=lambda factor: (round(tallies[factor].f1, 6), -abs(factor - 1)))
    return Setting(
        check=check,
        factor=best,
        setting=tallies[best],
        report=tally(check, halves[Half.REPORT], at_factor(check, best)),
        report_built_in=tally(check, halves[Half.REPORT], at_factor(check, 1.0)),
    )


def peer_finder(peer: str, check: str, freeze_frames: float) -> Finder:
    """Where a peer finds something that this check would report: long stills are freezes, short ones are repeats."""

    def found(outcome: Outcome) -> Ranges:
        ranges = outcome.peers.get(peer, ())
        if check == "freeze":
            return [each for each in ranges if each.frames > freeze_frames]
        if check == "duplicate_frames":
            return [FrameRange(each.start + 1, max(each.start + 1, each.stop)) for each in ranges if each.frames <= freeze_frames]
        return ranges

    return found


def peer_alarms(bench: Benchmark, check: str, finder: Finder) -> float:
    """Findings of a peer per ten minutes of clean footage and hard negatives."""
    innocent = [outcome for outcome in bench.outcomes if outcome.case.kind is not Kind.DEFECT and _innocent(check, outcome)]
    seconds = sum(outcome.seconds for outcome in innocent)
    return sum(len(finder(outcome)) for outcome in innocent) / max(seconds, 1e-9) * 600


def other_alarms(bench: Benchmark, injector: Injector) -> dict[str, int]:
    """Clips with this defect, of visible size, in which other checks speak up too."""
    counts: dict[str, int] = {}
    for outcome in bench.outcomes:
        case = outcome.case
        if case.kind is Kind.DEFECT and case.name == injector.name and is_visible(outcome, injector):
            for check in {each.check for each in outcome.found} - {injector.check}:
                counts[check] = counts.get(check, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _innocent(check: str, outcome: Outcome) -> bool:
    """Whether a finding of this check in this case is a false alarm: none of banding is where the coder itself has made bands."""
    if check == "banding" and outcome.coder_bands >= STEPPED_SHARE:
        return False
    if outcome.case.kind is Kind.CLEAN:
        return True
    return outcome.case.kind is Kind.HARD_NEGATIVE and check not in all_hard_negatives()[outcome.case.name].allowed


def _same(one: FrameRange | None, other: FrameRange | None) -> bool:
    if one is None or other is None:
        return one is other
    return iou(one, other) >= 0.5
