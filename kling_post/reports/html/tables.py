"""What stands in the page's tables besides findings: how takes are conformed, how takes of a shot compare."""

from collections.abc import Sequence
from dataclasses import dataclass

from kling_post.edit.conform import conform_clip
from kling_post.reports.html.wording import slug
from kling_post.reports.material import ReportMaterial, TakeMaterial
from kling_post.review.ranking import Candidate, RankedShot, next_dollar, rank


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformRow:
    """One clip beside the programme."""

    clip_id: str
    anchor: str
    size: str
    rate: str
    coding: str
    color: str
    sound: str
    frames: int
    done: tuple[str, ...]
    """One sentence each; empty where its frames are the programme's, untouched."""


def conform_rows(material: ReportMaterial) -> tuple[ConformRow, ...]:
    """Every clip of the edit: what its take is, and what is done so that it fits."""
    rows = []
    for clip in material.timeline.clips:
        facts, audio = clip.facts, clip.facts.audio
        rows.append(
            ConformRow(
                clip_id=clip.clip_id,
                anchor=slug(clip.clip_id),
                size=str(facts.size),
                rate=f"{float(facts.rate):.6g}" + ("" if facts.constant_rate else ", variable"),
                coding=f"{facts.codec} {facts.pixel_format}, {facts.bit_depth} bit",
                color=f"{facts.color_primaries}/{facts.color_transfer}/{facts.color_matrix}, {facts.color_range}",
                sound="none" if audio is None else f"{audio.sample_rate} Hz {audio.layout}",
                frames=clip.source.frames,
                done=conform_clip(clip, material.timeline).notes,
            )
        )
    return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRow:
    """One take in its place among the takes of its shot."""

    shot_id: str
    place: int
    number: int
    anchor: str
    used: bool
    reasons: tuple[str, ...]
    usable_seconds: float
    price: str
    """USD for a usable second."""


def rankings(material: ReportMaterial) -> tuple[tuple[RankRow, ...], tuple[RankedShot, ...]]:
    """The takes of every shot that has more than one, in order; and the shots that another take would help, the neediest first."""
    shots: dict[str, list[tuple[int, TakeMaterial]]] = {}
    for place, item in enumerate(material.takes, start=1):
        shots.setdefault(_shot_id(item), []).append((place, item))
    ranked = [rank(shot_id, [_candidate(place, item) for place, item in items]) for shot_id, items in shots.items()]
    used = {clip.path for clip in material.timeline.clips}
    paths = {str(place): item.take.path for place, item in enumerate(material.takes, start=1)}
    rows = tuple(
        RankRow(
            shot_id=shot.shot_id,
            place=place,
            number=one.number,
            anchor=f"take-{one.take_id}",
            used=paths[one.take_id] in used,
            reasons=one.reasons,
            usable_seconds=float(one.usable_seconds),
            price=one.price_text,
        )
        for shot in ranked
        if len(shot.takes) > 1
        for place, one in enumerate(shot.takes, start=1)
    )
    return rows, next_dollar(ranked)


def _shot_id(item: TakeMaterial) -> str:
    planned: Sequence[str] = [shot.shot_id for shot in item.take.task.shots]
    return planned[0].removesuffix("_1") if len(planned) > 1 else planned[0]


def _candidate(place: int, item: TakeMaterial) -> Candidate:
    facts = item.take.facts
    return Candidate(
        take_id=str(place),
        number=item.take.task.take_number,
        frames=facts.frames,
        rate=facts.rate,
        cost_usd=item.take.cost_usd,
        judgement=item.judgement,
        word=item.word,
    )
