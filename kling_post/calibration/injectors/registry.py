"""Which injectors and hard negatives there are: every module of this folder that names some."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import kling_post.calibration.injectors as room
from kling_post.calibration.injectors.injector import HardNegative, Injector


@cache
def all_injectors() -> Mapping[str, Injector]:
    """Every injector by name, families in the order of their files."""
    found: dict[str, Injector] = {}
    for module in iter_modules(room.__path__):
        for injector in getattr(import_module(f"{room.__name__}.{module.name}"), "INJECTORS", ()):
            if injector.name in found:
                raise ValueError(f"two injectors are called {injector.name!r}")
            found[injector.name] = injector
    return found


@cache
def all_hard_negatives() -> Mapping[str, HardNegative]:
    """Every hard negative by name."""
    found: dict[str, HardNegative] = {}
    for module in iter_modules(room.__path__):
        for negative in getattr(import_module(f"{room.__name__}.{module.name}"), "HARD_NEGATIVES", ()):
            if negative.name in found:
                raise ValueError(f"two hard negatives are called {negative.name!r}")
            found[negative.name] = negative
    return found
