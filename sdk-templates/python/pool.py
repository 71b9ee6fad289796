# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import select
import ssl
import sys
import time
from collections import deque
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection, IncompleteRead
from socket import socket
from urllib.parse import urlsplit

from messages import Request, Response


# region rendered
class _Pool:
    """Sends requests over connections that it keeps open between them. Each serves one request at a time, and a deque
    gives and takes atomically: so threads may share it.

    It leaves connecting and the reading of answers to http.client, and writes requests itself: head and body in one
    piece, where http.client sends two and has the hub wake up twice."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._own_headers = {"host": _host_header(parts.netloc), "accept-encoding": "identity"}
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[socket] = deque()
        self._closed = False

    def __call__(self, request: Request, timeout: float) -> Response:
        # A socket can wait for no longer.
        deadline = time.monotonic() + min(timeout, 2_000_000.0)
        sock = self._take(deadline)
        reusable = False
        try:
            whole = _write(sock, self._bytes_of(request))
            with HTTPResponse(sock, method=request.method) as response:
                response.begin()
                body = _body(sock, response, deadline)
            reusable = whole and not response.will_close
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status, response.reason, headers, body)
        finally:
            if reusable and not self._closed:
                self._idle.append(sock)
            else:
                sock.close()

    def _bytes_of(self, request: Request) -> bytes:
        method, url, given, body = request
        content = body or b""
        headers = self._own_headers | given
        if content or method != "GET":
            headers["content-length"] = str(len(content))
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        return f"{method} {url[len(self._origin) :]} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("ascii") + content

    def _take(self, deadline: float) -> socket:
        while (sock := self._pop()) is not None:
            if _is_quiet(sock):
                sock.settimeout(_left(deadline))
                return sock
            sock.close()
        return self._connect(_left(deadline))

    def _connect(self, timeout: float) -> socket:
        if self._tls is None:
            connection = HTTPConnection(self._host, self._port, timeout=timeout)
        else:
            connection = HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        connection.connect()
        sock: socket = connection.sock
        return sock

    def _pop(self) -> socket | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def close(self) -> None:
        self._closed = True
        while (sock := self._pop()) is not None:
            sock.close()


def _host_header(netloc: str) -> str:
    """As http.client writes it: a name that is not ASCII in its form for the DNS."""
    return netloc if netloc.isascii() else netloc.encode("idna").decode("ascii")


def _write(sock: socket, request: bytes) -> bool:
    """Whether the hub took the whole request. It may refuse a large body before its end; its answer can be read."""
    try:
        sock.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _body(sock: socket, response: HTTPResponse, deadline: float) -> bytes:
    """What the answer holds. A hub that sends a little now and then must not hold the caller for ever."""
    parts = []
    # What is to come; None where only the end will tell.
    while response.length != 0:
        sock.settimeout(_left(deadline))
        part = response.read1(65_536)
        if not part:
            break
        parts.append(part)
    body = b"".join(parts)
    if response.length:
        raise IncompleteRead(body, response.length)
    return body


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _is_quiet(sock: socket) -> bool:
    """Whether an idle connection may be used again: if there is something to read, it is the hub's goodbye."""
    if sys.platform == "win32":
        return not select.select([sock], [], [], 0)[0]
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return not poll.poll(0)


# endregion
