# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import time
from base64 import b64encode
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from errors import IhfError


# region rendered
_RENEWED_EARLY: Final = 60.0
"""A token is renewed so many seconds before its end, or at half its life if it is shorter."""


class _Token(NamedTuple):
    authorization: str
    renew_at: float


class _Credentials:
    """What proves who calls. It has no representation that shows a secret."""

    def __init__(self, api_key: str | None, client_id: str | None, client_secret: str | None) -> None:
        if api_key is not None and (client_id is not None or client_secret is not None):
            raise TypeError("give either api_key or client_id and client_secret, not both")
        if (client_id is None) != (client_secret is None):
            raise TypeError("client_id and client_secret go together")
        self.own: str | None = None
        """The Authorization header of the API key, or of the client when it asks for a token."""
        self.fetches = client_id is not None
        self._held: _Token | None = None
        if api_key is not None:
            self.own = f"Bearer {_printable('api_key', api_key)}"
        if client_id is not None and client_secret is not None:
            pair = (_printable("client_id", client_id), _printable("client_secret", client_secret))
            self.own = "Basic " + b64encode(":".join(quote(part, safe="") for part in pair).encode()).decode()

    def held(self) -> str | None:
        """The token, unless it is to be renewed."""
        token = self._held
        return token.authorization if token is not None and time.monotonic() < token.renew_at else None

    def hold(self, answer: Any, asked: float) -> str:
        """Takes the answer to a token request (RFC 6749, section 5.1) that was made at that time."""
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not _is_printable(token):
            raise IhfError("The hub answered without an access token")
        life = float(answer.get("expires_in", 0))
        authorization = f"Bearer {token}"
        self._held = _Token(authorization, asked + life - min(_RENEWED_EARLY, life / 2))
        return authorization

    def replace(self, refused: str) -> bool:
        """Whether another token can take the place of one that was refused."""
        # Of many calls that were refused together, the first drops the token; it is not for the others to drop the next.
        token = self._held
        if token is not None and token.authorization == refused:
            self._held = None
        return self.fetches


def _printable(name: str, secret: str) -> str:
    """A header takes no other characters, and what complains of one would quote it."""
    if not _is_printable(secret):
        raise ValueError(f"{name} must be printable ASCII without spaces")
    return secret


def _is_printable(secret: str) -> bool:
    return secret != "" and all("!" <= character <= "~" for character in secret)


# endregion
