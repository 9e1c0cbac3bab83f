"""``kling-post run``: the whole job, from the shot list to the finished edit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kling_post.cli.engines import (
    DepthOption,
    GenerateAtOption,
    ModelFolderOption,
    StepsOption,
    StrictOption,
    open_engine,
    rehearsal,
    show_terms_once,
)
from kling_post.cli.repairs import RepairMode

if TYPE_CHECKING:
    from kling_post.pipeline.handover import Handover
    from kling_post.progress import Progress
    from kling_post.vocabulary import Size


def command(
    project: Annotated[Path, typer.Argument(help="project.yaml, or one bare Runware request as .json.", show_default=False)],
    *,
    backend: Annotated[
        str, typer.Option(help="previz (embedded, free), diffusers (open weights) or runware (paid; RUNWARE_API_KEY).")
    ] = "previz",
    out: Annotated[Path | None, typer.Option(help="Folder of everything that is made.  [default: out/<project>]")] = None,
    rehearse: Annotated[
        str | None, typer.Option(metavar="WxH", envvar="KLING_POST_PREVIZ_SIZE", help="Render previz in a smaller size, 1280x720 say.")
    ] = None,
    loudness: Annotated[str | None, typer.Option(help="Target in place of the project's: streaming, ebu-r128, -16/-1 …")] = None,
    budget_usd: Annotated[str | None, typer.Option(metavar="USD", help="The most that this run may spend.")] = None,
    takes: Annotated[int | None, typer.Option(min=1, max=20, help="Takes of each shot, in place of the project's number.")] = None,
    stills: Annotated[Path | None, typer.Option(help="Folder of local stills to use in place of images on the network.")] = None,
    profile: Annotated[str, typer.Option(help="How strictly takes are judged: strict, delivery or draft.")] = "delivery",
    waivers: Annotated[
        Path | None, typer.Option(help="YAML list of findings that somebody answers for.  [default: waivers.yaml beside the project]")
    ] = None,
    repair: Annotated[
        RepairMode | None,
        typer.Option(help="Joins that can be mended: off, propose, or apply.  [default: the project's]"),
    ] = None,
    depth: DepthOption = False,
    model_dir: ModelFolderOption = None,
    steps: StepsOption = None,
    generate_at: GenerateAtOption = None,
    strict: StrictOption = False,
    reel: Annotated[bool, typer.Option("--reel", help="Make a review reel besides: slates, clips, findings burnt in.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write the findings as JUnit XML besides.")] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write the findings as SARIF besides, at the lines of the shot list.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object: report.json.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no tables.")] = False,
) -> int:
    """Generate, check, assemble and report: shot list in, finished 4K edit out. What is done already is not done again.

    Exit 5 when a check fails; the master and the report are written all the same.
    """
    from kling_post.cli.money import dollars
    from kling_post.cli.run_folder import project_waivers, review_waivers
    from kling_post.cli.terminal import bars
    from kling_post.errors import GateFailedError
    from kling_post.pipeline.gate import open_gate
    from kling_post.pipeline.run import RunOptions, run
    from kling_post.project import load_project
    from kling_post.review.decisions import decisions_path
    from kling_post.vocabulary import Verdict

    loaded = load_project(project, stills=stills, takes=takes)
    rehearsal_size = rehearsal(rehearse, backend)
    folder = _folder(out or Path("out") / loaded.name, rehearsal_size)
    options = RunOptions(
        folder=folder,
        budget_usd=dollars(budget_usd),
        loudness=loudness,
        rehearsal_size=rehearsal_size,
        repair=None if repair is None else repair.value,
        gate=open_gate(profile, waivers=waivers or project_waivers(project), review_waivers=review_waivers(folder)),
    )
    if decisions_path(folder).is_file():
        typer.echo(f"kling-post: the takes are those of the review in {decisions_path(folder)}", err=True)
    for waiver in options.gate.lapsed():
        typer.echo(f"kling-post: the waiver of {waiver.owner} for {waiver.check} ended on {waiver.expires}.", err=True)
    engine = open_engine(
        backend,
        rehearsal_size=rehearsal_size,
        model_folder=model_dir,
        steps=steps,
        generate_at=generate_at,
        strict=strict,
        depth=depth,
    )
    try:
        show_terms_once(engine, folder)
        with bars(quiet=quiet) as progress:
            handover = run(loaded, engine, options, progress=progress)
            extras = _extras(handover, project, reel=reel, junit=junit, sarif=sarif, progress=progress)
    finally:
        engine.close()
    if as_json:
        typer.echo(handover.report.json.read_text(encoding="utf-8"))
    elif not quiet:
        _tell(handover, extras)
    return GateFailedError.exit_code if handover.material.verdict is Verdict.FAIL else 0


def _extras(
    handover: "Handover", project: Path, *, reel: bool, junit: Path | None, sarif: Path | None, progress: "Progress"
) -> list[tuple[str, Path]]:
    """What was asked for besides the report."""
    from kling_post.reports.junit import write_junit
    from kling_post.reports.reel import write_reel
    from kling_post.reports.sarif import write_sarif

    made = []
    if reel:
        made.append(("reel", write_reel(handover.material, handover.report.page.with_name("reel.mp4"), progress=progress)))
    if junit:
        made.append(("JUnit", write_junit(handover.material, junit.resolve())))
    if sarif:
        made.append(("SARIF", write_sarif(handover.material, sarif.resolve(), shot_list=project.resolve())))
    return made


def _tell(handover: "Handover", extras: list[tuple[str, Path]]) -> None:
    """End by naming what was made, and what to look at first."""
    from kling_post.cli.tables import console, print_run

    print_run(handover.material)
    lines = [("master", handover.master.path), ("report", handover.report.page), ("figures", handover.report.json)]
    lines += [(item.title, item.path) for item in handover.material.exports]
    for title, path in [*lines, *extras]:
        console().print(f"{title:>20}  {path}", markup=False, soft_wrap=True)


def _folder(out: Path, rehearsal_size: "Size | None") -> Path:
    """A rehearsal's takes are never mistaken for those of the full size: they have a folder of their own."""
    return (out / f"rehearsal_{rehearsal_size}" if rehearsal_size else out).resolve()
