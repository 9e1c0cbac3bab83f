"""How much of a defect is left in the coded file, whether a fault of the sound is still heard in it, and what bands the coder has made.

An encoder predicts a frame from its neighbours and drops what little differs: at CRF 28 it takes a pulse of 1.5 % away as often as
not. What is not in the file is no defect of it, so that a miss there says nothing. The mean luma of each decoded frame and of each
frame as it was to be coded, both against the clean frame, tell the share that is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import Frame, Injected
from kling_post.calibration.stepped import LOOK, stepped_in, stepped_share
from kling_post.media.decode import decode
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.media.sound import read_sound_whole

_LUMA = np.array([0.2126, 0.7152, 0.0722])
"""ITU-R BT.709."""
_BLACK, _SPAN = 16, 219 / 255

Values = NDArray[np.float64]


class Delivery:
    """Looks on while a clip is written, and at the file afterwards."""

    def __init__(self, made: Injected) -> None:
        self._made = made
        self._written: list[float] = []
        self._look: NDArray[np.uint8] | None = None

    def watched(self) -> Injected:
        """The same footage; it must be used up before anything is asked."""
        return replace(self._made, frames=self._noted())

    def share(self, path: Path) -> float:
        """Share of the change that the file holds: about 0 to 1; of sound 0 or 1; 1 for defects of another kind."""
        if self._made.sound_left is not None:
            return float(self._made.sound_left(read_sound_whole(path)))
        if self._made.picture_left is not None:
            return self._made.picture_left(path)
        if self._made.clean is None:
            return 1.0
        decoded = [cv2.mean(frame.luma)[0] - _BLACK for frame in decode(path)]
        return delivered_share(np.array(decoded), np.array(self._written), _means(self._made.clean))

    def coder_bands(self, path: Path) -> float:
        """Of innocent footage, the share of the picture in which the file is stepped and the frame that was coded is not."""
        if self._made.truth or self._look is None:
            return 0.0
        return max(0.0, stepped_in(path) - stepped_share(self._look))

    def _noted(self) -> Iterator[Frame]:
        for index, frame in enumerate(self._made.frames):
            if self._made.clean is not None:
                self._written.append(_mean(frame))
            if index == LOOK and not self._made.truth:
                self._look = frame[0] if isinstance(frame, tuple) else rgb_to_ycbcr420(frame)[0]
            yield frame


def delivered_share(decoded: Values, written: Values, clean: Values) -> float:
    """Regression of the decoded steps on the intended ones; all are mean luma above black, shape (frames,).

    Steps from frame to frame, not levels: what the encoder adds slowly is its own.
    """
    count = min(len(decoded), len(written), len(clean))
    if count < 2:
        return 1.0
    floor = 1e-3
    base = np.log(np.maximum(clean[:count], floor))
    intended = np.diff(np.log(np.maximum(written[:count], floor)) - base)
    got = np.diff(np.log(np.maximum(decoded[:count], floor)) - base)
    return float(got @ intended / max(float(intended @ intended), 1e-12))


def _means(frames: Sequence[NDArray[np.uint8]]) -> Values:
    return np.array([_mean(frame) for frame in frames])


def _mean(frame: Frame) -> float:
    if isinstance(frame, tuple):
        return cv2.mean(frame[0])[0] - _BLACK
    return float(np.array(cv2.mean(frame)[:3]) @ _LUMA) * _SPAN
