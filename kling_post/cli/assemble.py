"""``kling-post assemble``: any clips in a row become a master at its loudness target, and files for the NLE."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kling_post.cli.repairs import Join, RepairMode


def command(
    files: Annotated[list[Path], typer.Argument(help="Clips in the order of the edit.", show_default=False)],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the master and the NLE files.")] = Path("out/edit"),
    name: Annotated[str, typer.Option(help="Of the edit and its files.")] = "edit",
    dissolve: Annotated[int, typer.Option(min=0, metavar="FRAMES", help="Dissolve at every join; 0 cuts.")] = 0,
    join: Annotated[Join, typer.Option(help="What each join is meant to be: a cut, or one shot going on in the next clip.")] = Join.CUT,
    repair: Annotated[
        RepairMode, typer.Option(help="Joins that can be mended: off, propose (told, nothing changed), or apply.")
    ] = RepairMode.OFF,
    loudness: Annotated[str, typer.Option(help="Target: streaming, ebu-r128, atsc-a85, apple, -16/-1 …")] = "streaming",
    start_timecode: Annotated[str, typer.Option(help="Timecode of the first frame.")] = "01:00:00:00",
    paths: Annotated[
        str, typer.Option(metavar="STYLE", help="Paths in the NLE files: absolute, relative, or OLD=NEW for another machine.")
    ] = "absolute",
    otioz: Annotated[bool, typer.Option("--otioz", help="Also write an OTIO bundle with all takes inside.")] = False,
    profile: Annotated[
        list[str] | None, typer.Option("--profile", "-p", help="Also deliver the master so; see `deliver --list`. Can be given again.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Assemble clips without a project: frame-exact master, loudness at its target, OTIO, EDL and the other NLE files."""
    from kling_post.cli.repairs import print_mending
    from kling_post.cli.terminal import bars
    from kling_post.edit.master import file_stem
    from kling_post.edit.profiles import deliver_files
    from kling_post.edit.profiles import profile as profile_named
    from kling_post.edit.timeline_file import write_timeline
    from kling_post.errors import UsageError
    from kling_post.exports.addresses import addressed
    from kling_post.exports.bundle import write_bundle
    from kling_post.pipeline.exporting import export
    from kling_post.pipeline.files import timeline_of_files
    from kling_post.pipeline.mend import render_mended
    from kling_post.seams.inspect import inspect_seams
    from kling_post.sound.targets import target
    from kling_post.timebase import parse_timecode
    from kling_post.vocabulary import JoinKind

    wanted = [profile_named(each) for each in profile or ()]
    timeline = timeline_of_files(name, files, join=JoinKind.DISSOLVE if dissolve else JoinKind(join), dissolve_frames=dissolve)
    try:
        start_frame = parse_timecode(start_timecode, timeline.rate)
    except ValueError as error:
        raise UsageError(f"--start-timecode: {error}.", remedy="Give it as 01:00:00:00.") from error
    timeline = replace(timeline, start_frame=start_frame)
    with bars(quiet=quiet) as progress:
        seams = inspect_seams(timeline, progress=progress) if repair is not RepairMode.OFF else ()
        master, mending = render_mended(timeline, seams, how=repair.value, target=target(loudness), folder=out.resolve(), progress=progress)
        timeline = mending.timeline
        write_timeline(timeline, master.path)
        exports = export(addressed(timeline, paths, out.resolve() / "exports"), out.resolve() / "exports", progress)
        delivered = [
            one for each in wanted for one in deliver_files([master.path], each, folder=out.resolve() / each.name, progress=progress)
        ]
        bundle = write_bundle(timeline, out.resolve() / "exports" / f"{file_stem(name)}.otioz") if otioz else None
    typer.echo(master.path)
    for path in (*(path for one in delivered for path in one.paths), *([bundle] if bundle else ())):
        typer.echo(path)
    for item in exports:
        typer.echo(item.path)
    print_mending(mending)
    for note in master.notes:
        typer.echo(note, err=True)
