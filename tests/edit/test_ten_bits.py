"""Ten bits in, ten bits out: through cuts, trims and dissolves, into the master and its deliveries."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.conform import conform_clip
from kling_post.edit.master import render_master
from kling_post.edit.plan import plan_picture
from kling_post.edit.profiles import deliver_files, profile
from kling_post.edit.render import take_indexes
from kling_post.media.encode import H265_MASTER, FrameWriter
from kling_post.media.probe import probe
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind, Size

RATE = Fraction(24)
SIZE = Size(320, 180)


def ramp(turned: bool) -> NDArray[np.uint16]:
    """All 877 code values from black to white, once each over the picture."""
    place = np.arange(SIZE.width * SIZE.height).reshape(SIZE.height, SIZE.width)
    codes = 64 + place * 877 // place.size
    return np.ascontiguousarray(codes[::-1, ::-1] if turned else codes, dtype=np.uint16)


def write_take(path: Path, frames: int, *, turned: bool = False) -> Path:
    grey = np.full((SIZE.height // 2, SIZE.width // 2), 512, np.uint16)
    with FrameWriter(path, size=SIZE, rate=RATE, quality=H265_MASTER) as writer:
        for _ in range(frames):
            writer.write_planes(ramp(turned), grey, grey)
    return path


def luma(path: Path) -> list[NDArray[np.uint16]]:
    """Each frame's luma as the decoder has it, 16-bit integers of 10 bits."""
    with av.open(str(path)) as container:
        planes = [frame.planes[0] for frame in container.decode(video=0)]
        return [
            np.frombuffer(memoryview(plane), np.uint16).reshape(plane.height, plane.line_size // 2)[:, : plane.width].copy()
            for plane in planes
        ]


def entry(path: Path, **more: object) -> EditEntry:
    return EditEntry(path=path, facts=probe(path), shot_ids=(path.stem,), **more)  # type: ignore[arg-type]


@pytest.mark.slow
def test_ten_bits_go_through_a_trim_and_a_dissolve_into_every_ten_bit_delivery(tmp_path: Path) -> None:
    first = write_take(tmp_path / "one.mp4", 16)
    (second,) = deliver_files([write_take(tmp_path / "two.mp4", 16, turned=True)], profile("prores-hq"), folder=tmp_path / "prores")
    entries = [
        entry(first, trim_head_frames=3),
        entry(second.paths[0], join=JoinKind.DISSOLVE, dissolve_frames=6),
    ]
    timeline = assemble("ramp", entries, rate=RATE)
    assert timeline.bit_depth == 10
    master = render_master(timeline, target=target("streaming"), folder=tmp_path / "out")
    facts = probe(master.path)
    assert (facts.codec, facts.profile, facts.pixel_format, facts.frames) == ("hevc", "Main 10", "yuv420p10le", 23)
    assert (facts.color_primaries, facts.color_matrix, facts.color_range) == ("bt709", "bt709", "limited")
    written = [master.path]
    written += [deliver_files([master.path], profile(name), folder=tmp_path / name)[0].paths[0] for name in ("h265-main10", "prores-hq")]
    for path in written:
        facts = probe(path)
        assert (facts.bit_depth, facts.color_primaries, facts.color_transfer, facts.color_range) == (10, "bt709", "bt709", "limited")
        shown = luma(path)
        assert len(shown) == 23
        for place in (0, 5, 22):  # a trimmed head, a plain frame, the last
            assert len(np.unique(shown[place])) > 700
            assert np.abs(shown[place].astype(int) - ramp(place > 15)).mean() < 3
        # The dissolve's first frame has five sevenths of the ramp's steps, its fourth one seventh: 125, where 8 bits would have 32.
        assert len(np.unique(shown[7])) > 500
        assert len(np.unique(shown[10])) > 100


def test_whole_takes_of_ten_bits_are_copied(tmp_path: Path) -> None:
    paths = [write_take(tmp_path / f"{name}.mp4", 12) for name in ("a", "b")]
    timeline = assemble("copies", [entry(path) for path in paths], rate=RATE)
    plan = plan_picture(timeline, take_indexes(timeline))
    assert (plan.copied_frames, plan.encoded_frames) == (24, 0)


def test_an_edit_of_eight_bits_can_be_asked_for_and_is_said(tmp_path: Path) -> None:
    timeline = assemble("eight", [entry(write_take(tmp_path / "a.mp4", 4))], rate=RATE, bit_depth=8)
    assert "is rounded from 10 to 8 bits." in conform_clip(timeline.clips[0], timeline).notes
    master = render_master(timeline, target=target("streaming"), folder=tmp_path / "out")
    assert probe(master.path).bit_depth == 8
