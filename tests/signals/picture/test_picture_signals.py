"""Each signal's numbers against ones known beforehand, at 8 and 10 bit and at odd sizes."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.perceptual import delta_e_itp, ictcp, perceptual_quantiser, unclipped_rgb
from kling_post.signals.kernels.tiles import tile_means
from kling_post.signals.kernels.working_size import working_halvings
from kling_post.signals.picture.luma import percentiles
from kling_post.signals.registry import all_signals
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts, Size

Measure = Callable[[str, list[FrameView]], Series]


def view(index: int, luma: NDArray[np.generic], *, blue: int = 128, red: int = 128, bit_depth: int = 8) -> FrameView:
    kind: Any = np.uint8 if bit_depth == 8 else np.uint16
    scale = 1 << (bit_depth - 8)
    rows, columns = (luma.shape[0] + 1) // 2, (luma.shape[1] + 1) // 2
    return FrameView(
        index=index,
        seconds=Fraction(index, 24),
        bit_depth=bit_depth,
        luma=(np.asarray(luma) * scale).astype(kind),
        chroma_blue=np.full((rows, columns), blue * scale, kind),
        chroma_red=np.full((rows, columns), red * scale, kind),
    )


@pytest.fixture
def measured(media_facts: Callable[..., MediaFacts]) -> Measure:
    """Run one signal over views."""

    def run(name: str, views: list[FrameView]) -> Series:
        rows, columns = views[0].luma.shape
        collector = all_signals()[name].collector(media_facts(size=Size(columns, rows), bit_depth=views[0].bit_depth, frames=len(views)))
        previous = None
        for each in views:
            collector.add(each, previous)
            previous = each
        return collector.finish()

    return run


def ramp(rows: int = 180, columns: int = 320) -> NDArray[np.float64]:
    return np.tile(np.linspace(16, 235, columns), (rows, 1)).round()


@pytest.mark.parametrize("bit_depth", [8, 10])
def test_luma_is_on_the_eight_bit_scale_at_any_depth(measured: Measure, bit_depth: int) -> None:
    series = measured(
        "luma", [view(0, np.full((180, 320), 100), bit_depth=bit_depth), view(1, np.full((180, 320), 103), bit_depth=bit_depth)]
    )
    assert series["mean"].tolist() == [100, 103]
    assert series["difference"][1] == 3
    assert series["identical"][1] == 0
    assert series["tiles"].shape == (2, 9, 16)
    assert np.isnan(series["difference"][0])


def test_identical_means_every_sample_of_every_plane(measured: Measure) -> None:
    one, same, chroma, luma = (ramp() for _ in range(4))
    luma[91, 200] += 1
    series = measured("luma", [view(0, one), view(1, same), view(2, chroma, blue=129), view(3, luma, blue=129)])
    assert series["identical"][1:].tolist() == [1, 0, 0]


def test_percentiles_interpolate_inside_a_code() -> None:
    picture = np.repeat(np.arange(100, 200, dtype=np.uint8), 10).reshape(10, 100)
    assert np.allclose(percentiles(picture), [101, 110, 150, 190, 199], atol=0.01)


@pytest.mark.parametrize("shape", [(9, 16), (90, 160), (135, 240), (97, 131), (1, 1), (5, 500)])
def test_tile_means_have_the_pictures_mean(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).random(shape).astype(np.float32)
    tiles = tile_means(picture)
    assert tiles.shape == (9, 16)
    if shape[0] % 9 == 0 and shape[1] % 16 == 0:
        assert tiles.mean() == pytest.approx(picture.mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("width", "height", "halvings"), [(3840, 2160, 3), (2160, 3840, 3), (2880, 2880, 3), (1920, 1080, 2), (320, 180, 0)]
)
def test_pictures_are_compared_at_a_quarter_of_a_thousand_pixels_or_so(width: int, height: int, halvings: int) -> None:
    assert working_halvings(Size(width, height)) == halvings


def test_ictcp_distance_agrees_with_the_published_example() -> None:
    one = np.array([0.4885468072, -0.04739350675, 0.07475401302])
    other = np.array([0.4899203231, -0.04567508203, 0.07361341775])
    assert delta_e_itp(one, other) == pytest.approx(1.42657228, abs=1e-6)


def test_the_quantiser_agrees_with_st_2084_at_100_nits() -> None:
    assert perceptual_quantiser(np.array([100.0]))[0] == pytest.approx(0.5081, abs=1e-4)


def test_neutral_codes_have_no_chroma_in_any_space() -> None:
    codes = np.zeros((1, 3, 3), np.float32)
    codes[0, :, 0], codes[..., 1:] = (16, 126, 235), 128
    rgb = unclipped_rgb(codes, full_range=False, weights=(0.2126, 0.0722))
    assert np.allclose(rgb[0, 0], 0, atol=1e-5)
    assert np.allclose(rgb[0, 2], 1, atol=1e-5)
    assert np.abs(ictcp(rgb.astype(np.float64))[..., 1:]).max() < 1e-3


def test_colour_reports_mean_chroma_and_saturation(measured: Measure) -> None:
    series = measured("colour", [view(0, np.full((180, 320), 120), blue=125, red=132)])
    assert series["chroma"][0].tolist() == [125, 132]
    assert series["saturation"][0] == pytest.approx(5.0)


def test_motion_reports_pixels_of_the_stored_picture(measured: Measure) -> None:
    import cv2

    random = np.random.default_rng(4)
    wide = cv2.GaussianBlur(random.integers(0, 255, (720, 1400)).astype(np.float32), (0, 0), 9)
    wide = 20 + 200 * (wide - wide.min()) / np.ptp(wide)
    series = measured("motion", [view(index, wide[:, 8 * index : 8 * index + 1280].round()) for index in range(3)])
    assert np.isnan(series["median"][0])
    assert series["median"][1:] == pytest.approx([8, 8], abs=0.8)
    assert series["across"][1:] == pytest.approx([-8, -8], abs=0.8)
    assert series["residual"][2] < 2


def test_structure_keeps_no_more_than_it_compares(measured: Measure) -> None:
    pictures = [ramp() if index != 5 else 251 - ramp() for index in range(8)]
    series = measured("structure", [view(index, picture) for index, picture in enumerate(pictures)])
    assert series["distance"].shape == (8, 6)
    assert np.isnan(series["distance"][0]).all()
    assert series["distance"][5, 0] > 20
    assert series["distance"][6, 1] == 0
    assert series["correlation"][5, 0] == pytest.approx(-1, abs=0.01)
    assert series["correlation"][6, 1] == pytest.approx(1)


def test_a_grid_of_blocks_shows_in_its_phase_across_and_down(measured: Measure) -> None:
    flat = np.full((180, 320), 100.0)
    upright = flat + np.where((np.arange(320) // 8) % 2, 6, 0)[None]
    lying = flat + np.where((np.arange(180) // 8) % 2, 4, 0)[:, None]
    steps = measured("block_grid", [view(0, flat), view(6, upright), view(7, flat), view(12, lying)])["steps"]
    assert steps.shape == (3, 2, 8)
    assert not steps[0].any()
    assert steps[1, 0].tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 0, 6])
    assert not steps[1, 1].any()
    assert steps[2, 1].tolist() == pytest.approx([0, 0, 0, 0, 0, 0, 0, 4])


def test_levels_count_what_lies_outside(measured: Measure) -> None:
    picture = np.full((180, 320), 100.0)
    picture[:18] = 250
    picture[18:36] = 2
    series = measured("levels", [view(0, picture)])
    assert series["above_preferred"][0] == pytest.approx(0.1)
    assert series["below_preferred"][0] == pytest.approx(0.1)
    assert (series["minimum"][0], series["maximum"][0]) == (2, 250)
    assert series["histogram"].sum() == pytest.approx(1)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (7, 5), (17, 31), (181, 321)])
@pytest.mark.parametrize("bit_depth", [8, 10])
def test_every_signal_takes_odd_and_tiny_pictures(measured: Measure, shape: tuple[int, int], bit_depth: int) -> None:
    random = np.random.default_rng(5)
    views = [view(index, random.integers(16, 235, shape), bit_depth=bit_depth) for index in range(3)]
    longer_side = max(shape)
    halvings = working_halvings(Size(longer_side, 1))
    rows, columns = (max(1, side >> halvings) for side in shape)
    lengths = {("levels", "histogram"): 256, ("edges", "row_maximum"): rows, ("edges", "column_maximum"): columns}
    for name in all_signals():
        series = measured(name, views)
        for series_name, values in series.items():
            # A signal that looks at a frame now and then says at which, and has as many rows as looks.
            if "looked" in series and series_name != "looked":
                assert len(values) <= series["looked"].sum(), (name, series_name)
                continue
            assert len(values) == lengths.get((name, series_name), 3), (name, series_name)
