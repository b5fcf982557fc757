"""SESAM2's own code for the contract's signature, written from docs/sesam2/README.md alone."""

import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping

SKEW_SECONDS = 300


class Refused(Exception):
    """The request is not signed as the contract says; the text says how, without secrets."""


def signature(secret: str, method: str, target: str, nonce: str, timestamp: str, body: bytes) -> str:
    """The hex HMAC over what is sent. `target` is path and query as on the wire."""
    text = f"{method}\n{target}\n{nonce}\n{timestamp}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed_headers(key_id: str, secret: str, method: str, target: str, nonce: str, body: bytes) -> dict[str, str]:
    """The headers of a request that is sent now."""
    timestamp = str(int(time.time()))
    return {
        "X-Sesam2-Key": key_id,
        "X-Sesam2-Timestamp": timestamp,
        "X-Sesam2-Nonce": nonce,
        "X-Sesam2-Signature": "v1=" + signature(secret, method, target, nonce, timestamp, body),
    }


def check(keys: Mapping[str, str], method: str, target: str, headers: Mapping[str, list[str]], body: bytes) -> str:
    """The nonce of a request that is rightly signed. `headers` is lower-case name → every value. Raises Refused."""
    values = {}
    for name in ("x-sesam2-key", "x-sesam2-timestamp", "x-sesam2-nonce", "x-sesam2-signature"):
        found = headers.get(name, [])
        if len(found) != 1 or not found[0].isascii():
            raise Refused(f"{name} must stand once")
        values[name] = found[0].strip()
    timestamp, nonce = values["x-sesam2-timestamp"], values["x-sesam2-nonce"]
    if not timestamp.isdigit() or len(timestamp) > 12 or abs(int(time.time()) - int(timestamp)) > SKEW_SECONDS:
        raise Refused("timestamp")
    try:
        if str(uuid.UUID(nonce)) != nonce.lower():
            raise ValueError
    except ValueError:
        raise Refused("nonce") from None
    key_ids = [part.strip() for part in values["x-sesam2-key"].split(",")]
    signatures = [part.strip() for part in values["x-sesam2-signature"].split(",")]
    if len(key_ids) != len(signatures):
        raise Refused("as many key ids as signatures")
    good = False
    for key_id, given in zip(key_ids, signatures, strict=True):
        secret = keys.get(key_id)
        if secret:
            good |= hmac.compare_digest(given.encode(), b"v1=" + signature(secret, method, target, nonce, timestamp, body).encode())
    if not good:
        raise Refused("signature or key")
    return nonce.lower()
