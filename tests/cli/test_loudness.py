"""`kling-post loudness` measures and normalises any file."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kling_post.cli import main
from kling_post.media.sound import read_sound, read_sound_whole, write_wav
from kling_post.sound.normalise import measure

RATE = 48_000


def _tone(level: float, seconds: float = 2.0, *, channels: int = 2) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * 997 * np.arange(round(seconds * RATE)) / RATE)
    ramp = np.minimum(np.minimum(np.arange(len(wave)), np.arange(len(wave))[::-1]) / 480, 1)
    return np.repeat((wave * ramp)[:, None], channels, axis=1).astype(np.float32)


def _take(path: Path, samples: np.ndarray | None) -> Path:
    """A second of moving grey with B-frames, and the given sound."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=24, options={"bf": "2"})
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = None
        if samples is not None:
            sound = container.add_stream("aac", rate=RATE)
            assert isinstance(sound, av.AudioStream)
            sound.codec_context.layout = "stereo"
        for index in range(24):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 5 * index, np.uint8), format="rgb24")))
        container.mux(picture.encode(None))
        if sound is not None and samples is not None:
            for start in range(0, len(samples), 1024):
                planes = np.ascontiguousarray(samples[start : start + 1024].T)
                packed = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
                packed.sample_rate, packed.time_base, packed.pts = RATE, Fraction(1, RATE), start
                container.mux(sound.encode(packed))
            container.mux(sound.encode(None))
    return path


def _picture_packets(path: Path) -> list[tuple[bytes, float]]:
    with av.open(str(path)) as container:
        return [(bytes(packet), float((packet.pts or 0) * packet.time_base)) for packet in container.demux(video=0) if packet.size]


def test_one_object_per_file_has_the_promised_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write_wav(tmp_path / f"{name}.wav", _tone(level), RATE) for name, level in (("a", 0.1), ("b", 0.01))]
    assert main(["loudness", *map(str, files), "--json"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["path"] for each in printed] == [str(path) for path in files]
    assert printed[0]["integrated_lufs"] == pytest.approx(-20.0, abs=0.05)
    assert printed[1]["integrated_lufs"] == pytest.approx(-40.0, abs=0.05)
    assert printed[0]["true_peak_dbtp"] == pytest.approx(-20.0, abs=0.05)
    assert set(printed[0]) >= {"loudness_range_lu", "max_momentary_lufs", "max_short_term_lufs", "sample_rate", "channels", "findings"}
    assert (printed[0]["sample_rate"], printed[0]["channels"]) == (48_000, 2)


def test_silence_is_null_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_wav(tmp_path / "silent.wav", np.zeros((RATE, 2), np.float32), RATE)
    assert main(["loudness", str(path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["integrated_lufs"] is None
    assert [finding["check"] for finding in printed["findings"]] == ["sound_silence"]


def test_a_file_at_its_target_keeps_its_picture_packet_by_packet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = _take(tmp_path / "take.mp4", _tone(0.3, 1.0)), tmp_path / "out" / "take.mp4"
    assert main(["loudness", str(source), "--target", "apple", "--apply", str(output), "--json"]) == 0
    applied = json.loads(capsys.readouterr().out)["applied"]
    assert applied["integrated_lufs"] == pytest.approx(-16, abs=0.1)
    assert measure(read_sound(output), RATE).integrated_lufs == pytest.approx(-16, abs=0.1)
    assert _picture_packets(output) == _picture_packets(source)
    assert len(read_sound_whole(output)) == len(read_sound_whole(source))
    assert [path.name for path in output.parent.iterdir()] == ["take.mp4"]


def test_a_clip_without_sound_gets_silence_and_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = _take(tmp_path / "mute.mp4", None), tmp_path / "out.mp4"
    assert main(["loudness", str(source), "--target", "streaming", "--apply", str(output), "--json"]) == 0
    assert "silence as long as its picture was written" in json.loads(capsys.readouterr().out)["applied"]["note"]
    samples = read_sound_whole(output)
    assert samples.shape == (48_000, 2)
    assert not samples.any()


def test_wav_stays_wav_in_24_bits(tmp_path: Path) -> None:
    source, output = write_wav(tmp_path / "a.wav", _tone(0.5, channels=1), 44_100), tmp_path / "b.wav"
    assert main(["loudness", str(source), "--target", "-23/-1", "--apply", str(output), "-q"]) == 0
    with av.open(str(output)) as container:
        context = container.streams.audio[0].codec_context
        assert (context.name, context.sample_rate, context.channels) == ("pcm_s24le", 44_100, 1)
    assert measure(read_sound(output), 44_100).integrated_lufs == pytest.approx(-23, abs=0.03)


def test_an_album_keeps_its_balance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write_wav(tmp_path / f"{name}.wav", _tone(level), RATE) for name, level in (("loud", 0.2), ("soft", 0.15))]
    arguments = ["loudness", *map(str, files), "--album", "--target", "ebu-r128", "--apply", str(tmp_path / "album"), "--json"]
    assert main(arguments) == 0
    loud, soft = (json.loads(line)["applied"] for line in capsys.readouterr().out.splitlines())
    assert loud["integrated_lufs"] - soft["integrated_lufs"] == pytest.approx(2.5, abs=0.05)
    joined = [read_sound_whole(tmp_path / "album" / path.name) for path in files]
    assert measure(joined, RATE).integrated_lufs == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere.wav"], 4, "nowhere.wav: there is no such file."),
        (["FILE", "--target", "ebur128"], 2, "Did you mean ebu-r128?"),
        (["FILE", "--apply", "out.wav"], 2, "--apply needs a --target."),
        (["FILE", "--album"], 2, "--album needs a --target."),
        (["FILE", "--target", "apple", "--apply", "FILE"], 2, "would overwrite its own source"),
        (["FILE", "--target", "apple", "--apply", "OUT.mp3"], 4, "sound is not written to files of this ending"),
        (["SILENT", "FILE", "--target", "-5/-20", "--apply", "OUT"], 4, "without harm"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    names = {
        "FILE": str(write_wav(tmp_path / "a.wav", _tone(0.1), RATE)),
        "SILENT": str(write_wav(tmp_path / "silent.wav", np.zeros((RATE, 2), np.float32), RATE)),
        "OUT.mp3": str(tmp_path / "o.mp3"),
        "OUT": str(tmp_path / "refused"),
    }
    assert main(["loudness", "-q", *(names.get(word, word) for word in arguments)]) == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out
    assert not list((tmp_path / "refused").glob("a.wav"))
