"""Light copies of takes for the review page: small, every frame a key frame, as many frames as the take has.

A browser shows exactly the frame that it was asked for only where it can decode that frame at once, forwards and backwards; a proxy
whose every picture stands for itself gives it that on a laptop too. They lie in the run's ``review/cache`` by content and are made once.
"""

import queue
import threading
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from kling_post.errors import KlingPostError, MediaError
from kling_post.media.probe import probe
from kling_post.media.transcode import Coding, transcode
from kling_post.progress import SILENT, Progress

PROXY_WIDTH = 960
_VERSION = 1
"""Raise it when the same take would give another proxy."""

State = Literal["waiting", "making", "ready", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyState:
    """How far a proxy is."""

    state: State
    done: float = 0.0
    """Share of its frames that are written."""
    why: str = ""
    """What stood against it, where it failed."""


@dataclass(slots=True)
class _Share:
    """Keeps what share of a proxy is done."""

    shelf: "ProxyShelf"
    key: str
    total: int = 1

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        del label, unit
        self.total = max(1, total)

    def advance(self, done: int) -> None:
        self.shelf.note(self.key, ProxyState(state="making", done=min(1.0, done / self.total)))

    def finish(self, note: str = "") -> None:
        """The file is not in its place yet."""


def make_proxy(source: Path, target: Path, *, progress: Progress = SILENT) -> Path:
    """Write the proxy of a take: H.264 at most 960 wide, only key frames, AAC.

    Raises:
        KlingPostError: the take cannot be read or written, or has a variable frame rate.
    """
    facts = probe(source)
    scale = Fraction(PROXY_WIDTH, facts.size.width) if facts.size.width > PROXY_WIDTH else Fraction(1)
    coding = Coding(
        suffix=".mp4",
        video={"c:v": "libx264", "preset": "veryfast", "tune": "fastdecode", "crf": "23", "g": "1", "bf": "0"},
        pixel_format="yuv420p",
        sound={"c:a": "aac", "b:a": "128k", "ar": "48000"},
        has_timecode=False,
        scale=scale,
    )
    transcode(facts, target, coding, progress=progress)
    written = probe(target).frames
    if written != facts.frames:
        target.unlink(missing_ok=True)
        raise MediaError(f"its proxy came out with {written} frames, the take has {facts.frames}.", path=source)
    return target


class ProxyShelf:
    """Makes proxies one after the other, the one that somebody waits for first."""

    def __init__(self, sources: dict[str, Path], folder: Path) -> None:
        """Nothing is made before ``start``.

        Args:
            sources: Media file by a key that names its content.
            folder: Where proxies are kept.
        """
        self._sources = dict(sources)
        self._folder = folder
        self._states: dict[str, ProxyState] = {}
        self._lock = threading.Lock()
        self._wanted: queue.PriorityQueue[tuple[int, int, str]] = queue.PriorityQueue()
        self._turn = 0
        self._worker: threading.Thread | None = None
        self._over = threading.Event()
        for key in sources:
            ready = self.path(key).is_file()
            self._states[key] = ProxyState(state="ready", done=1.0) if ready else ProxyState(state="waiting")

    def path(self, key: str) -> Path:
        """Where the proxy of a take lies once it is made."""
        return self._folder / f"{key}_v{_VERSION}.mp4"

    def source(self, key: str) -> Path | None:
        """The file that a key stands for."""
        return self._sources.get(key)

    def states(self) -> dict[str, ProxyState]:
        """How far each is."""
        with self._lock:
            return dict(self._states)

    def note(self, key: str, state: ProxyState) -> None:
        """Remember how far one is."""
        with self._lock:
            self._states[key] = state

    def want(self, key: str) -> None:
        """Make this one next; one that failed is tried again."""
        with self._lock:
            if key not in self._sources or self._states[key].state in {"ready", "making"}:
                return
            self._states[key] = ProxyState(state="waiting")
            self._turn -= 1
            turn = self._turn
        self._wanted.put((turn, 0, key))

    def want_all(self) -> None:
        """Make every one, in order, behind those that somebody waits for."""
        for place, key in enumerate(self._sources):
            self._wanted.put((1, place, key))

    def start(self) -> None:
        """Begin to make them, in a thread that ends with the program."""
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="proxies", daemon=True)
            self._worker.start()

    def stop(self) -> None:
        """Make no more; the one under way is finished or left as a part file."""
        self._over.set()
        self._wanted.put((-(1 << 60), 0, ""))

    def make(self, key: str, *, progress: Progress = SILENT) -> Path:
        """The proxy, made now where it is missing.

        Raises:
            KlingPostError: it cannot be made.
        """
        path = self.path(key)
        return path if path.is_file() else make_proxy(self._sources[key], path, progress=progress)

    def _work(self) -> None:
        while not self._over.is_set():
            _, _, key = self._wanted.get()
            if self._over.is_set() or self.states()[key].state != "waiting":
                continue
            self.note(key, ProxyState(state="making"))
            try:
                self.make(key, progress=_Share(self, key))
                self.note(key, ProxyState(state="ready", done=1.0))
            except (KlingPostError, OSError) as error:
                self.note(key, ProxyState(state="failed", why=str(error)))
