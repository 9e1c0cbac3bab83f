"""Fill the page's template and write it as one file."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kling_post.edit.timeline import Clip
from kling_post.progress import SILENT, Progress
from kling_post.reports.html.chains import chain_views
from kling_post.reports.html.curves import loudness_curve
from kling_post.reports.html.finding_rows import SEVERITIES, FindingRow, finding_row, worst_first
from kling_post.reports.html.paging import Paged
from kling_post.reports.html.places import file_frame
from kling_post.reports.html.repairs import repairs_view
from kling_post.reports.html.stills import SEAM_WIDTH, StillShelf, shelf_for
from kling_post.reports.html.strip import strip
from kling_post.reports.html.tables import RankRow, conform_rows, rankings
from kling_post.reports.html.takes import TakeView, take_views, ticks
from kling_post.reports.html.wording import figure_text, length_text
from kling_post.reports.json_report import relative_path
from kling_post.reports.json_values import dollars
from kling_post.reports.material import ReportMaterial
from kling_post.seams.chain_drift import chain_drifts
from kling_post.timebase import timecode
from kling_post.version import __version__
from kling_post.vocabulary import SeamReport, Severity, Verdict
from kling_post.whole_files import write_whole

if TYPE_CHECKING:
    from jinja2 import Environment

_CARDS_ON_A_PAGE = 20
_ROWS_ON_A_PAGE = 200
_FINDING_STILLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamView:
    """One join with the frames on either side of it."""

    anchor: str
    seam: SeamReport
    timecode: str
    before: str
    before_label: str
    after: str
    after_label: str
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that was not checked, and why."""

    subject: str
    anchor: str
    check: str
    reason: str


def write_page(material: ReportMaterial, path: Path, *, progress: Progress = SILENT) -> Path:
    """Write the report page.

    Raises:
        MediaError: a take that the page shows stills of cannot be read.
    """
    progress.start("report", 0, "stills")
    text = render_page(material, path.parent, shelf=_shelf(material, progress))
    write_whole(path, text)
    progress.finish(f"{len(text) / 1e6:.1f} MB")
    return path


def render_page(material: ReportMaterial, folder: Path, *, shelf: StillShelf) -> str:
    """The page's HTML; paths in it are relative to ``folder``. All text from outside is escaped by the template."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    room = files("kling_post.reports.html")
    script = room.joinpath("page.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("kling_post.reports", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=figure_text, dollars=dollars)
    takes = take_views(material, shelf)
    seams = seam_views(material, shelf)
    findings = _all_findings(material, takes, seams)
    questions = tuple(_questions(material, takes, seams))
    ranking, retakes_next = rankings(material) if material.timeline.clips else ((), ())
    paged = _paged(environment, material, takes=takes, seams=seams, findings=findings, questions=questions, ranking=ranking)
    places = {name: [each.name, page] for each in paged.values() for name, page in each.places().items()}
    return environment.get_template("page.html.j2").render(
        material=material,
        timeline=material.timeline,
        version=__version__,
        # Our own files, shipped with the package: the only text that goes in unescaped.
        style=Markup(room.joinpath("page.css").read_text(encoding="utf-8")),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        strip=strip(material, shelf),
        takes=takes,
        seams=seams,
        chains=chain_views(chain_drifts(material.seams)),
        repairs=repairs_view(material, shelf),
        programme_curve=_programme_curve(material),
        programme_ticks=()
        if material.master is None
        else ticks(material.master.facts.frames, material.timeline.rate, first=material.timeline.start_frame),
        findings=findings,
        counts=_counts(material),
        questions=questions,
        ranking=ranking,
        retakes_next=retakes_next,
        crowded=shelf.crowded,
        length=length_text(material.timeline.frames, material.timeline.rate),
        files=_files(material, folder),
        all_paged=tuple(paged.values()),
        places=Markup(json.dumps(places).replace("<", "\\u003c")),  # noqa: S704
        **{f"paged_{name}": each for name, each in paged.items()},
    )


def _paged(
    environment: "Environment",
    material: ReportMaterial,
    *,
    takes: Sequence[TakeView],
    seams: Sequence[SeamView],
    findings: Sequence[FindingRow],
    questions: Sequence[Question],
    ranking: Sequence[RankRow],
) -> dict[str, Paged[Any]]:
    """The page's long lists, each with what draws a part of it."""
    cards: Any = environment.get_template("cards.html.j2").module

    def each(card: Callable[[Any], str]) -> Callable[[Sequence[Any]], str]:
        return lambda part: "".join(map(card, part))

    lists: tuple[tuple[str, Sequence[Any], int, Callable[[Sequence[Any]], str]], ...] = (
        ("takes", takes, _CARDS_ON_A_PAGE, each(lambda take: cards.take_card(take, material.timeline))),
        ("seams", seams, _CARDS_ON_A_PAGE, each(cards.seam_card)),
        ("findings", findings, _ROWS_ON_A_PAGE, cards.all_findings),
        ("questions", questions, _ROWS_ON_A_PAGE, cards.questions_table),
        ("conform", conform_rows(material), _ROWS_ON_A_PAGE, cards.conform_table),
        ("ranking", ranking, _ROWS_ON_A_PAGE, cards.ranking_table),
    )
    return {name: Paged(name=name, items=items, size=size, render=render) for name, items, size, render in lists}


def _shelf(material: ReportMaterial, progress: Progress) -> StillShelf:
    """For as many stills as the page will show: the ends of every take, findings, seams that are not clean, one of each clip."""
    findings = sum(min(_FINDING_STILLS, len(item.judgement.findings)) for item in material.takes)
    unclean = sum(seam.judgement.verdict is not Verdict.PASS for seam in material.seams)
    pictures = 2 * len(material.takes) + findings + 2 * unclean + len(material.timeline.clips)
    return shelf_for(len(material.takes), pictures, progress=progress)


def _programme_curve(material: ReportMaterial) -> object:
    if material.master is None or material.master.loudness is None:
        return None
    target = None if material.target is None else material.target.integrated_lufs
    return loudness_curve(material.master.loudness, seconds=material.master.facts.duration_seconds, target_lufs=target)


def _counts(material: ReportMaterial) -> dict[str, int]:
    findings = [finding for judgement in material.judgements for finding in judgement.findings]
    counts = {str(severity): sum(finding.severity is severity for finding in findings) for severity in SEVERITIES}
    return {**counts, "undetermined": sum(len(judgement.undetermined) for judgement in material.judgements)}


def seam_views(material: ReportMaterial, shelf: StillShelf) -> tuple[SeamView, ...]:
    """Every join of the material with the frames on either side of it."""
    return tuple(_seam_view(seam, place, material, shelf) for place, seam in enumerate(material.seams, start=1))


def _seam_view(seam: SeamReport, place: int, material: ReportMaterial, shelf: StillShelf) -> SeamView:
    timeline = material.timeline
    clips = {clip.clip_id: clip for clip in timeline.clips}
    before, after = clips[seam.outgoing], clips[seam.incoming]
    anchor = f"seam-{place}"

    # Where there are hundreds of joins, the clean ones are told by their scorecards.
    unseen = shelf.crowded and seam.judgement.verdict is Verdict.PASS

    def still(clip: Clip, frame: int) -> tuple[str, str]:
        at = file_frame(clip, frame, timeline.rate)
        if unseen:
            return "", f"{clip.clip_id} f{at}"
        return shelf.data_uri(clip.path, at, width=SEAM_WIDTH), f"{clip.clip_id} f{at}"

    last, last_label = still(before, before.source.stop - 1)
    first, first_label = still(after, after.source.start)
    return SeamView(
        anchor=anchor,
        seam=seam,
        timecode=timecode(timeline.start_frame + seam.record_frame, timeline.rate),
        before=last,
        before_label=last_label,
        after=first,
        after_label=first_label,
        findings=tuple(
            finding_row(
                finding,
                subject=f"{seam.outgoing} to {seam.incoming}",
                anchor=anchor,
                rate=timeline.rate,
                first=timeline.start_frame,
            )
            for finding in worst_first(seam.judgement.findings)
        ),
    )


def _all_findings(material: ReportMaterial, takes: Iterable[TakeView], seams: Iterable[SeamView]) -> tuple[FindingRow, ...]:
    rows = [row for view in takes for row in view.findings] + [row for view in seams for row in view.findings]
    if material.master is not None:
        timeline = material.timeline
        rows += [
            finding_row(finding, subject="programme", anchor="programme", rate=timeline.rate, first=timeline.start_frame)
            for finding in worst_first(material.master.judgement.findings)
        ]
    return tuple(sorted(rows, key=lambda row: SEVERITIES.index(Severity(row.severity))))


def _questions(material: ReportMaterial, takes: Iterable[TakeView], seams: Iterable[SeamView]) -> Iterable[Question]:
    for view in takes:
        for question in view.item.judgement.undetermined:
            yield Question(subject=view.item.take.path.name, anchor=view.anchor, check=question.check, reason=question.reason)
    for seam in seams:
        for question in seam.seam.judgement.undetermined:
            subject = f"{seam.seam.outgoing} to {seam.seam.incoming}"
            yield Question(subject=subject, anchor=seam.anchor, check=question.check, reason=question.reason)
    if material.master is not None:
        for question in material.master.judgement.undetermined:
            yield Question(subject="programme", anchor="programme", check=question.check, reason=question.reason)


def _files(material: ReportMaterial, folder: Path) -> list[dict[str, object]]:
    """Every file that the run made or used, with what an export's format could not carry."""
    rows: list[dict[str, object]] = []
    if material.master is not None:
        facts = material.master.facts
        rows.append(_file_row("Master", facts.path, facts.sha256, folder))
    rows += [_file_row(item.title, item.path, item.sha256, folder, item.notes, carries=True) for item in material.exports]
    rows += [_file_row("Take", item.take.path, item.take.facts.sha256, folder) for item in material.takes]
    return rows


def _file_row(
    title: str, path: Path, sha256: str, folder: Path, notes: tuple[str, ...] = (), *, carries: bool = False
) -> dict[str, object]:
    return {"title": title, "path": relative_path(path, folder), "sha256": sha256, "notes": notes, "carries": carries}
