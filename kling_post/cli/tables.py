"""Tables for people, on standard output."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from kling_post.pipeline.examine import Examination
    from kling_post.reports.material import ReportMaterial
    from kling_post.vocabulary import Judgement

_WIDTH_OFF_A_TERMINAL = 140
_COLOURS = {"fail": "bold red", "review": "yellow", "undetermined": "cyan", "pass": "green"}


def console() -> "Console":
    """Standard output, wide enough where it is no terminal."""
    import sys

    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDTH_OFF_A_TERMINAL, highlight=False)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, totals: Sequence[str] | None = None) -> None:
    """One table; every cell is plain text, never markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", show_footer=totals is not None, header_style="bold")
    for index, name in enumerate(columns):
        table.add_column(name, footer="" if totals is None else Text(totals[index]), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in row))
    console().print(table)


def print_judgements(examinations: "Sequence[Examination]") -> None:
    """What the checks found in each clip, worst first, and each clip's verdict."""
    from kling_post.timebase import timecode
    from kling_post.vocabulary import Severity

    order = (Severity.FAIL, Severity.REVIEW, Severity.INFO)
    rows = [
        (
            one.path.name,
            str(finding.severity),
            finding.check,
            timecode(finding.frames.start, one.facts.rate) if finding.frames else "whole clip",
            f"{finding.frames.start}-{finding.frames.stop}" if finding.frames else "",
            finding.message,
        )
        for one in examinations
        for finding in sorted(one.judgement.findings, key=lambda finding: order.index(finding.severity))
    ]
    unanswered = [
        (one.path.name, "undetermined", question.check, "", "", question.reason)
        for one in examinations
        for question in one.judgement.undetermined
    ]
    if rows or unanswered:
        print_table("Findings", ("clip", "severity", "check", "timecode", "frames", "what"), [*rows, *unanswered])
    print_table(
        "Verdicts",
        ("clip", "verdict", "size", "rate", "frames", "findings"),
        [
            (
                one.path.name,
                str(one.judgement.verdict),
                str(one.facts.size),
                f"{float(one.facts.rate):.3f}",
                str(one.facts.frames),
                str(len(one.judgement.findings)),
            )
            for one in examinations
        ],
    )


def worth_a_look(judgement: "Judgement") -> str:
    """The findings that a person should see; what is only told stands in the report."""
    from kling_post.vocabulary import Severity

    return "\n".join(finding.message for finding in judgement.findings if finding.severity is not Severity.INFO)


def print_run(material: "ReportMaterial") -> None:
    """A run in short: the takes, the seams and the programme."""
    from kling_post.generation.prices import usd

    print_table(
        f"{material.project_name}: takes from {material.backend_title}",
        ("take", "verdict", "size", "frames", "USD", "findings"),
        [
            (
                item.take.path.name,
                str(item.judgement.verdict),
                str(item.take.facts.size),
                str(item.take.facts.frames),
                usd(item.take.cost_usd),
                worth_a_look(item.judgement),
            )
            for item in material.takes
        ],
    )
    if material.seams:
        print_table(
            "Seams",
            ("from", "to", "join", "verdict", "findings"),
            [
                (
                    seam.outgoing,
                    seam.incoming,
                    str(seam.meant),
                    str(seam.judgement.verdict),
                    worth_a_look(seam.judgement),
                )
                for seam in material.seams
            ],
        )
    if material.master is not None and material.master.loudness is not None:
        facts, loudness = material.master.facts, material.master.loudness
        print_table(
            "Programme",
            ("verdict", "size", "rate", "frames", "LUFS", "dBTP", "target"),
            [
                (
                    str(material.verdict),
                    str(facts.size),
                    f"{float(facts.rate):g}",
                    str(facts.frames),
                    f"{loudness.integrated_lufs:.2f}",
                    f"{loudness.true_peak_dbtp:.2f}",
                    "" if material.target is None else f"{material.target.integrated_lufs:g}/{material.target.true_peak_dbtp:g}",
                )
            ],
        )
