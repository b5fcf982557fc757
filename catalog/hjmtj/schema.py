"""The schema, and elements checked against it many at a time."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from catalog.hjmtj.records import BadRow, Element, NotPlain

NAMESPACE = "urn:websesam:hjmtj-export:1"
NS = f"{{{NAMESPACE}}}"
SECTIONS = {
    "Organisation": "Organisations",
    "Category": "Categories",
    "Product": "Products",
    "Article": "Articles",
    "Agreement": "Agreements",
    "GeneralPricelist": "GeneralPricelists",
}
_HEAD = (
    f'<Export xmlns="{NAMESPACE}" schemaVersion="1" exportId="x" sequence="1" created="2026-01-01T00:00:00Z" mode="FULL"'
    ' receiverGln="0000000000000" isoEdition="2011">'
)
_LIST = "<Agreements><Agreement><number>x</number><name>x</name><supplierGln>0000000000000</supplierGln><customerGln>0000000000000</customerGln>"
_FRAMES = {name: (f"{_HEAD}<{section}>".encode(), f"</{section}></Export>".encode()) for name, section in SECTIONS.items()}
_FRAMES["row"] = (
    f"{_HEAD}{_LIST}<validFrom>2026-01-01</validFrom><validTo>2026-01-01</validTo>".encode(),
    b"</Agreement></Agreements></Export>",
)


@functools.cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(Path(__file__).parent.parent / "schema" / "hjmtj-export-1.xsd")))


def complaint(error_log: Any) -> str:
    return str(error_log[0].message if len(error_log) else "okänt fel").replace(NS, "").rstrip(".")[:500]


def _parser(*, is_checked: bool) -> etree.XMLParser:
    return etree.XMLParser(schema=schema() if is_checked else None, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False)


def checked(elements: Sequence[Element]) -> Iterator[tuple[Element, Any | BadRow]]:
    """Each element (all of one name) as a tree that is valid by the schema, or as the BadRow that says what is wrong with it.

    Raises NotPlain when one is not well-formed XML by itself.
    """
    whole = [element for element in elements if not element.complaint]
    try:
        trees = dict(zip(map(id, whole), _parsed(whole), strict=True))
    except etree.XMLSyntaxError:
        trees = {id(element): _alone(element) for element in whole}
    for element in elements:
        tree = trees.get(id(element))
        yield element, BadRow(f"{element.complaint}.") if tree is None else tree


def _parsed(elements: Sequence[Element]) -> list[Any]:
    if not elements:
        return []
    name = elements[0].name
    root = _framed(name, [element.raw for element in elements], is_checked=True)
    trees = root[0][0].findall(f"{NS}row") if name == "row" else list(root[0])
    if len(trees) != len(elements):
        # They were cut in the wrong places.
        raise NotPlain
    return trees


def _framed(name: str, pieces: Sequence[bytes], *, is_checked: bool) -> Any:
    """The root of an export with nothing but these elements."""
    head, tail = _FRAMES[name]
    return etree.fromstring(b"".join([head, *pieces, tail]), _parser(is_checked=is_checked))


def _alone(element: Element) -> Any:
    try:
        [tree] = _parsed([element])
    except etree.XMLSyntaxError as error:
        if loosely(element) is None:
            raise NotPlain from None
        return BadRow(f"Följer inte formatet: {str(error.msg).replace(NS, '').rpartition(', line ')[0] or str(error.msg).replace(NS, '')}"[:500])
    return tree


def loosely(element: Element) -> Any | None:
    """An element that breaks the schema as a tree; None when it is not even well-formed XML by itself."""
    try:
        found = list(_framed(element.name, [element.raw], is_checked=False)[0])
        found = found[0].findall(f"{NS}row") if element.name == "row" else found
        return found[0] if len(found) == 1 else None
    except etree.XMLSyntaxError:
        return None
