"""Whether the incoming sound begins with what the outgoing sound ended with, and how many frames of it: the ear's word on a repeat."""

import numpy as np
from numpy.typing import NDArray

MOST_FRAMES = 12
_SAME = 0.85
"""Correlation of a stretch with its own repeat; coding it again with AAC at 128 kbit/s leaves 0.95 and more."""
_OTHER = 0.6
"""No other count may correlate more than this: a steady tone looks like itself at any distance."""
_SLACK_SECONDS = 0.002
_LEAST_LEVEL = 1e-3


def echoed_frames(before: NDArray[np.float32], after: NDArray[np.float32], samples_per_frame: float) -> int:
    """How many frames of sound come twice, 1 to 12; 0 where none do or where it cannot be told.

    Args:
        before: (samples, channels) up to the join.
        after: (samples, channels) from the join on.
        samples_per_frame: Sample rate over frame rate.
    """
    one, other = before.mean(axis=1).astype(np.float64), after.mean(axis=1).astype(np.float64)
    slack = round(_SLACK_SECONDS * 24 * samples_per_frame)
    found = [_likeness(one, other, round(count * samples_per_frame), slack) for count in range(1, MOST_FRAMES + 1)]
    best = int(np.argmax(found))
    others = [value for place, value in enumerate(found) if place != best]
    return best + 1 if found[best] >= _SAME and max(others) <= _OTHER else 0


def _likeness(before: NDArray[np.float64], after: NDArray[np.float64], samples: int, slack: int) -> float:
    """The highest normalised correlation of the first samples after the join with the last ones before it, give or take ``slack``."""
    head = after[:samples]
    if len(head) < samples or len(before) < samples + slack or np.sqrt(np.mean(head**2)) < _LEAST_LEVEL:
        return 0.0
    tail = np.concatenate([before[-samples - slack :], np.zeros(slack)])
    size = 1 << int(np.ceil(np.log2(len(tail) + samples)))
    products = np.fft.irfft(np.fft.rfft(tail, size) * np.conj(np.fft.rfft(head, size)), size)[: 2 * slack + 1]
    summed = np.concatenate([[0.0], np.cumsum(tail**2)])
    energies = (summed[samples:] - summed[:-samples])[: 2 * slack + 1]
    return float(np.max(products / np.sqrt(np.maximum(energies * np.sum(head**2), 1e-12))))
