"""Frames decoded ahead: the same frames, and a thread that always ends."""

import threading
from pathlib import Path

import numpy as np
import pytest

from kling_post.errors import MediaError
from kling_post.media.ahead import FramesAhead
from kling_post.media.decode import decode


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
