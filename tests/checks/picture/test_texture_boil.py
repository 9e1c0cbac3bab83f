"""Texture that re-forms on things that keep their shape is for review; fixed texture, grain and movement are not."""

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.checks.words import names_what_stirs
from kling_post.vocabulary import Severity, TakePlan

Picture = NDArray[np.float64]


def field(random: np.random.Generator) -> Picture:
    """Fine texture of unit deviation, four to ten pixels long."""
    noise = random.normal(size=(180, 320))
    fine = cv2.GaussianBlur(noise, (0, 0), 1.2) - cv2.GaussianBlur(noise, (0, 0), 2.5)
    return np.asarray(fine / fine.std(), np.float64)


def clip(make: Any, *, half_life: float = np.inf, codes: float = 8.0, speed: float = 0.0, grain: float = 1.0, frames: int = 50) -> Any:
    """Soft shapes with a fine texture that goes with them; in a part of the picture it re-forms."""
    random = np.random.default_rng(5)
    kept = 0.5 ** (1 / half_life)
    still = boiling = field(random)
    inside = np.zeros((180, 320))
    inside[60:140, 100:240] = 1
    pictures = []
    for index in range(frames):
        boiling = kept * boiling + np.sqrt(1 - kept**2) * field(random) if kept < 1 else boiling
        shift = round(speed * index)
        fine = np.roll(boiling * inside + still * (1 - inside), -shift, axis=1)
        pictures.append(cv2.GaussianBlur(make.scene(1, float(shift)), (0, 0), 4) + codes * fine)
    return make.clip(pictures=pictures, grain=grain)


@pytest.mark.parametrize("speed", [0.0, 1.0])
def test_texture_that_reforms_is_for_review_with_its_place_and_its_half_life(make: Any, speed: float) -> None:
    (finding,) = make.ask("texture_boil", clip(make, half_life=3, speed=speed).subject(signals=("texture",))).findings
    assert finding.severity is Severity.REVIEW
    assert (finding.frames.start, finding.frames.stop) == (8, 49)
    assert 1.5 <= finding.measured <= 6
    if not speed:
        assert (finding.area.left, finding.area.right) == pytest.approx((0.31, 0.75), abs=0.07)
        assert (finding.area.top, finding.area.bottom) == pytest.approx((0.33, 0.78), abs=0.12)


@pytest.mark.parametrize(("speed", "grain"), [(0.0, 0.0), (0.0, 4.0), (1.0, 2.0), (3.0, 1.0)])
def test_fixed_texture_is_silent_under_grain_and_movement(make: Any, speed: float, grain: float) -> None:
    subject = clip(make, speed=speed, grain=grain).subject(signals=("texture",))
    assert make.ask("texture_boil", subject).findings == ()


def test_grain_alone_does_not_boil(make: Any) -> None:
    subject = clip(make, codes=0.0, grain=6.0).subject(signals=("texture",))
    assert make.ask("texture_boil", subject).findings == ()


def test_one_look_is_not_enough_and_none_is_no_answer_of_another_kind(make: Any) -> None:
    for frames in (5, 40):
        assert make.ask("texture_boil", clip(make, half_life=3, frames=frames).subject(signals=("texture",))).findings == ()


def test_a_prompt_that_names_water_makes_it_a_note(make: Any) -> None:
    boiling = clip(make, half_life=3)
    (finding,) = make.ask("texture_boil", boiling.subject(TakePlan(stirs=True), signals=("texture",))).findings
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("prompt", "stirs"),
    [
        ("A harbour at dusk, waves against the wall", True),
        ("Camp fire in the woods", True),
        ("Autumn leaves in the wind", True),
        ("A crowd fills the square", True),
        ("A marble quarry at noon, the camera trucks left", False),
        ("A fireplace mantel of brick; she leaves the room", False),
    ],
)
def test_what_stirs_by_nature_is_read_from_the_prompt(prompt: str, stirs: bool) -> None:
    assert names_what_stirs(prompt) is stirs
