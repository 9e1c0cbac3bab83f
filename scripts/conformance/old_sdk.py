"""Drives a server with the official `runware` (0.5): run inside an environment that has it, by scripts/sdk_conformance.py."""

import asyncio
import json
import sys
import urllib.request
import uuid
from typing import Any

from runware import (  # type: ignore[import-not-found, unused-ignore]
    IKlingAIProviderSettings,
    IKlingMultiPrompt,
    IVideoInference,
    Runware,
)

PLAN: dict[str, Any] = json.loads(sys.stdin.read())


def order(task: dict[str, Any]) -> Any:
    """The task in this line's own types; ``shotType`` is not among them."""
    fields = {key: value for key, value in task.items() if key not in {"taskType", "providerSettings"}}
    klingai = task.get("providerSettings", {}).get("klingai", {})
    shots = [IKlingMultiPrompt(**shot) for shot in klingai.get("multiPrompt", [])] or None
    return IVideoInference(**fields, providerSettings=IKlingAIProviderSettings(sound=klingai.get("sound"), multiPrompt=shots))


async def run(task: dict[str, Any], *, url: str = PLAN["url"], key: str = PLAN["key"]) -> list[Any]:
    client = Runware(api_key=key, url=url.replace("http", "ws", 1))
    await client.connect()
    try:
        acknowledged = await client.videoInference(order(task))
        if isinstance(acknowledged, list):
            return acknowledged
        results: list[Any] = await client.getResponse(taskUUID=acknowledged.taskUUID, numberResults=task.get("numberResults", 1))
        return results
    finally:
        await client.disconnect()


async def refused(task: dict[str, Any], **options: Any) -> str:
    try:
        await run(task, **options)
    except Exception as error:  # noqa: BLE001 - this line raises several kinds
        return str(getattr(error, "code", None) or type(error).__name__)
    return "taken"


def fetched(results: list[Any]) -> list[int]:
    return [len(urllib.request.urlopen(item.videoURL).read()) for item in results]


async def case(name: str, task: dict[str, Any]) -> dict[str, object]:
    if name in {"wrong size", "repeated UUID"}:
        if name == "repeated UUID":
            await run(task)
        return {"refused": await refused(task)}
    if name == "bad key":
        return {"refused": await refused(task, key="not-the-key")}
    if name == "unknown UUID":
        client = Runware(api_key=PLAN["key"], url=PLAN["url"].replace("http", "ws", 1))
        await client.connect()
        try:
            await asyncio.wait_for(client.getResponse(taskUUID=str(uuid.uuid4())), 8)
        except TimeoutError:
            return {"results": 0}
        finally:
            await client.disconnect()
        return {"results": 1}
    results = await run(task, url=PLAN.get("proxy") or PLAN["url"])
    sizes = fetched(results)
    return {"costs": [item.cost for item in results], "results": len(results), "files": all(size > 1000 for size in sizes)}


async def main() -> None:
    try:
        print(json.dumps(await case(PLAN["case"], PLAN["task"])))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the result of the case
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))


asyncio.run(main())
