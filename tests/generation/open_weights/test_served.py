"""`kling-post serve --backend diffusers`: a Runware client gets complete answers for the four mission requests."""

import base64
import io
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from kling_post.media.probe import probe
from kling_post.vocabulary import Size

REQUESTS = Path(__file__).parents[3] / "samples" / "requests"
SECONDS = {
    "volcanic_salt_flats_caravan": 9,
    "glacier_library_aurora_ascent": 8,
    "flooded_grand_station_reverie": 10,
    "amber_quarry_mech_pilgrim": 8,
}


def mission(name: str) -> dict[str, Any]:
    """The request, with pictures sent along: those that it names are on the network, and nothing of this test is."""
    read = json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8"))
    body: dict[str, Any] = read[0] if isinstance(read, list) else read
    if "inputs" not in body:
        return body

    def sent(level: int) -> str:
        file = io.BytesIO()
        Image.new("RGB", (640, 360), (level, 90, 255 - level)).save(file, "PNG")
        return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()

    images = [
        {**image, "image": sent(60 * index)} if isinstance(image, dict) else sent(60 * index)
        for index, image in enumerate(body["inputs"]["frameImages"])
    ]
    return {**body, "inputs": {**body["inputs"], "frameImages": images}}


@pytest.fixture
def address(tiny_ltx2: Path, tmp_path: Path) -> Iterator[str]:
    words = [sys.executable, "-m", "kling_post", "serve", "--backend", "diffusers", "--model-dir", str(tiny_ltx2), "--port", "0"]
    words += ["--alias", "klingai:kling-video@3-4k=diffusers", "--steps", "1", "--generate-at", "64x36", "--rehearse", "128x72"]
    with subprocess.Popen([*words, "--folder", str(tmp_path / "served"), "--bill", "table"], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        yield served.stdout.readline().split(" on ")[1].split("/v1")[0]
        served.terminate()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_mission_request_is_answered_with_its_whole_take(address: str, tmp_path: Path) -> None:
    pending: dict[str, str] = {}
    with httpx.Client(base_url=address, headers={"Authorization": "Bearer any"}, timeout=60) as client:

        def answer(*tasks: dict[str, Any]) -> dict[str, Any]:
            said: dict[str, Any] = client.post("/v1", json=list(tasks)).json()
            assert "errors" not in said, said
            return said

        for name in SECONDS:
            identity = str(uuid.uuid4())
            (taken,) = answer({**mission(name), "taskUUID": identity, "includeCost": True, "deliveryMethod": "async"})["data"]
            assert taken["taskUUID"] == identity
            pending[identity] = name
        results: dict[str, dict[str, Any]] = {}
        while pending:
            time.sleep(1)
            for identity in list(pending):
                (state,) = answer({"taskType": "getResponse", "taskUUID": identity})["data"]
                if state["status"] != "processing":
                    results[pending.pop(identity)] = state
        for name, seconds in SECONDS.items():
            result = results[name]
            assert result["status"] == "success"
            assert result["cost"] == pytest.approx(0.42 * seconds)
            assert str(uuid.UUID(result["videoUUID"])) == result["videoUUID"]
            assert isinstance(result["seed"], int)
            video = tmp_path / f"{name}.mp4"
            video.write_bytes(client.get(result["videoURL"]).content)
            facts = probe(video)
            assert (facts.frames, facts.audio is not None) == (24 * seconds, True)
            assert facts.size == Size(128, 72)
