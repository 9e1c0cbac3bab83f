"""Stored series are whole or absent, whoever else measures the same file, and nothing half-written stays."""

from pathlib import Path

import numpy as np
import pytest

from kling_post.signals.cache import read_series, write_series
from kling_post.whole_files import publish

PUBLISH = "kling_post.signals.cache.publish"
SHA256 = "ab" + "0" * 62
SERIES = {"mean": np.arange(5, dtype=np.float64)}


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_a_killed_writer_left_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    left = tmp_path / "ab" / f".{SHA256}.luma.2.npz.k1ll3d__.part"
    left.write_bytes(b"half")
    write_series(tmp_path, SHA256, "luma", 2, SERIES)
    assert _names(tmp_path) == [f"{SHA256}.luma.2.npz"]


def test_two_who_measure_the_same_file_both_end_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def after_the_other(beside: Path, place: Path) -> None:
        monkeypatch.setattr(PUBLISH, publish)
        write_series(tmp_path, SHA256, "luma", 2, SERIES)
        publish(beside, place)

    monkeypatch.setattr(PUBLISH, after_the_other)
    write_series(tmp_path, SHA256, "luma", 2, SERIES)
    stored = read_series(tmp_path, SHA256, "luma", 2)
    assert stored is not None
    assert stored["mean"].tolist() == [0, 1, 2, 3, 4]
    assert _names(tmp_path) == [f"{SHA256}.luma.2.npz"]


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(beside: Path, place: Path) -> None:
        raise FileNotFoundError(beside)

    monkeypatch.setattr(PUBLISH, gone)
    with pytest.raises(FileNotFoundError):
        write_series(tmp_path, SHA256, "luma", 2, SERIES)
