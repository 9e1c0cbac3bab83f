"""``kling-post reference``: footage with known truth, clean and with known defects."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    prompt: Annotated[
        str, typer.Argument(help="What is to be seen; drawn by previz.")
    ] = "A caravan crosses the salt flats at golden hour, wide shot, the camera trucks right, wind",
    *,
    out: Annotated[Path, typer.Option(help="Folder of the clips and their truth; replaced where it is there.")] = Path("out/reference"),
    defect: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=SIZE]", help="A clip with this defect besides; may be given again, or `all`.")
    ] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="Of the pictures.")] = "640x360",
    seconds: Annotated[int, typer.Option(min=1, max=15, help="Length.")] = 4,
    crf: Annotated[int, typer.Option(min=0, max=51, help="Rate factor of libx264.")] = 14,
    seed: Annotated[int, typer.Option(help="Of the drawing, and of where the defects lie.")] = 1,
    flow: Annotated[bool, typer.Option("--flow/--no-flow", help="Write exact optical flow and depth too.")] = True,
    list_defects: Annotated[bool, typer.Option("--list", help="Name all defects with their sizes, and make nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Draw a clip whose every movement is known, and the same clip with known defects: to test a detector on.

    The folder holds the clips, truth.json, the camera's path, and exact optical flow and depth of every frame.
    """
    from kling_post.calibration.injectors.registry import all_injectors
    from kling_post.calibration.reference import ReferenceOrder, defect_of_text, write_reference
    from kling_post.cli.terminal import bars
    from kling_post.generation.local.engine import size_of_text
    from kling_post.timebase import seconds_to_frames

    if list_defects:
        for injector in all_injectors().values():
            sizes = ", ".join(f"{each:g}" for each in injector.sizes)
            typer.echo(f"{injector.name:24}  {injector.title} ({injector.unit}: {sizes}; seen from {injector.visible:g})")
        return 0
    wanted = list(all_injectors()) if defect == ["all"] else defect or []
    from kling_post.calibration.footage import RATE

    order = ReferenceOrder(
        prompt=prompt,
        seed=seed,
        size=size_of_text(size),
        frames=seconds_to_frames(seconds, RATE),
        crf=crf,
        defects=tuple(defect_of_text(one) for one in wanted),
        flow=flow,
    )
    with bars(quiet=quiet) as progress:
        folder = write_reference(order, out.resolve(), progress=progress)
    typer.echo(folder)
    return 0
