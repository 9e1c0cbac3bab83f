"""How every take of a shot would join its neighbours in the edit, also the takes that are not in it."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.errors import KlingPostError
from kling_post.media.probe import probe
from kling_post.progress import SILENT, Progress
from kling_post.review.ranking import SeamFit
from kling_post.review.ranks import fit_of
from kling_post.review.session import ReviewSession, ReviewTake
from kling_post.seams.inspect import inspect_seams
from kling_post.vocabulary import JoinKind
from kling_post.whole_files import write_whole

_SCHEMA = "kling-post seam fits 1"


def fits_path(folder: Path) -> Path:
    """Where the fits of a run are kept."""
    return folder / "review" / "cache" / "seam_fits.json"


def measured_fits(session: ReviewSession, *, progress: Progress = SILENT) -> dict[str, SeamFit]:
    """The fit of every take of shots that have several, by take; measured once for each pair of takes that would meet.

    A take is joined to the takes that its neighbours have in the edit now, by the kind of join that stands there. Where a pair cannot
    be inspected, the take has no fit.
    """
    kept = _kept(session.folder)
    pairs = list(_pairs(session))
    progress.start("joins of other takes", len(pairs), "joins")
    found: dict[str, list[SeamFit]] = {}
    failed: set[str] = set()
    for done, (subject, before, after, join, dissolve) in enumerate(pairs, start=1):
        key = f"{before.take_id} {after.take_id} {join} {dissolve}"
        if key not in kept:
            try:
                kept[key] = _inspected(session, before, after, join, dissolve)
            except KlingPostError:
                failed.add(subject)
                continue
        found.setdefault(subject, []).append(kept[key])
        progress.advance(done)
    write_whole(
        fits_path(session.folder), json.dumps({"schema": _SCHEMA, "fits": {key: _values(fit) for key, fit in kept.items()}}, indent=1)
    )
    progress.finish()
    return {take: _summed(fits) for take, fits in found.items() if take not in failed}


def kept_fits(session: ReviewSession) -> dict[str, SeamFit]:
    """The fits that were measured before for the edit as it is now; only of takes all of whose joins are known."""
    kept = _kept(session.folder)
    found: dict[str, list[SeamFit | None]] = {}
    for subject, before, after, join, dissolve in _pairs(session):
        found.setdefault(subject, []).append(kept.get(f"{before.take_id} {after.take_id} {join} {dissolve}"))
    return {take: _summed([fit for fit in fits if fit is not None]) for take, fits in found.items() if None not in fits}


def _pairs(session: ReviewSession) -> Iterator[tuple[str, ReviewTake, ReviewTake, JoinKind, int]]:
    """Whose fit it is, the take before, the take after, how they join, and over how many frames."""
    in_edit = [clip for clip in session.clips if clip.take_id in session.takes]
    for one, two in pairwise(in_edit):
        if one.take_id == two.take_id:
            continue
        before, after = session.takes[one.take_id], session.takes[two.take_id]
        join = JoinKind(two.join)
        for shot_id, side in ((before.shot_id, "before"), (after.shot_id, "after")):
            shot = session.shot(shot_id)
            if shot is None or len(shot.takes) < 2:
                continue
            for take in shot.takes:
                pair = (take, after) if side == "before" else (before, take)
                yield take.take_id, *pair, join, two.dissolve_frames


def _inspected(session: ReviewSession, before: ReviewTake, after: ReviewTake, join: JoinKind, dissolve: int) -> SeamFit:
    entries = [
        EditEntry(path=before.path, facts=probe(before.path), shot_ids=("before",)),
        EditEntry(path=after.path, facts=probe(after.path), shot_ids=("after",), join=join, dissolve_frames=dissolve),
    ]
    reports = inspect_seams(assemble("pair", entries, rate=session.rate, size=session.size))
    return fit_of([(finding.severity, finding.message) for report in reports for finding in report.judgement.findings])


def _summed(fits: list[SeamFit]) -> SeamFit:
    worst = next((fit.worst for fit in sorted(fits, key=lambda fit: fit.order, reverse=True) if fit.worst), "")
    return SeamFit(fails=sum(fit.fails for fit in fits), reviews=sum(fit.reviews for fit in fits), worst=worst)


def _values(fit: SeamFit) -> dict[str, object]:
    return {"fails": fit.fails, "reviews": fit.reviews, "worst": fit.worst}


def _kept(folder: Path) -> dict[str, SeamFit]:
    """What was measured before; a damaged file is measured anew."""
    try:
        data = json.loads(fits_path(folder).read_text(encoding="utf-8"))
        if data.get("schema") != _SCHEMA:
            return {}
        return {
            key: SeamFit(fails=int(fit["fails"]), reviews=int(fit["reviews"]), worst=str(fit["worst"])) for key, fit in data["fits"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
