"""The edit as a strip of clips, with what was found in each."""

from dataclasses import dataclass
from fractions import Fraction

from kling_post.edit.timeline import Clip
from kling_post.reports.html.finding_rows import SEVERITIES
from kling_post.reports.html.places import file_frame
from kling_post.reports.html.stills import STRIP_WIDTH, StillShelf
from kling_post.reports.html.wording import length_text, slug
from kling_post.reports.material import ReportMaterial
from kling_post.timebase import timecode
from kling_post.vocabulary import Finding, Judgement


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
