"""The session and the verdicts as JSON, as the page reads them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from kling_post.review.ranking import RankedShot
from kling_post.review.session import ReviewClip, ReviewSeam, ReviewSession, ReviewShot, ReviewTake
from kling_post.review.verdicts import Verdicts
from kling_post.vocabulary import Finding

Json = dict[str, Any]


def session_json(session: ReviewSession, ranking: Mapping[str, RankedShot], *, reviewer: str) -> Json:
    """Everything that stays the same while the page is open."""
    return {
        "project": session.project,
        "backend": session.backend,
        "reviewer": reviewer,
        "rate": _rate(session.rate),
        "size": [session.size.width, session.size.height],
        "start_timecode": session.start_timecode,
        "frames": session.frames,
        "master": session.master is not None,
        "cost_usd": f"{session.cost_usd:.2f}",
        "budget_usd": None if session.budget_usd is None else f"{session.budget_usd:.2f}",
        "shots": [_shot(shot, session, ranking.get(shot.shot_id)) for shot in session.shots],
        "clips": [_clip(clip) for clip in session.clips],
        "seams": [_seam(seam) for seam in session.seams],
    }


def verdicts_json(verdicts: Verdicts) -> Json:
    """What holds now."""
    return {
        "verdicts": dict(verdicts.of_take),
        "chosen": dict(verdicts.chosen),
        "trims": {take: list(trim) for take, trim in verdicts.trims.items()},
        "retakes": dict(verdicts.retakes),
        "notes": [note.model_dump(mode="json") for note in verdicts.notes],
        "waivers": [waiver.model_dump(mode="json") for waiver in verdicts.waivers],
        "events": verdicts.events,
        "torn_lines": verdicts.torn_lines,
    }


def _shot(shot: ReviewShot, session: ReviewSession, ranked: RankedShot | None) -> Json:
    return {
        "id": shot.shot_id,
        "used": session.used.get(shot.shot_id),
        "takes": [_take(take) for take in shot.takes],
        **ranking_json(ranked),
    }


def ranking_json(ranked: RankedShot | None) -> Json:
    """The takes of a shot in order, and whether another one is wanted."""
    if ranked is None:
        return {"ranking": [], "next": ""}
    return {
        "ranking": [
            {
                "take": one.take_id,
                "reasons": list(one.reasons),
                "usable": [one.usable.start, one.usable.stop],
                "usd_per_second": one.price_text,
            }
            for one in ranked.takes
        ],
        "next": ranked.next_words,
    }


def _take(take: ReviewTake) -> Json:
    return {
        "id": take.take_id,
        "shot": take.shot_id,
        "number": take.number,
        "file": take.path.name,
        "rate": _rate(take.rate),
        "frames": take.frames,
        "size": [take.size.width, take.size.height],
        "sound": take.has_sound,
        "cost_usd": f"{take.cost_usd:.2f}",
        "verdict": str(take.judgement.verdict),
        "findings": _findings(take.judgement.findings),
        "undetermined": [{"check": one.check, "reason": one.reason} for one in take.judgement.undetermined],
        "planned": [list(one) for one in take.planned],
        "prompts": list(take.prompts),
        "model": take.model,
        "facts": take.facts_line,
        "notes": list(take.notes),
        "repaired": take.repaired is not None,
    }


def _findings(findings: Sequence[Finding]) -> list[Json]:
    order = ("fail", "review", "info")
    sorted_findings = sorted(findings, key=lambda one: (order.index(one.severity), one.frames.start if one.frames else -1))
    return [_finding(one) for one in sorted_findings]


def _finding(finding: Finding) -> Json:
    area = finding.area
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        "frames": None if finding.frames is None else [finding.frames.start, finding.frames.stop],
        "message": finding.message,
        "remedy": finding.remedy,
        "code": finding.code,
        "area": None if area is None else [area.left, area.top, area.right, area.bottom],
    }


def _clip(clip: ReviewClip) -> Json:
    return {
        "id": clip.clip_id,
        "take": clip.take_id,
        "source": [clip.source.start, clip.source.stop],
        "record": [clip.record.start, clip.record.stop],
        "dissolve": clip.dissolve_frames,
        "join": clip.join,
    }


def _seam(seam: ReviewSeam) -> Json:
    return {
        "subject": seam.subject,
        "outgoing": seam.outgoing,
        "incoming": seam.incoming,
        "record_frame": seam.record_frame,
        "planned": seam.planned,
        "seen": seam.seen,
        "verdict": str(seam.judgement.verdict),
        "findings": _findings(seam.judgement.findings),
        "undetermined": [{"check": one.check, "reason": one.reason} for one in seam.judgement.undetermined],
        "rows": [dict(row) for row in seam.rows],
        "repaired": list(seam.repaired),
    }


def _rate(rate: Fraction) -> list[int]:
    return [rate.numerator, rate.denominator]
