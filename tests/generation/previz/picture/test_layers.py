import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.generation.previz.picture.layers import Layer, affine, lay, layer, over, shine, turned
from kling_post.generation.previz.picture.noise import generator, slow_curve, smoothstep, spectral_noise
from kling_post.generation.previz.picture.sculpt import Studio, Workshop, limb
from kling_post.generation.previz.picture.tone import display, to_bytes

LIGHT = Studio(sun=(3, 2, 1), sun_direction=(-0.7, 0.5, 0.5), sky=(0.4, 0.4, 0.5), bounce=(0.3, 0.3, 0.2), haze=(0.5, 0.5, 0.5))


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_laying_over_keeps_to_the_cover(below: int, colour: int, cover: int) -> None:
    frame = np.full((2, 2, 3), below, np.uint8)
    shown = round(colour * cover / 255)
    over(frame, np.full((2, 2, 4), (shown, shown, shown, cover), np.uint8))
    assert frame[0, 0, 0] == pytest.approx(shown + below * (255 - cover) / 255, abs=1.1)


def test_a_layer_in_place_is_drawn_exactly() -> None:
    rgba = np.zeros((6, 8, 4), np.uint8)
    rgba[2:4, 3:6] = (200, 100, 50, 255)
    frame = np.zeros((6, 8, 3), np.uint8)
    lay(frame, Layer(rgba), affine())
    assert (frame == rgba[..., :3]).all()


def test_a_layer_beside_the_frame_changes_nothing() -> None:
    frame = np.full((6, 8, 3), 7, np.uint8)
    lay(frame, Layer(np.full((4, 4, 4), 255, np.uint8)), affine(at=(100, 100)))
    shine(frame, np.full((4, 4, 3), 255, np.uint8), affine(at=(-50, 0)))
    assert (frame == 7).all()


def test_a_half_pixel_step_blends_two_pixels() -> None:
    rgba = np.zeros((3, 6, 4), np.uint8)
    rgba[:, 2] = 255
    frame = np.zeros((3, 6, 3), np.uint8)
    lay(frame, Layer(rgba), affine(at=(0.5, 0.0)))
    assert frame[1, 2, 0] == pytest.approx(128, abs=1)
    assert frame[1, 3, 0] == pytest.approx(128, abs=1)


def test_a_turn_keeps_its_pivot() -> None:
    matrix = turned(affine(scale_x=2.0, at=(10, 20)), 37.0, (3.0, 4.0))
    assert matrix @ np.array([3.0, 4.0, 1.0]) == pytest.approx([16.0, 28.0])


def test_more_light_is_never_darker() -> None:
    values = display(np.linspace(0, 12, 4000, dtype=np.float32))
    assert (np.diff(values) >= 0).all()
    assert (values[0], round(float(values[-1]))) == (0.0, 255)


def test_dither_keeps_the_mean_between_two_steps() -> None:
    shown = to_bytes(np.full((256, 256), 100.4, np.float32), dither=True)
    assert set(np.unique(shown)) == {100, 101}
    assert shown.mean() == pytest.approx(100.4, abs=0.02)


def test_a_named_generator_depends_on_its_name_only() -> None:
    first = generator(5, "smoke", 1).random()
    generator(5, "other").random(100)
    assert generator(5, "smoke", 1).random() == first
    assert generator(5, "smoke", 2).random() != first
    assert generator(6, "smoke", 1).random() != first


def test_spectral_noise_wraps_round() -> None:
    noise = spectral_noise((64, 128), beta=1.8, rng=generator(1, "wrap"))
    inside = np.abs(np.diff(noise, axis=1)).mean()
    assert np.abs(noise[:, 0] - noise[:, -1]).mean() < 2 * inside
    assert (noise.mean(), noise.std()) == (pytest.approx(0, abs=1e-5), pytest.approx(1, abs=1e-4))


def test_smoothstep_ends_flat() -> None:
    assert smoothstep(2, 4, np.array([1.0, 2.0, 3.0, 4.0, 9.0], np.float32)).tolist() == [0, 0, 0.5, 1, 1]


def test_a_slow_curve_has_no_jumps() -> None:
    values = [slow_curve(k / 24, generator(1, "c"), hertz=1.0) for k in range(240)]
    assert np.abs(np.diff(values)).max() < 0.4


def test_a_part_hangs_by_its_pivot() -> None:
    part = Workshop(studio=LIGHT, pixels_per_metre=40).part([limb(2.0, 0.4, 0.2)], (0.5, 0.4, 0.3), roundness=0.1)
    frame = np.zeros((200, 200, 3), np.uint8)
    plane = np.array([[40.0, 0, 100], [0, -40.0, 100]])
    part.draw(frame, plane, (0.0, 0.0))
    rows = np.nonzero(frame.any(axis=(1, 2)))[0]
    assert 88 <= rows[0] <= 100
    assert 180 <= rows[-1] <= 188
    sideways = np.zeros_like(frame)
    part.draw(sideways, plane, (0.0, 0.0), 90.0)
    columns = np.nonzero(sideways.any(axis=(0, 2)))[0]
    assert 88 <= columns[0] <= 100
    assert 180 <= columns[-1] <= 188


def test_a_part_is_brighter_toward_the_sun() -> None:
    ball = [(np.cos(a), np.sin(a)) for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)]
    part = Workshop(studio=LIGHT, pixels_per_metre=30).part([ball], (0.5, 0.5, 0.5), roundness=1.0)
    frame = np.zeros((80, 80, 3), np.uint8)
    part.draw(frame, np.array([[30.0, 0, 40], [0, -30.0, 40]]), (0.0, 0.0))
    assert frame[25:35, 22:32].mean() > frame[45:55, 48:58].mean() + 20


def test_premultiplied_colour_never_exceeds_its_cover() -> None:
    made = layer(np.full((2, 2, 3), 255, np.float32), np.full((2, 2), 0.5, np.float32))
    assert made.rgba[0, 0].tolist() == [128, 128, 128, 128]
