"""A page about joins alone: the frames on either side, scorecards, drift along the chain, and a clip of each join to watch in a loop."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.picture import shown_views
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.color import luma_weights
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.rgb import ycbcr_to_rgb
from kling_post.progress import SILENT, Progress
from kling_post.reports.html.chains import chain_views
from kling_post.reports.html.page import seam_views
from kling_post.reports.html.stills import StillShelf
from kling_post.reports.html.wording import figure_text
from kling_post.reports.material import ReportMaterial
from kling_post.seams.chain_drift import chain_drifts
from kling_post.version import __version__
from kling_post.vocabulary import FrameRange, SeamReport, Size
from kling_post.whole_files import write_whole

LOOP_FRAMES = 12
_LOOP_WIDTH = 960
_BAR_ROWS = 6


def write_seam_page(timeline: Timeline, seams: Sequence[SeamReport], path: Path, *, progress: Progress = SILENT) -> Path:
    """Write the page, and beside it a folder of its name with one loop clip for each join.

    Args:
        timeline: The clips.
        seams: The reports on all of its joins, in order.
        path: The page; ``joins.html`` gets ``joins_loops/seam_1.mp4`` and so on.
        progress: Told of every join.

    Raises:
        MediaError: a clip cannot be read.
        EncodeError: a loop clip cannot be written.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    material = ReportMaterial(project_name="seams", timeline=timeline, takes=(), seams=tuple(seams))
    environment = Environment(
        loader=PackageLoader("kling_post.reports", "html"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = figure_text
    folder = path.with_name(f"{path.stem}_loops")
    progress.start("loop clips", len(seams), "joins")
    loops = []
    clips = {clip.clip_id: clip for clip in timeline.clips}
    for number, seam in enumerate(seams, start=1):
        loop = write_loop(clips[seam.outgoing], clips[seam.incoming], timeline, folder / f"seam_{number}.mp4")
        loops.append(f"{quote(folder.name)}/{loop.name}")
        progress.advance(number)
    progress.finish()
    style = files("kling_post.reports.html").joinpath("page.css").read_text(encoding="utf-8")
    page = environment.get_template("seams.html.j2").render(
        version=__version__,
        verdict=material.verdict,
        # Our own file, shipped with the package: the only text that goes in unescaped.
        style=Markup(style),  # noqa: S704
        views=list(zip(seam_views(material, StillShelf()), loops, strict=True)),
        chains=chain_views(chain_drifts(seams)),
        loop_frames=LOOP_FRAMES,
    )
    write_whole(path, page)
    return path


def write_loop(before: Clip, after: Clip, timeline: Timeline, path: Path) -> Path:
    """The last twelve frames before a join and the first twelve after it, without the dissolve, as a small H.264 file."""
    overlap = after.dissolve_frames
    width = min(_LOOP_WIDTH, timeline.size.width) // 2 * 2
    size = Size(width, max(2, round(width * timeline.size.height / timeline.size.width / 2) * 2))
    path.parent.mkdir(parents=True, exist_ok=True)
    quality = EncodeSettings(preset="veryfast", crf=18)
    with FrameWriter(path, size=size, rate=timeline.rate, quality=quality, cut_frames=(LOOP_FRAMES,)) as writer:
        end, start = before.source.stop - overlap, after.source.start + overlap
        for frame in _frames(before, timeline, end - LOOP_FRAMES, end, size):
            writer.write(_with_bar(frame, level=96))
        for frame in _frames(after, timeline, start, start + LOOP_FRAMES, size):
            writer.write(_with_bar(frame, level=235))
    return path


def _frames(clip: Clip, timeline: Timeline, start: int, stop: int, size: Size) -> Iterator[NDArray[np.uint8]]:
    first, last = max(clip.source.start, start), min(clip.source.stop, stop)
    weights = luma_weights(clip.facts.color_matrix, height=clip.facts.size.height)
    for view, times in shown_views(clip, FrameRange(min(first, last - 1), last), timeline):
        rows, columns = view.luma.shape
        share = min(size.width / columns, size.height / rows)
        inside = (max(2, round(columns * share / 2) * 2), max(2, round(rows * share / 2) * 2))
        rgb = ycbcr_to_rgb(
            view.luma,
            view.chroma_blue,
            view.chroma_red,
            bit_depth=view.bit_depth,
            full_range=clip.facts.color_range == "full",
            weights=weights,
            size=inside,
        )
        yield from [_boxed(rgb, size)] * times


def _boxed(rgb: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """A picture of another shape in the middle of black."""
    down, right = size.height - rgb.shape[0], size.width - rgb.shape[1]
    if not (down or right):
        return rgb
    top, left = down // 2, right // 2
    return np.asarray(cv2.copyMakeBorder(rgb, top, down - top, left, right - left, cv2.BORDER_CONSTANT, value=(0, 0, 0)), np.uint8)


def _with_bar(rgb: NDArray[np.uint8], *, level: int) -> NDArray[np.uint8]:
    marked = rgb.copy()
    marked[-_BAR_ROWS:] = level
    return marked
