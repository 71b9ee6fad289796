"""Plays the scenarios that come as JSON on standard input with one of the two Python clients, all at the same time,
and writes what it has to tell of every call.

Run with the folder of the rendered ihf_client.py on PYTHONPATH, and `python` or `python-async` as argument.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ihf_client as sdk


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: "_" + found[1].lower(), name)


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    """The options in Python's words: seconds for milliseconds."""
    words = {}
    for name, value in given.items():
        words[snake(name.removesuffix("Ms"))] = value / 1000 if name.endswith("Ms") else value
    return words


def arguments_of(call: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    given = options_of(call.get("options") or {})
    own = {name: given.pop(name) for name in ("idempotency_key", "timeout") if name in given}
    named = {**(call.get("body") or {}), **(call.get("query") or {}), **own}
    if given:
        named["options"] = given
    return call.get("path") or [], named


def tell(error: BaseException) -> dict[str, Any]:
    told: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    told["parents"] = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, sdk.IhfApiError):
        told["status"] = error.status
        if error.retry_after is not None:
            told["retryAfter"] = error.retry_after
    return told


def play(scenario: dict[str, Any]) -> list[Any]:
    try:
        client = sdk.IhfClient(scenario["url"], **options_of(scenario.get("client") or {}))
    except Exception as error:
        return [tell(error)]

    def use(call: dict[str, Any]) -> dict[str, Any]:
        positional, named = arguments_of(call)
        try:
            value: Any = getattr(client, snake(call["method"]))(*positional, **named)
            return {"value": list(value) if hasattr(value, "__next__") else value}
        except Exception as error:
            return tell(error)

    with client, ThreadPoolExecutor(len(scenario["calls"])) as threads:
        if scenario.get("together"):
            return list(threads.map(use, scenario["calls"]))
        return [use(call) for call in scenario["calls"]]


async def play_async(scenario: dict[str, Any]) -> list[Any]:
    try:
        client = sdk.AsyncIhfClient(scenario["url"], **options_of(scenario.get("client") or {}))
    except Exception as error:
        return [tell(error)]

    async def use(call: dict[str, Any]) -> dict[str, Any]:
        positional, named = arguments_of(call)
        try:
            value: Any = getattr(client, snake(call["method"]))(*positional, **named)
            return {"value": [item async for item in value] if hasattr(value, "__anext__") else await value}
        except Exception as error:
            return tell(error)

    async with client:
        if scenario.get("together"):
            return list(await asyncio.gather(*map(use, scenario["calls"])))
        return [await use(call) for call in scenario["calls"]]


async def play_all(scenarios: list[dict[str, Any]]) -> list[Any]:
    return list(await asyncio.gather(*map(play_async, scenarios)))


def main() -> None:
    scenarios = json.load(sys.stdin)
    if sys.argv[1] == "python-async":
        told = asyncio.run(play_all(scenarios))
    else:
        with ThreadPoolExecutor(len(scenarios)) as threads:
            told = list(threads.map(play, scenarios))
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
