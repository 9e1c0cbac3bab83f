import os
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from kling_post.edit import segments
from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.master import render_master
from kling_post.edit.segments import clean_segments
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind

MakeTake = Callable[..., EditEntry]


def _segment(folder: Path, name: str, size: int, age_seconds: float) -> Path:
    path = folder / name
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age_seconds,) * 2)
    return path


def test_the_oldest_go_first_and_the_current_ones_never(tmp_path: Path) -> None:
    old = [_segment(tmp_path, f"{age}.mp4", 100, age) for age in (10, 20, 30, 40)]
    current = _segment(tmp_path, "current.mp4", 1_000, 99_999)
    assert clean_segments(tmp_path, keep=[current], most_old_bytes=250) == 200
    assert sorted(path.name for path in tmp_path.iterdir()) == ["10.mp4", "20.mp4", "current.mp4"]
    assert clean_segments(tmp_path, keep=[current, *old], most_old_bytes=0) == 0
    assert clean_segments(tmp_path / "none", keep=[]) == 0


def test_half_written_files_of_dead_runs_go_those_of_living_ones_stay(tmp_path: Path) -> None:
    _segment(tmp_path, "dead.mp4.part", 70, 7_200)
    _segment(tmp_path, "living.mp4.part", 70, 5)
    assert clean_segments(tmp_path, keep=[]) == 70
    assert [path.name for path in tmp_path.iterdir()] == ["living.mp4.part"]


def test_an_edit_leaves_only_its_own_segments_where_there_is_no_room_for_old_ones(
    make_take: MakeTake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(dissolve_frames: int) -> None:
        entries = [make_take("a"), make_take("b", join=JoinKind.DISSOLVE, dissolve_frames=dissolve_frames)]
        render_master(assemble("edit", entries, rate=Fraction(24)), target=target("streaming"), folder=tmp_path / "out")

    def kept() -> set[str]:
        return {path.name for path in (tmp_path / "out" / ".work" / "segments").iterdir()}

    edit(6)
    first = kept()
    edit(8)
    assert first < kept()  # going back to six frames would cost nothing
    monkeypatch.setattr(segments.clean_segments, "__kwdefaults__", {"most_old_bytes": 0})
    edit(10)
    assert len(kept()) == len(first) == 1
    assert not kept() & first
