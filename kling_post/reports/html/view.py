"""From the report's material to what stands on the page: texts, places and pictures, no HTML.

Frames of a take are named by the clip that shows them: ``caravan_2@f100`` is frame 100 of the take, seen in the clip ``caravan_2``.
The same text after ``#`` opens the page there.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kling_post.edit.conform import conform
from kling_post.edit.timeline import Clip
from kling_post.reports.html.curves import Curve, curves_of, loudness_curve
from kling_post.reports.html.stills import STILL_WIDTH, STRIP_WIDTH, StillShelf
from kling_post.reports.material import ReportMaterial, TakeMaterial
from kling_post.timebase import seconds_to_frames, timecode
from kling_post.vocabulary import Finding, FrameRange, Judgement, Severity

SEVERITIES = (Severity.FAIL, Severity.REVIEW, Severity.INFO)
_MOST_FINDING_STILLS = 12
_FEWER_FINDING_STILLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding as a row of a table."""

    subject: str
    place: str
    """Timecode and frames; "whole clip" where it holds for all of it."""
    anchor: str
    severity: str
    check: str
    measured: str
    limit: str
    unit: str
    message: str
    code: str
    remedy: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StripClip:
    """One clip on the strip of the edit."""

    anchor: str
    clip_id: str
    join: str
    frames: int
    share: float
    """Of the programme's length."""
    record_in: str
    length: str
    pictures: tuple[str, ...]
    severities: tuple[tuple[str, int], ...]
    """Severity and how many findings of it lie in the clip."""
    verdict: str


def slug(text: str) -> str:
    """A name as part of an HTML id."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text) or "unnamed"


def short_name(name: str) -> str:
    """A long name without its middle: the end is what tells shots apart."""
    return name if len(name) <= 22 else f"{name[:8]}\N{HORIZONTAL ELLIPSIS}{name[-12:]}"


def length_text(frames: int, rate: Fraction) -> str:
    """``9.00 s`` or ``2 min 05.3 s``."""
    seconds = float(frames / rate)
    return f"{seconds:.2f} s" if seconds < 60 else f"{int(seconds // 60)} min {seconds % 60:04.1f} s"


def figure_text(value: float | None) -> str:
    """A number as a person wants it: three digits that count, no trailing zeros, whole numbers in full."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "none" if value > 0 else "-\N{INFINITY}"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:.0f}"
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.3g}"


def finding_row(finding: Finding, *, subject: str, anchor: str, rate: Fraction, first: int = 0) -> FindingRow:
    """A finding as a row; ``first`` is the frame count of the first timecode."""
    frames = finding.frames
    place = "whole clip"
    if frames is not None:
        span = f"f{frames.start}" if frames.frames <= 1 else f"f{frames.start} to f{frames.stop - 1}"
        place = f"{timecode(first + frames.start, rate)} · {span}"
    return FindingRow(
        subject=subject,
        place=place,
        anchor=anchor,
        severity=str(finding.severity),
        check=finding.check,
        measured=figure_text(finding.measured),
        limit=figure_text(finding.limit),
        unit=finding.unit,
        message=finding.message,
        code=finding.code,
        remedy=finding.remedy,
    )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Fails, then reviews, then infos; each in order of time."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.frames.start if one.frames else -1))


def take_views(material: ReportMaterial, shelf: StillShelf) -> tuple[TakeView, ...]:
    """Every take of the material."""
    return tuple(_take_view(item, place, material, shelf) for place, item in enumerate(material.takes, start=1))


def clips_of(item: TakeMaterial, clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """The clips of the edit that show a take."""
    return tuple(clip for clip in clips if clip.path == item.take.path)


def file_frame(clip: Clip, frame: int, rate: Fraction) -> int:
    """The frame of the file behind a source frame that is counted in the timeline's rate."""
    return conform(clip.facts, rate=rate, size=clip.facts.size, retime=clip.retime).take_frame(frame, clip.facts)


def frame_anchor(item: TakeMaterial, clips: Sequence[Clip], frame: int, rate: Fraction, fallback: str) -> str:
    """``clip@f48`` for a frame of a take's file."""
    for clip in clips_of(item, clips):
        if file_frame(clip, clip.source.start, rate) <= frame <= file_frame(clip, clip.source.stop - 1, rate):
            return f"{slug(clip.clip_id)}@f{frame}"
    return f"{fallback}@f{frame}"


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


def strip(material: ReportMaterial, shelf: StillShelf) -> tuple[StripClip, ...]:
    """The edit as clips with a few frames each, wider where they last longer."""
    timeline = material.timeline
    by_path = {item.take.path: item for item in material.takes}
    shown = []
    for clip in timeline.clips:
        item = by_path.get(clip.path)
        inside = [] if item is None else [one for one in item.judgement.findings if _lies_in(one, clip, timeline.rate)]
        pictures = (
            1 if shelf.crowded else max(1, min(4, round(4 * clip.record.frames * len(timeline.clips) / max(timeline.frames, 1) / 1.3)))
        )
        shown.append(
            StripClip(
                anchor=slug(clip.clip_id),
                clip_id=clip.clip_id,
                join=str(clip.join),
                frames=clip.record.frames,
                share=round(clip.record.frames / max(timeline.frames, 1), 5),
                record_in=timecode(timeline.start_frame + clip.record.start, timeline.rate),
                length=length_text(clip.record.frames, timeline.rate),
                pictures=tuple(
                    shelf.data_uri(
                        clip.path,
                        file_frame(clip, clip.source.start + clip.source.frames * (2 * place + 1) // (2 * pictures), timeline.rate),
                        width=STRIP_WIDTH,
                    )
                    for place in range(pictures)
                ),
                severities=tuple(
                    (str(severity), count) for severity in SEVERITIES if (count := sum(one.severity is severity for one in inside))
                ),
                verdict=str(Judgement(findings=tuple(inside)).verdict),
            )
        )
    return tuple(shown)


def _lies_in(finding: Finding, clip: Clip, rate: Fraction) -> bool:
    if finding.frames is None:
        return True
    first, last = (file_frame(clip, frame, rate) for frame in (clip.source.start, clip.source.stop - 1))
    return finding.frames.start <= last and finding.frames.stop > first
