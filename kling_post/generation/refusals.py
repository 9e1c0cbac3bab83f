"""Turns pydantic's findings on a body into the one sentence that a person needs, with the provider's error codes."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kling_post.errors import RequestError

_TAGS = frozenset({"string", "object", "int", "str", "float", "literal['first','last']"})
"""Names that only tell the alternatives of a value apart; they are no part of the body."""

_WANTED = {
    "int_type": "whole numbers",
    "bool_type": "true and false",
    "string_type": "texts",
    "list_type": "lists",
    "dict_type": "objects",
    "model_type": "objects",
    "model_attributes_type": "objects",
    "union_tag_not_found": "a text, or an object with image and frame",
}


def nearest_name(word: str, known: Iterable[str]) -> str | None:
    """The known name most like a misspelt one, or None where nothing is near."""
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is wrong with one value, in words."""

    steps: tuple[int | str, ...]
    """Where it stands, from the root."""
    code: str
    """The provider's error code."""
    message: str
    remedy: str = ""


def refusal(error: ValidationError, body: type[BaseModel]) -> RequestError:
    """The first thing that the provider would refuse, as the error to raise."""
    found = explained(error, body)
    return RequestError(found.message, code=found.code, parameter=parameter_name(found.steps), remedy=found.remedy)


def explained(error: ValidationError, body: type[BaseModel]) -> Explanation:
    """The first finding, in the provider's order: unknown names come before missing ones, then prompts, then values."""
    found = min(error.errors(include_url=False, include_context=True), key=_order)
    steps = tuple(step for step in found["loc"] if step not in _TAGS)
    parameter = parameter_name(steps)
    if found["type"] == "extra_forbidden":
        return _unknown(steps, _known_names(body, steps[:-1]))
    if found["type"] == "missing":
        return Explanation(steps=steps, code="missingParameter", message=f"{parameter} is missing, and it is required.")
    name = next((str(step) for step in reversed(steps) if isinstance(step, str)), "request")
    return Explanation(
        steps=steps,
        code=f"invalid{name[:1].upper()}{name[1:]}",
        message=f"{parameter} is {shown(found['input'])}, allowed are {_allowed(found)}.",
    )


def parameter_name(steps: tuple[int | str, ...]) -> str:
    """``inputs.frameImages[0].frame``."""
    name = ""
    for step in steps:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name or "request"


def shown(value: object) -> str:
    """A value as a person recognises it in the file, cut short where it is long."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    words = {True: "true", False: "false", None: "null"}
    text = words[value] if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:56]}...'"


def _order(found: ErrorDetails) -> tuple[int, str]:
    rank = {"extra_forbidden": 0, "missing": 1}.get(found["type"], 3)
    is_prompt = "rompt" in str(found["loc"][-1:])
    return (2 if rank == 3 and is_prompt else rank, str(found["loc"]))


def _unknown(steps: tuple[int | str, ...], known: tuple[str, ...]) -> Explanation:
    near = nearest_name(str(steps[-1]), known)
    return Explanation(
        steps=steps,
        code="unsupportedParameter",
        message=f"{parameter_name(steps)} is not a known key, allowed are {', '.join(known)}.",
        remedy=f"Did you mean {near!r}?" if near else "",
    )


def _known_names(body: type[BaseModel], steps: tuple[int | str, ...]) -> tuple[str, ...]:
    """The field names of the object at that place of the body."""
    schema: dict[str, Any] = body.model_json_schema(by_alias=True)
    node = schema
    for step in steps:
        node = _resolve(node, schema)
        node = node.get("items", {}) if isinstance(step, int) else node.get("properties", {}).get(step, {})
    return tuple(_resolve(node, schema).get("properties", {}))


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The object or list that a node of a JSON Schema means, behind references and alternatives."""
    for choice in (node, *node.get("anyOf", node.get("oneOf", []))):
        if "$ref" in choice:
            definition: dict[str, Any] = schema["$defs"][choice["$ref"].rpartition("/")[2]]
            return definition
        if "items" in choice or "properties" in choice:
            alternative: dict[str, Any] = choice
            return alternative
    return node


def _allowed(found: ErrorDetails) -> str:
    limits = found.get("ctx", {})
    kind = found["type"]
    unit = "characters" if kind.startswith("string") else "item(s)"
    sentences = {
        "literal_error": "{expected}",
        "greater_than_equal": "values of {ge} or more",
        "less_than_equal": "values up to {le}",
        "too_long": "at most {max_length} {unit}",
        "string_too_long": "at most {max_length} {unit}",
        "too_short": "at least {min_length} {unit}",
        "string_too_short": "at least {min_length} {unit}",
        "string_pattern_mismatch": "http and https addresses",
    }
    if kind in sentences:
        return sentences[kind].format(unit=unit, **limits)
    return _WANTED.get(kind, found["msg"])
