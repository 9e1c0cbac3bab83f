"""The kinds of repair, each a value: where, why, what it is predicted to change, and what it does to the edit.

A repair never touches a take's file. It is a decision of the edit that can be left out again, and that says of itself, in one sentence,
what it does.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import AddedGrain, Refocusing, Reframing

_MOVEMENT = frozenset({"repeated frames", "held frames", "skipped frames", "stray frames", "framing", "zoom", "velocity"})

Key = tuple[str, str, str]
"""Kind, outgoing and incoming clip: tells a repair from every other one of an edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One property of the seam's scorecard, as it is and as it should be once the repair is made."""

    property: str
    unit: str
    before: float
    after: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair(ABC):
    """What all repairs say of themselves."""

    kind: ClassVar[str] = ""
    concerns: ClassVar[frozenset[str]] = frozenset()
    """The properties of the seam's scorecard that it can change; empty where that is all of them."""
    outgoing: str
    """Clip id before the join; of the very clip where the repair concerns one clip only."""
    incoming: str
    """Clip id after the join."""
    reason: str
    """What was found, one sentence."""
    predictions: tuple[Prediction, ...] = ()

    @property
    def clip_id(self) -> str:
        """The clip that it changes."""
        return self.incoming

    @property
    @abstractmethod
    def does(self) -> str:
        """What it does, one sentence with its numbers."""

    @property
    def key(self) -> Key:
        """Tells it from every other repair of an edit."""
        return self.kind, self.outgoing, self.incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimHead(Repair):
    """Leave out the frames of the incoming clip's head that come twice or stand still, picture and sound together."""

    kind: ClassVar[str] = "trim head"
    concerns: ClassVar[frozenset[str]] = _MOVEMENT
    frames: int

    @property
    def does(self) -> str:
        """What it does."""
        return f"Leaves out {_frames(self.frames)} of {self.incoming}'s head, picture and sound."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimTail(Repair):
    """Leave out the frames of the outgoing clip's tail in which nothing moves, picture and sound together."""

    kind: ClassVar[str] = "trim tail"
    concerns: ClassVar[frozenset[str]] = _MOVEMENT
    frames: int

    @property
    def clip_id(self) -> str:
        """The clip that it changes."""
        return self.outgoing

    @property
    def does(self) -> str:
        """What it does."""
        return f"Leaves out {_frames(self.frames)} of {self.outgoing}'s tail, picture and sound."


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchColour(Repair):
    """One colour transform for the incoming clip, fitted once, so that it goes on as the chain's first clip looks."""

    kind: ClassVar[str] = "match colour"
    concerns: ClassVar[frozenset[str]] = frozenset({"luma", "colour", "black level", "contrast", "saturation", "flash", "grain"})
    transform: ColourTransform
    anchor: str
    """Clip id of the chain's first clip."""
    eased_frames: int = 0
    """0: constant over the whole clip."""
    fitted_pixels: int
    """Pixels on both sides that the fit is from."""
    bounded: bool = False
    """Whether the fit went beyond what a repair may change, and was held there."""
    share: float = 1.0
    """Of the way from what the clip before is shown with to the match."""

    @property
    def does(self) -> str:
        """What it does."""
        how = "an ASC CDL" if self.transform.is_cdl else "a 3 x 3 matrix with offsets"
        over = f"eased out over {_frames(self.eased_frames)}" if self.eased_frames else "constant over the whole clip"
        held = " It is held at its bounds: a rest of the step stays." if self.bounded else ""
        return f"Matches {self.incoming}'s colour to {self.anchor} by {how}, {over}.{held}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproachColour(MatchColour):
    """Bring the incoming clip a part of the way from the transform of the clip before to its match, where all of it would do harm."""

    kind: ClassVar[str] = "approach colour"

    @property
    def does(self) -> str:
        """What it does."""
        return (
            f"Brings {self.incoming}'s colour {100 * self.share:.0f} % of the way to that of {self.anchor}, constant over the whole clip."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryColour(MatchColour):
    """Give the incoming clip the very transform of the clip before, so that the join stays as the takes have it."""

    kind: ClassVar[str] = "carry colour"

    @property
    def does(self) -> str:
        """What it does."""
        return f"Gives {self.incoming} the colour transform of {self.outgoing}, constant over the whole clip."


@dataclass(frozen=True, slots=True, kw_only=True)
class EaseFraming(Repair):
    """Move the incoming clip's first frame to where the shot left off, and let it go back over some frames."""

    kind: ClassVar[str] = "ease framing"
    concerns: ClassVar[frozenset[str]] = frozenset({"framing", "zoom", "velocity", "sharpness"})
    reframing: Reframing
    pixels_at_1920: float
    """Length of the move."""

    @property
    def does(self) -> str:
        """What it does."""
        zoom = f" and scales it by {100 * self.reframing.zoom:+.2f} %" if self.reframing.zoom else ""
        return (
            f"Moves {self.incoming}'s first frame by {self.pixels_at_1920:.2f} px at 1920{zoom}, going back to nothing over "
            f"{_frames(self.reframing.eased_frames)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddGrain(Repair):
    """Give the cleaner incoming clip the grain of the one before; grain is only ever added."""

    kind: ClassVar[str] = "add grain"
    concerns: ClassVar[frozenset[str]] = frozenset({"grain", "sharpness"})
    grain: AddedGrain
    lacks_codes: float = 0.0
    """The noise that the clip lacks, in 8-bit codes; more is added where the encoder takes part of it away."""

    @property
    def does(self) -> str:
        """What it does."""
        return f"Adds grain of {self.grain.sigma_codes:.2f} code values to the whole of {self.incoming}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSharpness(Repair):
    """Let the incoming clip begin as sharp as the one before it ended, and let it go back over some frames."""

    kind: ClassVar[str] = "match sharpness"
    concerns: ClassVar[frozenset[str]] = frozenset({"sharpness", "grain", "contrast"})
    refocusing: Refocusing

    @property
    def does(self) -> str:
        """What it does."""
        refocusing, back = self.refocusing, f"going back to nothing over {_frames(self.refocusing.eased_frames)}."
        if refocusing.blur_pixels:
            return f"Sharpens {self.incoming}'s first frame: takes back a blur of {refocusing.blur_pixels:.2f} pixels, {back}"
        return f"Softens {self.incoming}'s first frame by {100 * refocusing.softened:.0f} % of its fine detail, {back}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DissolveOver(Repair):
    """Let the join melt over some frames, where a step cannot be taken away."""

    kind: ClassVar[str] = "dissolve"
    frames: int

    @property
    def does(self) -> str:
        """What it does."""
        return f"Dissolves from {self.outgoing} to {self.incoming} over {_frames(self.frames)}; the edit gets that much shorter."


def _frames(count: int) -> str:
    return f"{count} frame" if count == 1 else f"{count} frames"
