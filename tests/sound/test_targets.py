"""Targets by name and by numbers."""

import pytest

from kling_post.errors import UsageError
from kling_post.sound.targets import TARGETS, target


@pytest.mark.parametrize(
    ("name", "lufs", "dbtp"),
    [
        ("ebu-r128", -23, -1),
        ("atsc-a85", -24, -2),
        ("netflix", -27, -2),
        ("streaming", -14, -1),
        ("apple", -16, -1),
        ("podcast", -16, -1),
        (" EBU-R128 ", -23, -1),
        ("-16/-1.5", -16, -1.5),
        ("-18", -18, -1),
    ],
)
def test_targets_have_the_numbers_of_their_standard(name: str, lufs: float, dbtp: float) -> None:
    found = target(name)
    assert (found.integrated_lufs, found.true_peak_dbtp) == (lufs, dbtp)


def test_the_netflix_target_says_what_it_is_not() -> None:
    assert "approximation" in target("netflix").note
    assert "no dialogue is detected" in target("netflix").note


def test_every_target_is_found_by_its_own_name() -> None:
    assert all(target(each.name) is each for each in TARGETS)


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(UsageError, match=r"'ebu128' is no loudness target\. Did you mean ebu-r128\?"):
        target("ebu128")


@pytest.mark.parametrize("text", ["3/-1", "-90", "-16/4", "-16/-40", "nan", "inf"])
def test_numbers_out_of_reach_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="out of reach"):
        target(text)
