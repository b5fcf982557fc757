"""The signature of every request between the portal and SESAM2, both ways (contract, section 1).

It says who signed these very bytes, and when. That a nonce is used once is the caller's to see to:
by the message's own row for PUT, by a table of nonces for GET and POST.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

KEY = "X-Sesam2-Key"
TIMESTAMP = "X-Sesam2-Timestamp"
NONCE = "X-Sesam2-Nonce"
SIGNATURE = "X-Sesam2-Signature"
MAX_SKEW_SECONDS = 300
# Rotation needs two; more is somebody trying.
MAX_SIGNATURES = 8

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_V1 = re.compile(r"v1=([0-9A-Fa-f]{64})")


class BadSignature(Exception):
    """The request is not to be believed. `reason` is for the log, without secrets: the sender is told only that it was refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Verified:
    """Who signed, by key id, and the request's nonce as a UUID of 36 characters in lower case."""

    key_id: str
    nonce: str


def sign(*, method: str, path_and_query: str, nonce: str, body: bytes, key_id: str, secret: str, timestamp: int | None = None) -> dict[str, str]:
    """The four headers for a request.

    `path_and_query` is as sent on the wire (percent-encoded, no host); `nonce` is the messageId for PUT, else a fresh UUID;
    `body` is the bytes that are sent, empty without one; `timestamp` is unix seconds, now if absent. Raises ValueError without a secret.
    """
    if not secret:
        raise ValueError("A secret is needed to sign")
    seconds = str(int(time.time()) if timestamp is None else timestamp)
    signature = _digest(secret, method, path_and_query, nonce, seconds, body)
    return {KEY: key_id, TIMESTAMP: seconds, NONCE: nonce, SIGNATURE: f"v1={signature}"}


def verify(
    *,
    method: str,
    path_and_query: str,
    headers: Mapping[str, str],
    body: bytes,
    keys: Mapping[str, str],
    now: float | None = None,
    max_skew: int = MAX_SKEW_SECONDS,
) -> Verified:
    """Check a request on its raw bytes, before anything of it is parsed. Raises BadSignature, never anything else.

    `path_and_query` is as it came on the wire; `keys` is id → secret. During rotation a request may carry several
    signatures with as many key ids, in the same order; one match is enough.
    """
    key_ids, seconds, nonce, signatures = (_header(headers, name) for name in (KEY, TIMESTAMP, NONCE, SIGNATURE))
    if not _SECONDS.fullmatch(seconds):
        raise BadSignature("timestamp is not unix seconds")
    if abs(int(time.time() if now is None else now) - int(seconds)) > max_skew:
        raise BadSignature("timestamp is too far from now")
    if not _UUID.fullmatch(nonce):
        raise BadSignature("nonce is not a UUID")

    ids = [key_id.strip() for key_id in key_ids.split(",")]
    values = [value.strip() for value in signatures.split(",")]
    if len(values) > MAX_SIGNATURES:
        raise BadSignature("too many signatures")
    if len(ids) == 1:
        # One id with several values: the same key id while its secret is replaced.
        ids *= len(values)
    if len(ids) != len(values):
        raise BadSignature("as many key ids as signatures are needed")

    matched = None
    known = False
    for key_id, value in zip(ids, values, strict=True):
        secret = keys.get(key_id, "")
        match = _V1.fullmatch(value)
        # The same work for a known and an unknown key, and for every value: time tells nothing.
        expected = _digest(secret or "no such key", method, path_and_query, nonce, seconds, body)
        same = hmac.compare_digest(expected, match[1].lower() if match else "")
        if secret:
            known = True
            if same and matched is None:
                matched = key_id
    if matched is None:
        raise BadSignature("signature does not match" if known else "unknown key")
    return Verified(key_id=matched, nonce=nonce.lower())


def _header(headers: Mapping[str, str], name: str) -> str:
    found = [value for key, value in headers.items() if key.lower() == name.lower()]
    if not found:
        raise BadSignature(f"{name} is missing")
    if len(found) > 1:
        raise BadSignature(f"{name} stands twice")
    if not found[0].isascii():
        raise BadSignature(f"{name} is not ASCII")
    return found[0].strip(" \t")


def _digest(secret: str, method: str, path_and_query: str, nonce: str, seconds: str, body: bytes) -> str:
    signed = "\n".join([method.upper(), path_and_query, nonce, seconds, hashlib.sha256(body).hexdigest()])
    # Bytes that a server could not decode come as surrogates; they must end in a refusal, not in an error.
    return hmac.new(secret.encode("utf-8", "surrogatepass"), signed.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
