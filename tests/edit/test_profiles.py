"""Each profile's file, read back by PyAV: codec, depth, tags, frames, timecode, sound; and a red that stays the same red."""

import struct
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from kling_post.edit import profiles
from kling_post.edit.profiles import PROFILES, Profile, broken_promises, deliver_files, profile
from kling_post.errors import EncodeError, InvalidInputError, UsageError
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.media.sound import read_sound_whole, write_wav
from kling_post.media.transcode import transcode
from kling_post.vocabulary import Size

SIZE = Size(320, 180)
MOVIES = [each for each in PROFILES if each.coding is not None]
RED = (200, 30, 40)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty-six frames at 23.976 that start at 01:00:00:00: red on the left, a grey that tells the frame on the right; noise."""
    folder = tmp_path_factory.mktemp("take with space & ü")
    samples = 72_072
    noise = (0.1 * np.random.default_rng(1).standard_normal((samples, 2))).astype(np.float32)
    path = folder / "take 1.mp4"
    sound = write_wav(folder / "sound.wav", noise, 48_000, bits=32)
    tags = {"title": "one", "AIGC": '{"Label":"1"}'}
    rate = Fraction(24000, 1001)
    with FrameWriter(path, size=SIZE, rate=rate, sound=sound, timecode="01:00:00:00", metadata=tags) as writer:
        for index in range(36):
            writer.write(_picture(index))
    return path


def _picture(index: int) -> NDArray[np.uint8]:
    picture = np.empty((SIZE.height, SIZE.width, 3), np.uint8)
    picture[:, :160] = RED
    picture[:, 160:] = 20 + 6 * index
    return picture


@pytest.fixture(scope="module", params=MOVIES, ids=lambda each: each.name)
def delivered(request: pytest.FixtureRequest, take: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Profile, Path]:
    folder = tmp_path_factory.mktemp("delivered")
    one = deliver_files([take], request.param, folder=folder)[0]
    assert [path.name for path in folder.iterdir()] == [one.paths[0].name]  # no sound file, nothing half-written
    return request.param, one.paths[0]


EXPECTED = {
    "h264-web": ("h264", "High", "yuv420p", (320, 180), "aac", "fltp", ".mp4"),
    "h265-main10": ("hevc", "Main 10", "yuv420p10le", (320, 180), "aac", "fltp", ".mp4"),
    "av1": ("av1", "Main", "yuv420p10le", (320, 180), "aac", "fltp", ".mp4"),
    "prores-hq": ("prores", "HQ", "yuv422p10le", (320, 180), "pcm_s24le", "s32", ".mov"),
    "dnxhr-hqx": ("dnxhd", "DNXHR HQX", "yuv422p10le", (320, 180), "pcm_s24le", "s32", ".mov"),
    "proxy": ("prores", "Proxy", "yuv422p10le", (160, 90), "pcm_s24le", "s32", ".mov"),
}


def test_each_file_is_what_its_profile_says(delivered: tuple[Profile, Path]) -> None:
    wanted, path = delivered
    codec, codec_profile, pixel_format, size, sound_codec, sound_format, suffix = EXPECTED[wanted.name]
    with av.open(str(path)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        frame = next(container.decode(picture))
        assert (picture.codec_context.codec.canonical_name, picture.profile, frame.format.name) == (codec, codec_profile, pixel_format)
        assert (frame.width, frame.height, path.suffix, path.stem) == (*size, suffix, "take 1")
        assert (sound.codec_context.codec.canonical_name, sound.codec_context.format.name, sound.rate) == (
            sound_codec,
            sound_format,
            48_000,
        )


def test_colour_is_tagged_in_the_stream_and_in_the_container(delivered: tuple[Profile, Path]) -> None:
    with av.open(str(delivered[1])) as container:
        context = container.streams.video[0].codec_context
        # ISO/IEC 23091-2: 1 is BT.709 thrice; 1 is limited range.
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
    data = delivered[1].read_bytes()
    place = data.index(b"colr") + 4
    kind, *codes = struct.unpack(">4sHHH", data[place : place + 10])
    assert kind in {b"nclx", b"nclc"}
    assert codes == [1, 1, 1]
    assert data.index(b"moov") < data.index(b"mdat")  # playable before it is there whole


def test_frames_rate_and_timecode_are_the_sources(delivered: tuple[Profile, Path]) -> None:
    wanted, path = delivered
    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        times = [Fraction(frame.pts or 0) * (picture.time_base or 0) for frame in container.decode(picture)]
        timecodes = {stream.metadata.get("timecode") for stream in container.streams} | {container.metadata.get("timecode")}
        kinds = [stream.type for stream in container.streams]
    assert times == [Fraction(1001, 24000) * index for index in range(36)]
    assert (timecodes - {None, ""}, "data" in kinds) == ((set(), False) if wanted.name == "h264-web" else ({"01:00:00:00"}, True))


def test_each_frame_is_the_sources_frame_of_that_number(delivered: tuple[Profile, Path]) -> None:
    with av.open(str(delivered[1])) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for index, picture in enumerate(shown):
        middle = picture[picture.shape[0] // 2]
        assert abs(int(middle[picture.shape[1] * 3 // 4, 1]) - (20 + 6 * index)) <= 2, index


def test_the_sound_is_the_sources_sample_for_sample(delivered: tuple[Profile, Path], take: Path) -> None:
    source, written = read_sound_whole(take), read_sound_whole(delivered[1])
    assert source.shape == written.shape == (72_072, 2)
    assert np.abs(source - written).max() <= 2**-23  # AAC is copied, PCM has 24 bits


def test_what_the_container_said_of_itself_is_kept(delivered: tuple[Profile, Path]) -> None:
    with av.open(str(delivered[1])) as container:
        assert container.metadata["AIGC"] == '{"Label":"1"}'
        assert container.metadata["title"] == "one"


def test_every_second_of_the_long_gop_codecs_can_be_cut_at(delivered: tuple[Profile, Path]) -> None:
    seconds = {"h264-web": 12, "h265-main10": 24, "av1": 48}.get(delivered[0].name, 1)
    with av.open(str(delivered[1])) as container:
        stream = container.streams.video[0]
        packets = [(packet.pts or 0, packet.is_keyframe) for packet in container.demux(stream) if packet.size]
    order = sorted(packets)
    keys = [index for index, (_, key) in enumerate(order) if key]
    assert keys[0] == 0
    assert max(later - earlier for earlier, later in pairwise([*keys, 36])) <= seconds
    for pts, key in packets:  # closed: after a key frame in the file, nothing is shown that comes before it
        if key:
            later = packets[packets.index((pts, key)) :]
            assert all(other >= pts for other, _ in later)


# ----------------------------------------------------------------------------------------------- colour


def _sources(folder: Path) -> Iterator[tuple[str, Path]]:
    """The same red by every way in: RGB, 601 and 709, limited and full, 8 and 10 bits."""
    ways = [
        ("rgb", "libx264rgb", "rgb24", None, None),
        ("709-limited", "libx264", "yuv444p", 1, 1),
        ("709-full", "libx264", "yuv444p", 1, 2),
        ("601-limited", "libx264", "yuv444p", 6, 1),
        ("601-full", "libx264", "yuv444p", 5, 2),
        ("709-10-bit", "libx264", "yuv444p10le", 1, 1),
        ("untagged-180-lines", "libx264", "yuv444p", 6, None),
    ]
    for name, codec, pixel_format, matrix, code_range in ways:
        path = folder / f"{name}.mov"
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=24, options={"qp": "0", "g": "1"})
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = SIZE.width, SIZE.height, pixel_format
            if code_range:
                stream.codec_context.colorspace, stream.codec_context.color_range = matrix or 0, code_range
            for index in range(2):
                frame = av.VideoFrame.from_ndarray(_picture(index), format="rgb24")
                if matrix:
                    planes = _ycbcr(_picture(index), matrix, full=code_range == 2, bits=10 if "10" in pixel_format else 8)
                    frame = _frame(planes, pixel_format)
                    if code_range:
                        frame.colorspace, frame.color_range = matrix, code_range
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        yield name, path


def _frame(planes: NDArray[np.uint16], pixel_format: str) -> av.VideoFrame:
    """Planes of 4:4:4 as a frame; every second column of chroma for 4:2:2."""
    frame = av.VideoFrame(planes.shape[2], planes.shape[1], pixel_format)
    for number, (plane, codes) in enumerate(zip(frame.planes, planes, strict=True)):
        wanted = codes[:, ::2] if number and "422" in pixel_format else codes
        stored = wanted.astype(np.uint16 if "10" in pixel_format else np.uint8)
        padding = plane.line_size // stored.itemsize - stored.shape[1]
        plane.update(np.pad(stored, ((0, 0), (0, padding))).tobytes())
    return frame


def _ycbcr(rgb: NDArray[np.uint8], matrix: int, *, full: bool, bits: int) -> NDArray[np.uint16]:
    """By the formulae of ITU-R BT.709-6 and BT.601-7, in float: independent of what is tested."""
    red, blue = (0.2126, 0.0722) if matrix == 1 else (0.299, 0.114)
    parts = rgb.astype(float) / 255
    luma = parts @ np.array([red, 1 - red - blue, blue])
    chroma = [(parts[..., 2] - luma) / (2 - 2 * blue), (parts[..., 0] - luma) / (2 - 2 * red)]
    scale = 2 ** (bits - 8)
    steps, foot, span = (2**bits - 1, 0, 2**bits - 1) if full else (219 * scale, 16 * scale, 224 * scale)
    planes = np.stack([luma * steps + foot, *(part * span + 128 * scale for part in chroma)])
    codes: NDArray[np.uint16] = np.rint(planes).astype(np.uint16)
    return codes


def _exact_red(path: Path) -> list[float]:
    """The left middle pixel of frame 1, from the code values, in float."""
    with av.open(str(path)) as container:
        frame = list(container.decode(video=0))[1]
        assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)
        codes = [_code(frame, plane) for plane in range(3)]
    scale = 2 ** (frame.format.components[0].bits - 8)
    luma, blue, red = (codes[0] / scale - 16) / 219, *((code / scale - 128) / 224 for code in codes[1:])
    r, b = luma + red * (2 - 2 * 0.2126), luma + blue * (2 - 2 * 0.0722)
    return [255 * r, 255 * (luma - 0.2126 * r - 0.0722 * b) / 0.7152, 255 * b]


def _code(frame: av.VideoFrame, plane: int) -> int:
    stored = frame.planes[plane]
    wide = frame.format.components[0].bits > 8
    rows = np.frombuffer(memoryview(stored), np.uint16 if wide else np.uint8).reshape(stored.height, -1)
    return int(rows[stored.height // 2, stored.width // 4])


@pytest.mark.parametrize("wanted", MOVIES, ids=lambda each: each.name)
def test_a_red_stays_the_same_red(wanted: Profile, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    sources = dict(_sources(folder))
    for one in deliver_files(list(sources.values()), wanted, folder=tmp_path / "out"):
        # 2.1 codes: half a code of 8-bit Y'CbCr at the source and at the end is up to that much in RGB.
        assert _exact_red(one.paths[0]) == pytest.approx(RED, abs=2.6), one.source.path.name


def test_ten_bits_are_not_rounded_to_eight(tmp_path: Path) -> None:
    """A ramp of neighbouring 10-bit codes keeps all of them in the 10-bit profiles."""
    path = tmp_path / "ramp.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=24, options={"profile": "3", "bits_per_mb": "8000"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = SIZE.width, SIZE.height, "yuv422p10le"
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
        ramp = np.full((3, SIZE.height, SIZE.width), 512, np.uint16)
        ramp[0] = 400 + np.arange(SIZE.width) // 16
        container.mux(stream.encode(_frame(ramp, "yuv422p10le")))
        container.mux(stream.encode(None))
    for wanted in (profile("prores-hq"), profile("dnxhr-hqx"), profile("h265-main10"), profile("av1")):
        one = deliver_files([path], wanted, folder=tmp_path / wanted.name)[0]
        with av.open(str(one.paths[0])) as container:
            frame = next(container.decode(video=0))
            luma = np.frombuffer(memoryview(frame.planes[0]), np.uint16).reshape(SIZE.height, -1)[90, : SIZE.width]
        found = [round(float(luma[16 * step + 4 : 16 * step + 12].mean())) for step in range(20)]
        assert np.abs(np.array(found) - np.arange(400, 420)).max() <= 1, wanted.name
        assert len({code % 4 for code in found}) == 4, wanted.name


# ----------------------------------------------------------------------------------------------- stills


def test_stills_are_numbered_by_their_frames_and_show_the_same_red(take: Path, tmp_path: Path) -> None:
    one = deliver_files([take], profile("stills"), folder=tmp_path, every_frames=12)[0]
    assert [path.name for path in one.paths] == ["take 1.00000000.png", "take 1.00000012.png", "take 1.00000024.png"]
    assert {path.parent for path in one.paths} == {tmp_path / "take 1_stills"}
    for frame, path in zip((0, 12, 24), one.paths, strict=True):
        with Image.open(path) as image:
            assert (image.size, image.mode) == ((320, 180), "RGB")
            assert np.abs(np.array(image.getpixel((80, 90))) - RED).max() <= 3
            assert abs(image.getpixel((240, 90))[0] - (20 + 6 * frame)) <= 2
    assert [path.name for path in tmp_path.iterdir()] == ["take 1_stills"]


# ----------------------------------------------------------------------------------------------- refusals


def test_a_profile_that_does_not_exist_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean prores-hq"):
        profile("prores-hg")


def test_nothing_is_written_over_its_own_source_or_another_delivery(take: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="overwritten"):
        deliver_files([take], profile("h264-web"), folder=take.parent)
    with pytest.raises(UsageError, match="Two sources"):
        deliver_files([take, take], profile("prores-hq"), folder=tmp_path)


def test_high_dynamic_range_and_variable_rates_are_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for time in (0, 1, 2, 5, 6, 9, 14, 15):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(InvalidInputError, match=r"variable frame rate.*Assemble it first"):
        deliver_files([path], profile("proxy"), folder=tmp_path / "out")
    with pytest.raises(InvalidInputError, match="smaller than 256x120"):
        deliver_files([_still_take(tmp_path / "b.mp4")], profile("dnxhr-hqx"), folder=tmp_path / "out")


def _still_take(path: Path) -> Path:
    with FrameWriter(path, size=Size(64, 36), rate=Fraction(24)) as writer:
        writer.write(np.zeros((36, 64, 3), np.uint8))
    return path


def test_a_take_without_sound_is_delivered_without_sound(tmp_path: Path) -> None:
    one = deliver_files([_still_take(tmp_path / "b.mp4")], profile("prores-hq"), folder=tmp_path / "out")[0]
    assert one.facts is not None
    assert one.facts.audio is None
    assert one.facts.start_timecode == "00:00:00:00"


def test_a_users_own_options_reach_the_encoder(take: Path, tmp_path: Path) -> None:
    fine = deliver_files([take], profile("h265-main10"), folder=tmp_path / "fine")[0]
    coarse = deliver_files(
        [take], profile("h265-main10"), folder=tmp_path / "coarse", ffmpeg_arguments="-crf 48 -x265-params aq-mode=1:bframes=0"
    )[0]
    assert coarse.paths[0].stat().st_size < fine.paths[0].stat().st_size
    with av.open(str(coarse.paths[0])) as container:
        times = [packet.pts for packet in container.demux(video=0) if packet.size and packet.pts is not None]
        assert times == sorted(times)  # no B-frames
        assert container.streams.video[0].codec_context.colorspace == 1


def test_a_promise_that_the_encoder_broke_is_told_and_nothing_is_left(take: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eight_bits = profile("h264-web")
    assert eight_bits.coding is not None
    coding = eight_bits.coding
    monkeypatch.setattr(profiles, "transcode", lambda facts, output, _, **more: transcode(facts, output, coding, **more))
    with pytest.raises(EncodeError, match=r"bits 8 instead of 10.*removed"):
        deliver_files([take], profile("h265-main10"), folder=tmp_path)
    assert not list(tmp_path.iterdir())
    facts = probe(take)
    assert "frames 36 instead of 36" not in broken_promises(facts, facts, profile("prores-hq"))


def test_what_was_delivered_before_is_kept_and_what_changed_is_made_anew(take: Path, tmp_path: Path) -> None:
    def delivered_at(arguments: str = "") -> int:
        one = deliver_files([take], profile("prores-hq"), folder=tmp_path, ffmpeg_arguments=arguments)[0]
        assert one.facts is not None
        assert one.facts.frames == 36
        return one.paths[0].stat().st_mtime_ns

    first = delivered_at()
    assert delivered_at() == first
    other = delivered_at("-bits_per_mb 4000")
    assert other > first
    whole = (tmp_path / "take 1.mov").read_bytes()
    (tmp_path / "take 1.mov").write_bytes(whole[: len(whole) // 2])
    assert delivered_at("-bits_per_mb 4000") > other
