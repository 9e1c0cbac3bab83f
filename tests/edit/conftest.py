"""Tiny takes with frames that can be told apart, written by the package's own encoder and read back by PyAV."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry
from kling_post.media.encode import H264_TAKE, EncodeSettings, FrameWriter
from kling_post.media.probe import probe
from kling_post.media.sound import write_wav
from kling_post.vocabulary import JoinKind, Size

RATE = Fraction(24)
SIZE = Size(160, 90)

MakeTake = Callable[..., EditEntry]


def moving_texture(seed: int, frames: int, size: Size = SIZE) -> list[NDArray[np.uint8]]:
    """A soft random texture that slides by two pixels a frame."""
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.integers(0, 255, (size.height, size.width + 2 * frames, 3), dtype=np.uint8), (0, 0), 2)
    return [np.ascontiguousarray(texture[:, 2 * index : 2 * index + size.width]) for index in range(frames)]


@pytest.fixture
def make_take(tmp_path: Path) -> MakeTake:
    """Write a take and say where it stands in the edit."""

    def make(
        name: str,
        frames: int = 48,
        *,
        rate: Fraction = RATE,
        size: Size = SIZE,
        sound: NDArray[np.float32] | None = None,
        sample_rate: int = 48_000,
        quality: EncodeSettings = H264_TAKE,
        shot_ids: tuple[str, ...] = (),
        cut_frames: tuple[int, ...] = (),
        join: JoinKind = JoinKind.CUT,
        dissolve_frames: int = 0,
        trim_head_frames: int = 0,
        trim_tail_frames: int = 0,
    ) -> EditEntry:
        path = tmp_path / "takes" / f"{name}.mp4"
        path.parent.mkdir(exist_ok=True)
        wav = None if sound is None else write_wav(path.with_suffix(".wav"), sound, sample_rate, bits=32)
        with FrameWriter(path, size=size, rate=rate, sound=wav, quality=quality, cut_frames=cut_frames) as writer:
            for frame in moving_texture(sum(name.encode()), frames, size):
                writer.write(frame)
        return EditEntry(
            path=path,
            facts=probe(path),
            shot_ids=shot_ids or (name,),
            cut_frames=cut_frames,
            join=join,
            dissolve_frames=dissolve_frames,
            trim_head_frames=trim_head_frames,
            trim_tail_frames=trim_tail_frames,
        )

    return make
