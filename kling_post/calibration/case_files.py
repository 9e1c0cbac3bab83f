"""A case of the benchmark as a coded file."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from kling_post.calibration.cases import Case, Kind
from kling_post.calibration.footage import FRAMES, RATE
from kling_post.calibration.injectors.injector import Frame, Injected
from kling_post.calibration.injectors.registry import all_hard_negatives, all_injectors
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.ffmpeg import run_ffmpeg
from kling_post.media.wav import write_wav
from kling_post.vocabulary import Size

SOUND_RATE = 48_000
_SOUND_PICTURE = Size(64, 36)
"""Of cases about the sound alone: the picture is not looked at."""


def about_sound(case: Case) -> bool:
    """Whether a case is about its sound alone."""
    if case.kind is Kind.HARD_NEGATIVE:
        return all_hard_negatives()[case.name].draw is None
    return case.kind is Kind.DEFECT and all_injectors()[case.name].check.startswith("sound_")


def write_clip(path: Path, made: Injected, case: Case) -> None:
    """Encode a case with libx264 at its quality."""
    quality = EncodeSettings(preset="veryfast", crf=case.crf, threads=1)
    sound = None
    frames: Iterator[Frame] = made.frames
    if made.sound is not None:
        sound = write_wav(path.with_suffix(".wav"), made.sound, SOUND_RATE)
    if about_sound(case):
        frames = (np.full((_SOUND_PICTURE.height, _SOUND_PICTURE.width, 3), 100, np.uint8) for _ in range(FRAMES))
    try:
        first = next(frames)
        rows, columns = (first[0] if isinstance(first, tuple) else first).shape[:2]
        coded = sound if made.sound_coded else None
        with FrameWriter(path, size=Size(columns, rows), rate=RATE, sound=coded, quality=quality) as writer:
            _append(writer, first)
            for frame in islice(frames, FRAMES * 2):
                _append(writer, frame)
        if sound is not None and coded is None:
            _add_pcm(path, sound)
        if made.full_range_flag:
            _flag_full_range(path)
    finally:
        if sound is not None:
            sound.unlink(missing_ok=True)


def _add_pcm(path: Path, sound: Path) -> None:
    """Put uncoded sound beside the picture; the file keeps its name."""
    silent = path.with_suffix(".silent.mp4")
    path.replace(silent)
    joined = path.with_suffix(".mov")
    try:
        streams = ("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "pcm_s24le")
        run_ffmpeg(["-i", f"file:{silent}", "-i", f"file:{sound}", *streams], output=joined)
        joined.replace(path)
    finally:
        silent.unlink(missing_ok=True)


def _flag_full_range(path: Path) -> None:
    """Say in the file that its codes are of full range, and change nothing else; it keeps its name."""
    flagged = path.with_suffix(".flagged.mp4")
    run_ffmpeg(["-i", f"file:{path}", "-c", "copy", "-bsf:v", "h264_metadata=video_full_range_flag=1"], output=flagged)
    flagged.replace(path)


def _append(writer: FrameWriter, frame: Frame) -> None:
    if isinstance(frame, tuple):
        writer.write_planes(*frame)
    else:
        writer.write(frame)
