"""Lines as SESAM2 streams them: signed, bounded in memory and time whatever comes, and never taken for whole when they are not."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from integration import client, signature
from tests.sesam2 import AnsweringServer, answer, answering_server, hang_up, raw

NDJSON = "application/x-ndjson"
PATH = "/invoice-bases/FU-2026-10/lines"
LINES = b'{"line":1}\n{"line":2}\n'


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    with answering_server() as running:
        running.say = answer(200, LINES, NDJSON)
        yield running


def lines(longest: int = 1000) -> list[bytes]:
    return list(client.stream_lines(PATH, longest=longest))


def chunked(pieces: Iterator[bytes], *, is_whole: bool = True, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer in chunks, without its end unless it is whole."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", NDJSON)
        handler.send_header("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if is_whole:
            handler.wfile.write(b"0\r\n\r\n")

    return write


def test_the_question_is_signed_and_asks_for_gzip(server: AnsweringServer, settings: Any) -> None:
    assert lines() == [b'{"line":1}', b'{"line":2}']
    [(method, path, headers, body)] = server.asked
    assert (method, path, body) == ("GET", PATH, b"")
    assert headers["Accept-Encoding"] == "gzip"
    assert signature.verify(method=method, path_and_query=path, headers=headers, body=b"", keys=settings.SESAM2_KEYS).key_id == settings.SESAM2_KEY_ID


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", []), (b"a", [b"a"]), (b"a\n", [b"a"]), (b"a\nb", [b"a", b"b"]), (b"a\r\nb\n", [b"a\r", b"b"]), (b"\n\na\n", [b"", b"", b"a"])],
)
def test_lines_end_with_a_line_feed_or_with_the_answer(content: bytes, expected: list[bytes], server: AnsweringServer) -> None:
    server.say = answer(200, content, NDJSON)
    assert lines() == expected
    server.say = answer(200, gzip.compress(content), NDJSON, content_encoding="gzip")
    assert lines() == expected


def test_gzip_in_many_chunks_and_several_members_is_one_text(server: AnsweringServer) -> None:
    text = b"".join(b'{"line":%d}\n' % n for n in range(20_000))
    packed = gzip.compress(text[:100_003]) + gzip.compress(text[100_003:])
    server.say = chunked((packed[at : at + 777] for at in range(0, len(packed), 777)), content_encoding="gzip")
    assert lines() == text.splitlines()


@pytest.mark.parametrize(
    "say",
    [
        answer(404, b"{}"),
        answer(503),
        answer(302, location="/elsewhere"),
        answer(200, LINES, "text/html"),
        answer(200, LINES, ""),
        answer(200, LINES, NDJSON, content_encoding="br"),
        answer(200, LINES, NDJSON, content_encoding="gzip"),
        answer(200, gzip.compress(LINES)[:-1], NDJSON, content_encoding="gzip"),
        answer(200, gzip.compress(LINES)[:-9], NDJSON, content_encoding="gzip"),
        answer(200, b"", NDJSON, content_encoding="gzip"),
        answer(200, gzip.compress(LINES) + b"rest", NDJSON, content_encoding="gzip"),
        hang_up,
        raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 500\r\n\r\n" + LINES),
        chunked(iter([LINES]), is_whole=False),
        chunked(iter([gzip.compress(LINES * 1000)[:60]]), content_encoding="gzip"),
    ],
)
def test_what_is_no_whole_answer_is_one_exception(say: Any, server: AnsweringServer) -> None:
    server.say = say
    with pytest.raises(client.NoAnswer):
        lines()
    assert len(server.asked) == 1


def test_nobody_there_is_no_answer(settings: Any) -> None:
    settings.SESAM2_URL = "http://127.0.0.1:9"
    with pytest.raises(client.NoAnswer):
        lines()


def test_a_line_without_end_is_refused_when_it_is_too_long(server: AnsweringServer) -> None:
    server.say = answer(200, b'{"line":1}\n' + b"x" * 5000, NDJSON)
    stream = client.stream_lines(PATH, longest=1000)
    assert next(stream) == b'{"line":1}'
    with pytest.raises(client.LineTooLong):
        next(stream)
    server.say = answer(200, b"x" * 1001 + b"\n", NDJSON)
    with pytest.raises(client.LineTooLong):
        lines()
    server.say = answer(200, b"x" * 1000 + b"\n", NDJSON)
    assert lines() == [b"x" * 1000]


def bomb(size: int) -> Iterator[bytes]:
    """So many bytes of one character, packed to a thousandth."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    for _ in range(size // 1_000_000):
        yield packer.compress(b" " * 1_000_000)
    yield packer.flush()


def test_a_bomb_is_unpacked_no_further_than_the_longest_line(server: AnsweringServer) -> None:
    packed = b"".join(bomb(500_000_000))
    assert len(packed) < 600_000
    server.say = chunked(iter([packed]), content_encoding="gzip")
    tracemalloc.start()
    with pytest.raises(client.LineTooLong):
        lines(longest=256 * 1024)
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_who_has_enough_closes_the_stream_and_the_connection(server: AnsweringServer) -> None:
    sent = []

    def endless() -> Iterator[bytes]:
        while True:
            sent.append(1)
            yield LINES * 1000

    server.say = chunked(endless())
    stream = client.stream_lines(PATH, longest=1000)
    assert next(stream) == b'{"line":1}'
    stream.close()
    before = len(sent)
    time.sleep(0.3)
    after = len(sent)
    time.sleep(0.3)
    assert before <= after == len(sent) < 1000


def test_a_server_that_drips_is_not_waited_for_for_ever(server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "STREAM_SECONDS", 0.3)

    def dripping() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b" "

    server.say = chunked(dripping())
    begun = time.monotonic()
    with pytest.raises(client.NoAnswer, match="slow"):
        lines()
    assert time.monotonic() - begun < 3


def test_a_server_that_falls_silent_is_not_waited_for(server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "STREAM_READ_SECONDS", 0.2)

    def silent(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(1)

    server.say = silent
    with pytest.raises(client.NoAnswer, match="ReadTimeout"):
        lines()
