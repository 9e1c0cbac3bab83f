"""``kling-post export``: the NLE files of an edit that was made before, in other formats or with other paths, without rendering."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    project: Annotated[
        Path,
        typer.Argument(help="What was run (project.yaml, request.json), its folder, or a master.", show_default=False),
    ],
    *,
    to: Annotated[
        str, typer.Option(metavar="FORMATS", help="otio,fcpxml,xmeml,edl,markers_edl,ale,csv,srt,vtt,otioz, separated by commas, or all.")
    ] = "all",
    paths: Annotated[
        str, typer.Option(metavar="STYLE", help="Paths in the files: absolute, relative, or OLD=NEW for another machine.")
    ] = "absolute",
    folder: Annotated[Path | None, typer.Option(help="Where to write.  [default: exports/ of the run]", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder, where it was given one.", show_default=False)] = None,
    rehearse: Annotated[str | None, typer.Option(metavar="WxH", help="Of a rehearsal: its size.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Export an edit again as the last run stored it: no take is opened, nothing is rendered. What a format cannot carry is said."""
    from kling_post.cli.run_folder import run_folder
    from kling_post.cli.terminal import bars
    from kling_post.pipeline.exporting import export_again

    asked = project.suffix.lower() in {".yaml", ".yml"} or (
        project.suffix.lower() == ".json" and not project.name.endswith(".timeline.json")
    )
    stored = run_folder(project, out=out, rehearse=rehearse) if asked else project
    names = [name.strip().lower() for name in to.split(",") if name.strip()]
    with bars(quiet=quiet) as progress:
        written = export_again(stored, names=names, style=paths, folder=folder.resolve() if folder else None, progress=progress)
    for item in written:
        typer.echo(item.path)
        for note in item.notes:
            typer.echo(f"{item.path.name}: {note}", err=True)
