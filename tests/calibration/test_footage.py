"""What clean footage is good for, told from its flow."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from kling_post.calibration.clips import clips_in
from kling_post.calibration.footage import clip_footage, reference_footage, traits_of
from kling_post.calibration.patterns import grained, moved, pan, texture
from kling_post.media.encode import H264_TAKE, FrameWriter
from kling_post.vocabulary import Size

SIZE = Size(320, 180)


def test_an_even_pan_moves_and_a_locked_camera_does_not() -> None:
    rng = np.random.default_rng(5)
    assert traits_of(list(pan(SIZE, 24, rng, pixels=1.5))) >= {"moving", "even"}
    assert traits_of([texture(SIZE, np.random.default_rng(5))] * 24) == {"steady"}


def test_a_pan_that_swings_is_not_even() -> None:
    picture = texture(Size(480, 180), np.random.default_rng(5))
    left = 60 + 40 * np.sin(np.arange(48) / 5)
    assert "even" not in traits_of([moved(picture, SIZE, left=float(each), top=0) for each in left])


def test_a_shift_of_half_a_pixel_is_half_a_pixel() -> None:
    ramp = np.repeat(np.arange(0, 200, 2, dtype=np.uint8)[None, :], 20, axis=0)
    picture = np.stack([ramp] * 3, axis=-1)
    shifted = moved(picture, Size(80, 20), left=4.5, top=0)
    assert shifted[10, 40, 0] == picture[10, 44, 0] + 1


def test_grain_has_the_spread_it_names() -> None:
    frame = np.full((180, 320, 3), 128, np.uint8)
    assert abs(float(grained(frame, 3.0, np.random.default_rng(1)).std()) - 3) < 0.1


def test_the_spectrum_of_a_texture_falls_as_asked() -> None:
    grey = texture(Size(256, 256), np.random.default_rng(2), exponent=1.2).mean(axis=2)
    spectrum = np.abs(np.fft.fft(grey - grey.mean(), axis=1)).mean(axis=0)
    slope = np.polyfit(np.log(np.arange(4, 60)), np.log(spectrum[4:60]), 1)[0]
    assert -1.4 < slope < -0.5


def test_a_users_clip_is_read_at_the_working_width(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with FrameWriter(path, size=SIZE, rate=Fraction(24), sound=None, quality=H264_TAKE) as writer:
        for frame in pan(SIZE, 5, np.random.default_rng(1), pixels=1.0):
            writer.write(frame)
    (tmp_path / "notes.txt").write_text("not a clip")
    (tmp_path / "clip.depth.mkv").write_bytes(b"the depth of a take")
    (found,) = clips_in(tmp_path)
    frames = list(clip_footage(found, width=160).draw(0))
    assert [frame.shape for frame in frames] == [(90, 160, 3)] * 5
    assert [frame.shape for frame in clip_footage(found).draw(0)] == [(180, 320, 3)] * 5, "a small clip is not enlarged"


def test_reference_footage_has_names_of_its_own() -> None:
    names = [shot.name for shot in reference_footage()]
    assert len(set(names)) == len(names) >= 12
    assert {shot.name for shot in reference_footage(quick=True)} < set(names)
