"""A textured shot that pans, cut in two files at any frame, the second half altered."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit.timeline import Timeline
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.wav import write_wav
from kling_post.pipeline.files import timeline_of_files
from kling_post.vocabulary import JoinKind, Size

ROWS, COLUMNS, RATE = 180, 320, Fraction(24)
Picture = NDArray[np.float32]
Shot = Callable[[float], Picture]
Cut = Callable[..., Timeline]


def coloured_shot(seed: int) -> Shot:
    """R'G'B' pictures (rows, columns, 3), 0 to 1, of a soft coloured texture after a pan of so many pixels."""
    random = np.random.default_rng(seed)
    rows, columns = 256, 512
    down, right = np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None]
    distance = np.hypot(down, right)
    distance[0, 0] = 1
    spectra = []
    for strength in (0.13, 0.05, 0.05):
        spectrum = (random.normal(size=distance.shape) + 1j * random.normal(size=distance.shape)) / distance**1.7
        spectrum[0, 0] = 0
        spectra.append(spectrum * (strength / np.fft.irfft2(spectrum, (rows, columns)).std()))

    @cache
    def picture(pan: float) -> Picture:
        turn = np.exp(-2j * np.pi * right * pan)
        light, one, two = (np.fft.irfft2(spectrum * turn, (rows, columns))[:ROWS, :COLUMNS] for spectrum in spectra)
        return np.clip(0.45 + np.stack([light + one, light - one / 2 + two / 2, light - two], axis=-1), 0.06, 0.92).astype(np.float32)

    return picture


def codes(picture: Picture) -> NDArray[np.uint8]:
    return np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def shot() -> Shot:
    return coloured_shot(4)


@pytest.fixture(scope="session")
def other_shot() -> Shot:
    return coloured_shot(99)


@pytest.fixture
def cut_in_two(tmp_path: Path, shot: Shot) -> Cut:
    """A timeline of two files: frames 0 to 15 of the shot, then frames from ``first`` on, altered; sound beside each where given."""

    def build(
        *,
        first: int = 16,
        change: Callable[[Picture], Picture] = lambda picture: picture,
        other: Shot | None = None,
        join: JoinKind = JoinKind.CONTINUE,
        sounds: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
        frames: int = 16,
    ) -> Timeline:
        halves = [
            [codes(shot(1.5 * place)) for place in range(frames)],
            [codes(change((other or shot)(1.5 * (first + place)))) for place in range(frames)],
        ]
        paths = []
        for number, pictures in enumerate(halves):
            path, sound = tmp_path / f"half{number}.mp4", None
            if sounds is not None:
                sound = tmp_path / f"half{number}.wav"
                write_wav(sound, iter([sounds[number]]), 48_000)
            quality = EncodeSettings(preset="veryfast", crf=14)
            with FrameWriter(path, size=Size(COLUMNS, ROWS), rate=RATE, quality=quality, sound=sound) as writer:
                for picture in pictures:
                    writer.write(picture)
            paths.append(path)
        return timeline_of_files("join", paths, join=join)

    return build
