"""The edit as a value: clips of takes on one picture track with their native sound, stems beside it, in integer frames at an exact rate.

Everything that leaves the edit (the master, OTIO, EDL, the report) is made from this and from nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path, PurePath

from kling_post.edit.corrections import PictureCorrection, SoundCorrection
from kling_post.media.sound_file import SoundFile
from kling_post.vocabulary import DialogueLine, Fit, FrameRange, JoinKind, MediaFacts, Retime, Severity, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A finding, or a note, at a place of a clip or of the programme."""

    frames: FrameRange
    """Of the source take for a clip's markers, of the record for the timeline's."""
    name: str
    comment: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """Another take of a clip's shot, which an editor may want to put in its place."""

    path: Path
    facts: MediaFacts
    name: str
    """What people read: ``caravan take 2``."""
    reel: str
    location: PurePath | None = None
    """As a clip's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StemClip:
    """A stretch of a sound file on a stem."""

    clip_id: str
    """Unique among the stems' clips: ``music_1``."""
    name: str
    reel: str
    file: SoundFile
    source: FrameRange
    """Where in the file, counted at the timeline's rate from its first sample."""
    record: FrameRange
    """Where on the timeline; as long as ``source``."""
    gain_db: float = 0.0
    fade_in_frames: int = 0
    fade_out_frames: int = 0
    location: PurePath | None = None
    """As a clip's."""

    def __post_init__(self) -> None:
        if self.source.frames != self.record.frames:
            raise ValueError(f"{self.clip_id}: source has {self.source.frames} frames, record {self.record.frames}")
        if min(self.fade_in_frames, self.fade_out_frames) < 0 or self.fade_in_frames + self.fade_out_frames > self.record.frames:
            raise ValueError(f"{self.clip_id}: its fades are longer than its {self.record.frames} frames")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stem:
    """A sound track beside the takes' own sound: music, a voice."""

    name: str
    role: str
    """``music``, ``dialogue`` or ``effects``."""
    clips: tuple[StemClip, ...]
    """In order, none over another."""

    def __post_init__(self) -> None:
        for before, after in pairwise(self.clips):
            if after.record.start < before.record.stop:
                raise ValueError(f"{self.name}: {after.clip_id} begins before {before.clip_id} has ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A stretch of a take. With a dissolve in, ``record`` starts where the dissolve starts: it overlaps the clip before."""

    clip_id: str
    """Unique in the timeline: ``caravan_1``."""
    name: str
    reel: str
    """Eight characters or fewer, A-Z 0-9 _, one per take file."""
    path: Path
    facts: MediaFacts
    source: FrameRange
    """Frames of the take that are seen, in the timeline's rate."""
    record: FrameRange
    """Where on the timeline; as long as ``source``."""
    join: JoinKind
    """How this clip joins the one before it; the first clip's is CUT."""
    dissolve_frames: int = 0
    """Frames that this clip overlaps the one before; 0 unless ``join`` is DISSOLVE."""
    gain_db: float = 0.0
    sound_shift_frames: int = 0
    """How much later than the picture the sound joins that of the clip before: negative is a J cut (this clip's sound leads),
    positive an L cut (the sound of the clip before trails). A dissolve's crossfade is shifted with it."""
    retime: Retime = field(default_factory=Retime)
    fit: Fit = Fit.FIT
    dialogue: tuple[DialogueLine, ...] = ()
    """What is said in the frames that are heard, counted like ``source``."""
    alternates: tuple[Alternate, ...] = ()
    location: PurePath | None = None
    """Where the program that opens an export finds the take, where that is not ``path``: on another system, or relative."""
    picture_correction: PictureCorrection | None = None
    """What is done to the picture to mend it; None leaves it as the take has it."""
    sound_correction: SoundCorrection | None = None
    markers: tuple[Marker, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Where the take comes from (task, model, seed …), for whoever opens the edit elsewhere."""

    def __post_init__(self) -> None:
        if self.source.frames != self.record.frames:
            raise ValueError(f"{self.clip_id}: source has {self.source.frames} frames, record {self.record.frames}")
        if (self.join is JoinKind.DISSOLVE) != (self.dissolve_frames > 0):
            raise ValueError(f"{self.clip_id}: a dissolve, and only a dissolve, overlaps by frames")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One finished edit."""

    name: str
    rate: Fraction
    size: Size
    start_frame: int
    """Frame count of the first frame's timecode: 86400 for 01:00:00:00 at 24."""
    clips: tuple[Clip, ...]
    sample_rate: int = 48_000
    drop_frame: bool = False
    """Whether its timecode is written as drop-frame, at 29.97 and 59.94 only."""
    markers: tuple[Marker, ...] = ()
    stems: tuple[Stem, ...] = ()
    bit_depth: int = 8
    """Of the finished picture: 8, or 10."""
    language: str = "en"
    """Of the dialogue, BCP 47."""

    def __post_init__(self) -> None:
        expected = 0
        if self.clips and self.clips[0].sound_shift_frames:
            raise ValueError(f"{self.clips[0].clip_id}: nothing stands before the first clip that its sound could lead or follow")
        for clip in self.clips:
            if clip.record.start != expected - clip.dissolve_frames:
                raise ValueError(f"{clip.clip_id}: starts at {clip.record.start}, the clip before it ends at {expected}")
            expected = clip.record.stop

    @property
    def frames(self) -> int:
        """Length of the programme."""
        return self.clips[-1].record.stop if self.clips else 0

    def heard(self, position: int) -> FrameRange:
        """Where on the record the sound of the clip at ``position`` lies, its crossfades included."""
        clip = self.clips[position]
        later = self.clips[position + 1].sound_shift_frames if position + 1 < len(self.clips) else 0
        return FrameRange(clip.record.start + clip.sound_shift_frames, clip.record.stop + later)
