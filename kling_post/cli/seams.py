"""``kling-post seams``: the joins between any files, in the order in which they are named."""

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.vocabulary import SeamReport


class Join(StrEnum):
    """What the joins are meant to be."""

    CUT = "cut"
    CONTINUE = "continue"


def command(
    files: Annotated[list[Path], typer.Argument(help="Clips in the order of the edit.", show_default=False)],
    *,
    join: Annotated[Join, typer.Option(help="What each join is meant to be: a cut, or one shot going on in the next clip.")] = Join.CUT,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Inspect every join between clips: what it looks like, what does not match, repeated frames, clicks. Exit 5 if one fails."""
    from kling_post.cli.terminal import bars
    from kling_post.errors import GateFailedError, UsageError
    from kling_post.pipeline.files import timeline_of_files
    from kling_post.reports.json_values import seam_json
    from kling_post.seams.inspect import inspect_seams
    from kling_post.vocabulary import JoinKind, Verdict

    if len(files) < 2:
        raise UsageError("One clip has no seam.", remedy="Name at least two, in the order of the edit.")
    timeline = timeline_of_files("seams", files, join=JoinKind(join))
    with bars(quiet=quiet) as progress:
        seams = inspect_seams(timeline, progress=progress)
    if as_json:
        typer.echo(json.dumps({"seams": [seam_json(seam, timeline.rate) for seam in seams]}, indent=2))
    else:
        _print(seams)
    return GateFailedError.exit_code if any(seam.judgement.verdict is Verdict.FAIL for seam in seams) else 0


def _print(seams: "tuple[SeamReport, ...]") -> None:
    from kling_post.cli.tables import print_table, worth_a_look

    for seam in seams:
        print_table(
            f"{seam.outgoing} to {seam.incoming}: planned {seam.planned}, seen {seam.seen or 'unclear'}, {seam.judgement.verdict}",
            ("property", "measured", "limit", "unit", "says"),
            [
                (
                    item.name,
                    f"{item.measured:.4g}",
                    "none" if math.isinf(item.limit) else f"{item.limit:g}",
                    item.unit,
                    "within" if item.severity is None else str(item.severity),
                )
                for item in seam.properties
            ],
        )
        if said := worth_a_look(seam.judgement):
            typer.echo(said)
