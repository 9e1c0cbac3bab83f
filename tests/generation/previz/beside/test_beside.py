"""What lies beside a take, read back by programs that know nothing of how it was written."""

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from kling_post.generation.previz.beside.camera_path import ShotCamera, camera_json, camera_usd, lens_of
from kling_post.generation.previz.beside.contact_sheet import sheet_frames
from kling_post.generation.previz.beside.depth import DepthScale
from kling_post.generation.previz.beside.gathered import COMMENT
from kling_post.generation.previz.engine import DEPTH_VARIABLE, PrevizBackend
from kling_post.generation.previz.geometry.view import Pinhole, Viewed
from kling_post.generation.previz.job import Order
from kling_post.generation.previz.scene import make_scene, picture_of_shot
from kling_post.generation.previz.take import draw_take
from kling_post.generation.request import parse_request
from kling_post.vocabulary import Size, VideoTask

SMALL = Size(160, 90)


def task_of(*shots: tuple[str, int]) -> VideoTask:
    listed = [{"prompt": prompt, "duration": seconds} for prompt, seconds in shots]
    body: dict[str, object] = {
        "taskType": "videoInference",
        "model": "klingai:kling-video@3-4k",
        "width": 3840,
        "height": 2160,
        "duration": sum(seconds for _, seconds in shots),
        "providerSettings": {"klingai": {"multiPrompt": listed}},
    }
    return parse_request(body, name="dunes")


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str], Order]:
    """Two shots with depth, drawn once."""
    task = task_of(("Sand dunes at noon, a person walks, slow dolly in", 2), ("Sand dunes at dusk, the camera pans right", 1))
    order = Order(task=task, size=SMALL, depth=True, threads=2)
    folder = tmp_path_factory.mktemp("take")
    return folder, draw_take(order, folder, 0, lambda _: None).sidecars, order


def test_everything_is_there_and_says_that_it_is_no_footage(take: tuple[Path, Mapping[str, str], Order]) -> None:
    folder, sidecars, _ = take
    assert set(sidecars) == {
        *("camera", "camera_path", "contact_sheet", "first_frame", "last_frame", "reading"),
        *("depth", "depth_scale", "depth_first_frame", "depth_last_frame"),
    }
    assert sorted(path.name for path in folder.iterdir()) == sorted([*sidecars.values(), "take.mp4"])
    for name in ("contact_sheet", "first_frame", "depth_first_frame"):
        with Image.open(folder / sidecars[name]) as picture:
            assert picture.info["Comment"] == COMMENT
    assert COMMENT in (folder / sidecars["camera_path"]).read_text(encoding="utf-8")
    assert json.loads((folder / sidecars["camera"]).read_text(encoding="utf-8"))["comment"] == COMMENT


def test_the_depth_video_holds_the_depth_of_every_frame(take: tuple[Path, Mapping[str, str], Order]) -> None:
    folder, sidecars, order = take
    with av.open(str(folder / sidecars["depth"])) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt, stream.average_rate) == ("ffv1", "gray16le", Fraction(24))
        frames = [frame.to_ndarray() for frame in container.decode(stream)]
    assert len(frames) == 72
    scales = json.loads((folder / sidecars["depth_scale"]).read_text(encoding="utf-8"))["shots"]
    assert [(shot["first_frame"], shot["frames"], shot["metric"]) for shot in scales] == [(0, 48, True), (48, 24, True)]
    scene = make_scene(order, folder, 0)
    for index, frame in ((0, 30), (1, 5)):
        picture, _ = picture_of_shot(scene, index)
        assert isinstance(picture, Viewed)
        view = picture.view(frame)
        assert view is not None
        codes = frames[scales[index]["first_frame"] + frame].astype(float)
        known = codes > 0
        metres = scales[index]["nearest_metres"] * 65535 / codes[known]
        assert metres == pytest.approx(view.depth[known], rel=0.02)
        assert known.mean() > 0.4
    with Image.open(folder / sidecars["depth_first_frame"]) as still:
        assert still.mode == "I;16"
        assert np.array_equal(np.asarray(still), frames[0])


def test_the_contact_sheet_shows_both_ends_of_every_shot(take: tuple[Path, Mapping[str, str], Order]) -> None:
    folder, sidecars, _ = take
    assert sheet_frames((48, 24)) == ((0, 12, 24, 35, 47), (0, 12, 23))
    assert [chosen[0] for chosen in sheet_frames((48, 24))] == [0, 0]
    assert [chosen[-1] for chosen in sheet_frames((48, 24))] == [47, 23]
    with Image.open(folder / sidecars["contact_sheet"]) as sheet, Image.open(folder / sidecars["first_frame"]) as first:
        assert sheet.size == (4 * (160 + 12) + 12, 2 * (90 + 30 + 12) + 12)
        assert np.array_equal(np.asarray(sheet)[12:102, 12:172], np.asarray(first))


def test_the_same_take_without_depth_has_none_and_the_same_pictures(take: tuple[Path, Mapping[str, str], Order], tmp_path: Path) -> None:
    folder, sidecars, order = take
    plain = draw_take(Order(task=order.task, size=SMALL, threads=1), tmp_path, 0, lambda _: None)
    assert not [name for name in plain.sidecars if name.startswith("depth")]
    assert (tmp_path / plain.video).read_bytes() == (folder / "take.mp4").read_bytes()
    assert (tmp_path / plain.sidecars["camera"]).read_bytes() == (folder / sidecars["camera"]).read_bytes()


def test_depth_is_asked_for_by_option_or_environment_and_makes_a_take_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEPTH_VARIABLE, raising=False)
    task = task_of(("Dunes", 3), ("Dunes", 3))
    assert PrevizBackend().order(task)["depth"] is False
    assert PrevizBackend(depth=True).variant == "depth"
    monkeypatch.setenv(DEPTH_VARIABLE, "1")
    assert PrevizBackend().order(task)["depth"] is True
    assert PrevizBackend(depth=False).variant == ""


def camera(**changes: float) -> Pinhole:
    values = {"x": 1.0, "y": 1.6, "z": 2.0, "focal_pixels": 1280.0, "column": 640.0, "row": 360.0} | changes
    return Pinhole(**values, size=Size(1280, 720))  # type: ignore[arg-type]


def test_a_lens_is_told_in_millimetres_of_full_frame() -> None:
    lens = lens_of(camera())
    assert lens.focal_mm == pytest.approx(36.0)
    assert lens.shift == (0.0, 0.0)
    assert lens.field_of_view_degrees == pytest.approx((53.130102, 31.417276))
    # A horizon above the middle: the picture's middle lies below the axis.
    assert lens_of(camera(row=232.0)).shift == pytest.approx((0.0, -0.1))


def test_the_json_path_has_every_frame_of_every_shot() -> None:
    shots = [
        ShotCamera(shot_id="a", first_frame=0, cameras=(camera(), camera(z=3.0))),
        ShotCamera(shot_id="b", first_frame=2, cameras=(camera(y=5.0),)),
    ]
    told = camera_json(shots, Fraction(24), "made for a test")
    assert [frame["frame"] for shot in told["shots"] for frame in shot["frames"]] == [0, 1, 2]
    assert told["shots"][0]["frames"][1]["position_metres"] == [1.0, 1.6, 3.0]
    assert told["sensor_mm"] == [36.0, 20.25]


def test_the_usd_path_projects_as_the_camera_does_by_the_formats_own_definitions() -> None:
    moved = camera(z=3.0, row=300.0, column=700.0, focal_pixels=1400.0)
    text = camera_usd([ShotCamera(shot_id="a", first_frame=0, cameras=(camera(), moved))], Fraction(24), "test")

    def value(name: str) -> float:
        return float(re.search(rf"{name} = ([-\d.e]+)", text)[1])  # type: ignore[index]

    def sample(name: str) -> list[float]:
        return [float(one) for one in re.findall(r"[-\d.e]+", re.search(rf"{name}.timeSamples = {{.*? 1: ([^\n]*),\n", text, re.DOTALL)[1])]  # type: ignore[index]

    assert (value("startTimeCode"), value("endTimeCode"), value("timeCodesPerSecond")) == (0, 1, 24)
    assert (value("metersPerUnit"), 'upAxis = "Y"' in text) == (0.01, True)
    across, down = value("horizontalAperture"), value("verticalAperture")
    (focal,), (aside,), (up,) = (sample(name) for name in ("focalLength", "horizontalApertureOffset", "verticalApertureOffset"))
    x, y, z = sample("xformOp:translate")
    # A point at x 4 m, y 3 m, z 23 m: the film's plane is focal millimetres away, its middle at the offsets.
    film = (focal * (400 - x) / (2300 + z), focal * (300 - y) / (2300 + z))
    seen = (((film[0] - aside) / across + 0.5) * 1280, (0.5 - (film[1] - up) / down) * 720)
    assert seen == pytest.approx((700 + 1400 * 3 / 20, 300 - 1400 * 1.4 / 20), abs=1e-2)


def test_the_usd_path_is_what_another_library_reads(tmp_path: Path) -> None:
    usd, geometry, vectors = (pytest.importorskip(f"pxr.{name}", reason="usd-core is not installed") for name in ("Usd", "UsdGeom", "Gf"))
    path = tmp_path / "camera.usda"
    moved = camera(z=3.0, row=300.0, column=700.0, focal_pixels=1400.0)
    path.write_text(camera_usd([ShotCamera(shot_id="a", first_frame=0, cameras=(camera(), moved))], Fraction(24), "test"), encoding="utf-8")
    stage = usd.Stage.Open(str(path))
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode(), stage.GetFramesPerSecond()) == (0, 1, 24)
    frustum = geometry.Camera(stage.GetPrimAtPath("/Camera")).GetCamera(1).frustum
    matrix = frustum.ComputeViewMatrix() * frustum.ComputeProjectionMatrix()
    seen = matrix.Transform(vectors.Vec3d(400.0, 300.0, -2300.0))  # x 4 m, y 3 m, z 23 m, in centimetres looking along -z
    assert ((seen[0] + 1) / 2 * 1280, (1 - seen[1]) / 2 * 720) == pytest.approx((700 + 1400 * 3 / 20, 300 - 1400 * 1.4 / 20), abs=1e-2)


def test_depth_codes_are_white_near_black_far_and_exact_between() -> None:
    scale = DepthScale(shot_id="a", first_frame=0, frames=1, nearest_metres=2.0)
    codes = scale.codes(np.array([[1.0, 2.0, 4.0, 2000.0, np.inf]], np.float32))
    assert codes.tolist() == [[65535, 65535, 32768, 66, 0]]
    assert scale.metres(codes)[0, 2:].tolist() == pytest.approx([4.0, 1986.0, np.inf], rel=1e-3)
