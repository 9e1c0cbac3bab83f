"""A master that misses its loudness target is marked for review; one that meets it is not."""

import pytest

from kling_post.generation.backend import NOT_DRAWN, NOT_HEARD
from kling_post.pipeline.handover import _off_target, _phrases
from kling_post.sound.targets import target
from kling_post.vocabulary import Loudness


def measured(integrated_lufs: float, true_peak_dbtp: float) -> Loudness:
    return Loudness(
        integrated_lufs=integrated_lufs,
        loudness_range_lu=3.0,
        max_momentary_lufs=integrated_lufs + 4,
        max_short_term_lufs=integrated_lufs + 2,
        true_peak_dbtp=true_peak_dbtp,
        sample_peak_dbfs=true_peak_dbtp,
        sample_rate=48_000,
        channels=2,
        duration_seconds=9.0,
    )


@pytest.mark.parametrize(
    ("integrated_lufs", "true_peak_dbtp", "units"),
    [
        (-23.0, -1.0, []),
        (-23.4, -6.0, []),
        (-26.0, -6.0, ["LUFS"]),
        (-23.0, -0.2, ["dBTP"]),
        (-18.0, 0.3, ["LUFS", "dBTP"]),
        (float("-inf"), float("-inf"), []),
    ],
)
def test_what_the_master_misses_is_said(integrated_lufs: float, true_peak_dbtp: float, units: list[str]) -> None:
    found = list(_off_target(measured(integrated_lufs, true_peak_dbtp), target("ebu-r128")))
    assert [finding.unit for finding in found] == units


def test_the_phrases_that_the_backend_did_not_draw_are_read_from_its_notes() -> None:
    notes = ("Rehearsed at 640x360; the task asks for 3840x2160.", "Not drawn: an ancient gateway; fish leaping.", "Not heard: a choir.")
    assert _phrases(notes, NOT_DRAWN) == ("an ancient gateway", "fish leaping")
    assert _phrases(notes, NOT_HEARD) == ("a choir",)
    assert _phrases((), NOT_DRAWN) == ()
