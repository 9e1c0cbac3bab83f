"""What a chain hands on from clip to clip: what is shown, what would be right, and how a match that does harm is made smaller."""

from typing import Any, TypeAlias

import numpy as np
import pytest

from kling_post.edit.colour import ColourTransform
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.repair.fit_colour import fit_colour
from kling_post.repair.join import Found, Join
from kling_post.repair.matching import matched_pixels
from kling_post.repair.propose_colour import Chain, match_colour
from kling_post.repair.repairs import ApproachColour, CarryColour
from kling_post.repair.window import Window
from kling_post.vocabulary import JoinKind, Judgement, SeamReport

Cut: TypeAlias = Any
Shot: TypeAlias = Any
REPORT = SeamReport(
    outgoing="half0",
    incoming="half1",
    record_frame=8,
    planned=JoinKind.CONTINUE,
    seen=JoinKind.CONTINUE,
    properties=(),
    judgement=Judgement(),
)
TENTH_DARKER = ColourTransform(slope=(0.9, 0.9, 0.9))
MATCH, APPROACH = (("match colour", "half0", "half1"), ("approach colour", "half0", "half1"))


def window(shot: Shot, first: int, *, gains: tuple[float, ...] = (1.0,) * 8, opens_take: bool = False) -> Window:
    """Frames of the shot, each with its own gain."""
    frames = tuple(
        rgb_to_ycbcr420(np.clip(np.rint(255 * gain * shot(1.5 * (first + place))), 0, 255).astype(np.uint8))
        for place, gain in enumerate(gains)
    )
    return Window(frames=frames, opens_take=opens_take)


def join(timeline: Timeline, shot: Shot, gain: float) -> Join:
    incoming = window(shot, 8, gains=(gain,) * 8)
    before, after = timeline.clips
    return Join(report=REPORT, before=before, after=after, outgoing=window(shot, 0), incoming=incoming, twins=incoming, repeated_frames=0)


def proposed(join: Join, chain: Chain, *withheld: tuple[str, str, str]) -> tuple[Chain, list[Any]]:
    found = Found()
    return match_colour(join, chain, found, withheld), found.repairs


def test_a_chain_that_could_not_be_shown_comes_back_by_steps_that_are_not_seen(cut_in_two: Cut, shot: Shot) -> None:
    """All of the match, and half of it, would step by more than one per cent of the range."""
    ideal = ColourTransform(slope=(0.95, 0.95, 0.95))
    chain, (quarter,) = proposed(join(cut_in_two(), shot, 1.0), Chain(anchor="first", ideal=ideal))
    assert type(quarter) is ApproachColour
    assert quarter.share == 0.25
    assert quarter.transform.slope == pytest.approx((0.95**0.25,) * 3, abs=0.004)
    assert chain.shown == quarter.transform
    assert chain.ideal is not None
    assert chain.ideal.slope == pytest.approx(ideal.slope, abs=0.01)


def test_half_of_the_way_is_between_what_the_clip_before_shows_and_the_match(cut_in_two: Cut, shot: Shot) -> None:
    before = Chain(anchor="first", ideal=TENTH_DARKER, shown=TENTH_DARKER)
    chain, (half,) = proposed(join(cut_in_two(), shot, 1.05), before, MATCH)
    assert type(half) is ApproachColour
    assert half.transform.slope == pytest.approx(((0.9 * 0.9 / 1.05) ** 0.5,) * 3, abs=0.01)
    assert chain.shown == half.transform
    assert chain.ideal is not None
    assert chain.ideal.slope == pytest.approx((0.9 / 1.05,) * 3, abs=0.01)


def test_a_clip_that_is_only_carried_leaves_the_chain_knowing_the_match(cut_in_two: Cut, shot: Shot) -> None:
    before = Chain(anchor="first", ideal=TENTH_DARKER, shown=TENTH_DARKER)
    chain, (carried,) = proposed(join(cut_in_two(), shot, 1.05), before, MATCH, APPROACH)
    assert type(carried) is CarryColour
    assert carried.transform == chain.shown == TENTH_DARKER
    assert chain.ideal is not None
    assert chain.ideal.slope == pytest.approx((0.9 / 1.05,) * 3, abs=0.01)


def test_what_moves_nothing_and_helps_nothing_is_not_proposed(cut_in_two: Cut, shot: Shot) -> None:
    chain, repairs = proposed(join(cut_in_two(), shot, 1.0), Chain(anchor="half0"))
    assert repairs == []
    assert chain == Chain(anchor="half0")


def test_a_takes_first_frame_is_not_what_its_colour_is_fitted_to(shot: Shot) -> None:
    gains = (1.06, *(1.0,) * 7)
    fits = [
        fit_colour(matched_pixels(window(shot, 0), window(shot, 8, gains=gains, opens_take=opens_take))) for opens_take in (True, False)
    ]
    slopes = [fit.transform.slope[1] for fit in fits if fit is not None]
    assert slopes[0] == pytest.approx(1.0, abs=0.004)
    assert slopes[1] < 0.99


def test_of_twins_the_takes_first_frame_is_left_out_too(shot: Shot) -> None:
    incoming = window(shot, 6, gains=(1.06, *(1.0,) * 7), opens_take=True)
    fit = fit_colour(matched_pixels(window(shot, 0), incoming, repeated_frames=2))
    assert fit is not None
    assert fit.transform.slope[1] == pytest.approx(1.0, abs=0.004)
