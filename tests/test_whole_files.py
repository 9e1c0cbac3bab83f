"""A file is there whole or not at all."""

from pathlib import Path

import pytest

from kling_post.whole_files import part_path, whole_file, write_whole


def test_a_text_is_written_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "new" / "edit.edl"
    write_whole(path, "TITLE: é\r\nend\n", encoding="latin-1")
    assert path.read_bytes() == b"TITLE: \xe9\r\nend\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_whole(path, "old")

    def broken() -> None:
        with whole_file(path) as part:
            part.write_text("half of the n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_the_encoding_lacks_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "reel.edl", "日本", encoding="ascii")
    assert not list(tmp_path.iterdir())


def test_nothing_is_seen_under_the_name_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "take.json"
    with whole_file(path) as part:
        part.write_text("{}")
        assert part == part_path(path)
        assert not path.exists()
    assert path.read_text() == "{}"
