import base64
import gzip
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.reports.html.curves import curves_of
from kling_post.reports.html.page import write_page
from kling_post.reports.html.paging import Paged
from kling_post.reports.html.stills import shelf_for
from kling_post.reports.material import ReportMaterial
from tests.review.browser import Watched, launched, nameless, needs_chromium, too_faint


def paged(total: int, size: int = 10) -> Paged[int]:
    def render(part: Sequence[int]) -> str:
        return "".join(f'<p id="item-{number}">{number}</p>' for number in part)

    return Paged(name="items", items=range(total), size=size, render=render)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 200), st.integers(1, 30))
def test_every_item_is_on_one_page_in_order_and_its_place_is_known(total: int, size: int) -> None:
    pages = paged(total, size)
    everything = "".join(pages.texts)
    assert everything == "".join(f'<p id="item-{number}">{number}</p>' for number in range(total))
    for name, place in pages.places().items():
        assert f'id="{name}"' in pages.texts[place - 1]
    assert len(pages.places()) == (total if pages.count > 1 else 0)


def test_a_short_list_is_left_as_it_is() -> None:
    pages = paged(14)
    assert (pages.count, pages.packed, pages.places()) == (1, (), {})


def test_packed_pages_are_the_pages() -> None:
    pages = paged(31)
    assert pages.count == 3
    assert tuple(gzip.decompress(base64.b64decode(page)).decode() for page in pages.packed) == pages.texts


def test_stills_get_smaller_as_they_get_many_but_not_before() -> None:
    assert (shelf_for(4, 40).scale, shelf_for(4, 40).crowded) == (1.0, False)
    many = shelf_for(1000, 7000)
    assert many.crowded
    assert 0.3 < many.scale < 0.5
    assert 7000 * many.most_bytes * 4 / 3 < 30e6


@pytest.fixture
def many_takes(material: ReportMaterial, tmp_path: Path) -> ReportMaterial:
    """Sixty takes beside the one in the edit."""
    item = material.takes[0]
    task = item.take.task

    def another(number: int) -> object:
        shots = (replace(task.shots[0], shot_id=f"spare_{number}"),)
        path = tmp_path / f"spare_{number}.mp4"
        path.hardlink_to(item.take.path)
        return replace(item, signals={}, loudness=None, take=replace(item.take, path=path, task=replace(task, shots=shots)))

    return replace(material, takes=(item, *(another(number) for number in range(60))))  # type: ignore[arg-type]


@needs_chromium
def test_pages_are_turned_and_links_lead_into_pages_that_are_not_shown(many_takes: ReportMaterial, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page_file = write_page(many_takes, tmp_path / "index.html")
    with launched() as browser:
        watched = Watched(browser, height=900, scheme="light")
        page = watched.page
        page.goto(page_file.as_uri())
        assert page.locator("#takes article").count() == 20
        pager = page.locator('[data-pager="takes"]').first
        assert pager.locator("output").inner_text() == "takes 1 to 20 of 61"
        pager.get_by_role("button", name="Next").click()
        expect(pager.locator("output")).to_have_text("takes 21 to 40 of 61")
        expect(page.locator("#take-21")).to_be_attached()
        page.goto(f"{page_file.as_uri()}#take-61")
        expect(page.locator("#take-61")).to_be_in_viewport()
        page.goto(f"{page_file.as_uri()}#caravan_2@f30")
        expect(page.locator('[id="caravan_2@f30"]')).to_have_class("still fail target")
        assert page.locator("#takes article script").count() == 0
        assert watched.complaints == []
        assert nameless(page) == []
        assert too_faint(page) == []


@needs_chromium
def test_a_crowded_page_draws_the_curves_that_a_small_one_carries(
    material: ReportMaterial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (luma, *_) = curves_of(material.takes[0].signals)
    monkeypatch.setattr("kling_post.reports.html.stills.CROWDED", 0)
    page_file = write_page(material, tmp_path / "index.html")
    assert luma.lines[0].path not in page_file.read_text(encoding="utf-8")
    with launched() as browser:
        page = Watched(browser).page
        page.goto(page_file.as_uri())
        drawn = page.locator('#take-1 [data-title="Luma"] path.line').get_attribute("d") or ""
    numbers = [[float(each) for each in re.findall(r"[\d.]+", path)] for path in (drawn, luma.lines[0].path)]
    assert numbers[0] == pytest.approx(numbers[1], abs=0.6)
