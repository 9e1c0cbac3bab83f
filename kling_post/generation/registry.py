"""Every backend by its name; a backend's libraries are loaded only when it is asked for."""

from importlib import import_module
from typing import cast

from kling_post.errors import UsageError
from kling_post.generation.backend import Backend

_BACKENDS = {
    "diffusers": ("kling_post.generation.open_weights.engine", "DiffusersBackend"),
    "previz": ("kling_post.generation.previz.engine", "PrevizBackend"),
    "runware": ("kling_post.generation.runware", "RunwareBackend"),
}

NAMES = tuple(_BACKENDS)
"""What ``--backend`` takes."""

DRAWN = frozenset({"previz"})
"""Backends whose pictures are drawn by rules, under a label of their own: no check takes either for a fault."""


def backend(name: str, **options: object) -> Backend:
    """Open a backend; the caller closes it.

    Args:
        name: One of ``NAMES``.
        options: The backend's own, as its class takes them.

    Raises:
        UsageError: no backend of that name.
        ProviderError: the backend lacks what it needs: a key.
        MissingToolError: its libraries are not installed.
    """
    if name not in _BACKENDS:
        raise UsageError(f"there is no backend {name!r}, allowed are {', '.join(NAMES)}.")
    module, class_name = _BACKENDS[name]
    return cast("Backend", getattr(import_module(module), class_name)(**options))
