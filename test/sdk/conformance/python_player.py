"""Plays scenarios, JSON on standard input, with one of the two Python clients, a dozen at a time, and writes the result
of every call.

Run with the folder of the rendered ihf_client.py on PYTHONPATH, and `python` or `python-async` as argument.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import ihf_client as sdk


def snake(name: str) -> str:
    """The name in Python: `iterateHubs` is `iter_hubs` there, as `iter` is what Python calls it."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: "_" + found[1].lower(), re.sub("^iterate", "iter", name))


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    """The options in Python's words: seconds for milliseconds."""
    words = {}
    for name, value in given.items():
        words[snake(name.removesuffix("Ms"))] = value / 1000 if name.endswith("Ms") else value
    return words


def arguments_of(call: dict[str, Any], hooks: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    given = options_of(call.get("options") or {}) | hooks
    own = {name: given.pop(name) for name in ("idempotency_key", "timeout") if name in given}
    named = {**(call.get("body") or {}), **(call.get("query") or {}), **own}
    if call.get("function"):
        named |= given
    elif given:
        named["options"] = given
    return call.get("path") or [], named


class Hooks:
    def __init__(self, hooked: bool, awaited: bool) -> None:
        self.log: list[str] = []
        self.requests = 0
        self.of_client: dict[str, Any] = {}
        self.of_call: dict[str, Any] = {}
        if not hooked:
            return
        self.of_client = {
            "on_request": self.on_request_later if awaited else self.on_request,
            "on_response": self.on_response(""),
            "on_newer_contract": lambda revision: self.log.append(f"contract {revision}"),
        }
        self.of_call = {"on_response": self.on_response("call: ")}

    def on_request(self, request: sdk.Request) -> None:
        seen = "seen" if "authorization" in request.headers else "not seen"
        self.log.append(f"{request.method} {urlsplit(request.url).path}, who calls is {seen}")
        self.requests += 1
        request.headers["x-hook"] = str(self.requests)

    async def on_request_later(self, request: sdk.Request) -> None:
        self.on_request(request)

    def on_response(self, who: str) -> sdk.ResponseHook:
        def log(response: sdk.Response, request: sdk.Request) -> None:
            self.log.append(f"{who}{response.status} of {response.headers['x-node']} to {request.method}")

        return log


def plain(value: Any) -> Any:
    return value._asdict() if hasattr(value, "_asdict") else value


def failure_of(error: BaseException) -> dict[str, Any]:
    result: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    result["parents"] = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, sdk.IhfApiError):
        result |= {"status": error.status, "errors": error.errors}
        if error.request_id is not None:
            result["requestId"] = error.request_id
        if error.retry_after is not None:
            result["retryAfter"] = error.retry_after
    return result


def play(scenario: dict[str, Any]) -> list[Any]:
    hooks = Hooks(scenario.get("hooked", False), awaited=False)
    try:
        client = sdk.IhfClient(scenario["url"], **options_of(scenario.get("client") or {}), **hooks.of_client)
    except Exception as error:
        return [failure_of(error)]

    def use(call: dict[str, Any]) -> dict[str, Any]:
        positional, named = arguments_of(call, hooks.of_call)
        try:
            value: Any = getattr(sdk if call.get("function") else client, snake(call["method"]))(*positional, **named)
            return {"value": list(value) if hasattr(value, "__next__") else plain(value)}
        except Exception as error:
            return failure_of(error)

    with client, ThreadPoolExecutor(len(scenario["calls"])) as threads:
        results = list((threads.map if scenario.get("together") else map)(use, scenario["calls"]))
    return [*results, {"value": hooks.log}] if scenario.get("hooked") else results


async def play_async(scenario: dict[str, Any]) -> list[Any]:
    hooks = Hooks(scenario.get("hooked", False), awaited=True)
    try:
        client = sdk.AsyncIhfClient(scenario["url"], **options_of(scenario.get("client") or {}), **hooks.of_client)
    except Exception as error:
        return [failure_of(error)]

    async def use(call: dict[str, Any]) -> dict[str, Any]:
        cancel_after = call.get("cancelAfter")
        task: asyncio.Task[Any]

        # The hook runs before the client starts to wait; the callback runs once it waits.
        def cancel_soon(*_: object) -> None:
            asyncio.get_running_loop().call_soon(task.cancel)

        positional, named = arguments_of(call, hooks.of_call | ({"on_response": cancel_soon} if cancel_after == "response" else {}))

        async def answer() -> Any:
            if call.get("function"):
                return plain(getattr(sdk, snake(call["method"]))(*positional, **named))
            value: Any = getattr(client, snake(call["method"]))(*positional, **named)
            return [item async for item in value] if hasattr(value, "__anext__") else await value

        task = asyncio.ensure_future(answer())
        if cancel_after == "request":
            await asyncio.to_thread(lambda: urlopen(scenario["url"] + "/first-request").close())
            task.cancel()
        try:
            return {"value": await task}
        except (Exception, asyncio.CancelledError) as error:
            return failure_of(error)

    async with client:
        if scenario.get("together"):
            results = list(await asyncio.gather(*map(use, scenario["calls"])))
        else:
            results = [await use(call) for call in scenario["calls"]]
    return [*results, {"value": hooks.log}] if scenario.get("hooked") else results


# Most scenarios wait, so they run together; with all at once, some would start too late for the times that they expect.
AT_ONCE = 12


async def play_all(scenarios: list[dict[str, Any]]) -> list[Any]:
    room = asyncio.Semaphore(AT_ONCE)

    async def play_one(scenario: dict[str, Any]) -> list[Any]:
        async with room:
            return await play_async(scenario)

    return list(await asyncio.gather(*map(play_one, scenarios)))


def main() -> None:
    scenarios = json.load(sys.stdin)
    if sys.argv[1] == "python-async":
        results = asyncio.run(play_all(scenarios))
    else:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            results = list(threads.map(play, scenarios))
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
