"""The Runware protocol seen from the server: one task object in, one item of ``data`` or of ``errors`` out. No network in here."""

import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from kling_post.errors import KlingPostError, ProviderError, RequestError
from kling_post.generation.models import DEFAULT_MODEL, MODELS
from kling_post.generation.prices import price_usd
from kling_post.generation.request import parse_request, with_images
from kling_post.generation.server_jobs import Jobs, Standing, video_uuids
from kling_post.generation.server_media import Uploads

Item = dict[str, object]

_SYNC_SECONDS = 3600.0
_PAID_ONLY = ("webhookURL", "uploadEndpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModels:
    """Which model names are answered, and by whose rules."""

    engine: str
    aliases: tuple[str, ...] = ()
    """Names of other models that the engine may stand in for; a Kling name is never answered by another engine unasked."""
    genuine: bool = False
    """Whether the engine is Kling itself, so that its names need no alias."""

    def rules(self, name: object) -> str:
        """The model of the Kling family by whose rules a name's requests are judged.

        Raises:
            RequestError: the name is not served here.
        """
        own = {f"kling-post:{self.engine}@{air.partition('@')[2]}": air for air in MODELS}
        served = own | {alias: alias if alias in MODELS else DEFAULT_MODEL for alias in self.aliases}
        if self.genuine:
            served |= {air: air for air in MODELS}
        if isinstance(name, str) and name in served:
            return served[name]
        remedy = f"Start the server with --alias {name}={self.engine} to let {self.engine} stand in for it." if name in MODELS else ""
        raise RequestError(f"model is {name!r}, allowed are {', '.join(served)}.", code="invalidModel", parameter="model", remedy=remedy)


@dataclass(slots=True, kw_only=True)
class Protocol:
    """Answers task objects."""

    jobs: Jobs
    uploads: Uploads
    models: ServedModels
    token: str | None = None
    """The key that clients must show; None lets everybody in."""
    bill_by_table: bool = False
    """Whether results name the price that the provider's table gives, in place of what the engine cost."""
    sessions: set[str] = field(default_factory=set)

    def admits(self, key: object) -> bool:
        """Whether a key opens the door."""
        if self.token is None:
            return True
        return isinstance(key, str) and hmac.compare_digest(key.encode(), self.token.encode())

    def authentication(self, task: Mapping[str, object]) -> tuple[Item | None, Item | None]:
        """The answer to an ``authentication`` task: an item of data, or an item of errors."""
        if not self.admits(task.get("apiKey")):
            return None, wrong_key()
        wanted = task.get("connectionSessionUUID")
        session = wanted if isinstance(wanted, str) and wanted in self.sessions else str(uuid.uuid4())
        self.sessions.add(session)
        return {"taskType": "authentication", "connectionSessionUUID": session}, None

    def answer(self, task: object, base_url: str) -> tuple[list[Item], list[Item]]:
        """Items of data and of errors for one task; blocks for a ``sync`` delivery."""
        if not isinstance(task, Mapping):
            return [], [{"code": "invalidRequest", "message": "a task is a JSON object.", "status": "error"}]
        handlers: dict[object, Callable[[Mapping[str, object], str], tuple[list[Item], list[Item]]]] = {
            "ping": self._ping,
            "videoInference": self._video,
            "getResponse": self._response,
            "imageUpload": self._upload,
            "mediaStorage": self._storage,
            "accountManagement": self._account,
        }
        kind = task.get("taskType")
        handler = handlers.get(kind) if isinstance(kind, str) else None
        if handler is None:
            message = f"taskType is {kind!r}, allowed are authentication, {', '.join(map(str, handlers))}."
            return [], [_refused(RequestError(message, code="invalidTaskType", parameter="taskType"), task)]
        try:
            return handler(task, base_url)
        except KlingPostError as error:
            return [], [_refused(error, task)]
        except Exception as error:  # noqa: BLE001 - a fault of ours is an answer too: a client must not wait for ever
            broken = ProviderError(f"{type(error).__name__}: {error}", code="internalServerError", retryable=True)
            return [], [_refused(broken, task)]

    # --------------------------------------------------------------------------------------------------------- tasks

    def _ping(self, task: Mapping[str, object], base_url: str) -> tuple[list[Item], list[Item]]:
        del task, base_url
        return [{"taskType": "ping", "pong": True}], []

    def _video(self, task: Mapping[str, object], base_url: str) -> tuple[list[Item], list[Item]]:
        body = dict(task)
        identity = _identity(task)
        sync = body.get("deliveryMethod") == "sync" and not self.jobs.backend.paid
        if sync:
            body["deliveryMethod"] = "async"
        for parameter in _PAID_ONLY:
            if parameter in body and not self.jobs.backend.paid:
                raise RequestError(
                    f"{parameter} is given, and this server sends nothing anywhere.", code="unsupportedParameter", parameter=parameter
                )
        body["model"] = self.models.rules(body.get("model"))
        body = with_images(body, lambda value: self.uploads.as_path(value, parameter="inputs"))
        self.jobs.submit(parse_request(body, name=f"task_{identity[:8]}"))
        if not sync:
            return [{"taskType": "videoInference", "taskUUID": identity}], []
        self.jobs.wait(identity, _SYNC_SECONDS)
        return self._response(task, base_url)

    def _response(self, task: Mapping[str, object], base_url: str) -> tuple[list[Item], list[Item]]:
        identity = _identity(task)
        standing = self.jobs.standing(identity)
        if standing is None:
            return [], []
        head: Item = {"taskType": "videoInference", "taskUUID": identity}
        if standing.job.state == "failed" or standing.error is not None:
            return [], [head | _failure(standing)]
        uuids = video_uuids(standing.job)
        if standing.job.state != "verified":
            progress: Item = {"progress": standing.percent} if standing.percent else {}
            return [head | {"status": "processing", "videoUUID": one} | progress for one in uuids], []
        # Fewer results than were asked for, where the engine failed at some.
        count = min(len(uuids), len(standing.results))
        return [head | self._finished(standing, number, uuids[number], base_url) for number in range(count)], []

    def _finished(self, standing: Standing, number: int, video_uuid: str, base_url: str) -> Item:
        result = standing.results[number]
        suffix = result.path.suffix if result.path is not None else ".mp4"
        item: Item = {"status": "success", "videoUUID": video_uuid, "videoURL": f"{base_url}/files/{video_uuid}{suffix}"}
        if result.video.seed is not None:
            item["seed"] = result.video.seed
        if standing.job.request.get("includeCost") is True:
            item["cost"] = _number(self._cost(standing, result.video.cost_usd))
        return item

    def _cost(self, standing: Standing, cost: Decimal | None) -> Decimal:
        if not self.bill_by_table:
            return cost if cost is not None else Decimal(0)
        job = standing.job
        return price_usd(parse_request(dict(job.request), name=job.shot)) / len(video_uuids(job))

    def _upload(self, task: Mapping[str, object], base_url: str) -> tuple[list[Item], list[Item]]:
        identity = _identity(task)
        image, path = self.uploads.keep(task.get("image"), parameter="image")
        return [{"taskType": "imageUpload", "taskUUID": identity, "imageUUID": image, "imageURL": f"{base_url}/files/{path.name}"}], []

    def _storage(self, task: Mapping[str, object], base_url: str) -> tuple[list[Item], list[Item]]:
        identity = _identity(task)
        head: Item = {"taskType": "mediaStorage", "taskUUID": identity, "operation": task.get("operation")}
        if task.get("operation") == "upload":
            media, path = self.uploads.keep(task.get("media"), parameter="media")
            return [head | {"mediaUUID": media, "mediaURL": f"{base_url}/files/{path.name}"}], []
        if task.get("operation") == "delete":
            if not self.uploads.remove(str(task.get("media"))):
                raise RequestError(f"media {task.get('media')!r} is not here.", code="mediaNotFound", parameter="media")
            return [head | {"mediaUUID": task.get("media")}], []
        raise RequestError(
            f"operation is {task.get('operation')!r}, allowed are upload and delete.", code="invalidOperation", parameter="operation"
        )

    def _account(self, task: Mapping[str, object], base_url: str) -> tuple[list[Item], list[Item]]:
        del base_url
        if task.get("operation") != "getDetails":
            raise RequestError(
                f"operation is {task.get('operation')!r}, allowed is getDetails.", code="invalidOperation", parameter="operation"
            )
        spent, requests = _number(self.jobs.spent_usd()), len(self.jobs.jobs())
        return [
            {
                "taskType": "accountManagement",
                "taskUUID": _identity(task),
                "operation": "getDetails",
                "organizationName": f"kling-post ({self.jobs.backend.title})",
                "organizationUUID": str(uuid.UUID(int=0)),
                "balance": {"amount": 0, "freeBalance": 0, "currency": "USD"},
                "usage": {"total": {"credits": spent, "requests": requests}},
            }
        ], []

    def file(self, name: str) -> Path | None:
        """The file behind ``/files/<name>``: a result by its UUID, or an uploaded image."""
        stem, _, _ = name.partition(".")
        for job in self.jobs.jobs():
            if job.state == "verified" and stem in (uuids := video_uuids(job)):
                standing = self.jobs.standing(job.task_uuid)
                assert standing is not None
                results, position = standing.results, uuids.index(stem)
                path = results[position].path if position < len(results) else None
                return path if path is not None and path.is_file() else None
        return self.uploads.path(stem)


def wrong_key() -> Item:
    """The error for a key that is missing or not the server's."""
    return {"code": "invalidApiKey", "message": "The API key is missing or wrong.", "taskType": "authentication", "status": "error"}


def _identity(task: Mapping[str, object]) -> str:
    identity = task.get("taskUUID")
    if not isinstance(identity, str):
        raise RequestError("taskUUID is missing, and it is required.", code="missingParameter", parameter="taskUUID")
    try:
        uuid.UUID(identity)
    except ValueError as error:
        raise RequestError(f"taskUUID is {identity!r}, allowed are UUIDs.", code="invalidTaskUUID", parameter="taskUUID") from error
    return identity


def _failure(standing: Standing) -> Item:
    error = standing.error
    if standing.job.state == "failed" or error is None:
        return {"status": "error", "code": standing.job.code or "inferenceError", "message": standing.job.message}
    return {"status": "error", "code": error.code or "inferenceError", "message": error.message}


def _refused(error: KlingPostError, task: Mapping[str, object]) -> Item:
    item: Item = {"code": error.code if isinstance(error, RequestError | ProviderError) else "inferenceError", "message": str(error)}
    if isinstance(error, RequestError):
        item["parameter"] = error.parameter
    for key in ("taskType", "taskUUID"):
        if isinstance(task.get(key), str):
            item[key] = task[key]
    return item | {"status": "error"}


def _number(amount: Decimal) -> float | int:
    """Money as the wire has it: a JSON number with the digits of the amount."""
    return int(amount) if amount == int(amount) else float(amount)
