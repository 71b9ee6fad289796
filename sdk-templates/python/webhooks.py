# Only what stands between the two region lines is put into the rendered client, whose imports are the template's.
from __future__ import annotations

import hmac
import json
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

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
    """The message of a webhook request, if the hub signed it (Standard Webhooks, `v1`).

    The same message may come twice: its `webhook-id` header is the same then.

    Args:
        body: The bytes as they came, or their text. JSON that was parsed and written again has other bytes.
        secret: That of the subscription, `whsec_…`, or several while one is being rotated.
        tolerance: How many seconds old, or ahead of this clock, the message may be.
    """
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
    sent = [one[3:] for one in given["webhook-signature"].split(" ") if one.startswith("v1,")]
    for key in map(_webhook_key, [secret] if isinstance(secret, str) else secret):
        expected = b64encode(hmac.digest(key, signed, "sha256"))
        if any(hmac.compare_digest(expected, signature.encode()) for signature in sent):
            return cast(WebhookMessage, json.loads(content))
    raise WebhookVerificationError("no signature of the message is by this secret")


def sign_webhook(
    message: WebhookMessage, secret: str, *, id: str | None = None, timestamp: int | None = None
) -> SignedWebhook:
    """The request that the hub would send with this message: to test a receiver.

    Args:
        timestamp: Seconds since 1970; now if left out.
    """
    key = _webhook_key(secret)
    message_id = f"msg_{os.urandom(16).hex()}" if id is None else id
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


def _webhook_key(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key or not secret.startswith("whsec_"):
        raise ValueError("a webhook secret is whsec_ and base64")
    return key


# endregion
