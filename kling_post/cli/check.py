"""``kling-post check``: any clips, no project needed."""

import json
from pathlib import Path
from typing import Annotated

import typer


def command(
    files: Annotated[list[Path], typer.Argument(help="Clips to check.", show_default=False)],
    *,
    request: Annotated[Path | None, typer.Option(help="The request that the clips were made from: they are held against it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps measured signals, so that a second look is instant.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Check every frame of any clips; exit 5 if one of them fails."""
    from kling_post.cli.tables import print_judgements
    from kling_post.cli.terminal import bars
    from kling_post.errors import GateFailedError
    from kling_post.pipeline.examine import examine
    from kling_post.pipeline.plan import take_plan
    from kling_post.project import load_project
    from kling_post.reports.json_report import examination_as_json
    from kling_post.vocabulary import TakePlan, Verdict

    plan = TakePlan() if request is None else take_plan(load_project(request).tasks(local=True)[0])
    with bars(quiet=quiet) as progress:
        examinations = [examine(path, plan, cache_folder=cache, progress=progress) for path in files]
    if as_json:
        typer.echo(json.dumps({"clips": [examination_as_json(one) for one in examinations]}, indent=2))
    else:
        print_judgements(examinations)
    failed = sum(one.judgement.verdict is Verdict.FAIL for one in examinations)
    return GateFailedError.exit_code if failed else 0
