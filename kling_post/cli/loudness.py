"""``kling-post loudness``: measure and normalise the sound of any files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kling_post.pipeline.loudness import LoudnessReading
    from kling_post.sound.delivery import DeliveredLoudness
    from kling_post.vocabulary import LoudnessTarget


def command(
    files: Annotated[list[Path], typer.Argument(help="Audio or video files.", show_default=False)],
    *,
    target: Annotated[
        str | None,
        typer.Option(help="ebu-r128, atsc-a85, netflix, streaming, apple, podcast, or numbers like -16/-1.5.", show_default=False),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option(help="Write the file at the target here (a folder for several files); the picture is copied.", show_default=False),
    ] = None,
    album: Annotated[bool, typer.Option("--album", help="The files are parts of one programme: keep their balance.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per file, one a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Measure loudness, true peak and faults of the sound; bring it to a target with one gain and a reported limiter."""
    from kling_post.cli.terminal import bars
    from kling_post.errors import UsageError
    from kling_post.pipeline.loudness import album_targets, normalise_file, read_loudness
    from kling_post.sound.targets import target as target_named

    wanted = None if target is None else target_named(target)
    if apply is not None and wanted is None:
        raise UsageError("--apply needs a --target.", remedy="For instance --target ebu-r128.")
    if album and wanted is None:
        raise UsageError("--album needs a --target.", remedy="For instance --target ebu-r128.")
    outputs = None if apply is None else _outputs(files, apply)
    with bars(quiet=quiet) as progress:
        readings = [read_loudness(path, progress=progress) for path in files]
        targets = None if wanted is None else album_targets(readings, wanted) if album else (wanted,) * len(files)
        delivered: list[DeliveredLoudness] | None = None
        if outputs is not None and targets is not None:
            delivered = [
                normalise_file(reading, output, each, progress=progress)
                for reading, output, each in zip(readings, outputs, targets, strict=True)
            ]
    if as_json:
        for index, reading in enumerate(readings):
            each = None if targets is None else targets[index]
            typer.echo(json.dumps(_as_json(reading, each, None if delivered is None else delivered[index])))
    else:
        _print(readings, targets, delivered)
    return 0


def _outputs(files: Sequence[Path], apply: Path) -> list[Path]:
    from kling_post.errors import UsageError

    outputs = [apply] if len(files) == 1 and not apply.is_dir() else [apply / path.name for path in files]
    if len(set(outputs)) < len(outputs):
        raise UsageError("Two of the files have the same name and would overwrite each other.", remedy="Normalise them one by one.")
    for path, output in zip(files, outputs, strict=True):
        if output.exists() and path.exists() and output.samefile(path):
            raise UsageError(f"{output} would overwrite its own source.", remedy="Give another place to --apply.")
    return outputs


def _as_json(reading: "LoudnessReading", target: "LoudnessTarget | None", delivered: "DeliveredLoudness | None") -> Mapping[str, Any]:
    from kling_post.reports.json_values import finding_json, loudness_json, number, target_json

    figures = loudness_json(reading.loudness) or dict.fromkeys(
        (
            *("integrated_lufs", "loudness_range_lu", "max_momentary_lufs", "max_short_term_lufs"),
            *("true_peak_dbtp", "sample_peak_dbfs", "sample_rate", "channels", "duration_seconds"),
        )
    )
    printed = {"path": str(reading.path), **figures, "findings": [finding_json(each, reading.facts.rate) for each in reading.findings]}
    if target is not None:
        printed["target"] = target_json(target)
    if delivered is not None:
        printed["applied"] = {
            "path": str(delivered.path),
            **(loudness_json(delivered.delivered) or {}),
            "gain_db": number(delivered.gain_db, digits=2),
            "limited_db": number(delivered.limiter.max_reduction_db, digits=2),
            "limited_seconds": number(delivered.limiter.limited_seconds, digits=2),
            "encodes": delivered.encodes,
            "note": delivered.note,
        }
    return printed


def _level(value: float) -> str:
    return f"{value:.2f}" if value > float("-inf") else "silent"


def _print(
    readings: "Sequence[LoudnessReading]", targets: "Sequence[LoudnessTarget] | None", delivered: "Sequence[DeliveredLoudness] | None"
) -> None:
    from kling_post.cli.tables import print_table
    from kling_post.vocabulary import Severity

    rows = []
    for index, reading in enumerate(readings):
        loudness = reading.loudness
        if loudness is None:
            rows.append((reading.path.name, "no sound", "", "", "", "", ""))
            continue
        away = "" if targets is None else f"{loudness.integrated_lufs - targets[index].integrated_lufs:+.2f}"
        figures = (loudness.integrated_lufs, loudness.max_momentary_lufs, loudness.max_short_term_lufs, loudness.true_peak_dbtp)
        integrated, momentary, short_term, peak = map(_level, figures)
        rows.append((reading.path.name, integrated, f"{loudness.loudness_range_lu:.1f}", momentary, short_term, peak, away))
    columns = ("file", "LUFS", "range LU", "max momentary", "max short-term", "dBTP", "off target LU")
    print_table("Loudness", columns, rows)
    found = [
        (reading.path.name, str(finding.severity), finding.check, finding.message)
        for reading in readings
        for finding in reading.findings
        if finding.severity is not Severity.INFO
    ]
    if found:
        print_table("Findings", ("file", "severity", "check", "what"), found)
    if delivered:
        print_table(
            f"Brought to {delivered[0].target.name}. {delivered[0].target.note}",
            ("file", "LUFS", "dBTP", "gain dB", "limited", "note"),
            [
                (
                    str(one.path),
                    _level(one.delivered.integrated_lufs),
                    _level(one.delivered.true_peak_dbtp),
                    f"{one.gain_db:+.2f}",
                    f"{one.limiter.max_reduction_db:.1f} dB, {one.limiter.limited_seconds:.2f} s" if one.limiter.max_reduction_db else "no",
                    one.note,
                )
                for one in delivered
            ],
        )
