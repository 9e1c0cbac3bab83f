"""``kling-post apply-verdicts``: what reviewers decided becomes the edit."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.generation.backend import Backend
    from kling_post.pipeline.apply_verdicts import Consequences
    from kling_post.pipeline.handover import Handover
    from kling_post.review.session import ReviewSession
    from kling_post.vocabulary import Size


def command(
    project: Annotated[Path, typer.Argument(help="project.yaml, or a bare request, whose run was reviewed.", show_default=False)],
    *,
    verdicts: Annotated[Path | None, typer.Option(help="A file that the static review page saved: taken in first.")] = None,
    backend: Annotated[str | None, typer.Option(help="Engine for takes to be made.  [default: the one that made the others]")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.  [default: out/<project>]")] = None,
    rehearse: Annotated[
        str | None, typer.Option(metavar="WxH", envvar="KLING_POST_PREVIZ_SIZE", help="The run was a rehearsal of that size.")
    ] = None,
    budget_usd: Annotated[str | None, typer.Option(metavar="USD", help="The most that retakes may cost.")] = None,
    retakes: Annotated[bool, typer.Option("--retakes/--no-retakes", help="Whether takes may be ordered.")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Order without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would follow, and what it would cost; change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object: what followed.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no tables.")] = False,
) -> int:
    """Cut the edit anew by the verdicts: chosen takes in, rejected ones out, retakes at the price shown, findings waived, all exported.

    Exit 5 when a check fails in the new edit, 6 when the retakes would cost more than the budget: then nothing is sent or changed.
    """
    from kling_post.cli.engines import open_engine
    from kling_post.cli.run_folder import run_folder
    from kling_post.pipeline.apply_verdicts import consequences, take_in
    from kling_post.project import load_project
    from kling_post.review.session import load_session

    loaded = load_project(project)
    session = load_session(run_folder(project, out=out, rehearse=rehearse))
    if verdicts is not None:
        new = take_in(session, verdicts)
        typer.echo(f"{new} new event{'' if new == 1 else 's'} from {verdicts}", err=True)
    size = _rehearsal_size(session.folder)
    engine = open_engine(_engine_name(backend, session), rehearsal_size=size)
    try:
        follows = consequences(loaded, session, engine, retakes=retakes)
        if not (quiet or as_json):
            _show(follows, engine)
        if dry_run:
            if as_json:
                typer.echo(json.dumps(_as_json(follows, None), indent=2))
            return 0
        if follows.retakes and engine.paid and not (yes or typer.confirm(f"Order {len(follows.retakes)} for {follows.price_usd:.2f} USD")):
            typer.echo("no takes are ordered; the edit is cut from those in hand", err=True)
            follows = consequences(loaded, session, engine, retakes=False)
        handover = _run(follows, project, engine, budget_usd=budget_usd, size=size, quiet=quiet)
    finally:
        engine.close()
    return _end(follows, handover, as_json=as_json, quiet=quiet)


def _run(
    follows: "Consequences", project: Path, engine: "Backend", *, budget_usd: str | None, size: "Size | None", quiet: bool
) -> "Handover":
    """Hold the decisions, and run the project with them; what stands against the price is said before anything holds."""
    from kling_post.cli.money import dollars
    from kling_post.cli.run_folder import project_waivers
    from kling_post.cli.terminal import bars
    from kling_post.pipeline.apply_verdicts import require_budget
    from kling_post.pipeline.gate import open_gate
    from kling_post.pipeline.run import RunOptions, run
    from kling_post.project import load_project

    loaded, budget = load_project(project), dollars(budget_usd)
    require_budget(follows, loaded, engine, budget)
    waivers = follows.hold()
    options = RunOptions(
        folder=follows.session.folder,
        budget_usd=budget,
        rehearsal_size=size,
        gate=open_gate(waivers=project_waivers(project), review_waivers=waivers),
    )
    with bars(quiet=quiet) as progress:
        return run(loaded, engine, options, progress=progress)


def _end(follows: "Consequences", handover: "Handover", *, as_json: bool, quiet: bool) -> int:
    from kling_post.errors import GateFailedError
    from kling_post.vocabulary import Verdict

    if as_json:
        typer.echo(json.dumps(_as_json(follows, handover), indent=2))
    elif not quiet:
        from kling_post.cli.tables import console, print_run

        print_run(handover.material)
        lines = [("master", handover.master.path), ("report", handover.report.page)]
        for title, path in [*lines, *((item.title, item.path) for item in handover.material.exports)]:
            console().print(f"{title:>20}  {path}", markup=False, soft_wrap=True)
    return GateFailedError.exit_code if handover.material.verdict is Verdict.FAIL else 0


def _show(follows: "Consequences", engine: "Backend") -> None:
    """What follows, before it does."""
    from kling_post.cli.tables import print_table
    from kling_post.generation.prices import usd

    if follows.changes:
        print_table(
            "what follows from the review",
            ("shot", "the edit has", "it gets", "why"),
            [(change.shot_id, change.now, change.then, change.why) for change in follows.changes],
        )
    else:
        typer.echo("the review changes nothing in the edit")
    if follows.waivers:
        typer.echo(f"{len(follows.waivers)} finding{'' if len(follows.waivers) == 1 else 's'} waived")
    if follows.retakes:
        typer.echo(
            f"{len(follows.retakes)} take{'' if len(follows.retakes) == 1 else 's'} to order: {usd(follows.price_usd)} USD, {engine.title}"
        )


def _as_json(follows: "Consequences", handover: "Handover | None") -> dict[str, object]:
    from kling_post.generation.prices import usd

    return {
        "project": follows.session.project,
        "changes": [{"shot": one.shot_id, "now": one.now, "then": one.then, "why": one.why} for one in follows.changes],
        "retakes": [{"shot": one.shot_id, "take": one.number, "why": one.why} for one in follows.retakes],
        "retakes_usd": usd(follows.price_usd),
        "waivers": len(follows.waivers),
        "verdict": None if handover is None else str(handover.material.verdict),
        "master": None if handover is None else str(handover.master.path),
        "report": None if handover is None else str(handover.report.json),
    }


def _engine_name(named: str | None, session: "ReviewSession") -> str:
    from kling_post.errors import UsageError

    if named is not None:
        return named
    made_by = {take.backend for take in session.takes.values()}
    if len(made_by) != 1:
        raise UsageError(f"the takes come from {', '.join(sorted(made_by))}.", remedy="Say which is to make more: --backend NAME.")
    return made_by.pop()


def _rehearsal_size(folder: Path) -> "Size | None":
    """The size of a rehearsal, by the name of its folder."""
    from kling_post.vocabulary import Size

    head, _, size = folder.name.partition("rehearsal_")
    return Size(*map(int, size.split("x"))) if not head and "x" in size else None
