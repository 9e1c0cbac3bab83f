"""``kling-post seams``: the joins between any files, in the order in which they are named."""

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kling_post.cli.repairs import RepairMode

if TYPE_CHECKING:
    from kling_post.seams.chain_drift import ChainDrift
    from kling_post.vocabulary import SeamReport


class PlannedJoin(StrEnum):
    """What the joins are meant to be."""

    CUT = "cut"
    CONTINUE = "continue"
    AUTO = "auto"


def command(
    files: Annotated[list[Path], typer.Argument(help="Clips in the order of the edit.", show_default=False)],
    *,
    join: Annotated[
        PlannedJoin,
        typer.Option(help="What each join is meant to be: a cut, one shot going on in the next clip, or auto: judged as what is seen."),
    ] = PlannedJoin.CUT,
    repair: Annotated[
        RepairMode, typer.Option(help="Say what could mend each join, with its figures: off or propose. assemble and run apply it.")
    ] = RepairMode.OFF,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="A page with the frames on both sides, and a loop clip of each join beside it.", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Inspect every join between clips: what it looks like, what does not match, repeated frames, clicks. Exit 5 if one fails."""
    from kling_post.cli.repairs import print_mending
    from kling_post.cli.terminal import bars
    from kling_post.errors import GateFailedError, UsageError
    from kling_post.pipeline.files import timeline_of_files
    from kling_post.pipeline.mend import proposed
    from kling_post.reports.json_repairs import repairs_json
    from kling_post.reports.json_values import chain_json, seam_json
    from kling_post.seams.chain_drift import chain_drifts
    from kling_post.seams.inspect import inspect_seams
    from kling_post.vocabulary import JoinKind, Verdict

    if repair is RepairMode.APPLY:
        raise UsageError("seams writes no film that a repair could be made in.", remedy="Use assemble --join continue --repair apply.")
    if len(files) < 2:
        raise UsageError("One clip has no seam.", remedy="Name at least two, in the order of the edit.")
    auto = join is PlannedJoin.AUTO
    timeline = timeline_of_files("seams", files, join=JoinKind.CUT if auto else JoinKind(join))
    with bars(quiet=quiet) as progress:
        seams = inspect_seams(timeline, as_seen=auto, progress=progress)
        if html is not None:
            from kling_post.reports.seam_page import write_seam_page

            write_seam_page(timeline, seams, html, progress=progress)
        mending = proposed(timeline, seams, progress=progress) if repair is RepairMode.PROPOSE else None
    chains = chain_drifts(seams)
    if as_json:
        repairs = {} if mending is None else {"repairs": repairs_json(mending)}
        drifts = [chain_json(chain, timeline.rate) for chain in chains]
        typer.echo(json.dumps({"seams": [seam_json(seam, timeline.rate) for seam in seams], "chains": drifts, **repairs}, indent=2))
    else:
        _print(seams)
        _print_chains(chains)
        if mending is not None:
            print_mending(mending)
    return GateFailedError.exit_code if any(seam.judgement.verdict is Verdict.FAIL for seam in seams) else 0


def _print_chains(chains: "tuple[ChainDrift, ...]") -> None:
    from kling_post.cli.tables import print_table

    for chain in chains:
        print_table(
            f"Drift of the chain from {chain.clips[0]}, against its end",
            ("clip", "colour, Delta E ITP", "contrast, %", "black, %", "sharpness, %"),
            [
                (
                    f"{point.clip_id} {'head' if point.at_head else 'end'}",
                    f"{point.colour_delta_e_itp:.1f}",
                    f"{point.contrast_percent:+.1f}",
                    f"{point.black_percent:+.1f}",
                    f"{point.sharpness_percent:+.1f}",
                )
                for point in chain.points
            ],
        )
        for finding in chain.findings:
            typer.echo(f"{finding.severity}: {finding.message}")


def _print(seams: "tuple[SeamReport, ...]") -> None:
    from kling_post.cli.tables import print_table, worth_a_look

    for seam in seams:
        print_table(
            f"{seam.outgoing} to {seam.incoming}: "
            + ("" if seam.planned is None else f"planned {seam.planned}, ")
            + f"seen {seam.seen or 'unclear'}, {seam.judgement.verdict}",
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
