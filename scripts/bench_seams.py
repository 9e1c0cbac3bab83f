"""What inspecting the joins of a long sequence costs, beside decoding the whole of it.

    python scripts/bench_seams.py [FILE ...] [--clips 100] [--width 1920] [--seconds 10] [--key-frames-every 250]

Puts the named files in a row, over and over, until there are as many clips as asked; without any, makes one clip of moving texture with
sound. Then every join is inspected, and once more when nothing has changed. Printed are the frames wanted on both sides of the joins, those
that lie between the key frames before them and the first wanted ones (the decoder passes those over that nothing is predicted from), and
CPU seconds (user and system), beside decoding every frame of the sequence; the ratio of the two says more than either on a busy machine.
"""

import argparse
import os
import tempfile
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import av
import cv2
import numpy as np

from kling_post.calibration.patterns import pan
from kling_post.media.decode import decode
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.wav import write_wav
from kling_post.pipeline.files import timeline_of_files
from kling_post.seams.inspect import inspect_seams
from kling_post.seams.side import FRAMES_EACH_SIDE
from kling_post.vocabulary import JoinKind, Size


def on_the_way(path: Path, start: int) -> int:
    """Frames between the key frame that a seek to ``start`` lands on and that frame."""
    with av.open(path) as container:
        times = [(packet.pts, packet.is_keyframe) for packet in container.demux(container.streams.video[0]) if packet.pts is not None]
    keys = [place for place, (_, is_key) in enumerate(sorted(times)) if is_key]
    return start - max(key for key in keys if key <= start)


def cpu_seconds() -> float:
    """Of this process and its children so far."""
    return sum(os.times()[:4])


def made_clip(folder: Path, size: Size, frames: int, key_frames_every: int) -> Path:
    """Texture that goes by at two pixels a frame, with noise as sound."""
    rng = np.random.default_rng(4)
    sound = write_wav(folder / "sound.wav", 0.05 * rng.standard_normal((frames * 2000, 2)).astype(np.float32), 48_000)
    path = folder / "clip.mp4"
    quality = EncodeSettings(preset="veryfast", crf=18)
    cuts = tuple(range(key_frames_every, frames, key_frames_every))
    with FrameWriter(path, size=size, rate=Fraction(24), sound=sound, quality=quality, cut_frames=cuts) as writer:
        for frame in islice(pan(size, frames, rng, pixels=2.0), frames):
            writer.write(frame)
    return path


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--clips", type=int, default=100)
    options.add_argument("--width", type=int, default=1920)
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--key-frames-every", type=int, default=250)
    chosen = options.parse_args()
    cv2.setNumThreads(1)
    size = Size(chosen.width, chosen.width * 9 // 16 // 2 * 2)
    with tempfile.TemporaryDirectory(prefix="kling-post-bench-") as name:
        folder = Path(name)
        clips = chosen.files or [made_clip(folder, size, 24 * chosen.seconds, chosen.key_frames_every)]
        begun, all_frames = cpu_seconds(), 0
        for clip in clips:
            all_frames += sum(1 for _ in decode(clip))
        times = chosen.clips / len(clips)
        whole, all_frames = times * (cpu_seconds() - begun), round(times * all_frames)
        timeline = timeline_of_files("bench", list(islice(cycle(clips), chosen.clips)), join=JoinKind.CONTINUE)
        passed = sum(on_the_way(clip.path, clip.facts.frames - FRAMES_EACH_SIDE) for clip in timeline.clips[:-1])
        begun = cpu_seconds()
        joins = len(inspect_seams(timeline))
        inspected, wanted = cpu_seconds() - begun, 2 * FRAMES_EACH_SIDE * joins
        # Joins of the same two files are inspected once where they are kept.
        inspect_seams(timeline, cache_folder=folder / "signals")
        begun = cpu_seconds()
        inspect_seams(timeline, cache_folder=folder / "signals")
        known = cpu_seconds() - begun
    print(f"{chosen.clips} clips, {joins} joins: frames, CPU seconds")
    print(f"  decoding every frame       {all_frames:8d} {whole:8.1f}")
    print(f"  inspecting every join      {wanted:8d} {inspected:8.1f}   {inspected / joins:.2f} s a join; {passed} more frames on the way")
    print(f"  when nothing has changed   {0:8d} {known:8.2f}")
    share = inspected / joins / (whole / chosen.clips)
    print(f"  a join costs {share:.2f} times what decoding a clip of {all_frames // chosen.clips} frames costs")


if __name__ == "__main__":
    main()
