"""What tests say in SESAM2's place: messages of the contract, signed requests, and a server that answers as it is told."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings

from integration import signature

OWN_KEY = "sesam2-demo"


def incoming(message_type: str, subject: str, body: dict[str, Any], *, sequence: int = 1, message_id: str = "", **changes: Any) -> tuple[str, bytes]:
    """messageId and bytes of a message from SESAM2; `changes` are names of the envelope."""
    message_id = message_id or str(uuid.uuid4())
    message = {
        "messageId": message_id,
        "messageType": message_type,
        "schemaVersion": "1",
        "created": "2026-11-22T09:15:02.123+01:00",
        "sender": settings.SESAM2_GLN,
        "receiver": settings.PORTAL_GLN,
        "subject": subject,
        "sequence": sequence,
        "body": body,
    }
    return message_id, json.dumps(message | changes, ensure_ascii=False).encode()


def response(number: str, *, code: str = "AB", **more: Any) -> dict[str, Any]:
    """The body of an OrderResponse."""
    return {"orderNumber": number, "erpOrderNumber": "900001", "code": code, **more}


def headers(
    method: str, path_and_query: str, body: bytes = b"", *, nonce: str = "", at: int | None = None, key_id: str = OWN_KEY, secret: str = ""
) -> dict[str, str]:
    """The signature of a request as SESAM2 makes it; without `nonce` a fresh one."""
    secret = secret or settings.SESAM2_KEYS[key_id]
    return signature.sign(method=method, path_and_query=path_and_query, nonce=nonce or str(uuid.uuid4()), body=body, key_id=key_id, secret=secret, timestamp=at)


Answer = Callable[[BaseHTTPRequestHandler], None]


def answer(status: int, body: bytes = b"", content_type: str = "application/json", **more: str) -> Answer:
    """An answer with these headers (`retry_after="7"`)."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Connection", "close")
        for name, value in more.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


def problem(status: int, title: str = "Refused", detail: str = "") -> Answer:
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail, "errors": []}
    return answer(status, json.dumps(body).encode(), "application/problem+json")


def raw(content: bytes) -> Answer:
    """These very bytes, and then the end of the connection."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(content)

    return write


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends without a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte of the answer now and then, without end."""
    handler.send_response(202)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


class AnsweringServer(ThreadingHTTPServer):
    """`say` is the answer to everything; `asked` is (method, path, headers, body) of each request."""

    daemon_threads = True

    def __init__(self) -> None:
        self.say: Answer = answer(202, b"{}")
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that the test broke on purpose is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: AnsweringServer

    def do_PUT(self) -> None:
        self._do()

    def do_GET(self) -> None:
        self._do()

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        # Each answer on its own connection, so that one test's server never meets another's connection.
        self.close_connection = True
        self.server.say(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def answering_server() -> Iterator[AnsweringServer]:
    """A server in a thread; the portal's address for SESAM2 is set to it."""
    server = AnsweringServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    before, settings.SESAM2_URL = settings.SESAM2_URL, server.url
    try:
        yield server
    finally:
        settings.SESAM2_URL = before
        server.shutdown()
        thread.join()
        server.server_close()
