# Only the text between the two region lines becomes part of the rendered client; its imports are in the template.
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
from http_messages import _lower_case


# region rendered
class WebhookVerificationError(IhfError):
    """The request was not sent by the server, was altered, or is too old. Return 400."""


class SignedWebhook(NamedTuple):
    """A signed webhook request."""

    body: str
    headers: dict[str, str]


def verify_webhook(
    body: str | bytes, headers: Mapping[str, str], secret: str | Sequence[str], *, tolerance: float = 300.0
) -> WebhookMessage:
    """Verifies the signature of a webhook request (Standard Webhooks, `v1` and `v1a`) and returns its message.

    A message may arrive more than once; ignore it if you have already processed its `webhook-id`.

    Args:
        body: The raw body. Do not parse and serialize it again, because the signature covers its bytes.
        headers: The request headers.
        secret: Secret `whsec_…` or public key `whpk_…` of the subscription; a list during rotation. A public key
            needs the package cryptography: `ihf-client[ed25519]`.
        tolerance: Maximum difference between the timestamp and the local clock, in seconds. Default: 300.

    Raises:
        WebhookVerificationError: The request is not authentic.
        TypeError: The body was parsed before.
        ValueError: A secret or public key is malformed.
    """
    if not isinstance(body, (str, bytes, bytearray, memoryview)):
        raise TypeError(
            f"body must be the raw request body as bytes or str, not {type(body).__name__}: the signature covers its "
            "bytes. Read it before it is parsed: request.get_data() in Flask, await request.body() in FastAPI, "
            "request.body in Django"
        )
    keys = [_verifier(one) for one in ([secret] if isinstance(secret, str) else secret)]
    given = _lower_case(headers)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        if not given.get(name):
            raise WebhookVerificationError(f"the header {name} is missing")
    stamp = given["webhook-timestamp"]
    well_formed = stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
    if not well_formed or abs(time.time() - int(stamp)) > tolerance:
        raise WebhookVerificationError("the timestamp is outside the tolerance")
    content = body.encode() if isinstance(body, str) else bytes(body)
    signed = f"{given['webhook-id']}.{stamp}.".encode() + content
    for one in given["webhook-signature"].split(" "):
        version, _, signature = one.partition(",")
        # A key verifies one signature version only, so that a public key is never used as a secret.
        if any(key.version == version and key.verifies(_base64(signature), signed) for key in keys):
            return cast(WebhookMessage, json.loads(content))
    raise WebhookVerificationError("no signature matches the given secret or public key")


def sign_webhook(
    message: WebhookMessage, secret: str, *, id: str | None = None, timestamp: int | None = None
) -> SignedWebhook:
    """Builds the signed request that the server would send for a message. Use it to test a receiver.

    Args:
        secret: Secret of the subscription, `whsec_…`.
        id: Message id. Default: a random one.
        timestamp: Unix time in seconds. Default: now.
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
    """Verifies HMAC-SHA256 signatures in constant time."""

    version = "v1"

    def __init__(self, secret: str) -> None:
        self._key = _secret_key(secret)

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        return hmac.compare_digest(hmac.digest(self._key, signed, "sha256"), signature)


class _PublicKey:
    """Verifies Ed25519 signatures (RFC 8032)."""

    version = "v1a"

    def __init__(self, public_key: str) -> None:
        key = _base64(public_key.removeprefix("whpk_"))
        if len(key) != 32:
            raise ValueError("a webhook public key must be whpk_ and base64 of 32 bytes")
        try:
            # Imported by name, like httpx, because verifying with a secret needs only the standard library.
            ed25519: Any = importlib.import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
            self._invalid: Any = importlib.import_module("cryptography.exceptions").InvalidSignature
        except ImportError:
            raise ImportError("a webhook public key needs cryptography: pip install cryptography") from None
        self._key: Any = ed25519.Ed25519PublicKey.from_public_bytes(key)

    def verifies(self, signature: bytes, signed: bytes) -> bool:
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
        raise ValueError("a webhook secret must be whsec_ and base64")
    return key


def _base64(text: str) -> bytes:
    """The decoded bytes; empty if the text is not base64."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""


# endregion
