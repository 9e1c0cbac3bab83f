"""``kling-post benchmark``: how well the checks find known defects."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.calibration.footage import Footage

_SPLITS = 50
"""Untouched splits that many clips get together at each quality; two each at least."""


def command(
    *,
    clips: Annotated[
        Path | None, typer.Option(help="A folder of your own clean clips to put the defects into.", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One shot and one size per defect: under a minute.")] = False,
    shots: Annotated[int, typer.Option(min=1, help="Shots that each defect of each size is put into.")] = 2,
    seed: Annotated[int, typer.Option(help="Of everything that is left to chance.")] = 1,
    seams: Annotated[bool, typer.Option("--seams", help="Joins instead of clips: takes split in two, with known faults.")] = False,
    width: Annotated[
        int | None, typer.Option(min=320, help="Columns of drawn takes with --seams, and most of clips.", show_default="1280")
    ] = None,
    motion: Annotated[bool, typer.Option("--motion", help="The motion signals against the exact movement of drawn footage.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="A defect, a check or a hard negative; may be given again.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for benchmark.md and benchmark.json.", show_default=False)] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Put known defects of known size and place into clean footage and score every check; exit 0 whatever the figures say."""
    from dataclasses import replace

    from kling_post.calibration.cases import FULL, QUICK
    from kling_post.calibration.clips import clips_in
    from kling_post.calibration.footage import SIZE, clip_footage, reference_footage, wide_size
    from kling_post.calibration.json_figures import figures
    from kling_post.calibration.run import run_benchmark
    from kling_post.calibration.seam_footage import WIDTH, seam_footage
    from kling_post.calibration.tables import markdown
    from kling_post.cli.terminal import bars
    from kling_post.errors import InvalidInputError, UsageError

    if width is not None and not seams:
        raise UsageError("--width goes with --seams: the other benchmarks have a working size of their own.")
    footage = None
    columns = (width or WIDTH) if seams else SIZE.width
    if clips is not None:
        if not clips.is_dir():
            raise InvalidInputError(f"{clips}: there is no such folder.")
        footage = [clip_footage(path, width=columns) for path in clips_in(clips)]
        if not footage:
            raise InvalidInputError(f"{clips}: there are no clips in this folder.", remedy="It takes .mp4, .mov, .mkv, .webm and .m4v.")
    elif quick:
        footage = list(reference_footage(quick=True, size=wide_size(columns)))
    elif seams:
        footage = list(seam_footage(columns))
    if motion:
        return _motion(footage, seed=seed, as_json=as_json, out=out, quiet=quiet)
    if seams and footage is not None:
        return _seams(
            footage,
            seed=seed,
            shots=1 if quick else 2 * shots,
            only=only or (),
            user_clips=clips is not None,
            as_json=as_json,
            out=out,
            quiet=quiet,
        )
    with bars(quiet=quiet) as progress:
        bench = run_benchmark(
            footage,
            seed=seed,
            extent=QUICK if quick else replace(FULL, shots_each=shots),
            only=only or (),
            user_clips=clips is not None,
            progress=progress,
        )
    return _told(markdown(bench), figures(bench), name="benchmark", as_json=as_json, out=out)


def _seams(
    footage: "Sequence[Footage]",
    *,
    seed: int,
    shots: int,
    only: Sequence[str],
    user_clips: bool,
    as_json: bool,
    out: Path | None,
    quiet: bool,
) -> int:
    from kling_post.calibration.seam_run import run_seam_benchmark
    from kling_post.calibration.seam_tables import seam_figures, seam_markdown
    from kling_post.cli.terminal import bars

    plain = max(2, min(shots + 1, _SPLITS // len(footage))) if user_clips else shots + 1
    with bars(quiet=quiet) as progress:
        bench = run_seam_benchmark(
            footage, seed=seed, shots_each=shots, plain_each=plain, only=only, user_clips=user_clips, progress=progress
        )
    return _told(seam_markdown(bench), seam_figures(bench), name="seams", as_json=as_json, out=out)


def _motion(footage: "Sequence[Footage] | None", *, seed: int, as_json: bool, out: Path | None, quiet: bool) -> int:
    from kling_post.calibration.exact_motion import score_motion
    from kling_post.calibration.exact_motion_tables import motion_figures, motion_markdown
    from kling_post.cli.terminal import bars
    from kling_post.errors import UsageError

    if footage is not None and not any(shot.prompt for shot in footage):
        raise UsageError("--motion needs footage whose movement is known: a clip's is not.", remedy="Leave --clips out.")
    with bars(quiet=quiet) as progress:
        scores = score_motion(footage, seed=seed, progress=progress)
    return _told(motion_markdown(scores), motion_figures(scores), name="motion", as_json=as_json, out=out)


def _told(tables: str, figures: object, *, name: str, as_json: bool, out: Path | None) -> int:
    """Print the tables or the figures, and write both where a folder is given."""
    data = json.dumps(figures, indent=2)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.md").write_text(tables, encoding="utf-8")
        (out / f"{name}.json").write_text(data + "\n", encoding="utf-8")
    typer.echo(data if as_json else tables)
    return 0
