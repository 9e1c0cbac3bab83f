"""Clips at another speed or rate by choice, and how their picture fits the frame."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plain_facts import plain_facts

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.conform import conform, conform_clip, take_frames
from kling_post.edit.flow import between
from kling_post.edit.picture import clip_frames
from kling_post.edit.plan import plan_picture
from kling_post.edit.render import take_indexes
from kling_post.errors import InvalidInputError
from kling_post.media.decode import decode
from kling_post.vocabulary import Cadence, Fit, FrameRange, Retime, Size

MakeTake = Callable[..., EditEntry]
RATE = Fraction(24)
SIZE = Size(160, 90)


def shown_frames(entry: EditEntry, rate: Fraction = RATE) -> list[int]:
    """Which of the take's frames each frame of the edit shows; -1 where it is none of them."""
    own = [view.luma.copy() for view in decode(entry.path)]
    timeline = assemble("speeds", [entry], rate=rate, size=entry.facts.size)
    clip = timeline.clips[0]
    frames = [planes[0].copy() for planes in clip_frames(clip, clip.source, timeline)]
    return [next((number for number, luma in enumerate(own) if np.array_equal(luma, frame)), -1) for frame in frames]


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        (Fraction(2), [0, 2, 4, 6, 8, 10]),
        (Fraction(1, 2), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11]),
        (Fraction(3, 2), [0, 2, 3, 5, 6, 8, 9, 11]),
    ],
)
def test_a_speed_leaves_out_or_repeats_frames_and_never_blends(make_take: MakeTake, speed: Fraction, expected: list[int]) -> None:
    take = replace(make_take("take", 12), retime=Retime(speed=speed))
    assert shown_frames(take) == expected


def test_film_in_a_broadcast_edit_runs_frame_for_frame_where_that_is_chosen(make_take: MakeTake) -> None:
    take = make_take("film", 12)
    assert shown_frames(replace(take, retime=Retime(cadence=Cadence.RETIME)), Fraction(25)) == list(range(12))
    decision = conform(take.facts, rate=Fraction(25), size=SIZE, retime=Retime(cadence=Cadence.RETIME))
    assert (decision.frames, decision.speed, decision.keeps_pitch) == (12, Fraction(25, 24), True)


def test_optical_flow_shows_own_frames_where_they_fall_and_new_ones_between(make_take: MakeTake) -> None:
    take = replace(make_take("slow", 8), retime=Retime(speed=Fraction(1, 3), cadence=Cadence.FLOW))
    shown = shown_frames(take)
    assert len(shown) == 24
    assert shown[1::3] == list(range(8))
    assert set(shown[2:-1:3] + shown[3::3]) == {-1}
    assert shown[0] == 0
    assert shown[-1] == 7


def test_a_moving_picture_lies_halfway_in_the_frame_between() -> None:
    rng = np.random.default_rng(3)
    texture = np.asarray(np.kron(rng.integers(40, 220, (12, 24)), np.ones((8, 8))), np.uint8)
    grey = np.full((48, 80), 128, np.uint8)

    def moved(by: int) -> NDArray[np.uint8]:
        return np.ascontiguousarray(np.roll(texture, by, axis=1)[:, 16:176])

    made = between((moved(0), grey, grey), (moved(6), grey, grey), 0.5)[0]
    inside = (slice(8, -8), slice(20, -20))
    assert np.abs(made[inside].astype(int) - moved(3)[inside]).mean() < 6
    assert np.abs(moved(0)[inside].astype(int) - moved(3)[inside]).mean() > 12


def test_nothing_is_made_up_across_a_cut() -> None:
    rng = np.random.default_rng(4)
    one, other = (rng.integers(0, 255, (90, 160), dtype=np.uint8) for _ in range(2))
    grey = np.full((45, 80), 128, np.uint8)
    assert between((one, grey, grey), (other, grey, grey), 0.3)[0] is one
    assert between((one, grey, grey), (other, grey, grey), 0.7)[0] is other


def test_what_is_retimed_is_encoded_and_what_is_not_is_copied(make_take: MakeTake) -> None:
    entries = [make_take("a", 24), replace(make_take("b", 24), retime=Retime(speed=Fraction(2)))]
    timeline = assemble("mixed", entries, rate=RATE, size=SIZE)
    plan = plan_picture(timeline, take_indexes(timeline))
    assert (plan.copied_frames, plan.encoded_frames) == (24, 12)


def test_a_variable_rate_cannot_run_frame_for_frame(make_take: MakeTake) -> None:
    take = make_take("take", 12)
    odd = replace(take, facts=replace(take.facts, constant_rate=False), retime=Retime(cadence=Cadence.RETIME))
    with pytest.raises(InvalidInputError, match="has a variable frame rate, which retime cannot start from"):
        assemble("odd", [odd], rate=RATE)
    with pytest.raises(ValueError, match="a tenth to ten times"):
        Retime(speed=Fraction(11))


@settings(max_examples=60, deadline=None)
@given(
    own=st.sampled_from([Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30), Fraction(60000, 1001)]),
    rate=st.sampled_from([Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(50)]),
    speed=st.fractions(Fraction(1, 8), Fraction(8), max_denominator=12),
    cadence=st.sampled_from([Cadence.AUTO, Cadence.RETIME, Cadence.NEAREST]),
    frames=st.integers(1, 400),
)
def test_frames_run_forward_inside_the_take_and_last_as_long_as_the_speed_says(
    own: Fraction, rate: Fraction, speed: Fraction, cadence: Cadence, frames: int
) -> None:
    facts = replace(FACTS, rate=own, frames=frames)
    found = conform(facts, rate=rate, size=SIZE, retime=Retime(speed=speed, cadence=cadence))
    shown = [found.take_frame(frame, facts) for frame in range(found.frames)]
    assert shown == sorted(shown)
    assert 0 <= shown[0] <= shown[-1] < frames
    assert found.frames == max(1, round(frames / found.step)) or (frames / found.step) % 1 == Fraction(1, 2)
    if found.step <= 1:
        assert set(shown) == set(range(frames))


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Fraction(30), "is 24 frames a second: 60 frames are shown twice, in a cadence of 1:2:1:1."),
        (Fraction(60), "is 24 frames a second: 360 frames are repeats, in a cadence of 3:2."),
        (Fraction(25), "is 24 frames a second: 10 frames are shown twice, one in 24."),
        (Fraction(12), "is 24 frames a second: 120 of 240 frames are left out, in a cadence of 1:0."),
    ],
)
def test_the_cadence_is_said(rate: Fraction, words: str) -> None:
    assert conform(replace(FACTS, frames=240), rate=rate, size=SIZE).notes[0] == words


FACTS = plain_facts(size=SIZE, rate=RATE, frames=240)


# ----------------------------------------------------------------------------------------------- fit, fill, crop


def framed(make_take: MakeTake, own: Size, fit: Fit) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The first frame in a frame of 160x90, and the take's own."""
    take = replace(make_take(f"take_{own}", 2, size=own), fit=fit)
    timeline = assemble("framed", [take], rate=RATE, size=SIZE)
    clip = timeline.clips[0]
    (planes,) = clip_frames(clip, FrameRange(0, 1), timeline)
    (view, *_) = ([each.luma.copy() for each in decode(clip.path, stop=1)],)
    assert [plane.shape for plane in planes] == [(90, 160), (45, 80), (45, 80)]
    return np.asarray(planes[0]), np.asarray(view[0])


def test_fit_leaves_bars_fill_covers_and_crop_keeps_pixels(make_take: MakeTake) -> None:
    square = Size(120, 120)
    fit, _ = framed(make_take, square, Fit.FIT)
    assert (fit[:, :34] == 16).all()
    assert (fit[:, -34:] == 16).all()
    assert not (fit[:, 40:120] == 16).all(axis=0).any()
    fill, _ = framed(make_take, square, Fit.FILL)
    assert not (fill == 16).all(axis=0).any()
    crop, own = framed(make_take, square, Fit.CROP)
    assert np.array_equal(crop[:, 20:140], own[14:104])
    assert (crop[:, :20] == 16).all()
    assert (crop[:, 140:] == 16).all()


def test_fill_shows_the_middle_at_the_size_that_covers(make_take: MakeTake) -> None:
    tall = Size(160, 180)
    fill, own = framed(make_take, tall, Fit.FILL)
    assert np.array_equal(fill, own[44:134])


def test_how_it_fits_is_said(make_take: MakeTake) -> None:
    words = {}
    for fit in Fit:
        timeline = assemble("framed", [replace(make_take("square", 2, size=Size(120, 120)), fit=fit)], rate=RATE, size=SIZE)
        words[fit] = conform_clip(timeline.clips[0], timeline).picture[0]
    assert words == {
        Fit.FIT: "scaled from 120x120 to 160x90 with black bars",
        Fit.FILL: "scaled from 120x120 to 160x90 and cut off",
        Fit.CROP: "cropped from 120x120 to 160x90, pixel for pixel",
    }


@pytest.mark.parametrize(
    ("speed", "source", "frames"),
    [
        (Fraction(1), FrameRange(3, 20), FrameRange(3, 20)),
        (Fraction(2), FrameRange(5, 10), FrameRange(10, 19)),
        (Fraction(1, 2), FrameRange(5, 10), FrameRange(2, 5)),
    ],
)
def test_a_clip_names_the_frames_of_its_take_that_it_shows(speed: Fraction, source: FrameRange, frames: FrameRange) -> None:
    entry = EditEntry(path=FACTS.path, facts=FACTS, shot_ids=("one",), retime=Retime(speed=speed))
    timeline = assemble("retimed", [entry], rate=RATE, size=SIZE)
    assert take_frames(replace(timeline.clips[0], source=source, record=FrameRange(0, source.frames)), timeline) == frames
