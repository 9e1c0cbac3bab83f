"""The stored edit is the edit."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import PictureCorrection, Reframing
from kling_post.edit.timeline import Marker
from kling_post.edit.timeline_file import read_timeline, write_timeline
from kling_post.errors import InvalidInputError
from kling_post.vocabulary import FrameRange, JoinKind, Severity

MakeTake = Callable[..., EditEntry]


def test_nothing_of_an_edit_is_lost_in_its_file(make_take: MakeTake, tmp_path: Path) -> None:
    entries = [make_take("a"), make_take("bé", join=JoinKind.DISSOLVE, dissolve_frames=6)]
    marker = Marker(frames=FrameRange(1, 2), name="flicker", comment="ünd", severity=Severity.FAIL)
    timeline = assemble("été", entries, rate=Fraction(24), markers=(marker,))
    colour = ColourTransform(slope=(1.1, 1.0, 0.9), matrix=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.1, 0.9)))
    mended = PictureCorrection(colour=colour, reframing=Reframing(right=0.01, eased_frames=4))
    timeline = replace(timeline, clips=(timeline.clips[0], replace(timeline.clips[1], picture_correction=mended, metadata={"seed": "7"})))
    path = write_timeline(timeline, tmp_path / "été.mp4")
    assert path.name == "été.timeline.json"
    assert read_timeline(path) == timeline


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 99}, "is no edit stored by this version"),
        ({"format": "else"}, "is no edit stored by this version"),
        ({"timeline": {"name": "x"}}, "rate: Field required"),
    ],
)
def test_what_is_no_edit_of_this_version_is_refused(make_take: MakeTake, tmp_path: Path, change: dict[str, object], words: str) -> None:
    path = write_timeline(assemble("edit", [make_take("a", 4)], rate=Fraction(24)), tmp_path / "edit.mp4")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InvalidInputError, match=words):
        read_timeline(path)


def test_a_file_that_is_not_there_or_broken_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="there is no such file"):
        read_timeline(tmp_path / "no.timeline.json")
    (tmp_path / "broken.timeline.json").write_text("{")
    with pytest.raises(InvalidInputError, match="is no stored edit"):
        read_timeline(tmp_path / "broken.timeline.json")
