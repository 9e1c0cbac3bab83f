"""How a take of another rate, size, range or sound becomes part of the edit: decided per take, from its facts, and said in words.

============================  ================================================================================================
What differs                  What is done
============================  ================================================================================================
rate equal                    frame for frame
rate within 0.2 %             frame for frame at the timeline's rate (23.976 as 24): the sound is played that much faster or slower
rate otherwise, or variable   the take keeps its length: each timeline frame shows the take's frame of that moment; frames are
                              repeated or left out in a cadence that is said, never blended
chosen: retime                frame for frame whatever the rates: 24 in 25 runs 4 % faster, its pitch kept unless asked otherwise
chosen: flow                  the take keeps its length, frames between its own are made by optical flow, and called synthetic
chosen: a speed               besides all that, the take runs so many times faster
size, same shape              scaled (Lanczos up, area mean down)
size, other shape             scaled to fit, black beside or above it; chosen: fill (scaled to cover, cut off), crop (not scaled)
rotation                      turned upright
range full                    levels converted to limited range
matrix BT.601                 converted to BT.709
untagged                      taken as BT.709 limited (BT.601 below 720 lines); a judgement that the report repeats
bit depth                     an edit with takes of more than 8 bits is made in 10: others are widened, deeper ones rounded
interlaced                    both fields shown as one frame; said, not repaired
high dynamic range            refused when the edit is assembled: it needs a look, not a formula
sound of another rate         resampled once to the timeline's
sound missing                 silence
============================  ================================================================================================
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from kling_post.edit.timeline import Clip, Timeline
from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import Cadence, Fit, FrameRange, MediaFacts, Retime, Size

_SAME_SPEED = Fraction(2, 1000)
"""23.976 against 24 is 0.1 %: less than two cents of pitch, which nobody hears; 24 against 25 is 4 %, which everybody does."""
_AS_IT_IS = Retime()
_LONGEST_PATTERN = 8
"""Frames of a cadence that is written out; a longer one is counted."""

RateChange = Literal["same", "frame for frame", "same length", "other speed", "optical flow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conform:
    """What is done to one take so that it fits the timeline."""

    rate: RateChange
    frames: int
    """How many timeline frames the whole take gives."""
    step: Fraction
    """Take frames from one timeline frame to the next; 1 where each is shown once."""
    speed: Fraction
    """How much faster than recorded it runs, its sound included."""
    keeps_pitch: bool
    """Whether its sound keeps its pitch where ``speed`` is not 1."""
    picture: tuple[str, ...]
    """What is done to each frame, in words; empty where it is shown as it is."""
    notes: tuple[str, ...]
    """One sentence each for the report; empty where nothing had to be done or assumed."""

    @property
    def untouched(self) -> bool:
        """Whether the take's own frames are the timeline's frames, one to one, with nothing done to them."""
        return self.rate == "same" and not self.picture

    def take_frame(self, timeline_frame: int, facts: MediaFacts) -> int:
        """Which of a constant-rate take's frames is shown at a frame of the conformed take."""
        # The frame on show in the middle of the timeline frame, the earlier one where two meet there.
        return min(facts.frames - 1, ceil((Fraction(timeline_frame) + Fraction(1, 2)) * self.step) - 1)

    def between(self, timeline_frame: int, facts: MediaFacts) -> tuple[int, Fraction]:
        """The take's frame at or before a frame of the conformed take, and how far on to the next one it lies, 0 to 1."""
        place = (Fraction(timeline_frame) + Fraction(1, 2)) * self.step - Fraction(1, 2)
        place = min(max(place, Fraction(0)), Fraction(facts.frames - 1))
        return int(place), place - int(place)


def conform(
    facts: MediaFacts, *, rate: Fraction, size: Size, retime: Retime = _AS_IT_IS, fit: Fit = Fit.FIT, bit_depth: int = 8
) -> Conform:
    """Decide, from the facts and what was chosen, how a take fits a timeline of ``rate``, ``size`` and ``bit_depth``."""
    how, step = _step(facts, rate, retime)
    speed = step * rate / facts.rate
    if not facts.constant_rate:
        speed = retime.speed
    frames = facts.frames if step == 1 and facts.constant_rate else max(1, seconds_to_frames(facts.duration_seconds / speed, rate))
    keeps_pitch = speed != 1 and (retime.keeps_pitch if retime.keeps_pitch is not None else abs(speed - 1) > _SAME_SPEED)
    steps, picture_notes = _picture(facts, size, fit, bit_depth)
    notes = (*_rate_notes(facts, rate, how, step, speed, frames), *_pitch(facts, speed, keeps_pitch=keeps_pitch))
    return Conform(
        rate=how,
        frames=frames,
        step=step,
        speed=speed,
        keeps_pitch=keeps_pitch,
        picture=steps,
        notes=(*notes, *picture_notes, *_sound(facts)),
    )


def conform_clip(clip: Clip, timeline: Timeline) -> Conform:
    """``conform`` of a clip in its timeline."""
    return conform(clip.facts, rate=timeline.rate, size=timeline.size, retime=clip.retime, fit=clip.fit, bit_depth=timeline.bit_depth)


def take_frames(clip: Clip, timeline: Timeline) -> FrameRange:
    """The take's own frames from the first that the clip shows to the last, with those between that a cadence or a speed leaves out."""
    decision = conform_clip(clip, timeline)
    first, last = (decision.take_frame(frame, clip.facts) for frame in (clip.source.start, clip.source.stop - 1))
    return FrameRange(first, last + 1)


def _step(facts: MediaFacts, rate: Fraction, retime: Retime) -> tuple[RateChange, Fraction]:
    """What is done to the rate, and the take frames from one timeline frame to the next."""
    near = abs(rate / facts.rate - 1) <= _SAME_SPEED
    one_to_one = facts.constant_rate and (retime.cadence is Cadence.RETIME or (retime.cadence is Cadence.AUTO and near))
    step = retime.speed if one_to_one else facts.rate / rate * retime.speed
    if not facts.constant_rate:
        return "same length" if retime.speed == 1 else "other speed", step
    if step == 1:
        return "same" if facts.rate == rate else "frame for frame", step
    if retime.cadence is Cadence.FLOW:
        return "optical flow", step
    return "same length" if step * rate == facts.rate else "other speed", step


def _rate_notes(facts: MediaFacts, rate: Fraction, how: RateChange, step: Fraction, speed: Fraction, frames: int) -> tuple[str, ...]:
    own = f"{float(facts.rate):.6g} frames a second"
    if not facts.constant_rate:
        more = "" if speed == 1 else f", {float(speed):.4g} times as fast"
        return (f"has a variable frame rate: each frame at {float(rate):.6g} shows the picture of its moment{more}.",)
    if how == "same":
        return ()
    if how == "frame for frame":
        return (f"runs frame for frame at {float(rate):.6g} instead of {float(facts.rate):.6g} frames a second, sound included.",)
    if how == "other speed":
        return (f"runs at {float(speed):.4g} times its speed: {_shown(facts.frames, frames, step)}.",)
    if how == "optical flow":
        made = f"is {own}" if speed == 1 else f"runs at {float(speed):.4g} times its speed"
        return (f"{made}: frames between its own are synthetic, made by optical flow.",)
    return (f"is {own}: {_shown(facts.frames, frames, step)}.",)


def _shown(taken: int, frames: int, step: Fraction) -> str:
    """How many frames are left out or repeated, and in which cadence."""
    if step > 1:
        words = f"{taken - frames} of {taken} frames are left out"
        every = step / (step - 1)
    else:
        words = f"{frames - taken} frames are " + ("shown twice" if step >= Fraction(1, 2) else "repeats")
        every = step / (1 - step)
    if step.numerator <= _LONGEST_PATTERN:
        shown = [ceil((Fraction(frame) + Fraction(1, 2)) * step) - 1 for frame in range(step.denominator)]
        return f"{words}, in a cadence of {':'.join(str(shown.count(frame)) for frame in range(step.numerator))}"
    return f"{words}, one in {every}" if every.denominator == 1 else words


def _pitch(facts: MediaFacts, speed: Fraction, *, keeps_pitch: bool) -> tuple[str, ...]:
    if facts.audio is None or abs(speed - 1) <= _SAME_SPEED:
        return ()
    return ("keeps the pitch of its sound.",) if keeps_pitch else ("changes the pitch of its sound with its speed.",)


def _picture(facts: MediaFacts, size: Size, fit: Fit, bit_depth: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    steps: list[str] = []
    notes: list[str] = []
    if facts.rotation_degrees % 360:
        steps.append(f"turned by {facts.rotation_degrees} degrees")
    if facts.size != size or facts.sample_aspect != 1:
        steps.append(_sized(facts, size, fit))
    if facts.color_range == "full":
        steps.append("levels converted from full to limited range")
    if assumed_matrix(facts) != "bt709":
        steps.append(f"colour converted from {assumed_matrix(facts)} to BT.709")
    if facts.bit_depth > bit_depth:
        steps.append(f"rounded from {facts.bit_depth} to {bit_depth} bits")
    if facts.bit_depth < bit_depth:
        steps.append(f"widened from {facts.bit_depth} to {bit_depth} bits")
    if "420" not in facts.pixel_format:
        steps.append(f"chroma converted from {facts.pixel_format} to 4:2:0")
    if facts.interlaced:
        notes.append("is interlaced: its two fields are shown as one frame, not taken apart.")
    if facts.color_matrix in _UNSAID:
        notes.append(f"carries no colour tags: taken as {assumed_matrix(facts)} limited range.")
    return tuple(steps), (*(f"is {step}." for step in steps), *notes)


def _sized(facts: MediaFacts, size: Size, fit: Fit) -> str:
    if fit is Fit.CROP:
        return f"cropped from {facts.size} to {size}, pixel for pixel"
    shape = Fraction(facts.size.width, facts.size.height) * facts.sample_aspect
    same = shape == Fraction(size.width, size.height)
    return f"scaled from {facts.size} to {size}" + ("" if same else " and cut off" if fit is Fit.FILL else " with black bars")


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
