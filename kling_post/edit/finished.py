"""The finished programme as a value: what was written, and what is known about it."""

from dataclasses import dataclass
from pathlib import Path

from kling_post.sound.normalise import LimiterReport
from kling_post.vocabulary import Loudness, LoudnessTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The finished file and what is known about it."""

    path: Path
    sha256: str
    frames: int
    """Pictures counted in the file, not planned ones."""
    loudness: Loudness
    """Measured on the file's own sound, decoded."""
    source_loudness: Loudness
    """Of the mix before it was brought to the target."""
    target: LoudnessTarget
    gain_db: float
    """The one gain of the whole programme."""
    limiter: LimiterReport
    copied_frames: int
    """Taken over from the takes bit for bit."""
    encoded_frames: int
    notes: tuple[str, ...] = ()
    """What was conformed, assumed or filled in, one sentence each."""
    from_cache: bool = False
    """Whether it stood there already."""
