"""What inspecting the joins of a long sequence costs, beside decoding the whole of it.

    python scripts/bench_seams.py [--clips 100] [--width 1920] [--seconds 10]

Makes one clip of moving texture with sound, puts it in a row as often as asked, and inspects every join: without a cache, and once
more when nothing has changed. Printed are CPU seconds (user and system), beside those for decoding every frame of the sequence.
"""

import argparse
import os
import tempfile
from collections import deque
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from kling_post.calibration.patterns import pan
from kling_post.media.decode import decode
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.wav import write_wav
from kling_post.pipeline.files import timeline_of_files
from kling_post.seams.inspect import inspect_seams
from kling_post.vocabulary import JoinKind, Size


def cpu_seconds() -> float:
    """Of this process and its children so far."""
    return sum(os.times()[:4])


def made_clip(folder: Path, size: Size, frames: int) -> Path:
    """Texture that goes by at two pixels a frame, with noise as sound."""
    rng = np.random.default_rng(4)
    sound = write_wav(folder / "sound.wav", 0.05 * rng.standard_normal((frames * 2000, 2)).astype(np.float32), 48_000)
    path = folder / "clip.mp4"
    with FrameWriter(path, size=size, rate=Fraction(24), sound=sound, quality=EncodeSettings(preset="veryfast", crf=18)) as writer:
        for frame in islice(pan(size, frames, rng, pixels=2.0), frames):
            writer.write(frame)
    return path


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clips", type=int, default=100)
    options.add_argument("--width", type=int, default=1920)
    options.add_argument("--seconds", type=int, default=10)
    chosen = options.parse_args()
    cv2.setNumThreads(1)
    size = Size(chosen.width, chosen.width * 9 // 16 // 2 * 2)
    with tempfile.TemporaryDirectory(prefix="kling-post-bench-") as name:
        folder = Path(name)
        clip = made_clip(folder, size, 24 * chosen.seconds)
        begun = cpu_seconds()
        deque(decode(clip), maxlen=0)
        whole = cpu_seconds() - begun
        timeline = timeline_of_files("bench", [clip] * chosen.clips, join=JoinKind.CONTINUE)
        begun = cpu_seconds()
        joins = len(inspect_seams(timeline))
        inspected = cpu_seconds() - begun
        inspect_seams(timeline, cache_folder=folder / "signals")
        begun = cpu_seconds()
        inspect_seams(timeline, cache_folder=folder / "signals")
        known = cpu_seconds() - begun
    print(f"{chosen.clips} clips of {size}, {chosen.seconds} s each, {joins} joins; CPU seconds:")
    print(f"  decoding every frame         {whole * chosen.clips:8.1f}   {whole:.2f} a clip")
    print(f"  inspecting every join        {inspected:8.1f}   {inspected / joins:.2f} a join")
    print(f"  when nothing has changed     {known:8.2f}")


if __name__ == "__main__":
    main()
