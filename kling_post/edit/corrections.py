"""What a clip of the edit may carry to mend it: values only.

How each is done stands in ``colour``, ``reframe``, ``grain`` and ``sound_mending``. Every correction is a decision of the edit,
not of the take: the take's file stays as it is, and leaving the correction out gives the clip back as it was.
"""

from dataclasses import dataclass
from typing import Literal

from kling_post.edit.colour import ColourTransform


@dataclass(frozen=True, slots=True, kw_only=True)
class Reframing:
    """The picture moved and scaled about its centre at the clip's first frame, and less and less of it over the frames after."""

    right: float = 0.0
    """Where the picture is moved to, as a fraction of its width."""
    down: float = 0.0
    """As a fraction of the width too."""
    zoom: float = 0.0
    """Growth: 0.001 is 0.1 % larger."""
    eased_frames: int
    """Over so many frames it goes back to nothing: at frame ``f`` the share (1 + cos(pi f / eased_frames)) / 2 is left of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedGrain:
    """Grain over the whole clip, the same strength in every frame, another pattern in each."""

    sigma_codes: float
    """Standard deviation in 8-bit luma codes."""
    size_pixels: float = 0.0
    """Sigma of the Gaussian that softens it, in pixels of the timeline; 0 is white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refocusing:
    """The picture made sharper or softer at the clip's first frame, and less and less so over the frames after."""

    blur_pixels: float = 0.0
    """Sharper: sigma of the Gaussian blur that is taken back, in pixels of the picture, halved until it is no wider than 1920."""
    softened: float = 0.0
    """Softer: so much of what a Gaussian of 1.5 such pixels takes away is taken away; 1 leaves the blurred picture."""
    eased_frames: int
    """As a reframing's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCorrection:
    """What is done to a clip's picture after it is conformed, in this order: reframed, refocused, graded, grained."""

    reframing: Reframing | None = None
    refocusing: Refocusing | None = None
    colour: ColourTransform | None = None
    colour_eased_frames: int = 0
    """0: the same transform over the whole clip. Otherwise it goes back to nothing over so many frames from the clip's first one."""
    grain: AddedGrain | None = None

    def touched_frames(self, clip_frames: int) -> int:
        """How many of the clip's frames, counted from its first one, come out different."""
        if self.grain is not None or (self.colour is not None and self.colour_eased_frames == 0):
            return clip_frames
        eased = [each.eased_frames for each in (self.reframing, self.refocusing) if each is not None]
        return min(max([*eased, self.colour_eased_frames if self.colour is not None else 0]), clip_frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRange:
    """Samples ``start`` up to, not with, ``stop``, counted from the clip's first sample at the timeline's sample rate."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossfade:
    """How a clip's sound takes over from the one before it, where both have sound beyond the join."""

    before_samples: int
    """So much earlier than the join the incoming sound begins, from the take before the clip's first frame."""
    after_samples: int
    """So much later than the join the outgoing sound ends, from the take behind the clip's last frame."""
    correlation: float
    """Of the two sounds where they overlap: 0 crosses over with equal power, 1 with equal gain."""

    @property
    def samples(self) -> int:
        """How long both are heard."""
        return self.before_samples + self.after_samples


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneBand:
    """How loud one band of a tone bed is: root mean square in dB of full scale."""

    hertz: float
    """Middle of a third of an octave."""
    left_dbfs: float
    right_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneBed:
    """Room tone laid under a clip's sound: noise with the spectrum of another clip's room, less what the clip has of it already."""

    bands: tuple[ToneBand, ...]
    full: SampleRange
    """Where it is heard in full. It may lie outside of the clip, where the bed reaches over from its neighbours."""
    eased_samples: int
    """Over so many samples before ``full`` it rises, and over so many behind it falls, as a cosine."""
    correlation: float
    """Of left and right."""
    seed: int
    """Of its phases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCorrection:
    """What is done to a clip's sound, in this order: channels, DC, clicks, tone where it is missing, tone beds, then fades at the edges."""

    channels: Literal["as recorded", "left on both", "right on both", "right inverted"] = "as recorded"
    dc_offset: tuple[float, float] = (0.0, 0.0)
    """Taken off left and right; full scale is 1."""
    declick: tuple[SampleRange, ...] = ()
    """Drawn anew from the sound around them."""
    tone_head_samples: int = 0
    """So many samples of the clip's head are filled with its own room tone."""
    tone_tail_samples: int = 0
    """So many samples of the clip's tail, where the take's sound ends early, are filled with its own room tone."""
    tone_beds: tuple[ToneBed, ...] = ()
    """Where several lie over each other the loudest is heard in each band, not their sum."""
    fade_in_seconds: float | None = None
    """None: as the edit's cuts have it."""
    fade_out_seconds: float | None = None
    crossfade: Crossfade | None = None
    """At the join with the clip before."""
