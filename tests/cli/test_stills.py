"""`kling-post stills` draws stand-ins for the frame images of a request, and the offline samples point at them."""

import json
from pathlib import Path

import pytest
from PIL import Image

from kling_post.cli import main
from kling_post.project import load_project

SAMPLES = Path(__file__).parents[2] / "samples"
LIBRARY = "glacier_library_aurora_ascent.json"


def test_the_first_frame_image_is_drawn_once_and_labelled_as_procedural(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["stills", str(SAMPLES / "requests" / LIBRARY), "--out", str(tmp_path), "--size", "320x180"]
    assert main(words) == 0
    still = tmp_path / "glacier_library_aurora_ascent_first.png"
    with Image.open(still) as image:
        assert image.size == (320, 180)
        assert "not generated footage" in image.info["Comment"]
    drawn_at = still.stat().st_mtime_ns
    assert main(words) == 0
    assert still.stat().st_mtime_ns == drawn_at
    assert capsys.readouterr().out.splitlines() == [f"{still}  drawn", f"{still}  already there"]


def test_a_request_without_frame_images_needs_no_still(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stills", str(SAMPLES / "requests" / "amber_quarry_mech_pilgrim.json"), "--out", str(tmp_path)]) == 0
    assert "nothing to draw" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [path.name for path in sorted((SAMPLES / "offline").iterdir())])
def test_an_offline_sample_is_its_original_but_for_the_images(name: str) -> None:
    original = json.loads((SAMPLES / "requests" / name).read_text())
    offline = json.loads((SAMPLES / "offline" / name).read_text())
    originals, locals_ = original["inputs"].pop("frameImages"), offline["inputs"].pop("frameImages")
    assert offline == original
    for before, after in zip(originals, locals_, strict=True):
        assert type(before) is type(after)
        place = before["frame"] if isinstance(before, dict) else "first"
        image = after["image"] if isinstance(after, dict) else after
        assert image == f"../stills/{Path(name).stem}_{place}.png"


def test_stills_that_lie_beside_the_requests_are_used_by_a_local_engine(tmp_path: Path) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "stills").mkdir()
    request = tmp_path / "requests" / LIBRARY
    request.write_text((SAMPLES / "requests" / LIBRARY).read_text())
    still = tmp_path / "stills" / "glacier_library_aurora_ascent_first.png"
    Image.new("RGB", (640, 360)).save(still)
    (task,) = load_project(request).tasks(local=True)
    assert task.first_image == str(still)
