"""The kinds of repair of the sound, as ``repairs`` has those of the picture."""

from dataclasses import dataclass
from typing import ClassVar

from kling_post.edit.corrections import Crossfade, SampleRange, ToneBed
from kling_post.repair.fit_tone import level_dbfs
from kling_post.repair.repairs import Repair

_SOUND = frozenset({"loudness", "click", "room tone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchLevel(Repair):
    """One constant gain for the incoming clip's sound, so that it goes on as loud as the clip before ended."""

    kind: ClassVar[str] = "match level"
    concerns: ClassVar[frozenset[str]] = _SOUND
    gain_db: float

    @property
    def does(self) -> str:
        """What it does."""
        return f"Sets {self.incoming}'s sound {self.gain_db:+.1f} dB, constant over the clip."


@dataclass(frozen=True, slots=True, kw_only=True)
class FadeEdges(Repair):
    """Let the sound on both sides of the join fall to nothing for some milliseconds, so that the waveform does not break."""

    kind: ClassVar[str] = "fade edges"
    concerns: ClassVar[frozenset[str]] = _SOUND
    out_seconds: float
    in_seconds: float

    @property
    def does(self) -> str:
        """What it does."""
        return f"Fades the sound out over {1000 * self.out_seconds:.0f} ms and in over {1000 * self.in_seconds:.0f} ms at the join."


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossfadeSound(Repair):
    """Let the sounds of both takes cross over, from what they hold beyond the join."""

    kind: ClassVar[str] = "crossfade"
    concerns: ClassVar[frozenset[str]] = _SOUND
    crossfade: Crossfade
    seconds: float

    @property
    def does(self) -> str:
        """What it does."""
        law = f"a gain law for a correlation of {self.crossfade.correlation:.2f}"
        return f"Crosses the sound over for {1000 * self.seconds:.0f} ms by {law}, from the takes' own sound beyond the join."


@dataclass(frozen=True, slots=True, kw_only=True)
class Declick(Repair):
    """Draw some milliseconds of sound beside the join anew from what lies around them."""

    kind: ClassVar[str] = "declick"
    concerns: ClassVar[frozenset[str]] = _SOUND
    in_outgoing: tuple[SampleRange, ...] = ()
    in_incoming: tuple[SampleRange, ...] = ()

    @property
    def does(self) -> str:
        """What it does."""
        samples = sum(each.stop - each.start for each in (*self.in_outgoing, *self.in_incoming))
        return f"Draws {samples} samples of a click beside the join anew from the sound around them."


@dataclass(frozen=True, slots=True, kw_only=True)
class FillTone(Repair):
    """Fill the end of a clip whose sound is shorter than its picture with the clip's own room tone."""

    kind: ClassVar[str] = "fill tone"
    concerns: ClassVar[frozenset[str]] = _SOUND
    head_samples: int = 0
    tail_samples: int = 0

    @property
    def does(self) -> str:
        """What it does."""
        return f"Fills {self.head_samples + self.tail_samples} samples that {self.incoming}'s sound lacks with its own room tone."


@dataclass(frozen=True, slots=True, kw_only=True)
class LayTone(Repair):
    """Lay room tone under the side of the join whose noise floor is lower, as loud as the other one's, eased out away from the join."""

    kind: ClassVar[str] = "lay room tone"
    concerns: ClassVar[frozenset[str]] = _SOUND
    in_outgoing: tuple[ToneBed, ...] = ()
    in_incoming: tuple[ToneBed, ...] = ()

    @property
    def clip_id(self) -> str:
        """The clip that it changes; the incoming one where it changes both."""
        return self.incoming if self.in_incoming else self.outgoing

    @property
    def does(self) -> str:
        """What it does."""
        sides = ((self.outgoing, self.in_outgoing), (self.incoming, self.in_incoming))
        under = " and ".join(f"{clip}, at {max(map(level_dbfs, beds)):.0f} dBFS" for clip, beds in sides if beds)
        return f"Lays noise like the room of the louder side under {under}, eased out away from the join."


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDc(Repair):
    """Take a constant off a clip's sound."""

    kind: ClassVar[str] = "remove DC"
    concerns: ClassVar[frozenset[str]] = _SOUND
    offset: tuple[float, float]

    @property
    def does(self) -> str:
        """What it does."""
        return f"Takes {100 * self.offset[0]:+.2f} % and {100 * self.offset[1]:+.2f} % of full scale off {self.incoming}'s channels."


@dataclass(frozen=True, slots=True, kw_only=True)
class FixChannels(Repair):
    """Mend a clip's channels: one that is empty, or one that is upside down."""

    kind: ClassVar[str] = "fix channels"
    concerns: ClassVar[frozenset[str]] = _SOUND
    channels: str
    """As ``SoundCorrection.channels``."""

    @property
    def does(self) -> str:
        """What it does."""
        return f"Plays {self.incoming}'s sound with its {self.channels}."
