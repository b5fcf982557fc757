"""Splits the file into its elements while it streams: one pass, never more than one element in memory.

No entity is expanded and no address is followed. What is wrong with the file as a whole is `FeedRefused`; what is wrong inside an element is found
when it is read.
"""

import datetime
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from django.utils import timezone
from lxml import etree

from catalog.hjmtj.records import Element, FeedRefused, Header
from catalog.hjmtj.schema import NAMESPACE, NS, SECTIONS, complaint, loosely, schema

CHUNK = 64 * 1024
# One element of a real feed has some kilobytes; what never ends is no element.
MAX_ELEMENT = 1024 * 1024
_SAFE = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}
_TEXT = "Text står mellan raderna"
_ORDER = "Rader står före prislistans uppgifter"
# What can be wrong with a list although its head and each of its rows are right.
SHAPES = frozenset({_TEXT, _ORDER})
_LISTS = {f"{NS}Agreement", f"{NS}GeneralPricelist"}
_ROW = f"{NS}row"
_XMLNS = f' xmlns="{NAMESPACE}"'.encode()
_SECTION_OF = {NS + name: NS + section for name, section in SECTIONS.items()}


def read_header(path: Path) -> Header:
    """The root's attributes, before anything else of the file is read. Raises FeedRefused: empty, DOCTYPE, wrong root, wrong attributes; OSError."""
    root = _root(path)
    if root.getroottree().docinfo.doctype:
        raise FeedRefused("Filen innehåller en DOCTYPE. Sådana filer tas inte emot.")
    if root.tag != f"{NS}Export":
        raise FeedRefused(f"Filen är ingen export från Hjälpmedelstjänsten i version 1: den börjar med {root.tag[:200]}.")
    if len(root.attrib) > 20:
        raise FeedRefused("Filens huvud är fel: det har för många attribut.")
    empty = etree.Element(root.tag, root.attrib)
    if not schema().validate(empty):
        raise FeedRefused(f"Filens huvud är fel: {complaint(schema().error_log)}.")
    value = root.attrib
    sequence = int(value["sequence"])
    if sequence >= 2**63:
        raise FeedRefused("Filens huvud är fel: sequence är för stort.")
    return Header(
        export_id=value["exportId"],
        sequence=sequence,
        created_at=_moment(value["created"]),
        mode=value["mode"],
        receiver_gln=value["receiverGln"],
        iso_edition=value["isoEdition"],
    )


def _root(path: Path) -> Any:
    parser = etree.XMLPullParser(events=("start",), **_SAFE)
    root = None
    try:
        with path.open("rb") as file:
            while root is None and file.tell() <= MAX_ELEMENT and (chunk := file.read(CHUNK)):
                parser.feed(chunk)
                root = next((element for _, element in parser.read_events()), None)
            if root is None and file.tell() > MAX_ELEMENT:
                raise FeedRefused("Filens huvud är orimligt stort.")
        if root is None:
            parser.close()
    except etree.XMLSyntaxError as error:
        if not path.stat().st_size:
            raise FeedRefused("Filen är tom.") from None
        raise FeedRefused(f"Filen är inte välformad XML ({error.msg}).", error.lineno) from None
    except (LookupError, ValueError):
        raise FeedRefused("Filen har en teckenkodning som inte går att läsa.") from None
    if root is None:
        raise FeedRefused("Filen är tom.")
    return root


def _moment(text: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise FeedRefused(f"Filens huvud är fel: {text[:40]} är ingen tidpunkt.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())


def split(path: Path, progress: Callable[[int], None] = lambda _: None) -> Generator[Element]:
    """All elements in the order of the file; `progress` is told the bytes read now and then.

    Raises FeedRefused where the file is not well-formed or is cut off, and at the end when the frame around the elements breaks the schema.
    """
    splitter = _Splitter()
    parser = etree.XMLPullParser(events=("start", "end"), tag=[*_SECTION_OF, _ROW], **_SAFE)
    since = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.feed(chunk)
                since += len(chunk)
                for event, element in parser.read_events():
                    since = 0
                    found = splitter.start(element) if event == "start" else splitter.end(element)
                    if found is not None:
                        yield found
                if since > MAX_ELEMENT:
                    raise FeedRefused("En post är större än 1 MB.")
                progress(file.tell())
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise FeedRefused(f"Filen är inte välformad XML eller är avklippt ({error.msg}).", error.lineno) from None
    _check_frame(root)


class _Splitter:
    def __init__(self) -> None:
        self.lists = 0
        self.list_complaint = ""
        self.list_head = 0

    def start(self, element: Any) -> None:
        if element.tag in _LISTS and _in_section(element):
            self.lists += 1
            self.list_complaint = ""
            self.list_head = 0

    def end(self, element: Any) -> Element | None:
        """The element, if it is one of the file's own and not something that lies inside a broken one."""
        if element.tag == _ROW:
            return self._row(element)
        if not _in_section(element):
            return None
        if element.tag in _LISTS:
            return self._list(element)
        found = Element(element.tag[len(NS) :], element.sourceline, _bytes(element))
        _let_go(element)
        return found

    def _row(self, element: Any) -> Element | None:
        price_list = element.getparent()
        if price_list is None or price_list.tag not in _LISTS or not _in_section(price_list):
            return None
        found = Element("row", element.sourceline, _bytes(element), self.lists)
        element.clear(keep_tail=True)
        before = element.getprevious()
        if before is not None and before.tag == _ROW:
            if (before.tail or "").strip():
                self.list_complaint = _TEXT
            price_list.remove(before)
        elif not self.list_head:
            self.list_head = price_list.index(element)
        else:
            self.list_complaint = _ORDER
        return found

    def _list(self, element: Any) -> Element:
        for row in element.findall(_ROW):
            if (row.tail or "").strip():
                self.list_complaint = _TEXT
            element.remove(row)
        if self.list_head and len(element) != self.list_head:
            self.list_complaint = _ORDER
        raw = _bytes(element)
        found = Element(element.tag[len(NS) :], element.sourceline, raw, self.lists, self.list_complaint)
        _let_go(element)
        return found


def _bytes(element: Any) -> bytes:
    """The element as it stands in an ordinary file, where the root alone says the namespace."""
    raw: bytes = etree.tostring(element, with_tail=False, encoding="utf-8")
    return raw.replace(_XMLNS, b"", 1) if raw.startswith(_XMLNS, raw.find(b" ")) else raw


def _in_section(element: Any) -> bool:
    section = element.getparent()
    if section is None or section.tag != _SECTION_OF[element.tag]:
        return False
    root = section.getparent()
    return root is not None and root.getparent() is None


def _let_go(element: Any) -> None:
    """Empty the element and drop the one before it, which alone may be taken out while the parser goes on."""
    element.clear(keep_tail=True)
    before = element.getprevious()
    if before is not None:
        if before.tag != element.tag or (before.tail or "").strip():
            raise FeedRefused("Något annat än poster står mellan posterna.", before.sourceline)
        element.getparent().remove(before)


def _check_frame(root: Any) -> None:
    """What is left when the elements are gone: the sections, each once and in order, and nothing else."""
    for section in root:
        for element in list(section):
            if section.tag == _SECTION_OF.get(element.tag):
                if (element.tail or "").strip():
                    raise FeedRefused("Något annat än poster står mellan posterna.", element.sourceline)
                section.remove(element)
    if not schema().validate(root):
        raise FeedRefused(f"Filens avsnitt är fel: {complaint(schema().error_log)}.", schema().error_log[0].line)


def split_list(element: Element) -> list[Element]:
    """A valid list that was kept whole, as its rows and its head."""
    tree = loosely(element)
    if tree is None:
        return [element]
    rows = tree.findall(_ROW)
    for row in rows:
        tree.remove(row)
    return [
        *(Element("row", element.line, _bytes(row), element.list_number) for row in rows),
        Element(element.name, element.line, _bytes(tree), element.list_number),
    ]
