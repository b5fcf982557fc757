"""SESAM2's door: the contract's paths, signed, and /_control, unsigned, for this machine only."""

import ipaddress
import json
import logging
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from integration.mock_sesam2 import bases, schema_check
from integration.mock_sesam2.control import BadControl
from integration.mock_sesam2.schema_check import Invalid
from integration.mock_sesam2.signing import Refused, check

if TYPE_CHECKING:
    from integration.mock_sesam2.app import App

log = logging.getLogger("mock_sesam2")

LARGEST_BODY = 1024 * 1024
LARGEST_PAGE = 500
_BLOCK_LINES = 2000


class Silence(Exception):
    """The connection is closed without an answer."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], app: "App") -> None:
        self.app = app
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a connection broke")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "MockSesam2"
    sys_version = ""
    timeout = 30
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: Server

    def do_PUT(self) -> None:
        self._guarded(self._put)

    def do_GET(self) -> None:
        self._guarded(self._get)

    def do_POST(self) -> None:
        self._guarded(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        log.debug(format, *args)

    def _guarded(self, handle: Any) -> None:
        try:
            body = self._read()
            if not self._path().startswith("/_control") and self.server.app.control.down:
                raise Silence
            handle(body)
        except Silence:
            self.close_connection = True
        except Invalid as error:
            self._problem(error)
        except BadControl as error:
            self._answer(400, "text/plain; charset=utf-8", f"{error}\n".encode())

    def _path(self) -> str:
        return urlsplit(self.path).path

    def _read(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Invalid(400, "No length", "Content-Length is needed.")
        if int(length) > LARGEST_BODY:
            # Read a little more than is allowed, so that a sender who is only just over it gets to read the answer.
            self.rfile.read(min(int(length), 4 * LARGEST_BODY))
            self.close_connection = True
            raise Invalid(413, "Too large", "The body is larger than 1 MiB.")
        return self.rfile.read(int(length))

    # --- the contract -----------------------------------------------------------------------------

    def _misbehave(self) -> None:
        control = self.server.app.control
        if control.delay_ms:
            time.sleep(control.delay_ms / 1000)
        if control.count_down("fail_times"):
            self._problem(
                Invalid(control.fail_status, "Told to fail", "POST /_control said so."),
                {"Retry-After": control.fail_retry_after} if control.fail_retry_after else {},
            )
            raise _Answered

    def _verified(self, body: bytes) -> str:
        headers: dict[str, list[str]] = {}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        try:
            return check(self.server.app.config.keys, self.command, self.path, headers, body)
        except Refused as error:
            log.warning("not let in: %s", error)
            raise Invalid(401, "Not let in", "The signature, the clock or the key is wrong.") from None

    def _put(self, body: bytes) -> None:
        app = self.server.app
        try:
            self._misbehave()
        except _Answered:
            return
        nonce = self._verified(body)
        head, _, message_id = self._path().rpartition("/")
        if head != "/messages" or message_id.lower() != nonce:
            raise Invalid(
                401 if head == "/messages" else 404, "Not let in" if head == "/messages" else "Unknown path", "The nonce must be the messageId in the path."
            )
        if self.headers.get_content_type() != "application/json" or "Content-Type" not in self.headers:
            raise Invalid(415, "Wrong media type", "Content-Type must be application/json.")
        if app.control.count_down("garbage_200"):
            self._answer(200, "text/html", b"<html><body>It works!</body></html>")
            return
        message = schema_check.load(body)
        schema_check.check(message, schema_check.TO_SESAM2)
        if str(uuid.UUID(message["messageId"])) != nonce:
            raise Invalid(422, "Wrong messageId", "It differs from the one in the path.", [{"field": "messageId", "text": "not the path's"}])
        if (message["sender"], message["receiver"]) != (app.config.portal_gln, app.config.own_gln):
            raise Invalid(422, "Wrong sender or receiver", "They are not this installation's.", [{"field": "receiver", "text": "not this installation's"}])
        with app.store.change():
            status = app.store.take(message, schema_check.fingerprint(message))
            if status == 202:
                app.life.take(message)
        app.sender.wake()
        log.info("%s %s %s %s", status, message["messageType"], message["subject"], nonce)
        if status == 409:
            raise Invalid(409, "Another body", "This messageId was stored with another body.")
        if app.control.count_down("drop_reply"):
            raise Silence
        self._json(status, {"messageId": nonce})

    def _get(self, body: bytes) -> None:
        app = self.server.app
        path = self._path()
        if path.startswith("/_control"):
            self._this_machine_only()
            if path == "/_control/state":
                self._json(200, app.state())
            elif path == "/_control/health":
                self._json(200, {"status": "ok"})
            else:
                raise Invalid(404, "Unknown path", "There are /_control/state and /_control/health.")
            return
        if app.control.delay_ms:
            time.sleep(app.control.delay_ms / 1000)
        if not app.store.nonce_is_new(self._verified(body)):
            raise Invalid(401, "Not let in", "The nonce was seen before.")
        if path == "/health":
            self._json(200, {"status": "ok"})
        elif path == "/messages":
            after, limit = self._page()
            rows = app.store.sent_after(int(after or "0") if after.isdigit() or not after else self._bad_cursor(), limit)
            self._json(200, {"messages": [json.loads(row["raw"]) for row in rows], "next": str(rows[-1]["position"]) if rows else after})
        elif path == "/open-orders":
            after, limit = self._page()
            orders, following = app.open_orders(after, limit)
            self._json(200, {"orders": orders, "next": following})
        elif path.startswith("/invoice-bases/") and path.endswith("/lines") and path.count("/") == 3:
            plan = bases.plan_of(app.store, unquote(path.split("/")[2]))
            if plan is None:
                raise Invalid(404, "Unknown basis", "There is no such basis.")
            self._stream(bases.streamed(app.store, unquote(path.split("/")[2]), plan))
        else:
            raise Invalid(404, "Unknown path", "The contract has no such path.")

    def _page(self) -> tuple[str, int]:
        query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        after, limit = query.get("after", [""])[-1], query.get("limit", [str(LARGEST_PAGE)])[-1]
        if not (limit.isascii() and limit.isdigit()) or not 1 <= int(limit[:9]) <= LARGEST_PAGE:
            raise Invalid(400, "Bad limit", f"limit must be 1 to {LARGEST_PAGE}.")
        return after, int(limit)

    def _bad_cursor(self) -> int:
        raise Invalid(400, "Bad cursor", "after must be a cursor from an earlier answer.")

    # --- control ----------------------------------------------------------------------------------

    def _this_machine_only(self) -> None:
        """Neither another machine nor a web page in somebody's browser may steer the stand-in."""
        host = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if not ipaddress.ip_address(self.client_address[0]).is_loopback or (host != "localhost" and not _is_loopback(host)):
            raise Invalid(403, "Not let in", "/_control answers only this machine.")

    def _post(self, body: bytes) -> None:
        if self._path() != "/_control":
            raise Invalid(404, "Unknown path", "The contract has no such path.")
        self._this_machine_only()
        if self.headers.get_content_type() != "application/json" or "Content-Type" not in self.headers:
            raise BadControl("Content-Type must be application/json")
        try:
            data = schema_check.load(body)
        except Invalid:
            raise BadControl("the body is not JSON") from None
        if not isinstance(data, dict):
            raise BadControl("the body must be a JSON object")
        self._json(200, self.server.app.steer(data))

    # --- answers ----------------------------------------------------------------------------------

    def _json(self, status: int, value: Any) -> None:
        self._answer(status, "application/json", json.dumps(value, ensure_ascii=False).encode())

    def _problem(self, error: Invalid, headers: dict[str, str] | None = None) -> None:
        body = {"type": "about:blank", "status": error.status, "title": error.title, "detail": error.detail, "errors": error.errors}
        self._answer(error.status, "application/problem+json", json.dumps(body, ensure_ascii=False).encode(), headers)

    def _answer(self, status: int, content_type: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        if status in (204, 304):
            body = b""
        else:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, lines: Iterable[str]) -> None:
        """Newline-delimited JSON in chunks, compressed where the asker takes it."""
        compress = "gzip" in self.headers.get("Accept-Encoding", "")
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        if compress:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        # One gzip stream over all chunks: many readers stop after the first member.
        compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16) if compress else None
        try:
            for block in _blocks(lines):
                self._chunk(compressor.compress(block) if compressor else block)
        except bases.BreaksOff:
            self.wfile.flush()
            raise Silence from None
        if compressor:
            self._chunk(compressor.flush())
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


class _Answered(Exception):
    """The answer has been sent."""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _blocks(lines: Iterable[str]) -> Iterator[bytes]:
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) >= _BLOCK_LINES:
            yield "".join(block).encode()
            block = []
    if block:
        yield "".join(block).encode()
