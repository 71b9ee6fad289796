# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
from __future__ import annotations

import os
import time
from base64 import b64encode
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

from errors import IhfError


# region rendered
_RENEW_BEFORE_EXPIRY: Final = 60.0
"""A token is renewed this many seconds before it expires, or at half its lifetime if that is shorter."""


class _Token(NamedTuple):
    authorization: str
    renew_at: float


class _Credentials:
    """The credentials of the client. Its representation does not contain a secret."""

    def __init__(self, api_key: str | None, client_id: str | None, client_secret: str | None, base_url: str) -> None:
        if api_key is not None and (client_id is not None or client_secret is not None):
            raise TypeError("pass either api_key or client_id and client_secret, not both")
        if (client_id is None) != (client_secret is None):
            raise TypeError("pass client_id and client_secret together")
        if api_key is None and client_id is None:
            api_key = _environment_key(base_url)
        self.header: str | None = None
        """The Authorization header: for calls with an API key, or for token requests with a client secret."""
        self.fetches = client_id is not None
        self._token: _Token | None = None
        if api_key is not None:
            self.header = f"Bearer {_check_printable('api_key', api_key)}"
        if client_id is not None and client_secret is not None:
            pair = (_check_printable("client_id", client_id), _check_printable("client_secret", client_secret))
            self.header = "Basic " + b64encode(":".join(quote(part, safe="") for part in pair).encode()).decode()

    def current(self) -> str | None:
        """The access token as an Authorization header; None if it must be renewed."""
        token = self._token
        return token.authorization if token is not None and time.monotonic() < token.renew_at else None

    def store(self, response: Any, requested_at: float) -> str:
        """Stores the token of a token response (RFC 6749, section 5.1) and returns it as an Authorization header."""
        token = response.get("access_token") if isinstance(response, dict) else None
        if not isinstance(token, str) or not _is_printable(token):
            raise IhfError("The token response has no access_token")
        lifetime = float(response.get("expires_in", 0))
        authorization = f"Bearer {token}"
        self._token = _Token(authorization, requested_at + lifetime - min(_RENEW_BEFORE_EXPIRY, lifetime / 2))
        return authorization

    def discard(self, rejected: str) -> bool:
        """Discards a token that the server rejected. Returns whether a new one can be fetched."""
        # Concurrent calls can be rejected with the same token. Only the first discards it; the others use the new one.
        token = self._token
        if token is not None and token.authorization == rejected:
            self._token = None
        return self.fetches


def _environment_key(base_url: str) -> str | None:
    """`IHF_API_KEY`; None if `IHF_BASE_URL` names another server, because a key must not reach a server it is not for."""
    own = os.environ.get("IHF_BASE_URL")
    if own and _origin(own) != _origin(base_url):
        return None
    # CI systems set a missing secret to an empty string.
    return os.environ.get("IHF_API_KEY") or None


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _check_printable(name: str, secret: str) -> str:
    """Headers allow no other characters, and the error of the transport would quote the secret."""
    if not _is_printable(secret):
        raise ValueError(f"{name} must be printable ASCII without spaces")
    return secret


def _is_printable(secret: str) -> bool:
    return secret != "" and all("!" <= character <= "~" for character in secret)


# endregion
