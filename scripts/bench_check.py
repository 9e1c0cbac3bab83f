"""What checking costs beside decoding alone, on true 3840x2160, in the same run.

    python scripts/bench_check.py [FILE ...] [--rounds 3]

Without files it makes its own: 144 frames of moving texture with grain, H.264 at about 50 Mb/s, with sound. For each file the
decoder alone (`ffmpeg -f null -`, default threads), our decoder alone and the full set of signals and checks take turns; each is a
process of its own, start-up included. Printed are medians of the rounds: wall and CPU seconds, the ratio of frame rates to ffmpeg's,
CPU milliseconds per frame beyond decoding, and the largest memory. A machine that does other work shows in the spread of the walls.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.ffmpeg import ffmpeg_program
from kling_post.media.probe import probe
from kling_post.media.wav import write_wav
from kling_post.vocabulary import Size

FRAMES = 144
DECODE = (
    "import sys, collections; from pathlib import Path; from kling_post.media.decode import decode;"
    "collections.deque(decode(Path(sys.argv[1])), maxlen=0)"
)


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


def own_footage(folder: Path) -> Path:
    """Grainy texture under a slow pan, at about 50 Mb/s."""
    rng = np.random.default_rng(5)
    coarse = cv2.resize(rng.integers(40, 210, (180, 340, 3), dtype=np.uint8), (4096, 2176), interpolation=cv2.INTER_CUBIC)
    grain = [rng.normal(0, 5, (2160, 3840, 1)).astype(np.int16) for _ in range(4)]
    sound = folder / "sound.wav"
    write_wav(sound, (0.1 * rng.standard_normal((FRAMES * 2000, 2))).astype(np.float32), 48_000)
    path = folder / "texture_2160p24_h264.mp4"
    settings = EncodeSettings(preset="veryfast", crf=19)
    with FrameWriter(path, size=Size(3840, 2160), rate=Fraction(24), sound=sound, quality=settings) as writer:
        for frame in range(FRAMES):
            picture = coarse[8:2168, frame : frame + 3840].astype(np.int16) + grain[frame % 4]
            writer.write(np.clip(picture, 0, 255).astype(np.uint8))
    return path


def compare(path: Path, rounds: int) -> None:
    """Three ways in turn, and the table of their medians."""
    frames = probe(path).frames
    ways = {
        "ffmpeg -f null": [ffmpeg_program(), "-v", "quiet", "-i", str(path), "-f", "null", "-"],
        "our decoder": [sys.executable, "-c", DECODE, str(path)],
        "kling-post check": [sys.executable, "-m", "kling_post", "check", "-q", str(path)],
    }
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, command in ways.items():
            costs[name].append(measured(command))
    base = statistics.median(cost.wall_seconds for cost in costs["ffmpeg -f null"])
    base_cpu = statistics.median(cost.cpu_seconds for cost in costs["ffmpeg -f null"])
    print(
        f"\n{path.name}: {frames} frames, {path.stat().st_size * 8 / 1e6 / float(probe(path).duration_seconds):.0f} Mb/s, {rounds} rounds\n"
    )
    print("| way | wall s (min-max) | ratio of fps | CPU s | CPU ms/frame beyond ffmpeg | MB |\n|---|---|---|---|---|---|")
    for name, found in costs.items():
        walls = [cost.wall_seconds for cost in found]
        wall, cpu = statistics.median(walls), statistics.median(cost.cpu_seconds for cost in found)
        beyond = (cpu - base_cpu) / frames * 1000
        memory = max(cost.memory_megabytes for cost in found)
        spread = f"{wall:.2f} ({min(walls):.2f}-{max(walls):.2f})"
        print(f"| {name} | {spread} | {base / wall:.2f} | {cpu:.2f} | {beyond:.1f} | {memory:.0f} |")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for path in chosen.files or [own_footage(Path(folder))]:
            compare(path, chosen.rounds)


if __name__ == "__main__":
    main()
