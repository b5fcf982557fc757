"""Fetches one file over https from a public address of a listed host, within bounds of time and size.

A name is resolved once for each connection, and the connection goes to one of the very addresses that were checked: a name that points elsewhere
a moment later changes nothing. No proxy, no cookie, no decompression; nothing is read from the environment.
"""

import dataclasses
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

from catalog.media.addresses import PORT, Address, Refused, all_public, read, redirected
from catalog.models import Failure

MOST_REDIRECTS = 3
_MOST_ADDRESSES = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"User-Agent": "webSesam", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


@dataclasses.dataclass(frozen=True)
class Limits:
    """Seconds and bytes; `total` is for everything from the first name look-up to the last byte, redirects included."""

    connect: float = 3.0
    silence: float = 5.0
    total: float = 10.0
    size: int = 10 * 1024 * 1024


def _resolve(host: str) -> list[str]:
    """The addresses of `host`, none when it has none. The time is the system resolver's (resolv.conf)."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)]
    except (socket.gaierror, UnicodeError):
        return []


def _connect(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
    return httpcore.SyncBackend().connect_tcp(address, port, timeout)


def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


@dataclasses.dataclass(frozen=True)
class Network:
    """What is outside, as three functions: name → addresses, address and port → connection, whose certificates are trusted."""

    resolve: Callable[[str], Sequence[str]] = _resolve
    connect: Callable[[str, int, float], httpcore.NetworkStream] = _connect
    tls: Callable[[], ssl.SSLContext] = _tls


INTERNET = Network()


def fetch(url: str, hosts: Iterable[str], *, network: Network = INTERNET, limits: Limits | None = None) -> bytes:
    """The file at `url`, whose host must be among `hosts`. Raises Refused, also for what the other side or the network does."""
    limits = limits or Limits()
    deadline = time.monotonic() + limits.total
    address = read(url, hosts)
    for _ in range(MOST_REDIRECTS + 1):
        location, content = _ask(address, _Outside(network, limits, deadline), network.tls(), limits)
        if location is None:
            return content
        address = redirected(address, location, hosts)
    raise Refused(Failure.TOO_MANY_REDIRECTS)


def _ask(address: Address, outside: "_Outside", tls: ssl.SSLContext, limits: Limits) -> tuple[bytes | None, bytes]:
    """One request on a connection of its own: where it is sent on, or the content."""
    with httpcore.ConnectionPool(ssl_context=tls, max_connections=1, network_backend=outside) as pool:
        try:
            with pool.stream("GET", str(address), headers=_HEADERS, extensions={"timeout": {"read": limits.silence, "write": limits.silence}}) as answer:
                if answer.status in _REDIRECTS:
                    return _header(answer, b"location"), b""
                _check_head(answer, limits)
                content = bytearray()
                for chunk in answer.iter_stream():
                    content += chunk
                    if len(content) > limits.size:
                        raise Refused(Failure.TOO_LARGE)
                if not content:
                    raise Refused(Failure.EMPTY)
                return None, bytes(content)
        except httpcore.TimeoutException:
            raise Refused(Failure.TOO_SLOW) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise Refused(Failure.BROKEN_ANSWER) from None


def _check_head(answer: httpcore.Response, limits: Limits) -> None:
    if answer.status != 200:
        raise Refused(Failure.MISSING if answer.status in {404, 410} else Failure.STATUS)
    # We asked for none: unpacked, a small answer may be without end.
    if _header(answer, b"content-encoding").lower() not in {b"", b"identity"}:
        raise Refused(Failure.ENCODED)
    length = _header(answer, b"content-length")
    if length.isdigit() and int(length[:20]) > limits.size:
        raise Refused(Failure.TOO_LARGE)


def _header(answer: httpcore.Response, name: bytes) -> bytes:
    """Every value that was sent under the name, b"" for none."""
    return b", ".join(value.strip() for key, value in answer.headers if key.lower() == name)


class _Outside(httpcore.NetworkBackend):
    """The only way out: resolves, checks, and connects to what was checked."""

    def __init__(self, network: Network, limits: Limits, deadline: float) -> None:
        self._network, self._limits, self._deadline = network, limits, deadline

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None) -> "_Line":
        for address in all_public(self._network.resolve(host))[:_MOST_ADDRESSES]:
            left = _left(self._deadline, self._limits.connect)
            try:
                return _Line(self._network.connect(address, port, left), self._deadline, self._limits)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise Refused(Failure.NO_CONNECTION)


class _Line(httpcore.NetworkStream):
    """A connection on which no single wait goes past the deadline of the whole: who sends a byte a second is cut off too."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float, limits: Limits) -> None:
        self._stream, self._deadline, self._limits = stream, deadline, limits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> "_Line":
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, self._limits.connect))
        except httpcore.ConnectError:
            raise Refused(Failure.TLS) from None
        return _Line(stream, self._deadline, self._limits)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, most: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if most is None else min(left, most)
