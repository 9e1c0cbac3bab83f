"""What checking costs beside decoding alone, and beside others' tools, on true 3840x2160, in the same run.

    python scripts/bench_check.py [FILE ...] [--rounds 5] [--quiet-percent 10] [--peers] [--long] [--keep FOLDER] [--frames 240]

Without files it makes its own: ten seconds of panned texture with grain as H.264 at about 50 Mb/s and as HEVC at about 30 Mb/s, with
sound. The ways take turns, one process each, start-up included: the decoder alone (`ffmpeg -f null -`, default threads), our decoder,
the full set of signals and checks, and with `--peers` other tools. The decoder alone runs before and after each of the others, and each
ratio is of one run to the mean of the two beside it, so that a machine whose speed drifts does not tell on the ratio; printed are
medians. A run during which other processes took more than `--quiet-percent` of the processors does not count for times of the clock while
there are others that do; CPU seconds count always. Python's compiled modules are kept, as an installed package has them, and every
way runs once beforehand. `--long` compares the memory of ten seconds with that of ten minutes, at 3840x2160 too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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
LONG_TIMES = 60
MOST_MEGABYTES = 650
BASE = "ffmpeg -f null"
OURS = "kling-post check"
DECODE = (
    "import sys, collections; from pathlib import Path; from kling_post.media.pictures import pictures;"
    "collections.deque(pictures(Path(sys.argv[1])), maxlen=0)"
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
CHECK_RETURNS = {0, 5}
"""A check that found something to fail has run as well as one that did not."""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall_seconds: float
    cpu_seconds: float
    memory_megabytes: float
    others_percent: float
    """Of all processors, what everybody else took meanwhile; 0 where the system does not tell."""


def measured(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run to the end and ask the system what it took.

    Raises:
        RuntimeError: it failed.
    """
    busy, began = busy_seconds(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(environment))
    _, status, usage = os.wait4(process.pid, 0)
    wall, own = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in CHECK_RETURNS:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    others = max(0.0, busy_seconds() - busy - own) / wall / (os.cpu_count() or 1)
    return Cost(wall, own, usage.ru_maxrss / 1024, 100 * others)


def busy_seconds() -> float:
    """What all processors have worked since the system started; 0 where it does not tell (it is not Linux)."""
    statistics_file = Path("/proc/stat")
    if not statistics_file.exists():
        return 0.0
    user, nice, system, _idle, _wait, interrupts, soft = (int(word) for word in statistics_file.read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def own_footage(folder: Path, name: str, *, grain: float, frames: int, settings: EncodeSettings) -> Path:
    """Texture under a slow pan, with noise for sound, as H.264 at 3840x2160."""
    rng = np.random.default_rng(5)
    wide, high = UHD.width + frames, UHD.height + 16
    coarse = cv2.resize(rng.integers(40, 210, (180, 340, 3), dtype=np.uint8), (wide, high), interpolation=cv2.INTER_CUBIC)
    layers = [rng.normal(0, grain, (UHD.height, UHD.width, 1)).astype(np.int16) for _ in range(4 if grain else 1)]
    sound = folder / "sound.wav"
    write_wav(sound, (0.1 * rng.standard_normal((frames * 2000, 2))).astype(np.float32), 48_000)
    path = folder / name
    with FrameWriter(path, size=UHD, rate=Fraction(24), sound=sound, quality=settings) as writer:
        for frame in range(frames):
            picture = coarse[8 : 8 + UHD.height, frame : frame + UHD.width].astype(np.int16) + layers[frame % len(layers)]
            writer.write(np.clip(picture, 0, 255).astype(np.uint8))
    return path


def as_hevc(path: Path) -> Path:
    """The same pictures as HEVC, about 30 Mb/s."""
    beside = path.with_name(path.name.replace("h264", "hevc"))
    settings = ["-c:v", "libx265", "-preset", "ultrafast", "-b:v", "30M", "-x265-params", "log-level=error", "-tag:v", "hvc1"]
    run_ffmpeg(["-y", "-i", str(path), *settings, "-c:a", "copy", str(beside)])
    return beside


def made(folder: Path, frames: int) -> list[Path]:
    """Our own two files, made unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(folder.glob("texture_2160p24_*.mp4"))
    if len(there) == 2:
        return there
    settings = EncodeSettings(preset="veryfast", crf=20)
    path = own_footage(folder, "texture_2160p24_h264.mp4", grain=5, frames=frames, settings=settings)
    return [path, as_hevc(path)]


def check_command(path: Path) -> list[str]:
    """The whole default set, as a user runs it."""
    return [sys.executable, "-m", "kling_post", "check", "-q", str(path)]


def ways_to_look(path: Path, *, peers: bool) -> Mapping[str, list[str]]:
    """The commands that take turns with the decoder alone."""
    python, file = sys.executable, str(path)
    ways = {"our decoder": [python, "-c", DECODE, file], OURS: check_command(path)}
    if peers:
        if find_spec("scenedetect"):
            for detector in ("detect-adaptive", "detect-content"):
                ways[f"PySceneDetect {detector}"] = [python, "-m", "scenedetect", "-q", "-i", file, detector]
        ways["frame differences (OpenCV)"] = [python, "-c", FRAME_DIFFERENCES, file]
        ways["ffmpeg filters, quarter size"] = [ffmpeg_program(), "-v", "quiet", "-i", file, "-vf", GRAPH, "-af", "ebur128=peak=true"]
        ways["ffmpeg filters, quarter size"] += ["-f", "null", "-"]
    return ways


@dataclass(frozen=True)
class Turn:
    """One run, and the decoder alone right before and after it."""

    cost: Cost
    before: Cost
    after: Cost

    @property
    def others_percent(self) -> float:
        """What everybody else took during the worst of the three."""
        return max(each.others_percent for each in (self.cost, self.before, self.after))

    @property
    def speed(self) -> float:
        """Frame rate over that of the decoder alone."""
        return statistics.fmean((self.before.wall_seconds, self.after.wall_seconds)) / self.cost.wall_seconds

    @property
    def work(self) -> float:
        """CPU seconds over those of the decoder alone."""
        return self.cost.cpu_seconds / statistics.fmean((self.before.cpu_seconds, self.after.cpu_seconds))


def compare(path: Path, rounds: int, environment: Mapping[str, str], *, peers: bool, quiet_percent: float) -> None:
    """All ways in turn, and the table of their medians."""
    base = [ffmpeg_program(), "-v", "quiet", "-i", str(path), "-f", "null", "-"]
    ways = ways_to_look(path, peers=peers)
    for command in ways.values():
        measured(command, environment)
    before = measured(base, environment)
    alone, turns = [before], {name: list[Turn]() for name in ways}
    for _ in range(rounds):
        for name, command in ways.items():
            cost, after = measured(command, environment), measured(base, environment)
            turns[name].append(Turn(cost, before, after))
            alone.append(after)
            before = after
    facts = probe(path)
    megabits = path.stat().st_size * 8 / 1e6 / float(facts.duration_seconds)
    print(f"\n{path.name}: {facts.frames} frames, {megabits:.0f} Mb/s, {rounds} rounds\n")
    print("| way | quiet runs | wall s (min-max) | ratio of fps (min-max) | CPU s | ratio of CPU | CPU ms/frame beyond ffmpeg | MB |")
    print("|---|---|---|---|---|---|---|---|")
    base_cpu = statistics.median(cost.cpu_seconds for cost in alone)
    print_row(BASE, [Turn(cost, cost, cost) for cost in alone], base_cpu, facts.frames, quiet_percent)
    for name, found in turns.items():
        print_row(name, found, base_cpu, facts.frames, quiet_percent)


def print_row(name: str, turns: Sequence[Turn], base_cpu: float, frames: int, quiet_percent: float) -> None:
    """One line of the table."""
    quiet = [turn for turn in turns if turn.others_percent <= quiet_percent]
    counted = quiet or turns
    walls, speeds = [turn.cost.wall_seconds for turn in counted], [turn.speed for turn in counted]
    cpu = statistics.median(turn.cost.cpu_seconds for turn in turns)
    cells = (
        name,
        f"{len(quiet)} of {len(turns)}",
        f"{statistics.median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})",
        f"{statistics.median(speeds):.2f} ({min(speeds):.2f}-{max(speeds):.2f})",
        f"{cpu:.2f}",
        f"{statistics.median(turn.work for turn in turns):.2f}",
        f"{(cpu - base_cpu) / frames * 1000:.1f}",
        f"{max(turn.cost.memory_megabytes for turn in turns):.0f}",
    )
    print(f"| {' | '.join(cells)} |", flush=True)


def memory_over_length(folder: Path, environment: Mapping[str, str], frames: int) -> None:
    """Ten seconds and ten minutes of the same pictures: only the numbers may take more room. Smooth, so that decoding is quick."""
    settings = EncodeSettings(preset="ultrafast", crf=26)
    short = own_footage(folder, "smooth_2160p24.mp4", grain=0, frames=frames, settings=settings)
    long = folder / f"{LONG_TIMES}_times.mp4"
    run_ffmpeg(["-y", "-stream_loop", str(LONG_TIMES - 1), "-i", str(short), "-c", "copy", str(long)])
    print("\n| 3840x2160 | frames | MB | CPU ms/frame |\n|---|---|---|---|")
    most = 0.0
    for path in (short, long):
        cost, seen = measured(check_command(path), environment), probe(path).frames
        most = max(most, cost.memory_megabytes)
        print(f"| {path.name} | {seen} | {cost.memory_megabytes:.0f} | {cost.cpu_seconds / seen * 1000:.1f} |", flush=True)
    print(f"\nGoal: at most {MOST_MEGABYTES} MB; {'met' if most <= MOST_MEGABYTES else 'NOT met'}.")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--quiet-percent", type=float, default=10, help="of the processors, what others may take in a run that counts")
    options.add_argument("--peers", action="store_true")
    options.add_argument("--long", action="store_true")
    options.add_argument("--frames", type=int, default=FRAMES, help="length of the footage made")
    options.add_argument("--keep", type=Path, help="folder for the footage made, so that another run need not make it again")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONDONTWRITEBYTECODE", "KLING_POST_CACHE"}}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(scratch, "compiled"))
        for path in chosen.files or ([] if chosen.long and chosen.rounds == 0 else made(chosen.keep or Path(scratch), chosen.frames)):
            compare(path, chosen.rounds, environment, peers=chosen.peers, quiet_percent=chosen.quiet_percent)
        if chosen.long:
            memory_over_length(chosen.keep or Path(scratch), environment, chosen.frames)


if __name__ == "__main__":
    main()
