"""`kling-post check` on what people really send: each odd file is judged or refused in one sentence."""

import json
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.cli import main

Pictures = Sequence[NDArray[np.uint8]]


def moving(frames: int = 12, width: int = 128, height: int = 72, channels: int = 3) -> Pictures:
    texture = np.random.default_rng(11).integers(60, 200, (height, width, channels), dtype=np.uint8)
    return [np.roll(texture, 2 * frame, 1) for frame in range(frames)]


def film(
    path: Path,
    pictures: Pictures,
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    times: Sequence[int] | None = None,
    turned: int = 0,
    options: dict[str, str] | None = None,
) -> Path:
    source = {3: "rgb24", 4: "rgba"}[pictures[0].shape[2]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options=options or {})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], pixel_format
        if turned:
            stream.set_display_rotation(turned)
        for place, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format=source).reformat(format=pixel_format)
            frame.pts, frame.time_base = (place if times is None else times[place]), Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def voice(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), format="s16", layout="mono")
        block.sample_rate = 48_000
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    return path


def truncated(path: Path) -> Path:
    whole = film(path, moving(), options={"movflags": "faststart"}).read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    return path


def claims_to_be_huge(path: Path) -> Path:
    """A small film whose header says 40000 by 40000."""
    content = bytearray(film(path, moving(3), codec="mpeg4").read_bytes())
    for tag in (b"mp4v",):
        place = content.rindex(tag)
        content[place + 28 : place + 32] = struct.pack(">HH", 40_000, 40_000)
    path.write_bytes(content)
    return path


def written(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


REFUSED: dict[str, Callable[[Path], Path]] = {
    "zero_bytes.mp4": written(b""),
    "random_bytes.mp4": written(np.random.default_rng(3).bytes(20_000)),
    "truncated.mp4": truncated,
    "sound_only.wav": voice,
    "playlist.m3u8": written(b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n"),
    "list_of_files.mp4": written(b"ffconcat version 1.0\nfile /etc/hostname\n"),
}

JUDGED: dict[str, Callable[[Path], Path]] = {
    "wrong_extension.avi": lambda path: film(path.with_suffix(".mp4"), moving()).rename(path),
    "picture_only.mp4": lambda path: film(path, moving()),
    "one_frame.mp4": lambda path: film(path, moving(1)),
    "two_frames.mp4": lambda path: film(path, moving(2)),
    "odd_size.mkv": lambda path: film(path, moving(12, 127, 71), pixel_format="yuv444p"),
    "tiny.mp4": lambda path: film(path, moving(4, 16, 16)),
    "one_pixel_high.mkv": lambda path: film(path, moving(4, 64, 1), codec="ffv1", pixel_format="yuv444p"),
    "turned.mp4": lambda path: film(path, moving(), turned=90),
    "interlaced.mp4": lambda path: film(path, moving(), options={"x264-params": "tff=1"}),
    "variable_rate.mp4": lambda path: film(path, moving(), times=[0, 1, 2, 5, 6, 9, 10, 11, 15, 16, 17, 30]),
    "ten_bit.mp4": lambda path: film(path, moving(), pixel_format="yuv420p10le"),
    "with_alpha.mov": lambda path: film(path, moving(channels=4), codec="prores_ks", pixel_format="yuva444p10le"),
    "grey.mkv": lambda path: film(path, moving(), codec="ffv1", pixel_format="gray"),
    "eight_k.mp4": lambda path: film(path, [np.full((4320, 7680, 3), 90, np.uint8)] * 2, options={"preset": "ultrafast"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_a_clip_is_refused_in_one_sentence(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = REFUSED[name](tmp_path / name)
    assert main(["check", str(path), "--json", "-q"]) == 4
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1
    assert name in printed.err
    assert "broke inside" not in printed.err
    assert [one["path"] for one in json.loads(printed.out)["unread"]] == [str(path)]


@pytest.mark.parametrize("name", JUDGED)
def test_what_is_odd_but_whole_is_judged(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = JUDGED[name](tmp_path / name)
    code = main(["check", str(path), "--json", "-q"])
    printed = capsys.readouterr()
    assert (code in {0, 5}, printed.err) == (True, "")
    (clip,) = json.loads(printed.out)["clips"]
    facts: dict[str, Any] = clip
    assert facts["frames"] >= 1
    for finding in facts["findings"]:
        assert finding["frames"] is None or 0 <= finding["frames"][0] <= finding["frames"][1] <= facts["frames"]


def test_a_header_that_claims_gigabytes_allocates_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = claims_to_be_huge(tmp_path / "huge.mp4")
    code = main(["check", str(path), "--json", "-q"])
    printed = capsys.readouterr()
    # The codec's own header says the true size; whoever is believed, nothing of 40000 x 40000 is made.
    assert code in {0, 4, 5}
    assert "broke inside" not in printed.err
