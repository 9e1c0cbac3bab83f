"""A decoder that hangs is noticed, and costs its own file only."""

import multiprocessing
import time
from fractions import Fraction
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np
import pytest

from kling_post.errors import MediaError
from kling_post.media.encode import FrameWriter
from kling_post.pipeline import examine_many as many
from kling_post.pipeline import watchdog as module
from kling_post.pipeline.examine_many import examine_many
from kling_post.pipeline.watchdog import watched
from kling_post.progress import SILENT
from kling_post.vocabulary import Size, TakePlan


def hurried(monkeypatch: pytest.MonkeyPatch, silence_seconds: float) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", silence_seconds)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)


def test_silence_is_told_with_the_file_and_how_long_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch, 0.05)
    told: Queue[MediaError] = Queue()
    with watched(tmp_path / "clip.mp4", SILENT, told.put):
        error = told.get(timeout=20)
        time.sleep(0.2)
    assert str(error) == (
        f"{tmp_path / 'clip.mp4'}: could not be examined: nothing has come from the decoder for 0 s. The file may be damaged."
    )
    assert (error.exit_code, told.empty()) == (4, True)


def test_a_file_that_gives_frames_is_left_alone_however_long_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried(monkeypatch, 2.0)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 1.0)
    looks: list[int] = []

    class Ended:
        """Two hundred looks at once, with a frame between any two: no real time has a part in it."""

        def wait(self, _seconds: float) -> bool:
            looks.append(1)
            heard.advance(len(looks))
            return len(looks) == 200

    heard = module._Heard(SILENT)
    module._watch(tmp_path / "clip.mp4", heard, Ended(), lambda error: pytest.fail(str(error)))  # type: ignore[arg-type]
    assert len(looks) == 200


def test_a_large_file_has_the_time_that_reading_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "large.mov"
    with file.open("wb") as large:
        large.truncate(3_000_000_000)
    told: list[MediaError] = []

    class Never:
        def wait(self, _seconds: float) -> bool:
            return False

    module._watch(file, module._Heard(SILENT), Never(), told.append)  # type: ignore[arg-type]
    assert "for 420 s" in str(told[0])


def stuck(*_: Any, **__: Any) -> None:
    time.sleep(600)


def hung(*arguments: Any) -> None:
    """The child as it is, but its measuring never comes back and its watchdog is in a hurry."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(many, "examine", stuck)
        hurried(patches, 0.05)
        ORIGINAL(*arguments)


ORIGINAL = many._examined


def test_among_several_files_the_same_is_said_of_the_one_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = tmp_path / "clip.mp4"
    with FrameWriter(clip, size=Size(64, 36), rate=Fraction(24)) as writer:
        writer.write(np.zeros((36, 64, 3), np.uint8))
    monkeypatch.setattr(many, "_examined", hung)
    (outcome,) = examine_many([clip], TakePlan())
    assert isinstance(outcome, MediaError)
    assert outcome.message == f"{clip}: could not be examined: nothing has come from the decoder for 0 s."
    assert not multiprocessing.active_children()
