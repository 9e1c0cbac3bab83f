"""Sound comes out of files on the picture's clock, and goes into WAV files unchanged."""

import struct
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kling_post.errors import MediaError
from kling_post.media.sound import read_sound, read_sound_whole, sound_format, write_wav

RATE = 48_000


def _bursts(seconds: float = 1.0) -> np.ndarray:
    """Two channels of silence with a 2 ms burst at 0, at the middle and right before the end."""
    samples = np.zeros((int(seconds * RATE), 2), np.float32)
    burst = 0.5 * np.sin(2 * np.pi * 3000 * np.arange(96) / RATE).astype(np.float32)[:, None]
    for start in (0, len(samples) // 2, len(samples) - 96):
        samples[start : start + 96] = burst
    return samples


def _first_and_last(samples: np.ndarray) -> tuple[int, int]:
    loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.1)
    return int(loud[0]), int(loud[-1])


def _muxed(
    path: Path, samples: np.ndarray, *, codec: str, sound_start: Fraction = Fraction(0), picture_start: Fraction = Fraction(0)
) -> Path:
    """One second of grey picture at 24 fps with the given sound, either of them starting late on the container's clock."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=24)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        picture.time_base = Fraction(1, 24_000)
        picture.codec_context.time_base = Fraction(1, 24_000)
        sound = container.add_stream(codec, rate=RATE)
        assert isinstance(picture, av.VideoStream)
        assert isinstance(sound, av.AudioStream)
        sound.codec_context.layout = "stereo"
        for index in range(24):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index * 1000 + int(picture_start * 24_000), Fraction(1, 24_000)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        for start in range(0, len(samples), 1024):
            planes = np.ascontiguousarray(samples[start : start + 1024].T)
            packed = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
            packed.sample_rate, packed.time_base, packed.pts = RATE, Fraction(1, RATE), start + int(sound_start * RATE)
            container.mux(sound.encode(packed))
        container.mux(sound.encode(None))
    return path


def test_aac_in_mp4_has_neither_priming_nor_padding(tmp_path: Path) -> None:
    samples = read_sound_whole(_muxed(tmp_path / "take.mp4", _bursts(), codec="aac"))
    first, last = _first_and_last(samples)
    assert samples.shape == (48_000, 2)
    assert samples.dtype == np.float32
    assert abs(first - 1) <= 1
    assert abs(last - 47_998) <= 2


def test_sound_that_starts_late_is_preceded_by_silence(tmp_path: Path) -> None:
    path = _muxed(tmp_path / "late.mp4", _bursts(), codec="aac", sound_start=Fraction(1, 4))
    samples = read_sound_whole(path)
    assert abs(_first_and_last(samples)[0] - 12_001) <= 48  # the container counts whole milliseconds
    assert not np.abs(samples[:11_000]).max() > 0.01


def test_sound_before_the_picture_is_cut(tmp_path: Path) -> None:
    path = _muxed(tmp_path / "early.mkv", _bursts(), codec="aac", picture_start=Fraction(1, 4))
    first, last = _first_and_last(read_sound_whole(path))
    assert abs(first - 12_001) <= 48  # the container counts whole milliseconds
    assert abs(last - 35_998) <= 48


def test_resampling_keeps_the_place_of_every_sample(tmp_path: Path) -> None:
    path = _muxed(tmp_path / "take.mp4", _bursts(), codec="aac")
    samples = read_sound_whole(path, sample_rate=44_100)
    assert samples.shape == (44_100, 2)
    middle = np.abs(samples[20_000:24_000, 0]).argmax() + 20_000
    assert abs(middle - 22_050 - 44) <= 60


@pytest.mark.parametrize("frequency", [100.0, 1000.0, 10_000.0, 20_000.0])
def test_a_resampled_sine_has_no_distortion_above_minus_120_db(tmp_path: Path, frequency: float) -> None:
    source = np.sin(2 * np.pi * frequency * np.arange(44_100) / 44_100).astype(np.float32)[:, None] * 0.5
    path = write_wav(tmp_path / "sine.wav", source, 44_100, bits=32)
    samples = read_sound_whole(path, sample_rate=RATE)[2000:-2000, 0].astype(np.float64)
    expected = 0.5 * np.sin(2 * np.pi * frequency * np.arange(2000, 46_000) / RATE)
    error = samples - expected
    assert 20 * np.log10(np.sqrt(np.mean(error**2)) / 0.3536) < -120


def test_start_and_stop_address_samples_and_silence_fills_up(tmp_path: Path) -> None:
    ramp = (np.arange(1000, dtype=np.float32) / 2000)[:, None]
    path = write_wav(tmp_path / "ramp.wav", ramp, RATE, bits=32)
    samples = read_sound_whole(path, start=900, stop=1200)
    assert samples.shape == (300, 1)
    np.testing.assert_array_equal(samples[:100], ramp[900:])
    assert not samples[100:].any()


def test_blocks_are_bounded_and_lose_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    source = rng.uniform(-0.9, 0.9, (200_000, 2)).astype(np.float32)
    path = write_wav(tmp_path / "noise.wav", source, RATE, bits=32)
    blocks = list(read_sound(path))
    assert [len(block) for block in blocks] == [32_768] * 6 + [3392]
    np.testing.assert_array_equal(np.concatenate(blocks), source)


def test_a_file_without_sound_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=24)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        container.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        container.mux(picture.encode(None))
    assert list(read_sound(path)) == []
    assert read_sound_whole(path).shape == (0, 0)
    assert sound_format(path) is None


@pytest.mark.parametrize("content", [b"", b"RIFF not a wav at all", b"\0" * 4096])
def test_what_is_no_media_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"noise\.mp4: cannot be opened as media"):
        read_sound_whole(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"absent\.wav: there is no such file"):
        next(read_sound(tmp_path / "absent.wav"))


def test_sound_that_breaks_off_inside_is_a_media_error(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (48_000, 2)).astype(np.float32)
    path = _muxed(tmp_path / "take.mp4", noise, codec="aac")
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.size and packet.pos]
    broken = bytearray(path.read_bytes())
    for start, size in packets[10:20]:
        broken[start : start + size] = b"\x55" * size
    path.write_bytes(broken)
    with pytest.raises(MediaError, match=r"take\.mp4: its sound cannot be decoded after 0\.19 s"):
        read_sound_whole(path)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(channels=st.sampled_from([1, 2, 6]), length=st.integers(1, 5000), seed=st.integers(0, 99))
def test_a_float_wav_comes_back_bit_for_bit(tmp_path: Path, channels: int, length: int, seed: int) -> None:
    source = np.random.default_rng(seed).normal(0, 2, (length, channels)).astype(np.float32)
    path = write_wav(tmp_path / "round.wav", source, 44_100, bits=32)
    np.testing.assert_array_equal(read_sound_whole(path), source)


def test_24_bit_wav_is_read_alike_by_another_reader(tmp_path: Path) -> None:
    source = np.array([[0.5, -0.5], [1.0, -1.0], [0.25, 2**-23]], np.float32)
    path = write_wav(tmp_path / "pcm.wav", iter([source[:1], source[1:]]), RATE)
    data = path.read_bytes()
    assert len(data) == 12 + 8 + 40 + 8 + 18
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.name == "pcm_s24le"
        frame = next(container.decode(audio=0))
    codes = frame.to_ndarray().reshape(-1).astype(np.int32)
    assert (codes >> 8).tolist() == [4194304, -4194304, 8388607, -8388608, 2097152, 1]


def test_a_24_bit_wav_refuses_to_clip_in_silence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"1\.500 of full scale"):
        write_wav(tmp_path / "over.wav", np.full((10, 1), 1.5, np.float32), RATE)
    assert list(tmp_path.iterdir()) == []


def test_eight_and_sixteen_bit_integers_are_scaled_by_their_own_full_scale(tmp_path: Path) -> None:
    for width, code, expected in ((1, b"\x40", -0.5), (2, b"\x00\x40", 0.5)):
        path = tmp_path / f"pcm{width}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(width)
            file.setframerate(8000)
            file.writeframes(code * 100)
        np.testing.assert_allclose(read_sound_whole(path), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_a_media_error(tmp_path: Path, value: float) -> None:
    source = np.zeros((5000, 1), np.float32)
    source[3000] = value
    path = write_wav(tmp_path / "nan.wav", source, RATE, bits=32)
    with pytest.raises(MediaError, match=r"nan\.wav: its sound holds samples that are not numbers"):
        read_sound_whole(path)


def test_one_timestamp_that_the_next_contradicts_is_no_hole(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (32 * 1024, 2)).astype(np.float32)
    with av.open(str(tmp_path / "take.mkv"), "w") as container:
        sound = container.add_stream("flac", rate=RATE)
        assert isinstance(sound, av.AudioStream)
        sound.codec_context.layout, sound.codec_context.format = "stereo", "s16"
        packets = []
        for start in range(0, len(noise), 1024):
            codes = np.ascontiguousarray((noise[start : start + 1024] * 32_767).astype(np.int16).reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(codes, format="s16", layout="stereo")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), start
            packets += sound.encode(frame)
        packets += sound.encode(None)
        middle = packets[len(packets) // 2]
        assert middle.pts is not None
        assert middle.dts is not None
        middle.pts, middle.dts = middle.pts + 480, middle.dts + 480
        container.mux(packets)
    samples = read_sound_whole(tmp_path / "take.mkv")
    np.testing.assert_allclose(samples, noise, atol=1e-4)
