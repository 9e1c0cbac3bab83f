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
