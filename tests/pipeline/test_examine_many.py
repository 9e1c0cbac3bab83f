"""Several files, each in a process of its own: what breaks one leaves the others."""

import os
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


def crash(sender: Connection, path: Path, *_: Any) -> None:
    """A child that dies the way a decoder does."""
    os._exit(139)


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


def test_a_decoder_that_crashes_is_told_with_its_exit_code(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_examined", crash)
    (outcome,) = examine_many([clip], TakePlan())
    assert isinstance(outcome, MediaError)
    assert "broke down on it (exit code 139)" in str(outcome)


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
