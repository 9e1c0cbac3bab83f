"""The places that can be drawn: one file each, named after ``Reading.place``, with a module-level ``PLACE``."""

import importlib
import importlib.util
import re

from kling_post.generation.previz.contract import Place


def place(name: str) -> Place:
    """The place of that name; ``plain``, which dresses itself after the reading, where there is no file for it."""
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    module = f"{__name__}.{stem}"
    if not stem or importlib.util.find_spec(module) is None:
        module = f"{__name__}.plain"
    found: Place = importlib.import_module(module).PLACE
    return found
