"""One pass measures everything that is heard, and nothing twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kling_post.media.probe import probe
from kling_post.media.sound import write_wav
from kling_post.media.soundtrack import replace_sound
from kling_post.signals.sound import runner as sound_pass
from kling_post.signals.sound.runner import all_sound_signals, measure_sound

RATE = 48_000


def _take(folder: Path) -> Path:
    """A one-second take whose sound is a step of level at half a second."""
    import av

    picture = folder / "picture.mp4"
    with av.open(str(picture), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(24):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), index, np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    tone = 0.4 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE) * np.where(np.arange(RATE) < RATE // 2, 0.1, 1.0)
    wav = write_wav(folder / "sound.wav", np.repeat(tone[:, None], 2, axis=1).astype(np.float32), RATE)
    return replace_sound(picture, wav, folder / "take.mp4", channels=2)


def test_levels_follow_the_sound(tmp_path: Path) -> None:
    heard = measure_sound(_take(tmp_path))
    levels = heard.signals["sound_levels"]
    assert levels["rms"].shape == (100, 2)
    assert levels["rms"][10:40].mean() == pytest.approx(0.04 / 2**0.5, rel=0.03)
    assert levels["rms"][60:95].mean() == pytest.approx(0.4 / 2**0.5, rel=0.03)
    assert levels["samples"][0] == RATE
    assert set(heard.signals) == set(all_sound_signals())


def test_a_second_look_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take = _take(tmp_path)
    first = measure_sound(take, probe(take), cache_folder=tmp_path / "cache")
    monkeypatch.setattr(sound_pass, "_decoded", lambda *_: pytest.fail("decoded again"))
    second = measure_sound(take, probe(take), cache_folder=tmp_path / "cache")
    assert (first.from_cache, second.from_cache) == (False, True)
    assert second.loudness == first.loudness
    for name, series in first.signals.items():
        for key, values in series.items():
            np.testing.assert_array_equal(second.signals[name][key], values)


def test_other_content_is_measured_anew(tmp_path: Path) -> None:
    take = _take(tmp_path)
    facts = probe(take)
    measure_sound(take, facts, cache_folder=tmp_path / "cache")
    assert not measure_sound(take, replace(facts, sha256="1" * 64), cache_folder=tmp_path / "cache").from_cache
