"""What an answer means, in every shape in which it comes."""

import json
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kling_post.errors import ProviderError
from kling_post.generation.backend import Failed, JobState, NotFound, Processing, Succeeded
from kling_post.generation.families import Family, family
from kling_post.generation.runware_answers import check_submitted, job_state, read_answer

UUID = "d788f462-0d3c-4b0e-9a53-6f3c0f0b2c11"


def state(body: object, *, status: int = 200, results: int = 1) -> JobState:
    return job_state(read_answer(status, json.dumps(body).encode()), UUID, results)


def success(number: int = 1, **more: object) -> dict[str, object]:
    item = {"taskType": "videoInference", "taskUUID": UUID, "status": "success", "videoUUID": f"v{number}"}
    return {**item, "videoURL": f"https://vm.runware.ai/v{number}.mp4", **more}


def test_a_success_has_its_address_its_exact_cost_and_its_seed() -> None:
    found = state({"data": [success(cost=3.78, seed=5)]})
    assert isinstance(found, Succeeded)
    (video,) = found.videos
    assert (video.video_uuid, video.location, video.seed) == ("v1", "https://vm.runware.ai/v1.mp4", 5)
    assert video.cost_usd == Decimal("3.78")


def test_all_results_are_waited_for() -> None:
    assert state({"data": [success(1), {"taskUUID": UUID, "status": "processing"}]}, results=2) == Processing(fraction=0.5)
    assert isinstance(state({"data": [success(1), success(2)]}, results=2), Succeeded)


def test_a_result_that_failed_beside_one_that_did_not_is_noted() -> None:
    error = {"code": "providerError", "message": "one fell over", "taskUUID": UUID}
    found = state({"data": [success(1)], "errors": [error]}, results=2)
    assert isinstance(found, Succeeded)
    assert found.videos[0].notes == ("one result failed: one fell over",)


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "errors": [{"code": "timeoutProvider", "message": "slow", "status": "error", "taskUUID": UUID}]},
        {"errors": [{"code": "timeoutProvider", "message": "slow"}]},
        {"data": [{"taskUUID": UUID, "status": "error", "code": "timeoutProvider", "message": "slow"}]},
        {"data": [{"taskUUID": UUID, "status": "error", "error": {"code": "timeoutProvider", "message": "slow"}}]},
        {"data": {"taskUUID": UUID, "status": "error", "code": "timeoutProvider", "message": "slow"}},
    ],
)
def test_a_failure_is_understood_in_each_of_its_shapes(body: object) -> None:
    assert state(body) == Failed(code="timeoutProvider", message="slow", retryable=True)


def test_another_task_s_items_say_nothing_of_ours() -> None:
    other = {"taskUUID": "someone else's", "status": "success", "videoURL": "https://h/x.mp4"}
    assert state({"data": [other], "errors": [{"code": "x", "message": "y", "taskUUID": "another"}]}) == NotFound()


def test_progress_is_a_fraction() -> None:
    assert state({"data": [{"taskUUID": UUID, "status": "processing", "progress": 40}]}) == Processing(fraction=0.4)
    assert state({"data": [{"taskUUID": UUID, "status": "processing"}]}) == Processing(fraction=None)


@pytest.mark.parametrize(
    ("status", "code", "again"), [(401, "unauthorized", False), (429, "rateLimitExceeded", True), (503, "serverUnavailable", True)]
)
def test_a_status_decides_where_the_body_says_nothing(status: int, code: str, again: bool) -> None:
    with pytest.raises(ProviderError) as raised:
        job_state(read_answer(status, b"<html>"), UUID, 1)
    assert (raised.value.code, raised.value.retryable) == (code, again)


def test_an_order_is_taken_by_its_uuid_or_by_a_conflict_whatever_the_status() -> None:
    check_submitted(read_answer(200, json.dumps({"data": [{"taskUUID": UUID}]}).encode()), UUID)
    for status in (400, 409):
        check_submitted(read_answer(status, json.dumps({"errors": [{"code": "conflictTaskUUID", "message": "x"}]}).encode()), UUID)


def test_a_refusal_names_what_is_allowed() -> None:
    error = {"code": "unsupportedDuration", "message": "Bad duration.", "parameter": "duration", "allowedValues": [3, 4, 5]}
    with pytest.raises(ProviderError, match=r"Bad duration \(allowed: 3, 4, 5\)"):
        check_submitted(read_answer(400, json.dumps({"errors": [error]}).encode()), UUID)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("unsupportedParameter", Family.VALIDATION),
        ("conflictTaskUUID", Family.VALIDATION),
        ("invalidApiKey", Family.AUTH),
        ("insufficientCredits", Family.QUOTA),
        ("rateLimitExceeded", Family.RATE_LIMIT),
        ("invalidProviderContent", Family.SAFETY),
        ("providerRejected", Family.PROVIDER),
        ("timeoutProvider", Family.PROVIDER),
        ("requestTimeout", Family.TIMEOUT),
        ("mediaNotFound", Family.NOT_FOUND),
        ("internalServerError", Family.SERVER),
        ("somethingNew", Family.UNKNOWN),
    ],
)
def test_codes_fall_into_their_families(code: str, kind: Family) -> None:
    assert family(code) is kind


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "errors", "taskUUID", "status", "videoURL", "cost", "code", "error", "progress"]), inner, max_size=4
        )
    ),
    max_leaves=15,
)


@example(body={"data": {"status": []}}, status=200)
@example(body={"data": [{"taskUUID": UUID, "status": "processing", "progress": 10**400}]}, status=200)
@given(body=JSON, status=st.sampled_from([200, 400, 500]))
def test_no_answer_breaks_the_client(body: object, status: int) -> None:
    answer = read_answer(status, json.dumps(body).encode())
    for ask in (lambda: job_state(answer, UUID, 1), lambda: check_submitted(answer, UUID)):
        try:
            ask()
        except ProviderError as error:
            assert error.code  # noqa: PT017 - the error is one of the two good ends
