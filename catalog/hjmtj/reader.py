"""Reads an element that is valid by the schema as rows of the staging tables, and refuses what the schema cannot see."""

import datetime
import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils import timezone

from catalog.hjmtj.records import BadRow, Element, Key, Rows
from catalog.hjmtj.schema import NS, checked, loosely
from core.numbers import gln_is_valid, gtin_is_valid

_SKIP = len(NS)
_ID = re.compile(rb"<id>([^<&]{1,64})</id>")
_MAX_INTEGER = 2_147_483_647
_BOOLEANS = {"": None, "true": True, "1": True, "false": False, "0": False}
Children = dict[str, Any]
_REPEATED = frozenset({"isoCode", "property", "media", "fitsTo", "replacedBy", "article"})
_json = json.JSONEncoder(ensure_ascii=False).encode
# Part of each hash: raise it when elements are read in another way than before, so that the next FULL reads them all anew.
_READER = 2


def read(elements: Sequence[Element], edition: str) -> Iterator[tuple[Element, Rows | BadRow]]:
    """Rows, or what is wrong with the element. `edition` of ISO 9999 is part of what an element says."""
    for name, group in groupby(elements, key=lambda element: element.name):
        reader = _READERS[name]
        for element, tree in checked(list(group)):
            if isinstance(tree, BadRow):
                yield element, tree
                continue
            try:
                yield element, reader(tree, element, edition)
            except BadRow as bad:
                yield element, bad


def fingerprint(element: Element, edition: str) -> str:
    """The same for elements that say the same: byte for byte, in one edition, to one version of this reader."""
    return hashlib.blake2b(element.raw, digest_size=16, key=f"{_READER}:{edition}".encode()).hexdigest()


def feed_id(element: Element) -> str | None:
    """The id of a product or article without reading it, where it stands in the ordinary way. Nothing is known of the rest."""
    found = _ID.search(element.raw, 0, 200)
    return found[1].decode(errors="replace") if found else None


def key_of(element: Element) -> Key:
    """The key of a broken element, as far as it can be made out."""
    tree = loosely(element)
    if tree is None:
        return Key()

    def text(*names: str) -> str:
        found = (tree.findtext(NS + name) for name in names)
        return " ".join(next((value for value in found if value), "").split())[:64]

    if element.name == "row":
        article = tree.find(f"{NS}article")
        number = (article.get("articleNumber") or article.get("productNumber") or "") if article is not None else ""
        return Key("", (article.get("supplierGln") or "")[:64] if article is not None else "", " ".join(number.split())[:64])
    gln = text("supplierGln", "ownerGln", "gln")
    return Key(text("id"), gln, text("articleNumber", "productNumber", "number", "isoCode") if element.name != "Organisation" else "")


# --- Values -----------------------------------------------------------------------------------------


def _children(tree: Any) -> Children:
    """Texts by name as they stand, and the elements of what may come several times."""
    children: Children = {}
    for child in tree:
        name = child.tag[_SKIP:]
        if name in _REPEATED:
            children.setdefault(name, []).append(child)
        else:
            children[name] = child.text
    return children


def _text(children: Children, name: str) -> str:
    found = children.get(name)
    return " ".join(found.split()) if found else ""


def _needed(children: Children, name: str) -> str:
    """A text that must be more than blanks, which the schema cannot tell."""
    text = _text(children, name)
    if not text:
        raise BadRow(f"{name} är tomt.")
    return text


def _long_text(children: Children, name: str) -> str:
    return (children.get(name) or "").strip()


def _date(children: Children, name: str) -> datetime.date | None:
    text = _text(children, name)
    if not text:
        return None
    try:
        # An xs:date may carry a time zone, which says nothing about a day.
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise BadRow(f"{name}: {text[:40]} är inget datum.") from None


def _needed_date(children: Children, name: str) -> datetime.date:
    date = _date(children, name)
    if date is None:
        raise BadRow(f"{name} är tomt.")
    return date


def _moment(children: Children, name: str) -> str:
    text = _text(children, name)
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise BadRow(f"{name}: {text[:40]} är ingen tidpunkt.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())).isoformat()


def _integer(children: Children, name: str) -> int | None:
    text = _text(children, name)
    if not text:
        return None
    if len(text.lstrip("+0")) > 10 or int(text) > _MAX_INTEGER:
        raise BadRow(f"{name}: {text[:40]} är för stort.")
    return int(text)


def _decimal(children: Children, name: str) -> Decimal | None:
    text = _text(children, name)
    if not text:
        return None
    value = Decimal(text)
    if value >= 10**10:
        raise BadRow(f"{name}: {text[:40]} är för stort.")
    return value


# A file names few organisations, many times each.
_is_gln = functools.lru_cache(maxsize=4096)(gln_is_valid)


def _gln(text: str) -> str:
    if not _is_gln(text):
        raise BadRow(f"{text[:40]} är inget riktigt GLN: kontrollsiffran är fel.")
    return text


def _reference(tree: Any) -> tuple[str, str | None, str | None]:
    article, product = (" ".join(value.split()) if (value := tree.get(name)) else None for name in ("articleNumber", "productNumber"))
    if (article is None) == (product is None):
        raise BadRow("En hänvisning måste ha antingen articleNumber eller productNumber.")
    if not (article or product):
        raise BadRow("En hänvisning har ett tomt nummer.")
    return _gln(tree.get("supplierGln")), article, product


# --- One function per kind of element ---------------------------------------------------------------


def _organisation(tree: Any, element: Element, edition: str) -> Rows:
    read = _children(tree)
    row = (_gln(_text(read, "gln")), _text(read, "type"), _needed(read, "name"), _text(read, "organisationNumber")[:35])
    return {"feed_org": [(*row, _text(read, "phone"), _text(read, "email"), _text(read, "web")[:2000])]}


def _category(tree: Any, element: Element, edition: str) -> Rows:
    read = _children(tree)
    return {"feed_category": [(read["isoCode"][0].text, _needed(read, "name"), _long_text(read, "description"))]}


def _property(tree: Any) -> dict[str, str]:
    read = _children(tree)
    return {"name": _text(read, "name"), "value": _text(read, "value"), "unit": _text(read, "unit")}


def _media(tree: Any) -> tuple[Any, ...]:
    read = _children(tree)
    url = _text(read, "url")
    if not url:
        raise BadRow("En bild eller ett dokument saknar adress.")
    if len(url) > 2000:
        raise BadRow("En adress till en bild eller ett dokument är längre än 2 000 tecken.")
    described = [_text(read, name) for name in ("fileName", "mimeType", "description")]
    return (_text(read, "type"), url, *described, _text(read, "language")[:35], bool(_BOOLEANS[_text(read, "main")]), _text(read, "sha256")[:64].lower())


def _item(read: Children, element: Element, edition: str, kind: str, number: str, own: tuple[Any, ...]) -> Rows:
    properties = [_property(child) for child in read.get("property", ())]
    row = (
        kind,
        _needed(read, "id"),
        _gln(_text(read, "supplierGln")),
        _needed(read, number),
        _needed(read, "name"),
        _long_text(read, "description"),
        ",".join([child.text.strip() for child in read.get("isoCode", ())]),
        _json(properties) if properties else "[]",
        _text(read, "status"),
        _date(read, "discontinuedFrom"),
        _moment(read, "lastUpdated"),
        fingerprint(element, edition),
        *own,
    )
    rows: Rows = {"feed_item": [row]}
    references = [("FITS_TO", *_reference(child)) for child in read.get("fitsTo", ())]
    references += [("REPLACED_BY", *_reference(child)) for child in read.get("replacedBy", ())]
    if references:
        rows["feed_ref"] = references
    if media := read.get("media"):
        rows["feed_media"] = [_media(child) for child in media]
    return rows


_NO_ARTICLE = (None, None, "", "", None, None, "", None)


def _product(tree: Any, element: Element, edition: str) -> Rows:
    read = _children(tree)
    own = (*_NO_ARTICLE, _text(read, "manufacturer"), _text(read, "trademark"), _BOOLEANS[_text(read, "ceMarked")])
    return _item(read, element, edition, "P", "productNumber", own)


def _article(tree: Any, element: Element, edition: str) -> Rows:
    read = _children(tree)
    gtin = _text(read, "gtin")
    if gtin and not gtin_is_valid(gtin):
        raise BadRow(f"{gtin[:40]} är inget riktigt GTIN.")
    own = (
        _text(read, "productId") or None,
        _text(read, "articleType"),
        gtin,
        _needed(read, "orderUnit"),
        _decimal(read, "quantityInOuterPackage"),
        _decimal(read, "packageContent"),
        _text(read, "packageContentUnit"),
        _integer(read, "preventiveMaintenanceDays"),
        "",
        "",
        None,
    )
    return _item(read, element, edition, "A", "articleNumber", own)


def _row(tree: Any, element: Element, edition: str) -> Rows:
    read = _children(tree)
    quantity, unit, start = _integer(read, "warrantyQuantity"), _text(read, "warrantyUnit"), _text(read, "warrantyFrom")
    if quantity is not None and not unit:
        raise BadRow("En garantitid saknar enhet.")
    row = (element.list_number, *_reference(read["article"][0]), _decimal(read, "price"), _date(read, "validFrom"))
    terms = (_integer(read, "minOrderQuantity"), _integer(read, "deliveryTimeDays"), quantity, unit, start, _text(read, "status")[:64])
    return {"feed_row": [(*row, *terms)]}


def _agreement(tree: Any, element: Element, edition: str) -> Rows:
    read = _children(tree)
    valid_to = max(_needed_date(read, "validTo"), _date(read, "extendedTo") or datetime.date.min)
    owner = (_gln(_text(read, "supplierGln")), _gln(_text(read, "customerGln")))
    return _list(element, "AGREEMENT", owner, _needed(read, "number"), _needed(read, "name"), _needed_date(read, "validFrom"), valid_to)


def _general_list(tree: Any, element: Element, edition: str) -> Rows:
    read = _children(tree)
    return _list(element, "GENERAL", (_gln(_text(read, "ownerGln")), None), "", "", _needed_date(read, "validFrom"), _date(read, "validTo"))


def _list(
    element: Element, kind: str, owner: tuple[str, str | None], number: str, name: str, valid_from: datetime.date, valid_to: datetime.date | None
) -> Rows:
    if valid_to and valid_to < valid_from:
        raise BadRow("Priserna slutar gälla innan de börjar.")
    return {"feed_list": [(element.list_number, kind, *owner, number, name, valid_from, valid_to, element.digest, None)]}


_READERS: dict[str, Callable[[Any, Element, str], Rows]] = {
    "Organisation": _organisation,
    "Category": _category,
    "Product": _product,
    "Article": _article,
    "row": _row,
    "Agreement": _agreement,
    "GeneralPricelist": _general_list,
}
