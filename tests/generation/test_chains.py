"""Chains: each shot begins with the very last frame of the one before."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kling_post.errors import BudgetRefusedError
from kling_post.generation.chains import Link, produce_links
from kling_post.generation.ledger import Ledger
from kling_post.generation.models import MODELS
from kling_post.generation.planning import pack_prompts, split_seconds
from kling_post.media.decode import decode_rgb, read_image_rgb
from kling_post.vocabulary import Take, VideoTask

KLING = MODELS["klingai:kling-video@3-4k"]
MakeTask = Callable[..., VideoTask]


@pytest.fixture
def chain(engine: Any, tmp_path: Path, make_task: MakeTask) -> Callable[..., Any]:
    engine.paid, engine.polls_until_done = False, 1
    links = [
        Link(shot_id=f"walk_part{number}", tasks=(make_task(f"walk_part{number}", duration=number + 2),), continues=number > 1)
        for number in (1, 2, 3)
    ]

    def run(**options: Any) -> dict[str, tuple[Take, ...]]:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            return dict(produce_links(links, engine, folder=tmp_path / "takes", ledger=ledger, project="demo", **options))

    return run


def test_a_shot_that_goes_on_gets_the_last_frame_exactly(chain: Callable[..., Any]) -> None:
    takes = chain()
    assert list(takes) == ["walk_part1", "walk_part2", "walk_part3"]
    for before, after in (("walk_part1", "walk_part2"), ("walk_part2", "walk_part3")):
        (first,), (second,) = takes[before], takes[after]
        image = Path(str(second.task.first_image))
        assert np.array_equal(read_image_rgb(image), decode_rgb(first.path, first.facts.frames - 1))
        assert "width" not in second.task.wire


def test_a_last_frame_that_the_backend_handed_over_is_preferred(chain: Callable[..., Any], tmp_path: Path, engine: Any) -> None:
    handed = tmp_path / "clean.png"
    Image.new("RGB", (64, 36), (200, 10, 10)).save(handed)
    poll = engine.poll

    def poll_with_sidecar(task: VideoTask, folder: Path) -> Any:
        state = poll(task, folder)
        videos = tuple(replace(video, sidecars={"last_frame": handed}) for video in state.videos)
        return replace(state, videos=videos)

    engine.poll = poll_with_sidecar
    (second,) = chain()["walk_part2"]
    assert Path(str(second.task.first_image)).read_bytes() == handed.read_bytes()
    beside = json.loads(second.path.with_suffix(".json").read_text(encoding="utf-8"))["beside"]
    assert beside == {"last_frame": f"{second.path.stem}.last_frame.png"}
    assert (second.path.parent / beside["last_frame"]).read_bytes() == handed.read_bytes()


def test_a_chain_that_is_there_is_not_made_again(chain: Callable[..., Any], engine: Any) -> None:
    first = chain()
    assert chain() == first
    assert len(engine.submits) == 3


def test_a_chain_over_the_budget_sends_not_even_its_first_link(chain: Callable[..., Any], engine: Any) -> None:
    engine.paid = True
    with pytest.raises(BudgetRefusedError, match=r"5\.04 USD, allowed are 5\.00"):
        chain(budget_usd=Decimal(5))
    assert engine.submits == []


@given(st.integers(3, 600))
def test_a_length_is_split_evenly_into_the_fewest_parts(seconds: int) -> None:
    parts = split_seconds(seconds, KLING)
    assert sum(parts) == seconds
    assert max(parts) <= 15
    assert max(parts) - min(parts) <= 1
    assert min(parts) >= 3
    assert (len(parts) - 1) * 15 < seconds


@given(st.lists(st.integers(1, 15), min_size=1, max_size=30))
def test_prompts_are_packed_in_order_within_the_limits_of_an_order(durations: list[int]) -> None:
    packing = pack_prompts(durations, KLING)
    if packing is None:
        return
    assert [index for group in packing.groups for index in group] == list(range(len(durations)))
    for group in packing.groups:
        assert len(group) <= 6
        assert 3 <= sum(durations[index] for index in group) <= 15


def test_what_fits_one_order_stays_one_and_what_cannot_be_packed_is_said() -> None:
    packed = pack_prompts([3, 3, 3], KLING)
    assert packed is not None
    assert packed.groups == ((0, 1, 2),)
    assert pack_prompts([1, 15], KLING) is None
