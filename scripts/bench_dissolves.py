"""Which dissolves in the picture are seen, and what is taken for one? Shots that move by up to three tenths of the picture, and pans.

    python scripts/bench_dissolves.py [--seed 1] [--clips FILE ...] [--each 5] [--folder FOLDER]

Dissolves of 4 to 20 frames between two takes, each under a camera that moves by 0, 0.1, 0.2 or 0.3 widths of the picture within the join's
32 frames, besides what moves in the takes themselves; beside them what is none: takes that go on, under such a camera too, cuts, slow pans
over blurred stills, and whip pans, blurred by their own movement and blurred besides. Pictures are 320x180, with noise of one code.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.clips import rgb_frames
from kling_post.calibration.seam_footage import seam_footage
from kling_post.media.probe import probe
from kling_post.seams.classify import Seen, classify
from kling_post.seams.limits import LIMITS
from kling_post.seams.motion import movement_around
from kling_post.seams.side import Side
from kling_post.vocabulary import JoinKind

WIDTH, HEIGHT = 320, 180
SIDE_FRAMES = 16
FRAMES = 2 * SIDE_FRAMES
MOVES, LENGTHS = (0.0, 0.1, 0.2, 0.3), (4, 8, 12, 16, 20)

Pictures = NDArray[np.float32]


def small(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    luma = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(luma, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def takes(clips: Sequence[Path], folder: Path | None) -> dict[str, NDArray[np.uint8]]:
    """Small luma of every take of the reference footage, and of the first frames of the user's clips."""
    found = {}
    sources = [(each.name, each.draw(1)) for each in seam_footage(2 * WIDTH)] + [
        (path.stem, rgb_frames(path, probe(path), width=2 * WIDTH)) for path in clips
    ]
    for name, frames in sources:
        kept = None if folder is None else folder / f"{name}.luma.npy"
        if kept is None or not kept.exists():
            drawn = np.stack([small(frame) for frame in islice(frames, 96)])
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                np.save(kept, drawn)
        found[name] = drawn if kept is None else np.load(kept)
    return {name: drawn for name, drawn in found.items() if len(drawn) >= FRAMES}


def stretch(material: Mapping[str, NDArray[np.uint8]], rng: np.random.Generator, *, but: str = "") -> tuple[str, Pictures]:
    """As many frames as a join has, from anywhere in a take."""
    name = str(rng.choice([each for each in material if each != but]))
    first = int(rng.integers(0, len(material[name]) - FRAMES + 1))
    return name, material[name][first : first + FRAMES].astype(np.float32)


def panned(pictures: Pictures, widths: float, rng: np.random.Generator) -> Pictures:
    """The pictures as a camera sees them that pans by so many widths, in any direction, over an enlargement of them."""
    across, down = np.cos(angle := rng.uniform(0, 2 * np.pi)), np.sin(angle) / 2
    zoom = 1 + 1.05 * widths
    seen = []
    for place, picture in enumerate(pictures):
        way = (place / (len(pictures) - 1) - 0.5) * widths
        left, top = ((1 - 1 / zoom) / 2 + way * part / zoom for part in (across, down))
        matrix = np.array([[1 / zoom, 0, left * WIDTH], [0, 1 / zoom, top * HEIGHT]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen.append(cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REFLECT_101))
    return np.stack(seen)


def dissolved(one: Pictures, other: Pictures, frames: int, late: int) -> Pictures:
    shares = np.clip((np.arange(FRAMES) - (SIDE_FRAMES + late - frames / 2) + 1) / (frames + 1), 0, 1)[:, None, None]
    return np.asarray((1 - shares) * one + shares * other, np.float32)


def whipped(still: Pictures, other: Pictures, widths: float, frames: int) -> Pictures:
    """A camera that whips over so many widths, from one still to another, in about so many frames; each frame is open all the time."""
    tiles = [still if place % 2 == 0 else still[:, ::-1] for place in range(int(np.ceil(widths)))]
    panorama = np.concatenate([*tiles, other[:, ::-1], other], axis=1)
    share = np.clip((np.arange(8 * FRAMES) / 8 - SIDE_FRAMES) / frames + 0.5, 0, 1)
    lefts = widths * WIDTH * (3 * share**2 - 2 * share**3)
    seen = []
    for moments in lefts.reshape(FRAMES, 8):
        at = [cv2.getRectSubPix(panorama, (WIDTH, HEIGHT), (float(left) + (WIDTH - 1) / 2, (HEIGHT - 1) / 2)) for left in moments]
        seen.append(np.mean(at, axis=0))
    return np.stack(seen)


def softened(pictures: Pictures, sigma: float) -> Pictures:
    """Blurred, with the contrast that they had before."""
    soft = np.stack([cv2.GaussianBlur(picture, (0, 0), sigma) for picture in pictures])
    return np.asarray((soft - soft.mean()) * (45 / max(float(soft.std()), 1.0)) + 115, np.float32)


def joins(material: Mapping[str, NDArray[np.uint8]], each: int, rng: np.random.Generator) -> Iterator[tuple[str, int, Pictures]]:
    """What it is, how many frames a dissolve has (0 where it is none), and its frames."""
    for move, length, _ in product(MOVES, LENGTHS, range(each)):
        name, one = stretch(material, rng)
        _, other = stretch(material, rng, but=name)
        late = int(rng.integers(-3, 4)) if length < max(LENGTHS) else 0
        yield f"dissolve, moving by {move:g}", length, dissolved(panned(one, move, rng), panned(other, move, rng), length, late)
    for name, move in product(material, (0.0, 0.15, 0.4)):
        yield "goes on", 0, panned(stretch({name: material[name]}, rng)[1], move, rng)
    for _ in range(3 * each):
        name, one = stretch(material, rng)
        yield "cut", 0, np.concatenate([one[:SIDE_FRAMES], stretch(material, rng, but=name)[1][SIDE_FRAMES:]])
    for move, sigma, _ in product((0.1, 0.2, 0.4), (6, 14, 28), range(each)):
        still = softened(stretch(material, rng)[1][:1], sigma)
        yield "pan over a soft still", 0, panned(np.repeat(still, FRAMES, axis=0), move, rng)
    for widths, length, sigma, _ in product((0.4, 0.8, 1.5), (6, 12, 20), (0, 5, 12), range(each)):
        pictures = whipped(stretch(material, rng)[1][0], stretch(material, rng)[1][0], widths, length)
        yield "whip pan" + (", soft" if sigma else ""), 0, softened(pictures, sigma) if sigma else pictures


def looked_at(pictures: Pictures, rng: np.random.Generator) -> Seen:
    luma = (np.clip(np.rint(pictures + rng.normal(0, 1, pictures.shape)), 0, 255) / 255).astype(np.float32)
    none = np.zeros((SIDE_FRAMES, HEIGHT, WIDTH), np.float32)
    sides = [
        Side(luma=part, chroma_blue=none, chroma_red=none, sharpness=np.ones(SIDE_FRAMES))
        for part in (luma[:SIDE_FRAMES], luma[SIDE_FRAMES:])
    ]
    return classify(movement_around(*(side.luma for side in sides)), *sides)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--clips", type=Path, nargs="*", default=(), help="real clips, whose first 96 frames are used beside the reference footage"
    )
    parser.add_argument("--each", type=int, default=5, help="joins of each kind and size")
    parser.add_argument("--folder", type=Path, help="where small takes stay for the next run")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    rows: dict[str, list[tuple[int, Seen]]] = defaultdict(list)
    for kind, frames, pictures in joins(takes(options.clips, options.folder), options.each, rng):
        rows[kind].append((frames, looked_at(pictures, rng)))
    limits = LIMITS[JoinKind.DISSOLVE]
    print("| join | of them | seen as a dissolve | its frames right to one | its curve beyond the limit | its light beyond the limit |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind, results in rows.items():
        found = [(frames, seen.dissolve) for frames, seen in results if seen.kind is JoinKind.DISSOLVE and seen.dissolve is not None]
        counted = sum(abs(dissolve.frames - frames) <= 1 for frames, dissolve in found if frames)
        uneven = sum(abs(dissolve.curve_percent) > limits.dissolve_curve_percent for frames, dissolve in found if frames)
        darker = sum(abs(dissolve.luma_percent) > limits.dissolve_luma_percent for frames, dissolve in found if frames)
        told = f"{counted} | {uneven} | {darker}" if results[0][0] else "- | - | -"
        print(f"| {kind} | {len(results)} | {len(found)} | {told} |")


if __name__ == "__main__":
    main()
