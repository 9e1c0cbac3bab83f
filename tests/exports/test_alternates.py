"""Other takes of a shot: with the edit where the format can, told where it cannot."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest

from kling_post.edit.timeline import Alternate, Timeline
from kling_post.exports import ale, csv, edl, fcpxml, xmeml
from kling_post.exports import otio as otio_export
from kling_post.exports.addresses import addressed
from kling_post.vocabulary import MediaFacts


@pytest.fixture
def choices(two_worlds: Timeline) -> Timeline:
    """The first shot has two other takes, one of them too short to begin at the same frame."""

    def other(number: int, frames: int) -> Alternate:
        path = Path(f"/footage/salt flats/caravan take {number}.mp4")
        facts: MediaFacts = replace(two_worlds.clips[0].facts, path=path, frames=frames)
        return Alternate(path=path, facts=facts, name=f"caravan take {number}", reel=f"CARAVAN{number}")

    second = replace(two_worlds.clips[1], alternates=(other(2, 96), other(3, 60)))
    return replace(two_worlds, clips=(two_worlds.clips[0], second, two_worlds.clips[2]))


def test_otio_has_them_as_media_references_beside_the_one_in_use(choices: Timeline, tmp_path: Path) -> None:
    otio_export.write(choices, tmp_path / "two.otio")
    clip = list(otio.adapters.read_from_file(str(tmp_path / "two.otio")).video_tracks()[0].find_clips())[1]
    references = clip.media_references()
    assert clip.active_media_reference_key == "DEFAULT_MEDIA"
    assert list(references) == ["DEFAULT_MEDIA", "caravan take 2", "caravan take 3"]
    assert references["caravan take 2"].target_url == "file:///footage/salt%20flats/caravan%20take%202.mp4"
    assert references["caravan take 3"].available_range.duration.value == 60


def test_fcpxml_has_an_audition_with_the_take_in_use_first(choices: Timeline, tmp_path: Path) -> None:
    fcpxml.write(choices, tmp_path / "two.fcpxml")
    (audition,) = ET.parse(tmp_path / "two.fcpxml").getroot().iter("audition")
    clips = audition.findall("asset-clip")
    assert audition.attrib["offset"] == clips[0].attrib["offset"] == "86448/24s"
    assert [clip.attrib["name"] for clip in clips] == ["caravan_2", "caravan take 2", "caravan take 3"]
    # Frames 48 to 90 are used: the third take ends at 60, so it is offered from its first frame.
    assert [(clip.attrib["start"], clip.attrib["duration"]) for clip in clips] == [
        ("48/24s", "42/24s"),
        ("48/24s", "42/24s"),
        ("0s", "42/24s"),
    ]


def test_formats_without_a_place_for_them_say_so(choices: Timeline, tmp_path: Path) -> None:
    for module, name in ((edl, "two.edl"), (xmeml, "two.xml")):
        assert "has no alternates: 2 other takes are not in it." in " ".join(module.write(choices, tmp_path / name))


def test_lists_have_them_as_files(choices: Timeline, tmp_path: Path) -> None:
    ale.write(choices, tmp_path / "two.ale")
    lines = (tmp_path / "two.ale").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in lines if "not in the edit" in line] == ["caravan take 2", "caravan take 3"]
    csv.write(choices, tmp_path / "two.csv")
    assert "caravan take 2.mp4; " in (tmp_path / "two.csv").read_text(encoding="utf-8-sig")


def test_their_paths_are_written_like_the_others(choices: Timeline) -> None:
    moved = addressed(choices, "/footage=D:\\rushes", Path("/exports"))
    assert str(moved.clips[1].alternates[0].location) == "D:\\rushes\\salt flats\\caravan take 2.mp4"
    assert Fraction(moved.clips[1].alternates[0].facts.rate) == 24
