"""The contract that every backend keeps: previz on this machine, Runware over the network, open weights on a GPU.

A backend is asked in this order: ``problems``, ``price_usd``, ``submit``, ``poll`` until the job has ended, ``fetch``.
The producer owns the ledger, the waiting and the money; a backend only speaks to its engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from kling_post.vocabulary import VideoTask

NOT_DRAWN = "Not drawn: "
"""How a note begins that lists the prompt's phrases which are not to be seen in the video."""
NOT_HEARD = "Not heard: "
"""The same for sounds."""
PHRASE_SEPARATOR = "; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a backend would refuse a task, in the provider's own words where it has some."""

    code: str
    """``unsupportedParameter``, ``missingParameter`` …"""
    parameter: str
    """The wire's name of the field, ``providerSettings.klingai.multiPrompt``."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredVideo:
    """One finished video, ready to be fetched."""

    video_uuid: str
    location: str
    """A URL, or a path on this machine."""
    cost_usd: Decimal | None
    seed: int | None = None
    notes: tuple[str, ...] = ()
    """What the backend could not honour, one sentence each."""
    sidecars: Mapping[str, Path] = field(default_factory=dict)
    """Files made beside the video, by name: ``first_frame``, ``reading`` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """The job is under way; ``fraction`` runs from 0 to 1 where the engine tells."""

    fraction: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The job has ended well."""

    videos: tuple[DeliveredVideo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The job has ended badly; ``retryable`` where the same order may be placed again under a new UUID."""

    code: str
    message: str
    retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """The engine has nothing to say of this UUID: never accepted, or forgotten."""


JobState = Processing | Succeeded | Failed | NotFound
"""What ``poll`` answers."""


class Backend(Protocol):
    """One engine. Methods raise ``ProviderError`` where the engine cannot be asked at all."""

    name: str
    """``previz``, ``runware`` …: what ``--backend`` takes and the ledger stores."""
    title: str
    """What a person reads: "Previz (procedural, no AI)"."""
    paid: bool
    parallel_jobs: int
    """How many jobs it is sensible to have under way at once."""

    def problems(self, task: VideoTask) -> tuple[Problem, ...]:
        """All that would make the engine refuse the task; empty where it would be taken. Sends nothing."""

    def price_usd(self, task: VideoTask) -> Decimal:
        """The most that the task may cost. Sends nothing."""

    def submit(self, task: VideoTask, work_folder: Path) -> None:
        """Hand the task over; return once it is accepted.

        Handing over the same ``task_uuid`` again must not start, or charge for, a second job. ``work_folder`` is the task's own:
        a local engine renders there.

        Raises:
            ProviderError: refused (``retryable`` False), or it is not known whether it was accepted (code ``lostAnswer``).
        """

    def poll(self, task: VideoTask, work_folder: Path) -> JobState:
        """How the job stands; also for a job that an earlier process submitted."""

    def fetch(self, video: DeliveredVideo, destination: Path, on_bytes: Callable[[int, int], None]) -> None:
        """Write the video to ``destination`` (a ``.part`` name: the producer verifies and renames it).

        ``on_bytes`` is told bytes done and bytes in all (0 where unknown).
        """

    def close(self) -> None:
        """Let go of connections and child processes; jobs of a remote engine go on."""


def engine_name(backend: Backend) -> str:
    """The name under which orders and takes are kept: the backend's, with whatever else changes its pictures.

    A backend that can be told to draw otherwise (smaller, with another seed) says so in an attribute ``variant``, so that what it
    drew one way is never taken for what it would draw another way.
    """
    variant = getattr(backend, "variant", "")
    return f"{backend.name}:{variant}" if variant else backend.name
