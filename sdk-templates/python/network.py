# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import ssl
from base64 import b64encode
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit


# region rendered
class _Network(NamedTuple):
    """How the built-in connections reach the server."""

    proxy: str | None = None
    ssl_context: ssl.SSLContext | None = None
    client_cert: str | tuple[str, str] | None = None


class _Proxy(NamedTuple):
    host: str
    port: int
    headers: dict[str, str]


def _network(
    transport: object,
    proxy: str | None,
    ssl_context: ssl.SSLContext | None,
    client_cert: str | tuple[str, str] | None,
) -> _Network:
    if transport is not None and (proxy, ssl_context, client_cert) != (None, None, None):
        raise TypeError("pass either transport or proxy, ssl_context and client_cert: a transport has its own connections")
    if ssl_context is not None and client_cert is not None:
        raise TypeError("pass either ssl_context or client_cert; ssl_context.load_cert_chain() loads a certificate")
    _proxy_of(proxy)
    return _Network(proxy, ssl_context, client_cert)


def _tls_context(base_url: str, network: _Network) -> ssl.SSLContext | None:
    """The TLS context of the connections; None for an http URL."""
    if not base_url.startswith("https:"):
        return None
    context = network.ssl_context or ssl.create_default_context()
    if network.client_cert is not None:
        files: Any = (network.client_cert,) if isinstance(network.client_cert, str) else network.client_cert
        context.load_cert_chain(*files)
    return context


def _proxy_of(url: str | None) -> _Proxy | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        # The value is not quoted, because it may contain a password.
        raise ValueError("proxy must be an http URL, such as http://user:password@proxy.example.com:3128")
    headers = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["proxy-authorization"] = "Basic " + b64encode(pair.encode()).decode()
    return _Proxy(parts.hostname, parts.port or 80, headers)


# endregion
