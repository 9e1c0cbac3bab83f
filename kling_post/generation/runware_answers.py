"""What a Runware answer means. Pure: bodies in, states out; every shape in which the service reports a failure is known here.

An answer is ``{"data": [...], "errors": [...]}``; either may be missing, both may be there, and a failure may stand in
``errors``, flat in an item of ``data``, or nested in it under ``error``. The HTTP status decides only where the body says nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from kling_post.errors import ProviderError
from kling_post.generation.backend import DeliveredVideo, Failed, JobState, NotFound, Processing, Succeeded
from kling_post.generation.families import CONFLICT, LOST_ANSWER, Family, family, may_be_ordered_again

Item = Mapping[str, object]

_STATUS_CODES = {401: "unauthorized", 402: "paymentRequired", 403: "forbidden", 404: "endpointNotFound", 429: "rateLimitExceeded"}

_REMEDIES = {Family.AUTH: "Check RUNWARE_API_KEY.", Family.QUOTA: "Top up the account."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, taken apart."""

    status: int
    data: tuple[Item, ...]
    errors: tuple[Item, ...]
    readable: bool
    """Whether the body was the JSON object that the service speaks."""


def read_answer(status: int, body: bytes) -> Answer:
    """Take a body apart; what is not the service's JSON gives an unreadable answer, never an exception."""
    try:
        parsed = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return Answer(status=status, data=(), errors=(), readable=False)
    if not isinstance(parsed, Mapping):
        return Answer(status=status, data=(), errors=(), readable=False)
    return Answer(
        status=status,
        data=_items(parsed.get("data")),
        errors=_items(parsed.get("errors")) or _items(parsed.get("error")),
        readable="data" in parsed or "errors" in parsed or "error" in parsed,
    )


def check_submitted(answer: Answer, task_uuid: str) -> None:
    """Return where the order was taken, now or before; raise where it was not, or where that is not known.

    Raises:
        ProviderError: refused; or to be sent again (``retryable``); or not known whether accepted (code ``lostAnswer``).
    """
    error = next(iter(_errors_of(answer, task_uuid)), None)
    if error is not None:
        _raise_refusal(error)
        return
    if any(item.get("taskUUID") == task_uuid for item in answer.data):
        return
    if answer.status in _STATUS_CODES or 400 <= answer.status < 500:
        raise status_error(answer.status)
    raise ProviderError(f"the provider's answer to the order says nothing of it (HTTP {answer.status})", code=LOST_ANSWER, retryable=True)


def _raise_refusal(error: Item) -> None:
    code = _text(error, "code") or "unknownError"
    if code == CONFLICT:
        return
    kind = family(code)
    if kind is Family.SERVER:
        raise ProviderError(_sentence(error), code=LOST_ANSWER, retryable=True)
    raise ProviderError(_sentence(error), code=code, retryable=kind is Family.RATE_LIMIT, remedy=_REMEDIES.get(kind, ""))


def job_state(answer: Answer, task_uuid: str, results: int) -> JobState:
    """How a job stands by the answer to ``getResponse``.

    Args:
        answer: As it came.
        task_uuid: The job's.
        results: How many videos were ordered; all of them are waited for.

    Raises:
        ProviderError: the answer is about the service and not about the job: its key, its load, its faults.
    """
    items = [item for item in answer.data if item.get("taskUUID", task_uuid) == task_uuid]
    errors = _errors_of(answer, task_uuid)
    videos = [_video(item, number) for number, item in enumerate(items) if _is_success(item)]
    if len(videos) >= results or (videos and len(videos) + len(errors) >= results):
        notes = tuple(f"one result failed: {_sentence(error)}" for error in errors)
        return Succeeded(videos=tuple(_noted(video, notes) for video in videos))
    if errors and not videos:
        return _failed(errors[0], answer.status)
    if not items:
        _raise_if_about_the_service(answer)
        return NotFound()
    fractions = [_fraction(item) for item in items if not _is_success(item)]
    known = [fraction for fraction in fractions if fraction is not None]
    done = (len(videos) + sum(known)) / results if known or videos else None
    return Processing(fraction=None if done is None else min(done, 1.0))


def status_error(status: int) -> ProviderError:
    """The error for an HTTP status whose body says nothing."""
    code = _STATUS_CODES.get(status, "invalidRequest" if 400 <= status < 500 else "serverUnavailable")
    remedy = {
        "unauthorized": "Check RUNWARE_API_KEY.",
        "forbidden": "Check what the key may do.",
        "paymentRequired": "Top up the account.",
        "endpointNotFound": "Check RUNWARE_BASE_URL.",
    }.get(code, "")
    return ProviderError(f"the provider answered with HTTP {status}", code=code, retryable=status == 429 or status >= 500, remedy=remedy)


def _failed(error: Item, status: int) -> JobState:
    code = _text(error, "code") or "unknownError"
    kind = family(code)
    if kind in {Family.AUTH, Family.QUOTA, Family.RATE_LIMIT} or (kind is Family.SERVER and status >= 500):
        raise ProviderError(
            _sentence(error), code=code, retryable=kind in {Family.RATE_LIMIT, Family.SERVER}, remedy=_REMEDIES.get(kind, "")
        )
    if code == "taskNotFound":
        return NotFound()
    return Failed(code=code, message=_sentence(error), retryable=may_be_ordered_again(code))


def _raise_if_about_the_service(answer: Answer) -> None:
    if answer.status >= 400:
        raise status_error(answer.status)
    if not answer.readable:
        raise ProviderError("the provider's answer is not the JSON that it should be", code="unrecognizedResponse", retryable=True)


def _errors_of(answer: Answer, task_uuid: str) -> list[Item]:
    """All failures of the task, in whichever of the shapes they came; errors without a UUID are about all tasks."""
    found = [error for error in answer.errors if error.get("taskUUID", task_uuid) == task_uuid]
    for item in answer.data:
        if item.get("status") != "error" or item.get("taskUUID", task_uuid) != task_uuid:
            continue
        nested = item.get("error")
        found.append(nested if isinstance(nested, Mapping) else item)
    return found


def _is_success(item: Item) -> bool:
    # A tuple, not a set: what stands there may be anything that JSON knows, and a list has no hash.
    return item.get("status") in ("success", None) and isinstance(item.get("videoURL"), str)


def _video(item: Item, number: int) -> DeliveredVideo:
    cost, seed = item.get("cost"), item.get("seed")
    return DeliveredVideo(
        video_uuid=_text(item, "videoUUID") or f"{_text(item, 'taskUUID')}-{number + 1}",
        location=_text(item, "videoURL"),
        cost_usd=Decimal(cost) if isinstance(cost, int | Decimal) and not isinstance(cost, bool) and Decimal(cost).is_finite() else None,
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
        notes=("the provider marked it as not safe for work",) if item.get("NSFWContent") is True else (),
    )


def _noted(video: DeliveredVideo, notes: tuple[str, ...]) -> DeliveredVideo:
    return replace(video, notes=(*video.notes, *notes)) if notes else video


def _fraction(item: Item) -> float | None:
    progress = item.get("progress")
    if isinstance(progress, bool) or not isinstance(progress, int | Decimal):
        return None
    percent = Decimal(progress)
    return float(min(max(percent, Decimal(0)), Decimal(100))) / 100.0 if percent.is_finite() else None


def _sentence(error: Item) -> str:
    """The provider's own words, with what it allows where it says so."""
    message = _text(error, "message") or f"refused with code {_text(error, 'code') or 'unknown'}"
    allowed = error.get("allowedValues")
    if allowed and "llowed" not in message:
        values = allowed.values() if isinstance(allowed, Mapping) else allowed if isinstance(allowed, list) else [allowed]
        message = f"{message.rstrip('.')} (allowed: {', '.join(map(str, values))})."
    response = error.get("responseContent")
    if isinstance(response, str) and response and response not in message:
        message = f"{message} The engine behind it said: {response}"
    return message[:1000]


def _text(item: Item, key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _items(value: object) -> tuple[Item, ...]:
    """A list of objects; one bare object counts as a list of one."""
    if isinstance(value, Mapping):
        return (value,)
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()
