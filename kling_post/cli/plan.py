"""``kling-post plan``: what a run would generate and cost. Nothing is sent."""

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.generation.forecast import Forecast
    from kling_post.project import Project


def command(
    project: Annotated[Path, typer.Argument(help="project.yaml, or one bare Runware request as .json.", show_default=False)],
    *,
    out: Annotated[Path | None, typer.Option(help="Folder of earlier runs, to see what is in hand.  [default: out/<project>]")] = None,
    takes: Annotated[int | None, typer.Option(min=1, max=20, help="Takes of each shot, in place of the project's number.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Price every take of a shot list on the paid and on the embedded backend. Sends nothing and needs no key."""
    from kling_post.cli.tables import print_table
    from kling_post.generation.prices import price_usd, usd
    from kling_post.project import load_project

    loaded = load_project(project, takes=takes)
    rows = [(shot, task, price_usd(task)) for shot in loaded.shots for task in shot.tasks]
    total = sum((price for _, _, price in rows), Decimal(0))
    seconds = sum(task.duration_seconds for _, task, _ in rows)
    ahead = _ahead(loaded, (out or Path("out") / loaded.name).resolve())
    if as_json:
        listed = [
            {
                "shot": shot.shot_id,
                "take": task.take_number,
                "task_uuid": task.task_uuid,
                "model": task.model,
                "seconds": task.duration_seconds,
                "planned_shots": len(task.shots),
                "sound": task.sound,
                "join": shot.join,
                "planning": shot.planning,
                "paid_usd": usd(price),
                "embedded_usd": "0",
            }
            for shot, task, price in rows
        ]
        summary = {
            "project": loaded.name,
            "seconds": seconds,
            "paid_usd": usd(total),
            "embedded_usd": "0",
            "ahead": [_ahead_as_json(name, one) for name, one in ahead.items()],
            "takes": listed,
        }
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
    print_table(
        "a run from here",
        ("backend", "in hand", "under way", "to order", "USD", "wall time", ""),
        [
            (name, str(one.in_hand), str(one.under_way), str(one.to_order), usd(one.price_usd), _wall_time(one), one.why)
            for name, one in ahead.items()
        ],
    )
    for shot in loaded.shots:
        if shot.planning:
            typer.echo(f"{shot.shot_id}: {shot.planning}")


def _ahead(project: "Project", out: Path) -> "dict[str, Forecast]":
    """What a run would find done and have to do, on each backend that can be asked here; looks, and makes nothing."""
    from contextlib import nullcontext

    from kling_post.errors import MissingToolError, UsageError
    from kling_post.generation.forecast import forecast
    from kling_post.generation.ledger import Ledger
    from kling_post.generation.ledger_place import ledger_path
    from kling_post.generation.registry import NAMES
    from kling_post.generation.registry import backend as open_backend
    from kling_post.pipeline.plan import links_of

    ahead = {}
    for name in NAMES:
        try:
            engine = open_backend(name)
        except (MissingToolError, UsageError):  # open weights need their libraries and a folder
            continue
        known = ledger_path(out, paid=engine.paid)
        try:
            with Ledger(known) if known.is_file() else nullcontext() as ledger:
                links = links_of(project, local=not engine.paid)
                ahead[name] = forecast(links, engine, folder=out / "takes", ledger=ledger, project=project.name)
        finally:
            engine.close()
    return ahead


def _ahead_as_json(backend: str, ahead: "Forecast") -> dict[str, object]:
    from kling_post.generation.prices import usd

    return {
        "backend": backend,
        "in_hand": ahead.in_hand,
        "under_way": ahead.under_way,
        "to_order": ahead.to_order,
        "usd": usd(ahead.price_usd),
        "wall_seconds": ahead.wall_seconds,
        "why": ahead.why,
    }


def _wall_time(ahead: "Forecast") -> str:
    if ahead.wall_seconds is None:
        return "?"
    minutes, seconds = divmod(round(ahead.wall_seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
