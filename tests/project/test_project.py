"""Project files: everything resolved, and every fault named with its line."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
from PIL import Image
from ruamel.yaml import YAML

from kling_post.errors import ProjectError, RequestError
from kling_post.generation.prices import price_usd
from kling_post.project import Project, load_project
from kling_post.project.file import project_schema
from kling_post.vocabulary import JoinKind, Size

SAMPLES = Path(__file__).parents[2] / "samples"


def load(folder: Path, text: str, name: str = "project.yaml") -> Project:
    path = folder / name
    path.write_text(text)
    return load_project(path)


def still(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 36)).save(path)
    return path


def test_the_sample_project_cuts_the_four_requests_together() -> None:
    project = load_project(SAMPLES / "four_worlds" / "project.yaml")
    assert project.name == "four_worlds"
    assert [shot.shot_id for shot in project.shots] == ["salt_flats", "glacier_library", "grand_station", "amber_quarry"]
    assert [shot.join for shot in project.shots] == [JoinKind.CUT, JoinKind.DISSOLVE, JoinKind.CUT, JoinKind.CUT]
    assert project.shots[1].dissolve_frames == 12
    assert (project.rate, project.size, project.start_frame, project.loudness) == (Fraction(24), Size(3840, 2160), 86_400, "streaming")
    assert sum(price_usd(task) for task in project.tasks(local=False)) == Decimal("14.70")


def test_a_bare_request_is_a_project_of_one_shot_named_after_its_file() -> None:
    project = load_project(SAMPLES / "requests" / "volcanic_salt_flats_caravan.json")
    assert project.name == "volcanic_salt_flats_caravan"
    (shot,) = project.shots
    assert [planned.shot_id for planned in shot.tasks[0].shots] == [f"volcanic_salt_flats_caravan_{number}" for number in (1, 2, 3)]
    assert project.start_frame == 86_400


def test_the_same_request_is_the_same_task_bare_or_in_a_project() -> None:
    bare = load_project(SAMPLES / "requests" / "amber_quarry_mech_pilgrim.json")
    project = load_project(SAMPLES / "four_worlds" / "project.yaml")
    assert bare.shots[0].tasks[0].task_uuid == project.shots[3].tasks[0].task_uuid


def test_a_shot_written_in_the_project_becomes_a_whole_request(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        "name: demo\nrate: 23.976\nsize: 2160x3840\nbudget_usd: 3.50\nrepair: off\nloudness: {integrated_lufs: -23, true_peak_dbtp: -1}\n"
        "shots:\n  - id: cat\n    prompt: A cat on a wall.\n    negative: blur\n    duration: 7\n    sound: false\n",
    )
    assert project.rate == Fraction(24_000, 1001)
    assert project.budget_usd == Decimal("3.5")
    assert project.repair == "off"
    assert project.loudness == {"integrated_lufs": -23.0, "true_peak_dbtp": -1.0, "tolerance_lu": 1.0}
    wire = dict(project.shots[0].tasks[0].wire)
    wire.pop("taskUUID")
    assert wire == {
        "taskType": "videoInference",
        "model": "klingai:kling-video@3-4k",
        "positivePrompt": "A cat on a wall.",
        "negativePrompt": "blur",
        "duration": 7,
        "width": 2160,
        "height": 3840,
        "providerSettings": {"klingai": {"sound": False}},
    }


def test_a_list_of_prompts_is_one_task_of_several_shots(tmp_path: Path) -> None:
    project = load(tmp_path, "shots:\n  - id: a\n    shots: [{prompt: One., duration: 3}, {prompt: Two., duration: 4}]\n")
    (task,) = project.tasks(local=False)
    assert [(shot.shot_id, shot.duration_seconds) for shot in task.shots] == [("a_1", 3), ("a_2", 4)]
    assert task.duration_seconds == 7
    assert project.name == tmp_path.name


def test_several_takes_are_several_tasks(tmp_path: Path) -> None:
    project = load(tmp_path, "takes: 2\nshots:\n  - prompt: One.\n  - prompt: Two.\n    takes: 3\n    take: 5\n")
    assert [[task.take_number for task in shot.tasks] for shot in project.shots] == [[1, 2], [5, 6, 7]]
    assert len({task.task_uuid for task in project.tasks(local=False)}) == 5


def test_takes_can_be_asked_for_from_outside(tmp_path: Path) -> None:
    bare = load_project(SAMPLES / "requests" / "amber_quarry_mech_pilgrim.json", takes=3)
    assert [task.take_number for task in bare.tasks(local=True)] == [1, 2, 3]
    assert len({task.task_uuid for task in bare.tasks(local=False)}) == 3
    path = tmp_path / "project.yaml"
    path.write_text("takes: 2\nshots:\n  - prompt: One.\n    takes: 5\n  - prompt: Two.\n")
    assert [len(shot.tasks) for shot in load_project(path, takes=1).shots] == [1, 1]


def test_the_same_words_twice_need_a_take_number(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"project\.yaml:3: shot 'shot_02' has the task .* line 2 .*'take: 2'"):
        load(tmp_path, "shots:\n  - prompt: One.\n  - prompt: One.\n")
    assert len(load(tmp_path, "shots:\n  - prompt: One.\n  - {prompt: One., take: 2}\n").shots) == 2


# ------------------------------------------------------------------------------------------- drafts, chains, packing


def test_a_draft_is_made_by_the_cheap_model_and_final_shots_by_their_own(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        "draft_model: klingai:kling-video@3-standard\nshots:\n  - prompt: One.\n    size: 2160x3840\n  - prompt: Two.\n    final: true\n",
    )
    draft, final = project.tasks(local=False)
    assert (draft.model, draft.size, price_usd(draft)) == ("klingai:kling-video@3-standard", Size(720, 1280), Decimal("0.63"))
    assert (final.model, final.size, price_usd(final)) == ("klingai:kling-video@3-4k", Size(3840, 2160), Decimal("2.10"))


def test_a_long_shot_is_a_chain_of_even_parts(tmp_path: Path) -> None:
    project = load(tmp_path, "shots:\n  - id: walk\n    prompt: A long walk.\n    duration: 40\n    join: cut\n")
    assert [(shot.shot_id, shot.tasks[0].duration_seconds, shot.join, shot.continues) for shot in project.shots] == [
        ("walk_part1", 14, JoinKind.CUT, False),
        ("walk_part2", 13, JoinKind.CONTINUE, True),
        ("walk_part3", 13, JoinKind.CONTINUE, True),
    ]
    assert project.shots[0].planning.startswith("40 s in 3 orders of 14 + 13 + 13 s")


def test_a_long_list_of_prompts_is_packed_into_few_orders(tmp_path: Path) -> None:
    prompts = "".join(f"      - {{prompt: Shot {number}., duration: 4}}\n" for number in range(7))
    project = load(tmp_path, f"shots:\n  - id: day\n    shots:\n{prompts}")
    assert [[planned.prompt for planned in shot.tasks[0].shots] for shot in project.shots] == [
        ["Shot 0.", "Shot 1."],
        ["Shot 2.", "Shot 3."],
        ["Shot 4.", "Shot 5.", "Shot 6."],
    ]
    assert [shot.join for shot in project.shots] == [JoinKind.CUT] * 3
    assert "7 prompts in 3 order(s) of 8 + 8 + 12 s" in project.shots[0].planning


def test_a_shot_that_goes_on_waits_for_its_image_unless_it_has_one(tmp_path: Path) -> None:
    still(tmp_path / "a.png")
    shots = ("prompt: One.", "prompt: Two.\n    join: continue", "prompt: Three.\n    join: continue\n    frame_images: [a.png]")
    project = load(tmp_path, "shots:\n" + "".join(f"  - {shot}\n" for shot in shots))
    assert [shot.continues for shot in project.shots] == [False, True, False]


# ------------------------------------------------------------------------------------------------------------- stills


def request_with_url(folder: Path) -> Path:
    path = folder / "requests" / "harbour.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [{"image": "https://host/inputs/abc.jpg", "frame": "first"}, "https://host/inputs/def.jpg"]
    body = {
        "taskType": "videoInference",
        "model": "klingai:kling-video@3-4k",
        "positivePrompt": "A harbour.",
        "inputs": {"frameImages": images},
    }
    path.write_text(json.dumps(body))
    return path


def test_without_stills_a_local_engine_gets_the_request_as_it_is(tmp_path: Path) -> None:
    shot = load_project(request_with_url(tmp_path)).shots[0]
    assert shot.local_tasks == shot.tasks


def test_a_still_named_after_the_shot_or_the_url_stands_in_for_a_remote_image(tmp_path: Path) -> None:
    first = still(tmp_path / "stills" / "harbour_first.png")
    last = still(tmp_path / "stills" / "def.jpg")
    shot = load_project(request_with_url(tmp_path)).shots[0]
    assert shot.tasks[0].first_image == "https://host/inputs/abc.jpg"
    assert (shot.local_tasks[0].first_image, shot.local_tasks[0].last_image) == (str(first), str(last))
    assert shot.local_tasks[0].task_uuid != shot.tasks[0].task_uuid


def test_a_folder_of_stills_can_be_handed_in(tmp_path: Path) -> None:
    first = still(tmp_path / "elsewhere" / "harbour_first.png")
    shot = load_project(request_with_url(tmp_path), stills=tmp_path / "elsewhere").shots[0]
    assert shot.local_tasks[0].first_image == str(first)
    assert shot.local_tasks[0].last_image == "https://host/inputs/def.jpg"


def test_stills_named_in_the_project_come_before_all_others(tmp_path: Path) -> None:
    request_with_url(tmp_path)
    still(tmp_path / "stills" / "harbour_first.png")
    one, two = still(tmp_path / "one.png"), still(tmp_path / "two.png")
    project = load(tmp_path, "shots:\n  - request: requests/harbour.json\n    offline_frame_images: [one.png, two.png]\n")
    local = project.shots[0].local_tasks[0]
    assert (local.first_image, local.last_image) == (str(one), str(two))
    with pytest.raises(ProjectError, match=r"project\.yaml:2: .*1 local stills are given, allowed is one for each of the request's 2"):
        load(tmp_path, "shots:\n  - request: requests/harbour.json\n    offline_frame_images: [one.png]\n")


# ------------------------------------------------------------------------------------------------------------- faults

FAULTS = {
    "unknown key": ("nam: x\nshots:\n  - prompt: One.\n", r":1: nam is not a known key, .*Did you mean 'name'"),
    "unknown shot key": ("shots:\n  - promt: One.\n", r":2: shots\[0\]\.promt is not a known key, .*Did you mean 'prompt'"),
    "unknown join": (
        "shots:\n  - prompt: One.\n  - prompt: Two.\n    join: wipe\n",
        r":4: shots\[1\]\.join is 'wipe', allowed are 'cut' or 'continue'",
    ),
    "misspelt dissolve": ("shots:\n  - prompt: One.\n    join: {disolve: 3}\n", r":3: .*Did you mean 'dissolve'"),
    "dissolve of nothing": (
        "shots:\n  - prompt: One.\n    join: {dissolve: 0}\n",
        r":3: shots\[0\]\.join\.dissolve is 0, allowed are values of 1",
    ),
    "long dissolve": (
        "shots:\n  - prompt: One.\n  - prompt: Two.\n    join: {dissolve: 120}\n",
        r":3: join\.dissolve is 120 frames, allowed are fewer than the 120",
    ),
    "dissolve from nothing": ("shots:\n  - prompt: One.\n    join: {dissolve: 3}\n", r":2: the first shot's join is not a cut"),
    "no shots": ("name: x\n", r"shots is missing"),
    "empty": ("", r"holds no keys"),
    "not yaml": ("name: [\n", r"not YAML"),
    "twice the same key": ("name: a\nname: b\n", r":2: not YAML: .*duplicate key"),
    "rate": ("rate: fast\nshots:\n  - prompt: One.\n", r":1: rate: 'fast' is not a frame rate"),
    "timecode": ("rate: 25\nstart_timecode: 01:00:00:25\nshots:\n  - prompt: One.\n", r":2: start_timecode: .*does not exist at 25"),
    "missing request": ("shots:\n  - id: a\n    request: no.json\n", r":3: the request .*no\.json is not there"),
    "two sources": ("shots:\n  - request: a.json\n    prompt: One.\n", r":2: shots\[0\] has request and prompt, allowed is exactly one"),
    "no source": ("shots:\n  - id: a\n", r":2: shots\[0\] has none of them"),
    "bent request": ("shots:\n  - request: a.json\n    duration: 4\n", r":3: shots\[0\]\.duration is given beside request"),
    "wrong length": ("shots:\n  - prompt: One.\n    duration: 2\n", r":2: shot 'shot_01': duration is 2, allowed are 3 to 15"),
    "wrong loudness": (
        "loudness: {integrated_lufs: -23, true_peak_dbtp: 4}\nshots:\n  - prompt: One.\n",
        r":1: loudness\.true_peak_dbtp is 4",
    ),
    "negative budget": ("budget_usd: -1\nshots:\n  - prompt: One.\n", r":1: budget_usd is -1, allowed are values of 0 or more"),
    "name with a slash": ("name: ../x\nshots:\n  - prompt: One.\n", r":1: name is '\.\./x'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_with_file_and_line(fault: str, tmp_path: Path) -> None:
    text, words = FAULTS[fault]
    with pytest.raises(ProjectError, match=words) as error:
        load(tmp_path, text)
    assert str(error.value).startswith(str(tmp_path / "project.yaml"))
    assert error.value.message.count("\n") == 0


def test_a_missing_project_and_a_broken_request_are_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"gone\.yaml: there is no such file"):
        load_project(tmp_path / "gone.yaml")
    with pytest.raises(ProjectError, match=r"gone\.json: there is no such file"):
        load_project(tmp_path / "gone.json")
    (tmp_path / "broken.json").write_text('{"taskType": \n oops}')
    with pytest.raises(ProjectError, match=r"broken\.json:2: not JSON"):
        load_project(tmp_path / "broken.json")
    (tmp_path / "wrong.json").write_text('{"taskType": "videoInference"}')
    with pytest.raises(RequestError, match=r"wrong\.json: model is missing"):
        load_project(tmp_path / "wrong.json")


def test_the_published_schema_agrees_with_the_sample_and_refuses_a_typo() -> None:
    schema = project_schema()
    data = YAML(typ="safe").load(SAMPLES / "four_worlds" / "project.yaml")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data | {"shot": []}, schema)
