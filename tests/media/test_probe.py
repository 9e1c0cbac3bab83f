"""What a file is, read from packets; what cannot be used ends in one sentence."""

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.errors import MediaError
from kling_post.media.decode import decode
from kling_post.media.probe import file_sha256, probe
from kling_post.media.timing import rate_of
from kling_post.vocabulary import Size

Pictures = Callable[..., list[np.ndarray]]
WriteClip = Callable[..., Path]


def test_a_plain_file_is_described_exactly(plain_clip: Path) -> None:
    facts = probe(plain_clip)
    assert (facts.size, facts.rate, facts.frames) == (Size(96, 64), Fraction(24), 40)
    assert facts.constant_rate
    assert (facts.container, facts.codec, facts.pixel_format, facts.bit_depth) == ("mp4", "h264", "yuv420p", 8)
    assert facts.start_seconds == 0
    assert facts.sha256 == hashlib.sha256(plain_clip.read_bytes()).hexdigest() == file_sha256(plain_clip)
    assert facts.audio is not None
    assert (facts.audio.codec, facts.audio.sample_rate, facts.audio.channels) == ("aac", 48_000, 2)
    assert facts.audio.duration_seconds is not None
    assert abs(facts.audio.duration_seconds - facts.duration_seconds) < Fraction(1, 20)


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "60", "8"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_the_rate_is_exact_in_every_container(
    tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures, rate: str, suffix: str
) -> None:
    facts = probe(clip_writer(tmp_path / f"clip.{suffix}", number_pictures(30), rate=Fraction(rate)))
    assert facts.rate == Fraction(rate)
    assert facts.constant_rate
    assert facts.frames == 30


def test_a_dropped_timestamp_makes_the_rate_variable_but_keeps_it(
    tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures
) -> None:
    times = [index if index < 12 else index + 2 for index in range(24)]
    facts = probe(clip_writer(tmp_path / "gap.mkv", number_pictures(24), times=times))
    assert facts.rate == 24
    assert not facts.constant_rate


@given(
    rate=st.sampled_from(["24", "24000/1001", "25", "30000/1001", "30", "50", "60000/1001"]),
    base=st.sampled_from([1000, 12_288, 15_360, 24_000, 90_000]),
    frames=st.integers(90, 400),
    start=st.integers(-5, 5000),
)
def test_rates_survive_any_clock_of_a_container(rate: str, base: int, frames: int, start: int) -> None:
    exact = Fraction(rate)
    times = [start + round(index / exact * base) for index in range(frames)]
    assert rate_of(times, Fraction(1, base), None) == (exact, True)


def test_rotation_is_reported_and_the_size_is_the_displayed_one(tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures) -> None:
    facts = probe(clip_writer(tmp_path / "turned.mp4", number_pictures(4), rotation=90))
    assert (facts.rotation_degrees, facts.size) == (90, Size(64, 96))


def test_ten_bit_and_other_layouts_are_reported(tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures) -> None:
    facts = probe(clip_writer(tmp_path / "ten.mkv", number_pictures(4), codec="ffv1", pixel_format="yuv422p10le"))
    assert (facts.bit_depth, facts.pixel_format, facts.codec) == (10, "yuv422p10le", "ffv1")


def test_start_timecode_is_found(tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures) -> None:
    path = clip_writer(tmp_path / "timecode.mov", number_pictures(4), metadata={"timecode": "01:00:00:00"})
    assert probe(path).start_timecode == "01:00:00:00"


def sound_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), format="s16", layout="mono")
        block.sample_rate, block.pts = 48_000, 0
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return path


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="there is no such file"):
        probe(tmp_path / "nothing.mp4")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="not a file"):
        probe(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.mp4", b"", "zero bytes"),
        ("text.mp4", b"this is not a film\n" * 50, "not a media file"),
        ("noise.mov", bytes(range(256)) * 64, "not a media file"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n", "not a media file"),
        ("list.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n", "not a media file"),
        ("concat.txt", b"ffconcat version 1.0\nfile /etc/hostname\n", "not a media file"),
    ],
)
def test_what_is_no_film_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MediaError, match=sentence):
        probe(tmp_path / name)


def test_a_list_of_other_files_is_never_followed(tmp_path: Path, plain_clip: Path) -> None:
    (tmp_path / "real.mp4").write_bytes(plain_clip.read_bytes())
    for text in ("ffconcat version 1.0\nfile real.mp4\n", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nreal.mp4\n#EXT-X-ENDLIST\n"):
        (tmp_path / "list.mp4").write_text(text)
        with pytest.raises(MediaError, match="not a media file"):
            probe(tmp_path / "list.mp4")


def test_a_name_that_looks_like_a_protocol_is_a_file_name(tmp_path: Path, plain_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = Path("concat:a%03d|b.mp4")
    odd.write_bytes(plain_clip.read_bytes())
    assert probe(odd).frames == 40


def test_sound_without_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="sound but no picture"):
        probe(sound_only(tmp_path / "voice.wav"))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, plain_clip: Path, share: float) -> None:
    fast_start = tmp_path / "front.mp4"
    with av.open(str(plain_clip)) as source, av.open(str(fast_start), "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    whole = fast_start.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: round(len(whole) * share)])
    with pytest.raises(MediaError):
        probe(tmp_path / "cut.mp4")


def test_an_interlaced_raw_stream_counts_pictures_and_decodes_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "interlaced.h264"
    texture = np.random.default_rng(3).integers(40, 200, (96, 128, 3), dtype=np.uint8)
    with av.open(str(path), "w", format="h264") as movie:
        stream = movie.add_stream("libx264", rate=25, options={"x264-params": "tff=1:bframes=2", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for shift in range(8):
            movie.mux(stream.encode(av.VideoFrame.from_ndarray(np.roll(texture, 2 * shift, 1), format="rgb24")))
        movie.mux(stream.encode(None))
    facts = probe(path)
    assert (facts.container, facts.frames, facts.interlaced) == ("h264", 8, True)
    assert [view.index for view in decode(path)] == list(range(8))
