import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.patterns import pan
from kling_post.calibration.seam_matching import METHODS, left_over
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.media.frames import FrameView
from kling_post.vocabulary import Size

RgbFrame = NDArray[np.uint8]
FRAMES = 8


def views(frames: list[RgbFrame]) -> list[FrameView]:
    planes = [rgb_to_ycbcr420(frame) for frame in frames]
    return [
        FrameView(index=place, seconds=0, bit_depth=8, luma=luma, chroma_blue=blue, chroma_red=red)  # type: ignore[arg-type]
        for place, (luma, blue, red) in enumerate(planes)
    ]


def take(pixels: float) -> list[RgbFrame]:
    return list(pan(Size(320, 180), 2 * FRAMES, np.random.default_rng(6), pixels=pixels))


def warmer(frame: RgbFrame) -> RgbFrame:
    return np.asarray(np.clip(frame * np.array([1.08, 1.0, 0.92]), 0, 255), np.uint8)


def test_a_warm_half_is_brought_back_by_every_method() -> None:
    frames = take(0.5)
    left = left_over(views(frames[:FRAMES]), views([warmer(frame) for frame in frames[FRAMES:]]), frames[FRAMES:], found=True)
    assert set(left) == set(METHODS)
    was = left["as it is"].colour_delta_e_itp
    assert was > 6
    assert left["kling-post"].colour_delta_e_itp < 0.15 * was
    assert left["Reinhard, once"].colour_delta_e_itp < 0.5 * was


def test_frame_by_frame_matching_makes_a_fast_pan_flicker_where_nothing_was_wrong() -> None:
    frames = take(12)
    left = left_over(views(frames[:FRAMES]), views(frames[FRAMES:]), frames[FRAMES:], found=False)
    assert left["kling-post"] == left["as it is"]
    assert left["kling-post"].flicker_percent < 0.1
    assert left["Reinhard, frame by frame"].flicker_percent > 3 * left["Reinhard, once"].flicker_percent
    assert left["Reinhard, frame by frame"].colour_delta_e_itp > 1
