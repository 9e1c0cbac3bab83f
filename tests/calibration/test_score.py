"""Matching events and what comes of it."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.calibration.score import Event, Shape, Tally, area_under_curve, interval, iou, match, matches
from kling_post.vocabulary import FrameRange

ranges = st.builds(lambda start, length: FrameRange(start, start + length), st.integers(0, 40), st.integers(1, 12))
events = st.builds(lambda frames, shape: Event(frames=frames, shape=shape), ranges, st.sampled_from(Shape))
exact_events = st.builds(lambda frames, shape: Event(frames=frames, shape=shape), ranges, st.sampled_from([Shape.INSTANT, Shape.RUN]))


def _instant(start: int, stop: int) -> Event:
    return Event(frames=FrameRange(start, stop), shape=Shape.INSTANT)


def _run(start: int, stop: int) -> Event:
    return Event(frames=FrameRange(start, stop), shape=Shape.RUN)


@pytest.mark.parametrize(("start", "found"), [(9, True), (10, True), (11, True), (8, False), (12, False)])
def test_an_instant_is_found_to_one_frame(start: int, found: bool) -> None:
    assert matches(_instant(10, 11), FrameRange(start, start + 1)) is found


def test_a_long_finding_does_not_name_an_instant_in_it() -> None:
    assert not matches(_instant(10, 11), FrameRange(0, 96))


def test_a_run_is_found_by_half_of_the_union() -> None:
    assert matches(_run(10, 20), FrameRange(10, 15))
    assert not matches(_run(10, 20), FrameRange(10, 14))
    assert not matches(_run(10, 20), None)


def test_a_melting_cut_is_named_by_any_frame_of_it_and_one_beside_it() -> None:
    event = Event(frames=FrameRange(20, 28), shape=Shape.WITHIN)
    assert [matches(event, FrameRange(at, at + 1)) for at in (18, 19, 24, 28, 29)] == [False, True, True, True, False]


def test_a_fault_of_the_clip_told_twice_is_one_hit_and_no_false_alarm() -> None:
    event = Event(frames=FrameRange(0, 96), shape=Shape.CLIP)
    assert match([event], [None, None, FrameRange(0, 96)]) == Tally(hits=1)


def test_two_findings_of_one_cut_are_one_hit_and_one_false_alarm() -> None:
    assert match([_instant(10, 11)], [FrameRange(10, 11), FrameRange(11, 12)]) == Tally(hits=1, extras=1)


def test_a_finding_gives_way_so_that_both_events_are_named() -> None:
    truth = [_instant(10, 11), _instant(12, 13)]
    assert match(truth, [FrameRange(11, 12), FrameRange(10, 11)]) == Tally(hits=2)


@given(st.lists(exact_events, max_size=5), st.lists(ranges, max_size=5))
def test_every_event_and_every_finding_is_counted_once(truth: list[Event], found: list[FrameRange]) -> None:
    counts = match(truth, found)
    assert counts.hits + counts.misses == len(truth)
    assert counts.hits + counts.extras == len(found)


@given(st.lists(events, max_size=6))
def test_the_truth_itself_is_found_whole(truth: list[Event]) -> None:
    assert match(truth, [event.frames for event in truth]).misses == 0


@given(st.lists(exact_events, max_size=4), st.lists(ranges, max_size=4))
def test_no_other_pairing_names_more(truth: list[Event], found: list[FrameRange]) -> None:
    best = 0
    for order in permutations(range(max(len(truth), len(found)))):
        pairs = ((place, other) for place, other in enumerate(order) if place < len(truth) and other < len(found))
        best = max(best, sum(matches(truth[place], found[other]) for place, other in pairs))
    assert match(truth, found).hits == best


@given(st.lists(exact_events, max_size=4), st.lists(ranges, max_size=4), st.integers(0, 100))
def test_the_count_does_not_depend_on_where_the_clip_begins(truth: list[Event], found: list[FrameRange], later: int) -> None:
    moved = [Event(frames=event.frames.shifted(later), shape=event.shape) for event in truth]
    assert match(moved, [each.shifted(later) for each in found]) == match(truth, found)


@given(ranges, ranges)
def test_overlap_is_mutual_and_a_share(one: FrameRange, other: FrameRange) -> None:
    assert iou(one, other) == iou(other, one)
    assert 0 <= iou(one, other) <= 1
    assert (iou(one, other) == 1) == (one == other)


def test_figures_of_a_tally() -> None:
    counts = Tally(hits=8, misses=2, extras=4)
    assert (counts.recall, round(counts.precision, 4), round(counts.f1, 4)) == (0.8, 0.6667, 0.7273)
    assert math.isnan(Tally(extras=1).recall)
    assert Tally().f1 == 1


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_the_area_under_the_curve_turns_round_with_the_sides(positives: list[int], negatives: list[int]) -> None:
    assert area_under_curve(positives, negatives) == pytest.approx(1 - area_under_curve(negatives, positives))


def test_the_area_under_the_curve_of_a_perfect_order_is_one() -> None:
    assert area_under_curve([3, 4], [1, 2]) == 1
    assert area_under_curve([1, 1], [1, 1]) == 0.5


def test_the_interval_of_nine_in_ten() -> None:
    low, high = interval(9, 10)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)
