"""What a folder of weights holds, read from its index alone: no weights are loaded and nothing is fetched."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kling_post.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of model, and what it can do with a task."""

    name: str
    title: str
    adapter: str
    """Module that speaks to it."""
    prefixes: tuple[str, ...]
    """How the names of its pipeline classes begin."""
    sound: bool
    size_step: int
    """Width and height must be multiples of it."""
    frame_step: int
    """The number of frames must be a multiple of it, plus one."""
    terms: str
    """What its licence asks, in a sentence; the licence itself lies with the weights."""


FAMILIES: Final = (
    Family(
        name="ltx2",
        title="LTX-2 (self-hosted)",
        adapter="kling_post.generation.open_weights.ltx2",
        prefixes=("LTX2",),
        sound=True,
        size_step=32,
        frame_step=8,
        terms="LTX-2 weights are under Lightricks' community licence: companies above its revenue limit need an agreement, some uses are "
        "excluded, and marks of provenance must stay. Read the licence beside the weights.",
    ),
    Family(
        name="wan",
        title="Wan (self-hosted)",
        adapter="kling_post.generation.open_weights.wan",
        prefixes=("Wan",),
        sound=False,
        size_step=16,
        frame_step=4,
        terms="Wan 2.1 and 2.2 weights are under the Apache licence 2.0. Read the licence beside the weights.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """A folder of weights."""

    path: Path
    family: Family
    pipeline: str
    """The class that wrote it."""
    upsampler: Path | None
    """A latent upsampler beside the model, which doubles the size in a second pass."""
    distilled: bool
    """Whether the folder says that its transformer was distilled: such a model takes few steps and no negative prompt."""

    @property
    def needs_image(self) -> bool:
        """Whether a shot must begin on an image."""
        return "ImageToVideo" in self.pipeline and not self.pipeline.startswith("LTX2")


def model_folder(path: Path) -> ModelFolder:
    """What lies in a folder.

    Raises:
        UsageError: no folder, no model index, or a model of a kind that is not known here.
    """
    index = path / "model_index.json"
    if not index.is_file():
        raise UsageError(
            f"{path} is not a folder of model weights: it holds no model_index.json.",
            remedy="Give the folder that diffusers' save_pretrained wrote, with --model-dir.",
        )
    try:
        pipeline = str(json.loads(index.read_text(encoding="utf-8"))["_class_name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{index} cannot be read as a model index.") from error
    family = next((family for family in FAMILIES if pipeline.startswith(family.prefixes)), None)
    if family is None:
        known = ", ".join(family.title for family in FAMILIES)
        raise UsageError(f"{path} holds a {pipeline}, which is not known here.", remedy=f"Known are: {known}.")
    upsampler = path / "latent_upsampler"
    return ModelFolder(
        path=path.resolve(),
        family=family,
        pipeline=pipeline,
        upsampler=upsampler.resolve() if (upsampler / "config.json").is_file() else None,
        distilled=_is_distilled(path),
    )


def _is_distilled(path: Path) -> bool:
    """By its name, or by the name that its transformer's configuration carries."""
    try:
        said = json.loads((path / "transformer" / "config.json").read_text(encoding="utf-8")).get("_name_or_path", "")
    except (OSError, ValueError, AttributeError):
        said = ""
    return "distilled" in f"{path.name} {said}".lower()
