"""Requests: read exactly, refused exactly where the model would refuse them."""

import base64
import io
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kling_post.errors import RequestError
from kling_post.generation.models import MODELS, nearest_size, video_model
from kling_post.generation.prices import price_usd, usd
from kling_post.generation.request import expected_size, parse_request, read_body, task_name, with_take
from kling_post.vocabulary import Size

REQUESTS = Path(__file__).parents[2] / "samples" / "requests"
Body = Callable[..., dict[str, object]]

PRICES = {
    "volcanic_salt_flats_caravan": "3.78",
    "glacier_library_aurora_ascent": "3.36",
    "flooded_grand_station_reverie": "4.20",
    "amber_quarry_mech_pilgrim": "3.36",
}


def image(folder: Path, name: str = "still.png", size: tuple[int, int] = (64, 36)) -> Path:
    path = folder / name
    Image.new("RGB", size, (90, 120, 150)).save(path)
    return path


def multi(*durations: int, prompt: str = "A wide shot.") -> dict[str, object]:
    return {"klingai": {"multiPrompt": [{"prompt": prompt, "duration": duration} for duration in durations]}}


@pytest.mark.parametrize("name", PRICES)
def test_the_sample_requests_are_taken_and_priced_as_their_pages_say(name: str) -> None:
    body = json.loads((REQUESTS / f"{name}.json").read_text())
    assert usd(price_usd(parse_request(body, name=name))) == PRICES[name]


@pytest.mark.parametrize("name", PRICES)
def test_a_body_read_and_written_is_the_same_body_to_the_byte(name: str) -> None:
    body = json.loads((REQUESTS / f"{name}.json").read_text())
    assert json.dumps(read_body(body).to_wire()) == json.dumps(body)


def test_a_list_with_one_task_is_taken_and_one_with_two_is_not(body: Body) -> None:
    assert parse_request([body()], name="a") == parse_request(body(), name="a")
    with pytest.raises(RequestError, match="a list of 2, allowed is one task"):
        parse_request([body(), body()], name="a")


def test_shots_of_a_list_are_numbered_and_carry_their_lengths(body: Body) -> None:
    task = parse_request(body(positivePrompt=None, duration=9, providerSettings=multi(2, 3, 4)), name="caravan")
    assert [(shot.shot_id, shot.duration_seconds) for shot in task.shots] == [("caravan_1", 2), ("caravan_2", 3), ("caravan_3", 4)]
    assert task_name(task) == "caravan"
    assert task.sound is False


def test_the_default_length_is_five_seconds(body: Body) -> None:
    assert parse_request(body(duration=None), name="a").duration_seconds == 5


def test_frame_images_are_first_then_last_unless_labelled(body: Body) -> None:
    def places(*items: object) -> tuple[str | None, str | None]:
        task = parse_request(body(width=None, height=None, inputs={"frameImages": list(items)}), name="a")
        return task.first_image, task.last_image

    one, two = "https://host/one.png", "https://host/two.png"
    assert places(one) == (one, None)
    assert places(one, two) == (one, two)
    assert places({"image": one, "frame": "last"}) == (None, one)
    assert places({"image": one, "frame": "last"}, two) == (two, one)
    assert places({"image": one, "frame": 0}, {"image": two, "frame": 119}) == (one, two)


REFUSED: dict[str, tuple[dict[str, object], str, str, str]] = {
    "unknown key": ({"positivPrompt": "x"}, "unsupportedParameter", "positivPrompt", "Did you mean 'positivePrompt'"),
    "unknown nested key": (
        {"providerSettings": {"klingai": {"sond": True}}},
        "unsupportedParameter",
        "providerSettings.klingai.sond",
        "'sound'",
    ),
    "seed": ({"seed": 3}, "unsupportedParameter", "seed", "not a known key"),
    "null": ({"negativePrompt": None} | {"inputs": {"frameImages": None}}, "unsupportedParameter", "inputs.frameImages", "is null"),
    "wrong size": (
        {"width": 1920, "height": 1080},
        "unsupportedParameter",
        "width",
        "1920x1080, allowed are 3840x2160, 2880x2880, 2160x3840",
    ),
    "half a size": ({"height": None}, "missingParameter", "height", "both together"),
    "no size": ({"width": None, "height": None}, "missingParameter", "width/height", "frameImages instead"),
    "too short": ({"duration": 2}, "unsupportedDuration", "duration", "is 2, allowed are 3 to 15"),
    "too long": ({"duration": 16}, "unsupportedDuration", "duration", "is 16, allowed are 3 to 15"),
    "length as text": ({"duration": "9"}, "invalidDuration", "duration", "'9', allowed are whole numbers"),
    "length as a fraction": ({"duration": 9.5}, "invalidDuration", "duration", "9.5"),
    "no prompt": ({"positivePrompt": None}, "missingParameter", "positivePrompt", "multiPrompt"),
    "two prompts": ({"providerSettings": multi(2, 3)}, "incompatibleParameters", "positivePrompt", "exactly one"),
    "wrong sum": ({"positivePrompt": None, "providerSettings": multi(2, 2)}, "invalidDuration", "duration", r"sum to 4 \(2 \+ 2\)"),
    "too many shots": (
        {"positivePrompt": None, "duration": 7, "providerSettings": multi(*[1] * 7)},
        "invalidMultiPrompt",
        "providerSettings.klingai.multiPrompt",
        "has 7 shots, allowed are 1 to 6",
    ),
    "long prompt": ({"positivePrompt": "x" * 2501}, "invalidPositivePrompt", "positivePrompt", "2501 characters, allowed are 2500"),
    "long shot prompt": (
        {"positivePrompt": None, "providerSettings": multi(5, prompt="x" * 513)},
        "invalidMultiPrompt",
        r"providerSettings.klingai.multiPrompt[0].prompt",
        "513 characters, allowed are 512",
    ),
    "another model": ({"model": "klingai:kling-video@9-4k"}, "invalidModel", "model", "Did you mean 'klingai:kling-video@3-4k'"),
    "a slug": ({"model": "klingai-video-3-0-pro"}, "invalidModel", "model", "Did you mean 'klingai:kling-video@3-pro'"),
    "another task": ({"taskType": "imageInference"}, "invalidTaskType", "taskType", "'videoInference'"),
    "no model": ({"model": None}, "missingParameter", "model", "required"),
    "format": ({"outputFormat": "AVI"}, "invalidOutputFormat", "outputFormat", "'MP4', 'WEBM' or 'MOV'"),
    "quality": ({"outputQuality": 10}, "invalidOutputQuality", "outputQuality", "10, allowed are values of 20 or more"),
    "results": ({"numberResults": 21}, "invalidNumberResults", "numberResults", "21, allowed are values up to 20"),
    "ttl": ({"ttl": 30}, "invalidTtl", "ttl", "30, allowed are values of 60 or more"),
    "webhook": ({"webhookURL": "ftp://x"}, "invalidWebhookURL", "webhookURL", "http and https"),
    "delivery": ({"deliveryMethod": "sync"}, "invalidDeliveryMethod", "deliveryMethod", "'async'"),
    "shot type": (
        {"providerSettings": {"klingai": {"shotType": "auto"}}},
        "invalidShotType",
        "providerSettings.klingai.shotType",
        "'intelligence'",
    ),
    "task id": ({"taskUUID": "1"}, "invalidTaskUUID", "taskUUID", "version 4"),
    "size and image": ({"inputs": {"frameImages": ["https://h/a.png"]}}, "incompatibleParameters", "width", "exactly one"),
    "elements alone": ({"inputs": {"elements": [{"id": "a"}]}}, "missingParameter", "inputs.frameImages", "both together"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_model_would_refuse_is_refused_with_field_found_and_allowed(case: str, body: Body) -> None:
    changes, code, parameter, words = REFUSED[case]
    wire = {**body(**changes), **({"inputs": changes["inputs"]} if case == "null" else {})}
    with pytest.raises(RequestError, match=words) as refused:
        parse_request(wire, name="a")
    assert refused.value.code == code
    assert refused.value.parameter == parameter
    assert refused.value.message.count("\n") == 0


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"image": "https://h/a.png", "frame": "middle"}], "'middle', allowed are 'first' or 'last'"),
        ([{"image": "https://h/a.png", "frame": 17}], "17, allowed are 'first' and 'last'"),
        ([{"image": "https://h/a.png", "frame": "last"}] * 2, "fixes the last frame twice"),
        (["https://h/a.png"] * 3, "a list of 3, allowed are at most 2"),
        ([], "a list of 0, allowed are at least 1"),
        ([7], "a text, or an object"),
        (["nowhere.png"], "not there"),
        (["data:image/png;base64,!!!"], "not base64"),
        (["data:image/png;base64,AAAA"], "not a readable image"),
    ],
)
def test_a_wrong_frame_image_is_refused(items: list[object], words: str, body: Body) -> None:
    with pytest.raises(RequestError, match=words):
        parse_request(body(width=None, height=None, inputs={"frameImages": items}), name="a")


def test_a_last_frame_beside_a_list_of_shots_is_refused(body: Body) -> None:
    wire = body(
        positivePrompt=None, width=None, height=None, providerSettings=multi(2, 3), inputs={"frameImages": ["https://h/a", "https://h/b"]}
    )
    with pytest.raises(RequestError, match="a first frame only"):
        parse_request(wire, name="a")


def test_a_local_image_is_found_beside_the_request_and_leaves_with_its_whole_path(body: Body, tmp_path: Path) -> None:
    still = image(tmp_path)
    wire = body(width=None, height=None, inputs={"frameImages": ["still.png"]})
    task = parse_request(wire, name="a", source=tmp_path / "request.json")
    assert task.first_image == str(still)
    assert task.wire["inputs"] == {"frameImages": [str(still)]}


def test_a_file_that_is_no_image_is_refused(body: Body, tmp_path: Path) -> None:
    (tmp_path / "still.png").write_text("not a picture")
    with pytest.raises(RequestError, match=r"still\.png is not a readable image, allowed are PNG, JPEG and WebP"):
        parse_request(body(width=None, height=None, inputs={"frameImages": ["still.png"]}), name="a", source=tmp_path / "r.json")


def test_an_image_as_data_is_taken(body: Body) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32)).save(buffer, "PNG")
    value = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    assert parse_request(body(width=None, height=None, inputs={"frameImages": [value]}), name="a").first_image == value


# ---------------------------------------------------------------------------------------------------------- identity


def test_the_same_request_is_the_same_task_whatever_the_order_of_its_keys(body: Body) -> None:
    forward = parse_request(body(), name="a")
    backward = parse_request(dict(reversed(body().items())), name="b")
    assert forward.task_uuid == backward.task_uuid == "7b35728e-5c5d-4077-8929-f2dd557c9fc4"
    assert uuid.UUID(forward.task_uuid).version == 4


def test_how_the_result_travels_does_not_make_another_task(body: Body) -> None:
    assert parse_request(body(includeCost=True, ttl=600), name="a").task_uuid == parse_request(body(), name="a").task_uuid


def test_another_word_another_take_or_another_image_is_another_task(body: Body, tmp_path: Path) -> None:
    image(tmp_path, "one.png")
    image(tmp_path, "copy.png")
    image(tmp_path, "other.png", (36, 64))

    def with_image(name: str) -> str:
        return parse_request(body(width=None, height=None, inputs={"frameImages": [name]}), name="a", source=tmp_path / "r.json").task_uuid

    assert with_image("one.png") == with_image("copy.png")
    others = {with_image("one.png"), with_image("other.png"), parse_request(body(), name="a").task_uuid}
    others |= {parse_request(body(duration=6), name="a").task_uuid, parse_request(body(), name="a", take_number=2).task_uuid}
    assert len(others) == 5


def test_a_given_uuid_is_kept_for_the_first_take_only(body: Body) -> None:
    given = "d788f462-0d3c-4b0e-9a53-6f3c0f0b2c11"
    first = parse_request(body(taskUUID=given), name="a")
    assert first.task_uuid == given
    assert list(first.wire)[-1] == "taskUUID"
    assert with_take(first, 2, name="a").task_uuid == parse_request(body(), name="a", take_number=2).task_uuid


def test_a_derived_uuid_stands_behind_the_task_type(body: Body) -> None:
    assert list(parse_request(body(), name="a").wire)[:2] == ["taskType", "taskUUID"]


# ------------------------------------------------------------------------------------------------- sizes and prices


@pytest.mark.parametrize(
    ("air", "sound", "price"),
    [
        ("klingai:kling-video@3-4k", False, "4.20"),
        ("klingai:kling-video@3-4k", True, "4.20"),
        ("klingai:kling-video@3-pro", False, "1.12"),
        ("klingai:kling-video@3-pro", True, "1.68"),
        ("klingai:kling-video@3-standard", False, "0.84"),
        ("klingai:kling-video@3-standard", True, "1.26"),
    ],
)
def test_ten_seconds_cost_what_the_table_says(air: str, sound: bool, price: str, body: Body) -> None:
    size = MODELS[air].sizes[0]
    settings = {"klingai": {"sound": sound}}
    task = parse_request(body(model=air, width=size.width, height=size.height, duration=10, providerSettings=settings), name="a")
    assert price_usd(task) == Decimal(price)


def test_several_results_cost_several_times(body: Body) -> None:
    assert price_usd(parse_request(body(numberResults=3), name="a")) == Decimal("6.30")


@pytest.mark.parametrize(
    ("width", "height", "nearest"),
    [(1920, 1080, Size(3840, 2160)), (1000, 1000, Size(2880, 2880)), (1080, 1920, Size(2160, 3840)), (1200, 1000, Size(2880, 2880))],
)
def test_the_size_follows_the_image_on_the_nearest_that_the_model_has(width: int, height: int, nearest: Size) -> None:
    assert nearest_size(video_model("klingai:kling-video@3-4k"), Size(width, height)) == nearest


@given(width=st.integers(1, 10_000), height=st.integers(1, 10_000))
def test_a_turned_image_gives_the_turned_size(width: int, height: int) -> None:
    model = video_model("klingai:kling-video@3-4k")
    upright, turned = nearest_size(model, Size(width, height)), nearest_size(model, Size(height, width))
    assert (upright.width, upright.height) == (turned.height, turned.width)


def test_without_an_image_to_follow_the_landscape_size_is_expected(body: Body) -> None:
    task = parse_request(body(width=None, height=None, inputs={"frameImages": ["https://h/a.png"]}), name="a")
    assert task.size is None
    assert expected_size(task, None) == Size(3840, 2160)
    assert expected_size(task, Size(900, 1600)) == Size(2160, 3840)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["taskType", "model", "inputs", "frameImages", "x"]), inner)
        ),
        max_leaves=12,
    )
)
def test_whatever_comes_in_is_taken_or_refused_and_never_breaks(data: object) -> None:
    with suppress(RequestError):
        parse_request(data, name="a")
