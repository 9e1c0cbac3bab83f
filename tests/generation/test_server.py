"""The server speaks the protocol of Runware, keeps what it took, and lets nobody in who has no key."""

import base64
import io
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from kling_post.errors import UsageError
from kling_post.generation.backend import Failed, Processing
from kling_post.generation.job_steps import Pace
from kling_post.generation.ledger import Ledger
from kling_post.generation.producer import produce
from kling_post.generation.runware import RunwareBackend
from kling_post.generation.server import check_alias, check_exposure, make_app
from kling_post.vocabulary import VideoTask

Body = Callable[..., dict[str, object]]
Serve = Callable[..., "Served"]
KLING = "klingai:kling-video@3-4k"
REQUESTS = Path(__file__).parents[2] / "samples" / "requests"


@pytest.fixture
def local(engine: Any) -> Any:
    """The folder engine as a free one, as previz is."""
    engine.paid = False
    engine.name = "previz"
    return engine


class Served:
    """The application on a free port of this machine, in a thread."""

    def __init__(self, app: Starlette) -> None:
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio", lifespan="on"))
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self.host = f"127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self.http = httpx.Client(base_url=f"http://{self.host}")
        self.get, self.post = self.http.get, self.http.post

    def socket(self, **options: Any) -> ClientConnection:
        opened: ClientConnection = connect(f"ws://{self.host}/v1", **options)
        return opened

    def close(self) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
def serve(local: Any, tmp_path: Path) -> Iterator[Serve]:
    opened: list[Served] = []

    def start(**options: Any) -> Served:
        given: dict[str, Any] = {"aliases": (KLING,), "bill_by_table": True} | options
        opened.append(Served(make_app(local, folder=tmp_path / "serve", **given)))
        return opened[-1]

    yield start
    for server in opened:
        server.close()


def post(client: Served, *tasks: object, key: str = "any") -> Any:
    return client.post("/v1", json=list(tasks), headers={"Authorization": f"Bearer {key}"})


def order(body: Body, **changes: object) -> dict[str, object]:
    return body(taskUUID=str(uuid.uuid4()), includeCost=True, **changes)


def poll(client: Served, identity: object) -> dict[str, Any]:
    answer: dict[str, Any] = post(client, {"taskType": "getResponse", "taskUUID": identity}).json()
    return answer


def finished(client: Served, identity: object) -> dict[str, Any]:
    for _ in range(300):
        answer = poll(client, identity)
        if "errors" in answer or all(item["status"] == "success" for item in answer["data"]):
            return answer
        time.sleep(0.02)
    raise AssertionError(answer)


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("volcanic_salt_flats_caravan", 3.78),
        ("glacier_library_aurora_ascent", 3.36),
        ("flooded_grand_station_reverie", 4.2),
        ("amber_quarry_mech_pilgrim", 3.36),
    ],
)
def test_a_request_as_its_page_prints_it_is_answered_with_exactly_the_keys_of_its_page(name: str, cost: float, serve: Serve) -> None:
    client = serve()
    task = json.loads((REQUESTS / f"{name}.json").read_text()) | {"taskUUID": str(uuid.uuid4()), "includeCost": True}
    acknowledged = client.post("/v1", json=task)
    assert acknowledged.status_code == 200
    assert acknowledged.json() == {"data": [{"taskType": "videoInference", "taskUUID": task["taskUUID"]}]}
    (item,) = finished(client, task["taskUUID"])["data"]
    assert item["cost"] == cost
    assert set(item) == {"taskType", "taskUUID", "status", "videoUUID", "videoURL", "seed", "cost"}


def test_the_file_is_served_whole_and_in_ranges(serve: Serve, body: Body, clip: Path) -> None:
    client, task = serve(), order(body)
    post(client, task)
    (item,) = finished(client, task["taskUUID"])["data"]
    assert item["videoURL"] == f"http://{client.host}/files/{item['videoUUID']}.mp4"
    whole = client.get(item["videoURL"])
    assert whole.content == clip.read_bytes()
    assert whole.headers["X-Kling-Post-Engine"] == "previz"
    part = client.get(item["videoURL"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, clip.read_bytes()[10:20])
    assert client.get(f"/files/{uuid.uuid4()}.mp4").status_code == 404
    assert client.get("/files/..%2Fledger.sqlite").status_code == 404


def test_an_unfinished_job_names_its_video_and_nothing_that_ends_in_url(serve: Serve, body: Body, local: Any) -> None:
    local.poll_answers = [Processing(fraction=0.5)] * 100_000
    client, task = serve(), order(body, numberResults=2)
    post(client, task)
    items = poll(client, task["taskUUID"])["data"]
    assert [item["status"] for item in items] == ["processing", "processing"]
    assert len({item["videoUUID"] for item in items}) == 2
    assert not [key for item in items for key in item if key.endswith("URL")]


def test_a_repeated_uuid_is_a_conflict_and_the_first_job_stays(serve: Serve, body: Body, local: Any) -> None:
    client, task = serve(), order(body)
    post(client, task)
    again = post(client, task)
    assert again.status_code == 400
    assert again.json()["errors"][0]["code"] == "conflictTaskUUID"
    assert "data" in finished(client, task["taskUUID"])
    assert local.accepted == [task["taskUUID"]]


def test_an_unknown_uuid_is_answered_with_nothing(serve: Serve) -> None:
    assert poll(serve(), str(uuid.uuid4())) == {"data": []}


def test_a_failure_is_read_with_its_code(serve: Serve, body: Body, local: Any) -> None:
    local.poll_answers = [Failed(code="timeoutProvider", message="too slow")]
    client, task = serve(), order(body)
    post(client, task)
    (error,) = finished(client, task["taskUUID"])["errors"]
    assert (error["code"], error["taskUUID"], error["status"]) == ("timeoutProvider", task["taskUUID"], "error")


def test_fewer_results_than_asked_for_are_answered_as_they_are(serve: Serve, body: Body, local: Any) -> None:
    local.most_results = 1
    client, task = serve(), order(body, numberResults=2)
    post(client, task)
    assert len(finished(client, task["taskUUID"])["data"]) == 1


def test_a_fault_of_the_server_is_an_answer_too(serve: Serve, body: Body, local: Any) -> None:
    def broken(_: object) -> object:
        raise ZeroDivisionError("inside")

    local.problems = broken
    answer = post(serve(), order(body))
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["code"] == "internalServerError"


def test_a_half_bad_list_is_half_taken(serve: Serve, body: Body) -> None:
    client, good = serve(), order(body)
    answer = post(client, good, order(body, width=100), {"taskType": "nonsense"})
    assert answer.status_code == 200
    assert [item["taskUUID"] for item in answer.json()["data"]] == [good["taskUUID"]]
    assert [error["code"] for error in answer.json()["errors"]] == ["unsupportedParameter", "invalidTaskType"]


def test_a_kling_name_is_not_answered_by_another_engine_unasked(serve: Serve, body: Body) -> None:
    client = serve(aliases=())
    refused = post(client, order(body)).json()["errors"][0]
    assert refused["code"] == "invalidModel"
    assert "--alias klingai:kling-video@3-4k=previz" in refused["message"]
    assert post(client, order(body, model="kling-post:previz@3-4k")).status_code == 200


def test_the_cost_is_what_the_engine_cost_unless_the_table_is_asked_for(serve: Serve, body: Body) -> None:
    client, task = serve(bill_by_table=False), order(body)
    post(client, task)
    assert finished(client, task["taskUUID"])["data"][0]["cost"] == 0


def test_without_the_key_nothing_is_answered(serve: Serve, body: Body) -> None:
    client, task = serve(token="secret"), order(body)
    refused = post(client, task, key="wrong")
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["code"] == "invalidApiKey"
    assert post(client, task, key="secret").status_code == 200
    in_body = client.post("/v1", json=[{"taskType": "authentication", "apiKey": "secret"}, {"taskType": "ping", "ping": True}])
    assert [item["taskType"] for item in in_body.json()["data"]] == ["authentication", "ping"]


def test_a_full_queue_says_so(serve: Serve, body: Body, local: Any) -> None:
    local.poll_answers = [Processing()] * 100_000
    client = serve(queue_limit=2)
    answers = [post(client, order(body)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["errors"][0]["code"] == "rateLimitExceeded"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"[", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'[{"taskType": "ping"}]', "application/x-www-form-urlencoded", 415),
        (b" " * 3000, "application/json", 413),
        (b"[" * 2000, "application/json", 400),
    ],
)
def test_what_is_no_request_is_refused(content: bytes, kind: str, status: int, serve: Serve) -> None:
    answer = serve(most_body_bytes=2048).post("/v1", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["errors"]


def test_a_job_goes_on_after_a_restart(serve: Serve, body: Body, local: Any) -> None:
    task = order(body)
    local.poll_answers = [Processing()] * 100_000
    first = serve()
    post(first, task)
    assert poll(first, task["taskUUID"])["data"][0]["status"] == "processing"
    first.close()
    local.poll_answers = []
    assert finished(serve(), task["taskUUID"])["data"][0]["status"] == "success"
    assert local.accepted == [task["taskUUID"]]


def test_a_sync_delivery_waits_for_the_video(serve: Serve, body: Body) -> None:
    task = order(body, deliveryMethod="sync")
    assert post(serve(), task).json()["data"][0]["status"] == "success"


# ------------------------------------------------------------------------------------------------------------ images


def picture() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (3840, 2160), (10, 20, 30)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_an_uploaded_image_keeps_its_size_and_can_be_asked_for_by_its_uuid(serve: Serve, body: Body, local: Any) -> None:
    client = serve()
    kept = post(client, {"taskType": "imageUpload", "taskUUID": str(uuid.uuid4()), "image": picture()}).json()["data"][0]
    assert Image.open(io.BytesIO(client.get(kept["imageURL"]).content)).size == (3840, 2160)
    seen: list[str | None] = []
    submit = local.submit

    def watched(task: VideoTask, folder: Path) -> None:
        seen.append(task.first_image)
        submit(task, folder)

    local.submit = watched
    task = order(body, width=None, height=None, inputs={"frameImages": [kept["imageUUID"]]})
    post(client, task)
    finished(client, task["taskUUID"])
    assert Path(seen[0] or "").name == f"{kept['imageUUID']}.png"


def test_an_image_as_data_is_taken_and_a_path_of_the_server_is_not(serve: Serve, body: Body) -> None:
    client = serve()
    assert post(client, order(body, width=None, height=None, inputs={"frameImages": [picture()]})).status_code == 200
    refused = post(client, order(body, width=None, height=None, inputs={"frameImages": ["/etc/hostname"]}))
    assert refused.json()["errors"][0]["code"] == "invalidFrameImage"


def test_stored_media_can_be_removed(serve: Serve) -> None:
    client = serve()
    task = {"taskType": "mediaStorage", "taskUUID": str(uuid.uuid4())}
    kept = post(client, task | {"operation": "upload", "media": picture()}).json()["data"][0]
    assert post(client, task | {"operation": "delete", "media": kept["mediaUUID"]}).status_code == 200
    assert client.get(kept["mediaURL"]).status_code == 404
    assert post(client, task | {"operation": "upload", "media": "https://host/a.png"}).json()["errors"][0]["code"] == "invalidImage"


def test_the_account_has_a_balance(serve: Serve) -> None:
    task = {"taskType": "accountManagement", "taskUUID": str(uuid.uuid4()), "operation": "getDetails"}
    (item,) = post(serve(), task).json()["data"]
    assert item["balance"] == {"amount": 0, "freeBalance": 0, "currency": "USD"}


# --------------------------------------------------------------------------------------------------------- WebSocket


def say(socket: ClientConnection, *tasks: object) -> Any:
    socket.send(json.dumps(tasks))
    return json.loads(socket.recv(timeout=5))


def test_a_socket_is_opened_kept_alive_and_used(serve: Serve, body: Body) -> None:
    client, task = serve(token="secret"), order(body)
    with client.socket() as socket:
        session = say(socket, {"taskType": "authentication", "apiKey": "secret"})["data"][0]["connectionSessionUUID"]
        assert say(socket, {"taskType": "ping", "ping": True}) == {"data": [{"taskType": "ping", "pong": True}]}
        assert say(socket, task) == {"data": [{"taskType": "videoInference", "taskUUID": task["taskUUID"]}]}
    with client.socket() as socket:
        again = say(socket, {"taskType": "authentication", "apiKey": "secret", "connectionSessionUUID": session})
        assert again["data"][0]["connectionSessionUUID"] == session
        for _ in range(200):
            item = say(socket, {"taskType": "getResponse", "taskUUID": task["taskUUID"]})["data"][0]
            if item["status"] == "success":
                break
            time.sleep(0.02)
        assert item["videoURL"].startswith(f"http://{client.host}/files/")


def test_pings_are_answered_while_a_sync_delivery_is_waited_for(serve: Serve, body: Body, local: Any) -> None:
    local.poll_answers = [Processing()] * 100_000
    with serve().socket() as socket:
        say(socket, {"taskType": "authentication", "apiKey": "any"})
        socket.send(json.dumps([order(body, deliveryMethod="sync")]))
        assert say(socket, {"taskType": "ping", "ping": True}) == {"data": [{"taskType": "ping", "pong": True}]}
        local.poll_answers = []
        assert json.loads(socket.recv(timeout=5))["data"][0]["status"] == "success"


def test_a_socket_with_a_wrong_key_or_none_is_told_so(serve: Serve) -> None:
    with serve(token="secret").socket() as socket:
        for task in ({"taskType": "authentication", "apiKey": "wrong"}, {"taskType": "ping", "ping": True}):
            assert say(socket, task)["errors"][0]["code"] == "invalidApiKey"
        socket.send("not JSON")
        assert json.loads(socket.recv(timeout=5))["errors"][0]["code"] == "invalidRequest"


def test_a_page_of_another_site_cannot_open_a_socket(serve: Serve) -> None:
    client = serve()
    with pytest.raises((InvalidStatus, ConnectionClosed)), client.socket(origin="https://elsewhere.example") as socket:
        socket.recv(timeout=5)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_alone_needs_no_token(host: str) -> None:
    check_exposure(host, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "studio.example"])
def test_other_machines_need_a_token(host: str) -> None:
    with pytest.raises(UsageError, match="--token"):
        check_exposure(host, None)
    check_exposure(host, "secret")


def test_an_alias_names_this_backend() -> None:
    assert check_alias(f"{KLING}=previz", "previz") == KLING
    with pytest.raises(UsageError):
        check_alias(f"{KLING}=runware", "previz")


def test_our_own_client_orders_from_our_own_server(serve: Serve, make_task: Callable[..., VideoTask], tmp_path: Path, clip: Path) -> None:
    client = serve(token="secret")
    backend = RunwareBackend(api_key="secret", base_url=f"http://{client.host}/v1")
    pace = Pace(first=0.01, longest=0.05)
    still = tmp_path / "still.png"
    Image.new("RGB", (1280, 720)).save(still)
    tasks = [make_task(numberResults=2), make_task(width=None, height=None, inputs={"frameImages": [str(still)]})]
    with Ledger(tmp_path / "client.sqlite") as ledger:
        takes = produce(tasks, backend, folder=tmp_path / "takes", ledger=ledger, project="demo", pace=pace)
    backend.close()
    assert [take.path.name.rpartition("_")[2] for take in takes[:2]] == [takes[0].path.name.rpartition("_")[2], "r2.mp4"]
    assert {take.path.read_bytes() for take in takes} == {clip.read_bytes()}
    assert [take.cost_usd for take in takes] == [Decimal("2.1")] * 3
