"""Post-production for Kling VIDEO 3.0 4K: generate, check every frame and seam, repair, assemble, hand over to the NLE."""

from kling_post.version import __version__

__all__ = ["__version__"]
