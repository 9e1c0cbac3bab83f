"""``kling-post ledger``: what was ordered, what it cost, where it lies; and how unfinished orders are brought home."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.generation.ledger import Ledger
    from kling_post.generation.ledger_rows import Job

app = typer.Typer(no_args_is_help=True, help="What was ordered, what it cost, and where it lies.")

LedgerOption = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        help="Ledger file.  [default: $KLING_POST_LEDGER, else that of your paid orders, else the one below out/]",
        show_default=False,
    ),
]
ProjectOption = Annotated[str | None, typer.Option("--project", help="Only this project's jobs.", show_default=False)]


@app.command("ls")
def ls(
    *,
    ledger: LedgerOption = None,
    project: ProjectOption = None,
    state: Annotated[list[str] | None, typer.Option(help="Only jobs in this state; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List jobs, and what they come to by month and project."""
    from kling_post.cli.tables import print_table
    from kling_post.generation import accounts
    from kling_post.generation.prices import usd

    with _open(ledger) as opened:
        jobs = opened.jobs(project=project, states=tuple(state or ()))
        table = accounts.rows(opened, jobs)
        sums = accounts.totals_usd(opened, jobs)
    if as_json:
        typer.echo(accounts.as_json(table), nl=False)
        return
    columns = ("project", "shot", "take", "backend", "state", "price_usd", "cost_usd", "task_uuid")
    print_table(f"{len(table)} jobs", columns, [tuple(row[column] for column in columns) for row in table])
    print_table("spent or reserved", ("month", "project", "USD"), [(month, name, usd(amount)) for (month, name), amount in sums.items()])


@app.command("show")
def show(
    task: Annotated[str, typer.Argument(help="The task's UUID, or its beginning.")],
    *,
    ledger: LedgerOption = None,
) -> None:
    """Show one job: its request, its results, its whole history."""
    import json

    from kling_post.generation import accounts

    with _open(ledger) as opened:
        for job in _matching(opened, task):
            for name, value in accounts.rows(opened, [job])[0].items():
                typer.echo(f"{name:>12}  {value}")
            typer.echo(f"{'request':>12}  {json.dumps(job.request, ensure_ascii=False)}")
            for result in opened.results(job):
                typer.echo(f"{'result':>12}  {result.video.video_uuid} {result.video.location} seed {result.video.seed}")
                for note in result.video.notes:
                    typer.echo(f"{'note':>12}  {note}")
            for event in opened.events(job):
                typer.echo(f"{event.at}  {event.state:<10} {event.detail}")


@app.command("resume")
def resume(
    *,
    ledger: LedgerOption = None,
    project: ProjectOption = None,
    backend: Annotated[str, typer.Option(help="Whose jobs.")] = "runware",
    resubmit_unknown: Annotated[
        bool, typer.Option(help="Send orders again of which the provider says nothing; one that it did finish may be billed twice.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the takes; a later run of their project finds them there.")] = Path("out/resumed"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Wait for, fetch and verify whatever was ordered and is not finished. Orders nothing new."""
    from kling_post.cli.terminal import bars
    from kling_post.generation import accounts
    from kling_post.generation.registry import backend as open_backend

    engine = open_backend(backend)
    try:
        with _open(ledger) as opened, bars(quiet=quiet) as progress:
            takes = accounts.resume(
                opened, engine, folder=out.resolve(), project=project, resubmit_unknown=resubmit_unknown, progress=progress
            )
    finally:
        engine.close()
    for take in takes:
        typer.echo(str(take.path))
    if not takes:
        typer.echo("nothing is under way", err=True)


@app.command("export")
def export(
    *,
    ledger: LedgerOption = None,
    project: ProjectOption = None,
    to: Annotated[Path | None, typer.Option(help="File; standard output by default.", show_default=False)] = None,
    kind: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
) -> None:
    """Write all jobs as CSV or JSON."""
    from kling_post.errors import UsageError
    from kling_post.generation import accounts
    from kling_post.whole_files import write_whole

    writers = {"csv": accounts.as_csv, "json": accounts.as_json}
    if kind not in writers:
        raise UsageError(f"--format is {kind!r}, allowed are csv and json.")
    with _open(ledger) as opened:
        text = writers[kind](accounts.rows(opened, opened.jobs(project=project)))
    if to is None:
        typer.echo(text, nl=False)
    else:
        write_whole(to, text)


def _open(path: Path | None) -> "Ledger":
    from kling_post.errors import InvalidInputError
    from kling_post.generation.ledger import Ledger

    chosen = path or _default()
    if not chosen.is_file():
        raise InvalidInputError(f"{chosen}: there is no ledger.", remedy="Name one with --ledger, or run a project first.")
    return Ledger(chosen)


def _default() -> Path:
    from kling_post.errors import UsageError
    from kling_post.generation.ledger_place import VARIABLE, ledger_path

    paid = ledger_path(Path("out"), paid=True)
    if os.environ.get(VARIABLE) or paid.is_file():
        return paid
    found = sorted(Path("out").glob("**/ledger.sqlite"))
    if len(found) > 1:
        raise UsageError(f"there are {len(found)} ledgers below out/: {', '.join(map(str, found))}.", remedy="Name one with --ledger.")
    return found[0] if found else Path("out/ledger.sqlite")


def _matching(ledger: "Ledger", beginning: str) -> "list[Job]":
    from kling_post.errors import UsageError

    found = [job for job in ledger.jobs() if job.task_uuid.startswith(beginning) or job.sent_uuid.startswith(beginning)]
    if not found:
        raise UsageError(f"no job's UUID begins with {beginning!r}.", remedy="See 'kling-post ledger ls'.")
    return found
