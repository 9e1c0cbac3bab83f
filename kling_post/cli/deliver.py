"""``kling-post deliver``: masters and takes in the codecs that editors, platforms and archives ask for."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    files: Annotated[list[Path] | None, typer.Argument(help="Masters, takes, any clips.", show_default=False)] = None,
    *,
    profile: Annotated[str, typer.Option("--profile", "-p", help="h264-web, h265-main10, av1, prores-hq, dnxhr-hqx, proxy, stills.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder of what is written.  [default: out/deliver/<profile>]")] = None,
    ffmpeg_arguments: Annotated[
        str, typer.Option(metavar="'-crf 14 -preset slow'", help="Encoder settings in place of the profile's; checked.", show_default=False)
    ] = "",
    every: Annotated[int | None, typer.Option(min=1, metavar="FRAMES", help="Distance of stills.  [default: a second]")] = None,
    list_profiles: Annotated[bool, typer.Option("--list", help="Show what each profile writes, and stop.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Write each file in a delivery profile: same frames, same timecode, BT.709 converted and tagged, read back before it counts."""
    from kling_post.cli.terminal import bars
    from kling_post.edit.profiles import PROFILES, deliver_files
    from kling_post.edit.profiles import profile as profile_named
    from kling_post.errors import UsageError

    if list_profiles:
        for each in PROFILES:
            typer.echo(f"{each.name:<12} {each.title}")
        return
    if not profile:
        raise UsageError("A delivery needs a --profile.", remedy=f"There are {', '.join(each.name for each in PROFILES)}.")
    if not files:
        raise UsageError("There are no files to deliver.", remedy="Name at least one.")
    wanted = profile_named(profile)
    with bars(quiet=quiet) as progress:
        delivered = deliver_files(
            files,
            wanted,
            folder=(out or Path("out/deliver") / wanted.name).resolve(),
            ffmpeg_arguments=ffmpeg_arguments,
            every_frames=every,
            progress=progress,
        )
    for one in delivered:
        for path in one.paths:
            typer.echo(path)
