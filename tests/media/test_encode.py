import os
import signal
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kling_post.errors import EncodeError, InvalidInputError
from kling_post.media.decode import decode
from kling_post.media.encode import H264_MASTER, EncodeSettings, FrameWriter, rgb_to_ycbcr420, track_timescale
from kling_post.vocabulary import Size

SMALL = Size(64, 36)
PRIMARIES = {
    # R'G'B' -> Y', Cb, Cr of ITU-R BT.709 at 8 bits, worked out by hand from items 3.2 to 3.4.
    (255, 0, 0): (63, 102, 240),
    (0, 255, 0): (173, 42, 26),
    (0, 0, 255): (32, 240, 118),
    (255, 255, 255): (235, 128, 128),
    (0, 0, 0): (16, 128, 128),
    (128, 128, 128): (126, 128, 128),
}


def flat(rgb: tuple[int, int, int], size: Size = SMALL) -> NDArray[np.uint8]:
    return np.full((size.height, size.width, 3), rgb, dtype=np.uint8)


def packets(path: Path) -> tuple[list[tuple[int, bool, int]], Fraction, Fraction]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        found = sorted((packet.pts or 0, packet.is_keyframe, packet.duration or 0) for packet in container.demux(stream) if packet.size)
        assert stream.time_base
        assert stream.average_rate
        return found, stream.time_base, stream.average_rate


@pytest.mark.parametrize(("rgb", "expected"), PRIMARIES.items())
def test_primaries_convert_to_the_code_values_of_bt709(rgb: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    assert tuple(int(plane[3, 3]) for plane in rgb_to_ycbcr420(flat(rgb))) == expected


def test_red_comes_back_from_the_file_as_bt709_red(tmp_path: Path) -> None:
    with FrameWriter(tmp_path / "red.mp4", size=SMALL, rate=Fraction(24)) as writer:
        for _ in range(3):
            writer.write(flat((255, 0, 0)))
    with av.open(str(tmp_path / "red.mp4")) as container:
        frame = next(container.decode(video=0))
        assert [bytes(plane)[0] for plane in frame.planes] == pytest.approx([63, 102, 240], abs=1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 70), st.integers(2, 20))
def test_every_picture_converts_within_one_code_value_of_the_formula(seed: int, half_rows: int, half_columns: int) -> None:
    rgb = np.random.default_rng(seed).integers(0, 256, (half_rows * 2, half_columns * 2, 3), dtype=np.uint8)
    luma, blue, red = (plane.astype(float) for plane in rgb_to_ycbcr420(rgb))
    linear = rgb / 255.0
    assert np.abs(luma - (16 + 219 * linear @ [0.2126, 0.7152, 0.0722])).max() <= 1.1
    # Chroma of the 1-2-1 by 1-1 filtered picture, away from the first column.
    rows = (linear[0::2] + linear[1::2]) / 2
    filtered = (rows[:, 1:-2:2] + 2 * rows[:, 2:-1:2] + rows[:, 3::2]) / 4
    bright = filtered @ [0.2126, 0.7152, 0.0722]
    # Two roundings to 8 bits (the mean, the mean of means) come before the matrix.
    assert np.abs(blue[:, 1:] - (128 + 224 * (filtered[..., 2] - bright) / 1.8556)).max() <= 2.0
    assert np.abs(red[:, 1:] - (128 + 224 * (filtered[..., 0] - bright) / 1.5748)).max() <= 2.0


def test_greys_stay_neutral() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2).repeat(8, axis=1)
    luma, blue, red = rgb_to_ycbcr420(ramp)
    assert set(np.unique(blue)) == set(np.unique(red)) == {128}
    assert (luma[0, 0], luma[255, 0]) == (16, 235)
    assert (np.diff(luma[:, 0].astype(int)) >= 0).all()


def test_chroma_sits_on_the_even_columns() -> None:
    """One red column spreads over its own chroma sample, and half as much over each neighbour when it is odd."""
    even, odd = flat((0, 0, 0)), flat((0, 0, 0))
    even[:, 8], odd[:, 9] = (255, 0, 0), (255, 0, 0)
    of_even = rgb_to_ycbcr420(even)[2][4].astype(int) - 128
    of_odd = rgb_to_ycbcr420(odd)[2][4].astype(int) - 128
    assert of_even[3:6].tolist() == pytest.approx([0, 56, 0], abs=1)
    assert of_odd[3:7].tolist() == pytest.approx([0, 28, 28, 0], abs=1)


@given(st.fractions(min_value=Fraction(1, 2), max_value=240, max_denominator=1001))
def test_a_frame_lasts_whole_ticks_at_any_rate(rate: Fraction) -> None:
    timescale = track_timescale(rate)
    assert (timescale / rate).denominator == 1
    assert timescale >= 10_000


@pytest.mark.parametrize(
    "rate", [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(37, 3)]
)
def test_the_rate_is_exact_and_constant_and_starts_at_zero(tmp_path: Path, rate: Fraction) -> None:
    with FrameWriter(tmp_path / "rate.mp4", size=SMALL, rate=rate) as writer:
        for level in range(10):
            writer.write(flat((level * 20,) * 3))
    found, time_base, average_rate = packets(tmp_path / "rate.mp4")
    assert average_rate == rate
    assert [pts * time_base for pts, _, _ in found] == [index / rate for index in range(10)]
    assert {duration * time_base for _, _, duration in found} == {1 / rate}


def test_idr_frames_stand_at_the_start_at_planned_cuts_and_each_second(tmp_path: Path) -> None:
    path = tmp_path / "cuts.mp4"
    with FrameWriter(path, size=SMALL, rate=Fraction(12), cut_frames=(5, 20)) as writer:
        for index in range(36):
            writer.write(flat((100 + index, 80, 60)))
    found, _, _ = packets(path)
    keys = [index for index, (_, key, _) in enumerate(found) if key]
    assert {0, 5, 20} <= set(keys)
    assert max(np.diff([*keys, 36])) <= 12
    assert _idr_frames(path) == keys


def test_the_file_is_tagged_bt709_limited_with_a_colr_box_and_moov_first(tmp_path: Path) -> None:
    path = tmp_path / "tags.mp4"
    with FrameWriter(path, size=SMALL, rate=Fraction(24)) as writer:
        writer.write(flat((10, 20, 30)))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    colr = data.index(b"colrnclx")
    assert data[colr + 8 : colr + 15] == bytes([0, 1, 0, 1, 0, 1, 0])  # primaries, transfer, matrix 1; not full range
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_range, context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1, 1)
        assert (context.profile, context.pix_fmt) == ("High", "yuv420p")


def test_metadata_and_timecode_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "meta.mp4"
    words = {"comment": "PREVIZ - not generated footage", "kling_post_task": "a=b;c"}
    with FrameWriter(path, size=SMALL, rate=Fraction(24), metadata=words, timecode="01:00:00:00") as writer:
        writer.write(flat((10, 20, 30)))
    with av.open(str(path)) as container:
        assert words.items() <= container.metadata.items()
        assert container.streams.video[0].metadata["timecode"] == "01:00:00:00"


def test_sound_goes_along_as_stereo_aac_of_48_khz(tmp_path: Path) -> None:
    _write_tone(tmp_path / "tone.wav")
    with FrameWriter(tmp_path / "out.mp4", size=SMALL, rate=Fraction(24), sound=tmp_path / "tone.wav") as writer:
        for _ in range(12):
            writer.write(flat((50, 60, 70)))
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("aac", 48_000, 2)
        assert stream.duration
        assert stream.time_base
        assert stream.duration * stream.time_base == Fraction(1, 2)
        assert container.streams.video[0].start_time == 0


def test_files_of_equal_settings_share_their_parameter_sets(tmp_path: Path) -> None:
    for name, colour, frames in (("a", (200, 30, 30), 5), ("b", (1, 2, 3), 30)):
        with FrameWriter(tmp_path / f"{name}.mp4", size=SMALL, rate=Fraction(24)) as writer:
            for _ in range(frames):
                writer.write(flat(colour))
    headers = []
    for name in "ab":
        with av.open(str(tmp_path / f"{name}.mp4")) as container:
            headers.append(container.streams.video[0].codec_context.extradata)
    assert headers[0] == headers[1]


def test_an_exception_inside_the_block_ends_ffmpeg_and_leaves_nothing(tmp_path: Path) -> None:
    def write_and_fail() -> None:
        with FrameWriter(tmp_path / "out.mp4", size=SMALL, rate=Fraction(24)) as writer:
            writer.write(flat((1, 2, 3)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_ffmpeg_dying_in_the_middle_is_an_encode_error_and_leaves_nothing(tmp_path: Path) -> None:
    def write_until_it_fails() -> None:
        with FrameWriter(tmp_path / "out.mp4", size=Size(320, 180), rate=Fraction(24)) as writer:
            writer.write(flat((1, 2, 3), Size(320, 180)))
            os.kill(writer.process.pid, signal.SIGKILL)
            for _ in range(100):
                writer.write(flat((1, 2, 3), Size(320, 180)))

    with pytest.raises(EncodeError, match="was ended by signal 9"):
        write_until_it_fails()
    assert list(tmp_path.iterdir()) == []


def test_settings_that_the_encoder_refuses_are_an_encode_error_with_its_words(tmp_path: Path) -> None:
    quality = EncodeSettings(preset="no such preset", crf=17)

    def write() -> None:
        with FrameWriter(tmp_path / "out.mp4", size=SMALL, rate=Fraction(24), quality=quality) as writer:
            for _ in range(500):
                writer.write(flat((1, 2, 3)))

    with pytest.raises(EncodeError) as caught:
        write()
    assert "preset" in caught.value.stderr_tail
    assert list(tmp_path.iterdir()) == []


def test_no_frame_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match="no frame was written"), FrameWriter(tmp_path / "out.mp4", size=SMALL, rate=Fraction(24)):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_odd_size_and_a_wrong_frame_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="even width and height, not 63x36"):
        FrameWriter(tmp_path / "out.mp4", size=Size(63, 36), rate=Fraction(24))

    def write_wrong() -> None:
        with FrameWriter(tmp_path / "out.mp4", size=SMALL, rate=Fraction(24)) as writer:
            writer.write(np.zeros((36, 64), np.uint8))

    with pytest.raises(ValueError, match="a frame must be uint8"):
        write_wrong()


def test_planes_survive_lossless_settings_bit_for_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    planes = [rng.integers(16, 236, shape, dtype=np.uint8) for shape in ((36, 64), (18, 32), (18, 32))]
    with FrameWriter(tmp_path / "out.mp4", size=SMALL, rate=Fraction(24), quality=EncodeSettings(preset="ultrafast", crf=1)) as writer:
        writer.write_planes(*planes)
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0)).to_ndarray()
    assert np.abs(frame[:36].astype(int) - planes[0]).max() <= 3


def _idr_frames(path: Path) -> list[int]:
    """Frames whose packet holds a NAL unit of type 5, by our own parsing."""
    with av.open(str(path)) as container:
        pairs = []
        for packet in container.demux(container.streams.video[0]):
            data, kinds = bytes(packet), set()
            while len(data) > 4:
                length = int.from_bytes(data[:4], "big")
                kinds.add(data[4] & 31)
                data = data[4 + length :]
            if kinds:
                pairs.append((packet.pts or 0, 5 in kinds))
    return [index for index, (_, idr) in enumerate(sorted(pairs)) if idr]


def _write_tone(path: Path) -> None:
    import wave

    tone = (np.sin(np.arange(24_000) * 440 * 2 * np.pi / 48_000) * 8000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.repeat(tone[:, None], 2, axis=1).tobytes())


def test_the_master_keeps_more_of_a_moving_texture(tmp_path: Path) -> None:
    wide = cv2.GaussianBlur(np.random.default_rng(6).normal(0, 1, (180, 480)), (0, 0), 1.2)
    wide = 120 + 8 * wide / wide.std()
    pans = [np.array([[1, 0, -1.3 * place], [0, 1, 0]]) for place in range(24)]
    frames = [cv2.warpAffine(wide, pan, (320, 180), flags=cv2.INTER_CUBIC).round().astype(np.uint8) for pan in pans]
    grey = np.full((90, 160), 128, np.uint8)

    def fine(luma: NDArray[np.generic]) -> float:
        picture = luma.astype(np.float64)
        return float((picture - cv2.GaussianBlur(picture, (0, 0), 2)).std())

    lost = []
    for keeps in (False, True):
        path = tmp_path / f"{keeps}.mp4"
        with FrameWriter(path, size=Size(320, 180), rate=Fraction(24), quality=replace(H264_MASTER, keeps_grain=keeps)) as writer:
            for frame in frames:
                writer.write_planes(frame, grey, grey)
        left = float(np.mean([fine(frame.luma) for frame in decode(path)]))
        lost.append((float(np.mean([fine(frame) for frame in frames])) ** 2 - left**2) ** 0.5)
    assert lost[1] < 0.8 * lost[0]
    assert H264_MASTER.keeps_grain
