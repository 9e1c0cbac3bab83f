"""Numbers worked out for many frames at once are those of each frame by itself, on either side of a block's border."""

import tracemalloc
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.accord import LAGS, Accord
from kling_post.signals.kernels.perceptual import ictcp, unclipped_rgb
from kling_post.signals.kernels.tiles import tile_means, tile_products
from kling_post.signals.picture.displacement import displacement
from kling_post.signals.picture.structure import LAGS as STRUCTURE_LAGS
from kling_post.signals.picture.structure import MIX_SPANS
from kling_post.signals.registry import all_signals
from kling_post.signals.series import BLOCK_FRAMES, FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts, Size

FRAMES = BLOCK_FRAMES * 2 + 5


@pytest.fixture(scope="module")
def views() -> list[FrameView]:
    """A texture of 128x72 that moves by another amount at each step, under grain; chroma changes with it."""
    rng = np.random.default_rng(3)
    texture = np.kron(rng.integers(40, 200, (30, 60)), np.ones((4, 4))).astype(np.float64)
    places = np.cumsum(rng.integers(0, 3, FRAMES)) % 100
    made = []
    for index, place in enumerate(places):
        luma = texture[8:80, place : place + 128] + rng.normal(0, 2, (72, 128))
        planes = [np.clip(plane, 0, 255).astype(np.uint8) for plane in (luma, luma[::2, ::2] / 2 + 60, 180 - luma[::2, ::2] / 3)]
        made.append(
            FrameView(index=index, seconds=Fraction(index, 24), bit_depth=8, luma=planes[0], chroma_blue=planes[1], chroma_red=planes[2])
        )
    return made


def series_of(name: str, views: list[FrameView], facts: MediaFacts) -> Series:
    collector = all_signals()[name].collector(facts)
    previous = None
    for view in views:
        collector.add(view, previous)
        previous = view
    return collector.finish()


@pytest.fixture(scope="module")
def facts(media_facts: Callable[..., MediaFacts]) -> MediaFacts:
    return media_facts(size=Size(128, 72), frames=FRAMES)


@pytest.mark.parametrize("shape", [(270, 480), (135, 240), (181, 317), (9, 16), (5, 7)])
def test_the_mean_product_of_a_tile_is_that_of_its_samples(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    one, other = (rng.normal(100, 30, shape).astype(np.float32) for _ in range(2))
    products = tile_products(one, other)
    assert products.mean() == pytest.approx((one.astype(float) * other).mean(), rel=1e-3 if shape[0] < 9 else 1e-5)
    if shape[0] % 9 == 0 and shape[1] % 16 == 0:
        tiles = (one.astype(float) * other).reshape(9, shape[0] // 9, 16, shape[1] // 16).mean(axis=(1, 3))
        np.testing.assert_allclose(products, tiles, rtol=2e-6)
    np.testing.assert_allclose(tile_products(one, np.ones_like(one)), tile_means(one), rtol=1e-5)


def test_steps_together_accord_as_steps_one_by_one() -> None:
    fields = np.random.default_rng(2).normal(size=(40, 2, 9, 16))
    alone, together = Accord(), Accord()
    singly = np.stack([alone.with_step(field, 2 * field) for field in fields])
    at_once = np.concatenate([together.with_steps(part, 2 * part) for part in (fields[:7], fields[7:8], fields[8:])])
    np.testing.assert_allclose(at_once, singly, rtol=1e-12)
    assert np.isnan(singly[3, 4:]).all()
    assert singly[20, 5] == pytest.approx((2 * fields[20] * fields[15]).mean())
    assert singly.shape == (40, LAGS)


def test_displacement_is_that_of_each_pair_of_frames(views: list[FrameView], facts: MediaFacts) -> None:
    series = series_of("displacement", views, facts)
    for frame in (1, BLOCK_FRAMES, BLOCK_FRAMES + 1, BLOCK_FRAMES + 2, FRAMES - 1):
        expected = displacement(views[frame - 1].codes("luma", 0), views[frame].codes("luma", 0))
        for name, value in expected.items():
            assert series[name][frame] == pytest.approx(value, rel=1e-9), name
    assert all(np.isnan(series[name][0]) for name in expected)


def test_structure_is_that_of_each_pair_of_frames(views: list[FrameView], facts: MediaFacts) -> None:
    series = series_of("structure", views, facts)
    pictures = [view.shared["small_colour"].astype(np.float64) for view in views]
    for frame in (0, 3, 16, BLOCK_FRAMES - 1, BLOCK_FRAMES, BLOCK_FRAMES + 7, FRAMES - 1):
        for place, lag in enumerate(STRUCTURE_LAGS):
            distance, correlation = series["distance"][frame, place], series["correlation"][frame, place]
            if lag > frame:
                assert np.isnan(distance)
                assert np.isnan(correlation)
                continue
            one, other = pictures[frame], pictures[frame - lag]
            assert distance == pytest.approx(np.abs(one - other).mean(), rel=1e-5)
            covariance = np.cov(one[..., 0].ravel(), other[..., 0].ravel(), bias=True) + 1
            assert correlation == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), abs=1e-5)
    for place, span in enumerate(MIX_SPANS):
        known = np.flatnonzero(np.isfinite(series["mix_share"][:, place]))
        assert known.tolist() == list(range(span, FRAMES - span))


def test_colour_is_that_of_each_frame(views: list[FrameView], facts: MediaFacts) -> None:
    series = series_of("colour", views, facts)
    for frame in (0, BLOCK_FRAMES - 1, BLOCK_FRAMES, FRAMES - 1):
        codes = views[frame].shared["small_colour"]
        perceived = ictcp(np.clip(unclipped_rgb(codes, full_range=False, weights=(0.2126, 0.0722)), 0, 1).astype(np.float64))
        np.testing.assert_allclose(series["ictcp"][frame], perceived.mean(axis=(0, 1)), rtol=1e-6)
        np.testing.assert_allclose(series["chroma"][frame], codes[..., 1:].mean(axis=(0, 1)), rtol=1e-6)
        assert series["colour_contrast"][frame] == pytest.approx(perceived[..., 0].std())


@pytest.mark.parametrize("name", sorted(all_signals()))
def test_a_picture_of_another_size_begins_anew(name: str, views: list[FrameView], facts: MediaFacts) -> None:
    smaller = [
        FrameView(
            index=FRAMES + place,
            seconds=Fraction(0),
            bit_depth=8,
            luma=view.luma[:36, :64],
            chroma_blue=None if view.chroma_blue is None else view.chroma_blue[:18, :32],
            chroma_red=None if view.chroma_red is None else view.chroma_red[:18, :32],
        )
        for place, view in enumerate(views[:20])
    ]
    alone, both = series_of(name, views, facts), series_of(name, [*views, *smaller], facts)
    for key, values in alone.items():
        if len(values) == FRAMES and name != "blends":  # the last frame of a clip has no later one to be a mix of
            assert len(both[key]) == FRAMES + 20
            np.testing.assert_allclose(both[key][:FRAMES], values, rtol=1e-9, err_msg=key)


def test_sampled_rows_are_every_eighth_of_2160_and_all_of_small_pictures() -> None:
    for rows, every in ((2160, 8), (1080, 4), (720, 2), (539, 1), (36, 1)):
        luma: NDArray[np.uint16] = np.arange(rows * 4, dtype=np.uint16).reshape(rows, 4)
        view = FrameView(index=0, seconds=Fraction(0), bit_depth=10, luma=luma, chroma_blue=None, chroma_red=None)
        np.testing.assert_array_equal(view.sampled_luma(), luma[::every])
        assert view.sampled_luma() is view.sampled_luma()


def test_series_come_out_as_they_went_in_however_many_frames_there_are() -> None:
    series = FrameSeries()
    tiles = np.random.default_rng(4).normal(size=(600, 2, 3)).astype(np.float32)
    for frame in range(300):
        series.add(number=frame / 3, tiles=tiles[frame])
    series.add_block(number=np.arange(300, 600) / 3, tiles=tiles[300:])
    stacked = series.stacked()
    assert stacked["number"].tolist() == [frame / 3 for frame in range(600)]
    np.testing.assert_array_equal(stacked["tiles"], tiles)
    assert {values.dtype for values in stacked.values()} == {np.dtype(np.float64)}


def test_a_number_of_a_frame_takes_its_eight_bytes_and_a_map_four_for_each_tile() -> None:
    series, tiles = FrameSeries(), np.zeros((9, 16), np.float32)
    tracemalloc.start()
    try:
        for frame in range(1024):
            series.add(number=float(frame), tiles=tiles)
        assert tracemalloc.get_traced_memory()[0] < 1024 * (8 + 9 * 16 * 4) * 1.05
    finally:
        tracemalloc.stop()
