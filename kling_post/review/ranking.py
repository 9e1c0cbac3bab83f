"""Which take of a shot to use, with the reasons, and which shot is best made once more.

The order is lexicographic, so that a person can follow it: a reviewer's word first, then what is wrong with the take, how well it joins
its neighbours, how much of it can be used, and last what it cost. No weights, no score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kling_post.vocabulary import FrameRange, Judgement, Severity

_WORD_ORDER = {"approved": 0, "": 1, "needs_work": 2, "rejected": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamFit:
    """How a take joins its neighbours in the edit."""

    fails: int
    reviews: int
    worst: str = ""
    """The worst of what was found there, in one sentence."""

    @property
    def order(self) -> tuple[int, int]:
        """Smaller is better."""
        return self.fails, self.reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A take as the ranking sees it."""

    take_id: str
    number: int
    frames: int
    rate: Fraction
    cost_usd: Decimal
    judgement: Judgement
    word: str = ""
    """A reviewer's: ``approved``, ``needs_work``, ``rejected`` or nothing."""
    trim: FrameRange | None = None
    """The frames that a reviewer marked as good."""
    seam_fit: SeamFit | None = None
    """None where its joins were not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedTake:
    """A take in its place."""

    take_id: str
    number: int
    usable: FrameRange
    """The longest stretch without a fail-level finding, inside what a reviewer marked."""
    usable_seconds: Fraction
    usd_per_usable_second: Decimal | None
    """None where nothing of it can be used."""
    reasons: tuple[str, ...]
    """Why it stands here, the weightiest first, each a few words."""

    @property
    def price_text(self) -> str:
        """``0.42`` or a dash."""
        return "\N{EN DASH}" if self.usd_per_usable_second is None else f"{self.usd_per_usable_second:.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedShot:
    """The takes of a shot, best first."""

    shot_id: str
    takes: tuple[RankedTake, ...]
    need: int
    """How much the shot needs another take: 0 none, 1 its best take is to review, 2 that one fails, 3 no take may be used."""
    need_words: str
    retake_usd: Decimal
    """What another take costs."""

    @property
    def next_words(self) -> str:
        """What a reviewer is told about another take; empty where none is needed."""
        return f"{self.need_words} Another take costs {self.retake_usd:.2f} USD." if self.need else ""


def usable_range(candidate: Candidate) -> FrameRange:
    """The longest stretch of frames that no fail-level finding touches, inside the reviewer's marks; empty where the whole take fails."""
    bounds = candidate.trim or FrameRange(0, candidate.frames)
    stop_at = min(bounds.stop, candidate.frames)
    bad: list[tuple[int, int]] = []
    for finding in candidate.judgement.findings:
        if finding.severity is Severity.FAIL:
            if finding.frames is None:
                return FrameRange(bounds.start, bounds.start)
            bad.append((finding.frames.start, finding.frames.stop))
    best = FrameRange(bounds.start, bounds.start)
    begin = bounds.start
    for start, stop in [*sorted(bad), (stop_at, stop_at)]:
        end = min(start, stop_at)
        if end - begin > best.frames:
            best = FrameRange(begin, end)
        begin = max(begin, stop)
    return best


def rank(shot_id: str, candidates: Sequence[Candidate], *, retake_usd: Decimal | None = None) -> RankedShot:
    """The takes of one shot in order, with reasons.

    Args:
        shot_id: Of the shot.
        candidates: Its takes.
        retake_usd: The price of another take; None takes the price of the last one.
    """
    in_order = sorted(candidates, key=_order)
    last_price = max(candidates, key=lambda one: one.number).cost_usd if candidates else Decimal(0)
    need, words = _need(in_order)
    return RankedShot(
        shot_id=shot_id,
        takes=tuple(_ranked(one) for one in in_order),
        need=need,
        need_words=words,
        retake_usd=last_price if retake_usd is None else retake_usd,
    )


def next_dollar(shots: Sequence[RankedShot]) -> tuple[RankedShot, ...]:
    """The shots that another take would help, the neediest first, then the cheapest."""
    return tuple(sorted((shot for shot in shots if shot.need), key=lambda shot: (-shot.need, shot.retake_usd, shot.shot_id)))


def _order(one: Candidate) -> tuple[object, ...]:
    counts = _counts(one.judgement)
    fit = one.seam_fit.order if one.seam_fit is not None else (0, 0)
    usable = usable_range(one).frames / one.rate
    return (_WORD_ORDER[one.word], counts["fail"], counts["review"], fit, -usable, one.cost_usd, one.number)


def _counts(judgement: Judgement) -> Mapping[str, int]:
    return {str(severity): sum(finding.severity is severity for finding in judgement.findings) for severity in Severity}


def _ranked(one: Candidate) -> RankedTake:
    usable = usable_range(one)
    seconds = Fraction(usable.frames) / one.rate
    price = None if not usable.frames else one.cost_usd * seconds.denominator / seconds.numerator
    return RankedTake(
        take_id=one.take_id,
        number=one.number,
        usable=usable,
        usable_seconds=seconds,
        usd_per_usable_second=price,
        reasons=_reasons(one, usable),
    )


def _reasons(one: Candidate, usable: FrameRange) -> tuple[str, ...]:
    reasons = [one.word.replace("_", " ") + " by a reviewer"] if one.word else []
    counts = _counts(one.judgement)
    for severity, words in ((Severity.FAIL, "failing"), (Severity.REVIEW, "to review")):
        if counts[severity]:
            checks = dict.fromkeys(finding.check for finding in one.judgement.findings if finding.severity is severity)
            reasons.append(f"{counts[severity]} {words}: {', '.join(checks)}")
    if not counts["fail"] and not counts["review"]:
        reasons.append("no findings to act on")
    if one.judgement.undetermined:
        reasons.append(f"{len(one.judgement.undetermined)} not determined")
    reasons.append(_fit_words(one.seam_fit))
    if usable.frames < one.frames:
        used = f"f{usable.start} to f{usable.stop - 1}" if usable.frames else "nothing"
        reasons.append(f"usable: {used}, {usable.frames} of {one.frames} frames")
    return tuple(reason for reason in reasons if reason)


def _fit_words(fit: SeamFit | None) -> str:
    if fit is None:
        return ""
    if not fit.fails and not fit.reviews:
        return "joins its neighbours cleanly"
    found = [f"{count} {word}" for count, word in ((fit.fails, "failing"), (fit.reviews, "to review")) if count]
    return f"joins: {', '.join(found)}" + (f" ({fit.worst})" if fit.worst else "")


def _need(in_order: Sequence[Candidate]) -> tuple[int, str]:
    """How badly another take is wanted, by the best take that there is."""
    if not in_order or in_order[0].word == "rejected":
        return 3, "No take may be used."
    best = in_order[0]
    if best.word == "approved":
        return 0, ""
    if best.word == "needs_work":
        return 2, "The best take needs work."
    counts = _counts(best.judgement)
    if counts["fail"]:
        return 2, f"Even the best take fails: {next(one.check for one in best.judgement.findings if one.severity is Severity.FAIL)}."
    if counts["review"]:
        return 1, "The best take has findings to review."
    return 0, ""
