"""The server as a browser, and as somebody who should not get in, meets it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
import pytest

from kling_post.media.decode import decode_rgb
from kling_post.media.probe import probe
from kling_post.review.guard import cookie_name
from kling_post.review.proxies import make_proxy
from kling_post.review.room import ReviewRoom, log_path, proxy_shelf
from kling_post.review.server import make_app
from kling_post.review.session import ReviewSession
from kling_post.review.verdicts import VerdictLog

PORT, TOKEN = 8765, "a" * 43
ORIGIN = f"http://127.0.0.1:{PORT}"


class Client:
    """Requests to the application without a network."""

    def __init__(self, room: ReviewRoom) -> None:
        self.room = room
        self.app = make_app(room, token=TOKEN, port=PORT)

    def ask(
        self, method: str, path: str, *, cookie: bool = True, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> httpx.Response:
        import anyio

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                sent = {"cookie": f"{cookie_name(PORT)}={TOKEN}"} if cookie else {}
                return await client.request(method, path, headers={**sent, **(headers or {})}, content=content)

        return anyio.run(asked)

    def tell(self, event: object, **headers: str) -> httpx.Response:
        body = json.dumps(event).encode()
        return self.ask("POST", "/api/events", headers={"origin": ORIGIN, "content-type": "application/json", **headers}, content=body)


@pytest.fixture
def client(session: ReviewSession) -> Iterator[Client]:
    room = ReviewRoom(session=session, log=VerdictLog(log_path(session.folder)), proxies=proxy_shelf(session), reviewer="mara")
    yield Client(room)
    room.proxies.stop()


def test_only_the_link_with_the_token_lets_in_and_the_token_leaves_the_address(client: Client) -> None:
    assert client.ask("GET", "/", cookie=False).status_code == 401
    assert client.ask("GET", "/?token=" + "b" * 43, cookie=False).status_code == 401
    let_in = client.ask("GET", f"/?token={TOKEN}", cookie=False)
    assert (let_in.status_code, let_in.headers["location"]) == (303, "/")
    cookie = let_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize(
    "path", ["/", "/api/session", "/api/proxies", "/assets/main.js", "/media/x.mp4", "/stills/x/0.webp", "/seams/0.wav"]
)
def test_nothing_is_answered_without_the_token(client: Client, path: str) -> None:
    assert client.ask("GET", path, cookie=False).status_code == 401
    assert client.ask("GET", path, cookie=False, headers={"cookie": f"{cookie_name(PORT)}=wrong"}).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", f"127.0.0.1.evil.example:{PORT}", ""]
)
def test_a_foreign_host_is_refused_although_it_has_the_token(client: Client, host: str) -> None:
    assert client.ask("GET", "/api/session", headers={"host": host}).status_code == 403


def test_a_foreign_origin_cannot_change_anything(client: Client) -> None:
    event = {"kind": "retake", "shot": "one", "wanted": True, "beside": 2}
    for origin in ("https://evil.example", "null", f"https://127.0.0.1:{PORT}", f"http://127.0.0.1:{PORT + 1}"):
        assert client.tell(event, origin=origin).status_code == 403
    body = json.dumps(event).encode()
    assert client.ask("POST", "/api/events", headers={"content-type": "application/json"}, content=body).status_code == 403
    assert client.tell(event, **{"content-type": "text/plain"}).status_code == 415
    assert not log_path(client.room.session.folder).exists()
    assert client.tell(event).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../server.py",
        "/assets/%2e%2e%2fserver.py",
        "/assets/..%5cserver.py",
        "/assets/__init__.py",
        "/assets/index.html",
        "/media/..%2f..%2fledger.sqlite.mp4",
        "/media/%2fetc%2fpasswd.mp4",
        "/stills/..%2f..%2freport/0.webp",
        "/stills/0000000000000000/0.webp",
        "/seams/99.wav",
        "/seams/-1.wav",
    ],
)
def test_path_tricks_find_nothing(client: Client, path: str) -> None:
    assert client.ask("GET", path).status_code == 404


def test_every_answer_forbids_what_the_page_does_not_need(client: Client) -> None:
    headers = client.ask("GET", "/").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_an_event_is_on_the_disk_when_it_is_answered_and_says_who(client: Client, take_of: Callable[[str, int], str]) -> None:
    event = {"id": uuid4().hex, "kind": "verdict", "take": take_of("one", 2), "verdict": "approved", "by": "somebody else"}
    answer = client.tell(event).json()
    assert answer["state"]["verdicts"] == {take_of("one", 2): "approved"}
    assert [row["take"] for row in answer["ranking"]["one"]["ranking"]] == [take_of("one", 2), take_of("one", 1)]
    lines = log_path(client.room.session.folder).read_text().splitlines()
    assert [json.loads(line)["by"] for line in lines] == ["mara"]
    assert client.tell(event).json()["state"]["events"] == 1


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "verdict", "take": "0" * 16, "verdict": "approved"},
        {"kind": "choose", "shot": "nowhere", "take": None},
        {"kind": "waive", "subject": "one_t2.mp4", "check": "nothing", "frames": None, "reason": "r", "expires": "2027-01-31"},
        {"kind": "verdict"},
        [],
    ],
)
def test_an_event_about_nothing_here_is_refused(client: Client, event: object) -> None:
    answer = client.tell(event)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not log_path(client.room.session.folder).exists()


def test_a_take_of_another_shot_cannot_be_chosen(client: Client, take_of: Callable[[str, int], str]) -> None:
    assert client.tell({"kind": "choose", "shot": "one", "take": take_of("two", 1)}).status_code == 422


def test_broken_and_huge_bodies_are_refused(client: Client) -> None:
    headers = {"origin": ORIGIN, "content-type": "application/json"}
    assert client.ask("POST", "/api/events", headers=headers, content=b"{").status_code == 400
    assert client.ask("POST", "/api/events", headers=headers, content=b"[" * 60_000).status_code == 400
    assert client.ask("POST", "/api/events", headers=headers, content=b" " * 70_000).status_code == 413


def test_a_seam_sounds_exactly_as_long_as_its_loop_and_a_full_still_is_the_frame(
    client: Client, take_of: Callable[[str, int], str]
) -> None:
    sound = client.ask("GET", "/seams/0.wav")
    assert sound.status_code == 200
    # 24 frames at 24 a second, stereo, 24 bits, behind a header.
    assert 0 < len(sound.content) - 48_000 * 6 < 100
    still = client.ask("GET", f"/stills/{take_of('one', 1)}/37.webp?full=1")
    assert still.headers["content-type"] == "image/webp"
    assert client.ask("GET", f"/stills/{take_of('one', 1)}/48.webp").status_code == 404


def test_a_proxy_has_every_frame_of_its_take_each_a_key_frame(take_files: dict[str, Path], tmp_path: Path) -> None:
    import av

    path = make_proxy(take_files["one_t1"], tmp_path / "proxy.mp4")
    assert probe(path).frames == 48
    with av.open(str(path)) as container:
        assert sum(packet.is_keyframe for packet in container.demux(video=0) if packet.size) == 48
    for frame in (0, 17, 47):
        proxy, take = (decode_rgb(one, frame).astype(int) for one in (path, take_files["one_t1"]))
        assert np.abs(proxy - take).mean() < 4


def test_proxies_are_made_when_they_are_wanted_and_a_broken_take_says_why(client: Client, take_of: Callable[[str, int], str]) -> None:
    shelf, broken = client.room.proxies, take_of("two", 1)
    path = client.room.session.takes[broken].path
    path.unlink()
    path.write_bytes(b"no media")
    shelf.start()
    shelf.want(broken)
    shelf.want(take_of("one", 1))
    ready = f"/media/{take_of('one', 1)}.mp4"
    for _ in range(400):
        if {state.state for key, state in shelf.states().items() if key != take_of("one", 2)} <= {"ready", "failed"}:
            break
        import time

        time.sleep(0.02)
    assert shelf.states()[broken].state == "failed"
    assert "two_t1.mp4" in shelf.states()[broken].why
    part = client.ask("GET", ready, headers={"range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert client.ask("GET", f"/media/{broken}.mp4").status_code == 404
