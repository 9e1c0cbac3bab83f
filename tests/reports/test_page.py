"""The page as a browser sees it: parsed, not searched for texts."""

import base64
import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from kling_post.media.decode import decode_rgb
from kling_post.progress import SILENT
from kling_post.reports.html.page import write_page
from kling_post.reports.html.stills import StillShelf
from kling_post.reports.material import ReportMaterial
from kling_post.reports.report import write_report


class Page(HTMLParser):
    """Elements with their attributes, and all text outside of script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag if tag in ("script", "style") else ""
        if tag == "script" and "type" in dict(attrs):  # data, which no browser runs
            self._inside = "style"

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside != "style":
            self.text += data

    def all(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


@pytest.fixture(scope="module")
def written(material: ReportMaterial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(material, tmp_path_factory.mktemp("report"), progress=SILENT).page


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return Page(written.read_text(encoding="utf-8"))


def test_the_page_needs_nothing_but_itself(page: Page) -> None:
    assert all(source.startswith("data:image/webp;base64,") for source in page.all("src"))
    assert all(target.startswith("#") for target in page.all("href"))
    assert "link" not in {tag for tag, _ in page.elements}
    style = files("kling_post.reports.html").joinpath("page.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_hostile_text_stays_text(page: Page, hostile: str) -> None:
    assert len(page.scripts) == 1
    assert page.text.count("<script>alert('out')</script>") >= 4
    assert hostile in page.text


def test_only_the_page_s_own_script_may_run(page: Page) -> None:
    policy = next(attributes["content"] for tag, attributes in page.elements if attributes.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(page.scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_ids_are_unique_and_every_link_leads_somewhere(page: Page) -> None:
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    for target in page.all("href"):
        name = target[1:]
        assert name in ids or name.partition("@f")[0] in ids, name


def test_findings_lead_to_their_frame_by_clip_name(page: Page) -> None:
    assert "#caravan_2@f30" in page.all("href")
    assert "caravan_2@f30" in page.all("id")


def test_stills_are_small_and_said_in_words(page: Page) -> None:
    pictures = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(pictures) >= 9
    assert all("alt" in picture for picture in pictures)
    assert all(len(base64.b64decode(picture["src"].partition(",")[2])) <= 40_000 for picture in pictures)


def test_what_was_not_checked_and_not_drawn_is_said(page: Page) -> None:
    for words in ("Too soft to tell.", "a mirror-mask", "No depth.", "No markers.", "All copied."):
        assert words in page.text


def test_a_still_is_fetched_once_whatever_sizes_are_shown(take_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[int] = []

    def counting(path: Path, index: int, *, width: int | None = None) -> object:
        fetched.append(index)
        return decode_rgb(path, index, width=width)

    monkeypatch.setattr("kling_post.reports.html.stills.decode_rgb", counting)
    shelf = StillShelf()
    assert shelf.data_uri(take_file, 5, width=80) != shelf.data_uri(take_file, 5, width=160)
    shelf.data_uri(take_file, 5, width=80)
    assert fetched == [5]


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_colours_reach_contrast_aa(theme: str) -> None:
    style = files("kling_post.reports.html").joinpath("page.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)[:2]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light if theme == "light" else dark))
    pairs = [(text, ground) for text in ("ink", "muted", "link") for ground in ("paper", "surface", "sunk")]
    pairs += [(tone, f"{tone}-tint") for tone in ("fail", "review", "info", "undetermined", "pass")]
    for text, ground in pairs:
        high, low = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (theme, text, ground)


_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium on this machine: the page's script is not tried in a browser")
@pytest.mark.parametrize(("link", "reads"), [("caravan_2@f30", "f30"), ("caravan_1@f7", "f7")])
def test_a_deep_link_puts_the_cursor_on_its_frame(written: Path, tmp_path: Path, link: str, reads: str) -> None:
    assert _CHROMIUM is not None
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--dump-dom"]
    dumped = subprocess.run(
        [_CHROMIUM, *arguments, f"--user-data-dir={tmp_path}", f"{written.as_uri()}#{link}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )
    readings = re.findall(r'<p class="reading"[^>]*>([^<]*)</p>', dumped.stdout)
    assert readings[0].startswith(f"{reads} ")
    assert ("still fail target" in dumped.stdout) == (link == "caravan_2@f30")


def test_writing_the_page_again_gives_the_same_bytes(material: ReportMaterial, tmp_path: Path) -> None:
    first = write_page(material, tmp_path / "a.html").read_bytes()
    assert write_page(material, tmp_path / "b.html").read_bytes() == first


def test_takes_of_a_shot_are_ranked_with_what_reviewers_said(material: ReportMaterial, tmp_path: Path) -> None:
    item = material.takes[0]
    path = tmp_path / "second.mp4"
    path.hardlink_to(item.take.path)
    task = replace(item.take.task, take_number=2)
    second = replace(item, word="approved", take=replace(item.take, path=path, task=task, cost_usd=Decimal("4.20")))
    text = Page(write_page(replace(material, takes=(item, second)), tmp_path / "index.html").read_text(encoding="utf-8")).text
    ranked = text[text.index("Take ranking", text.index("Seams")) :]
    assert ranked.index("1. take 2") < ranked.index("approved by a reviewer") < ranked.index("2. take 1")
    assert "usable: f0 to f29, 30 of 48 frames" in ranked
    assert "3.36" in ranked
    assert "Best retake next" not in ranked
