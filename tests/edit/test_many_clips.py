"""Sixty joins of mixed clips: every frame in its place, every clap within a sample."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from scipy.signal import correlate

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.master import render_master
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.media.sound import read_sound_whole, write_wav
from kling_post.sound.targets import target
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import Size

PULSE = 0.8 * np.hanning(146)[1:-1] * np.sin(2 * np.pi * 2_000 * np.arange(144) / 48_000)


def _take(path: Path, rate: Fraction, size: Size, frames: int, sound_seconds: float | None) -> EditEntry:
    """Grey, white from the middle frame on; a pulse in the same instant."""
    sound = None
    if sound_seconds is not None:
        samples = np.zeros((round(sound_seconds * 48_000), 2), np.float32)
        at = frames_to_samples(frames // 2, rate, 48_000)
        samples[at : at + 144] += PULSE[:, None].astype(np.float32)
        sound = write_wav(path.with_suffix(".wav"), samples, 48_000)
    with FrameWriter(path, size=size, rate=rate, sound=sound) as writer:
        for index in range(frames):
            writer.write(np.full((size.height, size.width, 3), 240 if index >= frames // 2 else 60, np.uint8))
    return EditEntry(path=path, facts=probe(path), shot_ids=(path.stem,))


@pytest.mark.slow
def test_after_sixty_mixed_clips_the_last_clap_is_within_one_sample(tmp_path: Path) -> None:
    kinds = [
        (Fraction(24), Size(96, 54), 14, 14 / 24),
        (Fraction(30), Size(64, 64), 17, 0.7),
        (Fraction(24000, 1001), Size(96, 54), 13, 0.55),
        (Fraction(25), Size(54, 96), 15, 0.45),
        (Fraction(24), Size(96, 54), 12, None),
        (Fraction(24), Size(48, 26), 11, 0.6),
    ]
    takes = [_take(tmp_path / f"take_{number}.mp4", *kind) for number, kind in enumerate(kinds)]
    entries = [EditEntry(path=takes[number % 6].path, facts=takes[number % 6].facts, shot_ids=(f"shot_{number}",)) for number in range(60)]
    timeline = assemble("sixty", entries, rate=Fraction(24), size=Size(96, 54))
    # Ten times 14 + 14 (17 at 30) + 13 + 14 (15 at 25) + 12 + 11 frames: 0.5667 s are 13.6, 0.6 s are 14.4 frames of 24.
    assert timeline.frames == 10 * (14 + 14 + 13 + 14 + 12 + 11)
    master = render_master(timeline, target=target("streaming"), folder=tmp_path / "out")

    with av.open(str(master.path)) as container:
        stream = container.streams.video[0]
        times = [Fraction(frame.pts or 0) * (stream.time_base or 0) for frame in container.decode(stream)]
    assert times == [Fraction(frame, 24) for frame in range(780)]

    sound = read_sound_whole(master.path)[:, 0].astype(np.float64)
    assert len(sound) == 780 * 2_000
    likeness = np.abs(correlate(sound, PULSE, mode="valid", method="fft"))
    differences = []
    for number, clip in enumerate(timeline.clips):
        rate, _, frames, seconds = kinds[number % 6]
        if seconds is None:
            continue
        clap = Fraction(frames // 2) / (Fraction(24) if number % 6 == 2 else rate)  # 23.976 runs frame for frame at 24
        expected = clip.record.start * 2_000 + round(clap * 48_000)
        near = likeness[expected - 400 : expected + 400]
        differences.append(int(near.argmax()) - 400)
    assert len(differences) == 50
    assert max(map(abs, differences)) <= 1
    assert differences[-1] == 0
