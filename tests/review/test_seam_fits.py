import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kling_post.cli import main
from kling_post.pipeline.seam_fits import fits_path, kept_fits, measured_fits
from kling_post.review.session import ReviewSession


def test_takes_outside_the_edit_are_joined_to_its_neighbours_once(
    session: ReviewSession, take_of: Callable[[str, int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept_fits(session) == {}
    fits = measured_fits(session)
    assert fits.keys() == {take_of("one", 1), take_of("one", 2)}
    monkeypatch.setattr("kling_post.pipeline.seam_fits.inspect_seams", lambda *_: pytest.fail("measured twice"))
    assert measured_fits(session) == fits == kept_fits(session)
    fits_path(session.folder).write_text("{")
    assert kept_fits(session) == {}


def test_rank_prints_the_order_with_reasons_and_the_next_retake(make_run: Callable[[], Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_run()
    assert main(["rank", str(folder), "--no-seams", "--json"]) == 0
    ranked = json.loads(capsys.readouterr().out)
    assert [take["take"] for take in ranked["shots"][0]["takes"]] == [1, 2]
    assert ranked["best_retakes_next"] == ["two"]
    two = ranked["shots"][1]["takes"][0]
    assert two["usable_frames"] == [20, 48]
    assert two["usd_per_usable_second"] == "1.8000"
    assert main(["rank", str(folder), "--no-seams"]) == 0
    assert "best retake next" in capsys.readouterr().out
