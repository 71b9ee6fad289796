"""What the Python SDK costs beside its transport. Run by bench/sdk-speed.ts."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import ihf_client as sdk

ROUNDS = 9
CALLS = 1000
EVENT: dict[str, Any] = {"widget_id": "w", "event_type": "clicked"}


def import_time() -> float:
    script = "import time; t = time.perf_counter(); import ihf_client; print((time.perf_counter() - t) * 1000)"
    runs = [float(subprocess.check_output([sys.executable, "-c", script])) for _ in range(ROUNDS)]
    return min(runs)


def cost(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) * 1e6 / CALLS


def report(what: str, pairs: list[tuple[float, float]]) -> None:
    alone, whole = (min(values) for values in zip(*pairs))  # the others of this machine only ever add
    more = (whole / alone - 1) * 100
    print(f"Python, {what}: {alone:.0f} µs by the transport alone, {whole:.0f} µs by the SDK: {more:.0f} % more")


def main(url: str) -> None:
    print(f"Python {sys.version.split()[0]}, import: {import_time():.0f} ms")
    sent: list[sdk.Request] = []
    with sdk.IhfClient(url, api_key="ihf_live_key", on_request=sent.append) as client:
        client.create_interaction_event(**EVENT)
    request = sent[0]
    with sdk.IhfClient(url, api_key="ihf_live_key") as client:
        transport = client._transport
        alone = lambda: transport(request, 30.0)  # noqa: E731
        pairs = [(cost(alone), cost(lambda: client.create_interaction_event(**EVENT))) for _ in range(ROUNDS)]
    report("http.client", pairs)
    answer = sdk.Response(201, "Created", {}, b'{"id":"e","widget_id":"w","event_type":"clicked"}')
    with sdk.IhfClient(url, api_key="ihf_live_key", transport=lambda request, timeout: answer) as client:
        own = min(cost(lambda: client.create_interaction_event(**EVENT)) for _ in range(ROUNDS))
    print(f"Python, on a transport that costs nothing: {own:.1f} µs a call")
    asyncio.run(asynchronous(url, request))


async def asynchronous(url: str, request: sdk.Request) -> None:
    async def timed(call: Callable[[], Any]) -> float:
        started = time.perf_counter()
        for _ in range(CALLS // 4):
            await call()
        return (time.perf_counter() - started) * 1e6 / (CALLS // 4)

    async with sdk.AsyncIhfClient(url, api_key="ihf_live_key") as client:
        alone = lambda: client._transport(request, 30.0)  # noqa: E731
        pairs = [(await timed(alone), await timed(lambda: client.create_interaction_event(**EVENT))) for _ in range(ROUNDS)]
    report("httpx", pairs)


main(sys.argv[1])
