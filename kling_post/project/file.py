"""``project.yaml`` as pydantic models: the keys that an editor writes, their JSON Schema, and errors that name the line."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kling_post.errors import ProjectError
from kling_post.generation.models import DEFAULT_MODEL
from kling_post.generation.refusals import explained
from kling_post.project.edit_keys import DialogueKeys, EditKeys, RetimeKeys, TrimKeys
from kling_post.project.keys import Keys


def _off_is_a_word(value: object) -> object:
    return "off" if value is False else value


def _exact(value: object) -> object:
    """A price written as a YAML number, in the digits that were written."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


class JoinKeys(Keys):
    """A dissolve into the shot, sound that does not change with the picture, or both."""

    dissolve: int | None = Field(default=None, ge=1, description="Frames in which both shots are seen.")
    sound_leads: int | None = Field(default=None, ge=1, description="J cut: frames by which this shot's sound comes before its picture.")
    sound_trails: int | None = Field(default=None, ge=1, description="L cut: frames for which the sound of the shot before goes on.")


def _join_shape(value: object) -> str:
    return "object" if isinstance(value, Mapping | JoinKeys) else "string"


AnyJoin = Annotated[Annotated[Literal["cut", "continue"], Tag("string")] | Annotated[JoinKeys, Tag("object")], Discriminator(_join_shape)]


def _loudness_shape(value: object) -> str:
    return "object" if isinstance(value, Mapping | LoudnessKeys) else "string"


class PromptKeys(Keys):
    """One shot of several in one generation."""

    prompt: str = Field(min_length=2)
    duration: int = Field(ge=1, description="Whole seconds.")


class ShotKeys(Keys):
    """One shot: a request file, or its words here."""

    id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="Name in the edit; the request file's name by default."
    )
    request: str | None = Field(default=None, description="A Runware videoInference request, JSON, relative to this file.")
    prompt: str | None = None
    shots: list[PromptKeys] | None = Field(default=None, min_length=1, description="Several shots in one generation, instead of prompt.")
    negative: str | None = None
    duration: int | None = Field(default=None, description="Whole seconds, 3 to 15; a longer shot is made as a chain.")
    size: str | None = Field(default=None, pattern=r"^\d+x\d+$", description="Of the generated picture: 3840x2160.")
    sound: bool | None = Field(default=None, description="Whether the model makes sound; true by default.")
    model: str | None = Field(default=None, description="Of a shot that is written here; the project's by default.")
    final: bool = Field(default=False, description="Made by its own model although the project is in draft.")
    frame_images: list[str] | None = Field(default=None, min_length=1, max_length=2, description="First, or first and last frame.")
    offline_frame_images: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=2,
        description="Local stills that stand for the frame images where a backend cannot reach them.",
    )
    take: int = Field(default=1, ge=1, description="Number of the first take; another number is another take of the same words.")
    takes: int | None = Field(default=None, ge=1, le=20, description="How many takes; the project's by default.")
    join: AnyJoin = Field(default="cut", description="How this shot joins the one before it.")
    level_db: float = Field(default=0, ge=-100, le=24, description="Of the take's own sound.")
    trim: TrimKeys = Field(default_factory=TrimKeys, description="Frames at the take's ends that are not used.")
    retime: RetimeKeys | None = Field(default=None, description="Speed and cadence; the edit's by default.")
    fit: Literal["fit", "fill", "crop"] | None = Field(default=None, description="A take of another shape; the edit's by default.")
    dialogue: list[DialogueKeys] = Field(default_factory=list, description="What is said in it: becomes subtitles.")


class LoudnessKeys(Keys):
    """A loudness target in numbers."""

    integrated_lufs: float = Field(ge=-70, le=0)
    true_peak_dbtp: float = Field(ge=-30, le=0)
    tolerance_lu: float = Field(default=1.0, gt=0)


AnyLoudness = Annotated[Annotated[str, Tag("string")] | Annotated[LoudnessKeys, Tag("object")], Discriminator(_loudness_shape)]


class ProjectKeys(Keys):
    """A project: how the edit is delivered, and its shots in order."""

    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="Names files; the folder's name by default.")
    rate: int | float | str = Field(default=24, description="Frames per second: 24, 25, 23.976, 30000/1001.")
    size: str | None = Field(default=None, pattern=r"^\d+x\d+$", description="Of the finished picture; the first shot's by default.")
    start_timecode: str = Field(
        default="01:00:00:00", description="SMPTE timecode of the first frame; ';' before the frames for drop-frame."
    )
    loudness: AnyLoudness = Field(default="streaming", description="Name of a loudness target, or its numbers.")
    budget_usd: Annotated[Decimal, BeforeValidator(_exact)] | None = Field(default=None, ge=0, description="The most that may be spent.")
    repair: Annotated[Literal["off", "propose", "apply"], BeforeValidator(_off_is_a_word)] = Field(
        default="propose", description="What happens to defects that can be mended."
    )
    limits: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Limits of checks, by check, that differ from the built-in."
    )
    takes: int = Field(default=1, ge=1, le=20, description="Takes of each shot.")
    model: str = Field(default=DEFAULT_MODEL, description="For shots that are written here.")
    draft_model: str | None = Field(
        default=None, description="Cheaper model that makes all shots that are not final: klingai:kling-video@3-standard."
    )
    edit: EditKeys = Field(default_factory=EditKeys, description="Tracks, levels, framing and speed of the edit.")
    stills: str | None = Field(default=None, description="Folder of local stills, for backends that cannot reach a URL.")
    shots: list[ShotKeys] = Field(min_length=1)


class Lines:
    """Where in a YAML file each value stands."""

    def __init__(self, root: object) -> None:
        self._root = root

    def line(self, *steps: int | str) -> int | None:
        """Line, from 1, of the value at the end of the steps, or of the nearest thing around it that is there."""
        node, line = self._root, None
        for step in steps:
            try:
                if isinstance(node, CommentedMap):
                    line = node.lc.key(step)[0] + 1
                elif isinstance(node, CommentedSeq) and isinstance(step, int):
                    line = node.lc.item(step)[0] + 1
                else:
                    break
                node = node[step]
            except (KeyError, IndexError):
                break
        return line


def read_project_file(path: Path) -> tuple[ProjectKeys, Lines]:
    """Read and check the keys of a project file.

    Raises:
        ProjectError: not there, not YAML, or a key or value that a project does not have, with its line.
    """
    text = _text(path)
    try:
        tree = YAML(typ="rt").load(text)
        data = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ProjectError(f"not YAML: {error.problem or error.context}.", path=path, line=mark.line + 1 if mark else None) from error
    except YAMLError as error:
        raise ProjectError(f"not YAML: {error}.", path=path) from error
    lines = Lines(tree)
    if not isinstance(data, dict):
        raise ProjectError("holds no keys, allowed is a mapping with 'shots'.", path=path)
    try:
        return ProjectKeys.model_validate(data), lines
    except ValidationError as error:
        found = explained(error, ProjectKeys)
        raise ProjectError(found.message, path=path, line=lines.line(*found.steps), remedy=found.remedy) from None


def project_schema() -> dict[str, Any]:
    """The JSON Schema of project.yaml, for editors that complete and check while typing."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "kling-post project", **ProjectKeys.model_json_schema()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProjectError("there is no such file.", path=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"cannot be read: {error}.", path=path) from error
