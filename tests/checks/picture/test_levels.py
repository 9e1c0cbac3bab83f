"""Levels outside EBU R103, doubtful range flags and empty low bits."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange


def with_patch(make: Any, code: float, share: float) -> Any:
    picture = make.scene(1, 0.0).copy()
    picture[: round(180 * share), :] = code
    return picture


@pytest.mark.parametrize(("share", "found"), [(0.005, 0), (0.02, 1)])
def test_one_per_cent_of_the_picture_may_lie_outside_the_preferred_range(make: Any, share: float, found: int) -> None:
    pictures = [with_patch(make, 252, share)] * 24
    assert len(make.ask("levels", make.clip(pictures=pictures).subject()).findings) == found


def test_a_stretch_outside_is_placed(make: Any) -> None:
    pictures = [with_patch(make, 252, 0.1 if 24 <= place < 44 else 0.0) for place in range(60)]
    (finding,) = make.ask("levels", make.clip(pictures=pictures, chroma=lambda _: (128, 128)).subject(), area=0.05).findings
    assert finding.frames == FrameRange(24, 44)
    assert finding.code == "EBU QC 0051B Video Signal Levels"


def test_strong_chroma_on_bright_luma_leaves_the_gamut(make: Any) -> None:
    pictures = [np.full((180, 320), 220.0)] * 24
    (finding,) = make.ask("levels", make.clip(pictures=pictures, chroma=lambda _: (60, 200)).subject()).findings
    assert "R, G or B" in finding.message


def test_full_range_material_without_its_flag_is_suspected(make: Any) -> None:
    ramp = np.tile(np.linspace(0, 255, 320), (180, 1))
    messages = [finding.message for finding in make.ask("levels", make.clip(pictures=[ramp] * 24).subject()).findings]
    assert any("full range without its flag" in message for message in messages)
    flagged = make.ask("levels", make.clip(pictures=[ramp] * 24).subject(color_range="full")).findings
    assert not any("range" in finding.message and "looks" in finding.message for finding in flagged)


def test_limited_range_under_a_full_flag_is_suspected_though_coding_overshoots(make: Any) -> None:
    ramp = np.tile(np.linspace(16, 235, 320), (180, 1))
    ramp[80, 40:60], ramp[80, 200:220] = 9, 243
    (finding,) = make.ask("levels", make.clip(pictures=[ramp] * 24).subject(color_range="full")).findings
    assert "looks like limited range" in finding.message


def test_eight_bit_material_in_a_ten_bit_file_is_told(make: Any) -> None:
    eight = [np.round(picture) for picture in make.pan(12, 0.5)]
    (finding,) = make.ask("levels", make.clip(pictures=eight, bit_depth=10).subject()).findings
    assert "holds 8-bit material" in finding.message
    assert make.ask("levels", make.clip(pictures=make.pan(12, 0.5), bit_depth=10).subject()).findings == ()
