import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.errors import InvalidInputError
from kling_post.review.verdicts import (
    Event,
    FindingWaived,
    NoteRemoved,
    NoteWritten,
    RetakeAsked,
    TakeChosen,
    Trimmed,
    VerdictGiven,
    VerdictLog,
    WaiverRemoved,
    fold,
    parse_event,
)

ONE, TWO = "1" * 16, "2" * 16


def test_the_later_word_stands_above_the_earlier() -> None:
    now = fold(
        [
            VerdictGiven(take=ONE, verdict="rejected"),
            VerdictGiven(take=TWO, verdict="approved"),
            VerdictGiven(take=ONE, verdict="needs_work"),
            VerdictGiven(take=TWO, verdict="none"),
        ]
    )
    assert now.of_take == {ONE: "needs_work"}


def test_what_is_taken_back_does_not_hold() -> None:
    note, waiver = NoteWritten(take=ONE, frame=4, text="A hand."), waived("flicker")
    events: list[Event] = [
        note,
        waiver,
        TakeChosen(shot="a", take=ONE),
        Trimmed(take=ONE, start=2, stop=9),
        RetakeAsked(shot="a", wanted=True, beside=1),
    ]
    now = fold(events)
    assert (len(now.notes), len(now.waivers), now.chosen, now.trims, now.retakes) == (1, 1, {"a": ONE}, {ONE: (2, 9)}, {"a": 1})
    back: list[Event] = [
        NoteRemoved(note=note.id),
        WaiverRemoved(waiver=waiver.id),
        TakeChosen(shot="a", take=None),
        Trimmed(take=ONE, start=None, stop=None),
    ]
    then = fold([*events, *back, RetakeAsked(shot="a", wanted=False, beside=1)])
    assert (then.notes, then.waivers, then.chosen, then.trims, then.retakes) == ((), (), {}, {}, {})


def waived(check: str) -> FindingWaived:
    return FindingWaived(subject="a.mp4", check=check, frames=(3, 9), reason="Meant.", expires=date(2027, 1, 31))


def test_an_event_that_comes_twice_counts_once() -> None:
    event = NoteWritten(take=ONE, frame=4, text="A hand.")
    assert len(fold([event, event]).notes) == 1


def test_events_come_back_as_they_were_written(tmp_path: Path) -> None:
    log = VerdictLog(tmp_path / "deep" / "verdicts.jsonl")
    log.append(NoteWritten(take=ONE, frame=4, text="Zwei\nZeilen \N{COLLISION SYMBOL}", by="mara"))
    log.append(waived("flicker"))
    now = log.read()
    assert (now.notes[0].text, now.notes[0].by, now.waivers[0].frames) == ("Zwei\nZeilen \N{COLLISION SYMBOL}", "mara", (3, 9))
    assert log.path.read_bytes().count(b"\n") == 2


@settings(deadline=None, max_examples=30)
@given(st.integers(min_value=1, max_value=400))
def test_a_line_cut_off_anywhere_costs_that_line_only(tmp_path_factory: pytest.TempPathFactory, kept: int) -> None:
    log = VerdictLog(tmp_path_factory.mktemp("log") / "verdicts.jsonl")
    log.append(VerdictGiven(take=ONE, verdict="approved"))
    whole = log.path.read_bytes()
    log.append(NoteWritten(take=TWO, frame=1, text="This line is cut."))
    second = log.path.read_bytes()[len(whole) :]
    log.path.write_bytes(whole + second[: min(kept, len(second) - 2)])
    log.append(VerdictGiven(take=TWO, verdict="rejected"))
    now = log.read()
    assert now.of_take == {ONE: "approved", TWO: "rejected"}
    assert (now.notes, now.torn_lines) == ((), 1)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"kind": "verdict", "take": "../../etc", "verdict": "approved"}, "take"),
        ({"kind": "verdict", "take": ONE, "verdict": "great"}, "verdict"),
        ({"kind": "note", "take": ONE, "frame": -1, "text": "x"}, "frame"),
        ({"kind": "note", "take": ONE, "frame": 1, "text": "   "}, "text"),
        ({"kind": "note", "take": ONE, "frame": 1, "text": "x" * 4001}, "text"),
        ({"kind": "trim", "take": ONE, "start": 9, "stop": 9}, "first to the one behind"),
        ({"kind": "trim", "take": ONE, "start": 9, "stop": None}, "first to the one behind"),
        ({"kind": "waive", "subject": "a", "check": "b", "frames": [4, 2], "reason": "r", "expires": "2027-01-01"}, "first to the one"),
        ({"kind": "waive", "subject": "a", "check": "b", "frames": None, "reason": "", "expires": "2027-01-01"}, "reason"),
        ({"kind": "format_disk"}, "kind"),
        ([], "it"),
    ],
)
def test_what_is_no_event_is_refused_with_the_place(data: object, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        parse_event(data)


def test_a_whole_line_that_is_no_event_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    path.write_text('{"kind": "verdict"}\n')
    with pytest.raises(InvalidInputError, match=r"verdicts.jsonl:1: "):
        VerdictLog(path).read()


WRITER = """
import sys
from pathlib import Path
from kling_post.review.verdicts import NoteWritten, VerdictLog
log = VerdictLog(Path(sys.argv[1]))
for number in range(100_000):
    log.append(NoteWritten(take="1" * 16, frame=number, text="x" * 500))
    print(number, flush=True)
"""


def test_what_was_reported_as_saved_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(40)]
        os.kill(writer.pid, signal.SIGKILL)
        said += [int(line) for line in writer.stdout]
    now = VerdictLog(path).read()
    assert [note.frame for note in now.notes][: len(said)] == said
    assert len(said) >= 40
