"""Sound at another speed with its pitch kept: ffmpeg's ``atempo`` (waveform similarity overlap-add), inside this process."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""(samples, channels)."""

_BLOCK_SAMPLES = 16_384


def stretched(samples: Samples, sample_rate: int, speed: Fraction) -> Samples:
    """The sound ``speed`` times as fast, at its own pitch; exactly ``round(len / speed)`` samples.

    Beyond half and double speed the step is done in several of equal size, as the method wants it.
    """
    wanted = round(len(samples) / speed)
    if speed == 1 or not len(samples):
        return samples
    made = np.concatenate([np.zeros((0, samples.shape[1]), np.float32), *_filtered(samples, sample_rate, speed)])[:wanted]
    if len(made) < wanted:
        made = np.concatenate([made, np.zeros((wanted - len(made), samples.shape[1]), np.float32)])
    return made


def _filtered(samples: Samples, sample_rate: int, speed: Fraction) -> Iterator[Samples]:
    from av import AudioFrame
    from av.error import BlockingIOError as NothingYet
    from av.error import EOFError as Drained
    from av.filter import Graph

    layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
    steps = max(1, ceil(abs(log2(speed))))
    graph = Graph()
    entry = graph.add_abuffer(sample_rate=sample_rate, format="fltp", layout=layout, time_base=Fraction(1, sample_rate))
    last = entry
    for _ in range(steps):
        tempo = graph.add("atempo", f"{float(speed) ** (1 / steps):.9f}")
        last.link_to(tempo)
        last = tempo
    outlet = graph.add("abuffersink")
    last.link_to(outlet)
    graph.configure()

    def drained() -> Iterator[Samples]:
        while True:
            try:
                pulled = graph.pull()
            except (NothingYet, Drained):
                return
            assert isinstance(pulled, AudioFrame)
            yield np.ascontiguousarray(pulled.to_ndarray().T, np.float32)

    planes = np.ascontiguousarray(samples.T)
    for start in range(0, len(samples), _BLOCK_SAMPLES):
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(planes[:, start : start + _BLOCK_SAMPLES]), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = sample_rate, start, Fraction(1, sample_rate)
        graph.push(frame)
        yield from drained()
    graph.push(None)
    yield from drained()
