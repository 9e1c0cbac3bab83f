"""The paid backend: Kling VIDEO 3.0 through Runware's REST interface.

The order's UUID is made before anything is sent, so an order whose answer was lost is sent again under the same one; the
service then either takes it or says that it knows it, and never bills it twice. The key travels in the Authorization header
of the interface's own host, and nowhere else.
"""

import os
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

import httpx

from kling_post.errors import ProviderError, RequestError
from kling_post.generation.backend import DeliveredVideo, JobState, Problem
from kling_post.generation.download import download
from kling_post.generation.families import LOST_ANSWER
from kling_post.generation.images import ImageFacts, ImageKind, as_data_uri, image_kind, local_image
from kling_post.generation.prices import price_usd, result_count
from kling_post.generation.request import parse_request, task_name, with_images
from kling_post.generation.runware_answers import Answer, check_submitted, job_state, read_answer
from kling_post.version import __version__
from kling_post.vocabulary import VideoTask

DEFAULT_BASE_URL = "https://api.runware.ai/v1"

_ANSWER_SECONDS = 120.0
_MOST_ANSWER_BYTES = 32 << 20
_MOST_IMAGE_BYTES = 10_000_000
_LEAST_IMAGE_SIDE = 300
_MOST_IMAGE_ASPECT = 2.5


class RunwareBackend:
    """Speaks to the service. The key comes from ``RUNWARE_API_KEY``, the address from ``RUNWARE_BASE_URL``, unless given."""

    name = "runware"
    title = "Kling VIDEO 3.0 through Runware"
    paid = True
    parallel_jobs = 3

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        transport: httpx.BaseTransport | None = None,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._key = (api_key if api_key is not None else os.environ.get("RUNWARE_API_KEY", "")).strip()
        self.base_url = base_url or os.environ.get("RUNWARE_BASE_URL") or DEFAULT_BASE_URL
        self._answer_seconds = answer_seconds
        agent = {"User-Agent": f"kling-post/{__version__}"}
        patience = httpx.Timeout(connect=15.0, read=min(60.0, answer_seconds), write=60.0, pool=15.0)
        trust = _trust()
        self._interface = httpx.Client(transport=transport, verify=trust, timeout=patience, headers=agent, follow_redirects=False)
        self._media = httpx.Client(transport=transport, verify=trust, timeout=patience, headers=agent, follow_redirects=True)

    def __repr__(self) -> str:
        return f"RunwareBackend(base_url={self.base_url!r})"

    def problems(self, task: VideoTask) -> tuple[Problem, ...]:
        """All that would make the service refuse the task. Sends nothing."""
        try:
            parse_request(dict(task.wire), name=task_name(task))
        except RequestError as error:
            return (Problem(code=error.code, parameter=error.parameter, message=error.message),)
        images = [image for image in (task.first_image, task.last_image) if image is not None and image_kind(image) is ImageKind.FILE]
        return tuple(problem for image in images for problem in _image_problems(image))

    def price_usd(self, task: VideoTask) -> Decimal:
        """By the table: the model's price per second times the length times the number of results."""
        return price_usd(task)

    def submit(self, task: VideoTask, work_folder: Path) -> None:  # noqa: ARG002 - nothing is made on this machine
        """Send the order; an order that the service knows already counts as taken.

        Raises:
            ProviderError: refused, or busy, or the answer was lost.
        """
        check_submitted(self._ask([_body(task)]), task.task_uuid)

    def poll(self, task: VideoTask, work_folder: Path) -> JobState:  # noqa: ARG002 - nothing is made on this machine
        """How the job stands.

        Raises:
            ProviderError: the service cannot be asked.
        """
        answer = self._ask([{"taskType": "getResponse", "taskUUID": task.task_uuid}])
        return job_state(answer, task.task_uuid, result_count(task))

    def fetch(self, video: DeliveredVideo, destination: Path, on_bytes: Callable[[int, int], None]) -> None:
        """Download the video; goes on where an earlier try was cut off."""
        download(self._media, video.location, destination, on_bytes)

    def balance_usd(self) -> Decimal | None:
        """What the account has left, where the service tells.

        Raises:
            ProviderError: the service cannot be asked, or refuses the key.
        """
        import uuid

        identity = str(uuid.uuid4())
        answer = self._ask([{"taskType": "accountManagement", "taskUUID": identity, "operation": "getDetails"}])
        check_submitted(answer, identity)
        balance = next((item.get("balance") for item in answer.data), None)
        amount = balance.get("amount") if isinstance(balance, Mapping) else balance
        return Decimal(amount) if isinstance(amount, int | Decimal) else None

    def close(self) -> None:
        """Close the connections; jobs go on."""
        self._interface.close()
        self._media.close()

    # ------------------------------------------------------------------------------------------------------ internal

    def _ask(self, tasks: Sequence[Mapping[str, object]]) -> Answer:
        """Post tasks and read the answer, within bounds of time and size."""
        if not self._key:
            raise ProviderError("there is no key for Runware", code="missingApiKey", remedy="Set RUNWARE_API_KEY.")
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            with self._interface.stream("POST", self.base_url, json=list(tasks), headers=headers) as response:
                return read_answer(response.status_code, self._read(response))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise ProviderError(
                f"{self.base_url} cannot be reached: {type(error).__name__}",
                code="unreachable",
                retryable=not isinstance(error, httpx.UnsupportedProtocol),
                remedy="Check the network and RUNWARE_BASE_URL.",
            ) from None
        except httpx.HTTPError as error:
            raise ProviderError(f"the answer was lost on its way: {type(error).__name__}", code=LOST_ANSWER, retryable=True) from None

    def _read(self, response: httpx.Response) -> bytes:
        deadline, body = time.monotonic() + self._answer_seconds, bytearray()
        for block in response.iter_bytes():
            body += block
            if len(body) > _MOST_ANSWER_BYTES or time.monotonic() > deadline:
                raise ProviderError("the answer is too long, or comes too slowly", code=LOST_ANSWER, retryable=True)
        # A service that quotes the key in its error must not bring it into messages and ledgers.
        return bytes(body).replace(self._key.encode(), b"***")


@cache
def _trust() -> ssl.SSLContext:
    """The certificates that are trusted; reading them takes longer than anything else here, so it is done once."""
    return httpx.create_ssl_context()


def _body(task: VideoTask) -> dict[str, object]:
    """The order as it leaves: images of this machine as data, and the cost asked for, so that the ledger can be settled."""

    def as_sent(value: str) -> str:
        if image_kind(value) is not ImageKind.FILE:
            return value
        return as_data_uri(local_image(value, folder=None, parameter="inputs"))

    body = with_images(task.wire, as_sent)
    return body if "includeCost" in body else {**body, "includeCost": True}


def _image_problems(value: str) -> tuple[Problem, ...]:
    """Limits of the engine behind the service, as its resellers print them."""
    parameter = "inputs.frameImages"
    try:
        image = local_image(value, folder=None, parameter=parameter)
    except RequestError as error:
        return (Problem(code=error.code, parameter=error.parameter, message=error.message),)
    return tuple(Problem(code="invalidFrameImage", parameter=parameter, message=f"{image.path} {words}.") for words in _faults(image))


def _faults(image: ImageFacts) -> tuple[str, ...]:
    faults = []
    if image.bytes > _MOST_IMAGE_BYTES:
        faults.append(f"has {image.bytes} bytes, allowed are {_MOST_IMAGE_BYTES}")
    if min(image.size.width, image.size.height) < _LEAST_IMAGE_SIDE:
        faults.append(f"is {image.size}, allowed are sides of {_LEAST_IMAGE_SIDE} pixels or more")
    elif max(image.size.width, image.size.height) > _MOST_IMAGE_ASPECT * min(image.size.width, image.size.height):
        faults.append(f"is {image.size}, allowed are shapes between 1:2.5 and 2.5:1")
    return tuple(faults)
