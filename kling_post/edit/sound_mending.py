"""Mend samples: channels, a constant, clicks, missing ends, and how one sound takes over from another. Pure arrays."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import SampleRange, SoundCorrection
from kling_post.edit.tone_bed import with_beds

Stereo = NDArray[np.float32]
"""(samples, 2), full scale at 1.0."""
Floats = NDArray[np.float64]

_ORDER: Final = 32
"""Of the prediction that draws a click anew: a millisecond and a half of speech at 48 kHz."""
_CONTEXT_SAMPLES: Final = 1024
_TONE_SECONDS: Final = 1.0
"""The longest stretch that room tone is taken from."""


def mended(sound: Stereo, correction: SoundCorrection | None, sample_rate: int, *, clip_starts_at: int = 0) -> Stereo:
    """A clip's samples with its correction, without the fades and the crossfade.

    Args:
        sound: what is heard of the clip; more than its picture shows, or less, where its sound is cut elsewhere.
        correction: the clip's.
        sample_rate: of the timeline.
        clip_starts_at: the sample of ``sound`` at which the clip's first frame is shown.
    """
    if correction is None or not len(sound):
        return sound
    result = _channels(sound, correction.channels)
    if any(correction.dc_offset):
        result = result - np.array(correction.dc_offset, np.float32)
    for click in correction.declick:
        result = redrawn(result, SampleRange(start=click.start + clip_starts_at, stop=click.stop + clip_starts_at))
    if correction.tone_tail_samples:
        result = with_tone_at_tail(result, correction.tone_tail_samples, sample_rate)
    if correction.tone_head_samples:
        result = with_tone_at_tail(result[::-1], correction.tone_head_samples, sample_rate)[::-1]
    if correction.tone_beds:
        result = with_beds(result, correction.tone_beds, sample_rate, clip_starts_at=clip_starts_at)
    return np.ascontiguousarray(result)


def _channels(sound: Stereo, channels: str) -> Stereo:
    left, right = sound[:, 0], sound[:, 1]
    pairs = {"left on both": (left, left), "right on both": (right, right), "right inverted": (left, -right)}
    return np.stack(pairs[channels], axis=1) if channels in pairs else sound


# ----------------------------------------------------------------------------------------------- clicks


def redrawn(sound: Stereo, click: SampleRange) -> Stereo:
    """The samples of a click drawn anew so that the sound around them goes on through them.

    Least-squares autoregressive interpolation (Janssen, Veldhuis and Vries, IEEE Trans. ASSP 34, 1986), one round: the prediction is
    estimated from the sound around the gap, and the unknown samples are those that leave it the smallest error.
    """
    start, stop = max(click.start, 0), min(click.stop, len(sound))
    if stop <= start:
        return sound
    result = sound.copy()
    first, last = max(0, start - _CONTEXT_SAMPLES), min(len(sound), stop + _CONTEXT_SAMPLES)
    for channel in range(sound.shape[1]):
        stretch = sound[first:last, channel].astype(np.float64)
        result[start:stop, channel] = _interpolated(stretch, start - first, stop - first)
    return result


def _interpolated(stretch: Floats, start: int, stop: int) -> Floats:
    known = stretch.copy()
    ends = [known[start - 1] if start else 0.0, known[stop] if stop < len(known) else 0.0]
    known[start:stop] = np.interp(np.arange(start, stop), [start - 1, stop], ends)
    order = min(_ORDER, max(2, min(start, len(stretch) - stop) // 3))
    filters = np.concatenate([[1.0], -prediction(np.delete(known, np.s_[start:stop]), order)])
    # The error of the prediction at every place that touches the gap, as a linear function of the unknown samples.
    places = np.arange(max(order, start), min(len(known), stop + order))
    if not len(places):
        return known[start:stop]
    back = places[:, None] - np.arange(order + 1)
    unknown = (back >= start) & (back < stop)
    constant = (filters * np.where(unknown, 0.0, known[back])).sum(axis=1)
    system = np.zeros((len(places), stop - start))
    rows = np.repeat(np.arange(len(places)), order + 1)[unknown.ravel()]
    system[rows, (back[unknown] - start)] = np.broadcast_to(filters, back.shape)[unknown]
    drawn = np.linalg.lstsq(system, -constant, rcond=None)[0]
    # A prediction over a gap without a far side may swing up: what is drawn is never louder than what is known around it.
    around = np.delete(stretch, np.s_[start:stop])
    return np.asarray(np.clip(drawn, around.min(), around.max()))


def prediction(samples: Floats, order: int) -> Floats:
    """Coefficients that foretell a sample from the ``order`` before it, by the autocorrelation method, slightly whitened."""
    windowed = samples * np.hanning(len(samples)) if len(samples) > 2 * order else samples
    correlation = np.array([float(windowed[lag:] @ windowed[: len(windowed) - lag]) for lag in range(order + 1)])
    if correlation[0] <= 0:
        return np.zeros(order)
    matrix = correlation[np.abs(np.arange(order)[:, None] - np.arange(order))] + np.eye(order) * correlation[0] * 1e-6
    return np.asarray(np.linalg.solve(matrix, correlation[1:]))


# ----------------------------------------------------------------------------------------------- room tone


def with_tone_at_tail(sound: Stereo, samples: int, sample_rate: int) -> Stereo:
    """The last ``samples`` filled with tone like the quietest of what stands before them, crossed over in 10 ms."""
    kept = len(sound) - samples
    if kept <= 0 or samples <= 0:
        return sound
    cross = min(round(0.01 * sample_rate), kept)
    source = quietest(sound[:kept], round(_TONE_SECONDS * sample_rate))
    tone = room_tone(source, samples + cross)
    result = sound.copy()
    rise = ((np.arange(cross, dtype=np.float32) + np.float32(0.5)) / np.float32(max(cross, 1)) * np.float32(np.pi / 2))[:, None]
    result[kept - cross : kept] = sound[kept - cross : kept] * np.cos(rise) + tone[:cross] * np.sin(rise)
    result[kept:] = tone[cross:]
    return result


def quietest(sound: Stereo, samples: int) -> Stereo:
    """The stretch of at most ``samples`` with the least energy that is not digital silence, looked for in steps of a quarter of it."""
    samples = min(samples, len(sound))
    step = max(1, samples // 4)
    starts = [*range(0, len(sound) - samples + 1, step)] or [0]
    energies = [float(np.mean(sound[start : start + samples].astype(np.float64) ** 2)) for start in starts]
    heard = [pair for pair in zip(energies, starts, strict=True) if pair[0] > 0]
    start = min(heard)[1] if heard else 0
    return sound[start : start + samples]


def room_tone(example: Stereo, samples: int) -> Stereo:
    """Noise with the example's spectrum and its likeness between the channels, as long as wanted; the same on every machine.

    The spectrum is that of the whole example with phases drawn by chance, the same turn for both channels at every frequency, so that
    what is in the middle stays there.
    """
    length = max(len(example), 16)
    spectrum = np.fft.rfft(example.astype(np.float64), length, axis=0)
    chance = np.random.Generator(np.random.PCG64(11))
    pieces: list[Floats] = []
    while sum(len(piece) for piece in pieces) < samples:
        turns = np.exp(2j * np.pi * chance.random(len(spectrum)))
        pieces.append(np.fft.irfft(spectrum * turns[:, None], length, axis=0))
    return np.concatenate(pieces)[:samples].astype(np.float32)


# ----------------------------------------------------------------------------------------------- taking over


def crossfade_gains(samples: int, correlation: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gains (samples, 1) of the outgoing and the incoming sound that keep the power of their sum even.

    A quarter turn of cosine and sine, divided by the root of 1 + 2 rho sin cos, rho being the correlation of the two sounds: equal power
    where they have nothing in common, equal gain where they are the same.

    >>> out, into = crossfade_gains(3, 1.0)
    >>> [round(float(value), 3) for value in (out + into)[:, 0]]
    [1.0, 1.0, 1.0]
    """
    rho = min(max(correlation, 0.0), 1.0)
    turn = (np.arange(samples) + 0.5) / max(samples, 1) * np.pi / 2
    out, into = np.cos(turn), np.sin(turn)
    level = np.sqrt(1 + 2 * rho * out * into)
    return (out / level).astype(np.float32)[:, None], (into / level).astype(np.float32)[:, None]


def correlation(one: Stereo, other: Stereo) -> float:
    """Of two sounds of one length, -1 to 1; 0 where one of them is silent."""
    first, second = one.astype(np.float64).ravel(), other.astype(np.float64).ravel()
    energy = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / energy if energy > 1e-12 else 0.0
