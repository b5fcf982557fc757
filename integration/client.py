"""HTTP to SESAM2: signed, bounded in time and size, no redirects (contract, section 1)."""

import dataclasses
import datetime
import email.utils
import json
import time
import uuid
import zlib
from collections.abc import Generator, Iterator
from typing import Any

import httpx
from django.conf import settings

from integration import signature

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
LARGEST_ANSWER = 16 * 1024 * 1024
# A stream of lines has no end that is known beforehand: SESAM2 must go on talking, and be done within the hour after which a broker gives work to another.
STREAM_READ_SECONDS = 30.0
STREAM_SECONDS = 45 * 60.0
_PIECE = 128 * 1024
_REFUSED = frozenset({400, 409, 413, 415, 422})
_NOT_LET_IN = frozenset({401, 403})
_http = httpx.Client(timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS), follow_redirects=False, trust_env=False)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What SESAM2's answer to a message means: taken, refused for good, or try again (after `retry_after`).

    `error` may be logged. `title` is the other side's own words: for support's eyes, never for the log, since nobody can
    promise that they quote nothing of the message.
    """

    is_done: bool = False
    is_final: bool = False
    is_alarm: bool = False
    retry_after: datetime.timedelta = datetime.timedelta(0)
    error: str = ""
    title: str = ""


class NoAnswer(Exception):
    """SESAM2 could not be asked just now."""


class LineTooLong(Exception):
    """The answer has a line that is longer than any that may stand there: there is no use in asking again."""


def put_message(message_id: str, body: bytes) -> Outcome:
    """PUT one message. Never raises for what the other side or the network does."""
    try:
        status, headers, content = _call("PUT", f"/messages/{message_id}", nonce=message_id, body=body)
    except NoAnswer as error:
        return Outcome(error=str(error))
    # A page from a proxy on the way is no word from SESAM2, whatever its status says. The header alone tells nothing:
    # frameworks put text/html on empty answers too.
    if status in {200, 202} and not content.lstrip().startswith(b"<"):
        return Outcome(is_done=True)
    answer, title = f"HTTP {status}", _problem_title(content)
    if status in _REFUSED:
        return Outcome(is_final=True, error=answer, title=title)
    if status in _NOT_LET_IN:
        return Outcome(is_alarm=True, error=answer, title=title)
    return Outcome(error=answer, title=title, retry_after=_retry_after(headers.get("retry-after", "")))


def get_json(path: str, params: dict[str, str]) -> Any:
    """GET a question of the contract's section 6. Raises `NoAnswer` unless the answer is 200 and JSON."""
    query = str(httpx.QueryParams(params))
    status, _, content = _call("GET", f"{path}?{query}" if query else path, nonce=str(uuid.uuid4()), body=b"")
    if status != 200:
        raise NoAnswer(f"HTTP {status}")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NoAnswer("answer is not JSON") from error


def stream_lines(path: str, *, longest: int) -> Generator[bytes]:
    """GET newline-delimited JSON (section 6), line by line as it comes, gzip or not; never more in memory than a piece and a line of at most `longest` bytes.

    Raises `NoAnswer` for everything that may be otherwise next time, also when the stream breaks off, and `LineTooLong`. Who does not want the
    rest closes the iterator.
    """
    url, headers = _signed("GET", path, nonce=str(uuid.uuid4()), body=b"")
    timeout = httpx.Timeout(STREAM_READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        with _http.stream("GET", url, headers=headers | {"Accept": "application/x-ndjson", "Accept-Encoding": "gzip"}, timeout=timeout) as response:
            if response.status_code != 200:
                raise NoAnswer(f"HTTP {response.status_code}")
            if response.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-ndjson":
                raise NoAnswer("answer is not NDJSON")
            encoding = response.headers.get("content-encoding", "identity").strip().lower()
            if encoding not in {"identity", "gzip"}:
                raise NoAnswer("answer is encoded in an unknown way")
            # Raw: httpx would unpack a piece as large as it gets, however small it came. And as it comes: in pieces of a size it would wait for one that drips.
            raw = _in_time(response.iter_raw())
            yield from _lines(_unpacked(raw) if encoding == "gzip" else raw, longest)
    except httpx.HTTPError as error:
        raise NoAnswer(type(error).__name__) from error
    except zlib.error as error:
        raise NoAnswer("answer is not gzip") from error


def _in_time(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """httpx limits each read; a server that drips must not hold a worker for ever either."""
    deadline = time.monotonic() + STREAM_SECONDS
    for piece in pieces:
        yield piece
        if time.monotonic() > deadline:
            raise NoAnswer("answer too slow")


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """gzip unpacked a bounded piece at a time; several members follow on each other. Raises NoAnswer when the last one is not whole."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    is_whole = False
    for packed in pieces:
        rest = packed
        while rest:
            if unpacker.eof:
                unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            if content := unpacker.decompress(rest, _PIECE):
                yield content
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        is_whole = unpacker.eof
    if not is_whole:
        raise NoAnswer("answer breaks off")


def _lines(pieces: Iterator[bytes], longest: int) -> Iterator[bytes]:
    """The lines without their line feeds; the last one may lack it."""
    begun = b""
    for piece in pieces:
        *lines, begun = (begun + piece).split(b"\n")
        for line in lines:
            if len(line) > longest:
                raise LineTooLong
            yield line
        if len(begun) > longest:
            raise LineTooLong
    if begun:
        yield begun


def _signed(method: str, path_and_query: str, *, nonce: str, body: bytes) -> tuple[httpx.URL, dict[str, str]]:
    """The whole address, and the headers that sign it as it goes out on the wire."""
    url = httpx.URL(settings.SESAM2_URL + path_and_query)
    headers = signature.sign(
        method=method,
        path_and_query=url.raw_path.decode("ascii"),
        nonce=nonce,
        body=body,
        key_id=settings.SESAM2_KEY_ID,
        secret=settings.SESAM2_KEYS[settings.SESAM2_KEY_ID],
    )
    return url, headers


def _call(method: str, path_and_query: str, *, nonce: str, body: bytes) -> tuple[int, httpx.Headers, bytes]:
    url, headers = _signed(method, path_and_query, nonce=nonce, body=body)
    if body:
        headers["Content-Type"] = "application/json"
    deadline = time.monotonic() + TOTAL_SECONDS
    content = bytearray()
    try:
        with _http.stream(method, url, content=body or None, headers=headers) as response:
            # httpx limits each read; a server that drips a byte at a time must not hold a worker either.
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise NoAnswer("answer too large")
                if time.monotonic() > deadline:
                    raise NoAnswer("answer too slow")
            return response.status_code, response.headers, bytes(content)
    except httpx.HTTPError as error:
        raise NoAnswer(type(error).__name__) from error


def _problem_title(content: bytes) -> str:
    """The title of an RFC 9457 problem, as one printable line; "" when there is none."""
    try:
        problem = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    title = problem.get("title") if isinstance(problem, dict) else None
    return "".join(character if character.isprintable() else " " for character in title[:120]) if isinstance(title, str) else ""


def _retry_after(value: str) -> datetime.timedelta:
    """Seconds or an HTTP date; at most an hour, so that a mad answer cannot stop the traffic for a day."""
    seconds = 0.0
    if value.isascii() and value.isdigit():
        seconds = float(value[:9])
    elif value:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            seconds = 0.0
    return datetime.timedelta(seconds=min(max(seconds, 0.0), 3600.0))
