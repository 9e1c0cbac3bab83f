"""A clip is decoded from the first moment where it is plain which one is meant, and never left to itself."""

import threading
from pathlib import Path

import pytest

from kling_post.cli import early, main
from kling_post.media.ahead import FramesAhead


def decoders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "decoder"]


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("KLING_POST_CACHE", raising=False)
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"no media")
    return path


def test_the_only_file_of_a_check_is_begun_and_handed_over(clip: Path) -> None:
    with early.decoder_begun(["check", "-q", str(clip)]):
        begun = early._begun[clip]
        assert early.frames_of(clip) is begun
        another = early.frames_of(clip)
        assert another is not begun
    begun.close()
    another.close()


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["seams", "CLIP"],
        ["check", "CLIP", "CLIP"],
        ["check", "--profile", "strict", "CLIP"],
        ["check", "--cache=folder", "CLIP"],
        ["check", "--help", "CLIP"],
        ["check", "absent.mp4"],
        ["check", "x" * 5000],
    ],
    ids=str,
)
def test_where_it_is_not_plain_nothing_is_begun(clip: Path, words: list[str]) -> None:
    others = decoders()
    with early.decoder_begun([str(clip) if word == "CLIP" else word for word in words]):
        assert not early._begun
        assert set(decoders()) <= set(others)


def test_with_a_cache_decoding_may_be_needless(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLING_POST_CACHE", "folder")
    with early.decoder_begun(["check", str(clip)]):
        assert not early._begun


def test_what_nobody_asked_for_is_let_go_of(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = decoders()
    assert main(["check", str(clip), "--no-such-option"]) == 2
    assert not early._begun
    assert set(decoders()) <= set(others)
    assert "No such option" in capsys.readouterr().err


def test_frames_that_were_not_begun_are_decoded_from_now_on(clip: Path) -> None:
    frames = early.frames_of(clip)
    assert isinstance(frames, FramesAhead)
    frames.close()
