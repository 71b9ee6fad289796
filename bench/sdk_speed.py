"""The cost of a call by the Python SDK, compared with the same request written by hand over a persistent connection,
whose response is read but not parsed. Run by bench/sdk-speed.ts.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import ihf_client as sdk

ROUNDS = 9 if "IHF_BENCH_SMOKE" not in os.environ else 1
CALLS = int(os.environ.get("IHF_BENCH_CALLS", "1000"))
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


def report(what: str, rounds: list[tuple[float, ...]]) -> None:
    by_hand, *rest, whole = (min(values) for values in zip(*rounds))  # other load on the machine can only add
    own = "".join(f", {value:.0f} µs by the SDK's own transport" for value in rest)
    print(f"Python, {what}: {by_hand:.0f} µs by hand{own}, {whole:.0f} µs by the SDK: {(whole / by_hand - 1) * 100:.0f} % more")


def main(url: str) -> None:
    print(f"Python {sys.version.split()[0]}, import: {import_time():.0f} ms")
    sent: list[sdk.Request] = []
    answer = sdk.Response(201, "Created", {}, b'{"id":"e","widget_id":"w","event_type":"clicked"}')

    def stub(request: sdk.Request, timeout: float) -> sdk.Response:
        sent[:] = [request]
        return answer

    with sdk.IhfClient(url, api_key="ihf_live_key", transport=stub) as client:
        own = min(cost(lambda: client.create_interaction_event(**EVENT)) for _ in range(ROUNDS))
    print(f"Python, on a transport that costs nothing: {own:.1f} µs a call")
    (request,) = sent
    report("http.client", synchronous(url, request))
    report("httpx", asyncio.run(asynchronous(url, request)))


def synchronous(url: str, request: sdk.Request) -> list[tuple[float, ...]]:
    address, target = urlsplit(url), urlsplit(request.url).path
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)

    def by_hand() -> bytes:
        connection.request(request.method, target, request.body, request.headers)
        return connection.getresponse().read()

    with sdk.IhfClient(url, api_key="ihf_live_key") as client:
        transport = client._transport
        calls = (by_hand, lambda: transport(request, 30.0), lambda: client.create_interaction_event(**EVENT))
        return [tuple(map(cost, calls)) for _ in range(ROUNDS)]


async def asynchronous(url: str, request: sdk.Request) -> list[tuple[float, ...]]:
    async def timed(call: Callable[[], Any]) -> float:
        started = time.perf_counter()
        for _ in range(CALLS // 4):
            await call()
        return (time.perf_counter() - started) * 1e6 / (CALLS // 4)

    method, address, headers, body = request
    async with httpx.AsyncClient(timeout=30) as http, sdk.AsyncIhfClient(url, api_key="ihf_live_key") as client:
        calls = (
            lambda: http.request(method, address, headers=headers, content=body),
            lambda: client.create_interaction_event(**EVENT),
        )
        return [tuple([await timed(call) for call in calls]) for _ in range(ROUNDS)]


main(sys.argv[1])
