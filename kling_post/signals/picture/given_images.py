"""The take's first and last frame against the stills of the request, measured once per take and still."""

from pathlib import Path

from kling_post.errors import MediaError
from kling_post.media.decode import decode_rgb, read_image_rgb
from kling_post.media.probe import file_sha256
from kling_post.signals.cache import read_series, write_series
from kling_post.signals.kernels.likeness import VERSION, likeness
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts, TakePlan

NAME = "given_images"
"""Under this name the series reach the checks: ``first`` and ``last``, each (3,) as ``likeness`` gives them, where a still was given."""


def measure_given_images(path: Path, facts: MediaFacts, plan: TakePlan, *, cache_folder: Path | None = None) -> Series:
    """The likeness of the take's ends to the plan's stills; empty where none is given. A still that cannot be read is left out.

    Raises:
        MediaError: a frame of the take cannot be decoded.
    """
    series = {}
    for place, still, index in (("first", plan.first_image, 0), ("last", plan.last_image, facts.frames - 1)):
        if still is None:
            continue
        try:
            key = f"{NAME}.{place}.{file_sha256(still)[:16]}"
            stored = read_series(cache_folder, facts.sha256, key, VERSION) if cache_folder else None
            if stored is None or place not in stored:
                stored = {place: likeness(decode_rgb(path, index), read_image_rgb(still))}
                if cache_folder:
                    write_series(cache_folder, facts.sha256, key, VERSION, stored)
        except MediaError as error:
            if error.path != still:
                raise
            continue
        series[place] = stored[place]
    return series
