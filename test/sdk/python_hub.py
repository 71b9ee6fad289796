"""A small real server that stands for the hub: it keeps what it receives and answers what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EVENT = {"id": "e1", "event_type": "whispered", "unheard_of": {"deep": [1]}}


class Received:
    def __init__(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        self.method = handler.command
        self.target = handler.path
        self.headers = handler.headers
        self.json: Any = json.loads(body) if self.headers.get("content-type") == "application/json" else None
        self.peer = handler.client_address


class Hub(ThreadingHTTPServer):
    """Answers every request with what `answer` says, and keeps what it received."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[Received] = []
        self.answer: Callable[[Handler], None] = json_answer(EVENT)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.received.append(Received(self, body))
        self.server.answer(self)

    do_GET = do_POST = do_PATCH = _serve

    def log_message(self, format: str, *args: object) -> None:
        pass


def answer(status: int, kind: str, body: bytes, **headers: str) -> Callable[[Handler], None]:
    def send(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def json_answer(value: object, status: int = 200) -> Callable[[Handler], None]:
    return answer(status, "application/json", json.dumps(value).encode())


def problem_answer(status: int, **more: object) -> Callable[[Handler], None]:
    problem = {"type": "urn:ihf:problem:x", "title": "No good", "status": status, **more}
    return answer(status, "application/problem+json", json.dumps(problem).encode(), X_Request_Id="r-1")


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def half_an_answer(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"half":')
    handler.close_connection = True
