"""The review page in headless Chromium: what an editor does, by keyboard, and what is on the screen then."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kling_post.cli import main
from kling_post.progress import SILENT
from kling_post.review.room import log_path
from kling_post.review.session import load_session
from kling_post.review.static_folder import write_static
from kling_post.review.verdicts import VerdictLog
from tests.review.browser import (
    Watched,
    come_to_rest,
    frame_shown,
    launched,
    nameless,
    needs_chromium,
    seen_number,
    served,
    settled,
    spilled,
    too_faint,
    wait_until,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with launched() as one:
        yield one


def test_every_step_shows_exactly_its_frame(make_run: Callable[[], Path], browser: "Browser") -> None:
    with served(make_run()) as link:
        watched = Watched(browser)
        page = watched.open(link)
        screen = page.locator("#screen-a")
        for keys, frame in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("Shift+ArrowRight", 26), ("ArrowLeft", 25), ("End", 47)):
            page.keyboard.press(keys)
            settled(page, frame)
            assert seen_number(screen)[0] == frame
        page.goto(page.url.partition("#")[0] + "#one@f33")
        settled(page, 33)
        assert seen_number(screen)[0] == 33
        assert watched.complaints == []


def test_it_plays_forwards_and_backwards_and_stops_on_the_frame_it_shows(make_run: Callable[[], Path], browser: "Browser") -> None:
    with served(make_run()) as link:
        page = Watched(browser).open(link)
        page.keyboard.press("l")
        wait_until(lambda: frame_shown(page) > 8)
        page.keyboard.press("k")
        stopped = come_to_rest(page)
        settled(page, stopped)
        assert page.url.endswith(f"@f{stopped}")
        assert seen_number(page.locator("#screen-a"))[0] == stopped
        page.keyboard.press("End")
        settled(page, 47)
        page.keyboard.press("j")
        wait_until(lambda: frame_shown(page) < 40)
        page.keyboard.press("k")
        stopped = come_to_rest(page)
        settled(page, stopped)
        assert page.url.endswith(f"@f{stopped}")
        assert seen_number(page.locator("#screen-a"))[0] == stopped < 40


def test_in_to_out_loops_and_stays_inside(make_run: Callable[[], Path], browser: "Browser") -> None:
    with served(make_run()) as link:
        page = Watched(browser).open(link)
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        settled(page, 5)
        page.keyboard.press("i")
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        settled(page, 11)
        page.keyboard.press("o")
        page.keyboard.press("Space")
        seen = set()
        for _ in range(60):
            page.wait_for_timeout(20)
            seen.add(frame_shown(page))
        assert min(seen) == 5
        assert 10 <= max(seen) <= 11


def test_a_seam_loops_its_last_and_first_twelve_frames(make_run: Callable[[], Path], browser: "Browser") -> None:
    with served(make_run()) as link:
        watched = Watched(browser)
        page = watched.open(link)
        page.keyboard.press("d")
        frame = page.locator("#frame")
        wait_until(lambda: " of 24: " in frame.inner_text())
        texts: set[str] = set()
        while len(texts) < 21:
            texts.add(frame.inner_text())
        assert {text.split(": ")[1] for text in texts} <= {f"one f{at}" for at in range(36, 48)} | {f"two f{at}" for at in range(12)}
        page.keyboard.press("Space")
        while not frame.inner_text().startswith("12 "):
            page.keyboard.press("ArrowRight")
        number, shade = seen_number(page.locator("#seam-picture"))
        assert (number, abs(shade - 60) < 12) == (47, True)
        page.keyboard.press("ArrowRight")
        number, shade = seen_number(page.locator("#seam-picture"))
        assert (number, abs(shade - 160) < 12) == (0, True)
        assert page.locator("#timecode").inner_text() == "01:00:02:00"
        assert watched.complaints == []


def test_two_takes_stand_at_the_same_frame_side_by_side_and_in_a_wipe(make_run: Callable[[], Path], browser: "Browser") -> None:
    with served(make_run()) as link:
        page = Watched(browser).open(link)
        page.keyboard.press("b")
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        settled(page, 4)
        wait_until(lambda: seen_number(page.locator("#screen-b"))[0] == 4)
        shades = [seen_number(page.locator(one))[1] for one in ("#screen-a", "#screen-b")]
        assert abs(shades[0] - 60) < 12
        assert abs(shades[1] - 110) < 12
        page.keyboard.press("v")
        page.get_by_label("Wipe").fill("25")
        wait_until(lambda: abs(seen_number(page.locator("#stage"))[1] - 110) < 12)
        page.get_by_label("Wipe").fill("75")
        wait_until(lambda: abs(seen_number(page.locator("#stage"))[1] - 60) < 12)


def test_verdicts_by_keyboard_are_there_after_a_reload(make_run: Callable[[], Path], browser: "Browser") -> None:
    folder = make_run()
    with served(folder) as link:
        watched = Watched(browser)
        page = watched.open(link)
        for key in ("r", "]", "a"):
            page.keyboard.press(key)
            page.wait_for_timeout(60)
        page.keyboard.press("n")
        page.keyboard.type("<b>A hand</b> is wrong.")
        page.keyboard.press("Enter")
        wait_until(lambda: VerdictLog(log_path(folder)).read().events == 3)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("f")
        settled(page, 10)
        page.keyboard.press("g")
        page.get_by_label("Reason").fill("It is meant to stand.")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Waive", exact=True).click()
        wait_until(lambda: VerdictLog(log_path(folder)).read().events == 4)
        wait_until(lambda: page.locator("#saved").inner_text().startswith("Saved"))

        page.reload()
        page.wait_for_selector("body[data-ready]")
        assert page.locator("#tally").inner_text().split("\n") == ["1 approved", "1 undecided"]
        page.goto(page.url.partition("#")[0] + "#two")
        wait_until(lambda: "It is meant to stand." in page.locator("#findings").inner_text())
        page.keyboard.press("ArrowUp")
        wait_until(lambda: "<b>A hand</b> is wrong." in page.locator("#notes").inner_text())
        assert watched.complaints == []
    now = VerdictLog(log_path(folder)).read()
    assert sorted(now.of_take.values()) == ["approved", "rejected"]
    assert (now.waivers[0].subject, now.waivers[0].frames, now.waivers[0].by) == ("two_t1.mp4", (10, 20), "mara")
    assert now.waivers[0].expires > date.today()  # noqa: DTZ011


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (1280, "light"), (390, "dark"), (390, "light")])
def test_everything_has_a_name_enough_contrast_and_room_also_with_hostile_text(
    make_run: Callable[[], Path], browser: "Browser", width: int, scheme: str
) -> None:
    with served(make_run()) as link:
        watched = Watched(browser, width=width, scheme=scheme)
        page = watched.open(link)
        for key in ("a", "b", "ArrowDown", "r"):
            page.keyboard.press(key)
            page.wait_for_timeout(100)
        assert nameless(page) == []
        assert too_faint(page) == []
        assert spilled(page) == []
        assert "<img src=x onerror=alert(1)>" in page.locator("#about").inner_text()
        assert page.locator("#about img, #project img, #findings img").count() == 0
        page.keyboard.press("?")
        assert nameless(page) == []
        assert too_faint(page) == []
        assert watched.complaints == []


def test_a_filter_leaves_what_was_asked_for(make_run: Callable[[], Path], browser: "Browser") -> None:
    with served(make_run()) as link:
        page = Watched(browser).open(link)
        page.get_by_label("Check").select_option("freeze")
        assert page.locator("#shot-count").inner_text() == "1 of 2 shots"
        page.get_by_label("Check").select_option("")
        page.get_by_label("Show").select_option("approved")
        assert page.locator("#shot-count").inner_text() == "0 of 2 shots"


def test_a_static_folder_needs_no_server_and_its_verdicts_come_home(
    make_run: Callable[[], Path], browser: "Browser", tmp_path: Path
) -> None:
    folder = make_run()
    index = write_static(load_session(folder), tmp_path / "static", progress=SILENT)
    watched = Watched(browser)
    page = watched.open(index.as_uri())
    page.keyboard.press("ArrowRight")
    settled(page, 1)
    assert seen_number(page.locator("#screen-a"))[0] == 1
    page.keyboard.press("d")
    wait_until(lambda: " of 24: " in page.locator("#frame").inner_text())
    page.get_by_label("Your name").fill("Ada")
    page.locator("#viewer").focus()
    page.keyboard.press("r")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#shot-list .chip.rejected").count() == 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Download verdicts").click()
    saved = tmp_path / "verdicts.jsonl"
    download.value.save_as(saved)
    assert watched.complaints == []
    from kling_post.pipeline.apply_verdicts import take_in

    session = load_session(folder)
    assert [take_in(session, saved), take_in(session, saved)] == [1, 0]
    events = [json.loads(line) for line in log_path(folder).read_text().splitlines()]
    assert [(event["kind"], event["verdict"], event["by"]) for event in events] == [("verdict", "rejected", "Ada")]


@pytest.mark.slow
def test_from_the_page_to_the_new_edit(browser: "Browser", tmp_path: Path) -> None:
    shot = 'shots:\n  - {id: dawn, prompt: "Wide shot of a snowy plain at dawn, slow dolly forward.", duration: 3, takes: 2}\n'
    (tmp_path / "project.yaml").write_text(f"name: plain\nrate: 24\nsize: 3840x2160\n{shot}")
    words = [str(tmp_path / "project.yaml"), "--out", str(tmp_path / "out"), "--rehearse", "160x90", "-q"]
    assert main(["run", *words]) in {0, 5}
    folder = tmp_path / "out" / "rehearsal_160x90"
    used = load_session(folder).used["dawn"]
    with served(folder) as link:
        Watched(browser).open(link).keyboard.press("r")
        wait_until(lambda: VerdictLog(log_path(folder)).read().of_take == {used: "rejected"})
    assert main(["apply-verdicts", *words]) in {0, 5}
    after = load_session(folder)
    assert after.used["dawn"] != used
    with served(folder) as link:
        page = Watched(browser).open(link)
        assert page.locator(".take:has(.now)").inner_text().startswith(f"1. take {after.takes[after.used['dawn']].number}")
