import errno
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit import master as master_module
from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.master import render_master
from kling_post.edit.render import render_picture
from kling_post.edit.timeline import Timeline
from kling_post.errors import EncodeError
from kling_post.media.sound import read_sound
from kling_post.sound.normalise import measure
from kling_post.sound.targets import target
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import JoinKind, LoudnessTarget, Size

MakeTake = Callable[..., EditEntry]
RATE = Fraction(24)


@pytest.fixture
def streaming() -> LoudnessTarget:
    return target("streaming")


def noise(frames: int, level: float, seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((frames * 2_000, 2))).astype(np.float32).clip(-0.9, 0.9)


@pytest.fixture
def two_takes(make_take: MakeTake) -> Timeline:
    entries = [
        make_take("a", 48, sound=noise(48, 0.02, 1)),
        make_take("b", 48, sound=noise(48, 0.05, 2), join=JoinKind.DISSOLVE, dissolve_frames=12),
    ]
    return assemble("Two worlds", entries, rate=RATE, start_frame=86_400)


def test_the_master_has_exactly_the_frames_and_the_loudness_asked_for(
    two_takes: Timeline, streaming: LoudnessTarget, tmp_path: Path
) -> None:
    made = render_master(two_takes, target=streaming, folder=tmp_path / "out")
    assert made.path == tmp_path / "out" / "Two worlds.mp4"
    assert (made.frames, made.copied_frames + made.encoded_frames) == (84, 84)
    measured = measure(read_sound(made.path), 48_000)
    assert measured.integrated_lufs == pytest.approx(-14.0, abs=0.1)
    assert measured.true_peak_dbtp <= -1.0
    assert measured.integrated_lufs == pytest.approx(made.loudness.integrated_lufs, abs=0.01)
    with av.open(str(made.path)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (sound.codec_context.name, sound.rate, sound.channels) == ("aac", 48_000, 2)
        assert (picture.start_time, sound.start_time) == (0, 0)
        assert sum(1 for _ in container.decode(picture)) == 84
        assert container.metadata["title"] == "Two worlds"
        assert picture.metadata["timecode"] == "01:00:00:00"
    heard = sum(len(block) for block in read_sound(made.path))
    assert heard == 84 * 2_000


@pytest.mark.parametrize(("rate", "frames"), [(RATE, 37), (Fraction(24000, 1001), 37), (Fraction(30000, 1001), 31), (Fraction(60), 61)])
def test_the_sound_in_the_file_is_as_long_as_its_picture_to_the_sample(
    make_take: MakeTake, streaming: LoudnessTarget, tmp_path: Path, rate: Fraction, frames: int
) -> None:
    samples = frames_to_samples(frames, rate, 48_000)
    take = make_take("a", frames, rate=rate, sound=noise(80, 0.03, 1)[:samples])
    made = render_master(assemble("length", [take], rate=rate), target=streaming, folder=tmp_path)
    assert sum(len(block) for block in read_sound(take.path)) == samples
    assert sum(len(block) for block in read_sound(made.path)) == samples


def test_only_the_master_and_its_notes_lie_in_the_folder(two_takes: Timeline, streaming: LoudnessTarget, tmp_path: Path) -> None:
    render_master(two_takes, target=streaming, folder=tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".work",
        "Two worlds.disclosure.json",
        "Two worlds.master.json",
        "Two worlds.materials.json",
        "Two worlds.mp4",
    ]
    assert not [path for path in (tmp_path / "out").rglob("*") if path.suffix in {".part", ".wav", ".m4a"}]


def test_a_second_run_does_nothing_and_says_so(
    two_takes: Timeline, streaming: LoudnessTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = render_master(two_takes, target=streaming, folder=tmp_path)
    stamp = first.path.stat().st_mtime_ns
    monkeypatch.setattr(master_module, "render_picture", None)  # would fail if called
    again = render_master(two_takes, target=streaming, folder=tmp_path)
    assert again.from_cache
    assert replace(again, from_cache=False) == first
    assert again.path.stat().st_mtime_ns == stamp


def test_another_target_or_a_damaged_master_is_made_anew(two_takes: Timeline, streaming: LoudnessTarget, tmp_path: Path) -> None:
    first = render_master(two_takes, target=streaming, folder=tmp_path)
    quieter = render_master(two_takes, target=target("ebu-r128"), folder=tmp_path)
    assert not quieter.from_cache
    assert quieter.loudness.integrated_lufs == pytest.approx(-23, abs=0.1)
    first.path.write_bytes(first.path.read_bytes()[:-10] + b"0123456789")
    assert not render_master(two_takes, target=target("ebu-r128"), folder=tmp_path).from_cache
    (tmp_path / "Two worlds.master.json").write_text(json.dumps({"key": "other"}))
    assert not render_master(two_takes, target=target("ebu-r128"), folder=tmp_path).from_cache


def test_a_programme_without_any_sound_has_a_silent_track_and_a_note(
    make_take: MakeTake, streaming: LoudnessTarget, tmp_path: Path
) -> None:
    made = render_master(assemble("mute", [make_take("a", 24)], rate=RATE), target=streaming, folder=tmp_path)
    assert made.loudness.integrated_lufs == float("-inf")
    assert "a has no sound: silence stands in." in made.notes
    assert any("silent" in note for note in made.notes)
    again = render_master(assemble("mute", [make_take("a", 24)], rate=RATE), target=streaming, folder=tmp_path)
    assert again.from_cache


def test_a_sound_too_peaky_for_its_target_lands_below_it_and_says_so(
    make_take: MakeTake, streaming: LoudnessTarget, tmp_path: Path
) -> None:
    clicks = np.zeros((96_000, 2), np.float32)
    clicks[::4_000] = 0.9
    made = render_master(assemble("clicks", [make_take("a", 48, sound=clicks)], rate=RATE), target=streaming, folder=tmp_path)
    assert made.loudness.integrated_lufs < -16
    assert made.loudness.true_peak_dbtp <= -1.0
    assert made.target == streaming
    assert any("without harm" in note and "instead" in note for note in made.notes)


def test_a_master_with_other_frames_than_planned_is_removed(
    two_takes: Timeline, streaming: LoudnessTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = render_picture

    def one_stretch_too_few(*args: object, **more: object) -> object:
        picture = real(*args, **more)  # type: ignore[arg-type]
        return replace(picture, stretches=picture.stretches[:-1])

    monkeypatch.setattr(master_module, "render_picture", one_stretch_too_few)
    with pytest.raises(EncodeError, match="84 from 0 were planned"):
        render_master(two_takes, target=streaming, folder=tmp_path)
    assert not (tmp_path / "Two worlds.mp4").exists()


def test_a_name_that_is_no_file_name_becomes_one(make_take: MakeTake, streaming: LoudnessTarget, tmp_path: Path) -> None:
    made = render_master(assemble("a/b: c?", [make_take("a", 24)], rate=RATE), target=streaming, folder=tmp_path)
    assert made.path.name == "a_b_ c_.mp4"


def test_a_folder_that_cannot_be_written_to_and_a_full_disk_are_said_plainly(
    two_takes: Timeline, streaming: LoudnessTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EncodeError, match="cannot be written"):
        render_master(two_takes, target=streaming, folder=tmp_path / "file")

    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(master_module, "write_wav", full)
        with pytest.raises(EncodeError, match="the disk is full"):
            render_master(two_takes, target=streaming, folder=tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.mp4*"))
    assert render_master(two_takes, target=streaming, folder=tmp_path / "out").frames == 84


@pytest.mark.skipif(sys.platform != "linux", reason="looks for child processes in /proc")
def test_a_run_that_is_killed_leaves_no_master_and_no_ffmpeg_and_the_next_run_ends_well(
    make_take: MakeTake, streaming: LoudnessTarget, tmp_path: Path
) -> None:
    """Six seconds of which every frame must be encoded, killed while the encoder runs."""
    makes = [make_take(name, 72, rate=Fraction(30), size=Size(640, 360)) for name in ("a", "b")]
    script = (
        "import sys\n"
        "from fractions import Fraction\n"
        "from pathlib import Path\n"
        "from kling_post.edit.assemble import EditEntry, assemble\n"
        "from kling_post.edit.master import render_master\n"
        "from kling_post.media.probe import probe\n"
        "from kling_post.sound.targets import target\n"
        "entries = [EditEntry(path=Path(p), facts=probe(Path(p)), shot_ids=(Path(p).stem,)) for p in sys.argv[2:]]\n"
        "timeline = assemble('killed', entries, rate=Fraction(24))\n"
        "class Told:\n"
        "    def start(self, label, total, unit='frames'): print(label, flush=True)\n"
        "    def advance(self, done): print(done, flush=True)\n"
        "    def finish(self, note=''): pass\n"
        "render_master(timeline, target=target('streaming'), folder=Path(sys.argv[1]), progress=Told())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "out"), *(str(entry.path) for entry in makes)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout
    for line in running.stdout:
        if line.strip() == "70":  # inside the second segment: the first one is kept
            break
    children = _children(running.pid)
    assert children
    running.kill()
    running.communicate()
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{child}/cmdline").exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [child for child in children if Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes()]
    assert not list((tmp_path / "out").glob("*.mp4"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[:2] == ["encode", "1"]
    assert "116" not in done.stdout.split("sound")[0].split()  # the first segment was not made again
    assert (tmp_path / "out" / "killed.mp4").exists()


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found
