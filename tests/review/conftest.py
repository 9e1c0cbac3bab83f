"""A finished run without a run: two shots, three takes that say in their picture which frame is seen, and the report about them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.media.probe import probe
from kling_post.reports.json_values import facts_json
from kling_post.review.session import ReviewSession, load_session

FRAMES = 48
WIDTH, HEIGHT = 320, 180
BITS = 8
HOSTILE = "<img src=x onerror=alert(1)> </script> \N{RIGHT-TO-LEFT OVERRIDE}txet \N{COLLISION SYMBOL}" + "w" * 200


def numbered(frame: int, *, shade: int) -> NDArray[np.uint8]:
    """A grey picture with its frame number as eight broad bars at the top, white for one."""
    picture = np.full((HEIGHT, WIDTH, 3), shade, np.uint8)
    wide = WIDTH // BITS
    for bit in range(BITS):
        picture[: HEIGHT // 3, bit * wide : (bit + 1) * wide] = 235 if frame >> (BITS - 1 - bit) & 1 else 16
    return picture


def write_take(path: Path, *, shade: int, frames: int = FRAMES) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=24, options={"crf": "12", "preset": "ultrafast", "g": "24"})
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="stereo")
        for frame in range(frames):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(numbered(frame, shade=shade), format="rgb24")))
        container.mux(picture.encode())
        samples = (0.1 * np.sin(np.arange(frames * 2000) * (0.03 + shade / 5000))).astype(np.float32)
        block = av.AudioFrame.from_ndarray(np.stack([samples, samples]), format="fltp", layout="stereo")
        block.sample_rate = 48_000
        container.mux(sound.encode(block))
        container.mux(sound.encode())
    return path


def finding(check: str, severity: str, frames: tuple[int, int] | None, message: str = "Something is off.") -> dict[str, Any]:
    place = None if frames is None else {"start": frames[0], "stop": frames[1], "timecode": "00:00:00:00"}
    values = {"measured": 2.0, "limit": 1.0, "unit": "%", "message": message, "code": "", "source": "", "remedy": "", "area": None}
    return {"check": check, "severity": severity, "frames": place, **values}


def take_json(path: Path, shot: str, number: int, findings: list[dict[str, Any]], cost: str = "2.10") -> dict[str, Any]:
    return {
        "file": f"../takes/{path.name}",
        "backend": "previz",
        "model": "klingai:kling-video@3-4k",
        "take": number,
        "shots": [{"id": shot, "prompt": f"A plain. {HOSTILE}", "duration_seconds": 2}],
        "facts": facts_json(probe(path)),
        "verdict": "review" if findings else "pass",
        "findings": findings,
        "undetermined": [{"check": "resolution", "reason": "Too soft to tell."}],
        "cost_usd": cost,
        "notes": [HOSTILE],
    }


def clip_json(shot: str, path: Path, start: int, *, dissolve: int = 0) -> dict[str, Any]:
    record = {"start": start, "stop": start + FRAMES}
    source = {"start": 0, "stop": FRAMES}
    join = "dissolve" if dissolve else "cut"
    return {"id": shot, "file": f"../takes/{path.name}", "source": source, "record": record, "join": join, "dissolve_frames": dissolve}


def seam_json(outgoing: str, incoming: str, at: int, findings: list[dict[str, Any]]) -> dict[str, Any]:
    row = {"name": "luma", "measured": 3.0, "limit": 1.5, "unit": "%", "severity": "review", "message": ""}
    ends = {"outgoing": outgoing, "incoming": incoming, "record_frame": at, "timecode": "01:00:02:00", "planned": "cut", "seen": "cut"}
    return {**ends, "verdict": "review", "findings": findings, "undetermined": [], "properties": [row]}


@pytest.fixture(scope="session")
def take_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("numbered")
    shades = {"one_t1": 60, "one_t2": 110, "two_t1": 160}
    return {name: write_take(folder / f"{name}.mp4", shade=shade) for name, shade in shades.items()}


@pytest.fixture
def make_run(take_files: dict[str, Path], tmp_path: Path) -> Callable[[], Path]:
    """Makes a run's folder: the second take of shot one has a flicker to review, the first none; the seam has one too."""

    def made() -> Path:
        folder = tmp_path / "run"
        takes = {name: folder / "takes" / path.name for name, path in take_files.items()}
        for name, path in takes.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(take_files[name])
        report = {
            "schema_version": 1,
            "project": f"plains {HOSTILE}",
            "backend": "Previz",
            "money": {"quoted_usd": "6.30", "cost_usd": "6.30", "budget_usd": "20.00"},
            "timeline": {
                "rate": "24",
                "size": {"width": WIDTH, "height": HEIGHT},
                "frames": 2 * FRAMES,
                "start_timecode": "01:00:00:00",
                "clips": [clip_json("one", takes["one_t1"], 0), clip_json("two", takes["two_t1"], FRAMES)],
            },
            "takes": [
                take_json(takes["one_t1"], "one", 1, []),
                take_json(takes["one_t2"], "one", 2, [finding("flicker", "review", (30, 36), f"Flickers. {HOSTILE}")]),
                take_json(takes["two_t1"], "two", 1, [finding("freeze", "fail", (10, 20)), finding("sound_loudness", "info", None)]),
            ],
            "seams": [seam_json("one", "two", FRAMES, [finding("seam.luma", "review", (47, 49))])],
        }
        (folder / "report").mkdir()
        (folder / "report" / "report.json").write_text(json.dumps(report), encoding="utf-8")
        return folder

    return made


@pytest.fixture
def session(make_run: Callable[[], Path]) -> ReviewSession:
    return load_session(make_run())


@pytest.fixture
def take_of(session: ReviewSession) -> Callable[[str, int], str]:
    """The id of a shot's take."""

    def found(shot_id: str, number: int) -> str:
        shot = session.shot(shot_id)
        assert shot is not None
        return next(take.take_id for take in shot.takes if take.number == number)

    return found
