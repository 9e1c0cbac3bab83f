"""The sound of the edit: each clip's own sound under its own frames, sample for sample, joined without clicks; stems laid over it.

Every frame boundary has one sample (``timebase.frames_to_samples`` of the record), so that sound cannot drift from the picture
however many clips there are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.conform import Conform, conform_clip
from kling_post.edit.corrections import Crossfade
from kling_post.edit.sound_mending import crossfade_gains, mended
from kling_post.edit.timeline import Clip, Stem, StemClip, Timeline
from kling_post.media.sound import read_sound, read_sound_whole
from kling_post.sound.stretch import stretched
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import FrameRange, JoinKind

Stereo = NDArray[np.float32]
"""(samples, 2), full scale at 1.0."""

FADE_SECONDS: Final = 0.005
"""Ramp on either side of a cut: short enough to go unheard, long enough that no step clicks."""
_STEM_SECONDS: Final = 5
"""How much of a stem is held at once."""

# ITU-R BS.775-4 annex 4: centre and surrounds 3 dB down; the low-frequency channel is left out. By WAV channel order.
_SURROUND: Final = {
    3: ((1, 0, 0.7071), (0, 1, 0.7071)),
    4: ((1, 0, 0.7071, 0), (0, 1, 0, 0.7071)),
    5: ((1, 0, 0.7071, 0.7071, 0), (0, 1, 0.7071, 0, 0.7071)),
    6: ((1, 0, 0.7071, 0, 0.7071, 0), (0, 1, 0.7071, 0, 0, 0.7071)),
    8: ((1, 0, 0.7071, 0, 0.5, 0, 0.5, 0), (0, 1, 0.7071, 0, 0, 0.5, 0, 0.5)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A stretch of sound in its place, its level and fades already in it when it is read."""

    start: int
    stop: int
    read: Callable[[], Stereo]


def mixed_sound(timeline: Timeline) -> Iterator[Stereo]:
    """The timeline's sound in blocks of about one clip, together exactly as long as its picture.

    Dissolves cross over with equal power (sine and cosine); cuts get a 5 ms ramp on either side, unless the next clip goes on
    in the same take at the very next frame. A take without sound is silent. Stems are added at their levels; what of them lies
    behind the last picture is not heard.

    Raises:
        MediaError: a take's or a stem's sound cannot be read.
    """
    end = _sample(timeline, timeline.frames)
    pieces = [_native(timeline, position) for position in range(len(timeline.clips))]
    pieces += [piece for stem in timeline.stems for piece in _of_stem(stem, timeline)]
    waiting, begun = np.zeros((0, 2), np.float32), 0
    for piece in sorted(pieces, key=lambda each: each.start):
        if piece.start >= end:
            break
        ready = piece.start - begun
        if ready > 0:
            yield _first(waiting, ready)
            waiting, begun = waiting[ready:], piece.start
        waiting = _first(waiting, max(len(waiting), piece.stop - begun))
        waiting[piece.start - begun : piece.stop - begun] += piece.read()
    if end > begun:
        yield _first(waiting, end - begun)


def clip_sound(clip: Clip, timeline: Timeline, heard: FrameRange | None = None, *, lead_samples: int = 0, trail_samples: int = 0) -> Stereo:
    """One clip's sound with its gain, exactly as many samples as its frames take on the record; silence where it has none.

    Args:
        clip: of the timeline.
        timeline: the edit.
        heard: where on the record, when that is not where its picture is seen.
        lead_samples: besides, so many samples before.
        trail_samples: besides, so many samples behind.
    """
    heard = heard or clip.record
    length = _sample(timeline, heard.stop) - _sample(timeline, heard.start) + lead_samples + trail_samples
    stereo = np.zeros((length, 2), np.float32)
    if clip.facts.audio is None:
        return stereo
    decision = conform_clip(clip, timeline)
    start = _sample(timeline, clip.source.start + heard.start - clip.record.start) - lead_samples
    samples = _played(clip, decision, timeline.sample_rate, max(start, 0), start + length)
    stereo[max(-start, 0) :][: len(samples)] = samples
    first = _sample(timeline, clip.source.start) - start
    mended_sound = mended(stereo, clip.sound_correction, timeline.sample_rate, clip_starts_at=first)
    return mended_sound * np.float32(10 ** (clip.gain_db / 20))


def _played(clip: Clip, decision: Conform, sample_rate: int, start: int, stop: int) -> Stereo:
    """Samples ``start`` to ``stop`` of the conformed take, as two channels; shorter where its sound ends before."""
    if decision.speed != 1 and decision.keeps_pitch:
        whole = read_sound_whole(clip.path, sample_rate=sample_rate)
        if not whole.shape[1]:
            return np.zeros((0, 2), np.float32)
        # The whole take every time: where a sound lands must not depend on where the clip was cut.
        return stretched(to_stereo(whole), sample_rate, decision.speed)[start:stop]
    # A take that runs faster is read at a lower rate and played at the timeline's.
    samples = read_sound_whole(clip.path, sample_rate=round(sample_rate / decision.speed), start=start, stop=stop)
    return to_stereo(samples)[: stop - start] if samples.shape[1] else np.zeros((0, 2), np.float32)


def goes_on(before: Clip, clip: Clip) -> bool:
    """Whether a clip is the same take's very next frame: a cut in name only, which needs no ramp."""
    return (
        clip.join is not JoinKind.DISSOLVE
        and before.path == clip.path
        and before.source.stop == clip.source.start
        and before.gain_db == clip.gain_db
        and before.retime == clip.retime
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


# ----------------------------------------------------------------------------------------------- native sound


def _native(timeline: Timeline, position: int) -> _Piece:
    clip, heard = timeline.clips[position], timeline.heard(position)
    before = timeline.clips[position - 1] if position else None
    after = timeline.clips[position + 1] if position + 1 < len(timeline.clips) else None
    into, out = crossfade_of(clip), crossfade_of(after)
    lead, trail = (0 if into is None else into.before_samples), (0 if out is None else out.after_samples)

    def read() -> Stereo:
        sound = clip_sound(clip, timeline, heard, lead_samples=lead, trail_samples=trail)
        if into is not None:
            sound[: into.samples] *= crossfade_gains(into.samples, into.correlation)[1][: len(sound)]
        elif before is not None:
            _open(sound, timeline, heard, clip, goes_on(before, clip))
        if out is not None:
            sound[-out.samples :] *= crossfade_gains(out.samples, out.correlation)[0][-len(sound) :]
        elif after is not None:
            crossed = FrameRange(heard.stop - after.dissolve_frames, heard.stop)
            _close(sound, timeline, crossed, after, goes_on(clip, after), clip)
        return sound

    return _Piece(start=_sample(timeline, heard.start) - lead, stop=_sample(timeline, heard.stop) + trail, read=read)


def crossfade_of(clip: Clip | None) -> Crossfade | None:
    """How the clip's sound takes over from the one before it, where a repair has said so and the picture has no dissolve."""
    if clip is None or clip.sound_correction is None or clip.join is JoinKind.DISSOLVE:
        return None
    return clip.sound_correction.crossfade


def _open(sound: Stereo, timeline: Timeline, heard: FrameRange, clip: Clip, unbroken: bool) -> None:  # noqa: FBT001
    """Shape the beginning, in place."""
    if clip.join is JoinKind.DISSOLVE:
        length = _sample(timeline, heard.start + clip.dissolve_frames) - _sample(timeline, heard.start)
        sound[:length] *= np.sin(_angles(length))[:, None]
    elif not unbroken:
        _ramp(sound, timeline.sample_rate, clip.sound_correction.fade_in_seconds if clip.sound_correction else None)


def _close(sound: Stereo, timeline: Timeline, crossed: FrameRange, after: Clip, unbroken: bool, clip: Clip) -> None:  # noqa: FBT001
    """Shape the end, in place."""
    if after.join is JoinKind.DISSOLVE:
        length = _sample(timeline, crossed.stop) - _sample(timeline, crossed.start)
        sound[len(sound) - length :] *= np.cos(_angles(length))[:, None]
    elif not unbroken:
        _ramp(sound[::-1], timeline.sample_rate, clip.sound_correction.fade_out_seconds if clip.sound_correction else None)


def _angles(length: int) -> NDArray[np.float32]:
    """A quarter turn in equal steps."""
    return (np.arange(length, dtype=np.float32) + np.float32(0.5)) * np.float32(np.pi / 2 / max(1, length))


# ----------------------------------------------------------------------------------------------- stems


def _of_stem(stem: Stem, timeline: Timeline) -> Iterator[_Piece]:
    for clip in stem.clips:
        envelope = _Envelope(clip, timeline)
        blocks = _blocks(clip, timeline, envelope.samples)
        step = _STEM_SECONDS * timeline.sample_rate
        for begin in range(0, envelope.samples, step):
            stop = min(begin + step, envelope.samples)
            # The pieces of a clip are read in their order, so that one pass through the file serves them all.
            yield _Piece(
                start=envelope.start + begin,
                stop=envelope.start + stop,
                read=lambda begin=begin, stop=stop, blocks=blocks, envelope=envelope: next(blocks) * envelope.gains(begin, stop),  # type: ignore[misc]
            )


class _Envelope:
    """A stem clip's level over its samples: its gain, its fades (sine, of equal power), ramps of 5 ms where it has none."""

    def __init__(self, clip: StemClip, timeline: Timeline) -> None:
        self.start = _sample(timeline, clip.record.start)
        self.samples = _sample(timeline, clip.record.stop) - self.start
        self._gain = np.float32(10 ** (clip.gain_db / 20))
        ramp = min(round(FADE_SECONDS * timeline.sample_rate), self.samples)
        self._rise = _sample(timeline, clip.record.start + clip.fade_in_frames) - self.start or ramp
        self._fall = self.start + self.samples - _sample(timeline, clip.record.stop - clip.fade_out_frames) or ramp

    def gains(self, begin: int, stop: int) -> NDArray[np.float32]:
        """(stop - begin, 1) factors."""
        middle = np.arange(begin, stop, dtype=np.float64) + 0.5
        rise, fall = np.clip(middle / self._rise, 0, 1), np.clip((self.samples - middle) / self._fall, 0, 1)
        shape = np.sin(rise * np.pi / 2) * np.sin(fall * np.pi / 2)
        return (self._gain * shape.astype(np.float32))[:, None]


def _blocks(clip: StemClip, timeline: Timeline, length: int) -> Iterator[Stereo]:
    """The clip's samples in blocks of ``_STEM_SECONDS``, silence behind the file's end."""
    step, start = _STEM_SECONDS * timeline.sample_rate, _sample(timeline, clip.source.start)
    waiting: Stereo = np.zeros((0, 2), np.float32)
    given = 0
    for block in read_sound(clip.file.path, sample_rate=timeline.sample_rate, start=start, stop=start + length):
        waiting = np.concatenate([waiting, to_stereo(block)])
        while len(waiting) >= step:
            yield waiting[:step]
            waiting, given = waiting[step:], given + step
    while given < length:
        wanted = min(step, length - given)
        yield _first(waiting, wanted)
        waiting, given = waiting[wanted:], given + wanted


def _sample(timeline: Timeline, frame: int) -> int:
    return frames_to_samples(frame, timeline.rate, timeline.sample_rate)


def _first(sound: Stereo, length: int) -> Stereo:
    """The first ``length`` samples, silence behind the end; an array of its own where it is longer than what there is."""
    if length <= len(sound):
        return sound[:length]
    return np.concatenate([sound, np.zeros((length - len(sound), 2), np.float32)])


def _ramp(sound: Stereo, sample_rate: int, seconds: float | None = None) -> None:
    """Let the sound rise from nothing, in place."""
    length = min(len(sound), round((FADE_SECONDS if seconds is None else seconds) * sample_rate))
    sound[:length] *= ((np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(length))[:, None]
