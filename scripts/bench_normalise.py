"""Sixty different programmes brought to a target, each delivered file measured again by ffmpeg's ebur128.

    python scripts/bench_normalise.py [--ffmpeg-normalize PROGRAM]

Counts what landed within 0.1 LU under its true-peak ceiling, what was refused and why, and what did neither. With the path of an
installed ffmpeg-normalize, the same files go through it too, with its loudness range kept as the source's.
"""

import argparse
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.errors import KlingPostError
from kling_post.media.ffmpeg import ffmpeg_program
from kling_post.media.wav import write_wav
from kling_post.pipeline.loudness import normalise_file, read_loudness
from kling_post.sound.targets import target
from kling_post.vocabulary import LoudnessTarget

Sound = NDArray[np.float32]


def _made(kind: str, seconds: float, rate: int, seed: int) -> NDArray[np.float64]:
    rng, time = np.random.default_rng(seed), np.arange(round(seconds * rate)) / rate
    noise = rng.standard_normal(len(time))
    pauses = np.clip(np.sin(2 * np.pi * 3.3 * time) + 0.4 * np.sin(2 * np.pi * 0.4 * time), 0, 1)
    strokes = np.exp(-np.mod(time + rng.uniform(0, 1), 1.3) / 0.08)
    made = {
        "tone": np.sin(2 * np.pi * rng.uniform(80, 4000) * time) * 0.2,
        "speech": pauses * (0.15 * sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 14)) + 0.02 * noise),
        "sparse": strokes * (0.5 * np.sin(2 * np.pi * 220 * time) + 0.1 * noise) + 1e-4 * noise,
        "limited": np.clip(noise * 0.5, -0.7, 0.7),
        "quiet": noise * 0.002,
        "hot": np.clip(np.sin(2 * np.pi * 97 * time) * 3 + noise * 0.3, -0.999, 0.999),
        "swell": noise * 0.2 * np.linspace(0.01, 1, len(time)) ** 2,
        "silent": np.zeros(len(time)),
    }
    return np.asarray(made[kind], np.float64)


def programmes() -> Iterator[tuple[str, Sound, int]]:
    """Sixty names, sounds (samples, channels) and sample rates."""
    kinds = ("tone", "speech", "sparse", "limited", "quiet", "hot", "swell", "silent")
    shapes = ((12.0, 2, 48_000), (1.5, 2, 48_000), (6.0, 1, 48_000), (6.0, 2, 44_100), (5.0, 6, 48_000), (4.0, 2, 96_000), (0.3, 2, 48_000))
    for number in range(60):
        kind, (seconds, channels, rate) = kinds[number % len(kinds)], shapes[number % len(shapes)]
        planes = [_made(kind, seconds, rate, number * 10 + channel // 2) * (1 - 0.1 * channel) for channel in range(channels)]
        yield f"{number:02d}_{kind}_{seconds:g}s_{channels}ch_{rate}", np.stack(planes, axis=1).astype(np.float32), rate


def measured_by_ffmpeg(path: Path) -> tuple[float, float]:
    command = [ffmpeg_program(), "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true:metadata=1,ametadata=print:file=-"]
    done = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True)
    integrated = re.findall(r"r128\.I=(-?[\d.]+)", done.stdout)
    peaks = re.findall(r"Peak:\s+(-?[\d.]+|-inf) dBFS", done.stderr)
    return float(integrated[-1]) if integrated else -70.0, float(peaks[-1])


def judged(path: Path, wanted: LoudnessTarget) -> str:
    integrated, peak = measured_by_ffmpeg(path)
    if integrated <= -69.9:
        return "silence, kept"
    near, under = abs(integrated - wanted.integrated_lufs) <= 0.1, peak <= wanted.true_peak_dbtp + 0.05  # ffmpeg prints one decimal
    return "on target" if near and under else f"MISSED {integrated:.2f} LUFS {peak:.1f} dBTP"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--ffmpeg-normalize", type=Path)
    program = options.parse_args().ffmpeg_normalize
    wanted_names = ("ebu-r128", "streaming", "apple", "-20/-2")
    totals: dict[str, Counter[str]] = {"kling_post": Counter(), "ffmpeg-normalize": Counter()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (title, samples, rate) in enumerate(programmes()):
            wanted = target(wanted_names[number // 2 % len(wanted_names)])
            source, output = write_wav(folder / "source.wav", samples, rate, bits=32), folder / ("made.m4a" if number % 2 else "made.wav")
            try:
                found = normalise_file(read_loudness(source), output, wanted)
                said = judged(output, wanted) if not found.note else "silence, kept"
            except KlingPostError as error:
                said = f"refused: {error.message}"
            totals["kling_post"][said.split(" ")[0].rstrip(":,")] += 1
            other = _ffmpeg_normalize(program, source, folder / f"other{output.suffix}", wanted) if program else ""
            if other:
                totals["ffmpeg-normalize"][other.split(" ")[0].rstrip(":,")] += 1
            print(f"{title:32}{wanted.name:12}{output.suffix:6}{said[:110]}{'   | ' + other if other else ''}", flush=True)
    for tool, counted in totals.items():
        print(tool, dict(counted))


def _ffmpeg_normalize(program: Path, source: Path, output: Path, wanted: LoudnessTarget) -> str:
    levels = ["-t", str(wanted.integrated_lufs), "-tp", str(wanted.true_peak_dbtp), "--keep-loudness-range-target"]
    codec = ["-c:a", "aac", "-b:a", "256k"] if output.suffix == ".m4a" else ["-c:a", "pcm_s24le"]
    command = [str(program), str(source), *levels, *codec, "-ar", "48000", "-o", str(output), "-f"]
    output.unlink(missing_ok=True)
    # The caller's environment, because the program may find its own modules by PYTHONPATH.
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "FFMPEG_PATH": ffmpeg_program()})
    if done.returncode == 0 and output.exists():
        return judged(output, wanted)
    return f"failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1][:80]}"


if __name__ == "__main__":
    main()
