"""Run the benchmarks and publish their tables, whole and untouched, in docs/measured/.

    python scripts/publish_benchmarks.py [checks] [seams] [speed]

Without names, all three. ``checks`` and ``seams`` are `kling-post benchmark` (a quarter and two thirds of an hour on two cores; the latter
wants 4 GB of temporary disk), with the recipe of every clip; ``speed`` is `scripts/bench_check.py` and wants a machine that does nothing
else. Each page begins with the command, the commit, the date and the machine; it is replaced only when its benchmark has ended well.
docs/benchmarks.md says what the figures mean.
"""

import argparse
import datetime as dt
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import av

from kling_post.whole_files import write_whole

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "measured"
TITLES = {"checks": "The checks against known defects", "seams": "Seams with known faults", "speed": "Checking beside decoding"}
COMMANDS = {
    "checks": ["kling-post", "benchmark", "--shots", "1", "--seed", "1", "--quiet"],
    "seams": ["kling-post", "benchmark", "--seams", "--seed", "15", "--quiet"],
    "speed": ["python", "scripts/bench_check.py", "--rounds", "5"],
}
NAMED_PACKAGES = ("av", "opencv-python-headless", "numpy")


def head_of(name: str) -> str:
    """The head of a page of docs/measured/: what it takes to make it again. To be asked before the benchmark runs."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "kling_post")
    packages = ", ".join(f"{package} {version(package)}" for package in NAMED_PACKAGES)
    commit = git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
    origin = f"Written by `python scripts/publish_benchmarks.py {name}`, which runs `{' '.join(COMMANDS[name])}`."
    machine = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    software = f"FFmpeg's libraries {av.ffmpeg_version_info}, {packages}"
    return f"# {TITLES[name]}\n\n{origin}\nCommit {commit}, {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}; {machine}, {software}.\n\n"


def measured(name: str) -> str:
    """The tables of one benchmark.

    Raises:
        subprocess.CalledProcessError: it ended badly; its own words are on the terminal.
    """
    first, *rest = COMMANDS[name]
    program = [sys.executable, "-m", "kling_post"] if first == "kling-post" else [sys.executable]
    done = subprocess.run([*program, *rest], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def git(*words: str) -> str:
    """What git says of this tree."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(COMMANDS)}; all without one")
    names = options.parse_args().names or list(COMMANDS)
    if unknown := set(names) - COMMANDS.keys():
        options.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(COMMANDS)}")
    for name in names:
        head = head_of(name)
        tables = measured(name)
        PAGES.mkdir(exist_ok=True)
        write_whole(PAGES / f"{name}.md", head + tables.strip() + "\n")
        print(f"docs/measured/{name}.md", flush=True)


if __name__ == "__main__":
    main()
