"""``kling-post watch``: checks what settles in a folder."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kling_post.errors import MediaError
    from kling_post.pipeline.examine import Examination


def command(
    folder: Annotated[Path, typer.Argument(help="Folder to watch, with the folders in it.", show_default=False)],
    *,
    profile: Annotated[str, typer.Option(help="How strict: strict, delivery or draft.")] = "delivery",
    waivers: Annotated[Path | None, typer.Option(help="YAML list of findings that somebody answers for.")] = None,
    settle: Annotated[float, typer.Option(min=0, help="Seconds for which a file must not grow or change before it is checked.")] = 2.0,
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps measured signals, so that a second look is instant.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End when everything that is there now was checked.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each clip, each in a line of its own.")] = False,
) -> int:
    """Check every clip that comes to rest in a folder, until interrupted; a clip that is changed is checked again.

    With --once: exit 5 if one of them fails, 4 if one of them cannot be read.
    """
    from kling_post.errors import GateFailedError, UsageError
    from kling_post.pipeline.examine import Examination
    from kling_post.pipeline.gate import open_gate
    from kling_post.pipeline.watch import Settling, watch
    from kling_post.vocabulary import Verdict

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", remedy="Name one that is there.")
    settling = Settling(folder=folder, settle_seconds=settle)
    if not as_json:
        typer.echo(f"watching {folder}" + ("" if once else "; stop with Ctrl-C"))
        typer.echo(_line("clip", "verdict", "size", "frames", "findings"))
    code = 0
    for path, outcome in watch(
        settling, gate=open_gate(profile, waivers=waivers), cache_folder=cache, until_idle=once, look_seconds=min(1.0, settle or 0.2)
    ):
        name = path.relative_to(folder).as_posix()
        if isinstance(outcome, Examination):
            code = code or (GateFailedError.exit_code if outcome.judgement.verdict is Verdict.FAIL else 0)
        else:
            code = outcome.exit_code
        typer.echo(_as_json(name, outcome) if as_json else _told(name, outcome))
    return code


def _told(name: str, outcome: "Examination | MediaError") -> str:
    """One clip as lines of the table; what is wrong with it stands under it."""
    from kling_post.cli.tables import worth_a_look
    from kling_post.errors import MediaError

    if isinstance(outcome, MediaError):
        return _line(name, "unreadable", "", "", "") + f"\n    {outcome.message}"
    judgement, facts = outcome.judgement, outcome.facts
    words = worth_a_look(judgement)
    line = _line(name, str(judgement.verdict), str(facts.size), str(facts.frames), str(len(words.splitlines())))
    return line + "".join(f"\n    {sentence}" for sentence in words.splitlines())


def _line(clip: str, verdict: str, size: str, frames: str, findings: str) -> str:
    return f"{clip:<48} {verdict:<13} {size:<10} {frames:>7} {findings:>9}".rstrip()


def _as_json(name: str, outcome: "Examination | MediaError") -> str:
    from kling_post.errors import MediaError
    from kling_post.reports.json_values import judgement_json

    if isinstance(outcome, MediaError):
        return json.dumps({"clip": name, "verdict": "unreadable", "error": outcome.message, "remedy": outcome.remedy})
    facts = outcome.facts
    return json.dumps(
        {"clip": name, "sha256": facts.sha256, "size": str(facts.size), "rate": str(facts.rate), "frames": facts.frames}
        | judgement_json(outcome.judgement, facts.rate)
    )
