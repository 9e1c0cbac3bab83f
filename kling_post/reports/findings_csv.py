"""``findings.csv``: every finding and every open question of a run, one a row, for spreadsheets."""

import csv
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from pathlib import Path

from kling_post.reports.material import ReportMaterial
from kling_post.timebase import timecode
from kling_post.vocabulary import Finding, Judgement
from kling_post.whole_files import write_whole

COLUMNS = (
    *("kind", "subject", "shots", "take", "severity", "check", "timecode", "first_frame", "last_frame"),
    *("measured", "limit", "unit", "message", "remedy", "code", "source"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_findings_csv(material: ReportMaterial, path: Path) -> Path:
    """Write the table: UTF-8 with a byte order mark, as spreadsheets want it; it appears under its name only when it is whole.

    Frames of takes are counted from the take's first frame; those of seams and of the programme on the timeline.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(material))
    write_whole(path, text.getvalue(), encoding="utf-8-sig")
    return path


def _rows(material: ReportMaterial) -> Iterator[list[str]]:
    timeline = material.timeline
    for item in material.takes:
        shots = " ".join(shot.shot_id for shot in item.take.task.shots)
        subject = ("take", item.take.path.name, shots, str(item.take.task.take_number))
        yield from _of(item.judgement, subject, partial(timecode, rate=item.take.facts.rate))
    judged = [("seam", f"{seam.outgoing} to {seam.incoming}", seam.judgement) for seam in material.seams]
    if material.master is not None:
        judged.append(("programme", material.master.facts.path.name, material.master.judgement))
    for kind, name, judgement in judged:
        yield from _of(judgement, (kind, name, "", ""), lambda frame: timecode(timeline.start_frame + frame, timeline.rate))


def _of(judgement: Judgement, subject: tuple[str, str, str, str], clock: Callable[[int], str]) -> Iterator[list[str]]:
    kind, name, shots, take = (_plain(text) for text in subject)
    for finding in judgement.findings:
        place = ("", "", "")
        if finding.frames is not None:
            place = (clock(finding.frames.start), str(finding.frames.start), str(max(finding.frames.start, finding.frames.stop - 1)))
        yield [kind, name, shots, take, str(finding.severity), finding.check, *place, *_numbers(finding), *_words(finding)]
    for question in judgement.undetermined:
        yield [kind, name, shots, take, "undetermined", question.check, "", "", "", "", "", "", _plain(question.reason), "", "", ""]


def _numbers(finding: Finding) -> tuple[str, str, str]:
    measured, limit = ("" if value is None else f"{value:.6g}" for value in (finding.measured, finding.limit))
    return measured, limit, finding.unit


def _words(finding: Finding) -> tuple[str, ...]:
    return tuple(_plain(text) for text in (finding.message, finding.remedy, finding.code, finding.source))


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
