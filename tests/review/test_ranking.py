from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.review.ranking import Candidate, SeamFit, next_dollar, rank, usable_range
from kling_post.vocabulary import Finding, FrameRange, Judgement, Severity, Undetermined


def found(severity: Severity, frames: tuple[int, int] | None = None, check: str = "flicker") -> Finding:
    place = None if frames is None else FrameRange(*frames)
    return Finding(check=check, severity=severity, frames=place, measured=1.0, limit=0.5, unit="%", message="Off.")


def take(
    number: int, *findings: Finding, word: str = "", fit: SeamFit | None = None, cost: str = "2.40", trim: FrameRange | None = None
) -> Candidate:
    return Candidate(
        take_id=f"{number:016x}",
        number=number,
        frames=120,
        rate=Fraction(24),
        cost_usd=Decimal(cost),
        judgement=Judgement(findings=findings),
        word=word,
        seam_fit=fit,
        trim=trim,
    )


def order(*takes: Candidate) -> list[int]:
    return [one.number for one in rank("shot", takes).takes]


def test_fewer_failures_come_first_then_fewer_to_review() -> None:
    assert order(
        take(1, found(Severity.FAIL, (3, 5))), take(2, found(Severity.REVIEW), found(Severity.REVIEW)), take(3, found(Severity.REVIEW))
    ) == [3, 2, 1]


def test_a_reviewer_s_word_stands_above_what_was_found() -> None:
    takes = (take(1), take(2, found(Severity.FAIL), word="approved"), take(3, word="rejected"), take(4, word="needs_work"))
    assert order(*takes) == [2, 1, 4, 3]


def test_between_equal_takes_the_joins_decide_then_what_is_usable_then_the_price() -> None:
    rough, clean = SeamFit(fails=0, reviews=2, worst="Luma steps."), SeamFit(fails=0, reviews=0)
    assert order(take(1, fit=rough), take(2, fit=clean)) == [2, 1]
    assert order(take(1, trim=FrameRange(0, 60)), take(2)) == [2, 1]
    assert order(take(1, cost="4.20"), take(2, cost="2.10")) == [2, 1]
    assert order(take(2), take(1)) == [1, 2]


def test_the_reasons_say_why() -> None:
    fit = SeamFit(fails=1, reviews=0, worst="Luma steps by 3 %.")
    one = rank(
        "shot", [take(1, found(Severity.FAIL, (100, 104)), found(Severity.REVIEW, (2, 3), "jitter"), word="approved", fit=fit)]
    ).takes[0]
    assert one.reasons == (
        "approved by a reviewer",
        "1 failing: flicker",
        "1 to review: jitter",
        "joins: 1 failing (Luma steps by 3 %.)",
        "usable: f0 to f99, 100 of 120 frames",
    )


def test_cost_per_usable_second_is_exact() -> None:
    one = rank("shot", [take(1, found(Severity.FAIL, (0, 24)), cost="2.40")]).takes[0]
    assert one.usable == FrameRange(24, 120)
    assert one.usable_seconds == 4
    assert one.usd_per_usable_second == Decimal("0.6")
    nothing = rank("shot", [take(1, found(Severity.FAIL))]).takes[0]
    assert (nothing.usable.frames, nothing.usd_per_usable_second, nothing.price_text) == (0, None, "\N{EN DASH}")


def test_the_longest_stretch_without_a_failure_is_usable() -> None:
    assert usable_range(take(1, found(Severity.FAIL, (30, 40)), found(Severity.FAIL, (90, 95)))) == FrameRange(40, 90)
    assert usable_range(take(1, found(Severity.FAIL, (30, 40)), trim=FrameRange(10, 50))) == FrameRange(10, 30)
    assert usable_range(take(1, found(Severity.REVIEW, (30, 40)))) == FrameRange(0, 120)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 119), st.integers(1, 40)), max_size=6))
def test_no_longer_stretch_is_overlooked(places: list[tuple[int, int]]) -> None:
    spans = [(start, min(start + length, 120)) for start, length in places]
    bad = {frame for start, stop in spans for frame in range(start, stop)}
    runs, best = 0, 0
    for frame in range(120):
        runs = 0 if frame in bad else runs + 1
        best = max(best, runs)
    usable = usable_range(take(1, *(found(Severity.FAIL, span) for span in spans)))
    assert usable.frames == best
    assert not bad & set(range(usable.start, usable.stop))


def test_the_next_dollar_goes_to_the_neediest_then_the_cheapest() -> None:
    shots = [
        rank("good", [take(1)]),
        rank("to_review", [take(1, found(Severity.REVIEW))]),
        rank("fails_dear", [take(1, found(Severity.FAIL), cost="6.30")]),
        rank("fails_cheap", [take(1, found(Severity.FAIL), cost="2.10")]),
        rank("rejected", [take(1, word="rejected", cost="6.30")]),
        rank("approved", [take(1, found(Severity.FAIL), word="approved")]),
    ]
    assert [shot.shot_id for shot in next_dollar(shots)] == ["rejected", "fails_cheap", "fails_dear", "to_review"]
    assert shots[2].next_words == "Even the best take fails: flicker. Another take costs 6.30 USD."


def test_what_was_not_determined_is_said() -> None:
    open_question = Judgement(undetermined=(Undetermined(check="resolution", reason="Soft."),))
    one = Candidate(take_id="0" * 16, number=1, frames=24, rate=Fraction(24), cost_usd=Decimal(1), judgement=open_question)
    assert rank("shot", [one]).takes[0].reasons == ("no findings to act on", "1 not determined")
