"""The native sound of the edit: each clip's own sound under its own frames, sample for sample, joined without clicks.

Every frame boundary has one sample (``timebase.frames_to_samples`` of the record), so that sound cannot drift from the picture
however many clips there are.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.conform import conform
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.sound import read_sound_whole
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import JoinKind

Stereo = NDArray[np.float32]
"""(samples, 2), full scale at 1.0."""

FADE_SECONDS: Final = 0.005
"""Ramp on either side of a cut: short enough to go unheard, long enough that no step clicks."""

# ITU-R BS.775-4 annex 4: centre and surrounds 3 dB down; the low-frequency channel is left out. By WAV channel order.
_SURROUND: Final = {
    3: ((1, 0, 0.7071), (0, 1, 0.7071)),
    4: ((1, 0, 0.7071, 0), (0, 1, 0, 0.7071)),
    5: ((1, 0, 0.7071, 0.7071, 0), (0, 1, 0.7071, 0, 0.7071)),
    6: ((1, 0, 0.7071, 0, 0.7071, 0), (0, 1, 0.7071, 0, 0, 0.7071)),
    8: ((1, 0, 0.7071, 0, 0.5, 0, 0.5, 0), (0, 1, 0.7071, 0, 0, 0.5, 0, 0.5)),
}


def mixed_sound(timeline: Timeline) -> Iterator[Stereo]:
    """The timeline's sound in blocks of about one clip, together exactly as long as its picture.

    Dissolves cross over with equal power (sine and cosine); cuts get a 5 ms ramp on either side, unless the next clip goes on
    in the same take at the very next frame. A take without sound is silent.

    Raises:
        MediaError: a take's sound cannot be read.
    """
    overlap = np.zeros((0, 2), np.float32)
    for position, clip in enumerate(timeline.clips):
        before = timeline.clips[position - 1] if position else None
        after = timeline.clips[position + 1] if position + 1 < len(timeline.clips) else None
        sound = clip_sound(clip, timeline)
        if clip.join is JoinKind.DISSOLVE:
            sound[: len(overlap)] = _equal_power(overlap, sound[: len(overlap)])
        elif before is not None and not goes_on(before, clip):
            _ramp(sound, timeline.sample_rate)
        kept = len(sound)
        if after is not None and after.join is JoinKind.DISSOLVE:
            kept = _sample(timeline, after.record.start) - _sample(timeline, clip.record.start)
        elif after is not None and not goes_on(clip, after):
            _ramp(sound[::-1], timeline.sample_rate)
        overlap = sound[kept:]
        if kept:
            yield sound[:kept]


def clip_sound(clip: Clip, timeline: Timeline) -> Stereo:
    """One clip's sound with its gain, exactly as many samples as its frames take on the record; silence where it has none."""
    length = _sample(timeline, clip.record.stop) - _sample(timeline, clip.record.start)
    if clip.facts.audio is None:
        return np.zeros((length, 2), np.float32)
    decision = conform(clip.facts, rate=timeline.rate, size=timeline.size)
    # A take that runs faster is read at a lower rate and played at the timeline's.
    read_rate = round(timeline.sample_rate / decision.speed)
    start = _sample(timeline, clip.source.start)
    samples = read_sound_whole(clip.path, sample_rate=read_rate, start=start, stop=start + length)
    stereo = np.zeros((length, 2), np.float32)
    if samples.shape[1]:
        heard = to_stereo(samples)[:length]
        stereo[: len(heard)] = heard * np.float32(10 ** (clip.gain_db / 20))
    return stereo


def goes_on(before: Clip, clip: Clip) -> bool:
    """Whether a clip is the same take's very next frame: a cut in name only, which needs no ramp."""
    return (
        clip.join is not JoinKind.DISSOLVE
        and before.path == clip.path
        and before.source.stop == clip.source.start
        and (before.gain_db == clip.gain_db)
    )


def to_stereo(samples: Stereo) -> Stereo:
    """Any usual channel count as two: mono on both, surround folded down as ITU-R BS.775-4 has it."""
    channels = samples.shape[1]
    if channels == 2:
        return samples
    if channels == 1:
        return np.repeat(samples, 2, axis=1)
    matrix = np.array(_SURROUND[channels], np.float32) if channels in _SURROUND else np.eye(2, channels, dtype=np.float32)
    folded: Stereo = samples @ matrix.T
    return folded


def _sample(timeline: Timeline, frame: int) -> int:
    return frames_to_samples(frame, timeline.rate, timeline.sample_rate)


def _equal_power(outgoing: Stereo, incoming: Stereo) -> Stereo:
    angle = (np.arange(len(outgoing), dtype=np.float32) + np.float32(0.5)) * np.float32(np.pi / 2 / max(1, len(outgoing)))
    crossed: Stereo = outgoing * np.cos(angle)[:, None] + incoming * np.sin(angle)[:, None]
    return crossed


def _ramp(sound: Stereo, sample_rate: int) -> None:
    """Let the sound rise from nothing, in place."""
    length = min(len(sound), round(FADE_SECONDS * sample_rate))
    sound[:length] *= ((np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(length))[:, None]
