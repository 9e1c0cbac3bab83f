from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.errors import EncodeError, InvalidInputError, MediaError
from kling_post.media.encode import H264_TAKE, EncodeSettings, FrameWriter
from kling_post.media.encode_sound import encode_aac
from kling_post.media.ffmpeg import run_ffmpeg
from kling_post.media.h264 import ParameterSets
from kling_post.media.sound import read_sound_whole
from kling_post.media.splice import PictureIndex, Stretch, picture_index, splice
from kling_post.vocabulary import FrameRange, Size

RATE = Fraction(24)


def take(path: Path, frames: int = 40, quality: EncodeSettings = H264_TAKE, seed: int = 0) -> PictureIndex:
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.integers(0, 255, (36, 64 + 2 * frames, 3), dtype=np.uint8), (0, 0), 2)
    with FrameWriter(path, size=Size(64, 36), rate=RATE, quality=quality) as writer:
        for frame in range(frames):
            writer.write(np.ascontiguousarray(texture[:, 2 * frame : 2 * frame + 64]))
    index = picture_index(path)
    assert index is not None
    return index


def hashes(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray()).tobytes() for frame in container.decode(video=0)]


def index_of(display: tuple[int, ...], idr: tuple[int, ...] = (0,)) -> PictureIndex:
    sets = ParameterSets((), (), b"")
    return PictureIndex(
        path=Path("x"), display=display, idr=idr, parameter_sets=sets, tick=Fraction(1, 24), start=0, frame_ticks=Fraction(1)
    )


def test_a_copy_may_stop_only_where_nothing_shown_needs_a_later_packet() -> None:
    # I0 P4 B2 b1 b3 P8 B6 b5 b7: after packets 0, and after all of 0 to 4, and of 0 to 8.
    index = index_of((0, 4, 2, 1, 3, 8, 6, 5, 7))
    assert [index.last_stop(frame) for frame in range(10)] == [0, 1, 1, 1, 1, 5, 5, 5, 5, 9]


def test_a_copy_may_start_only_at_an_idr_frame() -> None:
    index = index_of(tuple(range(10)), idr=(0, 4, 8))
    assert [index.first_start(frame) for frame in (0, 1, 4, 5, 8, 9)] == [0, 4, 4, 8, 8, 10]


@given(st.permutations(range(12)), st.integers(0, 12))
def test_a_stop_is_always_a_prefix_of_the_decode_order(display: list[int], frame: int) -> None:
    stop = index_of(tuple(display)).last_stop(frame)
    assert stop <= frame
    assert sorted(display[:stop]) == list(range(stop))


def test_stretches_of_two_files_are_copied_bit_for_bit(tmp_path: Path) -> None:
    first, second = take(tmp_path / "a.mp4"), take(tmp_path / "b.mp4", seed=1)
    stop = first.last_stop(31)
    splice(
        tmp_path / "out.mp4",
        [Stretch(index=first, frames=FrameRange(0, stop)), Stretch(index=second, frames=FrameRange(24, 40))],
        rate=RATE,
        timecode="01:00:00:00",
        metadata={"title": "Zwei Stücke"},
    )
    assert hashes(tmp_path / "out.mp4") == hashes(tmp_path / "a.mp4")[:stop] + hashes(tmp_path / "b.mp4")[24:]
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.start_time, stream.average_rate, stream.frames) == (0, RATE, stop + 16)
        assert container.metadata["title"] == "Zwei Stücke"
        assert stream.metadata["timecode"] == "01:00:00:00"
        assert (stream.codec_context.colorspace, stream.codec_context.color_range) == (1, 1)


def test_streams_of_different_settings_share_a_file_under_ids_of_their_own(tmp_path: Path) -> None:
    first = take(tmp_path / "a.mp4")
    second = take(tmp_path / "b.mp4", quality=EncodeSettings(preset="ultrafast", crf=20, parameter_set_id=1))
    stretches = [Stretch(index=index, frames=FrameRange(0, 40)) for index in (first, second, first)]
    splice(tmp_path / "out.mp4", stretches, rate=RATE)
    assert hashes(tmp_path / "out.mp4") == [*hashes(tmp_path / "a.mp4"), *hashes(tmp_path / "b.mp4"), *hashes(tmp_path / "a.mp4")]


def test_streams_whose_ids_collide_are_refused(tmp_path: Path) -> None:
    first = take(tmp_path / "a.mp4")
    second = take(tmp_path / "b.mp4", quality=EncodeSettings(preset="ultrafast", crf=20))
    with pytest.raises(InvalidInputError, match="settings that one file cannot hold"):
        splice(tmp_path / "out.mp4", [Stretch(index=index, frames=FrameRange(0, 40)) for index in (first, second)], rate=RATE)
    assert not list(tmp_path.glob("out*"))


def test_sound_is_copied_and_begins_with_the_picture(tmp_path: Path) -> None:
    index = take(tmp_path / "a.mp4", 48)
    clap = np.zeros((96_000, 2), np.float32)
    clap[40_000:40_040] = 0.8
    encode_aac(tmp_path / "clap.m4a", [clap[:50_000], clap[50_000:]], 48_000, 320)
    splice(tmp_path / "out.mp4", [Stretch(index=index, frames=FrameRange(0, 48))], rate=RATE, sound=tmp_path / "clap.m4a")
    heard = read_sound_whole(tmp_path / "out.mp4")
    assert heard.shape == (96_000, 2)
    assert int(np.argmax(np.abs(heard[:, 0]) > 0.4)) == pytest.approx(40_000, abs=2)


def hevc(path: Path, colour: str, parameters: str = "") -> PictureIndex:
    source = ("-f", "lavfi", "-i", f"testsrc2=size=64x64:rate=24:duration=1,hue=h={colour}", "-pix_fmt", "yuv420p")
    settings = f"log-level=error:open-gop=0:keyint=12:{parameters}".rstrip(":")
    run_ffmpeg((*source, "-c:v", "libx265", "-x265-params", settings, "-tag:v", "hvc1"), output=path)
    index = picture_index(path)
    assert index is not None
    return index


def test_hevc_takes_of_equal_settings_are_copied_bit_for_bit(tmp_path: Path) -> None:
    first, second = hevc(tmp_path / "a.mp4", "0"), hevc(tmp_path / "b.mp4", "90")
    assert first.idr == (0, 12)
    splice(tmp_path / "out.mp4", [Stretch(index=index, frames=FrameRange(0, 24)) for index in (first, second)], rate=RATE)
    assert hashes(tmp_path / "out.mp4") == [*hashes(tmp_path / "a.mp4"), *hashes(tmp_path / "b.mp4")]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


def test_hevc_takes_of_other_settings_are_refused(tmp_path: Path) -> None:
    first, second = hevc(tmp_path / "a.mp4", "0"), hevc(tmp_path / "b.mp4", "0", "ref=1:bframes=0:weightp=0")
    with pytest.raises(InvalidInputError, match="settings that one file cannot hold"):
        splice(tmp_path / "out.mp4", [Stretch(index=index, frames=FrameRange(0, 24)) for index in (first, second)], rate=RATE)


def test_a_clock_too_coarse_for_its_rate_is_still_copied(tmp_path: Path) -> None:
    """90 kHz does not divide 23.976: the timestamps are rounded, the frames are whole."""
    rate = Fraction(24000, 1001)
    with FrameWriter(tmp_path / "film.mp4", size=Size(64, 36), rate=rate) as writer:
        for level in range(30):
            writer.write(np.full((36, 64, 3), level * 5, np.uint8))
    copy = ("-i", str(tmp_path / "film.mp4"), "-c", "copy", "-video_track_timescale", "1000")
    run_ffmpeg(copy, output=tmp_path / "coarse.mp4")
    index = picture_index(tmp_path / "coarse.mp4")
    assert index is not None
    assert (index.frames, index.idr[:2]) == (30, (0, 24))
    splice(tmp_path / "out.mp4", [Stretch(index=index, frames=FrameRange(24, 30))], rate=rate)
    assert hashes(tmp_path / "out.mp4") == hashes(tmp_path / "film.mp4")[24:]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].average_rate == rate


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c:v", "mpeg4"),
        ("-c:v", "libx264", "-x264-params", "open-gop=1:keyint=12:bframes=3", "-ss", "0.3"),
        ("-c:v", "libx264", "-vf", "setpts='if(gt(N,10),PTS+7/TB/24,PTS)'", "-fps_mode", "vfr"),
    ],
)
def test_what_cannot_be_copied_has_no_index(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    source = ("-f", "lavfi", "-i", "testsrc2=size=64x36:rate=24:duration=2", "-pix_fmt", "yuv420p")
    run_ffmpeg((*source, *arguments), output=tmp_path / "x.mp4")
    index = picture_index(tmp_path / "x.mp4")
    # An open GOP that begins with an IDR frame may be copied from there; its other key frames are no places to start.
    assert index is None or index.idr == (0,)


def test_a_missing_file_and_one_that_has_shrunk_are_said(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"absent\.mp4"):
        picture_index(tmp_path / "absent.mp4")
    index, longer = take(tmp_path / "a.mp4", 10), take(tmp_path / "b.mp4", 40)
    (tmp_path / "b.mp4").write_bytes((tmp_path / "a.mp4").read_bytes())
    with pytest.raises(EncodeError, match="no longer there"):
        splice(tmp_path / "out.mp4", [Stretch(index=longer, frames=FrameRange(0, 40))], rate=RATE)
    assert index.frames == 10
    assert not list(tmp_path.glob("out*"))
