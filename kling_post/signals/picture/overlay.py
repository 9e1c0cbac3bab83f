"""What stands still while the picture moves: the gradients of burnt-in text, logos and watermarks.

The gradient of an overlay is the same in every frame, that of a moving scene is another one each time, so that their mean keeps the
overlay alone (Dekel, Rubinstein, Liu and Freeman, CVPR 2017). Strokes have two edges that look in opposite directions; a horizon or the
edge of a bonnet, which may stand still as well, has one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

EVERY = 8
"""Frames from one look to the next."""
LOOKS = 16
"""Looks that are held together: five seconds at 24 frames a second."""
_LEAST_LOOKS = 8
LONG_CELLS, SHORT_CELLS = 64, 36
"""Cells along the longer and the shorter side of the picture."""
_CONSTANT_CODES = 5.0
"""Length of a mean gradient that counts as ink, 8-bit codes per sample at twice the working size."""
_COHERENCE = 0.7
"""Squared mean over mean square of the gradient from which it counts as standing still; unrelated gradients reach 1 over the looks."""


_MAPS = ("ink", "lopsided", "still", "texture")


class OverlayCollector:
    """Looks at every eighth frame, at twice the working size, and sums up after every sixteenth look.

    Series: ``looked`` (frames,) 1 where a frame was looked at. Per sum (n): ``span`` (n, 2) its first frame and the one after its
    last; ``ink`` (n, rows, columns) share of each cell's samples that have a strong gradient standing still; ``lopsided`` the length
    of that gradient's sum over the sum of its lengths, 0 for strokes to 1 for a single edge; ``directions`` (n, 3, rows, columns) the
    means of its products, across by across, down by down and across by down; ``still`` the squared mean over the mean square of all
    gradients in the cell, 0 to 1, and ``texture`` the root of that mean square, 8-bit codes.
    """

    def __init__(self) -> None:
        self._frames = 0
        self._first = 0
        self._looks = 0
        self._sums: list[NDArray[np.float32]] = []
        self._found: list[tuple[tuple[int, int], list[NDArray[np.float32]]]] = []

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Look at the frame, if it is its turn."""
        del previous
        self._frames = frame.index + 1
        if frame.index % EVERY:
            return
        picture = frame.luma_eight_bit(max(0, working_halvings(stored_size(frame)) - 1))
        if self._sums and self._sums[0].shape != picture.shape:
            self._sums, self._looks = [], 0
        if not self._sums:
            self._sums = [np.zeros(picture.shape, np.float32) for _ in range(3)]
            self._first = frame.index
        for place, (across, down) in enumerate(((1, 0), (0, 1))):
            gradient = cv2.Sobel(picture, cv2.CV_32F, across, down, ksize=3, scale=0.25)
            cv2.accumulate(gradient, self._sums[place])
            cv2.accumulateSquare(gradient, self._sums[2])
        self._looks += 1
        if self._looks == LOOKS:
            self._summed_up()

    def finish(self) -> Series:
        """The clip's series; no sums where there were too few looks."""
        if self._looks >= _LEAST_LOOKS:
            self._summed_up()
        looked = (np.arange(self._frames) % EVERY == 0).astype(np.float64)
        if not self._found:
            directions = np.zeros((0, 3, 1, 1))
            return {"looked": looked, "span": np.zeros((0, 2)), "directions": directions, **{name: np.zeros((0, 1, 1)) for name in _MAPS}}
        names = (*_MAPS, "directions")
        maps = {name: np.stack([maps[place] for _, maps in self._found]).astype(np.float64) for place, name in enumerate(names)}
        return {"looked": looked, "span": np.array([span for span, _ in self._found], np.float64), **maps}

    def _summed_up(self) -> None:
        across, down = (total / np.float32(self._looks) for total in self._sums[:2])
        square = self._sums[2] / np.float32(self._looks)
        mean_square = across * across + down * down
        length = np.sqrt(mean_square)
        ink = ((length >= _CONSTANT_CODES) & (mean_square >= _COHERENCE * square)).astype(np.float32)
        across, down = across * ink, down * ink
        lopsided = np.hypot(_cells(across), _cells(down)) / (_cells(length * ink) + 1e-3)
        directions = np.stack([_cells(one * other) for one, other in ((across, across), (down, down), (across, down))])
        # One squared code under the division: where nothing has a gradient, nothing is said to stand still.
        energy = _cells(square)
        maps = [_cells(ink), lopsided, _cells(mean_square) / (energy + 1), np.sqrt(energy), directions]
        self._found.append(((self._first, self._frames), maps))
        self._sums, self._looks = [], 0


def _cells(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = (LONG_CELLS, SHORT_CELLS) if picture.shape[0] > picture.shape[1] else (SHORT_CELLS, LONG_CELLS)
    return np.asarray(cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


class Overlay:
    """What stands still while the rest moves."""

    name = "overlay"
    version = 2

    def collector(self, facts: MediaFacts) -> OverlayCollector:
        """A fresh collector."""
        del facts
        return OverlayCollector()


SIGNAL = Overlay()
