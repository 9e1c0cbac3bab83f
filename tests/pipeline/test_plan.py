"""The mission's requests are priced as the provider prices them, and read as specifications for the checks."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from kling_post.generation.prices import price_usd
from kling_post.pipeline.plan import take_plan
from kling_post.project import load_project
from kling_post.vocabulary import Size

SAMPLES = Path(__file__).parents[2] / "samples"

PRICES = [
    ("volcanic_salt_flats_caravan", "3.78"),
    ("glacier_library_aurora_ascent", "3.36"),
    ("flooded_grand_station_reverie", "4.2"),
    ("amber_quarry_mech_pilgrim", "3.36"),
]


@pytest.mark.parametrize(("name", "usd"), PRICES)
def test_each_sample_request_costs_what_the_provider_charges(name: str, usd: str) -> None:
    (task,) = load_project(SAMPLES / "requests" / f"{name}.json").tasks(local=False)
    assert price_usd(task) == Decimal(usd)


def test_the_four_worlds_cost_14_70_in_all() -> None:
    project = load_project(SAMPLES / "four_worlds" / "project.yaml")
    assert sum(price_usd(task) for task in project.tasks(local=False)) == Decimal("14.70")


def test_a_multi_shot_task_plans_its_cuts() -> None:
    (task,) = load_project(SAMPLES / "requests" / "volcanic_salt_flats_caravan.json").tasks(local=False)
    plan = take_plan(task)
    assert plan.cut_seconds == (Fraction(3), Fraction(6))
    assert plan.duration_seconds == 9
    assert plan.size == Size(3840, 2160)
    assert plan.sound is True


def test_a_single_shot_task_plans_no_cut_at_all() -> None:
    (task,) = load_project(SAMPLES / "requests" / "amber_quarry_mech_pilgrim.json").tasks(local=False)
    assert take_plan(task).cut_seconds == ()


def test_only_a_request_that_lists_no_shots_lets_the_model_choose_them() -> None:
    chosen = {}
    for name, _ in PRICES:
        (task,) = load_project(SAMPLES / "requests" / f"{name}.json").tasks(local=False)
        chosen[name] = take_plan(task).may_cut
    assert [name for name, may_cut in chosen.items() if not may_cut] == ["volcanic_salt_flats_caravan"]


def test_a_rehearsal_is_held_against_the_size_it_was_asked_in() -> None:
    (task,) = load_project(SAMPLES / "requests" / "amber_quarry_mech_pilgrim.json").tasks(local=False)
    assert take_plan(task, rehearsal_size=Size(1280, 720)).size == Size(1280, 720)


def test_an_image_on_the_network_is_not_compared_with_the_take() -> None:
    (task,) = load_project(SAMPLES / "requests" / "flooded_grand_station_reverie.json").tasks(local=False)
    assert task.first_image is not None
    assert take_plan(task).first_image is None


def test_a_local_first_image_decides_the_size_by_its_aspect(tmp_path: Path) -> None:
    Image.new("RGB", (600, 1000)).save(tmp_path / "tall.png")
    body = {"taskType": "videoInference", "model": "klingai:kling-video@3-4k", "positivePrompt": "A tower.", "duration": 3}
    request = tmp_path / "tower.json"
    request.write_text(json.dumps({**body, "inputs": {"frameImages": ["tall.png"]}}))
    (task,) = load_project(request).tasks(local=True)
    assert take_plan(task).size == Size(2160, 3840)
    assert take_plan(task, rehearsal_size=Size(1280, 720)).size == Size(720, 1280)


def test_a_plan_says_whether_the_engine_labels_its_frames() -> None:
    (task,) = load_project(SAMPLES / "requests" / "amber_quarry_mech_pilgrim.json").tasks(local=False)
    assert take_plan(task, drawn=True).drawn
    assert not take_plan(task).drawn
