import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kling_post.errors import EncodeError, InvalidInputError, MissingToolError
from kling_post.media.ffmpeg import FfmpegProcess, ffmpeg_program, muxer_for, run_ffmpeg
from kling_post.whole_files import part_path

BLACK = ("-f", "lavfi", "-i", "color=black:size=64x36:rate=24:duration=1")


class Recorder:
    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        self.calls.append(("start", label, total, unit))

    def advance(self, done: int) -> None:
        self.calls.append(("advance", done))

    def finish(self, note: str = "") -> None:
        self.calls.append(("finish", note))


def test_the_result_appears_under_its_name_and_progress_ends_at_the_last_frame(tmp_path: Path) -> None:
    progress = Recorder()
    run_ffmpeg((*BLACK, "-c:v", "libx264"), output=tmp_path / "black.mp4", progress=progress, total_frames=24, label="black")
    assert [path.name for path in tmp_path.iterdir()] == ["black.mp4"]
    assert progress.calls[0] == ("start", "black", 24, "frames")
    assert progress.calls[-2:] == [("advance", 24), ("finish", "")]


def test_a_failure_is_one_sentence_with_what_ffmpeg_said_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match=r"ffmpeg failed with exit status") as caught:
        run_ffmpeg(("-i", str(tmp_path / "absent.mp4")), output=tmp_path / "out.mp4")
    assert "No such file" in caught.value.stderr_tail
    assert "absent.mp4" in " ".join(caught.value.argv)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_keeps_the_file_that_was_there_before(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"older")
    with pytest.raises(EncodeError):
        run_ffmpeg(("-f", "lavfi", "-i", "nonsense"), output=tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"older"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_said_plainly() -> None:
    with pytest.raises(EncodeError, match="The disk is full"):
        run_ffmpeg((*BLACK, "-c:v", "rawvideo", "-f", "rawvideo", "file:/dev/full"))


def test_an_interrupt_ends_ffmpeg_and_removes_the_part(tmp_path: Path) -> None:
    class Interrupting(Recorder):
        def start(self, label: str, total: int, unit: str = "frames") -> None:
            deadline = time.monotonic() + 5
            while not part_path(tmp_path / "out.mkv").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert part_path(tmp_path / "out.mkv").exists()
            super().start(label, total, unit)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_ffmpeg(
            ("-re", "-f", "lavfi", "-i", "testsrc2=s=64x36:d=60", "-flush_packets", "1"),
            output=tmp_path / "out.mkv",
            progress=Interrupting(),
        )
    assert list(tmp_path.iterdir()) == []


def test_the_environment_chooses_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KLING_POST_FFMPEG", sys.executable)
    assert ffmpeg_program() == sys.executable
    monkeypatch.setenv("KLING_POST_FFMPEG", str(tmp_path / "nothing"))
    with pytest.raises(MissingToolError, match="which is not a program"):
        ffmpeg_program()


def test_an_ending_without_a_container_is_refused() -> None:
    assert muxer_for(Path("a/b.MOV")) == "mov"
    with pytest.raises(InvalidInputError, match="no container is known"):
        muxer_for(Path("a/b.avi"))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends a child with its parent on Linux only")
def test_ffmpeg_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from kling_post.media.ffmpeg import FfmpegProcess\n"
        "process = FfmpegProcess(('-re', '-f', 'lavfi', '-i', 'testsrc2=s=64x36:d=60', '-f', 'null', '-'))\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert _is_running(child)
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 5
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_running(child)


def test_ending_twice_is_harmless() -> None:
    process = FfmpegProcess(("-re", *BLACK, "-f", "null", "-"), feed=False)
    process.end()
    process.end()
    assert not _is_running(process.pid)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
