"""Drives a server with the official `runware-sdk` (1.8): run inside an environment that has it, by scripts/sdk_conformance.py."""

import asyncio
import json
import sys
import urllib.request
import uuid
from typing import Any

from runware import RunOptions, Runware, RunwareError  # type: ignore[import-not-found, unused-ignore]

PLAN: dict[str, Any] = json.loads(sys.stdin.read())


def client(url: str, key: str = PLAN["key"]) -> Any:
    return Runware(
        api_key=key,
        transport=PLAN["transport"],
        http_base_url=url,
        ws_base_url=url.replace("http", "ws", 1),
        max_retries=3,
        poll_timeout=600_000,
    )


async def run(task: dict[str, object], *, url: str = PLAN["url"], key: str = PLAN["key"]) -> list[dict[str, Any]]:
    async with client(url, key) as opened:
        results: list[dict[str, Any]] = await opened.run(dict(task), RunOptions(timeout=600_000))
        return results


async def refused(task: dict[str, object], **options: Any) -> str:
    try:
        await run(task, **options)
    except RunwareError as error:
        return str(error.code)
    return "taken"


def fetched(results: list[dict[str, Any]]) -> list[int]:
    return [len(urllib.request.urlopen(item["videoURL"]).read()) for item in results]


async def case(name: str, task: dict[str, object]) -> dict[str, object]:
    if name in {"wrong size", "repeated UUID"}:
        if name == "repeated UUID":
            await run(task)
        return {"refused": await refused(task)}
    if name == "bad key":
        return {"refused": await refused(task, key="not-the-key")}
    if name == "unknown UUID":
        async with client(PLAN["url"]) as opened:
            return {"results": len(await opened.get_response({"taskUUID": str(uuid.uuid4())}))}
    if name == "account":
        async with client(PLAN["url"]) as opened:
            details = await opened.account_management({"operation": "getDetails"})
            return {"balance": details[0]["balance"]["amount"]}
    results = await run(task, url=PLAN.get("proxy") or PLAN["url"])
    sizes = fetched(results)
    return {"costs": [item.get("cost") for item in results], "results": len(results), "files": all(size > 1000 for size in sizes)}


async def main() -> None:
    try:
        print(json.dumps(await case(PLAN["case"], PLAN["task"])))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the result of the case
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))


asyncio.run(main())
