"""Splits a file that is written the ordinary way by its bytes alone, ten times as fast as by parsing it; what is unusual it leaves to `splitter.split`.

Ordinary is: UTF-8, no prefixes, no comments, CDATA or instructions, no attributes or blanks in the tags of sections and elements. Then every `<` begins a tag
and the first `</Article>` after `<Article>` ends it. That each element is well-formed and valid is seen when it is read (`schema.checked`); nothing but
blanks may stand between them here. So a file that both lets through is well-formed and valid, and has these elements. The splitter that parses decides
about all others, and says what is wrong.
"""

import io
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, overload

from catalog.hjmtj.records import Element, NotPlain
from catalog.hjmtj.schema import SECTIONS
from catalog.hjmtj.splitter import MAX_ELEMENT

_BLOCK = 512 * 1024
_ROOT = re.compile(rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1\.0"(?: encoding="(?i:utf-8)")? ?\?>)?\s*<Export\s[^<>]*[^<>/]>')
_TAG = re.compile(rb"\s*(<[^<>]{1,40}>)")
_ROW = b"<row>"
_ROW_END = b"</row>"
_ROW_OR_END = {name: re.compile(rb"<row>|</%s>" % name.encode()) for name in ("Agreement", "GeneralPricelist")}
_NOT_IN_HEAD = re.compile(rb"<row|xmlns")
_STARTS = {f"<{name}>".encode(): (name, f"</{name}>".encode()) for name in SECTIONS}


def split_plain(path: Path, progress: Callable[[int], None] = lambda _: None) -> Generator[Element]:
    """The same elements as `split`, in the same order, lists of at most MAX_ELEMENT bytes folded.

    Raises NotPlain as soon as anything is unusual, also after many elements.
    """
    with path.open("rb") as file:
        window = _Window(file, progress)
        window.take(_ROOT, at_most=MAX_ELEMENT)
        left = list(SECTIONS.items())
        lists = 0
        while (tag := window.tag()) != b"</Export>":
            section, name = _section(tag, left)
            if tag.endswith(b"/>"):
                continue
            while (tag := window.tag()) != section:
                if tag not in _STARTS or _STARTS[tag][0] != name:
                    raise NotPlain
                if name in _ROW_OR_END:
                    lists += 1
                    line = window.line()
                    whole = window.until(_STARTS[tag][1], or_nothing=True)
                    if whole is None:
                        yield from _list(window, name, line, lists)
                    else:
                        yield Element(name, line, whole, lists, is_folded=True)
                else:
                    yield Element(name, window.line(), window.until(_STARTS[tag][1]))
        window.end()


def _section(tag: bytes, left: list[tuple[str, str]]) -> tuple[bytes, str]:
    """The end tag of the section that `tag` begins, and the name of its elements; it and what should have come before it are gone from `left`."""
    while left:
        name, section = left.pop(0)
        if tag in {f"<{section}>".encode(), f"<{section}/>".encode()}:
            return f"</{section}>".encode(), name
    raise NotPlain


def unfold(element: Element) -> Iterator[Element]:
    """The rows of a folded list, and then the list. Raises NotPlain."""
    window = _Window(io.BytesIO(element.raw), lambda _: None, element.line)
    window.tag()
    yield from _list(window, element.name, element.line, element.list_number, element.digest)


def _list(window: "_Window", name: str, line: int, number: int, digest: str = "") -> Iterator[Element]:
    """The list whose first tag was read."""
    end = f"</{name}>".encode()
    head = window.before(_ROW_OR_END[name])
    if _NOT_IN_HEAD.search(head):
        raise NotPlain
    while (tag := window.tag()) == _ROW:
        yield Element("row", window.line(), window.until(_ROW_END), number)
    if tag != end:
        raise NotPlain
    yield Element(name, line, head + end, number, digest=digest)


class _Window:
    """A piece of the file that moves along; never much more than one element beyond a block."""

    def __init__(self, file: IO[bytes], progress: Callable[[int], None], line: int = 1) -> None:
        self._file, self._progress = file, progress
        self._bytes = b""
        self._at = 0  # what comes before is done
        self._start = 0  # of the last tag
        self._lines, self._counted = line, 0

    def line(self) -> int:
        """Where the last tag stands."""
        self._lines += self._bytes.count(b"\n", self._counted, self._start)
        self._counted = max(self._counted, self._start)
        return self._lines

    def tag(self) -> bytes:
        """The next tag, with nothing but blanks before it."""
        self._start = self._at
        found = _TAG.match(self._bytes, self._at)
        if found is None:
            self._more()
            found = _TAG.match(self._bytes, self._at)
            if found is None:
                raise NotPlain
        self._start, self._at = found.span(1)
        return found[1]

    @overload
    def until(self, end: bytes) -> bytes: ...
    @overload
    def until(self, end: bytes, *, or_nothing: bool) -> bytes | None: ...
    def until(self, end: bytes, *, or_nothing: bool = False) -> bytes | None:
        """The element that the last tag began, to its end tag. `or_nothing`: None, and nothing is passed, when it is larger than MAX_ELEMENT."""
        place = self._bytes.find(end, self._at, self._start + MAX_ELEMENT)
        while place < 0:
            if or_nothing and len(self._bytes) - self._start >= MAX_ELEMENT:
                return None
            self._more()
            place = self._bytes.find(end, self._at, self._start + MAX_ELEMENT)
        return self._done(place + len(end))

    def before(self, pattern: re.Pattern[bytes]) -> bytes:
        """From the last tag to where the pattern is."""
        found = pattern.search(self._bytes, self._at)
        while found is None:
            self._more()
            found = pattern.search(self._bytes, self._at)
        return self._done(found.start())

    def take(self, pattern: re.Pattern[bytes], at_most: int) -> None:
        found = None
        while found is None:
            if len(self._bytes) > at_most:
                raise NotPlain
            self._more()
            found = pattern.match(self._bytes)
        self._at = found.end()

    def end(self) -> None:
        """Nothing but blanks is left."""
        rest = self._bytes[self._at :]
        while not rest.strip() and (rest := self._file.read(_BLOCK)):
            pass
        if rest.strip():
            raise NotPlain

    def _done(self, end: int) -> bytes:
        raw = self._bytes[self._start : end]
        if len(raw) > MAX_ELEMENT + 40 or b"<!" in raw or b"<?" in raw:
            raise NotPlain
        self._at = end
        return raw

    def _more(self) -> None:
        # Blanks without end between the elements are no element either.
        kept = min(self._at, self._start)
        if len(self._bytes) - kept > MAX_ELEMENT + _BLOCK:
            raise NotPlain
        block = self._file.read(_BLOCK)
        if not block:
            raise NotPlain
        self._lines += self._bytes.count(b"\n", self._counted, kept)
        self._counted = max(0, self._counted - kept)
        self._bytes = self._bytes[kept:] + block
        self._at -= kept
        self._start -= kept
        self._progress(self._file.tell())
