# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import hmac
import importlib
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import uuid4

from contract import WebhookMessage
from errors import IhfError
from messages import _lower_case


# region rendered
class WebhookVerificationError(IhfError):
    """The request is not from the hub, is too old, or was changed on its way. Answer it with 400."""


class SignedWebhook(NamedTuple):
    """A request as the hub would send it."""

    body: str
    headers: dict[str, str]


def verify_webhook(
    body: str | bytes, headers: Mapping[str, str], secret: str | Sequence[str], *, tolerance: float = 300.0
) -> WebhookMessage:
    """The message of a webhook request, if the hub signed it (Standard Webhooks, `v1` and `v1a`).

    The same message may come twice: its `webhook-id` header is the same then.

    Args:
        body: The bytes as they came, or their text. JSON that was parsed and written again has other bytes.
        secret: That of the subscription, `whsec_…`, or its public key, `whpk_…`; several while one is being rotated.
            A public key needs the package cryptography: `ihf-client[ed25519]`.
        tolerance: How many seconds old, or ahead of this clock, the message may be.
    """
    keys = [_verifier(one) for one in ([secret] if isinstance(secret, str) else secret)]
    given = _lower_case(headers)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        if not given.get(name):
            raise WebhookVerificationError(f"the header {name} is missing")
    stamp = given["webhook-timestamp"]
    well_formed = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
    if not well_formed or abs(time.time() - int(stamp)) > tolerance:
        raise WebhookVerificationError("the message is too old, or its timestamp is ahead of this clock")
    content = body.encode() if isinstance(body, str) else bytes(body)
    signed = f"{given['webhook-id']}.{stamp}.".encode() + content
    for one in given["webhook-signature"].split(" "):
        version, _, signature = one.partition(",")
        # A key verifies the signatures of its own kind alone: a public key is no secret.
        if any(key.version == version and key.made(_base64(signature), signed) for key in keys):
            return cast(WebhookMessage, json.loads(content))
    raise WebhookVerificationError("no signature of the message is by this secret or public key")


def sign_webhook(
    message: WebhookMessage, secret: str, *, id: str | None = None, timestamp: int | None = None
) -> SignedWebhook:
    """The request that the hub would send with this message: to test a receiver.

    Args:
        timestamp: Seconds since 1970; now if left out.
    """
    key = _secret_key(secret)
    message_id = f"msg_{uuid4().hex}" if id is None else id
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    signature = hmac.digest(key, f"{message_id}.{stamp}.{body}".encode(), "sha256")
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
        "x-ihf-event": str(message["type"]),
        "x-ihf-signature": f"sha256={hmac.digest(key, body.encode(), 'sha256').hex()}",
    }
    return SignedWebhook(body, headers)


class _Secret:
    """Knows what was signed with it, in a time that tells nothing."""

    version = "v1"

    def __init__(self, secret: str) -> None:
        self._key = _secret_key(secret)

    def made(self, signature: bytes, signed: bytes) -> bool:
        return hmac.compare_digest(hmac.digest(self._key, signed, "sha256"), signature)


class _PublicKey:
    """Knows what was signed with the private key that it belongs to (ed25519, RFC 8032)."""

    version = "v1a"

    def __init__(self, public_key: str) -> None:
        key = _base64(public_key.removeprefix("whpk_"))
        if len(key) != 32:
            raise ValueError("a webhook public key is whpk_ and base64 of 32 bytes")
        try:
            # By name, as httpx: whoever has a secret needs nothing but the standard library.
            ed25519: Any = importlib.import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
            self._invalid: Any = importlib.import_module("cryptography.exceptions").InvalidSignature
        except ImportError:
            raise ImportError("a webhook public key needs cryptography: pip install cryptography") from None
        self._key: Any = ed25519.Ed25519PublicKey.from_public_bytes(key)

    def made(self, signature: bytes, signed: bytes) -> bool:
        try:
            self._key.verify(signature, signed)
        except self._invalid:
            return False
        return True


def _verifier(key: str) -> _Secret | _PublicKey:
    return _PublicKey(key) if key.startswith("whpk_") else _Secret(key)


def _secret_key(secret: str) -> bytes:
    key = _base64(secret.removeprefix("whsec_"))
    if not key or not secret.startswith("whsec_"):
        raise ValueError("a webhook secret is whsec_ and base64")
    return key


def _base64(text: str) -> bytes:
    """The bytes; none if the text is no base64."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""


# endregion
