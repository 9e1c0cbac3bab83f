"""``kling-post stills``: draw stand-ins for a request's frame images, so that it can be rehearsed where the network is not."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    requests: Annotated[list[Path], typer.Argument(help="Requests that name frame images, as .json.", show_default=False)],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the stills.  [default: `stills` beside each request's folder, where `run` looks]")
    ] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="Size of the stills.")] = "3840x2160",
    again: Annotated[bool, typer.Option("--again", help="Draw also what is there already.")] = False,
) -> None:
    """Draw the first and last frame images of requests from their own prompts: procedural stand-ins, no AI, always the same."""
    from kling_post.generation.local.engine import size_of_text
    from kling_post.generation.previz.stand_ins import write_stand_ins
    from kling_post.project import load_project

    for path in requests:
        (task,) = load_project(path).tasks(local=False)
        folder = out or path.resolve().parent.parent / "stills"
        written = write_stand_ins(task, name=path.stem, folder=folder, size=size_of_text(size), again=again)
        for still, new in written:
            typer.echo(f"{still}  {'drawn' if new else 'already there'}")
        if not written:
            typer.echo(f"{path}  names no frame image: nothing to draw")
