import dataclasses
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kling_post.errors import MediaError
from kling_post.reports.material import ReportMaterial
from kling_post.reports.reel import write_reel
from kling_post.reports.slates import TONES, caption, slate
from kling_post.vocabulary import Retime, Size

SMALL = Size(320, 180)


@pytest.fixture(scope="module")
def reel(material: ReportMaterial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reel(material, tmp_path_factory.mktemp("reel") / "reel.mp4", size=SMALL)


def test_each_clip_follows_its_slate(reel: Path) -> None:
    with av.open(str(reel)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert pictures[0].shape == (180, 320, 3)
    # Twice: a slate of 1.5 s and a clip of 1 s, at 24 frames a second.
    assert len(pictures) == 120
    # The first clip holds only what is said of the whole take; the second one holds the flicker.
    for first, tone in ((0, "review"), (60, "fail")):
        shown = [np.abs(picture[20:30, 0:3].astype(int) - TONES[tone]).max() < 40 for picture in pictures[first : first + 60]]
        assert shown == [True] * 36 + [False] * 24


def test_a_slowed_clip_is_shown_slowly_and_as_long_as_in_the_edit(material: ReportMaterial, tmp_path: Path) -> None:
    slow = dataclasses.replace(material.timeline.clips[0], retime=Retime(speed=Fraction(1, 2)))
    timeline = dataclasses.replace(material.timeline, clips=(slow, *material.timeline.clips[1:]))
    path = write_reel(dataclasses.replace(material, timeline=timeline), tmp_path / "slow.mp4", size=SMALL)
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 120


def test_nothing_half_written_stays(reel: Path) -> None:
    assert [path.name for path in reel.parent.iterdir()] == ["reel.mp4"]


def test_a_missing_take_is_said_before_anything_is_written(material: ReportMaterial, tmp_path: Path) -> None:
    clips = tuple(dataclasses.replace(clip, path=tmp_path / "gone.mp4") for clip in material.timeline.clips)
    broken = dataclasses.replace(material, timeline=dataclasses.replace(material.timeline, clips=clips))
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        write_reel(broken, tmp_path / "reel.mp4", size=SMALL)
    assert list(tmp_path.iterdir()) == []


def test_long_text_stays_inside_slate_and_caption(hostile: str) -> None:
    card = slate(SMALL, title=hostile, verdict="pass", lines=[hostile] * 12)
    assert card.shape == (180, 320, 3)
    assert (card[:, -20:] == card[0, -1]).all()
    bar = caption(SMALL, severity="fail", text=hostile)
    assert bar.shape[1:] == (320, 4)
    assert bar.shape[0] < 40
