"""What is delivered is what was measured after encoding."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kling_post.sound.delivery import MAX_ENCODES, deliver
from kling_post.sound.normalise import TargetRefusedError
from kling_post.sound.targets import target

RATE = 48_000
Samples = np.ndarray


class _Codec:
    """A codec in memory that turns down by a gain and adds an over of its own to the highest peak."""

    def __init__(self, *, gain_db: float = 0.0, overshoot_db: float = 0.0) -> None:
        self._gain, self._overshoot = 10 ** (gain_db / 20), 10 ** (overshoot_db / 20)
        self.encodes: list[Samples] = []

    def encode(self, blocks: Iterator[Samples]) -> Path:
        samples = np.concatenate(list(blocks)) * np.float32(self._gain)
        peak = np.unravel_index(np.abs(samples).argmax(), samples.shape)
        samples[peak] *= np.float32(self._overshoot)
        self.encodes.append(samples)
        return Path("encoded")

    def decode(self, _path: Path) -> Iterable[Samples]:
        return (self.encodes[-1],)


def _programme(crest: float = 1.0) -> list[Samples]:
    samples = np.random.default_rng(4).normal(0, 0.05, (RATE * 4, 2)).astype(np.float32)
    samples[RATE : RATE + 30] *= crest
    return [samples[:RATE], samples[RATE:]]


def test_a_faithful_codec_needs_one_encode() -> None:
    codec = _Codec()
    found = deliver(_programme, sample_rate=RATE, target=target("ebu-r128"), encode=codec.encode, decode=codec.decode)
    assert found.encodes == len(codec.encodes) == 1
    assert found.delivered.integrated_lufs == pytest.approx(-23, abs=0.03)
    assert found.gain_db == pytest.approx(-23 - found.source.integrated_lufs, abs=1e-6)
    assert found.limiter.max_reduction_db == 0


def test_a_codec_that_loses_level_is_made_up_for() -> None:
    codec = _Codec(gain_db=-0.4)
    found = deliver(_programme, sample_rate=RATE, target=target("apple"), encode=codec.encode, decode=codec.decode)
    assert found.encodes == 2
    assert found.delivered.integrated_lufs == pytest.approx(-16, abs=0.05)


def test_a_codec_that_raises_peaks_is_answered_by_a_lower_ceiling() -> None:
    codec = _Codec(overshoot_db=1.5)
    found = deliver(lambda: _programme(7.0), sample_rate=RATE, target=target("-18/-1"), encode=codec.encode, decode=codec.decode)
    assert found.encodes > 1
    assert found.delivered.true_peak_dbtp <= -1
    assert found.delivered.integrated_lufs == pytest.approx(-18, abs=0.1)
    assert found.limiter.max_reduction_db > 1


def test_a_codec_that_cannot_be_tamed_ends_in_a_refusal() -> None:
    codec = _Codec(gain_db=-1.0)
    levels = iter([0.9, 1.1, 0.8, 1.2, 0.9, 1.1])

    def decode(path: Path) -> Iterable[Samples]:
        return (codec.encodes[-1] * np.float32(next(levels)),)

    with pytest.raises(TargetRefusedError, match=f"After {MAX_ENCODES} encodes the sound measures"):
        deliver(_programme, sample_rate=RATE, target=target("apple"), encode=codec.encode, decode=decode)
    assert len(codec.encodes) == MAX_ENCODES


@pytest.mark.parametrize(("seconds", "note"), [(2.0, "silent below the gate"), (0.2, "too short")])
def test_silence_and_fragments_are_delivered_as_they_are_and_said_so(seconds: float, note: str) -> None:
    codec = _Codec()
    silence = [np.zeros((round(seconds * RATE), 2), np.float32)]
    found = deliver(lambda: silence, sample_rate=RATE, target=target("ebu-r128"), encode=codec.encode, decode=codec.decode)
    assert found.gain_db == 0
    assert note in found.note
    np.testing.assert_array_equal(codec.encodes[0], silence[0])
