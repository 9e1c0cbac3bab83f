"""How fast the loudness meter is beside ffmpeg's, on the same ten minutes of 48 kHz stereo in the same run.

    python scripts/bench_loudness.py [--minutes 10] [--rounds 3] [--content noise|programme|tone]

Both read the same 16-bit WAV file and measure momentary, short-term and integrated loudness, loudness range and true peak. The
whole process is timed, interpreter start and file reading included, as CPU seconds (user + system) and as wall time; the best of
the rounds counts, the tools taking turns. Pass --content to choose what is measured: true peaks cost most on full-scale noise.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.media.ffmpeg import ffmpeg_program
from kling_post.media.sound import write_wav

RATE = 48_000
OURS = (
    "import sys; from pathlib import Path; from kling_post.media.sound import read_sound; from kling_post.sound.normalise import measure;"
    "r = measure(read_sound(Path(sys.argv[1])), 48000);"
    "print(f'{r.integrated_lufs:.2f} LUFS, {r.loudness_range_lu:.1f} LU, {r.true_peak_dbtp:.2f} dBTP')"
)


def content(kind: str, seconds: int, seed: int = 1) -> NDArray[np.float32]:
    """Ten seconds' worth of sound at a time: speech-like bursts over ambience, white noise near full scale, or a loud tone."""
    rng = np.random.default_rng(seed)
    time_axis = np.arange(seconds * RATE) / RATE
    if kind == "tone":
        return np.repeat((0.9 * np.sin(2 * np.pi * 997 * time_axis))[:, None], 2, 1).astype(np.float32)
    noise = rng.standard_normal((seconds * RATE, 2)).astype(np.float32)
    if kind == "noise":
        return np.asarray(np.clip(noise * 0.25, -0.95, 0.95), np.float32)
    spectrum = np.fft.rfft(noise, axis=0)
    spectrum /= np.sqrt(np.arange(1, len(spectrum) + 1))[:, None]
    pink = np.fft.irfft(spectrum, len(noise), axis=0)
    pink /= np.abs(pink).max()
    syllables = 0.5 + 0.5 * np.sin(2 * np.pi * 3.1 * time_axis) * np.sin(2 * np.pi * 0.13 * time_axis)
    return np.asarray(pink * (0.05 + 0.8 * syllables[:, None] ** 2), np.float32)


def timed(command: list[str]) -> tuple[float, float, str]:
    """CPU seconds, wall seconds and everything said."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, done.stdout + done.stderr


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--content", choices=("programme", "noise", "tone"), default="programme")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "programme.wav"
        tenth = content(chosen.content, 10)
        write_wav(path, (tenth * level for level in np.resize([1.0, 0.5, 0.8], round(chosen.minutes * 6))), RATE)
        sixteen = Path(folder) / "programme16.wav"
        subprocess.run([ffmpeg_program(), "-v", "error", "-i", str(path), "-c:a", "pcm_s16le", str(sixteen)], check=True)
        tools = {
            "kling_post": [sys.executable, "-c", OURS, str(sixteen)],
            "ffmpeg ebur128=peak=true": [
                *(ffmpeg_program(), "-hide_banner", "-nostats", "-i", str(sixteen)),
                *("-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"),
            ],
        }
        runs = {name: [timed(command) for _ in range(1)] for name, command in tools.items()}
        for _ in range(chosen.rounds - 1):
            for name, command in tools.items():
                runs[name].append(timed(command))
    print(f"{chosen.minutes:g} minutes of {chosen.content}, 48 kHz stereo, 16 bit; best of {chosen.rounds}; {os.cpu_count()} cores")
    print(f"{'':28}{'CPU s':>8}{'wall s':>8}{'x real time':>13}   result")
    for name, results in runs.items():
        cpu, wall = min(r[0] for r in results), min(r[1] for r in results)
        lines = results[0][2].splitlines()
        found = [line.strip() for line in lines if line.strip().startswith(("I:", "LRA:", "Peak:"))] or lines[-1:]
        print(f"{name:28}{cpu:8.2f}{wall:8.2f}{chosen.minutes * 60 / wall:13.0f}   {', '.join(found)}")


if __name__ == "__main__":
    main()
