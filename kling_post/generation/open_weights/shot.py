"""The contract between the take and a family's adapter: one shot in, frames and sound out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.local.given import RgbFrame
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotOrder:
    """One shot, in the model's own sizes and lengths."""

    prompt: str
    negative_prompt: str | None
    size: Size
    """What the model delivers: multiples of the family's step."""
    frames: int
    """A length that the model can make."""
    seed: int
    steps: int | None
    guidance: float | None
    first: RgbFrame | None = None
    last: RgbFrame | None = None
    first_strength: float = 1.0
    """1 holds to the first image; less takes it as a hint of who and where."""
    tell: Callable[[float], None]
    """Told how much of the shot is done, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedShot:
    """What came of it."""

    frames: Iterator[RgbFrame]
    """Exactly as many as ordered, fetched one by one from wherever the model keeps them."""
    sound: NDArray[np.float32] | None
    """(samples, channels), as long as the model made it; None from models without sound."""
    sample_rate: int
    """0 without sound."""


class Adapter(Protocol):
    """A loaded model."""

    def generate(self, order: ShotOrder) -> GeneratedShot:
        """Make one shot."""


def steps_told(order: ShotOrder, steps: int) -> Callable[..., Any]:
    """A diffusers callback that passes on how far the denoising is."""

    def at_step_end(pipeline: Any, step: int, timestep: Any, values: Any) -> Any:
        del pipeline, timestep
        order.tell(min(1.0, (step + 1) / max(1, steps)))
        return values

    return at_step_end


def device_named(wanted: str) -> str:
    """``auto`` as what this machine has: ``cuda``, ``mps`` or ``cpu``."""
    import torch

    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def number_type(device: str) -> Any:
    """bfloat16 on an accelerator, float32 on a processor."""
    import torch

    return torch.float32 if device == "cpu" else torch.bfloat16


def placed(pipeline: Any, device: str) -> Any:
    """The pipeline where it is to run: on a GPU its parts visit one after the other, so that the largest alone must fit."""
    pipeline.set_progress_bar_config(disable=True)
    if device == "cuda":
        pipeline.enable_model_cpu_offload()
        return pipeline
    return pipeline.to(device)


def frames_of(video: Any, count: int) -> Iterator[RgbFrame]:
    """The first ``count`` frames of a tensor (frames, 3, rows, columns), 0 to 1, each brought over by itself."""
    for frame in video[:count]:
        codes = (frame.float().clamp(0, 1) * 255).round().byte()
        yield np.ascontiguousarray(codes.permute(1, 2, 0).cpu().numpy())
