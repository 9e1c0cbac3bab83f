"""Tracks of a project as stems of its edit: open ends closed, impossible places refused."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.timeline import Timeline
from kling_post.errors import InvalidInputError, MediaError
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.media.wav import write_wav
from kling_post.pipeline.tracks import stems
from kling_post.project.edit_list import EditList, Track, TrackClip
from kling_post.vocabulary import FrameRange, Size

RATE = Fraction(24)


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """Two seconds of picture."""
    with FrameWriter(tmp_path / "take.mp4", size=Size(32, 18), rate=RATE) as writer:
        for _ in range(48):
            writer.write(np.zeros((18, 32, 3), np.uint8))
    return assemble("edit", [EditEntry(path=tmp_path / "take.mp4", facts=probe(tmp_path / "take.mp4"), shot_ids=("one",))], rate=RATE)


def asked(folder: Path, *, seconds: float = 4, name: str = "theme.wav", **change: object) -> TrackClip:
    path = folder / name
    if seconds:
        write_wav(path, np.zeros((round(seconds * 48_000), 1), np.float32), 48_000)
    clip = TrackClip(path=path, record_frame=0, in_frame=0, out_frame=None, gain_db=-12.0, fade_in_frames=0, fade_out_frames=0, line=None)
    return replace(clip, **change)  # type: ignore[arg-type]


def stem_of(timeline: Timeline, *clips: TrackClip) -> list[tuple[FrameRange, FrameRange]]:
    (stem,) = stems(EditList(tracks=(Track(name="music bed", role="music", clips=clips),)), timeline)
    assert (stem.name, stem.role) == ("music bed", "music")
    return [(clip.source, clip.record) for clip in stem.clips]


def test_without_an_end_a_clip_ends_with_the_programme_the_file_or_the_next_clip(timeline: Timeline, tmp_path: Path) -> None:
    assert stem_of(timeline, asked(tmp_path, record_frame=10)) == [(FrameRange(0, 38), FrameRange(10, 48))]
    assert stem_of(timeline, asked(tmp_path, seconds=1.5, in_frame=6)) == [(FrameRange(6, 36), FrameRange(0, 30))]
    both = stem_of(timeline, asked(tmp_path), asked(tmp_path, name="b.wav", record_frame=20, in_frame=2, out_frame=12))
    assert both == [(FrameRange(0, 20), FrameRange(0, 20)), (FrameRange(2, 12), FrameRange(20, 30))]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"record_frame": 48}, "is to begin at frame 48 of the programme, which has 48"),
        ({"fade_in_frames": 30, "fade_out_frames": 30}, "its fades are longer than its 48 frames"),
        ({"in_frame": 96}, "and at frame 96 of its own"),
    ],
)
def test_what_does_not_fit_is_refused(timeline: Timeline, tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        stem_of(timeline, asked(tmp_path, **change))


def test_clips_over_each_other_and_files_without_sound_are_refused(timeline: Timeline, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="begins before music_bed_1 has ended"):
        stem_of(timeline, asked(tmp_path, out_frame=30), asked(tmp_path, name="b.wav", record_frame=20))
    with pytest.raises(MediaError, match="has no sound"):
        stem_of(timeline, asked(tmp_path, seconds=0, name="take.mp4"))
    with pytest.raises(MediaError, match="there is no such file"):
        stem_of(timeline, asked(tmp_path, seconds=0, name="gone.wav"))
