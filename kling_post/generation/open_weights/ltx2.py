"""LTX-2 through diffusers: text, first and last image, negative prompt and sound in one pass; an upsampler doubles the size."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.local.given import RgbFrame
from kling_post.generation.open_weights.job import FRAMES_PER_SECOND
from kling_post.generation.open_weights.model_folder import ModelFolder
from kling_post.generation.open_weights.shot import GeneratedShot, ShotOrder, device_named, frames_of, number_type, placed, steps_told
from kling_post.vocabulary import Size

_STEPS: Final = 30
_GUIDANCE: Final = 3.0
_PROMPT_TOKENS: Final = 1024
_SKIPPED_BLOCK: Final = 28
"""Of the library's default for spatio-temporal guidance."""


class Ltx2:
    """A loaded LTX-2."""

    def __init__(self, folder: ModelFolder, device: str) -> None:
        """Load the weights from the folder; nothing is fetched."""
        from diffusers import LTX2ConditionPipeline

        self._folder = folder
        self._device = device_named(device)
        pipeline = LTX2ConditionPipeline.from_pretrained(folder.path, dtype=number_type(self._device), local_files_only=True)
        pipeline.vae.enable_tiling()  # decoding a 4K clip in one piece would take tens of gigabytes
        self._pipeline = placed(pipeline, self._device)
        self._upsampler = None if folder.upsampler is None else self._loaded_upsampler()

    def generate(self, order: ShotOrder) -> GeneratedShot:
        """One shot; in two passes where the folder holds an upsampler."""
        if self._upsampler is not None and order.size.width % 64 == 0 and order.size.height % 64 == 0:
            found = self._in_two_passes(order)
        else:
            found = self._pipeline(**self._asked(order, order.size), **self._steps(order), output_type="pt", generator=self._chance(order))
        sound, sample_rate = self._sound(found)
        return GeneratedShot(frames=frames_of(found.frames[0], order.frames), sound=sound, sample_rate=sample_rate)

    def _in_two_passes(self, order: ShotOrder) -> Any:
        """Composed at half the size, enlarged as latents, finished at the full size with a few steps of little noise."""
        from diffusers.pipelines.ltx2.utils import STAGE_2_DISTILLED_SIGMA_VALUES as SIGMAS

        assert self._upsampler is not None
        half = Size(order.size.width // 2, order.size.height // 2)
        small = self._pipeline(**self._asked(order, half), **self._steps(order), output_type="latent", generator=self._chance(order))
        larger = self._upsampler(latents=small.frames, output_type="latent", return_dict=False)[0]
        asked = self._asked(order, order.size)
        return self._pipeline(
            **{**asked, "guidance_scale": 1.0, **self._further_guidance(1.0)},
            latents=larger,
            audio_latents=small.audio,
            noise_scale=SIGMAS[0],
            sigmas=SIGMAS,
            num_inference_steps=len(SIGMAS),
            output_type="pt",
            generator=self._chance(order),
        )

    def _asked(self, order: ShotOrder, size: Size) -> dict[str, Any]:
        guidance = order.guidance if order.guidance is not None else (1.0 if self._folder.distilled else _GUIDANCE)
        return {
            "prompt": order.prompt,
            "negative_prompt": order.negative_prompt or "",
            "conditions": self._conditions(order),
            "width": size.width,
            "height": size.height,
            "num_frames": order.frames,  # always given: a folder with a duration head would choose for itself
            "frame_rate": float(FRAMES_PER_SECOND),
            "guidance_scale": guidance,
            **self._further_guidance(guidance),
            "max_sequence_length": _PROMPT_TOKENS,
        }

    def _further_guidance(self, guidance: float) -> dict[str, Any]:
        """The library guides by a skipped block and across modalities, which full weights were tuned for; others know no such guidance."""
        if guidance > 1 and self._pipeline.transformer.config.num_layers > _SKIPPED_BLOCK:
            return {}
        plain = {"stg_scale": 0.0, "audio_stg_scale": 0.0, "modality_scale": 1.0, "audio_modality_scale": 1.0}
        return plain if guidance > 1 else {**plain, "audio_guidance_scale": 1.0}

    def _steps(self, order: ShotOrder) -> dict[str, Any]:
        if self._folder.distilled and order.steps is None:
            from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES as SIGMAS

            return {"sigmas": SIGMAS, "num_inference_steps": len(SIGMAS), "callback_on_step_end": steps_told(order, len(SIGMAS))}
        steps = order.steps or _STEPS
        return {"num_inference_steps": steps, "callback_on_step_end": steps_told(order, steps)}

    def _conditions(self, order: ShotOrder) -> list[Any] | None:
        from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

        given: tuple[tuple[RgbFrame | None, int, float], ...] = ((order.first, 0, order.first_strength), (order.last, -1, 1.0))
        found = [LTX2VideoCondition(_picture(image), index, strength) for image, index, strength in given if image is not None]
        return found or None

    def _sound(self, found: Any) -> tuple[NDArray[np.float32] | None, int]:
        if found.audio is None:
            return None, 0
        samples = np.asarray(found.audio[0].float().cpu().numpy(), np.float32).T
        return samples, int(self._pipeline.vocoder.config.output_sampling_rate)

    def _chance(self, order: ShotOrder) -> Any:
        import torch

        return torch.Generator().manual_seed(order.seed)  # on the processor: the same noise whatever the GPU

    def _loaded_upsampler(self) -> Any:
        from diffusers import LTX2LatentUpsamplePipeline
        from diffusers.pipelines.ltx2 import LTX2LatentUpsamplerModel

        assert self._folder.upsampler is not None
        model = LTX2LatentUpsamplerModel.from_pretrained(self._folder.upsampler, dtype=number_type(self._device), local_files_only=True)
        return placed(LTX2LatentUpsamplePipeline(vae=self._pipeline.vae, latent_upsampler=model), self._device)


def _picture(image: RgbFrame) -> Any:
    from PIL import Image

    return Image.fromarray(image)


ADAPTER = Ltx2
