"""The size at which pictures are compared: exact halvings, so that the cascade of reductions is shared by all signals."""

from kling_post.media.frames import FrameView, halvings_to
from kling_post.vocabulary import Size

WORKING_WIDTH = 480
"""The longer side of the working picture is at most this, and more than half of it unless the picture itself is smaller."""


def working_halvings(size: Size) -> int:
    """How often luma is halved for the working picture: 3 for 3840x2160 and 2160x3840 (480x270), 2 for 1920x1080."""
    return halvings_to(max(size.width, size.height), WORKING_WIDTH)


def stored_size(frame: FrameView) -> Size:
    """The picture's size as stored, before any rotation for display."""
    rows, columns = frame.luma.shape
    return Size(columns, rows)
