"""Reference clips on disk: drawn footage with its exact movement, depth and camera, and the same footage with known defects.

For people who test a tool of their own, or ours, on footage whose truth is known: everything follows from the prompt and the seed.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.case_files import write_clip
from kling_post.calibration.cases import Case, Kind
from kling_post.calibration.exact_motion import exact_steps
from kling_post.calibration.footage import FRAMES, RATE, SIZE, drawn_shot, sound_of
from kling_post.calibration.injectors.injector import Injected, Injector, Material
from kling_post.calibration.injectors.registry import all_injectors
from kling_post.errors import UsageError
from kling_post.generation.local.job import write_json
from kling_post.generation.previz.beside.camera_path import ShotCamera, camera_json, camera_usd
from kling_post.generation.previz.beside.depth import depth_scale, scale_json
from kling_post.generation.previz.contract import Picture, RgbFrame
from kling_post.generation.previz.geometry.flow import NOT_KNOWN, Flow
from kling_post.generation.previz.geometry.view import Viewed
from kling_post.media.depth_video import DepthWriter
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import Size
from kling_post.whole_files import part_path, write_whole

COMMENT: Final = "kling_post reference - procedural, with known truth"
LEAST_FRAMES: Final = 72
"""Injectors need so many."""
_STEPS_A_PIXEL: Final = 64
_ZERO: Final = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A defect of a size, as it is asked for."""

    name: str
    size: float | None = None
    """None takes the smallest size that people see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceOrder:
    """What is to be made."""

    prompt: str
    seed: int = 1
    size: Size = SIZE
    frames: int = FRAMES
    crf: int = 14
    defects: tuple[Defect, ...] = ()
    flow: bool = True
    """Whether flow and depth are written; they take more room than the clips."""


def defect_of_text(text: str) -> Defect:
    """``freeze_middle=0.8`` or ``freeze_middle`` as a defect.

    Raises:
        UsageError: there is no such defect, or it has no such size.
    """
    name, equals, size = text.partition("=")
    if name not in all_injectors():
        raise UsageError(f"there is no defect {name!r}.", remedy="`kling-post reference --list` names them all with their sizes.")
    try:
        wanted = float(size) if equals else None
    except ValueError:
        raise UsageError(f"the size of {name} is {size!r}, which is not a number.") from None
    injector = all_injectors()[name]
    least, most = min(injector.sizes), max(injector.sizes)
    if wanted is not None and not least <= wanted <= most:
        raise UsageError(f"{name} takes {least:g} to {most:g} {injector.unit}, not {wanted:g}.")
    return Defect(name=name, size=wanted)


def flow_png(flow: Flow) -> NDArray[np.uint16]:
    """Flow as KITTI's 16-bit pictures hold it (Geiger and others 2012), (rows, columns, 3) in the order red, green, blue.

    Red is across and green is down, in 1/64 pixel above 32768; blue is 1 where the flow is known at all, as in those pictures, and 2
    where it is a body's own movement while its limbs swing besides.
    """
    codes = np.clip(np.rint(flow.pixels * _STEPS_A_PIXEL) + _ZERO, 0, 65535)
    known = np.where(flow.known == NOT_KNOWN, 0, np.where(flow.known == 255, 1, 2))
    codes[known == 0] = 0
    return np.dstack([codes, known]).astype(np.uint16)


def write_reference(order: ReferenceOrder, folder: Path, *, progress: Progress = SILENT) -> Path:
    """Make the clips and their truth in a folder that appears when all of it is there; one of that name from before is replaced.

    It holds ``clean.mp4``, one clip for each defect, ``truth.json``, and where the footage knows its geometry ``camera.json``,
    ``camera_path.usda``, ``depth.mkv``, ``depth_scale.json`` and ``flow/000000.png`` …, from each frame of the clean clip to the next.

    Raises:
        UsageError: too few frames for a defect.
        EncodeError: a clip cannot be written.
    """
    if order.defects and order.frames < LEAST_FRAMES:
        raise UsageError(f"{order.frames} frames are too few to put a defect into: it takes {LEAST_FRAMES}.")
    part = part_path(folder)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        picture = drawn_shot(order.prompt, order.seed, size=order.size, frames=order.frames)
        progress.start("drawing", order.frames, "frames")
        frames = []
        for index in range(order.frames):
            frames.append(picture.frame(index))
            progress.advance(index + 1)
        progress.finish()
        has_geometry = _write_geometry(order, picture, part, progress)
        truths = _write_clips(order, frames, part, progress)
        write_json(part / "truth.json", _truth(order, truths, has_geometry=has_geometry))
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        cv2.setNumThreads(threads)
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _write_clips(order: ReferenceOrder, frames: Sequence[RgbFrame], folder: Path, progress: Progress) -> list[dict[str, Any]]:
    """The clean clip and one for each defect; what is true of each."""
    sound = sound_of(order.prompt, order.seed, order.frames)
    clean = Case(kind=Kind.CLEAN, name="clean", crf=order.crf, seed=order.seed)
    write_clip(folder / "clean.mp4", Injected(frames=iter(frames), truth=(), sound=sound), clean)
    truths: list[dict[str, Any]] = [{"file": "clean.mp4", "defect": None, "events": []}]
    if not order.defects:
        return truths
    other = drawn_shot(order.prompt, order.seed + 1000, size=order.size, frames=order.frames)
    foreign = [other.frame(index) for index in range(order.frames)]
    progress.start("putting defects in", len(order.defects), "clips")
    for done, defect in enumerate(order.defects, start=1):
        injector = all_injectors()[defect.name]
        size = _visible_size(injector) if defect.size is None else defect.size
        rng = np.random.default_rng([order.seed, crc32(f"{defect.name} {size:g}".encode())])
        made = injector.apply(Material(frames=frames, other=foreign, rate=RATE, rng=rng, sound=sound), size)
        case = Case(kind=Kind.DEFECT, name=defect.name, size=size, crf=order.crf, seed=order.seed)
        path = folder / f"{defect.name}_{size:g}.mp4"
        write_clip(path, made, case)
        truths.append({"file": path.name, **_defect(injector, size, made)})
        progress.advance(done)
    progress.finish()
    return truths


def _visible_size(injector: Injector) -> float:
    return min((size for size in injector.sizes if size >= injector.visible), default=injector.sizes[-1])


def _defect(injector: Injector, size: float, made: Injected) -> dict[str, Any]:
    return {
        "defect": injector.name,
        "title": injector.title,
        "size": size,
        "unit": injector.unit,
        "visible_from": injector.visible,
        "check": injector.check,
        "events": [{"first_frame": event.frames.start, "end_frame": event.frames.stop, "shape": str(event.shape)} for event in made.truth],
    }


def _write_geometry(order: ReferenceOrder, picture: Picture, folder: Path, progress: Progress) -> bool:
    """Camera, and where it is wanted depth and flow; False where the footage has none."""
    if not isinstance(picture, Viewed) or picture.view(0) is None:
        return False
    cameras = tuple(camera for index in range(order.frames) if (camera := picture.camera(index)) is not None)
    shots = [ShotCamera(shot_id="reference", first_frame=0, cameras=cameras)]
    write_json(folder / "camera.json", camera_json(shots, RATE, COMMENT))
    write_whole(folder / "camera_path.usda", camera_usd(shots, RATE, COMMENT))
    if not order.flow:
        return True
    scale = depth_scale(picture, shot_id="reference", first_frame=0, frames=order.frames)
    write_json(folder / "depth_scale.json", scale_json([scale], order.size, RATE, COMMENT))
    (folder / "flow").mkdir()
    progress.start("depth and flow", order.frames, "frames")
    with DepthWriter(folder / "depth.mkv", size=order.size, rate=RATE, comment=COMMENT) as writer:
        for index in range(order.frames):
            view = picture.view(index)
            assert view is not None
            writer.write(scale.codes(view.depth))
        for index, flow in enumerate(exact_steps(picture, order.frames)):
            coded = cv2.cvtColor(flow_png(flow), cv2.COLOR_RGB2BGR)
            if not cv2.imwrite(str(folder / "flow" / f"{index:06d}.png"), coded, [cv2.IMWRITE_PNG_COMPRESSION, 3]):
                raise OSError(f"{folder / 'flow'}: a picture could not be written")
            progress.advance(index + 1)
    progress.finish()
    return True


def _truth(order: ReferenceOrder, clips: Sequence[Mapping[str, Any]], *, has_geometry: bool) -> dict[str, Any]:
    flow = "flow/NNNNNN.png, KITTI's 16-bit coding, leads from frame NNNNNN of clean.mp4 to the next; blue 2 marks bodies whose limbs swing"
    return {
        "schema": "kling-post reference 1",
        "comment": COMMENT,
        "prompt": order.prompt,
        "seed": order.seed,
        "size": str(order.size),
        "rate": str(Fraction(RATE)),
        "frames": order.frames,
        "crf": order.crf,
        "flow": flow if has_geometry and order.flow else None,
        "events": "frames first_frame to end_frame - 1 of the clip; instant: to one frame; run: half of the union; within: any part",
        "clips": list(clips),
    }
