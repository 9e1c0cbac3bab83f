"""Drives `kling-post serve`, unmodified, with both official Runware SDKs, each in an environment of its own.

    python scripts/sdk_conformance.py               every case with all four mission requests
    python scripts/sdk_conformance.py --quick       one mission request
    python scripts/sdk_conformance.py --smoke       a short task, a refusal and a repeated UUID: what CI runs

The environments are made below --environments (build/sdk by default) on the first run and need a package index then.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REQUESTS = HERE.parent / "samples" / "requests"
KLING = "klingai:kling-video@3-4k"
KEY = "conformance-key"
COSTS = {
    "volcanic_salt_flats_caravan": 3.78,
    "glacier_library_aurora_ascent": 3.36,
    "flooded_grand_station_reverie": 4.2,
    "amber_quarry_mech_pilgrim": 3.36,
}


@dataclass(frozen=True, kw_only=True)
class Client:
    name: str
    package: str
    driver: str
    transport: str


CLIENTS = (
    Client(name="runware-sdk REST", package="runware-sdk==1.8.0", driver="new_sdk.py", transport="rest"),
    Client(name="runware-sdk WebSocket", package="runware-sdk==1.8.0", driver="new_sdk.py", transport="websocket"),
    Client(name="runware WebSocket", package="runware==0.5.24", driver="old_sdk.py", transport="websocket"),
)


def environment(folder: Path, package: str) -> Path:
    """The interpreter of an environment that has the package."""
    home = folder / package.replace("=", "_")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (home / "ready").exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", package], check=True)
        (home / "ready").touch()
    return python


@contextmanager
def served(folder: Path, size: str) -> Iterator[str]:
    """`kling-post serve` on a free port; gives its address."""
    command = [sys.executable, "-m", "kling_post", "serve", "--port", "0", "--token", KEY, "--folder", str(folder)]
    command += ["--alias", f"{KLING}=previz", "--bill", "table"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"KLING_POST_PREVIZ_SIZE": size})
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield next(word for word in line.split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait(30)


class Dropper:
    """A relay that cuts the first connection once the order's acknowledgement has passed, or in place of passing it."""

    def __init__(self, address: str, *, swallow: bool) -> None:
        host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
        self._target, self._swallow, self.cuts = (host, int(port)), swallow, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                for relay, source, drain in ((self._forth, near, far), (self._back, far, near)):
                    threading.Thread(target=relay, args=(source, drain), daemon=True).start()

    def _forth(self, source: socket.socket, drain: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(65536):
                # Without compression the frames that come back can be read here.
                drain.sendall(block.replace(b"Sec-WebSocket-Extensions", b"X-Not-WebSocket-Extensions"))
        self._end(source, drain)

    def _back(self, source: socket.socket, drain: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(65536):
                cut = not self.cuts and b'"taskType": "videoInference"' in block
                if not (cut and self._swallow):
                    drain.sendall(block)
                if cut:
                    self.cuts += 1
                    break
        self._end(source, drain)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


def small(**changes: object) -> dict[str, Any]:
    task = {
        "taskType": "videoInference",
        "model": KLING,
        "positivePrompt": "A wide salt plain at dawn.",
        "width": 3840,
        "height": 2160,
        "duration": 3,
        "providerSettings": {"klingai": {"sound": False}},
    }
    return ordered(task | changes)


def ordered(task: dict[str, Any]) -> dict[str, Any]:
    return task | {"taskUUID": str(uuid.uuid4()), "includeCost": True}


Case = tuple[str, dict[str, Any], dict[str, object]]
"""Name, task, and what must come of it."""


def smoke(client: Client) -> Iterator[Case]:
    """The least that shows that a client is served."""
    old = client.driver == "old_sdk.py"
    yield "short task", small(), {"costs": [1.26], "results": 1, "files": True}
    yield "wrong size", small(width=1000), {"refused": "unsupportedParameter" if old else "validation"}
    yield "repeated UUID", small(), {"refused": "conflictTaskUUID" if old else "validation"}


def cases(client: Client, *, quick: bool) -> Iterator[Case]:
    """Everything that is promised."""
    old = client.driver == "old_sdk.py"
    for name in list(COSTS)[: 1 if quick else None]:
        task = ordered(json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8")))
        yield name, task, {"costs": [COSTS[name]], "results": 1, "files": True}
    yield "two results", small(numberResults=2), {"costs": [1.26, 1.26], "results": 2, "files": True}
    yield "wrong size", small(width=1000), {"refused": "unsupportedParameter" if old else "validation"}
    yield "bad key", small(), {"refused": "ConnectionError" if old else "auth"}
    yield "repeated UUID", small(), {"refused": "conflictTaskUUID" if old else "validation"}
    if client.transport == "rest" or old:
        yield "unknown UUID", {}, {"results": 0}
    if not old:
        yield "account", {}, {"balance": 0}
    if client.transport == "websocket":
        yield "socket dropped after the acknowledgement", small(), {"costs": [1.26], "results": 1, "files": True}
        yield "socket dropped in place of the acknowledgement", small(), {"costs": [1.26], "results": 1, "files": True}


def drive(python: Path, client: Client, name: str, task: dict[str, Any], url: str) -> dict[str, object]:
    """One case in the client's own environment; what it saw."""
    dropper = Dropper(url, swallow="in place" in name) if name.startswith("socket dropped") else None
    plan = {"case": name, "task": task, "url": url, "key": KEY, "transport": client.transport, "proxy": dropper and dropper.address}
    done = subprocess.run(
        [python, HERE / "conformance" / client.driver], input=json.dumps(plan), capture_output=True, text=True, timeout=900, check=False
    )
    lines = done.stdout.strip().splitlines()
    seen: dict[str, object] = json.loads(lines[-1]) if lines else {"error": done.stderr[-300:]}
    if dropper is not None:
        dropper.close()
        if not dropper.cuts:
            seen["error"] = "the socket was never dropped"
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environments", type=Path, default=Path("build/sdk"))
    parser.add_argument("--size", default="320x180", help="what previz draws")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="conformance-") as name, served(Path(name), options.size) as url:
        for client in CLIENTS:
            python = environment(options.environments.resolve(), client.package)
            for case, task, wanted in smoke(client) if options.smoke else cases(client, quick=options.quick):
                began = time.monotonic()
                seen = drive(python, client, case, task, url)
                good = seen == wanted
                failures += not good
                print(f"{'pass' if good else 'FAIL'}  {client.name:<22} {case:<48} {time.monotonic() - began:6.1f} s", flush=True)
                if not good:
                    print(f"      wanted {json.dumps(wanted)}\n      saw    {json.dumps(seen)}", flush=True)
    print(f"{failures} failed" if failures else "all passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
