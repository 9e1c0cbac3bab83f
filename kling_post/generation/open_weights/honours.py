"""What a model cannot do of a task, one sentence each: notes beside the take, or refusals where the user wants no compromise."""

from collections.abc import Iterator, Mapping

from kling_post.generation.local.given import FrameImages
from kling_post.generation.open_weights.model_folder import ModelFolder
from kling_post.vocabulary import VideoTask


def not_honoured(task: VideoTask, model: ModelFolder) -> Iterator[tuple[str, str]]:
    """The wire's name of each parameter that the model cannot keep, and the sentence that says so. Opens no images."""
    family = model.family
    if task.sound and not family.sound:
        yield "providerSettings.klingai.sound", f"{family.title} makes no sound: the take is silent."
    if task.negative_prompt and model.distilled:
        yield "negativePrompt", "These weights are distilled and take no negative prompt; it was left out."
    takes_images = family.name == "ltx2" or model.needs_image
    for place, value in (("first", task.first_image), ("last", task.last_image)):
        if value is not None and not takes_images:
            yield "inputs.frameImages", f"These weights take text only: the {place} frame image was not used."
    inputs = task.wire.get("inputs")
    if isinstance(inputs, Mapping) and inputs.get("elements"):
        yield "inputs.elements", "inputs.elements was not used: these weights take no references."
    if len(task.shots) > 1:
        how = "without knowing of each other"
        if model.needs_image:
            how = "each beginning on the last frame of the one before"
        elif takes_images:
            how = "each from the last frame of the one before as a hint"
        yield (
            "providerSettings.klingai.multiPrompt",
            f"The shots were generated one by one, {how}: people and places may change between them.",
        )


def notes_before(task: VideoTask, model: ModelFolder, images: FrameImages) -> Iterator[str]:
    """All that a person should know beside the take."""
    for _, sentence in not_honoured(task, model):
        yield sentence
    for place in images.unreadable:
        yield f"The {place} frame image cannot be read offline; the shot was generated from its prompt alone."
