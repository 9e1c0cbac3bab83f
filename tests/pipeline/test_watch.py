import os
from pathlib import Path

import av
import numpy as np
import pytest

from kling_post.cli import main
from kling_post.pipeline.watch import Settling


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def put(path: Path, size: int, *, at: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, ns=(at, at))
    return path


def test_a_file_is_given_when_it_has_not_changed_for_long_enough_and_once(tmp_path: Path) -> None:
    clock = Clock()
    settling = Settling(folder=tmp_path, settle_seconds=2.0, clock=clock)
    clip = put(tmp_path / "day one" / "a.mp4", 10)
    given = []
    for clock.now in (0.0, 1.0, 2.0, 3.0):
        given.append(settling.look())
    assert given == [[], [], [clip], []]
    assert settling.waiting == 0


def test_a_file_that_still_grows_waits_and_a_changed_one_comes_again(tmp_path: Path) -> None:
    clock = Clock()
    settling = Settling(folder=tmp_path, settle_seconds=2.0, clock=clock)
    clip = put(tmp_path / "a.mov", 10)
    settling.look()
    for second in (1, 2, 3):
        clock.now = float(second)
        put(clip, 10 + second, at=second + 1)
        assert settling.look() == []
        assert settling.waiting == 1
    clock.now = 5.0
    assert settling.look() == [clip]
    put(clip, 13, at=99)
    settling.look()
    clock.now = 7.0
    assert settling.look() == [clip]


def test_what_is_no_clip_is_passed_over(tmp_path: Path) -> None:
    settling = Settling(folder=tmp_path, settle_seconds=0.0, clock=Clock())
    for name in ("notes.txt", "a.mp4.part", ".hidden.mp4", ".trash/b.mp4", "take.depth.mkv"):
        put(tmp_path / name, 10)
    put(tmp_path / "empty.mp4", 0)
    (tmp_path / "folder.mp4").mkdir()
    for _ in range(3):
        assert settling.look() == []


@pytest.mark.slow
def test_a_broken_file_costs_itself_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    with av.open(str(tmp_path / "good.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for frame in range(6):
            picture = np.random.default_rng(frame).integers(60, 190, (64, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    (tmp_path / "broken.mp4").write_bytes(b"no media at all")
    assert main(["watch", str(tmp_path), "--once", "--settle", "0", "--json"]) == 4
    told = {line["clip"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told.keys() == {"good.mp4", "broken.mp4"}
    assert told["broken.mp4"]["verdict"] == "unreadable"
    assert told["good.mp4"]["frames"] == 6
