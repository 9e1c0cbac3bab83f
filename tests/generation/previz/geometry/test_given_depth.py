"""A user's depth map guides the move over a still."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kling_post.errors import InvalidInputError
from kling_post.generation.previz.contract import CameraMove, PictureRequest, Reading
from kling_post.generation.previz.geometry.given_depth import depth_beside
from kling_post.generation.previz.geometry.view import Viewed
from kling_post.generation.previz.job import Order
from kling_post.generation.previz.scene import make_scene, picture_of_shot
from kling_post.generation.previz.still import move_over_still
from kling_post.generation.request import parse_request
from kling_post.vocabulary import Size

SIZE = Size(160, 90)


def still() -> np.ndarray:
    noise = np.random.default_rng(3).integers(40, 215, (45, 80, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (160, 90), interpolation=cv2.INTER_CUBIC), np.uint8)


def saved(folder: Path, depth: np.ndarray, name: str = "still.depth.png") -> str:
    Image.fromarray(still()).save(folder / "still.png")
    Image.fromarray(depth).save(folder / name)
    return str(folder / "still.png")


def middle_near() -> np.ndarray:
    depth = np.full((90, 160), 3000, np.uint16)
    depth[:, 56:104] = 60000
    return depth


def request(kind: str) -> PictureRequest:
    reading = Reading(prompt="", place="plain", time_of_day="noon", camera=(CameraMove(kind=kind, direction=1, pace=1),))
    return PictureRequest(reading=reading, seed=1, shot_index=0, shot_count=1, size=SIZE, frames=72, rate=Fraction(24))


def test_what_the_map_calls_near_moves_more(tmp_path: Path) -> None:
    picture = move_over_still(still(), request("truck"), depth=depth_beside(saved(tmp_path, middle_near())))
    assert "Depth is that of the given map, still.depth.png." in picture.notes
    first, last = (cv2.cvtColor(picture.frame(index), cv2.COLOR_RGB2GRAY) for index in (0, 60))
    flow = cv2.calcOpticalFlowFarneback(first, last, None, 0.5, 4, 21, 5, 7, 1.5, 0)  # type: ignore[call-overload]
    near, left, right = (float(np.median(flow[20:70, columns, 0])) for columns in (np.s_[72:88], np.s_[20:36], np.s_[124:140]))
    # The camera goes right, what is near goes left; the view's own enlargement is the same to both sides.
    assert near < (left + right) / 2 - 1.5
    assert isinstance(picture, Viewed)
    view = picture.view(0)
    assert view is not None
    assert not view.camera.metric
    assert view.depth[45, 30] > 10 * view.depth[45, 80]


def test_eight_bits_and_previz_own_names_are_read_too(tmp_path: Path) -> None:
    eight = depth_beside(saved(tmp_path, (middle_near() // 257).astype(np.uint8)))
    assert eight is not None
    assert eight.nearness[45, 80] == pytest.approx(60000 / 65535, abs=0.01)
    Image.fromarray(still()).save(tmp_path / "take.first_frame.png")
    Image.fromarray(middle_near()).save(tmp_path / "take.depth_first_frame.png")
    ours = depth_beside(str(tmp_path / "take.first_frame.png"))
    assert ours is not None
    assert ours.path.name == "take.depth_first_frame.png"


def test_stills_without_a_map_have_none(tmp_path: Path) -> None:
    Image.fromarray(still()).save(tmp_path / "alone.png")
    assert depth_beside(str(tmp_path / "alone.png")) is None
    assert depth_beside("https://example.org/still.png") is None
    assert depth_beside(None) is None


def test_a_map_that_says_nothing_or_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="one grey throughout"):
        depth_beside(saved(tmp_path, np.full((9, 16), 30000, np.uint16)))
    (tmp_path / "still.depth.png").write_bytes(b"no picture")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        depth_beside(str(tmp_path / "still.png"))


def test_a_task_finds_the_map_beside_its_first_image(tmp_path: Path) -> None:
    image = saved(tmp_path, middle_near())
    body = {
        "taskType": "videoInference",
        "model": "klingai:kling-video@3-4k",
        "positivePrompt": "Slow dolly in",
        "duration": 3,
        "inputs": {"frameImages": [{"image": image, "frame": "first"}]},
    }
    scene = make_scene(Order(task=parse_request(body, name="still"), size=SIZE), tmp_path, 0)
    picture, _ = picture_of_shot(scene, 0)
    assert "Depth is that of the given map, still.depth.png." in picture.notes
