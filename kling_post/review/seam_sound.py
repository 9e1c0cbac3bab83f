"""The sound of a seam as a short WAV: exactly the frames that the page's seam loop shows, from the takes themselves."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.media.sound import read_sound_whole
from kling_post.media.wav import write_wav
from kling_post.review.session import ReviewClip, ReviewSession, ReviewTake
from kling_post.timebase import frames_to_samples

FRAMES_EACH_SIDE = 12
SAMPLE_RATE = 48_000

Samples = NDArray[np.float32]


def seam_sound(session: ReviewSession, place: int, path: Path) -> Path | None:
    """Write the sound around a join: the last frames before it, the dissolve where there is one, the first frames behind it.

    Inside a dissolve both clips cross at equal power. None where neither side has sound.

    Args:
        session: The run.
        place: Of the seam in the session.
        path: The WAV, 24-bit stereo at 48 kHz; kept where it is there.

    Raises:
        IndexError: there is no such seam.
        MediaError: a take cannot be read.
    """
    seam = session.seams[place]
    clips = {clip.clip_id: clip for clip in session.clips}
    outgoing, incoming = clips[seam.outgoing], clips[seam.incoming]
    takes = session.takes[outgoing.take_id], session.takes[incoming.take_id]
    if not any(take.has_sound for take in takes):
        return None
    if path.is_file():
        return path
    overlap = incoming.dissolve_frames
    before = min(FRAMES_EACH_SIDE, outgoing.source.frames - overlap)
    behind = min(FRAMES_EACH_SIDE, incoming.source.frames - overlap)
    tail = _stretch(takes[0], outgoing.source.stop - overlap - before, outgoing.source.stop)
    head = _stretch(takes[1], incoming.source.start, incoming.source.start + overlap + behind)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_wav(path, [_crossed(tail, head, _samples(takes[1], overlap))], SAMPLE_RATE, bits=24)


def sound_path(session: ReviewSession, place: int) -> Path:
    """Where a seam's sound is kept: named by the takes and frames that meet there."""
    seam = session.seams[place]
    clips: dict[str, ReviewClip] = {clip.clip_id: clip for clip in session.clips}
    outgoing, incoming = clips[seam.outgoing], clips[seam.incoming]
    name = f"{outgoing.take_id}_{outgoing.source.stop}_{incoming.take_id}_{incoming.source.start}_{incoming.dissolve_frames}.wav"
    return session.folder / "review" / "cache" / "seams" / name


def _samples(take: ReviewTake, frames: int) -> int:
    return frames_to_samples(frames, take.rate, SAMPLE_RATE)


def _stretch(take: ReviewTake, start: int, stop: int) -> Samples:
    """Stereo samples of some frames of a take; silence where it has none."""
    first, last = _samples(take, start), _samples(take, stop)
    stretch = np.zeros((last - first, 2), np.float32)
    if take.has_sound:
        found = read_sound_whole(take.path, sample_rate=SAMPLE_RATE, start=first, stop=last)
        stretch[: len(found)] = found[:, :2] if found.shape[1] >= 2 else found[:, :1]
    return stretch


def _crossed(tail: Samples, head: Samples, overlap: int) -> Samples:
    if not overlap:
        return np.concatenate([tail, head]).clip(-1, 1)
    turn = (np.linspace(0, np.pi / 2, overlap, dtype=np.float32))[:, None]
    middle = tail[-overlap:] * np.cos(turn) + head[:overlap] * np.sin(turn)
    return np.concatenate([tail[:-overlap], middle, head[overlap:]]).clip(-1, 1)
