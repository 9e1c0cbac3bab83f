"""What ffmpeg's own filters say, read as frames."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from kling_post.calibration.patterns import pan
from kling_post.calibration.peers import ask_peers, read_metadata
from kling_post.media.encode import H264_TAKE, FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import FrameRange, Size

SAID = """frame:4    pts:2048    pts_time:0.166667
lavfi.black_start=0.166667
lavfi.scd.time=0.166667
frame:6    pts:3072    pts_time:0.25
lavfi.black_end=0.25
frame:20   pts:9 pts_time:0.8
lavfi.freezedetect.freeze_start=0.833333
"""


def test_a_run_without_an_end_lasts_to_the_end_of_the_file() -> None:
    found = read_metadata(SAID, Fraction(24), 48)
    assert found["ffmpeg blackdetect"] == (FrameRange(4, 6),)
    assert found["ffmpeg freezedetect"] == (FrameRange(20, 48),)
    assert found["ffmpeg scdet"] == (FrameRange(4, 5),)


def test_ffmpeg_finds_black_frames_a_freeze_and_a_cut_where_they_are(tmp_path: Path) -> None:
    size = Size(160, 90)
    one, other = (list(pan(size, 36, np.random.default_rng(seed), pixels=2.0)) for seed in (1, 2))
    frames = [*one[:10], *[np.zeros_like(one[0])] * 2, *one[12:20], *[one[20]] * 6, *other[26:36]]
    path = tmp_path / "clip.mp4"
    with FrameWriter(path, size=size, rate=Fraction(24), sound=None, quality=H264_TAKE) as writer:
        for frame in frames:
            writer.write(frame)
    found = ask_peers(path, probe(path), ["black", "freeze", "cuts"], tmp_path)
    assert found["ffmpeg blackdetect"] == (FrameRange(10, 12),)
    assert FrameRange(20, 26) in found["ffmpeg freezedetect"]
    assert FrameRange(26, 27) in found["ffmpeg scdet"]
    assert [each.name for each in tmp_path.iterdir()] == ["clip.mp4"]


def test_tools_for_other_checks_are_not_started(tmp_path: Path) -> None:
    nowhere = tmp_path / "none.mp4"
    assert ask_peers(nowhere, None, ["jitter"], tmp_path) == {}  # type: ignore[arg-type]
