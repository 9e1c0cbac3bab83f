"""The limits of all checks as a file that ``--limits`` reads."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from kling_post.checks.judge import limits_with
from kling_post.checks.registry import all_checks

_NOTHING: Mapping[str, Mapping[str, object]] = {}


def limits_as_yaml(overrides: Mapping[str, Mapping[str, object]] = _NOTHING) -> str:
    """Every check that is asked with every limit that it has, in YAML: check, then limit, then value; units stand in the names.

    Args:
        overrides: Limits that differ from the built-in ones, a profile's say.

    Raises:
        ProjectError: as ``judge``.
    """
    checks = all_checks()
    return "".join(_of_check(name, checks[name].title, limits) for name, limits in limits_with(overrides).items())


def _of_check(name: str, title: str, limits: Any) -> str:
    values = [f"  {field.name}: {getattr(limits, field.name)!r}\n" for field in fields(limits)]
    return f"{name}:  # {title}\n{''.join(values)}" if values else f"{name}: {{}}  # {title}\n"
