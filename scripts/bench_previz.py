"""What drawing costs, by scene family, in CPU-seconds: building the shot, and each frame of it in the steady state.

    OMP_NUM_THREADS=1 python scripts/bench_previz.py [--only forest] [--frames 4] [--json FILE]

Every family is drawn in a process of its own on one thread, at 3840x2160 and at 1280x720: a frame as the place draws it, the label with
the conversion to YCbCr, and the encoder (libx264 as for takes), whose frames are those that were drawn, there and back. The last column is
CPU-seconds for a second of film at 1280x720, everything in: 2 is real time on two free cores. Figures are medians over the frames.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

FAMILIES = {
    "salt flats, wide": "Three pack animals with glass spheres cross a salt plain under smoking ridges, wide shot, slow dolly forward",
    "salt flats, gateway": "The caravan reaches basalt columns on the salt flats, embers drift, low angle, the camera cranes upward",
    "quarry": "A colossal mech in an amber quarry, ribbons, attendants, slabs, lifts and cables, birds, the camera cranes up",
    "plain": "A meadow at noon, a person walks, the camera trucks right",
    "desert": "Two horses walk across sand dunes at noon, the camera pans right",
    "snow": "A lone hiker walks through a snowy field at dusk, snow falling, slow dolly forward",
    "forest": "A misty pine forest at dawn, a traveler among the trees, slow push in",
    "mountains": "An aerial shot over mountains in the morning, the camera orbits",
    "lake": "A mountain lake at sunrise, birds, the camera pans left",
    "sea": "A sailing boat on the open sea at golden hour, waves, wide shot",
    "street": "A rainy street at night, people walk, a car, the camera dollies forward",
    "city": "A city skyline at dusk, the camera pans right",
    "outer space": "Outer space, a planet with rings, a spaceship, the camera dollies forward",
    "under water": "Underwater, a coral reef, fish swim, the camera dollies forward",
    "station": "A flooded railway station hall, the camera dollies forward",
    "station, turning": "A flooded railway station, vines and greenery grow over the benches, the camera glides forward",
    "ice library": "An ice library under an aurora, snow, the camera cranes up",
    "corridor": "A long corridor, the camera dollies forward",
}
LARGE, SMALL = (3840, 2160), (1280, 720)
INDOORS = frozenset({"station", "station, turning", "ice library", "corridor"})
GOAL = 0.6
"""CPU-seconds a frame of anything outdoors at 3840x2160, encoding not counted."""


def spent() -> float:
    """CPU-seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def one(prompt: str, width: int, height: int, frames: int) -> dict[str, object]:
    """The figures of one family at one size."""
    import cv2

    from kling_post.generation.previz.beside.gathered import COMMENT
    from kling_post.generation.previz.burn_in import BurnIn
    from kling_post.generation.previz.contract import PictureRequest
    from kling_post.generation.previz.geometry.view import Viewed
    from kling_post.generation.previz.places import place
    from kling_post.generation.previz.reading import read_prompt
    from kling_post.media.encode import FrameWriter, rgb_to_ycbcr420
    from kling_post.vocabulary import Size

    cv2.setNumThreads(1)
    size, rate = Size(width, height), Fraction(24)
    reading = read_prompt(prompt, None)
    before = spent()
    picture = place(reading.place).picture(
        PictureRequest(reading=reading, seed=5, shot_index=0, shot_count=1, size=size, frames=120, rate=rate, threads=1)
    )
    building = spent() - before
    label = BurnIn(size=size, rate=rate, shot_id="bench", camera="", seed=5, first_frame=0, take_frames=120)
    label.prepare()
    picture.frame(0)
    drawing, finishing, depths, planes = [], [], [], []
    for index in range(40, 40 + frames):
        start = time.process_time()
        rgb = picture.frame(index)
        drawn = time.process_time()
        rgb = rgb.copy()
        label.draw(rgb, index)
        planes.append(rgb_to_ycbcr420(rgb))
        drawing.append(drawn - start)
        finishing.append(time.process_time() - drawn)
        if isinstance(picture, Viewed) and index < 42:
            start = time.process_time()
            picture.view(index)
            depths.append(time.process_time() - start)
    there_and_back = [*range(frames), *range(frames - 2, 0, -1)]
    coded, children = 24, sum(os.times()[2:4])
    with (
        TemporaryDirectory() as folder,
        FrameWriter(Path(folder) / "take.mp4", size=size, rate=rate, metadata={"comment": COMMENT}) as writer,
    ):
        for index in range(coded):
            writer.write_planes(*planes[there_and_back[index % len(there_and_back)]])
    return {
        "place": reading.place,
        "building": building,
        "frame": median(drawing),
        "label": median(finishing),
        "encode": (sum(os.times()[2:4]) - children) / coded,
        "depth": median(depths) if depths else None,
    }


def measured(prompt: str, size: tuple[int, int], frames: int) -> dict[str, object]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--one", prompt, "--size", f"{size[0]}x{size[1]}", "--frames", str(frames)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def number(value: object) -> str:
    """Two decimals; a dash where there is none."""
    return f"{value:.2f}" if isinstance(value, float) else "–"  # noqa: RUF001 - a dash for people


def main() -> None:
    """Measure what was asked for and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", action="append", choices=sorted(FAMILIES))
    options.add_argument("--frames", type=int, default=4)
    options.add_argument("--json", type=Path)
    options.add_argument("--one", help=argparse.SUPPRESS)
    options.add_argument("--size", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one is not None:
        width, height = map(int, asked.size.split("x"))
        json.dump(one(asked.one, width, height, asked.frames), sys.stdout)
        return
    print("| scene | build, 4K | frame, 4K | label and YCbCr | encode | depth, if asked | build, 720p | a second of film, 720p |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    results = {}
    for name in asked.only or FAMILIES:
        large, small = (measured(FAMILIES[name], size, asked.frames) for size in (LARGE, SMALL))
        results[name] = {"3840x2160": large, "1280x720": small}
        second = 24 * sum(float(str(small[part])) for part in ("frame", "label", "encode"))
        frame = number(large["frame"])
        cells = [name, number(large["building"]), frame if name in INDOORS or float(frame) <= GOAL else f"**{frame}**"]
        cells += [number(large[part]) for part in ("label", "encode", "depth")]
        print("| " + " | ".join([*cells, number(small["building"]), number(second)]) + " |", flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
