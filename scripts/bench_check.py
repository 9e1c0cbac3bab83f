"""What checking costs beside decoding alone, and beside others' tools, on true 3840x2160, in the same run.

    python scripts/bench_check.py [FILE ...] [--rounds 3] [--peers] [--long] [--keep FOLDER]

Without files it makes its own: ten seconds of panned texture with grain as H.264 at about 50 Mb/s and as HEVC at about 30 Mb/s, with
sound. The decoder alone (`ffmpeg -f null -`, default threads), our decoder and the full set of signals and checks take turns, and with
`--peers` so do other tools; each is a process of its own, start-up included. Printed are medians of the rounds: wall and CPU
seconds, the ratio of frame rates to ffmpeg's, CPU milliseconds per frame beyond decoding, and the largest memory. A machine that does
other work shows in the spread of the walls. `--long` compares the memory of ten seconds with that of ten minutes (640x360).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.ffmpeg import ffmpeg_program, run_ffmpeg
from kling_post.media.probe import probe
from kling_post.media.wav import write_wav
from kling_post.vocabulary import Size

FRAMES = 240
UHD = Size(3840, 2160)
BASE = "ffmpeg -f null"
OURS = "kling-post check"
DECODE = (
    "import sys, collections; from pathlib import Path; from kling_post.media.decode import decode;"
    "collections.deque(decode(Path(sys.argv[1])), maxlen=0)"
)
FRAME_DIFFERENCES = (
    "import sys, cv2, numpy as np; film = cv2.VideoCapture(sys.argv[1]); last = None; found = []\n"
    "while True:\n"
    "    there, picture = film.read()\n"
    "    if not there: break\n"
    "    if last is not None: found.append(float(cv2.absdiff(picture, last).mean()))\n"
    "    last = picture\n"
)
"""The loop of benchmarks of generated video: the mean absolute difference of neighbouring frames, at full size."""
GRAPH = "scale=iw/4:-2,blackdetect,freezedetect,signalstats,blockdetect,blurdetect,siti"
"""Roughly our questions as one of ffmpeg's filter graphs, at a quarter of the size because at full size it is twenty times slower still."""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall_seconds: float
    cpu_seconds: float
    memory_megabytes: float


def measured(command: list[str]) -> Cost:
    """Run to the end and ask the system what it took."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def own_footage(folder: Path, size: Size = UHD, frames: int = FRAMES) -> Path:
    """Grainy texture under a slow pan, with noise for sound, as H.264; about 50 Mb/s at 3840x2160."""
    rng = np.random.default_rng(5)
    wide, high = size.width + frames, size.height + 16
    coarse = cv2.resize(rng.integers(40, 210, (180, 340, 3), dtype=np.uint8), (wide, high), interpolation=cv2.INTER_CUBIC)
    grain = [rng.normal(0, 5, (size.height, size.width, 1)).astype(np.int16) for _ in range(4)]
    sound = folder / "sound.wav"
    write_wav(sound, (0.1 * rng.standard_normal((frames * 2000, 2))).astype(np.float32), 48_000)
    path = folder / f"texture_{size.height}p24_h264.mp4"
    with FrameWriter(path, size=size, rate=Fraction(24), sound=sound, quality=EncodeSettings(preset="veryfast", crf=21)) as writer:
        for frame in range(frames):
            picture = coarse[8 : 8 + size.height, frame : frame + size.width].astype(np.int16) + grain[frame % 4]
            writer.write(np.clip(picture, 0, 255).astype(np.uint8))
    return path


def as_hevc(path: Path) -> Path:
    """The same pictures as HEVC, about 30 Mb/s."""
    beside = path.with_name(path.name.replace("h264", "hevc"))
    settings = ["-c:v", "libx265", "-preset", "ultrafast", "-b:v", "30M", "-x265-params", "log-level=error", "-tag:v", "hvc1"]
    run_ffmpeg(["-y", "-i", str(path), *settings, "-c:a", "copy", str(beside)])
    return beside


def ways_to_look(path: Path, *, peers: bool) -> Mapping[str, list[str]]:
    """The commands that take turns."""
    python, file = sys.executable, str(path)
    ways = {
        BASE: [ffmpeg_program(), "-v", "quiet", "-i", file, "-f", "null", "-"],
        "our decoder": [python, "-c", DECODE, file],
        OURS: [python, "-m", "kling_post", "check", "-q", file],
    }
    if peers:
        if find_spec("scenedetect"):
            for detector in ("detect-adaptive", "detect-content"):
                ways[f"PySceneDetect {detector}"] = [python, "-m", "scenedetect", "-q", "-i", file, detector]
        ways["frame differences (OpenCV)"] = [python, "-c", FRAME_DIFFERENCES, file]
        ways["ffmpeg filters, quarter size"] = [ffmpeg_program(), "-v", "quiet", "-i", file, "-vf", GRAPH, "-af", "ebur128=peak=true"]
        ways["ffmpeg filters, quarter size"] += ["-f", "null", "-"]
    return ways


def compare(path: Path, rounds: int, *, peers: bool) -> None:
    """All ways in turn, and the table of their medians."""
    facts = probe(path)
    costs: dict[str, list[Cost]] = {}
    ways = ways_to_look(path, peers=peers)
    for _ in range(rounds):
        for name, command in ways.items():
            costs.setdefault(name, []).append(measured(command))
    base = statistics.median(cost.wall_seconds for cost in costs[BASE])
    base_cpu = statistics.median(cost.cpu_seconds for cost in costs[BASE])
    megabits = path.stat().st_size * 8 / 1e6 / float(facts.duration_seconds)
    print(f"\n{path.name}: {facts.frames} frames, {megabits:.0f} Mb/s, {rounds} rounds\n")
    print("| way | wall s (min-max) | ratio of fps | CPU s | CPU ms/frame beyond ffmpeg | MB |\n|---|---|---|---|---|---|")
    for name, found in costs.items():
        walls = [cost.wall_seconds for cost in found]
        wall, cpu = statistics.median(walls), statistics.median(cost.cpu_seconds for cost in found)
        beyond = (cpu - base_cpu) / facts.frames * 1000
        memory = max(cost.memory_megabytes for cost in found)
        spread = f"{wall:.2f} ({min(walls):.2f}-{max(walls):.2f})"
        print(f"| {name} | {spread} | {base / wall:.2f} | {cpu:.2f} | {beyond:.1f} | {memory:.0f} |", flush=True)


def memory_over_length(folder: Path) -> None:
    """Ten seconds and ten minutes of the same picture: only the numbers may take more room."""
    short = own_footage(folder, Size(640, 360))
    long = folder / "ten_minutes.mp4"
    run_ffmpeg(["-y", "-stream_loop", "59", "-i", str(short), "-c", "copy", str(long)])
    print("\n| 640x360 | frames | MB |\n|---|---|---|")
    for path in (short, long):
        cost = measured([sys.executable, "-m", "kling_post", "check", "-q", str(path)])
        print(f"| {path.name} | {probe(path).frames} | {cost.memory_megabytes:.0f} |", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--peers", action="store_true")
    options.add_argument("--long", action="store_true")
    options.add_argument("--keep", type=Path, help="folder for the footage made, so that another run need not make it again")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch)
        for path in chosen.files or made(folder):
            compare(path, chosen.rounds, peers=chosen.peers)
        if chosen.long:
            memory_over_length(Path(scratch))


def made(folder: Path) -> list[Path]:
    """Our own two files, made unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(folder.glob("texture_2160p24_*.mp4"))
    if len(there) == 2:
        return there
    path = own_footage(folder)
    return [path, as_hevc(path)]


if __name__ == "__main__":
    main()
