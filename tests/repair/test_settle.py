"""What is taken back after measuring again: the repair that did the harm, held against the join as it would be without it."""

from typing import Any

from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import Reframing
from kling_post.repair.repairs import CarryColour, DissolveOver, EaseFraming, MatchColour, Repair, TrimHead
from kling_post.repair.settle import taken_back
from kling_post.repair.sound_repairs import MatchLevel
from kling_post.vocabulary import JoinKind, Judgement, SeamProperty, SeamReport

AB: dict[str, Any] = {"outgoing": "a", "incoming": "b", "reason": ""}
BC: dict[str, Any] = {"outgoing": "b", "incoming": "c", "reason": ""}
DARKER = ColourTransform(slope=(0.9, 0.9, 0.9))
TRIM = TrimHead(**AB, frames=2)
LEVEL = MatchLevel(**AB, gain_db=-3.0)


def seam(outgoing: str, incoming: str, **steps: float) -> SeamReport:
    """A scorecard with limit 1 for each property, 0 for counts of frames; underscores stand for spaces."""
    return SeamReport(
        outgoing=outgoing,
        incoming=incoming,
        record_frame=10,
        planned=JoinKind.CONTINUE,
        properties=tuple(
            SeamProperty(name=name.replace("_", " "), measured=step, limit=0.0 if name.endswith("frames") else 1.0, unit="", severity=None)
            for name, step in steps.items()
        ),
        judgement=Judgement(),
    )


def matched(names: dict[str, Any], kind: type[MatchColour] = MatchColour) -> MatchColour:
    return kind(**names, transform=DARKER, anchor="a", fitted_pixels=1)


def kinds(*repairs: Repair, before: SeamReport, after: SeamReport, bare: SeamReport | None = None) -> dict[str, str]:
    """Of what is taken back at one join, by kind, with the notes."""
    return {each.repair.kind: each.note for each in taken_back(repairs, (before,), (bare or before,), (after,))}


def test_only_what_can_change_the_property_is_taken_back() -> None:
    taken = kinds(matched(AB), LEVEL, before=seam("a", "b", luma=0.2), after=seam("a", "b", luma=1.5))
    assert taken == {"match colour": "Measured in the finished programme, luma went from 0.20 to 1.50."}


def test_what_no_repair_of_the_join_can_change_takes_nothing_back() -> None:
    assert kinds(matched(AB), LEVEL, before=seam("a", "b", zoom=0.1), after=seam("a", "b", zoom=3.0)) == {}


def test_a_dissolve_changes_everything() -> None:
    taken = kinds(DissolveOver(**AB, frames=6), before=seam("a", "b", zoom=0.1), after=seam("a", "b", zoom=3.0))
    assert set(taken) == {"dissolve"}


def test_a_difference_that_the_trimmed_takes_have_too_is_not_the_repairs_doing() -> None:
    before, bare, after = seam("a", "b", black_level=0.1), seam("a", "b", black_level=1.3), seam("a", "b", black_level=1.4)
    assert kinds(TRIM, matched(AB), before=before, bare=bare, after=after) == {}
    assert set(kinds(TRIM, matched(AB), before=before, after=after)) == {"match colour"}


def test_a_trim_that_leaves_a_leap_is_taken_back_alone() -> None:
    before, after = seam("a", "b", repeated_frames=2, skipped_frames=0), seam("a", "b", repeated_frames=0, skipped_frames=1)
    assert set(kinds(TRIM, LEVEL, before=before, bare=after, after=after)) == {"trim head"}


def test_a_trim_of_two_frames_cannot_leap_over_twelve() -> None:
    before, after = seam("a", "b", skipped_frames=0), seam("a", "b", skipped_frames=12)
    assert kinds(TRIM, before=before, bare=after, after=after) == {}


def test_a_move_is_taken_back_where_the_trimmed_takes_moved_better() -> None:
    ease = EaseFraming(**AB, reframing=Reframing(eased_frames=12), pixels_at_1920=1.0)
    assert set(kinds(ease, before=seam("a", "b", framing=0.2), after=seam("a", "b", framing=2.0))) == {"ease framing"}


def of_chain(after: float) -> list[str]:
    """Which clips of a chain lose their colour where a join that is only carried over measures so."""
    repairs = (matched(AB), matched(BC, CarryColour))
    before = (seam("a", "b", luma=0.1), seam("b", "c", saturation=0.5))
    now = (seam("a", "b", luma=0.1), seam("b", "c", saturation=after))
    return [each.repair.incoming for each in taken_back(repairs, before, before, now)]


def test_a_chain_keeps_its_colour_where_a_carried_join_is_a_little_worse() -> None:
    assert of_chain(1.9) == []


def test_a_chain_loses_its_colour_where_a_carried_join_is_far_off() -> None:
    assert of_chain(2.5) == ["b", "c"]
