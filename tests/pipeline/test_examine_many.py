"""Several files, each in a process of its own: what breaks one leaves the others."""

import multiprocessing
import os
import signal
import struct
import time
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kling_post.errors import MediaError
from kling_post.media.encode import FrameWriter
from kling_post.pipeline import examine_many as module
from kling_post.pipeline.examine import Examination
from kling_post.pipeline.examine_many import examine_many
from kling_post.vocabulary import Size, TakePlan


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    texture = np.random.default_rng(7).integers(60, 200, (90, 160, 3), dtype=np.uint8)
    with FrameWriter(path, size=Size(160, 90), rate=Fraction(24)) as writer:
        for shift in range(6):
            writer.write(np.roll(texture, shift, 1))
    return path


def hang(sender: Connection, path: Path, *_: Any) -> None:
    """A child that never comes back."""
    time.sleep(600)


def test_outcomes_stand_in_the_order_of_the_files_and_a_broken_one_costs_itself(clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    first, second, third = examine_many([broken, clip, tmp_path / "absent.mp4"], TakePlan(), processes=2)
    assert isinstance(first, MediaError)
    assert str(first).startswith(f"{broken}: not a media file")
    assert isinstance(second, Examination)
    assert second.facts.frames == 6
    assert isinstance(third, MediaError)
    assert "no such file" in str(third)


def as_named(sender: Connection, path: Path, *rest: Any) -> None:
    """A child that does what its file's name says, the way decoders do it."""
    if path.stem == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif path.stem == "half":
        os.write(sender.fileno(), struct.pack("!i", 1000) + b"the beginning of what it wanted to say")
        os._exit(139)
    elif path.stem == "hang":
        time.sleep(600)
    ORIGINAL(sender, path, TakePlan(), None, None)


class Clock:
    """Leaps beyond every limit once all outcomes but one are there; a progress that real time has no part in."""

    def __init__(self, files: int) -> None:
        self._files, self._done = files, 0

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        pass

    def advance(self, done: int) -> None:
        self._done = done

    def finish(self, note: str = "") -> None:
        pass

    def now(self) -> float:
        return REAL_TIME() + (1e6 if self._done == self._files - 1 else 0)


REAL_TIME = time.monotonic


def test_a_crash_a_hang_and_half_an_answer_cost_their_own_files_only(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [clip.rename(clip.with_stem("good")), *(clip.with_stem(name) for name in ("crash", "hang", "half"))]
    clock = Clock(len(files))
    monkeypatch.setattr(module, "_examined", as_named)
    monkeypatch.setattr(time, "monotonic", clock.now)
    good, crash, hang, half = examine_many(files, TakePlan(), processes=2, time_limit_seconds=3600, progress=clock)
    assert isinstance(good, Examination)
    assert good.facts.frames == 6
    assert "the decoder broke down on it (ended by SIGSEGV)" in str(crash)
    assert "could not be examined in 3600 s" in str(hang)
    assert "the decoder broke down on it (exit code 139)" in str(half)
    assert not multiprocessing.active_children()


def fault(sender: Connection, path: Path, *_: Any) -> None:
    """A child in which our own code goes wrong."""
    pytest.MonkeyPatch().setattr(module, "examine", broken)
    ORIGINAL(sender, path, TakePlan(), None, None)


def broken(*_: Any, **__: Any) -> Examination:
    raise KeyError("median")


ORIGINAL = module._examined


def test_a_fault_of_our_own_is_told_as_one_and_costs_one_file(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_examined", fault)
    (outcome,) = examine_many([clip], TakePlan())
    assert isinstance(outcome, MediaError)
    assert "something broke inside: KeyError: 'median'" in outcome.message


def test_a_decoder_that_hangs_is_stopped_at_the_time_limit(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_examined", hang)
    began = time.monotonic()
    (outcome,) = examine_many([clip], TakePlan(), time_limit_seconds=0.5)
    assert isinstance(outcome, MediaError)
    assert "could not be examined in 0.5 s" in str(outcome)
    assert time.monotonic() - began < 30
