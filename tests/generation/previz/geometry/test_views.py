"""Depth, camera and flow agree with the pictures that they were drawn with."""

from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Picture, PictureRequest
from kling_post.generation.previz.geometry.country import Card, Ground, Veil, country_view
from kling_post.generation.previz.geometry.flow import BODY, EXACT, NOT_KNOWN, Flow, flow_between
from kling_post.generation.previz.geometry.view import STILL, UNKNOWN, Pinhole, View, Viewed
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.places import place
from kling_post.generation.previz.reading import read_prompt
from kling_post.vocabulary import Size

SIZE = Size(320, 180)
RATE = Fraction(24)

PROMPTS = {
    "salt flats": "A caravan crosses the salt flats at golden hour, wide shot, the camera dollies forward",
    "quarry": "A marble quarry at noon, slabs, a person walks, the camera cranes upward",
    "forest": "A forest at noon, the camera dollies forward",
    "desert": "Sand dunes at noon, the camera trucks right",
    "mountains": "Mountains at dawn, the camera orbits",
    "lake": "A lake at noon, the camera pans left",
    "ice library": "An ice library in the polar night, the camera cranes up",
    "street": "A street at noon, the camera dollies forward",
    "underwater": "Underwater, a coral reef, the camera dollies forward",
    "station": "A railway station hall at dusk, the camera dollies forward",
}


def drawn(prompt: str, *, frames: int = 48) -> Picture:
    reading = read_prompt(prompt, None)
    request = PictureRequest(reading=reading, seed=3, shot_index=0, shot_count=1, size=SIZE, frames=frames, rate=RATE, threads=1)
    return place(reading.place).picture(request)


def warped_back(picture: NDArray[np.uint8], flow: Flow) -> NDArray[np.uint8]:
    rows, columns = picture.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    return np.asarray(cv2.remap(picture, x + flow.pixels[..., 0], y + flow.pixels[..., 1], cv2.INTER_CUBIC), np.uint8)


def decibels(one: NDArray[np.uint8], other: NDArray[np.uint8], where: NDArray[np.bool_]) -> float:
    error = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(float) - cv2.cvtColor(other, cv2.COLOR_RGB2GRAY))[where]
    return float(10 * np.log10(255**2 / np.mean(error**2)))


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_a_frame_brought_back_by_its_depth_and_camera_is_the_frame_before(prompt: str) -> None:
    picture = drawn(prompt)
    assert isinstance(picture, Viewed)
    before, after = picture.view(12), picture.view(16)
    assert before is not None
    assert after is not None
    flow = flow_between(before, after, 4 / 24)
    exact = flow.known == EXACT
    assert exact.mean() > 0.35
    assert np.hypot(*np.moveaxis(flow.pixels, 2, 0))[exact].max() > 1
    first, second = picture.frame(12), picture.frame(16)
    assert decibels(warped_back(second, flow), first, exact) > decibels(second, first, exact) + 6


def test_the_camera_alone_is_the_camera_of_the_view() -> None:
    for name in ("salt flats", "station"):
        picture = drawn(PROMPTS[name])
        assert isinstance(picture, Viewed)
        view = picture.view(30)
        assert view is not None
        assert picture.camera(30) == view.camera


def test_a_dolly_moves_the_camera_ahead_and_nothing_else() -> None:
    picture = drawn(PROMPTS["salt flats"])
    assert isinstance(picture, Viewed)
    first, last = picture.camera(0), picture.camera(47)
    assert first is not None
    assert last is not None
    assert last.z > first.z + 0.5
    assert (last.x, last.y, last.focal_pixels, last.row) == (first.x, first.y, first.focal_pixels, first.row)


def test_the_ground_is_as_far_as_similar_triangles_say() -> None:
    pose = Pose(y=2.0, focal=1.0, horizon=0.5)
    view = country_view(SIZE, pose, [Ground()])
    # A row 45 pixels below the horizon, of a lens of 180 pixels, 2 m up: 2 * 180 / 45 m away.
    assert view.depth[134, 10] == pytest.approx(2 * 180 / 44.5)
    assert np.isinf(view.depth[:89]).all()


def test_a_card_hides_what_is_behind_it_and_a_veil_does_not() -> None:
    def square(frame: NDArray[np.uint8]) -> None:
        frame[60:120, 100:160] = (200, 100, 0)

    def haze(frame: NDArray[np.uint8]) -> None:
        frame[70:80] = frame[70:80] // 2 + 60

    pose = Pose(y=2.0, focal=1.0, horizon=0.5)
    view = country_view(SIZE, pose, [Ground(), Card(draw=square, metres=5.0, velocity=(1.0, 0.0, 0.0)), Veil(draw=haze)])
    assert (view.depth[60:120, 100:160] == 5.0).all()
    assert view.motion[100, 130] == 1
    assert view.velocities == ((1.0, 0.0, 0.0),)
    assert (view.motion[70:80] == UNKNOWN).all()
    assert view.depth[75, 130] == 5.0
    assert view.motion[150, 10] == STILL


def plane(metres: float, *, x: float = 0.0, z: float = 0.0) -> View:
    camera = Pinhole(x=x, y=0.0, z=z, focal_pixels=100.0, column=160.0, row=90.0, size=SIZE)
    return View(camera=camera, depth=np.full((180, 320), metres - z, np.float32), motion=np.zeros((180, 320), np.uint8))


def test_flow_is_what_a_pinhole_projects() -> None:
    aside = flow_between(plane(10.0), plane(10.0, x=0.5), 1.0)
    assert aside.pixels[90, 160] == pytest.approx((-5.0, 0.0))
    assert aside.known[90, 2] == NOT_KNOWN  # it leaves the picture
    ahead = flow_between(plane(10.0), plane(10.0, z=5.0), 1.0)
    assert ahead.pixels[89, 200] == pytest.approx((40.5, -0.5))  # everything twice as far from the axis


def test_what_is_hidden_in_the_second_frame_has_no_flow() -> None:
    after = plane(10.0, x=0.5)
    after.depth[:, 100:150] = 3.0
    flow = flow_between(plane(10.0), after, 1.0)
    assert flow.known[90, 130] == NOT_KNOWN
    assert flow.known[90, 200] == EXACT


def test_the_sky_follows_the_lens_alone() -> None:
    before, after = plane(10.0), plane(10.0, x=3.0)
    before.depth[:], after.depth[:] = np.inf, np.inf
    flow = flow_between(before, after, 1.0)
    assert (flow.known == EXACT).all()
    assert np.abs(flow.pixels).max() < 1e-4


def test_a_body_moves_at_its_own_speed_and_is_told_apart_from_what_is_exact() -> None:
    before, after = plane(10.0), plane(10.0)
    moving = View(camera=before.camera, depth=before.depth, motion=np.ones((180, 320), np.uint8), velocities=((2.0, 0.0, 0.0),))
    flow = flow_between(moving, after, 0.25)
    assert flow.pixels[90, 160] == pytest.approx((5.0, 0.0))
    assert flow.known[90, 160] == BODY
