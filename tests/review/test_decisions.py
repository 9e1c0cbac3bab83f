from collections.abc import Callable
from pathlib import Path

import pytest

from kling_post.errors import InvalidInputError
from kling_post.review.decisions import ShotDecision, decide, decisions_path, read_decisions, write_decisions
from kling_post.review.ranks import ranked_shots
from kling_post.review.session import ReviewSession
from kling_post.review.verdicts import Event, RetakeAsked, TakeChosen, Trimmed, VerdictGiven, fold

TakeOf = Callable[[str, int], str]


def decided(
    session: ReviewSession, *events: Event, before: dict[str, ShotDecision] | None = None
) -> tuple[dict[str, ShotDecision], list[tuple[str, int]]]:
    verdicts = fold(events)
    decisions, retakes = decide(session, verdicts, ranked_shots(session, verdicts), before or {})
    return decisions, [(one.shot_id, one.number) for one in retakes]


def test_without_a_word_the_ranking_holds_and_nothing_is_ordered(session: ReviewSession, take_of: TakeOf) -> None:
    decisions, retakes = decided(session)
    assert decisions["one"].take == take_of("one", 1)
    assert retakes == []


def test_a_chosen_take_is_used_and_a_rejected_one_never(session: ReviewSession, take_of: TakeOf) -> None:
    chosen = TakeChosen(shot="one", take=take_of("one", 2))
    assert decided(session, chosen)[0]["one"].take == take_of("one", 2)
    decisions, _ = decided(session, chosen, VerdictGiven(take=take_of("one", 2), verdict="rejected"))
    assert decisions["one"].take == take_of("one", 1)
    assert decisions["one"].rejected == (take_of("one", 2),)


def test_a_shot_without_a_good_take_is_made_once_more(session: ReviewSession, take_of: TakeOf) -> None:
    words = [VerdictGiven(take=take_of("one", 1), verdict="rejected"), VerdictGiven(take=take_of("one", 2), verdict="needs_work")]
    decisions, retakes = decided(session, *words)
    assert retakes == [("one", 3)]
    assert (decisions["one"].take, decisions["one"].weak, decisions["one"].more_takes) == (None, (take_of("one", 2),), (1, 2, 3))
    assert decided(session, words[0])[1] == []


def test_applying_twice_buys_once(session: ReviewSession, take_of: TakeOf) -> None:
    word = VerdictGiven(take=take_of("two", 1), verdict="rejected")
    first, retakes = decided(session, word)
    again, more = decided(session, word, before=first)
    assert retakes == more == [("two", 2)]
    assert first == again


def test_a_take_that_nobody_wants_any_more_is_not_ordered_unasked(session: ReviewSession, take_of: TakeOf) -> None:
    first, _ = decided(session, VerdictGiven(take=take_of("two", 1), verdict="rejected"))
    assert first["two"].more_takes == (1, 2)
    again, retakes = decided(session, VerdictGiven(take=take_of("two", 1), verdict="approved"), before=first)
    assert (again["two"].more_takes, retakes) == ((1,), [])


def test_a_wish_for_another_take_is_met_by_one_take(session: ReviewSession) -> None:
    assert decided(session, RetakeAsked(shot="one", wanted=True, beside=2))[1] == [("one", 3)]
    assert decided(session, RetakeAsked(shot="one", wanted=True, beside=1))[1] == []


def test_decisions_come_back_as_they_were_written(session: ReviewSession, take_of: TakeOf, tmp_path: Path) -> None:
    decisions, _ = decided(session, Trimmed(take=take_of("one", 1), start=4, stop=40))
    write_decisions(tmp_path, decisions)
    assert read_decisions(tmp_path) == decisions
    assert read_decisions(tmp_path)["one"].trims == {take_of("one", 1): (4, 40)}


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "other", "shots": {}}', '{"schema": "kling-post decisions 1", "shots": {"a": {}}}'])
def test_damaged_decisions_are_refused(tmp_path: Path, text: str) -> None:
    decisions_path(tmp_path).parent.mkdir(parents=True)
    decisions_path(tmp_path).write_text(text)
    with pytest.raises(InvalidInputError, match="cannot be read as decisions"):
        read_decisions(tmp_path)
