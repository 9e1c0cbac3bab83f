from dataclasses import replace
from fractions import Fraction

import pytest
from plain_facts import plain_facts, stereo

from kling_post.edit.conform import assumed_matrix, conform
from kling_post.vocabulary import Size

UHD = Size(3840, 2160)
SOUND = stereo(9)
KLING = plain_facts(size=UHD, frames=216, audio=SOUND)


def test_a_matching_take_is_left_alone_without_a_word() -> None:
    found = conform(KLING, rate=Fraction(24), size=UHD)
    assert found.untouched
    assert (found.frames, found.speed, found.notes) == (216, Fraction(1), ())


def test_film_rates_run_frame_for_frame_with_their_sound_a_thousandth_faster() -> None:
    found = conform(replace(KLING, rate=Fraction(24000, 1001)), rate=Fraction(24), size=UHD)
    assert (found.rate, found.frames, found.speed) == ("frame for frame", 216, Fraction(1001, 1000))
    assert [found.take_frame(index, KLING) for index in (0, 1, 215)] == [0, 1, 215]


def test_thirty_frames_become_twenty_four_by_leaving_out_one_in_five() -> None:
    facts = replace(KLING, rate=Fraction(30), frames=300)
    found = conform(facts, rate=Fraction(24), size=UHD)
    assert (found.rate, found.frames, found.speed) == ("same length", 240, Fraction(1))
    assert "60 of 300 frames are left out" in found.notes[0]
    shown = [found.take_frame(index, facts) for index in range(240)]
    assert len(set(shown)) == 240
    assert shown[:9] == [0, 1, 3, 4, 5, 6, 8, 9, 10]
    assert shown[-1] <= 299


def test_twenty_four_in_twenty_five_shows_one_frame_in_a_second_twice() -> None:
    found = conform(KLING, rate=Fraction(25), size=UHD)
    assert found.frames == 225
    shown = [found.take_frame(index, KLING) for index in range(225)]
    assert sorted(set(shown)) == list(range(216))
    assert "9 frames are shown twice" in found.notes[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": Size(1920, 1080)}, "is scaled from 1920x1080 to 3840x2160."),
        ({"size": Size(2880, 2880)}, "is scaled from 2880x2880 to 3840x2160 with black bars."),
        ({"color_range": "full"}, "is levels converted from full to limited range."),
        ({"color_matrix": "bt470bg"}, "is colour converted from smpte170m to BT.709."),
        ({"bit_depth": 10, "pixel_format": "yuv420p10le"}, "is rounded from 10 to 8 bits."),
        ({"pixel_format": "yuv422p"}, "is chroma converted from yuv422p to 4:2:0."),
        ({"rotation_degrees": 90}, "is turned by 90 degrees."),
    ],
)
def test_each_difference_of_the_picture_is_done_and_said(change: dict[str, object], words: str) -> None:
    found = conform(replace(KLING, **change), rate=Fraction(24), size=UHD)  # type: ignore[arg-type]
    assert not found.untouched
    assert words in found.notes


def test_missing_tags_are_assumed_by_size_and_said_but_the_picture_is_left_alone() -> None:
    large = conform(replace(KLING, color_matrix="unspecified"), rate=Fraction(24), size=UHD)
    assert large.untouched
    assert large.notes == ("carries no colour tags: taken as bt709 limited range.",)
    small = replace(KLING, color_matrix="unspecified", size=Size(720, 480))
    assert assumed_matrix(small) == "smpte170m"


def test_interlaced_takes_are_said() -> None:
    found = conform(replace(KLING, interlaced=True), rate=Fraction(24), size=UHD)
    assert found.notes == ("is interlaced: its two fields are shown as one frame, not taken apart.",)


def test_sound_that_is_missing_or_of_another_rate_is_said() -> None:
    assert conform(replace(KLING, audio=None), rate=Fraction(24), size=UHD).notes == ("has no sound: silence stands in.",)
    other = replace(KLING, audio=replace(SOUND, sample_rate=44_100))
    assert conform(other, rate=Fraction(24), size=UHD).notes == ("has sound of 44100 Hz: resampled to 48000 Hz.",)
