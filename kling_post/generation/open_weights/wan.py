"""Wan through diffusers: text, or a first and a last image; no sound."""

from typing import Any, Final

from kling_post.generation.local.given import RgbFrame
from kling_post.generation.open_weights.model_folder import ModelFolder
from kling_post.generation.open_weights.shot import GeneratedShot, ShotOrder, device_named, frames_of, number_type, placed, steps_told

_STEPS: Final = 40
_GUIDANCE: Final = 5.0
_PROMPT_TOKENS: Final = 512


class Wan:
    """A loaded Wan, of the text or of the image kind."""

    def __init__(self, folder: ModelFolder, device: str) -> None:
        """Load the weights from the folder; nothing is fetched."""
        from diffusers import DiffusionPipeline

        self._device = device_named(device)
        pipeline = DiffusionPipeline.from_pretrained(folder.path, dtype=number_type(self._device), local_files_only=True)
        pipeline.vae.enable_tiling()
        self._takes_images = folder.needs_image
        self._pipeline = placed(pipeline, self._device)

    def generate(self, order: ShotOrder) -> GeneratedShot:
        """One shot.

        Raises:
            InvalidInputError: weights of the image kind and no first image.
        """
        import torch

        from kling_post.errors import InvalidInputError

        if self._takes_images and order.first is None:
            raise InvalidInputError(
                "these weights of Wan start from an image, and the shot has none.",
                remedy="Give a first frame image, or text-to-video weights.",
            )
        steps = order.steps or _STEPS
        found = self._pipeline(
            prompt=order.prompt,
            negative_prompt=order.negative_prompt or "",
            width=order.size.width,
            height=order.size.height,
            num_frames=order.frames,
            num_inference_steps=steps,
            guidance_scale=_GUIDANCE if order.guidance is None else order.guidance,
            max_sequence_length=_PROMPT_TOKENS,
            output_type="pt",
            generator=torch.Generator().manual_seed(order.seed),
            callback_on_step_end=steps_told(order, steps),
            **self._images(order),
        )
        return GeneratedShot(frames=frames_of(found.frames[0], order.frames), sound=None, sample_rate=0)

    def _images(self, order: ShotOrder) -> dict[str, Any]:
        if not self._takes_images:
            return {}
        assert order.first is not None
        last = {} if order.last is None else {"last_image": _picture(order.last, order)}
        return {"image": _picture(order.first, order), **last}


def _picture(image: RgbFrame, order: ShotOrder) -> Any:
    from PIL import Image

    return Image.fromarray(image).resize((order.size.width, order.size.height), Image.Resampling.LANCZOS)


ADAPTER = Wan
