"""What a file's container says of itself in words: title, comment, marks of its maker."""

from collections.abc import Mapping
from pathlib import Path

from kling_post.media.container import open_media

_WRITTEN_BY_THE_MUXER = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "timecode"})


def container_tags(path: Path) -> Mapping[str, str]:
    """The container's tags by name, without those that say only which program wrote the file.

    Raises:
        MediaError: the file cannot be opened.
    """
    with open_media(path) as container:
        return {name: value for name, value in sorted(container.metadata.items()) if name not in _WRITTEN_BY_THE_MUXER}
