"""Pops in the first and last frames, which have a neighbour on one side only."""

from typing import Any

import pytest

from kling_post.vocabulary import FrameRange, Severity


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("percent", [4, -6, 15])
def test_brighter_or_darker_frames_at_the_head_are_for_review(make: Any, count: int, percent: float) -> None:
    pictures = [16 + (picture - 16) * (1 + percent / 100) if place < count else picture for place, picture in enumerate(make.pan(48, 0.6))]
    (finding,) = make.ask("end_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(0, count))


def test_a_last_frame_of_another_colour_is_for_review(make: Any) -> None:
    subject = make.clip(pictures=make.pan(48, 0.6), grain=1, chroma=lambda place: (118, 144) if place == 47 else (118, 136)).subject()
    (finding,) = make.ask("end_frames", subject).findings
    assert finding.frames == FrameRange(47, 48)
    assert "colour" in finding.message


def test_steady_shots_fades_and_short_takes_have_no_odd_ends(make: Any) -> None:
    assert make.ask("end_frames", make.clip(pictures=make.pan(48, 1.5), grain=2).subject()).findings == ()
    fading = [16 + (picture - 16) * min(1.0, 0.1 + place / 24) for place, picture in enumerate(make.pan(48, 0.3))]
    assert make.ask("end_frames", make.clip(pictures=fading).subject()).findings == ()
    assert make.ask("end_frames", make.clip(pictures=make.pan(8, 1.5)).subject()).findings == ()
