"""What the browser tests share: Chromium where there is one, a served review, frame numbers read off the screen, and two audits."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from kling_post.review.guard import new_token
from kling_post.review.room import ReviewRoom, log_path, proxy_shelf
from kling_post.review.server import make_app
from kling_post.review.session import load_session
from kling_post.review.verdicts import VerdictLog

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

BITS = 8
_ONE_PICTURE_LATER = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def chromium() -> str | None:
    """The system's Chromium, where there is one and what drives it is installed."""
    import shutil
    from importlib.util import find_spec

    if find_spec("playwright") is None:
        return None
    return next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


needs_chromium = pytest.mark.skipif(
    chromium() is None, reason="no Chromium (or no playwright) on this machine: the pages are not tried in a browser"
)


@contextmanager
def launched() -> Iterator["Browser"]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required",
        "--mute-audio",
    ]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The review of a run's folder, answered on a free port; gives the link."""
    import uvicorn

    session = load_session(folder)
    room = ReviewRoom(session=session, log=VerdictLog(log_path(folder)), proxies=proxy_shelf(session), reviewer="mara")
    listening = socket.create_server(("127.0.0.1", 0))
    port, token = listening.getsockname()[1], new_token()
    server = uvicorn.Server(uvicorn.Config(make_app(room, token=token, port=port), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    room.proxies.start()
    room.proxies.want_all()
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/?token={token}"
    finally:
        server.should_exit = True
        thread.join(10)
        room.proxies.stop()
        listening.close()


class Watched:
    """A page, and everything that it complained of."""

    def __init__(self, browser: "Browser", *, width: int = 1280, height: int = 800, scheme: Any = "dark") -> None:
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, link: str) -> "Page":
        """Open a review, and wait until its first take can be seen."""
        from playwright.sync_api import expect

        self.page.goto(link)
        self.page.wait_for_selector("body[data-ready]")
        expect(self.page.locator("#stage-words")).to_have_text("", timeout=30_000)
        return self.page


def seen_number(locator: "Locator") -> tuple[int, int]:
    """The frame number in the bars of what is on the screen, and how bright its lower part is."""
    shot = np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("L")).astype(int)
    lit = np.where(shot[:, shot.shape[1] // 2] > -1)[0]
    assert lit.size
    picture = _picture(shot)
    rows, columns = picture.shape
    bars = [picture[rows // 6, (2 * bit + 1) * columns // (2 * BITS)] > 128 for bit in range(BITS)]
    return sum(1 << (BITS - 1 - bit) for bit, white in enumerate(bars) if white), int(picture[rows * 3 // 4, columns // 2])


def _picture(shot: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """The 16:9 picture inside its letterbox."""
    rows, columns = shot.shape
    if columns * 9 > rows * 16:
        wide = rows * 16 // 9
        return shot[:, (columns - wide) // 2 : (columns + wide) // 2]
    high = columns * 9 // 16
    return shot[(rows - high) // 2 : (rows + high) // 2]


def frame_shown(page: "Page") -> int:
    """What the page says is shown."""
    text = page.locator("#frame").inner_text()
    return int(text.removeprefix("f").split()[0])


def come_to_rest(page: "Page") -> int:
    """Wait until no seek is under way after playing was stopped, and say which frame is shown."""
    wait_until(lambda: not page.evaluate("() => [...document.querySelectorAll('video')].some((video) => video.seeking)"))
    page.evaluate(_ONE_PICTURE_LATER)
    return frame_shown(page)


def settled(page: "Page", frame: int) -> None:
    """Wait until the page says that a frame is shown."""
    from playwright.sync_api import expect

    expect(page.locator("#frame")).to_have_text(f"f{frame} of 48")
    # One picture later the compositor has it too.
    page.evaluate(_ONE_PICTURE_LATER)


def wait_until(holds: Any, *, seconds: float = 20.0) -> None:
    """Ask again until it holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def nameless(page: "Page") -> list[str]:
    """Controls that a screen reader would have no name for."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    controls = {"button", "combobox", "slider", "checkbox", "radio", "textbox", "link", "image", "menuitem", "tab", "DateTime", "Date"}
    return [
        f"{node['role']['value']} {node.get('backendDOMNodeId')}"
        for node in nodes
        if not node.get("ignored") and node.get("role", {}).get("value") in controls and not node.get("name", {}).get("value", "").strip()
    ]


def _script(name: str) -> str:
    text = Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")
    return text.partition("\n")[2].strip()


def too_faint(page: "Page") -> list[str]:
    """Visible text below WCAG's AA contrast on what lies behind it."""
    found: list[str] = page.evaluate(_script("too_faint"))
    return found


def spilled(page: "Page") -> list[str]:
    """Text that is cut off or wider than what holds it."""
    found: list[str] = page.evaluate(_script("spilled"))
    return found
