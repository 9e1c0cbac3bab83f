from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams import framing as module
from kling_post.seams.corners import Witness
from kling_post.seams.framing import Framing, measure_framing
from kling_post.seams.leap import _lean
from kling_post.seams.measure import Compared
from kling_post.seams.motion import movement_around
from kling_post.seams.registration import Detail, structure
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Side
from kling_post.seams.whole_picture import TileWeights, field_of, tile_weights

Floats = NDArray[np.float64]
Scene = Callable[[float], NDArray[np.float32]]
OneSide = Callable[..., Side]
ROWS, COLUMNS = 9, 16


def even(right: float, down: float = 0.0) -> Floats:
    return np.broadcast_to(np.array([right, down]), (ROWS, COLUMNS, 2)).copy()


def weights_of(picture: NDArray[np.float32], *fields: Floats) -> TileWeights:
    usual = np.median(np.stack(fields), axis=0)
    return tile_weights(structure(Detail.of(picture)), ([field - usual for field in fields],), 9 / 16)


def test_shift_and_zoom_of_a_field_are_read_exactly(scene: Scene) -> None:
    across = (np.arange(COLUMNS) + 0.5) / COLUMNS - 0.5
    along = ((np.arange(ROWS) + 0.5) / ROWS - 0.5) * 9 / 16
    x, y = np.meshgrid(across, along)
    field = np.stack([0.002 + 0.001 * x, -0.001 + 0.001 * y], axis=-1)
    whole = weights_of(scene(0), even(0), even(0)).whole(field)
    assert whole == pytest.approx((0.002, -0.001, 0.001, 0), abs=1e-9)
    assert field_of(whole, field.shape, 9 / 16) == pytest.approx(field, abs=1e-9)


def test_a_tile_of_clear_sky_has_no_say(scene: Scene) -> None:
    picture = scene(0).copy()
    picture[:100] = 0.7
    field = even(0.002)
    # Optical flow sees no movement where there is nothing to be seen.
    field[:5] = 0
    assert weights_of(picture, even(0), even(0)).whole(field)[0] == pytest.approx(0.002, rel=0.05)


def test_a_tile_that_moves_as_it_likes_has_little_say(scene: Scene) -> None:
    random = np.random.default_rng(3)
    restless = [even(0) for _ in range(5)]
    for field in restless:
        field[5:] += random.normal(0, 0.003, (4, COLUMNS, 2))
    found = even(0.0005)
    found[5:] += random.normal(0, 0.003, (4, COLUMNS, 2))
    assert weights_of(scene(0), *restless).whole(found)[:2] == pytest.approx((0.0005, 0), abs=5e-5)


def pans(scene: Scene, side: OneSide, *, speeds: tuple[float, float] = (1.5, 1.5), leap: float = 0.0) -> tuple[Side, Side]:
    """A pan, pixels of 320 a frame on either side, that leaps so far at the join."""
    before = [scene(speeds[0] * place) for place in range(12)]
    start = speeds[0] * 11 + (speeds[0] + speeds[1]) / 2 + leap
    return side(before, seed=1, grain=0.002), side([scene(start + speeds[1] * place) for place in range(12)], seed=2, grain=0.002)


def framing_of(outgoing: Side, incoming: Side) -> Framing:
    return measure_framing(movement_around(outgoing.luma, incoming.luma), outgoing, incoming, Repeats())


@pytest.mark.parametrize("leap", [0.0, 0.05, 0.3, -0.3, 2.0])
def test_a_leap_of_a_twentieth_of_a_pixel_is_read(scene: Scene, side: OneSide, leap: float) -> None:
    framing = framing_of(*pans(scene, side, leap=leap))
    # A pixel of 320 is six at 1920.
    assert framing.offset_pixels.step == pytest.approx(6 * abs(leap), abs=0.06)
    assert framing.offset_pixels.noise < 0.06
    assert framing.zoom_percent.step == pytest.approx(0, abs=0.01)


def test_a_zoom_of_a_thousandth_is_read(scene: Scene, side: OneSide) -> None:
    outgoing, incoming = pans(scene, side)
    rows, columns = incoming.luma.shape[1:]
    larger = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), 0, 1.001)
    luma = np.stack([cv2.warpAffine(each, larger, (columns, rows), flags=cv2.INTER_LANCZOS4) for each in incoming.luma]).astype(np.float32)
    framing = framing_of(outgoing, replace(incoming, luma=luma))
    assert framing.zoom_percent.step == pytest.approx(0.1, abs=0.015)
    assert framing.offset_pixels.step < 0.1


def test_a_frame_beside_the_path_is_no_jump_and_says_how_far_frames_stray(scene: Scene, side: OneSide) -> None:
    outgoing, incoming = pans(scene, side)
    luma = incoming.luma.copy()
    for place in (2, 5, 8):
        luma[place] = scene(18 + 1.5 * place - 0.3)
    framing = framing_of(outgoing, replace(incoming, luma=luma))
    assert framing.offset_pixels.step < 0.9
    assert framing.offset_pixels.step < 3 * framing.offset_pixels.noise


def test_another_pace_from_the_join_on_is_a_change_of_speed_and_no_jump(scene: Scene, side: OneSide) -> None:
    framing = framing_of(*pans(scene, side, speeds=(1.5, 2.0)))
    assert framing.velocity_pixels.step == pytest.approx(3.0, abs=0.1)
    assert framing.offset_pixels.step < 0.1


def test_a_key_frame_beside_its_side_is_no_jump_and_hides_none(scene: Scene, side: OneSide) -> None:
    for leap in (0.0, 0.2):
        outgoing, incoming = pans(scene, side, leap=leap)
        luma = incoming.luma.copy()
        luma[0] = scene(18 + leap - 0.3)
        # A pixel of 320 is six at 1920.
        assert framing_of(outgoing, replace(incoming, luma=luma)).offset_pixels.step == pytest.approx(6 * leap, abs=0.25)


def test_a_shift_that_the_first_frames_lose_again_is_no_jump_and_hides_none(scene: Scene, side: OneSide) -> None:
    # As an encoder's key frame does that mends what was left undone, and the frames predicted from it.
    lead = np.array([0.15, 0.13, 0.07])
    for leap in (0.0, 0.2):
        outgoing, incoming = pans(scene, side, leap=leap)
        luma = incoming.luma.copy()
        luma[: len(lead)] = [scene(18 + 1.5 * place + leap + led) for place, led in enumerate(lead)]
        found = framing_of(outgoing, replace(incoming, luma=luma))
        assert found.offset_pixels.step == pytest.approx(6 * leap, abs=0.35)
        # Told by the first frames alone, the picture would jump.
        assert found.leap[0] * 1920 > 6 * leap + 0.5


def test_the_frame_that_all_are_laid_beside_may_stand_beside_the_path(scene: Scene, side: OneSide) -> None:
    for leap in (0.0, 0.2):
        outgoing, incoming = pans(scene, side, leap=leap)
        luma = outgoing.luma.copy()
        luma[-1] = scene(1.5 * 11 + 0.3)
        assert framing_of(replace(outgoing, luma=luma), incoming).offset_pixels.step == pytest.approx(6 * leap, abs=0.25)


def test_a_whip_pan_that_leaves_the_frame_that_all_are_laid_beside_is_still_read(scene: Scene, side: OneSide) -> None:
    framing = framing_of(*pans(scene, side, speeds=(27, 27), leap=0.3))
    assert framing.offset_pixels.step == pytest.approx(6 * 0.3, abs=0.3)
    assert framing.zoom_percent.step == pytest.approx(0, abs=0.02)


def test_a_pan_that_shakes_sideways_hides_no_jump_downwards(scene: Scene, side: OneSide) -> None:
    shake = np.random.default_rng(4).normal(0, 0.2, 12)
    # The same backwards after the join: the shake itself makes no jump.
    places = 1.5 * np.arange(24) + [*shake, *shake[::-1]]
    luma = np.stack([scene(place) for place in places])
    lower = np.array([[1, 0, 0], [0, 1, 0.3]])
    luma[12:] = np.stack([cv2.warpAffine(each, lower, (320, 180), flags=cv2.INTER_LANCZOS4) for each in luma[12:]])
    framing = framing_of(side(list(luma[:12]), seed=1), side(list(luma[12:]), seed=2))
    assert framing.leap[1] * 320 == pytest.approx(0.3, abs=0.03)
    sideways = framing_of(side(list(luma[:12]), seed=1), side([scene(place + 2) for place in places[12:]], seed=2)).offset_pixels
    assert sideways.noise > 2 * framing.offset_pixels.noise


def test_tiles_that_leap_each_in_its_own_way_are_no_jump_of_the_picture(scene: Scene, side: OneSide) -> None:
    random = np.random.default_rng(5)
    outgoing, incoming = pans(scene, side, leap=0.2)
    even = framing_of(outgoing, incoming).offset_pixels
    rows, columns = incoming.luma.shape[1:]
    apart = cv2.resize(random.normal(0, 0.3, (5, 8, 2)).astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).astype(np.float32) + apart
    luma = np.stack(
        [cv2.remap(each, grid[..., 0], grid[..., 1], cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE) for each in incoming.luma]
    )
    uneven = framing_of(outgoing, replace(incoming, luma=luma.astype(np.float32))).offset_pixels
    assert even.step > 0.5 > 3 * even.noise
    assert uneven.noise > 3 * even.noise


def shimmering(scene: Scene, seed: int) -> list[NDArray[np.float32]]:
    """A pan under a shimmer that runs to the right, two pixels a frame, and is a fifth less like itself in each frame."""
    random, kept = np.random.default_rng(seed), 0.8
    along, across = np.fft.fftfreq(180)[:, None], np.fft.rfftfreq(512)[None]
    distance = np.maximum(np.hypot(along, across), 1e-3)
    sizes = np.exp(-((distance / 0.17) ** 2)) / distance**0.8
    sizes /= np.fft.irfft2(sizes * np.fft.rfft2(random.normal(size=(180, 512)))).std()
    shimmer, pictures = sizes * np.fft.rfft2(random.normal(size=(180, 512))), []
    for place in range(32):
        pictures.append((scene(1.5 * place) + 0.05 * np.fft.irfft2(shimmer)[:, :320]).astype(np.float32))
        new = sizes * np.fft.rfft2(random.normal(size=(180, 512)))
        shimmer = kept * shimmer * np.exp(-2j * np.pi * across * 2) + np.sqrt(1 - kept**2) * new
    return pictures


@pytest.mark.parametrize("seed", [8, 10])
def test_what_is_followed_less_the_further_frames_lie_apart_leans_over_the_join_less_than_it_did(
    scene: Scene, side: OneSide, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = shimmering(scene, seed)
    outgoing, incoming = side(pictures[:16], seed=1, grain=0.002), side(pictures[16:], seed=2, grain=0.002)
    monkeypatch.setattr(module, "_TELLING_NOISE", np.inf)
    leaning = framing_of(outgoing, incoming).offset_pixels.step
    monkeypatch.setattr(module, "_TELLING_NOISE", 0.0)
    assert framing_of(outgoing, incoming).offset_pixels.step < 0.65 * leaning
    assert leaning > 0.5


@pytest.mark.parametrize(
    ("places", "lean"),
    [((0.001, 0.0011, 0.0009, 0.001), 0.001), ((0.001, -0.0011, 0.0009, -0.0005), 0.0), ((0.001,), 0.0), ((), 0.0)],
)
def test_a_lean_is_what_all_places_say_and_nothing_where_they_do_not_agree(places: tuple[float, ...], lean: float) -> None:
    beside = np.zeros((len(places), 4))
    beside[:, 2] = places
    assert _lean(beside) == pytest.approx((0, 0, lean, 0), rel=0.01, abs=1e-9)


@pytest.mark.parametrize("repeats", [Repeats(held_head_frames=12), Repeats(held_tail_frames=12), Repeats(repeated_frames=11)])
def test_a_side_that_only_stands_or_repeats_still_has_a_framing(scene: Scene, side: OneSide, repeats: Repeats) -> None:
    outgoing, incoming = pans(scene, side)
    framing = measure_framing(movement_around(outgoing.luma, incoming.luma), outgoing, incoming, repeats)
    assert np.isfinite([framing.offset_pixels.step, framing.offset_pixels.noise, framing.zoom_percent.step]).all()


@pytest.mark.parametrize("few", [1, 2])
def test_few_frames_that_pass_for_held_and_are_not_make_no_jump(scene: Scene, side: OneSide, few: int) -> None:
    # The camera turns round at the join, and moves little just there.
    outgoing = side([scene(-0.3 * place**2) for place in range(-11, 1)], seed=1, grain=0.002)
    incoming = side([scene(-0.3 * place**2) for place in range(1, 13)], seed=2, grain=0.002)
    movement = movement_around(outgoing.luma, incoming.luma)
    framing = measure_framing(movement, outgoing, incoming, Repeats(held_head_frames=few))
    assert framing.offset_pixels.step < 0.2


def test_a_true_hold_is_still_left_out_of_the_framing(scene: Scene, side: OneSide) -> None:
    outgoing, incoming = pans(scene, side)
    held = replace(incoming, luma=np.concatenate([incoming.luma[:1], incoming.luma[:1], incoming.luma]))
    framing = measure_framing(movement_around(outgoing.luma, held.luma), outgoing, held, Repeats(held_head_frames=2))
    assert framing.offset_pixels.step < 0.2


def compared(step: float, noise: float) -> Compared:
    return Compared(step=step, noise=noise)


@pytest.mark.parametrize(
    ("lines", "at_most", "corners", "told"),
    [
        # Both see it; corners do not; corners stray too far to be heard.
        (compared(1.0, 0.1), compared(1.0, 0.1), compared(0.9, 0.1), compared(1.0, 0.1)),
        (compared(1.0, 0.1), compared(1.0, 0.1), compared(0.2, 0.1), compared(0.2, 0.1)),
        (compared(1.0, 0.1), compared(1.0, 0.1), compared(-0.2, 0.1), compared(0.0, 0.1)),
        (compared(1.0, 0.1), compared(1.0, 0.1), compared(0.2, 0.2), compared(1.0, 0.1)),
        # Lines take off so much that it would not be told: corners that see it decide.
        (compared(0.4, 0.1), compared(0.7, 0.1), compared(0.9, 0.1), compared(0.7, 0.1)),
        (compared(0.4, 0.1), compared(0.7, 0.1), compared(0.3, 0.1), compared(0.4, 0.1)),
        (compared(0.3, 0.1), compared(0.3, 0.1), compared(0.9, 0.1), compared(0.3, 0.1)),
    ],
)
def test_a_jump_is_told_where_lines_and_corners_see_it(lines: Compared, at_most: Compared, corners: Compared, told: Compared) -> None:
    assert module._confirmed(lines, at_most, corners, 0.5) == told


@pytest.mark.parametrize(
    ("pace", "noise", "told"), [(2.0, 1e-4, "lines"), (0.1, 1e-4, "corners"), (0.1, 10.0, "lines"), (np.nan, 1e-4, "lines")]
)
def test_a_change_of_pace_is_told_where_corners_see_it_or_cannot(
    scene: Scene, side: OneSide, monkeypatch: pytest.MonkeyPatch, pace: float, noise: float, told: str
) -> None:
    outgoing = side([scene(1.0 * place) for place in range(16)], seed=1)
    incoming = side([scene(15 + 2.5 * place) for place in range(1, 17)], seed=2)

    def witness(*_: object) -> Witness:
        # In pixels of 1920, the way that the pan goes.
        steps = np.array([[pace, 0, 0], [noise, 0, 0], [-noise, 0, 0]]) / 1920
        return Witness(leap=np.zeros(3), within=np.zeros((1, 3)), pace=steps[0], pace_within=steps[1:])

    monkeypatch.setattr(module, "nearest_jump", lambda *_: None)
    movement = movement_around(outgoing.luma, incoming.luma)
    lines = measure_framing(movement, outgoing, incoming, Repeats()).velocity_pixels
    monkeypatch.setattr(module, "nearest_jump", witness)
    found = measure_framing(movement, outgoing, incoming, Repeats()).velocity_pixels
    assert lines.step == pytest.approx(9.0, abs=0.3)
    assert found.step == pytest.approx(lines.step if told == "lines" else pace, abs=1e-6)
