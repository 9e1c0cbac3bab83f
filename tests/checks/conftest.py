"""Takes made of arrays: textured shots that move by any fraction of a pixel, measured by the real signals without a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from plain_facts import plain_facts

from kling_post.checks.check import Answer, Subject
from kling_post.checks.registry import all_checks
from kling_post.media.frames import FrameView
from kling_post.signals.registry import all_signals
from kling_post.vocabulary import AudioFacts, Finding, MediaFacts, Severity, Size, TakePlan

Picture = NDArray[np.float64]
ROWS, COLUMNS = 180, 320
RATE = Fraction(24)


@cache
def _spectrum(seed: int) -> tuple[NDArray[np.complex128], Picture]:
    random = np.random.default_rng(seed)
    rows, columns = 256, 512
    down, right = np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None]
    distance = np.hypot(down, right)
    distance[0, 0] = 1
    spectrum = (random.normal(size=distance.shape) + 1j * random.normal(size=distance.shape)) / distance**1.5
    spectrum[0, 0] = 0
    return np.asarray(spectrum / np.fft.irfft2(spectrum, (rows, columns)).std() * 30, np.complex128), np.asarray(right, np.float64)


@cache
def scene(seed: int, pan: float) -> Picture:
    """A 1/f^1.5 texture around code 110, panned by any number of pixels; the same numbers give the same picture."""
    spectrum, right = _spectrum(seed)
    moved = np.fft.irfft2(spectrum * np.exp(2j * np.pi * right * pan), (256, 512))
    picture = np.asarray(np.clip(110 + moved[:ROWS, :COLUMNS], 20, 230))
    picture.setflags(write=False)  # every test that asks for it is given this one
    return picture


def pan(frames: int, speed: float, *, seed: int = 1, start: float = 0.0) -> list[Picture]:
    """A shot that pans evenly, in pixels per frame."""
    return [scene(seed, start + speed * place) for place in range(frames)]


def moving_part(places: Sequence[float], other: Sequence[float] = ()) -> list[Picture]:
    """A camera at rest: a thirteenth of the picture moves to these places, and another part of it to its own."""
    pictures = []
    for index, place in enumerate(places):
        picture = scene(1, 0.0).copy()
        picture[60:124, 40:110] = scene(2, round(float(place), 3))[60:124, 40:110]
        if len(other):
            picture[20:60, 220:280] = scene(3, round(float(other[index]), 3))[20:60, 220:280]
        pictures.append(picture)
    return pictures


def facts(frames: int, **changes: Any) -> MediaFacts:
    """Facts of a plain 8-bit take of the test size."""
    return plain_facts(**{"size": Size(COLUMNS, ROWS), "rate": RATE, "frames": frames, **changes})


def audio(seconds: Fraction, start: Fraction = Fraction(0)) -> AudioFacts:
    """Facts of a stereo track."""
    return AudioFacts(codec="aac", sample_rate=48_000, channels=2, layout="stereo", start_seconds=start, duration_seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Luma pictures in 8-bit codes with even chroma."""

    pictures: Sequence[Picture]
    grain: float = 0.0
    chroma: Callable[[int], tuple[float, float]] = lambda _: (118.0, 136.0)
    bit_depth: int = 8

    def subject(self, plan: TakePlan | None = None, *, signals: Sequence[str] | None = None, **changes: Any) -> Subject:
        """Measure the clip with every signal (or those named)."""
        cv2.setNumThreads(1)  # as when files are measured: with more, flow races against itself and is another one each time
        clip_facts = facts(len(self.pictures), bit_depth=self.bit_depth, **changes)
        names = all_signals() if signals is None else signals
        collectors = {name: all_signals()[name].collector(clip_facts) for name in names}
        previous = None
        for view in self._views(clip_facts.rate):
            for collector in collectors.values():
                collector.add(view, previous)
            previous = view
        measured = {name: collector.finish() for name, collector in collectors.items()}
        return Subject(facts=clip_facts, plan=plan or TakePlan(), signals=measured, loudness=None)

    def _views(self, rate: Fraction) -> list[FrameView]:
        random = np.random.default_rng(7)
        scale = 1 << (self.bit_depth - 8)
        kind: Any = np.uint8 if self.bit_depth == 8 else np.uint16
        views = []
        for index, picture in enumerate(self.pictures):
            noisy = picture + random.normal(0, self.grain, picture.shape) if self.grain else picture
            luma = np.clip(np.round(noisy * scale), 0, (256 * scale) - 1).astype(kind)
            blue, red = (np.full((ROWS // 2, COLUMNS // 2), round(code * scale), kind) for code in self.chroma(index))
            views.append(
                FrameView(index=index, seconds=index / rate, bit_depth=self.bit_depth, luma=luma, chroma_blue=blue, chroma_red=red)
            )
        return views


def ask(name: str, subject: Subject, **limits: Any) -> Answer:
    """One check's answer, with its own limits or changed ones."""
    from dataclasses import replace

    check = all_checks()[name]
    return check.judge(subject, replace(check.limits, **limits))  # type: ignore[type-var]


def severe(answer: Answer) -> list[Finding]:
    """Findings that are more than notes."""
    return [finding for finding in answer.findings if finding.severity is not Severity.INFO]


@pytest.fixture(scope="session")
def make() -> Any:
    """The functions above, for test modules (which cannot import a conftest)."""

    class Make:
        clip = Clip
        facts = staticmethod(facts)
        audio = staticmethod(audio)
        pan = staticmethod(pan)
        moving_part = staticmethod(moving_part)
        scene = staticmethod(scene)
        ask = staticmethod(ask)
        severe = staticmethod(severe)

    return Make
