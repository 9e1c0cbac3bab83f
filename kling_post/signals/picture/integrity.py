"""Which frames the decoder could not make out in full."""

from kling_post.media.frames import FrameView
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts


class IntegrityCollector:
    """Series: ``damaged`` (frames,), 1 where the decoder met damage or a missing reference and made up what was lost, else 0."""

    def __init__(self) -> None:
        self._series = FrameSeries()

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Note one frame."""
        del previous
        self._series.add(damaged=float(frame.damaged))

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


class Integrity:
    """The decoder's own word on each frame."""

    name = "integrity"
    version = 1

    def collector(self, facts: MediaFacts) -> IntegrityCollector:
        """A fresh collector."""
        del facts
        return IntegrityCollector()


SIGNAL = Integrity()
