"""``kling-post check``: any clips, no project needed."""

import json
import os
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from kling_post.cli.terminal import Bars, Lines
    from kling_post.errors import MediaError
    from kling_post.media.ahead import FramesAhead
    from kling_post.pipeline.examine import Examination
    from kling_post.pipeline.gate import Gate
    from kling_post.vocabulary import TakePlan


def command(
    files: Annotated[list[Path] | None, typer.Argument(help="Clips to check.", show_default=False)] = None,
    *,
    request: Annotated[Path | None, typer.Option(help="The request that the clips were made from: they are held against it.")] = None,
    profile: Annotated[str, typer.Option(help="How strict: strict, delivery or draft.")] = "delivery",
    waivers: Annotated[
        Path | None, typer.Option(help="YAML list of findings that somebody answers for: check, owner, reason, expires, clip, frames.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="What --json printed before: known findings become notes, worse ones count.")
    ] = None,
    limits: Annotated[Path | None, typer.Option(help="YAML of limits that differ: check, then limit, then value.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write a JUnit XML report here.")] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write a SARIF 2.1.0 report here.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with stills and curves here.")] = None,
    cache: Annotated[
        Path | None,
        typer.Option(envvar="KLING_POST_CACHE", help="Folder that keeps measured signals: new limits on old signals need no decoding."),
    ] = None,
    print_limits: Annotated[
        bool, typer.Option("--print-limits", help="Print every limit of the profile as a file for --limits, and stop.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Check every frame of any clips; exit 5 if one of them fails, 4 if one of them cannot be read."""
    if print_limits:
        return _print_limits(profile, limits)
    if not files:
        raise typer.BadParameter("name the clips to check.", param_hint="files")
    with _being_decoded(files, cache) as frames:  # before anything else is imported: the decoder is what takes the time
        from kling_post.cli.terminal import bars
        from kling_post.pipeline.gate import open_gate
        from kling_post.vocabulary import TakePlan

        plan = TakePlan() if request is None else _asked_for(request)
        gate = open_gate(profile, waivers=waivers, baseline=baseline, limits=limits)
        for waiver in gate.lapsed():
            typer.echo(f"kling-post: the waiver of {waiver.owner} for {waiver.check} ended on {waiver.expires}.", err=True)
        answer = partial(_answer, junit=junit, sarif=sarif, as_json=as_json)
        with bars(quiet=quiet) as progress:
            examinations, errors = _examine_all(files, plan, gate, cache, progress, frames, partial(_leave, progress, answer))
    code = answer(examinations, errors)
    if html is not None and examinations:  # after the answer, which must not be lost with a still that cannot be fetched
        from kling_post.pipeline.clip_page import write_clip_page

        with bars(quiet=quiet) as progress:
            write_clip_page(examinations, html, progress=progress)
    return code


def _answer(examinations: list["Examination"], errors: list["MediaError"], *, junit: Path | None, sarif: Path | None, as_json: bool) -> int:
    """Write and print what came out; returns the exit code."""
    from kling_post.cli.tables import print_judgements
    from kling_post.errors import GateFailedError
    from kling_post.reports.check_json import check_as_json
    from kling_post.vocabulary import Verdict

    _write_reports(examinations, errors, junit, sarif)
    for error in errors:
        typer.echo(f"kling-post: {error}", err=True)
    if as_json:
        typer.echo(json.dumps(check_as_json(examinations, errors), indent=2))
    elif examinations:
        print_judgements(examinations)
    if errors:
        return errors[0].exit_code
    failed = any(one.judgement.verdict is Verdict.FAIL for one in examinations)
    return GateFailedError.exit_code if failed else 0


def _leave(progress: "Bars | Lines", answer: "Callable[[list[Examination], list[MediaError]], int]", error: "MediaError") -> None:
    """Answer as for any file that cannot be read, and end without the threads that hang: nothing else ends them."""
    code = error.exit_code
    try:
        progress.__exit__(None, None, None)
        code = answer([], [error])
        sys.stdout.flush()
    finally:
        os._exit(code)


def _print_limits(profile: str, limits: Path | None) -> int:
    from kling_post.checks.limits_text import limits_as_yaml
    from kling_post.pipeline.gate import open_gate

    typer.echo(limits_as_yaml(open_gate(profile, limits=limits).profile.limits), nl=False)
    return 0


def _being_decoded(files: list[Path], cache: Path | None) -> "AbstractContextManager[FramesAhead | None]":
    """The frames of a single file, decoded from now on, unless a cache may make that needless."""
    if len(files) != 1 or cache is not None:
        return nullcontext()
    from kling_post.cli.early import frames_of

    return frames_of(files[0])


def _asked_for(request: Path) -> "TakePlan":
    from kling_post.pipeline.plan import take_plan
    from kling_post.project import load_project

    return take_plan(load_project(request).tasks(local=True)[0])


def _write_reports(examinations: list["Examination"], errors: list["MediaError"], junit: Path | None, sarif: Path | None) -> None:
    if junit is not None:
        from kling_post.reports.junit import write_clips_junit

        write_clips_junit(examinations, errors, junit)
    if sarif is not None:
        from kling_post.reports.sarif import write_clips_sarif

        write_clips_sarif(examinations, sarif)


def _examine_all(
    files: list[Path],
    plan: "TakePlan",
    gate: "Gate",
    cache: Path | None,
    progress: "Bars | Lines",
    frames: "FramesAhead | None",
    leave: "Callable[[MediaError], None]",
) -> tuple[list["Examination"], list["MediaError"]]:
    """Every file that can be read, examined; a broken one costs itself only. Several run in processes of their own."""
    from kling_post.errors import MediaError
    from kling_post.pipeline.examine import Examination, examine

    if len(files) > 1:
        from kling_post.pipeline.examine_many import examine_many

        outcomes = examine_many(files, plan, gate=gate, cache_folder=cache, progress=progress)
        return (
            [outcome for outcome in outcomes if isinstance(outcome, Examination)],
            [outcome for outcome in outcomes if isinstance(outcome, MediaError)],
        )
    from kling_post.pipeline.watchdog import watched

    try:
        with watched(files[0], progress, leave) as told:
            return [examine(files[0], plan, gate=gate, cache_folder=cache, progress=told, frames=frames)], []
    except MediaError as error:
        return [], [error]
