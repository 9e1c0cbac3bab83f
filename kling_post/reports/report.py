"""Write the whole report of a run: the page for people and the figures for programs."""

from dataclasses import dataclass
from pathlib import Path

from kling_post.progress import SILENT, Progress
from kling_post.reports.findings_csv import write_findings_csv
from kling_post.reports.json_report import write_json_report
from kling_post.reports.material import ReportMaterial


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport:
    """Where a report lies."""

    page: Path
    """``index.html``: one file that needs nothing else."""
    json: Path
    """``report.json``."""
    csv: Path
    """``findings.csv``."""


def write_report(material: ReportMaterial, folder: Path, *, progress: Progress = SILENT) -> WrittenReport:
    """Write ``index.html``, ``report.json`` and ``findings.csv`` into a folder, each whole or not at all.

    Raises:
        MediaError: a take that the report shows stills of cannot be read.
        OSError: the folder cannot be written to.
    """
    from kling_post.reports.html.page import write_page

    figures = write_json_report(material, folder / "report.json")
    table = write_findings_csv(material, folder / "findings.csv")
    page = write_page(material, folder / "index.html", progress=progress)
    return WrittenReport(page=page, json=figures, csv=table)
