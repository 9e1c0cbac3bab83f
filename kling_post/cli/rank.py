"""``kling-post rank``: the takes of every shot in order, with reasons, and which shot to make once more next."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.review.ranking import RankedShot
    from kling_post.review.session import ReviewSession


def command(
    project: Annotated[Path, typer.Argument(help="project.yaml, or a bare request, that was run before.", show_default=False)],
    *,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.  [default: out/<project>]")] = None,
    rehearse: Annotated[
        str | None, typer.Option(metavar="WxH", envvar="KLING_POST_PREVIZ_SIZE", help="The run was a rehearsal of that size.")
    ] = None,
    seams: Annotated[bool, typer.Option("--seams/--no-seams", help="Try how each take joins its neighbours; kept for later.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Rank the takes of a run: by what reviewers said, what was found, how they join, what is usable, what they cost. Orders nothing."""
    from kling_post.cli.run_folder import run_folder
    from kling_post.cli.tables import print_table
    from kling_post.cli.terminal import bars
    from kling_post.pipeline.seam_fits import kept_fits, measured_fits
    from kling_post.review.ranking import next_dollar
    from kling_post.review.ranks import ranked_shots
    from kling_post.review.room import log_path
    from kling_post.review.session import load_session
    from kling_post.review.verdicts import VerdictLog

    session = load_session(run_folder(project, out=out, rehearse=rehearse))
    with bars(quiet=quiet or as_json) as progress:
        fits = measured_fits(session, progress=progress) if seams else kept_fits(session)
    ranked = ranked_shots(session, VerdictLog(log_path(session.folder)).read(), seam_fits=fits)
    following = next_dollar(list(ranked.values()))
    if as_json:
        typer.echo(json.dumps(_as_json(session, ranked, [shot.shot_id for shot in following]), indent=2))
        return
    print_table(
        f"{session.project}: takes, best first",
        ("shot", "place", "take", "why there", "usable s", "USD per usable s"),
        [
            (
                shot.shot_id,
                str(place),
                f"{one.number}{' (in the edit)' if session.used.get(shot.shot_id) == one.take_id else ''}",
                "; ".join(one.reasons),
                f"{float(one.usable_seconds):.2f}",
                one.price_text,
            )
            for shot in ranked.values()
            for place, one in enumerate(shot.takes, start=1)
        ],
    )
    if following:
        print_table(
            "best retake next", ("shot", "why", "USD"), [(shot.shot_id, shot.need_words, f"{shot.retake_usd:.2f}") for shot in following]
        )
    else:
        typer.echo("no shot needs another take")


def _as_json(session: "ReviewSession", ranked: "dict[str, RankedShot]", following: list[str]) -> dict[str, object]:
    return {
        "project": session.project,
        "shots": [
            {
                "shot": shot.shot_id,
                "need": shot.need,
                "why": shot.need_words,
                "retake_usd": f"{shot.retake_usd:.2f}",
                "takes": [
                    {
                        "take": one.number,
                        "id": one.take_id,
                        "in_the_edit": session.used.get(shot.shot_id) == one.take_id,
                        "reasons": list(one.reasons),
                        "usable_frames": [one.usable.start, one.usable.stop],
                        "usable_seconds": round(float(one.usable_seconds), 4),
                        "usd_per_usable_second": None if one.usd_per_usable_second is None else f"{one.usd_per_usable_second:.4f}",
                    }
                    for one in shot.takes
                ],
            }
            for shot in ranked.values()
        ],
        "best_retakes_next": following,
    }
