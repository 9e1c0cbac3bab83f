"""Displacement follows movement and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kling_post.signals.picture.displacement import displacement

Floats = NDArray[np.float32]


def texture(across: float, *, seed: int = 1) -> Floats:
    """A 1/f^1.5 texture of 180x320 around code 110, moved by any number of pixels."""
    random = np.random.default_rng(seed)
    down, right = np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(512)[None]
    distance = np.hypot(down, right)
    distance[0, 0] = 1
    spectrum = (random.normal(size=distance.shape) + 1j * random.normal(size=distance.shape)) / distance**1.5
    spectrum[0, 0] = 0
    spectrum /= np.fft.irfft2(spectrum, (256, 512)).std() / 30
    moved = np.fft.irfft2(spectrum * np.exp(2j * np.pi * right * across), (256, 512))
    return np.asarray(110 + moved[:180, :320], np.float32)


def grain(sigma: float, seed: int) -> Floats:
    return np.random.default_rng(seed).normal(0, sigma, (180, 320)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.0, 1.0, 2.0, 4.0])
def test_grain_alone_moves_nothing(sigma: float) -> None:
    still = texture(0)
    measured = displacement(still + grain(sigma, 1), still + grain(sigma, 2))
    assert measured["whole"] < 0.02
    assert measured["tile_p90"] < 0.03
    assert measured["tile_ratio"] < 1.5


@settings(max_examples=12, deadline=None)
@given(pixels=st.floats(0.06, 1.0), sigma=st.sampled_from([0.0, 1.0]))
def test_a_pan_is_read_within_a_third(pixels: float, sigma: float) -> None:
    measured = displacement(texture(0) + grain(sigma, 1), texture(pixels) + grain(sigma, 2))
    assert 0.85 * pixels < measured["whole"] < 1.35 * pixels


def test_a_zoom_moves_the_tiles_though_not_the_whole() -> None:
    import cv2

    picture = texture(0)
    turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D((160, 90), 0, 1.01), (320, 180), borderMode=cv2.BORDER_REFLECT)
    measured = displacement(picture, np.asarray(turned, np.float32))
    assert measured["whole"] < 0.15
    assert measured["tile_p90"] > 0.8


def test_a_small_thing_that_moves_shows_in_the_tile_ratio() -> None:
    before, after = texture(0) + grain(1, 1), texture(0) + grain(1, 2)
    before[80:96, 100:116] = 220
    after[80:96, 106:122] = 220
    assert displacement(before, after)["tile_ratio"] > 4


def test_a_flat_picture_has_no_textured_tile_and_no_number() -> None:
    flat = np.full((180, 320), 90, np.float32)
    measured = displacement(flat, flat)
    assert measured["textured"] == 0
    assert np.isnan(measured["tile_p90"])
    assert measured["whole"] == 0
