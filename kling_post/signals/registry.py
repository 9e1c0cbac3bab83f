"""Which signals there are: every module of ``picture`` with a ``SIGNAL``, and installed extensions."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import kling_post.signals.picture as room
from kling_post.signals.signal import Signal

ENTRY_POINTS = "kling_post.signals"


@cache
def all_signals() -> Mapping[str, Signal]:
    """Every signal by name, in the order of names.

    Raises:
        ValueError: two signals have one name.
    """
    modules = [import_module(f"{room.__name__}.{module.name}") for module in iter_modules(room.__path__)]
    signals: list[Signal] = [module.SIGNAL for module in modules if hasattr(module, "SIGNAL")]
    signals += [point.load() for point in entry_points(group=ENTRY_POINTS)]
    found: dict[str, Signal] = {}
    for signal in sorted(signals, key=lambda each: each.name):
        if signal.name in found:
            raise ValueError(f"two signals are called {signal.name!r}")
        found[signal.name] = signal
    return found
