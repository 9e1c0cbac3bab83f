"""From a delivered video to a verified file: fetched to ``.part``, hashed, decoded at both ends, and only then given its name."""

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from kling_post.errors import MediaError, ProviderError
from kling_post.generation.backend import DeliveredVideo
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_rows import Job, Result
from kling_post.generation.takes import TakeOrder, sidecar_path, take_from, verified_facts, write_sidecar
from kling_post.media.probe import file_sha256
from kling_post.vocabulary import Take
from kling_post.whole_files import publish

_FETCHES = 4
"""How often a download is begun anew before the run gives it up; the ledger keeps its address."""

OnBytes = Callable[[int, int], None]


def bring_in(
    order: TakeOrder, job: Job, videos: tuple[DeliveredVideo, ...], ledger: Ledger, on_bytes: OnBytes, wait: Callable[[int], None]
) -> tuple[Take, ...]:
    """Fetch, verify and name all results of a job; the job is verified when this returns.

    ``wait`` is called with the number of the try before a download is begun anew.

    Raises:
        ProviderError: a result could not be fetched, or is not a video; the job stays ``succeeded`` and can be fetched later.
    """
    paths = order.paths
    if len(videos) > len(paths):
        videos = videos[: len(paths)]
    known = {result.position: result for result in ledger.results(job)}
    for position, video in enumerate(videos):
        if not _is_here(paths[position], known.get(position)):
            part = _fetch_whole(order, video, paths[position], on_bytes, wait)
            ledger.stored(job, position, part, file_sha256(part), part.stat().st_size)
    if job.state != "stored":
        job = ledger.move(job, "stored")
    takes = tuple(_name(order, job, video, paths[position], len(videos)) for position, video in enumerate(videos))
    for position, take in enumerate(takes):
        ledger.stored(job, position, take.path, take.facts.sha256, take.facts.bytes)
    ledger.move(job, "verified")
    clear_work(order)
    return takes


def clear_work(order: TakeOrder) -> None:
    """Remove what a finished task needed while it was under way."""
    shutil.rmtree(order.work_folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        order.work_folder.parent.rmdir()


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _is_here(path: Path, result: Result | None) -> bool:
    """Whether the bytes that the ledger knows lie here, under their last name or under the one before."""
    if result is None or result.sha256 is None:
        return False
    return any(file.is_file() and file_sha256(file) == result.sha256 for file in (path, _part(path)))


def _fetch_whole(order: TakeOrder, video: DeliveredVideo, path: Path, on_bytes: OnBytes, wait: Callable[[int], None]) -> Path:
    """The file under its ``.part`` name, on the disk, decoded at both ends."""
    part = _part(path)
    part.parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, _FETCHES + 1):
        try:
            order.backend.fetch(video, part, on_bytes)
            _to_disk(part)
            verified_facts(part)
        except MediaError as error:
            part.unlink(missing_ok=True)
            problem = ProviderError(
                f"{order.label}: what was delivered is no whole video: {error.message}",
                code="badDelivery",
                retryable=True,
                remedy="Run again to fetch it once more; it is not ordered again.",
            )
        except ProviderError as error:
            if not error.retryable:
                raise
            problem = error
        else:
            return part
        if number < _FETCHES:
            wait(number)
    raise problem


def _name(order: TakeOrder, job: Job, video: DeliveredVideo, path: Path, results: int) -> Take:
    """Give the verified file its name. The sidecar comes first: a file under its last name always has one."""
    part = _part(path)
    here = part if part.is_file() else path
    facts = verified_facts(here)
    write_sidecar(order, path, facts, video, sent_uuid=job.sent_uuid, results=results)
    if here is part:
        publish(part, path)
    assert sidecar_path(path).is_file()
    return take_from(order, path, facts, video)


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
