"""Reads the file record by record."""

import copy
import datetime
import functools
import hashlib
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone
from lxml import etree

from catalog.hjmtj.records import Article, Category, FeedRefused, Header, MediaItem, Organisation, PriceList, PriceRow, Product, Record, Reference
from core.numbers import gln_is_valid, gtin_is_valid

NAMESPACE = "urn:websesam:hjmtj-export:1"
_NS = f"{{{NAMESPACE}}}"
_SECTIONS = {
    "Organisation": "Organisations",
    "Category": "Categories",
    "Product": "Products",
    "Article": "Articles",
    "Agreement": "Agreements",
    "GeneralPricelist": "GeneralPricelists",
}
_SAFE = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}


# --- Reading ----------------------------------------------------------------------------------------


@functools.cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(Path(__file__).parent.parent / "schema" / "hjmtj-export-1.xsd")))


def read_header(path: Path) -> Header:
    """The root's attributes, before anything else of the file is read. Raises FeedRefused: DOCTYPE, wrong root, wrong attributes."""
    try:
        with path.open("rb") as file:
            _, root = next(etree.iterparse(file, events=("start",), **_SAFE))
    except StopIteration:
        raise FeedRefused("Filen är tom.") from None
    except etree.XMLSyntaxError as error:
        raise FeedRefused(f"Filen är inte välformad XML ({error.msg}).", error.lineno) from None
    if root.getroottree().docinfo.doctype:
        raise FeedRefused("Filen innehåller en DOCTYPE. Sådana filer tas inte emot.")
    if root.tag != f"{_NS}Export":
        raise FeedRefused(f"Filen är ingen export från Hjälpmedelstjänsten i version 1: den börjar med {root.tag[:200]}.")
    empty = etree.Element(root.tag, root.attrib, nsmap=root.nsmap)
    if not _schema().validate(empty):
        raise FeedRefused(f"Filens huvud är fel: {_complaint(_schema())}.")
    value = root.attrib
    return Header(
        export_id=value["exportId"],
        sequence=int(value["sequence"]),
        created_at=_moment(value["created"], root.sourceline),
        mode=value["mode"],
        receiver_gln=value["receiverGln"],
        iso_edition=value["isoEdition"],
    )


def read_records(path: Path) -> Generator[Record]:
    """All records in the order of the file.

    Raises FeedRefused at the first that breaks the schema or has a wrong check digit, and at the end when the frame around them breaks it.
    """
    tags = [_NS + name for name in _SECTIONS]
    with path.open("rb") as file:
        parser = etree.iterparse(file, events=("end",), tag=tags, **_SAFE)
        try:
            for _, element in parser:
                yield _read(element)
                _let_go(element)
        except etree.XMLSyntaxError as error:
            raise FeedRefused(f"Filen är inte välformad XML eller är avklippt ({error.msg}).", error.lineno) from None
        _check_frame(parser.root)


def _read(element: Any) -> Record:
    section = element.getparent()
    name = element.tag.removeprefix(_NS)
    if section is None or section.tag != _NS + _SECTIONS[name]:
        raise FeedRefused(f"{name} står på fel plats.", element.sourceline)
    return _READERS[name](_checked(element, section), element)


def _let_go(element: Any) -> None:
    """Empty the record and drop the one before it, which alone may be taken out while the parser goes on."""
    element.clear(keep_tail=True)
    while (before := element.getprevious()) is not None:
        if before.tag != element.tag or (before.tail or "").strip():
            raise FeedRefused("Något annat än poster står mellan posterna.", before.sourceline)
        del element.getparent()[0]


def _checked(element: Any, section: Any) -> "_Reader":
    """The record, valid by the schema: it is put alone into an otherwise empty export."""
    root = section.getparent()
    frame = etree.Element(f"{_NS}Export", root.attrib)
    alone = copy.deepcopy(element)
    alone.tail = None
    etree.SubElement(frame, section.tag).append(alone)
    if not _schema().validate(frame):
        raise FeedRefused(f"{_complaint(_schema())}.", element.sourceline)
    return _Reader(element)


def _check_frame(root: Any) -> None:
    """What is left when the records are gone: the sections, each once and in order, and nothing else."""
    for section in root:
        for element in list(section):
            if section.tag == _NS + _SECTIONS.get(element.tag.removeprefix(_NS), ""):
                section.remove(element)
    if not _schema().validate(root):
        raise FeedRefused(f"{_complaint(_schema())}.", _schema().error_log[0].line)


def _complaint(schema: etree.XMLSchema) -> str:
    return str(schema.error_log[0].message).replace(_NS, "").rstrip(".")[:500]


def _moment(text: str, line: int | None) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise FeedRefused(f"{text} är ingen tidpunkt.", line) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_default_timezone())


class _Reader:
    """The children of one element, by name, as values."""

    def __init__(self, element: Any) -> None:
        self.line: int = element.sourceline
        self.children: dict[str, list[Any]] = {}
        for child in element:
            self.children.setdefault(child.tag.removeprefix(_NS), []).append(child)

    def texts(self, name: str) -> list[str]:
        return [" ".join((child.text or "").split()) for child in self.children.get(name, [])]

    def text(self, name: str) -> str:
        texts = self.texts(name)
        return texts[0] if texts else ""

    def needed(self, name: str) -> str:
        """A text that must be more than blanks, which the schema cannot tell."""
        text = self.text(name)
        if not text:
            raise FeedRefused(f"{name} är tomt.", self.line)
        return text

    def long_text(self, name: str) -> str:
        """With its line breaks."""
        found = self.children.get(name)
        return (found[0].text or "").strip() if found else ""

    def date(self, name: str) -> datetime.date | None:
        text = self.text(name)
        if not text:
            return None
        try:
            # An xs:date may carry a time zone, which says nothing about a day.
            return datetime.date.fromisoformat(text[:10])
        except ValueError:
            raise FeedRefused(f"{name}: {text} är inget datum.", self.line) from None

    def needed_date(self, name: str) -> datetime.date:
        date = self.date(name)
        if date is None:
            raise FeedRefused(f"{name} är tomt.", self.line)
        return date

    def moment(self, name: str) -> datetime.datetime:
        return _moment(self.text(name), self.line)

    def integer(self, name: str) -> int | None:
        text = self.text(name)
        if text and int(text) > 2_147_483_647:
            raise FeedRefused(f"{name}: {text[:40]} är för stort.", self.line)
        return int(text) if text else None

    def decimal(self, name: str) -> Decimal | None:
        text = self.text(name)
        if not text:
            return None
        value = Decimal(text)
        if value >= 10**12:
            raise FeedRefused(f"{name}: {text[:40]} är för stort.", self.line)
        return value

    def boolean(self, name: str) -> bool | None:
        return {"": None, "true": True, "1": True, "false": False, "0": False}[self.text(name)]

    def gln(self, name: str) -> str:
        return _gln(self.text(name), self.line)

    def references(self, name: str) -> list[Reference]:
        return [_reference(child) for child in self.children.get(name, [])]


def _gln(gln: str, line: int) -> str:
    if not gln_is_valid(gln):
        raise FeedRefused(f"{gln} är inget riktigt GLN: kontrollsiffran är fel.", line)
    return gln


def _reference(element: Any) -> Reference:
    article, product = ((" ".join(value.split()) if (value := element.get(name)) else None) for name in ("articleNumber", "productNumber"))
    if (article is None) == (product is None):
        raise FeedRefused("En hänvisning måste ha antingen articleNumber eller productNumber.", element.sourceline)
    return Reference(element.sourceline, _gln(element.get("supplierGln"), element.sourceline), article, product)


# --- One function per kind of record ----------------------------------------------------------------


def _record(element: Any) -> dict[str, Any]:
    text = etree.tostring(element, with_tail=False)
    return {"line": element.sourceline, "hash": hashlib.blake2b(text, digest_size=16).hexdigest()}


def _organisation(read: _Reader, element: Any) -> Organisation:
    return Organisation(
        **_record(element),
        gln=read.gln("gln"),
        type=read.text("type"),
        name=read.needed("name"),
        organisation_number=read.text("organisationNumber")[:35],
        phone=read.text("phone"),
        email=read.text("email"),
        web=read.text("web")[:2000],
    )


def _category(read: _Reader, element: Any) -> Category:
    return Category(**_record(element), code=read.text("isoCode"), name=read.needed("name"), description=read.long_text("description"))


def _common(read: _Reader, element: Any, number: str) -> dict[str, Any]:
    facts = [_Reader(child) for child in read.children.get("property", [])]
    return {
        **_record(element),
        "feed_id": read.needed("id"),
        "supplier_gln": read.gln("supplierGln"),
        "number": read.needed(number),
        "name": read.needed("name"),
        "description": read.long_text("description"),
        "iso_codes": read.texts("isoCode"),
        "properties": [{"name": fact.text("name"), "value": fact.text("value"), "unit": fact.text("unit")} for fact in facts],
        "media": [_media(_Reader(child)) for child in read.children.get("media", [])],
        "status": read.text("status"),
        "discontinued_from": read.date("discontinuedFrom"),
        "replaced_by": read.references("replacedBy"),
        "updated_at": read.moment("lastUpdated"),
    }


def _media(read: _Reader) -> MediaItem:
    url = read.text("url")
    if len(url) > 2000:
        raise FeedRefused("En adress till en bild eller ett dokument är längre än 2 000 tecken.", read.line)
    return MediaItem(
        kind=read.text("type"),
        url=url,
        file_name=read.text("fileName"),
        mime_type=read.text("mimeType"),
        description=read.text("description"),
        language=read.text("language")[:35],
        is_main=bool(read.boolean("main")),
        sha256=read.text("sha256")[:64].lower(),
    )


def _product(read: _Reader, element: Any) -> Product:
    return Product(
        **_common(read, element, "productNumber"),
        manufacturer=read.text("manufacturer"),
        trademark=read.text("trademark"),
        is_ce_marked=read.boolean("ceMarked"),
    )


def _article(read: _Reader, element: Any) -> Article:
    gtin = read.text("gtin")
    if gtin and not gtin_is_valid(gtin):
        raise FeedRefused(f"{gtin[:40]} är inget riktigt GTIN.", read.line)
    return Article(
        **_common(read, element, "articleNumber"),
        product_id=read.text("productId") or None,
        article_type=read.text("articleType"),
        gtin=gtin,
        order_unit=read.needed("orderUnit"),
        quantity_in_outer_package=read.decimal("quantityInOuterPackage"),
        package_content=read.decimal("packageContent"),
        package_content_unit=read.text("packageContentUnit"),
        preventive_maintenance_days=read.integer("preventiveMaintenanceDays"),
        fits_to=read.references("fitsTo"),
    )


def _price_row(element: Any) -> PriceRow:
    read = _Reader(element)
    quantity, unit = read.integer("warrantyQuantity"), read.text("warrantyUnit")
    if quantity is not None and not unit:
        raise FeedRefused("En garantitid saknar enhet.", read.line)
    return PriceRow(
        article=read.references("article")[0],
        price=read.decimal("price"),
        valid_from=read.date("validFrom"),
        min_order_quantity=read.integer("minOrderQuantity"),
        delivery_time_days=read.integer("deliveryTimeDays"),
        warranty_quantity=quantity,
        warranty_unit=unit,
        warranty_from=read.text("warrantyFrom"),
        status=read.text("status")[:64],
    )


def _agreement(read: _Reader, element: Any) -> PriceList:
    valid_to = max(read.needed_date("validTo"), read.date("extendedTo") or datetime.date.min)
    return _price_list(read, element, supplier="supplierGln", customer_gln=read.gln("customerGln"), number=read.needed("number"), valid_to=valid_to)


def _general_list(read: _Reader, element: Any) -> PriceList:
    return _price_list(read, element, supplier="ownerGln", customer_gln=None, number="", valid_to=read.date("validTo"))


def _price_list(read: _Reader, element: Any, *, supplier: str, **values: Any) -> PriceList:
    made = PriceList(
        **_record(element),
        supplier_gln=read.gln(supplier),
        name=read.text("name"),
        valid_from=read.needed_date("validFrom"),
        rows=[_price_row(child) for child in read.children.get("row", [])],
        **values,
    )
    if made.valid_to and made.valid_to < made.valid_from:
        raise FeedRefused("Priserna slutar gälla innan de börjar.", made.line)
    return made


_READERS = {
    "Organisation": _organisation,
    "Category": _category,
    "Product": _product,
    "Article": _article,
    "Agreement": _agreement,
    "GeneralPricelist": _general_list,
}
