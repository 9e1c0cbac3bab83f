"""Tiny files written by PyAV directly, not by this package, with every property in the test's hands."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

WriteClip = Callable[..., Path]


def numbered(frames: int, width: int = 96, height: int = 64) -> list[NDArray[np.uint8]]:
    """Grey pictures whose code tells their number: 40 + 4 * index, with one bright corner (top left)."""
    pictures = []
    for index in range(frames):
        picture = np.full((height, width, 3), 40 + 4 * index, np.uint8)
        picture[: height // 4, : width // 4] = 230
        pictures.append(picture)
    return pictures


def write_clip(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]],
    *,
    rate: Fraction = Fraction(24),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    times: Sequence[int] | None = None,
    rotation: int = 0,
    sound_seconds: float | None = None,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Encode RGB pictures; ``times`` are presentation times in frames of the rate, for files of a variable rate."""
    with av.open(str(path), "w") as container:
        coding = options or ({"crf": "4", "g": "8", "bf": "2"} if codec == "libx264" else {})
        stream = container.add_stream(codec, rate=rate, options=coding)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = pictures[0].shape[1], pictures[0].shape[0]
        stream.pix_fmt = pixel_format
        container.metadata.update(metadata or {})
        if rotation:
            stream.set_display_rotation(-rotation)
        sound = container.add_stream("aac", rate=48_000, layout="stereo") if sound_seconds else None
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixel_format, dst_colorspace="ITU709")
            frame.pts = index if times is None else times[index]
            frame.time_base = 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound and sound_seconds:
            tone = np.sin(np.arange(round(48_000 * sound_seconds)) * 2 * np.pi * 440 / 48_000).astype(np.float32) * 0.1
            block = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
            block.sample_rate, block.pts = 48_000, 0
            resampler = av.AudioFifo()
            resampler.write(block)
            while piece := resampler.read(1024, partial=True):
                container.mux(sound.encode(piece))
            container.mux(sound.encode(None))
    return path


@pytest.fixture(scope="session")
def clip_writer() -> WriteClip:
    """``write_clip``."""
    return write_clip


@pytest.fixture(scope="session")
def number_pictures() -> Callable[..., list[NDArray[np.uint8]]]:
    """``numbered``."""
    return numbered


@pytest.fixture(scope="session")
def plain_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty numbered pictures at 24 a second with B frames, a key frame every eighth, and sound."""
    return write_clip(tmp_path_factory.mktemp("plain") / "plain.mp4", numbered(40), sound_seconds=40 / 24)
