"""How much each property may step at a join, by what the join is meant to be.

At a planned cut a step of brightness, colour or movement is the point of it, so those are told and never judged; a flash, a stray frame,
a hold, a click and a jump of loudness are faults at any join. Where the footage varies more by itself than a limit allows, the limit
is raised to three times that variation. Limits without a source are proposals of this project, not yet calibrated on rated joins.
"""

from dataclasses import dataclass
from math import inf

from kling_post.vocabulary import JoinKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamLimits:
    """Limits of one kind of join; infinity means that the property is told and not judged."""

    luma_percent: float = inf
    """Mean luma, of the range from black to white. Proposal: just above the 0.8 % at which published seam repair sets in."""
    colour_delta_e_itp: float = inf
    """ITU-R BT.2124: 1 is just visible side by side in the most critical case; 2 to 3 serves as the practical limit."""
    black_percent: float = inf
    """Of the range; 1 % is two 8-bit codes. Proposal."""
    contrast_percent: float = inf
    """Proposal."""
    saturation_percent: float = inf
    """Proposal."""
    sharpness_percent: float = inf
    """Fine against middle-sized detail. Proposal."""
    grain_code_values: float = inf
    """Standard deviation of the noise that one side has and the other has not, in 8-bit codes of luma. Proposal."""
    framing_pixels: float = inf
    """At a width of 1920. Proposal."""
    zoom_percent: float = inf
    """Proposal."""
    velocity_pixels: float = inf
    """Change of the picture's speed per frame, at a width of 1920. Proposal."""
    repeated_frames: int = 0
    """MovieLabs QC vocabulary, PICTURE-INSERT/EDIT-ERROR: an edit point that doubles a frame is a fault."""
    skipped_frames: int = 0
    """Frames of the movement missing where a shot goes on: the same fault the other way round."""
    stray_frames: int = 0
    """Frames of the other shot beside the cut: MovieLabs QC vocabulary, PICTURE-INSERT/EDIT-ERROR."""
    held_frames: int = 2
    """Footage animated on twos holds that long without a fault. Proposal."""
    dissolve_curve_percent: float = inf
    """Share of the incoming picture beside an even mixture's. A dissolve that eases in and out (3 t^2 - 2 t^3) strays by 10. Proposal."""
    dissolve_luma_percent: float = inf
    """Mean luma in a dissolve beside the same mixture of both sides', of the range. Proposal."""
    flash_delta_e_itp: float = 4.0
    """How far one frame may stand out beside the join. Proposal."""
    click_ratio: float = 4.0
    """The waveform's break over the sound's own largest bend within 50 ms. Proposal."""
    loudness_lu: float = 8.0
    """Short-term loudness (EBU Tech 3341) of the 3 s on either side. Proposal."""
    room_tone_db: float = inf
    """Step of the noise floor in at least three third-octave bands. Proposal."""
    sound_gap_milliseconds: float = 25.0
    """Silence at the join in sound that sounds on both sides; above one frame of AAC at 48 kHz, 21 ms. Proposal."""
    noise_factor: float = 3.0
    """A limit is never less than this many times the footage's own variation."""
    fail_factor: float = 2.0
    """A step this many times its limit fails; below that a person should look."""


LIMITS = {
    JoinKind.CUT: SeamLimits(),
    JoinKind.DISSOLVE: SeamLimits(
        dissolve_curve_percent=15.0,
        dissolve_luma_percent=3.0,
        flash_delta_e_itp=inf,
        click_ratio=inf,
        sound_gap_milliseconds=inf,
    ),
    JoinKind.CONTINUE: SeamLimits(
        luma_percent=1.0,
        colour_delta_e_itp=3.0,
        black_percent=1.0,
        contrast_percent=3.0,
        saturation_percent=4.0,
        sharpness_percent=20.0,
        grain_code_values=1.5,
        framing_pixels=0.5,
        zoom_percent=0.1,
        velocity_pixels=0.75,
        loudness_lu=3.0,
        room_tone_db=6.0,
    ),
}
"""The limits by what the join is planned to be."""
