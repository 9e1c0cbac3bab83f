"""From the report's material to what stands on the page of each take: texts, places and pictures, no HTML."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kling_post.edit.timeline import Clip
from kling_post.reports.html.curves import Curve, curves_of, loudness_curve
from kling_post.reports.html.finding_rows import FindingRow, finding_row, worst_first
from kling_post.reports.html.places import clips_of, file_frame, frame_anchor
from kling_post.reports.html.stills import STILL_WIDTH, StillShelf
from kling_post.reports.html.wording import length_text, short_name, slug
from kling_post.reports.material import ReportMaterial, TakeMaterial
from kling_post.timebase import seconds_to_frames, timecode
from kling_post.vocabulary import Finding, FrameRange

_MOST_FINDING_STILLS = 12
_FEWER_FINDING_STILLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One frame of a take."""

    anchor: str
    frame: int
    timecode: str
    labels: tuple[str, ...]
    severity: str
    """Of the worst finding at this frame; empty where there is none."""
    picture: str
    area: str
    """CSS of the finding's rectangle; empty where it has none."""
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A finding on the time axis of the curves."""

    left: float
    """Percent of the axis."""
    width: float
    severity: str
    anchor: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    """A planned cut on the time axis."""

    left: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeView:
    """One take with its stills, curves and findings."""

    anchor: str
    title: str
    item: TakeMaterial
    clips: tuple[tuple[str, str], ...]
    """Anchor and id of each clip that uses the take."""
    stills: tuple[Still, ...]
    curves: tuple[Curve, ...]
    pins: tuple[Pin, ...]
    cuts: tuple[CutLine, ...]
    findings: tuple[FindingRow, ...]
    frames: int
    rate: str
    drop_free_base: int
    """Timecode frames per second, for the cursor's reading."""
    length: str
    ticks: tuple[CutLine, ...]


def take_views(material: ReportMaterial, shelf: StillShelf) -> tuple[TakeView, ...]:
    """Every take of the material."""
    return tuple(_take_view(item, place, material, shelf) for place, item in enumerate(material.takes, start=1))


def _take_view(item: TakeMaterial, place: int, material: ReportMaterial, shelf: StillShelf) -> TakeView:
    facts, timeline = item.take.facts, material.timeline
    anchor = f"take-{place}"
    clips = clips_of(item, timeline.clips)

    def at(frame: int) -> str:
        return frame_anchor(item, clips, frame, timeline.rate, anchor)

    findings = worst_first(item.judgement.findings)
    cut_frames = [seconds_to_frames(second, facts.rate) for second in item.plan.cut_seconds or ()]
    curves = list(curves_of(item.signals, cut_frames=cut_frames, coarse=shelf.crowded))
    if item.loudness is not None:
        loudness = loudness_curve(item.loudness, seconds=facts.duration_seconds)
        curves.extend([loudness] if loudness else [])
    return TakeView(
        anchor=anchor,
        title=", ".join(shot.shot_id for shot in item.take.task.shots),
        item=item,
        clips=tuple((slug(clip.clip_id), clip.clip_id) for clip in clips),
        stills=tuple(_stills(item, clips, findings, shelf, anchor=anchor, rate=timeline.rate)),
        curves=tuple(curves),
        pins=tuple(_pin(finding, finding.frames, facts.frames, at) for finding in findings if finding.frames is not None),
        cuts=tuple(_cut_lines(item)),
        findings=tuple(
            finding_row(
                finding,
                subject=item.take.path.name,
                anchor=at(finding.frames.start) if finding.frames else anchor,
                rate=facts.rate,
            )
            for finding in findings
        ),
        frames=facts.frames,
        rate=f"{float(facts.rate):g}",
        drop_free_base=round(facts.rate),
        length=length_text(facts.frames, facts.rate),
        ticks=ticks(facts.frames, facts.rate),
    )


def ticks(frames: int, rate: Fraction, *, first: int = 0) -> tuple[CutLine, ...]:
    """Where the time axis is marked: whole seconds in steps of which at most eight fit; ``first`` counts the first timecode's frames."""
    seconds = float(frames / rate)
    step = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800) if seconds / step <= 8), 3600)
    marks = []
    for second in range(0, int(seconds) + 1, step):
        frame = seconds_to_frames(second, rate)
        if frame < frames * 0.96:
            marks.append(CutLine(left=round(100 * frame / frames, 3), label=timecode(first + frame, rate)))
    return tuple(marks)


def _pin(finding: Finding, frames: FrameRange, total: int, at: Callable[[int], str]) -> Pin:
    return Pin(
        left=round(100 * frames.start / max(total, 1), 3),
        width=round(100 * max(frames.frames, 1) / max(total, 1), 3),
        severity=str(finding.severity),
        anchor=at(frames.start),
        label=f"{finding.severity}: {finding.message}",
    )


def _cut_lines(item: TakeMaterial) -> Iterable[CutLine]:
    facts = item.take.facts
    for number, second in enumerate(item.plan.cut_seconds or (), start=1):
        frame = seconds_to_frames(second, facts.rate)
        yield CutLine(left=round(100 * frame / max(facts.frames, 1), 3), label=f"planned cut {number} at {timecode(frame, facts.rate)}")


def _stills(
    item: TakeMaterial, clips: Sequence[Clip], findings: Sequence[Finding], shelf: StillShelf, *, anchor: str, rate: Fraction
) -> Iterable[Still]:
    """First, middle and last frame of every clip (of the take, where no clip uses it), and the first frame of each finding."""
    labels: dict[int, list[str]] = {}
    for clip in clips:
        ends = (clip.source.start, (clip.source.start + clip.source.stop) // 2, clip.source.stop - 1)
        for frame, name in zip(ends, ("first", "middle", "last"), strict=True):
            if name != "middle" or not shelf.crowded:
                labels.setdefault(file_frame(clip, frame, rate), []).append(f"{short_name(clip.clip_id)} {name}")
    facts = item.take.facts
    if not clips:
        for frame, name in ((0, "first"), (facts.frames // 2, "middle"), (facts.frames - 1, "last")):
            labels.setdefault(max(frame, 0), []).append(name)
    shown = [finding for finding in findings if finding.frames is not None and finding.frames.start < facts.frames]
    worst: dict[int, Finding] = {}
    for finding in shown[: _FEWER_FINDING_STILLS if shelf.crowded else _MOST_FINDING_STILLS]:
        assert finding.frames is not None
        labels.setdefault(finding.frames.start, []).append(finding.check)
        worst.setdefault(finding.frames.start, finding)
    for frame in sorted(labels):
        yield Still(
            anchor=frame_anchor(item, clips, frame, rate, anchor),
            frame=frame,
            timecode=timecode(frame, facts.rate),
            labels=tuple(dict.fromkeys(labels[frame])),
            severity=str(worst[frame].severity) if frame in worst else "",
            picture=shelf.data_uri(item.take.path, frame, width=STILL_WIDTH),
            area=_area_style(worst.get(frame)),
            alt=f"Frame {frame} of {item.take.path.name}: {', '.join(labels[frame])}",
        )


def _area_style(finding: Finding | None) -> str:
    if finding is None or finding.area is None:
        return ""
    area = finding.area
    sides = (("left", area.left), ("top", area.top), ("width", area.right - area.left), ("height", area.bottom - area.top))
    return ";".join(f"{name}:{100 * value:.2f}%" for name, value in sides)
