"""Bars are black throughout and end in a hard edge; night is neither."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import Severity


def barred(picture: Any, rows: int = 0, columns: int = 0) -> Any:
    result = picture.copy()
    if rows:
        result[:rows] = result[-rows:] = 16
    if columns:
        result[:, :columns] = 16
    return result


def test_letterbox_bars_are_found_at_both_sides_with_their_height(make: Any) -> None:
    pictures = [barred(picture, rows=23) for picture in make.pan(12, 1.0)]
    top, bottom = make.ask("borders", make.clip(pictures=pictures, grain=0.5).subject()).findings
    assert (top.severity, top.measured) == (Severity.REVIEW, pytest.approx(23 / 180, abs=0.007))
    assert (top.area.top, top.area.bottom) == (0, top.measured)
    assert (bottom.area.top, bottom.area.bottom) == (1 - bottom.measured, 1)


def test_a_bar_at_one_side_is_found(make: Any) -> None:
    (finding,) = make.ask("borders", make.clip(pictures=[barred(picture, columns=9) for picture in make.pan(12, 1.0)]).subject()).findings
    assert finding.message == "A black bar covers 2.8% of the picture at the left, throughout."


def test_a_bar_that_is_once_lit_is_no_bar(make: Any) -> None:
    pictures = [barred(picture, rows=23) for picture in make.pan(12, 1.0)]
    pictures[7] = make.scene(1, 7.0)
    assert make.ask("borders", make.clip(pictures=pictures).subject()).findings == ()


def test_full_pictures_night_skies_and_black_takes_have_no_bars(make: Any) -> None:
    assert make.ask("borders", make.clip(pictures=make.pan(12, 1.0)).subject()).findings == ()
    falling = np.clip(np.linspace(-40, 120, 180), 0, None)[:, None] + np.full((180, 320), 16.0)
    assert make.ask("borders", make.clip(pictures=[falling] * 12).subject()).findings == ()
    assert make.ask("borders", make.clip(pictures=[np.full((180, 320), 16.0)] * 12).subject()).findings == ()


@pytest.mark.parametrize(("side", "index"), [("top", np.s_[:1]), ("bottom", np.s_[-2:]), ("left", np.s_[:, :1]), ("right", np.s_[:, -2:])])
def test_a_line_of_another_brightness_along_an_edge_is_found_with_its_width(make: Any, side: str, index: Any) -> None:
    pictures = []
    for picture in make.pan(12, 1.0):
        lined = picture.copy()
        lined[index] -= 40
        pictures.append(lined)
    (finding,) = make.ask("borders", make.clip(pictures=pictures, grain=1).subject()).findings
    width = 1 if side in {"top", "left"} else 2
    assert finding.severity is Severity.REVIEW
    assert f"{'A line of one pixel' if width == 1 else 'A strip of 2 pixels'} along the {side} edge" in finding.message
    assert finding.measured == pytest.approx(40, abs=4)
    assert finding.area.right - finding.area.left == pytest.approx(1 if side in {"top", "bottom"} else width / 320)


def test_a_line_that_comes_and_goes_belongs_to_the_picture(make: Any) -> None:
    pictures = make.pan(12, 1.0)
    lined = [picture.copy() for picture in pictures]
    for picture in lined[:6]:
        picture[0] -= 40
    assert make.ask("borders", make.clip(pictures=lined, grain=1).subject()).findings == ()


def test_a_dark_strip_of_the_scene_is_no_line(make: Any) -> None:
    pictures = [np.concatenate([picture[:-6], picture[-6:] * 0.4]) for picture in make.pan(12, 1.0)]
    assert make.ask("borders", make.clip(pictures=pictures, grain=1).subject()).findings == ()
