"""``kling-post plan``: what a run would generate and cost. Nothing is sent."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer


def command(
    project: Annotated[Path, typer.Argument(help="project.yaml, or one bare Runware request as .json.", show_default=False)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Price every take of a shot list on the paid and on the embedded backend. Sends nothing and needs no key."""
    from kling_post.cli.tables import print_table
    from kling_post.generation.prices import price_usd, usd
    from kling_post.project import load_project

    loaded = load_project(project)
    rows = [(shot, task, price_usd(task)) for shot in loaded.shots for task in shot.tasks]
    total = sum((price for _, _, price in rows), Decimal(0))
    seconds = sum(task.duration_seconds for _, task, _ in rows)
    if as_json:
        takes = [
            {
                "shot": shot.shot_id,
                "take": task.take_number,
                "task_uuid": task.task_uuid,
                "model": task.model,
                "seconds": task.duration_seconds,
                "planned_shots": len(task.shots),
                "sound": task.sound,
                "join": shot.join,
                "paid_usd": usd(price),
                "embedded_usd": "0",
            }
            for shot, task, price in rows
        ]
        summary = {"project": loaded.name, "seconds": seconds, "paid_usd": usd(total), "embedded_usd": "0", "takes": takes}
        typer.echo(json.dumps(summary, indent=2))
        return
    print_table(
        f"{loaded.name}: {len(rows)} takes, {seconds} s",
        ("shot", "take", "model", "size", "seconds", "shots", "sound", "join", "paid USD", "embedded USD"),
        [
            (
                shot.shot_id,
                str(task.take_number),
                task.model,
                str(task.size or "from the image"),
                str(task.duration_seconds),
                str(len(task.shots)),
                "yes" if task.sound else "no",
                f"{shot.join} {shot.dissolve_frames}" if shot.dissolve_frames else str(shot.join),
                usd(price),
                "0",
            )
            for shot, task, price in rows
        ],
        totals=("in all", "", "", "", str(seconds), "", "", "", usd(total), "0"),
    )
