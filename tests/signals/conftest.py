"""Facts of a made take, and a small real file."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from plain_facts import plain_facts

from kling_post.vocabulary import MediaFacts


@pytest.fixture(scope="session")
def media_facts() -> Callable[..., MediaFacts]:
    """``plain_facts``."""
    return plain_facts


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve frames of 160x90 that get brighter, with half a second of tone."""
    path = tmp_path_factory.mktemp("signals") / "small.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=24, options={"crf": "8"})
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="stereo")
        texture = np.random.default_rng(1).integers(60, 140, (90, 160, 3), dtype=np.uint8)
        for index in range(12):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(texture + np.uint8(4 * index), format="rgb24")))
        container.mux(picture.encode(None))
        tone = (0.1 * np.sin(np.arange(24_000) * 2 * np.pi * 1000 / 48_000)).astype(np.float32)
        fifo = av.AudioFifo()
        block = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
        block.sample_rate, block.pts = 48_000, 0
        fifo.write(block)
        while piece := fifo.read(1024, partial=True):
            container.mux(sound.encode(piece))
        container.mux(sound.encode(None))
    return path
