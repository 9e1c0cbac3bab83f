"""Reference clips: what they hold is what was asked for, and their truth is true."""

import json
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from kling_post.calibration.reference import Defect, ReferenceOrder, defect_of_text, flow_png, write_reference
from kling_post.cli.app import main
from kling_post.errors import UsageError
from kling_post.generation.previz.geometry.flow import BODY, EXACT, NOT_KNOWN, Flow
from kling_post.media.decode import decode
from kling_post.media.probe import probe
from kling_post.vocabulary import Size

SIZE = Size(160, 90)
PROMPT = "Mountains at dawn, the camera trucks right, wind"


def lumas(path: Path) -> list[np.ndarray]:
    return [np.asarray(frame.luma).astype(int) for frame in decode(path)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    order = ReferenceOrder(
        prompt=PROMPT, size=SIZE, frames=72, defects=(Defect(name="freeze_middle", size=0.5), Defect(name="dropped_in_pan")), crf=10
    )
    return write_reference(order, tmp_path_factory.mktemp("reference") / "made")


def test_the_folder_holds_the_clips_and_their_truth(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    clean, freeze, drop = truth["clips"]
    assert (clean["file"], clean["defect"], clean["events"]) == ("clean.mp4", None, [])
    assert (freeze["file"], freeze["size"], freeze["check"]) == ("freeze_middle_0.5.mp4", 0.5, "freeze")
    assert drop["defect"] == "dropped_in_pan"
    assert {path.name for path in folder.iterdir()} == {
        *("clean.mp4", freeze["file"], drop["file"], "truth.json"),
        *("camera.json", "camera_path.usda", "depth.mkv", "depth_scale.json", "flow"),
    }
    assert probe(folder / "clean.mp4").frames == 72
    assert (truth["prompt"], truth["size"], truth["rate"], truth["frames"]) == (PROMPT, "160x90", "24", 72)


def test_a_freeze_is_where_the_truth_says(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    (event,) = truth["clips"][1]["events"]
    frames = lumas(folder / "freeze_middle_0.5.mp4")
    steps = np.array([np.abs(later - earlier).mean() for earlier, later in pairwise(frames)])
    frozen = steps[event["first_frame"] : event["end_frame"] - 1]
    moving = np.delete(steps, np.s_[max(0, event["first_frame"] - 1) : event["end_frame"]])
    assert event["end_frame"] - event["first_frame"] == 13  # twelve frames that repeat, and the one they repeat
    assert frozen.max() < 0.5 * moving.min()


def test_the_flow_on_disk_leads_from_each_frame_of_the_clean_clip_to_the_next(folder: Path) -> None:
    paths = sorted((folder / "flow").iterdir())
    assert [path.name for path in (paths[0], paths[-1])] == ["000000.png", "000070.png"]
    frames = lumas(folder / "clean.mp4")
    coded = cv2.imread(str(paths[20]), cv2.IMREAD_UNCHANGED)
    assert coded is not None
    assert coded.dtype == np.uint16
    known = coded[..., 0] == 1
    flow = (coded[..., :0:-1].astype(np.float32) - 32768) / 64  # KITTI's own recipe, from OpenCV's blue, green, red
    x, y = np.meshgrid(np.arange(160, dtype=np.float32), np.arange(90, dtype=np.float32))
    back = cv2.remap(frames[21].astype(np.float32), x + flow[..., 0], y + flow[..., 1], cv2.INTER_CUBIC)
    assert known.mean() > 0.8
    assert np.abs(back - frames[20])[known].mean() < 0.7 * np.abs(frames[21] - frames[20])[known].mean()
    with av.open(str(folder / "depth.mkv")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 72


def test_the_same_order_gives_the_same_clips(folder: Path, tmp_path: Path) -> None:
    order = ReferenceOrder(prompt=PROMPT, size=SIZE, frames=72, defects=(Defect(name="freeze_middle", size=0.5),), crf=10, flow=False)
    again = write_reference(order, tmp_path / "again")
    for name in ("clean.mp4", "freeze_middle_0.5.mp4", "camera.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()
    assert not (again / "flow").exists()


def test_flow_is_coded_as_kitti_codes_it() -> None:
    pixels = np.array([[[1.5, -2.25], [0.0, 0.0], [3.0, 3.0]]], np.float32)
    coded = flow_png(Flow(pixels=pixels, known=np.array([[EXACT, BODY, NOT_KNOWN]], np.uint8)))
    assert coded.tolist() == [[[32768 + 96, 32768 - 144, 1], [32768, 32768, 2], [0, 0, 0]]]


def test_unknown_defects_and_sizes_are_refused_in_one_sentence() -> None:
    assert defect_of_text("freeze_middle=0.5") == Defect(name="freeze_middle", size=0.5)
    with pytest.raises(UsageError, match="there is no defect 'frost'"):
        defect_of_text("frost")
    with pytest.raises(UsageError, match="the size of freeze_middle is 'long'"):
        defect_of_text("freeze_middle=long")
    with pytest.raises(UsageError, match=r"freeze_middle takes 0\.25 to 1\.6 s, not 12"):
        defect_of_text("freeze_middle=12")
    with pytest.raises(UsageError, match="24 frames are too few"):
        write_reference(ReferenceOrder(prompt=PROMPT, frames=24, defects=(Defect(name="freeze_middle"),)), Path("nowhere"))


def test_the_verb_names_its_defects_and_makes_a_clip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reference", "--list"]) == 0
    assert "freeze_middle " in capsys.readouterr().out
    out = tmp_path / "made"
    assert main(["reference", PROMPT, "--out", str(out), "--size", "160x90", "--seconds", "1", "--no-flow", "-q"]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    assert probe(out / "clean.mp4").frames == 24
