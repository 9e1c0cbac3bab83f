"""How a take of another rate, size, range or sound becomes part of the edit: decided per take, from its facts, and said in words.

============================  ================================================================================================
What differs                  What is done
============================  ================================================================================================
rate equal                    frame for frame
rate within 0.2 %             frame for frame at the timeline's rate (23.976 as 24): the sound is played that much faster or slower
rate otherwise, or variable   the take keeps its length: each timeline frame shows the take's frame of that moment; frames are
                              repeated or left out, never blended
size, same shape              scaled (Lanczos up, area mean down)
size, other shape             scaled to fit, black beside or above it
rotation                      turned upright
range full                    levels converted to limited range
matrix BT.601                 converted to BT.709
untagged                      taken as BT.709 limited (BT.601 below 720 lines); a judgement that the report repeats
bit depth above 8             rounded to 8 bits
interlaced                    both fields shown as one frame; said, not repaired
high dynamic range            refused when the edit is assembled: it needs a look, not a formula
sound of another rate         resampled once to the timeline's
sound missing                 silence
============================  ================================================================================================
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import MediaFacts, Size

_SAME_SPEED = Fraction(2, 1000)
"""23.976 against 24 is 0.1 %: less than two cents of pitch, which nobody hears; 24 against 25 is 4 %, which everybody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conform:
    """What is done to one take so that it fits the timeline."""

    rate: Literal["same", "frame for frame", "same length"]
    frames: int
    """How many timeline frames the whole take gives."""
    speed: Fraction
    """How much faster than recorded it runs: 1, except frame for frame."""
    picture: tuple[str, ...]
    """What is done to each frame, in words; empty where it is shown as it is."""
    notes: tuple[str, ...]
    """One sentence each for the report; empty where nothing had to be done or assumed."""

    @property
    def untouched(self) -> bool:
        """Whether the take's own frames are the timeline's frames, one to one, with nothing done to them."""
        return self.rate == "same" and not self.picture

    def take_frame(self, timeline_frame: int, facts: MediaFacts, timeline_rate: Fraction) -> int:
        """Which of a constant-rate take's frames is shown at a frame of the conformed take."""
        if self.rate != "same length":
            return timeline_frame
        # The frame on show in the middle of the timeline frame: half a frame early or late at most, never both.
        return min(facts.frames - 1, int((Fraction(timeline_frame) + Fraction(1, 2)) / timeline_rate * facts.rate))


def conform(facts: MediaFacts, *, rate: Fraction, size: Size) -> Conform:
    """Decide, from the facts alone, how a take fits a timeline of ``rate`` and ``size``."""
    how, frames, speed, rate_notes = _rate(facts, rate)
    steps, picture_notes = _picture(facts, size)
    return Conform(rate=how, frames=frames, speed=speed, picture=steps, notes=(*rate_notes, *picture_notes, *_sound(facts)))


def _rate(facts: MediaFacts, rate: Fraction) -> tuple[Literal["same", "frame for frame", "same length"], int, Fraction, tuple[str, ...]]:
    if facts.constant_rate and facts.rate == rate:
        return "same", facts.frames, Fraction(1), ()
    if facts.constant_rate and abs(rate / facts.rate - 1) <= _SAME_SPEED:
        note = f"runs frame for frame at {float(rate):.6g} instead of {float(facts.rate):.6g} frames a second, sound included."
        return "frame for frame", facts.frames, rate / facts.rate, (note,)
    frames = max(1, seconds_to_frames(facts.duration_seconds, rate))
    if not facts.constant_rate:
        note = f"has a variable frame rate: each frame at {float(rate):.6g} shows the picture of its moment."
    elif facts.rate > rate:
        note = f"is {float(facts.rate):.6g} frames a second: {facts.frames - frames} of {facts.frames} frames are left out."
    else:
        note = f"is {float(facts.rate):.6g} frames a second: {frames - facts.frames} frames are shown twice."
    return "same length", frames, Fraction(1), (note,)


def _picture(facts: MediaFacts, size: Size) -> tuple[tuple[str, ...], tuple[str, ...]]:
    steps: list[str] = []
    notes: list[str] = []
    if facts.rotation_degrees % 360:
        steps.append(f"turned by {facts.rotation_degrees} degrees")
    if facts.size != size or facts.sample_aspect != 1:
        shape = Fraction(facts.size.width, facts.size.height) * facts.sample_aspect
        steps.append(f"scaled from {facts.size} to {size}" + ("" if shape == Fraction(size.width, size.height) else " with black bars"))
    if facts.color_range == "full":
        steps.append("levels converted from full to limited range")
    if assumed_matrix(facts) != "bt709":
        steps.append(f"colour converted from {assumed_matrix(facts)} to BT.709")
    if facts.bit_depth != 8:
        steps.append(f"rounded from {facts.bit_depth} to 8 bits")
    if facts.pixel_format not in {"yuv420p", "yuvj420p"} and facts.bit_depth == 8:
        steps.append(f"chroma converted from {facts.pixel_format} to 4:2:0")
    if facts.interlaced:
        notes.append("is interlaced: its two fields are shown as one frame, not taken apart.")
    if facts.color_matrix in _UNSAID:
        notes.append(f"carries no colour tags: taken as {assumed_matrix(facts)} limited range.")
    return tuple(steps), (*(f"is {step}." for step in steps), *notes)


_UNSAID = frozenset({"", "unspecified", "unknown", "reserved"})
_BT601 = frozenset({"smpte170m", "bt470bg", "fcc", "smpte240m"})


def assumed_matrix(facts: MediaFacts) -> str:
    """The YCbCr matrix: the tag, or where there is none BT.709 from 720 lines and BT.601 (``smpte170m``) below, as players do."""
    if facts.color_matrix in _UNSAID:
        return "bt709" if facts.size.height >= 720 else "smpte170m"
    return "smpte170m" if facts.color_matrix in _BT601 else facts.color_matrix


def _sound(facts: MediaFacts) -> tuple[str, ...]:
    if facts.audio is None:
        return ("has no sound: silence stands in.",)
    if facts.audio.sample_rate != 48_000:
        return (f"has sound of {facts.audio.sample_rate} Hz: resampled to 48000 Hz.",)
    return ()
