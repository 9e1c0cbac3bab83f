"""What ``kling-post check --json`` prints: one object for all clips, flat enough for a shell script.

Its JSON Schema lies beside this file as ``check.schema.json`` and is given by ``check_schema``.
"""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from kling_post.errors import MediaError
from kling_post.reports.json_values import finding_json, rate_json, size_json, undetermined_json
from kling_post.vocabulary import Finding, Judgement, MediaFacts


class ExaminedClip(Protocol):
    """A clip and what the checks say of it."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def facts(self) -> MediaFacts:
        """What it is."""

    @property
    def judgement(self) -> Judgement:
        """What was found."""


def check_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) that every such object keeps."""
    schema: Mapping[str, Any] = json.loads(files("kling_post.reports").joinpath("check.schema.json").read_text(encoding="utf-8"))
    return schema


def check_as_json(examined: Sequence[ExaminedClip], unread: Sequence[MediaError] = ()) -> dict[str, Any]:
    """All clips with their verdicts and findings, and the files that could not be read."""
    return {
        "clips": [_clip(one) for one in examined],
        "unread": [{"path": str(error.path), "message": error.message} for error in unread],
    }


def _clip(one: ExaminedClip) -> dict[str, Any]:
    facts = one.facts
    return {
        "path": str(one.path),
        "sha256": facts.sha256,
        "frames": facts.frames,
        "rate": rate_json(facts.rate),
        "size": size_json(facts.size),
        "verdict": str(one.judgement.verdict),
        "findings": [_finding(finding, facts.rate) for finding in one.judgement.findings],
        "undetermined": [undetermined_json(question) for question in one.judgement.undetermined],
    }


def _finding(finding: Finding, rate: Fraction) -> dict[str, Any]:
    """As in the report, but for the frames: a plain pair, first frame and the one behind the last, and the timecode beside it."""
    value = finding_json(finding, rate)
    frames = value.pop("frames")
    pair = None if frames is None else [frames["start"], frames["stop"]]
    return {**value, "frames": pair, "timecode": None if frames is None else frames["timecode"]}
