"""``kling-post promote``: chosen shots of a draft are to be made by their own model."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.project import ProjectShot


def command(
    project: Annotated[Path, typer.Argument(help="project.yaml with a draft_model.", show_default=False)],
    shots: Annotated[list[str], typer.Argument(help="Ids of the shots to promote.", show_default=False)],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Mark shots of a draft as final, after showing what they will cost; the next run makes them by their own model.

    The project file keeps its comments and its order. Nothing is sent.
    """
    from kling_post.cli.tables import print_table
    from kling_post.generation.prices import price_usd, usd
    from kling_post.project.edit import promoted

    edit = promoted(project, shots)
    rows = [(*_row(shot), usd(sum(map(price_usd, shot.tasks), Decimal(0)))) for shot in edit.shots]
    print_table("to be made anew", ("shot", "model", "takes", "seconds", "USD"), rows, totals=("in all", "", "", "", usd(edit.price_usd)))
    if not yes and not typer.confirm(f"Mark {len(shots)} shot(s) as final? The next paid run will cost {usd(edit.price_usd)} USD more"):
        typer.echo("nothing was changed", err=True)
        return 0
    edit.write()
    typer.echo(f"{project}: final are now {', '.join(shots)}")
    return 0


def _row(shot: "ProjectShot") -> tuple[str, str, str, str]:
    task = shot.tasks[0]
    return shot.shot_id, task.model, str(len(shot.tasks)), str(task.duration_seconds)
