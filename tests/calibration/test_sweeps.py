"""Limits that are swept are limits that there are."""

from dataclasses import fields
from typing import Any

import pytest

from kling_post.calibration.injectors.registry import all_injectors
from kling_post.calibration.sweeps import FACTORS, SWEEPS, strictness
from kling_post.checks.registry import all_checks


@pytest.mark.parametrize("check", list(SWEEPS))
def test_a_sweep_names_limits_of_its_check(check: str) -> None:
    limits: Any = all_checks()[check].limits
    assert set(SWEEPS[check].limits) <= {field.name for field in fields(limits)}


def test_every_picture_check_that_defects_are_made_for_is_swept() -> None:
    assert {injector.check for injector in all_injectors().values() if not injector.check.startswith("sound_")} <= set(SWEEPS)


def test_the_built_in_limits_are_among_the_factors() -> None:
    assert 1.0 in FACTORS


def test_a_wider_limit_of_what_counts_as_held_is_less_strict() -> None:
    assert strictness("freeze", 2.0) < strictness("freeze", 1.0)
    assert strictness("flash", 2.0) > strictness("flash", 1.0)
