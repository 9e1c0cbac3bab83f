"""The ranking of every shot of a session, with what reviewers said of the takes."""

from collections.abc import Mapping
from decimal import Decimal

from kling_post.review.ranking import Candidate, RankedShot, SeamFit, rank
from kling_post.review.session import ReviewSession, ReviewTake
from kling_post.review.verdicts import Verdicts
from kling_post.vocabulary import FrameRange, Severity

_NONE: Mapping[str, SeamFit] = {}
_NO_PRICES: Mapping[str, Decimal] = {}


def ranked_shots(
    session: ReviewSession,
    verdicts: Verdicts,
    *,
    seam_fits: Mapping[str, SeamFit] = _NONE,
    retake_usd: Mapping[str, Decimal] = _NO_PRICES,
) -> dict[str, RankedShot]:
    """The takes of every shot in order, by shot.

    Args:
        session: The run.
        verdicts: What reviewers said.
        seam_fits: How takes join their neighbours, by take, where that was measured; those of the edit are known from the session.
        retake_usd: What another take of a shot costs; the price of its last take where it is not given.
    """
    fits = {**seam_fits_of_edit(session), **seam_fits}
    return {
        shot.shot_id: rank(
            shot.shot_id,
            [_candidate(take, verdicts, fits.get(take.take_id)) for take in shot.takes],
            retake_usd=retake_usd.get(shot.shot_id),
        )
        for shot in session.shots
    }


def seam_fits_of_edit(session: ReviewSession) -> dict[str, SeamFit]:
    """How each take of the edit joins its neighbours; only for shots all of whose takes can be compared, so with one take.

    A take in the edit has had its joins inspected, another take of the shot has not: to count faults against the one alone would be
    unfair, so the fit of takes in the edit counts only where a shot has no other take.
    """
    clips = {clip.clip_id: clip for clip in session.clips}
    alone = {shot.takes[0].take_id for shot in session.shots if len(shot.takes) == 1}
    fits: dict[str, SeamFit] = {}
    for take_id in dict.fromkeys(clip.take_id for clip in session.clips):
        if take_id not in alone:
            continue
        findings = [
            finding
            for seam in session.seams
            if (seam.outgoing in clips and clips[seam.outgoing].take_id == take_id)
            != (seam.incoming in clips and clips[seam.incoming].take_id == take_id)
            for finding in seam.judgement.findings
        ]
        fits[take_id] = fit_of([(finding.severity, finding.message) for finding in findings])
    return fits


def fit_of(findings: list[tuple[Severity, str]]) -> SeamFit:
    """What was found at a take's joins, counted."""
    fails = [words for severity, words in findings if severity is Severity.FAIL]
    reviews = [words for severity, words in findings if severity is Severity.REVIEW]
    return SeamFit(fails=len(fails), reviews=len(reviews), worst=next(iter(fails + reviews), ""))


def _candidate(take: ReviewTake, verdicts: Verdicts, fit: SeamFit | None) -> Candidate:
    trim = verdicts.trims.get(take.take_id)
    return Candidate(
        take_id=take.take_id,
        number=take.number,
        frames=take.frames,
        rate=take.rate,
        cost_usd=take.cost_usd,
        judgement=take.judgement,
        word=verdicts.of_take.get(take.take_id, ""),
        trim=None if trim is None else FrameRange(min(trim[0], take.frames), min(trim[1], take.frames)),
        seam_fit=fit,
    )
