"""FCPXML against Apple's own document type.

The document type is Apple's and not ours to carry: it stands inside Final Cut Pro, and whoever has it names it in the environment.
"""

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from kling_post.edit.timeline import Alternate, Timeline
from kling_post.exports import fcpxml
from kling_post.vocabulary import Fit, Size

DOCUMENT_TYPE = os.environ.get("KLING_POST_FCPXML_DTD", "")
pytestmark = pytest.mark.skipif(not DOCUMENT_TYPE, reason="KLING_POST_FCPXML_DTD names no FCPXMLv1_10.dtd")


def faults(path: Path) -> str:
    document_type = etree.DTD(DOCUMENT_TYPE)
    return "" if document_type.validate(etree.parse(str(path))) else str(document_type.error_log)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_edit_is_valid_by_apples_document_type(data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path: Path) -> None:
    fcpxml.write(data.draw(any_timeline), tmp_path / "any.fcpxml")
    assert faults(tmp_path / "any.fcpxml") == ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_stems_speeds_split_edits_and_captions_are_valid_too(
    data: st.DataObject, rich_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    fcpxml.write(data.draw(rich_timeline), tmp_path / "rich.fcpxml")
    assert faults(tmp_path / "rich.fcpxml") == ""


def test_other_takes_sizes_and_rates_are_valid_too(two_worlds: Timeline, tmp_path: Path) -> None:
    first, second, third = two_worlds.clips
    smaller = replace(first.facts, path=Path("/footage/other.mp4"), size=Size(1920, 1080), rate=Fraction(25))
    other = Alternate(path=smaller.path, facts=smaller, name="other take", reel="OTHER")
    timeline = replace(two_worlds, clips=(replace(first, facts=smaller, fit=Fit.FILL), replace(second, alternates=(other,)), third))
    fcpxml.write(timeline, tmp_path / "mixed.fcpxml")
    assert "conform-rate" in (tmp_path / "mixed.fcpxml").read_text(encoding="utf-8")
    assert faults(tmp_path / "mixed.fcpxml") == ""


def test_a_file_that_breaks_the_document_type_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "broken.fcpxml"
    path.write_text('<?xml version="1.0"?><fcpxml version="1.10"><resources/><spine/></fcpxml>', encoding="utf-8")
    assert faults(path)
