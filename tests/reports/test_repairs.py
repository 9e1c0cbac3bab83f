"""Repairs in the report: told with their figures before, foretold and after, in a document that keeps its schema."""

from dataclasses import replace
from pathlib import Path

import jsonschema

from kling_post.edit.colour import ColourTransform
from kling_post.repair.join import Declined
from kling_post.repair.outcome import Mending, Outcome, State
from kling_post.repair.repairs import MatchColour, Prediction, TrimHead
from kling_post.reports.html.page import render_page
from kling_post.reports.html.stills import StillShelf
from kling_post.reports.json_report import json_schema, report_as_json
from kling_post.reports.material import ReportMaterial
from kling_post.vocabulary import SeamProperty


def mended(material: ReportMaterial) -> ReportMaterial:
    """The report's one join, repaired: its colour matched, a trim taken back, another thing declined."""
    seam = material.seams[0]
    names = {"outgoing": seam.outgoing, "incoming": seam.incoming}
    foretold = Prediction(property="colour", unit="Delta E ITP", before=6.0, after=0.4, limit=3.0)
    match = MatchColour(
        outgoing=seam.outgoing,
        incoming=seam.incoming,
        reason="Over the join colour steps.",
        transform=ColourTransform(slope=(0.9, 1.0, 1.1)),
        anchor=seam.outgoing,
        fitted_pixels=5000,
        predictions=(foretold,),
    )
    trim = TrimHead(outgoing=seam.outgoing, incoming=seam.incoming, reason="One comes twice.", frames=1)

    def with_colour(step: float) -> SeamProperty:
        return SeamProperty(name="colour", measured=step, limit=3.0, unit="Delta E ITP", severity=None)

    before, after = (replace(seam, properties=(with_colour(step),)) for step in (6.0, 0.5))
    mending = Mending(
        timeline=material.timeline,
        outcomes=(
            Outcome(repair=match, state=State.APPLIED),
            Outcome(repair=trim, state=State.WITHDRAWN, note="Measured in the finished programme, framing went from 0.10 to 2.00."),
        ),
        declined=(Declined(**names, kind="ease framing", reason="The picture jumps further than an eased move may hide."),),
        before=(before,),
        after=(after,),
    )
    return replace(material, seams=(after,), mending=mending)


def test_the_document_tells_each_repair_and_keeps_its_schema(material: ReportMaterial, tmp_path: Path) -> None:
    document = report_as_json(mended(material), tmp_path)
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    assert [(repair["kind"], repair["state"]) for repair in document["repairs"]] == [
        ("match colour", "applied"),
        ("trim head", "withdrawn"),
        ("ease framing", "not proposed"),
    ]
    assert document["repairs"][0]["foretold"] == [{"property": "colour", "unit": "Delta E ITP", "before": 6.0, "after": 0.4}]
    assert document["repairs"][0]["measured"] == [{"property": "colour", "unit": "Delta E ITP", "before": 6.0, "after": 0.5}]


def test_a_join_says_how_it_was_repaired_and_what_it_measured_before(material: ReportMaterial, tmp_path: Path) -> None:
    document = report_as_json(mended(material), tmp_path)
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    (seam,) = document["seams"]
    assert seam["repaired"] == ["match colour"]
    (row,) = seam["properties"]
    assert (row["name"], row["before"], row["measured"]) == ("colour", 6.0, 0.5)


def test_a_join_that_nothing_was_done_to_has_no_figures_from_before(material: ReportMaterial, tmp_path: Path) -> None:
    seam = report_as_json(material, tmp_path)["seams"][0]
    assert seam["repaired"] == []
    assert all("before" not in row for row in seam["properties"])


def test_the_page_shows_figures_before_foretold_and_after(material: ReportMaterial, tmp_path: Path) -> None:
    page = render_page(mended(material), tmp_path, shelf=StillShelf())
    section = (
        page[page.index('id="repairs"') : page.index('id="programme"')] if 'id="programme"' in page else page[page.index('id="repairs"') :]
    )
    assert "Matches caravan_2&#39;s colour to caravan_1 by an ASC CDL, constant over the whole clip." in section
    assert "framing went from 0.10 to 2.00" in section
    assert '<td class="number">0.5</td>' in section


def test_a_report_without_repairs_has_no_such_section(material: ReportMaterial, tmp_path: Path) -> None:
    assert 'id="repairs"' not in render_page(material, tmp_path, shelf=StillShelf())
