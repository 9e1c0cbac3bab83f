"""A smart-rendered master in a real browser: it plays, and a seek to any frame shows that frame."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.master import render_master
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.sound.targets import target
from kling_post.vocabulary import JoinKind, Size

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = """<!doctype html><video id=v muted src=/movie.mp4></video><script>
const video = document.getElementById('v'), canvas = document.createElement('canvas'), greys = [];
const when = name => new Promise((done, failed) => {
  video.addEventListener(name, done, {once: true});
  video.addEventListener('error', () => failed(video.error.message), {once: true});
});
// A frame is drawn some time after its seek has ended, on a busy machine noticeably.
let shown = -1;
const note = (now, about) => { shown = about.mediaTime; video.requestVideoFrameCallback(note); };
video.requestVideoFrameCallback(note);
const pause = milliseconds => new Promise(done => setTimeout(done, milliseconds));
const tell = what => fetch('/told', {method: 'POST', body: JSON.stringify(what)});
(async () => {
  await when('loadeddata');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const drawing = canvas.getContext('2d', {willReadFrequently: true});
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const sought = when('seeked');
    video.currentTime = (frame + 0.5) / 24;
    await sought;
    for (let look = 0; look < 100 && Math.abs(shown - frame / 24) > 0.01; look += 1) await pause(10);
    drawing.drawImage(video, 0, 0);
    greys.push(drawing.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[1]);
  }
  video.currentTime = 0;
  await when('seeked');
  const ended = when('ended');
  await video.play();
  await ended;
  const quality = video.getVideoPlaybackQuality();
  await tell({duration: video.duration, size: [video.videoWidth, video.videoHeight], greys, corrupted: quality.corruptedVideoFrames || 0});
})().catch(error => tell({error: String(error)}));
</script>"""


def _take(path: Path, greys: range, **more: Any) -> EditEntry:
    with FrameWriter(path, size=Size(160, 90), rate=Fraction(24)) as writer:
        for grey in greys:
            writer.write(np.full((90, 160, 3), grey, np.uint8))
    return EditEntry(path=path, facts=probe(path), shot_ids=(path.stem,), **more)


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_the_master_plays_to_its_end_and_every_frame_can_be_sought(tmp_path: Path) -> None:
    entries = [
        _take(tmp_path / "a.mp4", range(20, 116, 2)),
        _take(tmp_path / "b.mp4", range(220, 124, -2), join=JoinKind.DISSOLVE, dissolve_frames=8),
        _take(tmp_path / "c.mp4", range(30, 78, 2), trim_head_frames=3),
    ]
    master = render_master(assemble("browser", entries, rate=Fraction(24)), target=target("streaming"), folder=tmp_path / "out")
    assert min(master.copied_frames, master.encoded_frames) > 20  # two sets of parameters in one file
    told = _told_by_browser(master.path, master.frames, tmp_path / "profile")
    assert "error" not in told, told
    assert (told["size"], told["corrupted"]) == ([160, 90], 0)
    assert told["duration"] == pytest.approx(master.frames / 24, abs=1e-3)
    with av.open(str(master.path)) as container:
        expected = [int(frame.to_ndarray(format="rgb24")[45, 80, 1]) for frame in container.decode(video=0)]
    assert np.abs(np.array(told["greys"]) - expected).max() <= 2


def _told_by_browser(movie: Path, frames: int, profile: Path) -> dict[str, Any]:
    told: dict[str, Any] = {}
    done = threading.Event()
    answer: Callable[[BaseHTTPRequestHandler, bytes, str], None] = _answer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/movie.mp4":
                answer(self, movie.read_bytes(), "video/mp4")
            else:
                answer(self, PAGE.replace("FRAMES", str(frames)).encode(), "text/html")

        def do_POST(self) -> None:
            told.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer(self, b"", "text/plain")
            done.set()

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assert BROWSER is not None
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--autoplay-policy=no-user-gesture-required"]
    address = f"http://127.0.0.1:{server.server_port}/"
    browser = subprocess.Popen(
        [BROWSER, *switches, f"--user-data-dir={profile}", "--remote-debugging-port=0", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert done.wait(60), "the browser said nothing"
    finally:
        browser.terminate()
        browser.wait(20)
        server.shutdown()
        server.server_close()
    return told


def _answer(handler: BaseHTTPRequestHandler, body: bytes, kind: str) -> None:
    """Whole or by range: a browser seeks with ranges."""
    first, last, wanted = 0, len(body) - 1, handler.headers.get("Range")
    if wanted:
        begin, _, end = wanted.removeprefix("bytes=").partition("-")
        first, last = int(begin), int(end) if end else last
    handler.send_response(206 if wanted else 200)
    handler.send_header("Content-Type", kind)
    handler.send_header("Accept-Ranges", "bytes")
    if wanted:
        handler.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
    handler.send_header("Content-Length", str(last - first + 1))
    handler.end_headers()
    handler.wfile.write(body[first : last + 1])
