"""A report about a thousand clips: how large its page is, and how long a browser takes to show it.

    python scripts/bench_report.py [--clips 1000] [--keep page.html]

Made-up runs: takes of 240 frames with all curves, two findings in every third one, a seam between any two. The pictures are frames of
eight small files with detail in them. Opening is measured in headless Chromium through Playwright, from the call to the end of
loading and the first frame behind it, three times; then a link to the last clip.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.probe import probe
from kling_post.reports.html.page import write_page
from kling_post.reports.material import ReportMaterial, TakeMaterial
from kling_post.vocabulary import (
    Finding,
    FrameRange,
    JoinKind,
    Judgement,
    MediaFacts,
    PlannedShot,
    SeamProperty,
    SeamReport,
    Severity,
    Size,
    Take,
    TakePlan,
    VideoTask,
)

FILES, FRAMES, SIZE = 8, 24, Size(640, 360)
CURVE_FRAMES = 240


def clip_file(path: Path, seed: int) -> Path:
    """24 frames of texture with detail at every scale, as footage has, moving."""
    chance = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(chance.standard_normal((SIZE.height, SIZE.width, 3)), axes=(0, 1))
    rows = np.fft.fftfreq(SIZE.height)[:, None]
    columns = np.fft.rfftfreq(SIZE.width)[None, :]
    spectrum /= np.maximum(np.hypot(rows, columns), 1 / SIZE.width)[..., None]
    picture = np.fft.irfft2(spectrum, s=(SIZE.height, SIZE.width), axes=(0, 1))
    picture = np.clip(128 + 45 * picture / picture.std(), 0, 255).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "20", "preset": "veryfast", "g": "1"})
        stream.width, stream.height, stream.pix_fmt = SIZE.width, SIZE.height, "yuv420p"
        for frame in range(FRAMES):
            shifted = np.ascontiguousarray(np.roll(picture, 9 * frame, axis=1))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shifted, format="rgb24")))
        container.mux(stream.encode())
    return path


def finding(check: str, severity: Severity, frame: int) -> Finding:
    return Finding(
        check=check,
        severity=severity,
        frames=FrameRange(frame, frame + 2),
        measured=2.5,
        limit=1.0,
        unit="%",
        message=f"Something is off by 2.5 % at frame {frame}.",
        source="this benchmark",
        remedy="Take it again.",
    )


def take(number: int, path: Path, facts: MediaFacts) -> TakeMaterial:
    chance = np.random.default_rng(number)
    shot = PlannedShot(
        shot_id=f"shot_{number:04d}", prompt="A caravan crosses cracked salt plates before smoking volcanoes. " * 6, duration_seconds=10
    )
    task = VideoTask(
        task_uuid=f"00000000-0000-4000-8000-{number:012d}",
        model="klingai:kling-video@3-4k",
        shots=(shot,),
        negative_prompt="jitter, text",
        size=SIZE,
        duration_seconds=10,
        sound=True,
    )
    off = (finding("flicker", Severity.REVIEW, number % 20), finding("freeze", Severity.FAIL, 3)) if number % 3 == 0 else ()
    walk = np.cumsum(chance.standard_normal((CURVE_FRAMES, 6)), axis=0)
    signals = {
        "luma": {"mean": 110 + walk[:, 0]},
        "motion": {"median": 2 + np.abs(walk[:, 1]), "p95": 6 + np.abs(walk[:, 2])},
        "displacement": {"tile_median": np.abs(walk[:, 3]), "tile_p90": 1 + np.abs(walk[:, 4])},
        "colour": {"chroma": 128 + walk[:, 4:6]},
    }
    return TakeMaterial(
        take=Take(task=task, backend="previz", path=path, facts=facts, cost_usd=Decimal("4.20")),
        plan=TakePlan(size=SIZE, cut_seconds=()),
        judgement=Judgement(findings=off),
        signals=signals,
        quoted_usd=Decimal("4.20"),
    )


def material(clips: int, folder: Path) -> ReportMaterial:
    files = [clip_file(folder / f"take_{number}.mp4", number) for number in range(FILES)]
    facts = [probe(path) for path in files]
    names = [folder / f"take_{number:04d}.mp4" for number in range(clips)]
    for number, name in enumerate(names):
        name.hardlink_to(files[number % FILES])
    takes = [take(number, name, facts[number % FILES]) for number, name in enumerate(names)]
    edit = [
        Clip(
            clip_id=one.take.task.shots[0].shot_id,
            name=one.take.task.shots[0].shot_id,
            reel=f"R{number:06d}",
            path=one.take.path,
            facts=one.take.facts,
            source=FrameRange(0, FRAMES),
            record=FrameRange(number * FRAMES, (number + 1) * FRAMES),
            join=JoinKind.CUT,
        )
        for number, one in enumerate(takes)
    ]
    rows = tuple(SeamProperty(name=f"property {row}", measured=1.0 + row, limit=4.0, unit="%", severity=None) for row in range(12))
    seams = [
        SeamReport(
            outgoing=before.clip_id,
            incoming=after.clip_id,
            record_frame=after.record.start,
            planned=JoinKind.CUT,
            properties=rows,
            judgement=Judgement(findings=(finding("seam.luma", Severity.REVIEW, after.record.start),) if place % 5 == 0 else ()),
            seen=JoinKind.CUT,
        )
        for place, (before, after) in enumerate(pairwise(edit))
    ]
    timeline = Timeline(name="thousand", rate=Fraction(24), size=SIZE, start_frame=86_400, clips=tuple(edit))
    return ReportMaterial(
        project_name="thousand",
        timeline=timeline,
        takes=tuple(takes),
        seams=tuple(seams),
        backend_title="made up",
        created=datetime.now(UTC),
    )


def open_in_browser(page: Path, last: str) -> None:
    import shutil

    from playwright.sync_api import sync_playwright

    painted = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for _ in range(3):
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            begin = time.perf_counter()
            tab.goto(page.as_uri())
            tab.evaluate(painted)
            print(f"opened and painted after {time.perf_counter() - begin:.2f} s")
            begin = time.perf_counter()
            tab.evaluate(f"() => {{ location.hash = '#{last}@f3'; }}")
            tab.wait_for_selector(f"[id='{last}']", state="attached")
            tab.evaluate(painted)
            print(f"the last clip by its link after {time.perf_counter() - begin:.2f} s")
            tab.close()
        browser.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clips", type=int, default=1000)
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        page = write_page(material(chosen.clips, Path(folder)), chosen.keep or Path(folder) / "index.html")
        print(f"{chosen.clips} clips: {page.stat().st_size / 1e6:.1f} MB, written in {time.process_time() - begin:.0f} CPU-seconds")
        open_in_browser(page.resolve(), f"shot_{chosen.clips - 1:04d}")


if __name__ == "__main__":
    main()
