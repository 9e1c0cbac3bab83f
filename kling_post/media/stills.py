"""Frames of a file as PNG, in a folder that appears when all of them are there."""

import shutil
from fractions import Fraction
from pathlib import Path

from kling_post.errors import EncodeError
from kling_post.media.ffmpeg import run_ffmpeg
from kling_post.media.transcode import Coding, converted
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import MediaFacts
from kling_post.whole_files import part_path


def write_stills(facts: MediaFacts, folder: Path, *, every_frames: int, progress: Progress = SILENT) -> tuple[Path, ...]:
    """Write frames 0, n, 2n … as ``<file name>.<frame, eight digits>.png``; a folder of that name from before is replaced.

    Full-range RGB, tagged as sRGB: BT.709 code values are shown unchanged by every viewer, as players show the movie.
    8 bits each for 8-bit sources, 16 for deeper ones.

    Raises:
        EncodeError: ffmpeg failed, or wrote another number of pictures.
    """
    import ffmpeg

    part = part_path(folder)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    coding = Coding(suffix=".png", video={}, pixel_format="rgb24" if facts.bit_depth == 8 else "rgb48be", scale=Fraction(1))
    try:
        picture = ffmpeg.input(f"file:{facts.path}")["V:0"].filter("select", f"not(mod(n,{every_frames}))")
        # A percent sign of the file's own name must not be read as the number's place.
        pattern = f"file:{str(part).replace('%', '%%')}/%08d.png"
        options = {"c:v": "png", "f": "image2", "fps_mode": "passthrough", "start_number": "0"}
        command = ffmpeg.output(converted(picture, facts, coding, tagged="srgb"), pattern, **options).compile()
        wanted = range(0, facts.frames, every_frames)
        run_ffmpeg(command[1:], progress=progress, total_frames=len(wanted), label="stills")
        written = sorted(part.iterdir())
        if len(written) != len(wanted):
            raise EncodeError(f"{folder}: {len(written)} stills were written where {len(wanted)} were planned.")
        for path, frame in zip(written, wanted, strict=True):
            path.rename(path.with_name(f"{facts.path.stem}.{frame:08d}.png"))
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return tuple(sorted(folder.iterdir()))
