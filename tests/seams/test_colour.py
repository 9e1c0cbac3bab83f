import numpy as np
import pytest

from kling_post.seams.colour import delta_e_itp, ictcp_from_rgb, rgb_from_ycbcr

BT709 = (0.2126, 0.0722)


def test_the_published_pair_of_itu_r_bt_2124_differs_by_1_42657228() -> None:
    one = np.array([0.4885468072, -0.04739350675, 0.07475401302])
    other = np.array([0.4899203231, -0.04567508203, 0.07361341775])
    assert delta_e_itp(one, other) == pytest.approx(1.42657228, abs=1e-6)


def test_grey_has_no_chroma_and_white_of_100_nits_has_the_quantiser_s_half() -> None:
    ictcp = ictcp_from_rgb(np.array([[1.0, 1.0, 1.0], [0.5, 0.5, 0.5]]))
    # SMPTE ST 2084 codes 100 cd/m2 as 0.5081.
    assert ictcp[0, 0] == pytest.approx(0.5081, abs=1e-3)
    assert np.abs(ictcp[:, 1:]).max() < 2e-3


def test_red_comes_back_from_its_bt_709_components() -> None:
    red = np.array([1.0, 0.0, 0.0])
    luma = np.array(0.2126)
    blue, red_difference = (red[2] - 0.2126) / 1.8556, (red[0] - 0.2126) / 1.5748
    assert rgb_from_ycbcr(luma, np.array(blue), np.array(red_difference), weights=BT709) == pytest.approx(red, abs=1e-4)
