"""Which checks there are: every module of this folder's rooms with a ``CHECK``, and installed extensions."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import walk_packages
from typing import Any

import kling_post.checks as room
from kling_post.checks.check import Check

ENTRY_POINTS = "kling_post.checks"
"""A package that adds checks names them under this group of entry points."""


@cache
def all_checks() -> Mapping[str, Check[Any]]:
    """Every check by name, in the order of names.

    Raises:
        ValueError: two checks have one name.
    """
    modules = [import_module(module.name) for module in walk_packages(room.__path__, f"{room.__name__}.")]
    checks: list[Check[Any]] = [module.CHECK for module in modules if hasattr(module, "CHECK")]
    checks += [point.load() for point in entry_points(group=ENTRY_POINTS)]
    found: dict[str, Check[Any]] = {}
    for check in sorted(checks, key=lambda each: each.name):
        if check.name in found:
            raise ValueError(f"two checks are called {check.name!r}")
        found[check.name] = check
    return found
