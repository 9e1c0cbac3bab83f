"""Every noun that more than one room uses, as a frozen value; it imports only the standard library.

A *shot* is what the editor asked for. A *task* is one order to a backend and may carry several shots. A *take* is one file
that came back. A *clip* is a stretch of a take in the edit. A *seam* is the join between two clips.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Picture size in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True, order=True)
class FrameRange:
    """Frames ``start`` up to, not with, ``stop``."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"a frame range runs forward from zero, not [{self.start}, {self.stop})")

    @property
    def frames(self) -> int:
        """How many frames lie in the range."""
        return self.stop - self.start

    def shifted(self, frames: int) -> "FrameRange":
        """The same length, ``frames`` later."""
        return FrameRange(self.start + frames, self.stop + frames)


# ----------------------------------------------------------------------------------------------- asking for footage


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShot:
    """One shot of a task, with the camera and the cut described in its prompt."""

    shot_id: str
    """Name in the edit, unique in the project: ``caravan_1``."""
    prompt: str
    duration_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTask:
    """One order to a backend, as read from a request; ``wire`` is the body exactly as it will be sent."""

    task_uuid: str
    """UUIDv4-shaped; the key of everything later."""
    model: str
    """The provider's name of the model, ``klingai:kling-video@3-4k``."""
    shots: tuple[PlannedShot, ...]
    """At least one; more than one where the request has a ``multiPrompt`` list. Their durations sum to the task's."""
    negative_prompt: str | None
    size: Size | None
    """None where the request leaves it to the first frame image."""
    duration_seconds: int
    sound: bool
    first_image: str | None = None
    """A local path, an http(s) URL, a data URI or a provider's UUID."""
    last_image: str | None = None
    seed: int = 0
    """For backends that take one; the paid model refuses it."""
    take_number: int = 1
    wire: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePlan:
    """What a take must be: the request, read as a specification for the checks. None means: not asked for."""

    size: Size | None = None
    rate: Fraction | None = None
    duration_seconds: Fraction | None = None
    sound: bool | None = None
    cut_seconds: tuple[Fraction, ...] | None = None
    """Planned cuts inside the take; an empty tuple means that it must be one unbroken shot."""
    may_cut: bool = False
    """Whether the request lets the model choose its own shots: then a cut that nobody planned is for a person to judge."""
    negative_prompt: str | None = None
    first_image: Path | None = None
    last_image: Path | None = None
    ends_at_rest: bool = False
    """Whether the movement was asked to come to rest: then a slow end is no fault."""
    stirs: bool = False
    """Whether the prompt names things whose detail re-forms by nature, such as water or fire: then that it changes is only noted."""
    drawn: bool = False
    """Whether the take is the previz backend's drawing: its label is no fault, and laws of natural pictures do not hold for it."""


# ----------------------------------------------------------------------------------------------- what came back


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """What a file's first sound stream is."""

    codec: str
    sample_rate: int
    channels: int
    layout: str
    start_seconds: Fraction
    duration_seconds: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What a file is, from its container and packets; nothing here needs the picture to be decoded."""

    path: Path
    sha256: str
    bytes: int
    container: str
    codec: str
    profile: str
    pixel_format: str
    bit_depth: int
    size: Size
    """As displayed: after rotation, before the sample aspect ratio."""
    sample_aspect: Fraction
    rotation_degrees: int
    rate: Fraction
    """The rate that the packets' timestamps show; the container's word where they are too few to tell."""
    constant_rate: bool
    """Whether every frame lasts one frame of ``rate``."""
    frames: int
    """Picture packets counted."""
    start_seconds: Fraction
    color_primaries: str
    color_transfer: str
    color_matrix: str
    color_range: Literal["limited", "full", "unspecified"]
    interlaced: bool
    start_timecode: str | None
    audio: AudioFacts | None

    @property
    def duration_seconds(self) -> Fraction:
        """Length of the picture."""
        return Fraction(self.frames) / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A file that a backend delivered, and what is known about how it came to be."""

    task: VideoTask
    backend: str
    path: Path
    facts: MediaFacts
    cost_usd: Decimal
    notes: tuple[str, ...] = ()
    """What the backend could not honour, one sentence each."""


# ----------------------------------------------------------------------------------------------- what was found


class Severity(StrEnum):
    """How much a finding matters, from least to most."""

    INFO = "info"
    REVIEW = "review"
    FAIL = "fail"


class Verdict(StrEnum):
    """What a subject comes to: the worst of its findings; undetermined where nothing failed but something could not be judged."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    UNDETERMINED = "undetermined"
    REVIEW = "review"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle of the picture, as fractions of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check found, in place, in numbers and in one sentence."""

    check: str
    severity: Severity
    frames: FrameRange | None
    """Where in the subject; None where it holds for the whole of it."""
    measured: float | None
    limit: float | None
    unit: str
    message: str
    """One sentence: what is wrong, with the numbers a person needs."""
    code: str = ""
    """The trade's name where there is one: Netflix, MovieLabs, EBU QC."""
    source: str = ""
    """Where the limit comes from."""
    remedy: str = ""
    area: Area | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undetermined:
    """A question that a check could not answer, and why. Never a pass."""

    check: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that the checks say about one take, clip or programme."""

    findings: tuple[Finding, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst severity found."""
        severities = {finding.severity for finding in self.findings}
        if Severity.FAIL in severities:
            return Verdict.FAIL
        if Severity.REVIEW in severities:
            return Verdict.REVIEW
        return Verdict.UNDETERMINED if self.undetermined else Verdict.PASS


class JoinKind(StrEnum):
    """What a join is meant to be."""

    CUT = "cut"
    CONTINUE = "continue"
    """The next clip goes on where this one ended: chained last frame to first frame."""
    DISSOLVE = "dissolve"


class Fit(StrEnum):
    """How a picture of another shape fills the frame."""

    FIT = "fit"
    """Scaled until the whole of it is inside; black beside or above it."""
    FILL = "fill"
    """Scaled until the frame is covered; what lies outside on both sides alike is cut off."""
    CROP = "crop"
    """Not scaled: pixel for pixel around the middle; cut off where it is larger, black where it is smaller."""


class Cadence(StrEnum):
    """Which frames of a take of another rate, or of another speed, are shown."""

    AUTO = "auto"
    """Frame for frame where the rates differ by 0.2 % or less, else nearest."""
    RETIME = "retime"
    """Frame for frame at the timeline's rate: 24 in 25 runs 4 % faster."""
    NEAREST = "nearest"
    """The take keeps its pace: frames are repeated or left out."""
    FLOW = "flow"
    """The take keeps its pace: frames between its own are made by optical flow. Only ever on request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retime:
    """How a take's time becomes the timeline's, where somebody has chosen it."""

    speed: Fraction = Fraction(1)
    """Besides the conforming of its rate: 2 is twice as fast, 1/2 half."""
    cadence: Cadence = Cadence.AUTO
    keeps_pitch: bool | None = None
    """Whether the sound keeps its pitch; None means: wherever the speed changes by more than 0.2 %."""

    def __post_init__(self) -> None:
        if not Fraction(1, 10) <= self.speed <= 10:
            raise ValueError(f"a clip runs at a tenth to ten times its speed, not at {self.speed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueLine:
    """What is said in a take, and when."""

    frames: FrameRange
    """Of the take, counted at the timeline's rate."""
    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamProperty:
    """One property compared across a join."""

    name: str
    """``luma``, ``colour``, ``duplicate frame``, ``loudness`` …"""
    measured: float
    limit: float
    unit: str
    severity: Severity | None
    """None where it is within its limit."""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideLooks:
    """How the frames on one side of a join look: medians over up to sixteen of them."""

    ictcp: tuple[float, float, float]
    """Mean ICtCp of the picture (ITU-R BT.2100)."""
    contrast_percent: float
    """95th less 5th percentile of luma, of the range from black to white."""
    black_percent: float
    """5th percentile of luma, of the range."""
    sharpness: float
    """Fine over middle-sized detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamReport:
    """The join between two clips: what it was meant to be, what it looks like, and how each property compares."""

    outgoing: str
    """Clip id before the join."""
    incoming: str
    """Clip id after the join."""
    record_frame: int
    """First frame of the incoming clip on the timeline."""
    planned: JoinKind | None
    """None where nobody has said: then it is judged as what it is seen to be."""
    properties: tuple[SeamProperty, ...]
    judgement: Judgement
    """Its findings count frames on the timeline."""
    seen: JoinKind | None = None
    """What the picture shows; None where it cannot be told."""
    looks_before: SideLooks | None = None
    """Of the outgoing clip's end; None where it was not measured."""
    looks_after: SideLooks | None = None
    """Of the incoming clip's head."""

    @property
    def meant(self) -> JoinKind:
        """What it is taken for: the plan; where there is none, what is seen, and a cut where that cannot be told."""
        return self.planned or self.seen or JoinKind.CUT

    @property
    def goes_on(self) -> bool:
        """Whether one shot goes on over it, as meant and as seen: only there may anything be matched across it."""
        return self.meant is JoinKind.CONTINUE and self.seen is JoinKind.CONTINUE


# ----------------------------------------------------------------------------------------------- how loud it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """ITU-R BS.1770-5 and EBU R128 figures of a programme or a clip. Minus infinity means silence."""

    integrated_lufs: float
    loudness_range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    sample_rate: int
    channels: int
    duration_seconds: float
    momentary_lufs: tuple[float, ...] = ()
    """Every 0.1 s."""
    short_term_lufs: tuple[float, ...] = ()
    """Every 0.1 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessTarget:
    """Where a programme's loudness must land."""

    name: str
    integrated_lufs: float
    tolerance_lu: float
    true_peak_dbtp: float
    note: str = ""
