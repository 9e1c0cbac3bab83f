"""Kills a run of the producer with SIGKILL, at every state edge and at random instants, and shows that nothing is paid twice or lost.

    python scripts/kill_test.py                  200 kills or more over projects of 12 tasks
    python scripts/kill_test.py --kills 20 --tasks 3

A stand-in for the provider runs in a process of its own and counts what it accepts. Workers are forked, run the real producer
with the real client and ledger, and are killed: first one at each edge (before and after every ledger commit, every request,
every rename), then at random instants, each followed by another run on the same files.
"""

import argparse
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kling_post.generation import delivery
from kling_post.generation.job_steps import Pace
from kling_post.generation.ledger import Ledger
from kling_post.generation.producer import produce
from kling_post.generation.request import parse_request
from kling_post.generation.runware import RunwareBackend
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import file_sha256
from kling_post.vocabulary import Size, VideoTask

FAST = Pace(first=0.001, longest=0.004)


# -------------------------------------------------------------------------------------------- the provider's stand-in


class StandIn(http.server.BaseHTTPRequestHandler):
    """Accepts each UUID once, answers the second poll with the video, and remembers for ever."""

    protocol_version = "HTTP/1.1"
    accepted: ClassVar[Counter[str]] = Counter()
    conflicts = 0
    polls: ClassVar[Counter[str]] = Counter()
    clip = b""

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        task = json.loads(self.rfile.read(int(self.headers["Content-Length"])))[0]
        uuid = task["taskUUID"]
        if task["taskType"] == "getResponse":
            self._answer(200, {"data": self._state(uuid)})
        elif uuid in StandIn.accepted:
            StandIn.conflicts += 1
            self._answer(400, {"errors": [{"code": "conflictTaskUUID", "message": "exists", "taskUUID": uuid}]})
        else:
            StandIn.accepted[uuid] += 1
            self._answer(200, {"data": [{"taskType": "videoInference", "taskUUID": uuid}]})

    def _state(self, uuid: str) -> list[dict[str, object]]:
        if uuid not in StandIn.accepted:
            return []
        StandIn.polls[uuid] += 1
        if StandIn.polls[uuid] < 2:
            return [{"taskUUID": uuid, "status": "processing"}]
        address = f"http://{self.headers['Host']}/{uuid}.mp4"
        return [{"taskUUID": uuid, "status": "success", "videoUUID": f"v-{uuid}", "videoURL": address, "cost": 1.26}]

    def do_GET(self) -> None:
        if self.path == "/count":
            self._answer(200, {"accepted": dict(StandIn.accepted), "conflicts": StandIn.conflicts})
            return
        content, wanted = StandIn.clip, self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start >= len(content):
            self._send(416, b"", {})
        elif start:
            self._send(206, content[start:], {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"})
        else:
            self._send(200, content, {})

    def _answer(self, status: int, body: object) -> None:
        self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


class QuietServer(http.server.ThreadingHTTPServer):
    """Says nothing of clients that were killed in the middle of a request."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def serve(clip: Path) -> None:
    StandIn.clip = clip.read_bytes()
    server = QuietServer(("127.0.0.1", 0), StandIn)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


# --------------------------------------------------------------------------------------------------------- the worker


class Edges:
    """Counts the instants at which something has just become, or is just about to become, durable; dies at the chosen one."""

    def __init__(self, kill_at: int | None, log: Path) -> None:
        self.kill_at, self.log, self.passed = kill_at, log, 0

    def __call__(self, name: str) -> None:
        self.passed += 1
        if self.kill_at == self.passed:
            with self.log.open("a") as log:
                log.write(name + "\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, method: str, name: str) -> None:
        wrapped: Callable[..., Any] = getattr(owner, method)

        def with_edges(*arguments: Any, **options: Any) -> Any:
            self(f"before {name}")
            result = wrapped(*arguments, **options)
            self(f"after {name}")
            return result

        setattr(owner, method, with_edges)


def work(tasks: list[VideoTask], folder: Path, url: str, edges: Edges) -> None:
    """One run, to its end or to its death."""
    for method in ("claim", "delivered", "stored"):
        edges.around(Ledger, method, f"ledger.{method}")
    move = Ledger.move

    def move_with_edges(ledger: Ledger, job: Any, state: str, **options: Any) -> Any:
        edges(f"before ledger {state}")
        result = move(ledger, job, state, **options)
        edges(f"after ledger {state}")
        return result

    setattr(Ledger, "move", move_with_edges)  # noqa: B010 - in this process only
    for method in ("submit", "poll", "fetch"):
        edges.around(RunwareBackend, method, method)
    edges.around(delivery, "verified_facts", "verification")
    edges.around(delivery, "write_sidecar", "sidecar")
    edges.around(Path, "replace", "rename")
    backend = RunwareBackend(api_key="key", base_url=url)
    with Ledger(folder / "ledger.sqlite") as ledger:
        produce(tasks, backend, folder=folder / "takes", ledger=ledger, project="kill", pace=FAST)
    (folder / "edges").write_text(str(edges.passed))


def forked_run(tasks: list[VideoTask], folder: Path, url: str, *, kill_at: int | None = None, kill_after: float | None = None) -> bool:
    """Run in a child; whether it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(tasks, folder, url, Edges(kill_at, folder / "killed_at"))
            code = 0
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"a run in {folder} broke with code {os.WEXITSTATUS(status)}")
    return os.WIFSIGNALED(status)


# ----------------------------------------------------------------------------------------------------------- the test


@dataclass
class Figures:
    """What was seen."""

    rounds: int = 0
    tasks: int = 0
    kills_at_edges: int = 0
    kills_at_random: int = 0
    kinds_of_edges: int = 0
    accepted: int = 0
    most_accepted_of_one_task: int = 0
    repeated_orders_recognised: int = 0
    verified: int = 0
    lost: int = 0
    half_written_that_looked_finished: int = 0
    seconds: float = 0.0
    edges: Counter[str] = field(default_factory=Counter)


def make_tasks(count: int, round_number: int) -> list[VideoTask]:
    return [
        parse_request(
            {
                "taskType": "videoInference",
                "model": "klingai:kling-video@3-standard",
                "positivePrompt": f"Round {round_number}, shot {number}.",
                "width": 1280,
                "height": 720,
                "duration": 10,
                "providerSettings": {"klingai": {"sound": True}},
            },
            name=f"shot_{number:02d}",
        )
        for number in range(1, count + 1)
    ]


def look(folder: Path, sha256: str, figures: Figures) -> None:
    """After each death: whatever has its last name must be whole and described."""
    for path in (folder / "takes").glob("*.mp4"):
        if file_sha256(path) != sha256 or not path.with_suffix(".json").is_file():
            figures.half_written_that_looked_finished += 1


def settle(tasks: list[VideoTask], folder: Path, figures: Figures, sha256: str) -> None:
    """After the last run of a round: what the ledger and the disk say."""
    with Ledger(folder / "ledger.sqlite") as ledger:
        states = {job.task_uuid: job.state for job in ledger.jobs()}
    whole = [path for path in (folder / "takes").glob("*.mp4") if file_sha256(path) == sha256]
    verified = sum(states.get(task.task_uuid) == "verified" for task in tasks)
    figures.rounds += 1
    figures.tasks += len(tasks)
    figures.verified += min(verified, len(whole))
    figures.lost += len(tasks) - min(verified, len(whole))
    if (folder / "killed_at").exists():
        figures.edges.update((folder / "killed_at").read_text().splitlines())


def every_edge(root: Path, url: str, sha256: str, figures: Figures, most: int) -> None:
    """One task, killed at its first edge, its second, its third ... each time from the beginning, then finished."""
    tasks = make_tasks(1, 0)
    forked_run(tasks, root / "count", url)
    edges = int((root / "count" / "edges").read_text())
    figures.rounds, figures.tasks, figures.verified = 1, 1, 1
    for edge in range(1, min(edges, most) + 1):
        folder, tasks = _folder(root / f"edge_{edge}"), make_tasks(1, edge)
        if forked_run(tasks, folder, url, kill_at=edge):
            figures.kills_at_edges += 1
        look(folder, sha256, figures)
        forked_run(tasks, folder, url)
        settle(tasks, folder, figures, sha256)


def random_instants(root: Path, url: str, sha256: str, figures: Figures, *, kills: int, count: int, chance: random.Random) -> None:
    """Projects of many tasks, killed again and again, in turn at a random edge and at a random instant."""
    number = 1000
    while figures.kills_at_edges + figures.kills_at_random < kills:
        number += 1
        folder, tasks = _folder(root / f"round_{number}"), make_tasks(count, number)
        while figures.kills_at_edges + figures.kills_at_random < kills:
            if chance.random() < 0.5:
                killed = forked_run(tasks, folder, url, kill_at=chance.randint(1, 30))
                figures.kills_at_edges += killed
            else:
                killed = forked_run(tasks, folder, url, kill_after=chance.uniform(0.0, 0.15))
                figures.kills_at_random += killed
            look(folder, sha256, figures)
            if not killed:
                break
        forked_run(tasks, folder, url)
        settle(tasks, folder, figures, sha256)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--tasks", type=int, default=12)
    parser.add_argument("--edges", type=int, default=1000, help="at most so many kills at single edges")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    figures, began = Figures(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kill-test-") as name:
        root = Path(name)
        clip = root / "clip.mp4"
        with FrameWriter(clip, size=Size(64, 36), rate=Fraction(24), sound=None) as writer:
            for level in range(6):
                writer.write(np.full((36, 64, 3), level * 40, dtype=np.uint8))
        server = subprocess.Popen([sys.executable, __file__, "--serve", str(clip)], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}"
            _folder(root / "count")
            sha256 = file_sha256(clip)
            every_edge(root, f"{url}/v1", sha256, figures, options.edges)
            chance = random.Random(options.seed)
            random_instants(root, f"{url}/v1", sha256, figures, kills=options.kills, count=options.tasks, chance=chance)
            _count(url, figures)
        finally:
            server.kill()
            server.wait()
    figures.kinds_of_edges, figures.seconds = len(figures.edges), round(time.monotonic() - began, 1)
    _print(figures, as_json=options.json)
    good = figures.most_accepted_of_one_task == 1 and not figures.lost and not figures.half_written_that_looked_finished
    return 0 if good and figures.accepted == figures.tasks == figures.verified else 1


def _count(url: str, figures: Figures) -> None:
    import httpx

    counted = httpx.get(f"{url}/count").json()
    figures.accepted = sum(counted["accepted"].values())
    figures.most_accepted_of_one_task = max(counted["accepted"].values())
    figures.repeated_orders_recognised = counted["conflicts"]


def _print(figures: Figures, *, as_json: bool) -> None:
    known = {each.name: getattr(figures, each.name) for each in fields(figures)}
    if as_json:
        print(json.dumps(known))
        return
    for name, value in known.items():
        if name != "edges":
            print(f"{name.replace('_', ' '):>36}  {value}")
    for name, times in sorted(figures.edges.items()):
        print(f"{'killed ' + name:>36}  {times} x")


if __name__ == "__main__":
    sys.exit(main())
