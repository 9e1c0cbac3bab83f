"""Sound at another rate, as it flows."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from kling_post.media.sound_frames import Samples, SoundFormat, Stretch

_RESAMPLER = "filter_size=256:filter_type=kaiser:kaiser_beta=14:cutoff=0.97:exact_rational=1:linear_interp=0:phase_shift=10"
"""512 taps, Kaiser 14: flat to 0.97 of the lower Nyquist, distortion of a sine below -135 dB, no delay."""


def resampled(stretches: Iterator[Stretch], sample_rate: int) -> Iterator[Stretch]:
    """The same sound at ``sample_rate``, of the same layout; untouched where that is its own rate."""
    first = next(stretches, None)
    if first is None:
        return
    if first.format.sample_rate == sample_rate:
        yield first
        yield from stretches
        return
    target = SoundFormat(sample_rate=sample_rate, channels=first.format.channels, layout=first.format.layout)
    for samples in _through_resampler(first, stretches, target):
        yield Stretch(samples, target)


def _through_resampler(first: Stretch, rest: Iterator[Stretch], target: SoundFormat) -> Iterator[Samples]:
    from av import AudioFrame
    from av.error import BlockingIOError as NothingYet
    from av.error import EOFError as Drained
    from av.filter import Graph

    source = first.format
    graph = Graph()
    entry = graph.add_abuffer(
        sample_rate=source.sample_rate, format="fltp", layout=source.layout, time_base=Fraction(1, source.sample_rate)
    )
    resampler = graph.add("aresample", f"{target.sample_rate}:{_RESAMPLER}")
    outlet = graph.add("abuffersink")
    entry.link_to(resampler)
    resampler.link_to(outlet)
    graph.configure()

    def drain() -> Iterator[Samples]:
        while True:
            try:
                pulled = graph.pull()
            except (NothingYet, Drained):
                return
            assert isinstance(pulled, AudioFrame)
            yield np.ascontiguousarray(pulled.to_ndarray().T, np.float32)

    position = 0
    for stretch in _chained(first, rest):
        planes = np.ascontiguousarray(stretch.samples.T)
        frame = AudioFrame.from_ndarray(planes, format="fltp", layout=source.layout)
        frame.sample_rate, frame.pts, frame.time_base = source.sample_rate, position, Fraction(1, source.sample_rate)
        position += planes.shape[1]
        graph.push(frame)
        yield from drain()
    graph.push(None)
    yield from drain()


def _chained(first: Stretch, rest: Iterator[Stretch]) -> Iterator[Stretch]:
    yield first
    yield from rest
