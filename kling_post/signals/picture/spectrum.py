"""How much detail there is at each fineness, where the picture has most of it: what tells a native picture from an enlarged one.

Enlarging makes samples, not detail: the power spectrum of an enlarged picture falls off where the smaller one ended (Katsavounidis and
others, SMPTE 2015). Only the most detailed places are asked, because a soft background has no fine detail at any size.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.interpolation import period_of_three
from kling_post.signals.series import LookSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

TILE = 128
"""Samples on each side of a tile."""
RINGS = 32
"""Bands of the spectrum from zero to the Nyquist frequency, equally wide."""
_EVERY = 12
"""Frames from one look to the next: twice a second."""
_TILES = 8
"""The most detailed tiles of a frame."""


class SpectrumCollector:
    """Full-size luma on the 8-bit scale, Hann window, every twelfth frame; no looks at pictures smaller than four tiles.

    Series: ``looked`` (frames,) 1 where a frame was looked at; per look: ``frame`` its index, ``power`` (looks, 32) the common logarithm
    of the spectral power of luma by band, the median over the most detailed tiles, and ``thirds`` (looks, 2) how far a period of three
    samples across and down stands out, see ``interpolation``.
    """

    def __init__(self) -> None:
        self._series = LookSeries(power=(RINGS,), thirds=(2,))
        line = np.hanning(TILE)
        self._window = np.outer(line, line).astype(np.float32)
        down, across = np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None]
        ring = np.floor(np.hypot(down, across) * 2 * RINGS).astype(int)
        self._ring = np.minimum(ring, RINGS).ravel()
        self._counts = np.bincount(self._ring, minlength=RINGS + 1)[:RINGS]

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame, if it is its turn."""
        del previous
        self._series.passed(frame.index)
        if frame.index % _EVERY or min(frame.luma.shape) < 2 * TILE:
            return
        power = np.median([self._power(frame, *place) for place in _places(frame)], axis=0)
        self._series.add(frame.index, power=power, thirds=period_of_three(frame.luma))

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()

    def _power(self, frame: FrameView, row: int, column: int) -> NDArray[np.float64]:
        tile = frame.luma[row : row + TILE, column : column + TILE].astype(np.float32) / np.float32(1 << (frame.bit_depth - 8))
        waves = np.fft.rfft2((tile - tile.mean()) * self._window)
        power = waves.real**2 + waves.imag**2
        bands = np.bincount(self._ring, power.ravel(), RINGS + 1)[:RINGS] / self._counts
        return np.log10(bands + 1e-6)


def _places(frame: FrameView) -> list[tuple[int, int]]:
    """First rows and columns of the tiles with most detail, by the steps between neighbours of quarter-size luma."""
    quarter = frame.reduced("luma", 2)
    size = TILE // 4
    rows, columns = quarter.shape[0] // size, quarter.shape[1] // size
    inner = quarter[: rows * size, : columns * size]
    across, down = np.zeros_like(inner), np.zeros_like(inner)
    across[:, :-1] = cv2.absdiff(inner[:, 1:], inner[:, :-1])
    down[:-1] = cv2.absdiff(inner[1:], inner[:-1])
    # Of the very size of the tiles: OpenCV averages whole samples many times faster than parts of them.
    energy = sum(cv2.resize(steps, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) for steps in (across, down))
    best = np.argsort(energy, axis=None)[::-1][:_TILES]
    return [(int(place) // columns * TILE, int(place) % columns * TILE) for place in best]


class Spectrum:
    """Power spectrum of the most detailed places."""

    name = "spectrum"
    version = 4

    def collector(self, facts: MediaFacts) -> SpectrumCollector:
        """A fresh collector."""
        del facts
        return SpectrumCollector()


SIGNAL = Spectrum()
