"""Both sides' sound at a join: how far the level steps, and whether the waveform breaks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

STRETCH_SECONDS = 3
"""Sound taken from each side: one short-term window of EBU Tech 3341."""
_CLICK_SECONDS = 0.05
_SILENT_LUFS = -70.0
"""The absolute gate of ITU-R BS.1770: what is quieter counts as silence."""
_AUDIBLE_STEP = 10 ** (-50 / 20)
"""Smaller steps than -50 dBFS are not heard as a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStep:
    """What the sound does at a join."""

    loudness_before_lufs: float
    """Short-term loudness of the stretch before the join, the whole stretch's where it is shorter than 3 s; -70 at the least."""
    loudness_after_lufs: float
    click_ratio: float
    """The waveform's step at the join over the largest step that the sound makes by itself within 50 ms of it; 0 where inaudible."""

    @property
    def loudness_step_lu(self) -> float:
        """Louder after the join where positive."""
        return self.loudness_after_lufs - self.loudness_before_lufs


def stretch_loudness_lufs(samples: Samples, sample_rate: int) -> float:
    """Loudness of up to 3 s of sound (samples, channels): short-term where it lasts 3 s, integrated below that, -70 at the least."""
    from kling_post.sound.meter import LoudnessMeter

    # The meter counts whole 400 ms blocks; a shorter stretch is repeated until one fits.
    least = int(0.4 * sample_rate)
    if len(samples) < least:
        samples = np.tile(samples, (-(-least // max(len(samples), 1)), 1))
    meter = LoudnessMeter(sample_rate, samples.shape[1])
    meter.add(samples)
    loudness = meter.result()
    whole = len(samples) >= STRETCH_SECONDS * sample_rate
    return max(loudness.max_short_term_lufs if whole else loudness.integrated_lufs, _SILENT_LUFS)


def click_ratio(before: Samples, after: Samples, sample_rate: int) -> float:
    """How far the waveform breaks where ``after`` follows ``before``, as a multiple of its own largest step nearby.

    The slope on each side foretells the next sample, so that a loud low tone that simply goes on does not count as a break.
    """
    near = max(4, int(_CLICK_SECONDS * sample_rate))
    head, tail = before[-near:].astype(np.float64), after[:near].astype(np.float64)
    if len(head) < 4 or len(tail) < 4:
        return 0.0
    foretold = head[-1] + (head[-1] - head[-2] + tail[1] - tail[0]) / 2
    breaks = np.abs(tail[0] - foretold)
    own = np.maximum(np.abs(np.diff(head, n=2, axis=0)).max(axis=0), np.abs(np.diff(tail, n=2, axis=0)).max(axis=0))
    ratios = np.where(breaks > _AUDIBLE_STEP, breaks / np.maximum(own, _AUDIBLE_STEP / 4), 0.0)
    return float(ratios.max())


def measure_sound(before: Samples, after: Samples, sample_rate: int) -> SoundStep:
    """Measure a join from the sound that ends at it and the sound that begins at it, each (samples, channels), full scale 1."""
    return SoundStep(
        loudness_before_lufs=stretch_loudness_lufs(before, sample_rate),
        loudness_after_lufs=stretch_loudness_lufs(after, sample_rate),
        click_ratio=click_ratio(before, after, sample_rate),
    )
