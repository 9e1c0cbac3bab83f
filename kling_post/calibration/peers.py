"""What other free tools find in the same files: ffmpeg's blackdetect, freezedetect and scdet, and PySceneDetect's adaptive detector.

Their shortest durations are set to what they are to find here (their defaults of two seconds miss every short defect by
design); all other settings are their own defaults.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from kling_post.calibration.clips import rgb_frames
from kling_post.media.ffmpeg import run_ffmpeg
from kling_post.vocabulary import FrameRange, MediaFacts

PEERS: Mapping[str, tuple[str, ...]] = {
    "ffmpeg blackdetect": ("black",),
    "ffmpeg freezedetect": ("freeze", "duplicate_frames"),
    "ffmpeg scdet": ("cuts",),
    "PySceneDetect Adaptive": ("cuts",),
}
"""Which checks each tool does the work of."""


def scenedetect_version() -> str | None:
    """The installed PySceneDetect; None where there is none."""
    return None if find_spec("scenedetect") is None else str(import_module("scenedetect").__version__)


def ask_peers(path: Path, facts: MediaFacts, checks: Sequence[str], folder: Path) -> dict[str, tuple[FrameRange, ...]]:
    """What each tool that answers one of the checks finds in a file.

    Args:
        path: The file.
        facts: Its facts.
        checks: Names of the checks in question; tools for others are not started.
        folder: Where ffmpeg may write what it says.
    """
    wanted = {peer for peer, answers in PEERS.items() if set(answers) & set(checks)}
    found: dict[str, tuple[FrameRange, ...]] = {}
    if any(peer.startswith("ffmpeg") for peer in wanted):
        found |= {peer: ranges for peer, ranges in _ffmpeg(path, facts, folder).items() if peer in wanted}
    if "PySceneDetect Adaptive" in wanted and scenedetect_version():
        found["PySceneDetect Adaptive"] = _adaptive(path, facts)
    return found


def _ffmpeg(path: Path, facts: MediaFacts, folder: Path) -> dict[str, tuple[FrameRange, ...]]:
    frame = float(1 / facts.rate)
    said = folder / f"{path.stem}.peers.txt"
    # One black frame lasts one frame, one repeat makes a still of two; half a frame less, so that rounding decides nothing.
    name = str(said).replace("\\", "/").replace(":", "\\:").replace("'", "\\'")
    chain = f"blackdetect=d={frame / 2:.5f},freezedetect=d={1.5 * frame:.5f},scdet=s=0,metadata=mode=print:file='{name}'"
    run_ffmpeg(["-i", f"file:{path}", "-an", "-vf", chain, "-f", "null", "-"])
    try:
        return read_metadata(said.read_text(), facts.rate, facts.frames)
    finally:
        said.unlink(missing_ok=True)


def read_metadata(text: str, rate: Fraction, frames: int) -> dict[str, tuple[FrameRange, ...]]:
    """The events in what ffmpeg's ``metadata=mode=print`` wrote; a run without an end lasts to the end of the file."""
    keys = {
        "ffmpeg blackdetect": ("lavfi.black_start", "lavfi.black_end"),
        "ffmpeg freezedetect": ("lavfi.freezedetect.freeze_start", "lavfi.freezedetect.freeze_end"),
    }
    lines = [line.split("=", 1) for line in text.splitlines() if line.startswith("lavfi.") and "=" in line]
    found: dict[str, tuple[FrameRange, ...]] = {}
    for peer, (start_key, end_key) in keys.items():
        runs: list[FrameRange] = []
        start: int | None = None
        for key, value in lines:
            if key == start_key:
                start = round(float(value) * rate)
            elif key == end_key and start is not None:
                runs.append(FrameRange(start, max(start, round(float(value) * rate))))
                start = None
        if start is not None:
            runs.append(FrameRange(start, frames))
        found[peer] = tuple(runs)
    cuts = [round(float(value) * rate) for key, value in lines if key == "lavfi.scd.time"]
    found["ffmpeg scdet"] = tuple(FrameRange(cut, cut + 1) for cut in cuts)
    return found


def _adaptive(path: Path, facts: MediaFacts) -> tuple[FrameRange, ...]:
    """PySceneDetect's detector with its own defaults, fed with our frames."""
    common: Any = import_module("scenedetect")
    detector = import_module("scenedetect.detectors").AdaptiveDetector()
    cuts: list[Any] = []
    for index, rgb in enumerate(rgb_frames(path, facts)):
        cuts += detector.process_frame(common.FrameTimecode(index, fps=float(facts.rate)), np.ascontiguousarray(rgb[..., ::-1]))
    cuts += detector.post_process(common.FrameTimecode(facts.frames, fps=float(facts.rate)))
    places = sorted({int(getattr(cut, "frame_num", None) or cut.get_frames()) for cut in cuts})
    return tuple(FrameRange(place, place + 1) for place in places)
