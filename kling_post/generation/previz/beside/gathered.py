"""Gathers what lies beside a take while the take is drawn, and writes it."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from kling_post.generation.local.job import write_json
from kling_post.generation.previz.beside.camera_path import ShotCamera, camera_json, camera_usd
from kling_post.generation.previz.beside.contact_sheet import sheet_frames, thumbnail, write_contact_sheet
from kling_post.generation.previz.beside.depth import Codes, DepthScale, depth_scale, scale_json, write_depth_still
from kling_post.generation.previz.contract import Picture, RgbFrame
from kling_post.generation.previz.geometry.view import Viewed
from kling_post.media.depth_video import DepthWriter
from kling_post.vocabulary import Size
from kling_post.whole_files import part_path, write_whole

COMMENT: Final = "kling_post previz - procedural, not generated footage"
"""What every file says of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeShape:
    """What a take is, before anything of it is drawn."""

    size: Size
    rate: Fraction
    shot_ids: tuple[str, ...]
    shot_frames: tuple[int, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """The first frame of each shot in the take."""
        return tuple(accumulate((0, *self.shot_frames[:-1])))


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Used as a ``with`` block around the drawing; ``files`` has what was written once it is left."""

    shape: TakeShape
    folder: Path
    suffix: str
    """Tells the files of one result from those of another."""
    wants_depth: bool
    files: dict[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="beside"))
    """Files are written while frames are still being drawn: nothing is left to wait for at the end."""
    _writing: dict[str, Future[Path]] = field(default_factory=dict)
    _thumbnails: dict[int, RgbFrame] = field(default_factory=dict)
    _cameras: list[ShotCamera] = field(default_factory=list)
    _scales: list[DepthScale] = field(default_factory=list)
    _depth: DepthWriter | None = None

    def __enter__(self) -> Self:
        if self.wants_depth:
            self._depth = DepthWriter(self._path("depth", ".mkv"), size=self.shape.size, rate=self.shape.rate, comment=COMMENT)
            self._depth.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._depth is not None:
                self._depth.__exit__(kind, error, trace)
            if kind is None:
                self._write_rest()
        finally:
            self._pool.shutdown(cancel_futures=kind is not None)
        if kind is None:
            self.files |= {name: future.result() for name, future in self._writing.items()}

    def begin_shot(self, index: int, picture: Picture) -> None:
        """Tell of the next shot before its frames are drawn."""
        shot_id, start, frames = self.shape.shot_ids[index], self.shape.starts[index], self.shape.shot_frames[index]
        known = [picture.camera(frame) for frame in range(frames)] if isinstance(picture, Viewed) else []
        cameras = tuple(camera for camera in known if camera is not None)
        self._cameras.append(ShotCamera(shot_id=shot_id, first_frame=start, cameras=cameras))
        if self.wants_depth:
            scale = depth_scale(picture, shot_id=shot_id, first_frame=start, frames=frames)
            self._scales.append(scale)
            if scale.nearest_metres is None:
                self.notes.append(f"There is no depth of shot {shot_id}: it is not drawn from a scene of known shape.")

    def see(self, index: int, frame: int, rgb: RgbFrame) -> None:
        """Look at a frame of a shot before the label is drawn on it; threads may come in any order."""
        last = len(self.shape.shot_frames) - 1
        if (index, frame) == (0, 0):
            self._writing["first_frame"] = self._pool.submit(self._write_still, "first_frame", rgb.copy())
        if (index, frame) == (last, self.shape.shot_frames[last] - 1):
            self._writing["last_frame"] = self._pool.submit(self._write_still, "last_frame", rgb.copy())
        if frame in sheet_frames(self.shape.shot_frames)[index]:
            self._thumbnails[self.shape.starts[index] + frame] = thumbnail(rgb)

    def depth_of(self, index: int, frame: int, picture: Picture) -> Codes | None:
        """The frame's depth, where it is wanted."""
        if not self.wants_depth:
            return None
        scale = self._scales[index]
        view = picture.view(frame) if scale.nearest_metres is not None and isinstance(picture, Viewed) else None
        if view is None:
            return np.zeros((self.shape.size.height, self.shape.size.width), np.uint16)
        codes = scale.codes(view.depth)
        whole = self.shape.starts[index] + frame
        for name, end in (("depth_first_frame", 0), ("depth_last_frame", sum(self.shape.shot_frames) - 1)):
            if whole == end:
                self._writing[name] = self._pool.submit(write_depth_still, self._path(name, ".png"), codes, COMMENT)
        return codes

    def append_depth(self, codes: Codes | None) -> None:
        """The next frame's depth, in order."""
        if self._depth is not None and codes is not None:
            self._depth.write(codes)

    def _write_rest(self) -> None:
        shots, rate = [shot for shot in self._cameras if shot.cameras], self.shape.rate
        if shots:
            write_json(self._path("camera", ".json"), camera_json(shots, rate, COMMENT))
            write_whole(self._path("camera_path", ".usda"), camera_usd(shots, rate, COMMENT))
            self.files |= {"camera": self._path("camera", ".json"), "camera_path": self._path("camera_path", ".usda")}
        if self._thumbnails:
            names = {frame: self._shot_of(frame) for frame in self._thumbnails}
            path = self._path("contact_sheet", ".png")
            self.files["contact_sheet"] = write_contact_sheet(path, self._thumbnails, names, rate, COMMENT)
        if self._depth is not None and any(scale.nearest_metres is not None for scale in self._scales):
            write_json(self._path("depth_scale", ".json"), scale_json(self._scales, self.shape.size, rate, COMMENT))
            self.files |= {"depth": self._depth.path, "depth_scale": self._path("depth_scale", ".json")}
        elif self._depth is not None:
            self._depth.path.unlink()

    def _shot_of(self, frame: int) -> str:
        return max(zip(self.shape.starts, self.shape.shot_ids, strict=True), key=lambda one: (one[0] <= frame, one[0]))[1]

    def _write_still(self, name: str, frame: RgbFrame) -> Path:
        """One end of the take without the label, which the file carries as a comment instead."""
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        about = PngInfo()
        about.add_text("Comment", COMMENT)
        path = self._path(name, ".png")
        part = part_path(path)
        try:
            # Not forced to the disk: a child that is let go of has little time to tidy up, and the take itself is copied from here.
            Image.fromarray(frame).save(part, format="PNG", pnginfo=about, compress_level=3)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def _path(self, name: str, ending: str) -> Path:
        return self.folder / f"{name}{self.suffix}{ending}"
