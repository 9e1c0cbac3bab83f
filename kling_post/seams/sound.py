"""Both sides' sound at a join: how far the level steps, and whether the waveform breaks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.seams.room_tone import floor_step_db, noise_floor_dbfs, room_tone_step_db
from kling_post.seams.sound_echo import echoed_frames

Samples = NDArray[np.float32]

STRETCH_SECONDS = 3
"""Sound taken from each side: one short-term window of EBU Tech 3341."""
_CLICK_SECONDS = 0.05
_BREAK_SAMPLES = 4
_AGREE = 2.5
"""Standard deviations within which two views of one step agree."""
_SILENT_LUFS = -70.0
"""The absolute gate of ITU-R BS.1770: what is quieter counts as silence."""
_DIGITAL_SILENCE = 10 ** (-96 / 20)
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

    loudness_spread_lu: float = 0.0
    """How far the step of loudness strays because other things are heard on the two sides: one standard deviation."""
    floor_step_db: float | None = None
    """The step of the noise floor as a whole; None where it cannot be told."""
    room_tone_step_db: float = 0.0
    """The step of the noise floor, see ``room_tone``; 0 where it cannot be told."""
    gap_before_seconds: float = 0.0
    """Silence, or no sound at all, at the end of a stretch that sounds."""
    gap_after_seconds: float = 0.0
    """The same at the beginning of the stretch after the join."""
    echoed_frames: int = 0
    """So many frames of the sound come twice; 0 where none do or where it cannot be told."""

    @property
    def loudness_step_lu(self) -> float:
        """Louder after the join where positive."""
        return self.loudness_after_lufs - self.loudness_before_lufs

    @property
    def level_step_lu(self) -> float:
        """How far the level steps: as far as the noise floor where the two agree, which does not depend on what happens over it."""
        floor, loudness = self.floor_step_db, self.loudness_step_lu
        return floor if floor is not None and abs(floor - loudness) <= _AGREE * self.loudness_spread_lu else loudness


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchLoudness:
    """Loudness of a stretch of sound."""

    lufs: float
    """Short-term where it lasts 3 s, integrated below that, -70 at the least."""
    spread_lu: float
    """Standard error of that: from how its 400 ms blocks differ."""


def stretch_loudness(samples: Samples, sample_rate: int) -> StretchLoudness:
    """Measure up to 3 s of sound (samples, channels)."""
    from kling_post.sound.meter import LoudnessMeter

    # The meter counts whole 400 ms blocks; a shorter stretch is repeated until one fits.
    least = int(0.4 * sample_rate)
    if len(samples) < least:
        samples = np.tile(samples, (-(-least // max(len(samples), 1)), 1))
    meter = LoudnessMeter(sample_rate, samples.shape[1])
    meter.add(samples)
    loudness = meter.result()
    whole = len(samples) >= STRETCH_SECONDS * sample_rate
    # One value every 100 ms, of the 400 ms before it: each fourth one is a block of its own.
    blocks = 10 ** (np.array(loudness.momentary_lufs[3::4]) / 10)
    mean = float(blocks.mean())
    error = float(blocks.std(ddof=1)) / np.sqrt(len(blocks)) if len(blocks) > 1 and mean > 0 else 0.0
    return StretchLoudness(
        lufs=max(loudness.max_short_term_lufs if whole else loudness.integrated_lufs, _SILENT_LUFS),
        spread_lu=10 / np.log(10) * error / mean if mean > 0 else 0.0,
    )


def click_ratio(before: Samples, after: Samples, sample_rate: int) -> float:
    """How far the waveform breaks where ``after`` follows ``before``, as a multiple of its own sharpest bend nearby.

    A bend is a second difference: a loud low tone that simply goes on has none. The samples next to the join count as the break and
    not as what the sound does by itself, so that a single stray sample is a break too.
    """
    near = max(16, int(_CLICK_SECONDS * sample_rate))
    head, tail = before[-near:].astype(np.float64), after[:near].astype(np.float64)
    if len(head) < 16 or len(tail) < 16:
        return 0.0
    bends = np.abs(np.diff(np.concatenate([head, tail]), n=2, axis=0))
    first, last = len(head) - 2 - _BREAK_SAMPLES // 2, len(head) + _BREAK_SAMPLES // 2
    breaks = bends[first:last].max(axis=0)
    own = np.maximum(bends[:first].max(axis=0), bends[last:].max(axis=0))
    ratios = np.where(breaks > _AUDIBLE_STEP, breaks / np.maximum(own, _AUDIBLE_STEP / 4), 0.0)
    return float(ratios.max())


def silent_end_seconds(samples: Samples, sample_rate: int) -> float:
    """How long the end of a stretch is digitally silent, where the rest of it is not."""
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > _DIGITAL_SILENCE)
    return 0.0 if not len(loud) else float(len(samples) - 1 - loud[-1]) / sample_rate


def measure_sound(before: Samples, after: Samples, sample_rate: int, *, samples_per_frame: float | None = None) -> SoundStep:
    """Measure a join from the sound that ends at it and the sound that begins at it, each (samples, channels), full scale 1.

    With ``samples_per_frame`` it is also told how many frames of the sound come twice.
    """
    end, start = stretch_loudness(before, sample_rate), stretch_loudness(after, sample_rate)
    floors = noise_floor_dbfs(before, sample_rate), noise_floor_dbfs(after, sample_rate)
    return SoundStep(
        loudness_before_lufs=end.lufs,
        loudness_after_lufs=start.lufs,
        loudness_spread_lu=float(np.hypot(end.spread_lu, start.spread_lu)),
        click_ratio=click_ratio(before, after, sample_rate),
        floor_step_db=floor_step_db(*floors),
        room_tone_step_db=room_tone_step_db(*floors),
        gap_before_seconds=silent_end_seconds(before, sample_rate),
        gap_after_seconds=silent_end_seconds(after[::-1], sample_rate),
        echoed_frames=0 if samples_per_frame is None else echoed_frames(before, after, samples_per_frame),
    )
