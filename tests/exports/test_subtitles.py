"""What is said in the shots, where it is heard in the programme."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kling_post.edit.timeline import Timeline
from kling_post.exports import fcpxml, srt, vtt
from kling_post.exports.placing import subtitles
from kling_post.vocabulary import DialogueLine, FrameRange


def line(start: int, stop: int, text: str = "Now.", speaker: str = "") -> DialogueLine:
    return DialogueLine(frames=FrameRange(start, stop), text=text, speaker=speaker)


@pytest.fixture
def spoken(two_worlds: Timeline) -> Timeline:
    """The first take's line runs across its own cut at 48; the last one's begins in the dissolve from 84."""
    across = line(40, 60, "We go on & on\nuntil <dawn>.", "Ana")
    one, two, three = two_worlds.clips
    clips = (replace(one, dialogue=(across,)), replace(two, dialogue=(across,)), replace(three, dialogue=(line(6, 30),)))
    return replace(two_worlds, clips=clips)


def test_srt_has_one_cue_for_each_line_in_order(spoken: Timeline, tmp_path: Path) -> None:
    notes = srt.write(spoken, tmp_path / "two.srt")
    assert (tmp_path / "two.srt").read_text() == (
        "1\n00:00:01,667 --> 00:00:02,500\nAna: We go on & on\nuntil <dawn>.\n"
        "\n2\n00:00:03,750 --> 00:00:04,750\nNow.\n"
    )  # fmt: skip
    assert "knows no speakers" in notes[0]


def test_vtt_names_the_voice_and_escapes_what_would_be_a_tag(spoken: Timeline, tmp_path: Path) -> None:
    vtt.write(spoken, tmp_path / "two.vtt")
    assert (tmp_path / "two.vtt").read_text() == (
        "WEBVTT\n\n1\n00:00:01.667 --> 00:00:02.500\n<v Ana>We go on &amp; on\nuntil &lt;dawn&gt;.\n"
        "\n2\n00:00:03.750 --> 00:00:04.750\nNow.\n"
    )  # fmt: skip


def test_a_line_that_is_trimmed_away_is_not_shown_and_one_in_the_sounds_lead_is(two_worlds: Timeline) -> None:
    first, second, third = two_worlds.clips
    second = replace(second, sound_shift_frames=-10, dialogue=(line(30, 36), line(40, 44)))
    assert [each.frames for each in subtitles(replace(two_worlds, clips=(first, second, third)))] == [FrameRange(40, 44)]


def test_an_edit_without_dialogue_says_so(two_worlds: Timeline, tmp_path: Path) -> None:
    assert "no dialogue lines" in srt.write(two_worlds, tmp_path / "two.srt")[0]
    assert (tmp_path / "two.srt").read_text() == ""
    vtt.write(two_worlds, tmp_path / "two.vtt")
    assert (tmp_path / "two.vtt").read_text() == "WEBVTT\n"


def test_times_of_broadcast_rates_are_rounded_to_the_millisecond() -> None:
    assert srt.clock(107_892, Fraction(30000, 1001), ".") == "00:59:59.996"


def test_fcpxml_has_them_as_captions_where_they_are_heard(spoken: Timeline, tmp_path: Path) -> None:
    notes = fcpxml.write(replace(spoken, language="pt-BR"), tmp_path / "two.fcpxml")
    clips = list(ET.parse(tmp_path / "two.fcpxml").getroot().iter("asset-clip"))
    found = [[caption.attrib for caption in clip.findall("caption")] for clip in clips]
    role = "SRT?captionFormat=SRT.pt-BR"
    name = "Ana: We go on & on until <dawn>."
    assert found == [
        [{"lane": "1", "offset": "40/24s", "name": name, "start": "86440/24s", "duration": "20/24s", "role": role}],
        [],
        [{"lane": "1", "offset": "246/24s", "name": "Now.", "start": "86490/24s", "duration": "24/24s", "role": role}],
    ]
    assert clips[0].findtext("caption/text") == "Ana: We go on & on\nuntil <dawn>."
    assert "a name stands before its line" in " ".join(notes)
