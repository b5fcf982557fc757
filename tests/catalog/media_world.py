"""What stands in for the internet in the tests of fetching: names, public addresses, and a TLS server of our own behind them.

The product gets it as its `Network`. Whatever it does is written down: every name that it asks for, and every address and port that it connects to.
"""

import contextlib
import http.server
import io
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpcore
from PIL import Image

from catalog.media import queue
from catalog.media.fetching import Network
from catalog.models import Media
from tests import factories

HOST = "media.rullandehjalp.example"
PUBLIC = "93.184.215.14"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
HOSTS = [HOST, "*.bilder.example"]
Answer = Callable[["Handler"], None]


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates(folder: Path) -> None:
    """A CA, a certificate for the names that the tests use, one for another name, and one that nobody vouches for."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    _openssl(
        *("req", "-x509", *key, "-subj", "/CN=Testernas CA", "-addext", "keyUsage=critical,keyCertSign"),
        *("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem")),
    )
    stranger = ("req", "-x509", *key, "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
    _openssl(*stranger, "-keyout", str(folder / "stranger.key"), "-out", str(folder / "stranger.pem"))
    issued = ("-CA", str(folder / "ca.pem"), "-CAkey", str(folder / "ca.key"), "-addext", "basicConstraints=critical,CA:FALSE")
    for name, names in (("server", f"DNS:{HOST},DNS:*.bilder.example"), ("other", "DNS:annan.example")):
        _openssl(
            *("req", "-x509", *key, *issued, "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}"),
            *("-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")),
        )


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the test says for the path."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.requests.append((self.headers["Host"], self.path, dict(self.headers)))
        self.close_connection = True
        with contextlib.suppress(OSError):  # the other side had enough
            self.server.answers[self.path.partition("?")[0]](self)

    def log_message(self, *arguments: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    def finish_request(self, request: socket.socket, client_address: object) -> None:
        """The handshake in the connection's own thread."""
        request.settimeout(20)
        with self.context.wrap_socket(request, server_side=True) as line:
            super().finish_request(line, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hangs up in the middle is what the tests are about


class World:
    """`names` tells what a name points at: the same each time, or a list for each time that it is asked."""

    def __init__(self, certificates: Path) -> None:
        self._certificates = certificates
        self._server = Server(certificates / "server.pem")
        self._threads = [threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)]
        self._threads[0].start()
        self.answers = self._server.answers
        self.requests = self._server.requests
        self.names: dict[str, Sequence[str] | list[list[str]]] = {HOST: [PUBLIC], "en.bilder.example": [PUBLIC_6]}
        self.asked: list[str] = []
        self.connections: list[tuple[str, int]] = []
        self.network = Network(self._resolve, self._connect, self._tls)

    def _resolve(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        found = self.names.get(host, [])
        if found and isinstance(found[0], list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def _connect(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        """Every public address is our server's, and nothing else is anywhere."""
        self.connections.append((address, port))
        if address not in {PUBLIC, PUBLIC_6}:
            raise httpcore.ConnectError
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._certificates / "ca.pem"))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def use_certificate(self, name: str) -> None:
        self._server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.context.load_cert_chain(self._certificates / f"{name}.pem", self._certificates / f"{name}.key")

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._threads[0].join()


# --- What the process itself does ----------------------------------------------------------------------


class SocketWatch:
    """Every look-up and connection of this thread, as the interpreter reports it, whoever makes it."""

    def __init__(self) -> None:
        self._thread: int | None = None
        self.seen: set[tuple[str, object]] = set()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._thread != threading.get_ident():
            return
        if event == "socket.connect":
            self.seen.add(("connect", arguments[1]))
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            self.seen.add(("look up", arguments[0]))

    @contextlib.contextmanager
    def watching(self) -> Iterator[set[tuple[str, object]]]:
        self.seen = set()
        self._thread = threading.get_ident()
        try:
            yield self.seen
        finally:
            self._thread = None


# A hook cannot be taken away again, so there is one.
WATCH = SocketWatch()


# --- Answers -----------------------------------------------------------------------------------------


def sends(content: bytes, **headers: str) -> Answer:
    """200 with the content, and headers of which `_` stands for `-`."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        for name, value in {"Content-Length": str(len(content)), **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def redirects(location: str, status: int = 302) -> Answer:
    def answer(handler: Handler) -> None:
        handler.wfile.write(f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))

    return answer


def says(status: int) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def writes(raw: bytes) -> Answer:
    """These bytes and nothing else, then hangs up."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(raw)

    return answer


def drips(head: bytes, piece: bytes, pause: float) -> Answer:
    """The head, then the piece again and again, with a pause in between, until the other side hangs up."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(head)
        for chunk in _for_ever(piece, pause):
            handler.wfile.write(chunk)

    return answer


def _for_ever(piece: bytes, pause: float) -> Iterator[bytes]:
    waiting = threading.Event()
    while True:
        yield piece
        waiting.wait(pause)


# --- Files, and rows that name them ------------------------------------------------------------------

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>'


def image(kind: str = "JPEG", size: tuple[int, int] = (1600, 800), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


def named(path: str = "/a.jpg", kind: str = "IMAGE", **values: Any) -> Media:
    article = values.pop("article", None) or factories.article()
    media = Media.objects.create(article=article, kind=kind, url=f"https://{HOST}{path}", **values)
    media.refresh_from_db()
    return media


def fetched(world: World, media: Media, content: bytes | None = None) -> Media:
    if content is not None:
        world.answers[media.url.removeprefix(f"https://{HOST}")] = sends(content)
    assert queue.fetch_next(network=world.network).pk == media.pk
    media.refresh_from_db()
    return media
