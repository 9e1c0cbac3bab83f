"""Frames decoded ahead: the same frames, and a thread that always ends."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kling_post.errors import MediaError
from kling_post.media.ahead import FramesAhead
from kling_post.media.decode import decode
from kling_post.media.probe import probe


def decoders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "decoder"]


def test_the_frames_are_those_of_the_decoder_in_order(plain_clip: Path) -> None:
    with FramesAhead(plain_clip) as frames:
        ahead = [(view.index, view.seconds, np.array(view.luma)) for view in frames]
    for (index, seconds, luma), view in zip(ahead, decode(plain_clip), strict=True):
        assert (index, seconds) == (view.index, view.seconds)
        assert np.array_equal(luma, view.luma)


def test_a_frame_stays_whole_while_later_ones_are_decoded(plain_clip: Path) -> None:
    with FramesAhead(plain_clip) as frames:
        kept = list(frames)
    assert [view.index for view in kept] == list(range(40))
    assert all(np.array_equal(view.luma, again.luma) for view, again in zip(kept, decode(plain_clip), strict=True))


def test_leaving_in_the_middle_ends_the_thread(plain_clip: Path) -> None:
    with FramesAhead(plain_clip) as frames:
        assert next(iter(frames)).index == 0
    assert not decoders()


def test_never_looking_ends_the_thread_too(plain_clip: Path) -> None:
    with FramesAhead(plain_clip):
        pass
    assert not decoders()


def test_what_the_decoder_says_is_raised_where_the_frame_would_have_come(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not media at all")
    with FramesAhead(broken) as frames, pytest.raises(MediaError, match="not a media file"):
        list(frames)


def test_an_error_that_nobody_waits_for_is_not_raised(tmp_path: Path) -> None:
    with FramesAhead(tmp_path / "absent.mp4"):
        pass
    assert not decoders()


@pytest.mark.parametrize(
    "changes", [{}, {"rotation": 90}, {"pixel_format": "yuv420p10le"}, {"pixel_format": "yuv422p"}, {"sound_seconds": 0.5}], ids=str
)
def test_facts_are_the_same_whether_the_file_is_being_decoded_or_not(
    tmp_path: Path, clip_writer: Any, number_pictures: Any, changes: dict[str, Any]
) -> None:
    path = clip_writer(tmp_path / "clip.mp4", number_pictures(12), **changes)
    with FramesAhead(path) as frames:
        assert probe(path, known=frames.first_picture) == probe(path)
        assert len(list(frames)) == 12


def test_a_decoder_that_gives_nothing_knows_no_first_picture(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not media at all")
    with FramesAhead(broken) as frames:
        assert frames.first_picture() is None


def test_few_large_frames_wait_and_more_small_ones(plain_clip: Path) -> None:
    with FramesAhead(plain_clip) as frames:
        frames.first_picture()
        assert frames._ready.maxsize == 16


def test_decoding_begins_without_numpy_and_opencv() -> None:
    loaded = (
        "import sys, kling_post.cli, kling_post.media.ahead; print([name for name in ('numpy', 'cv2', 'typer') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.strip() == "[]"
