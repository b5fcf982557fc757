"""Broken and hostile files, each with what becomes of it: refused as a whole, or the bad elements alone put in quarantine."""
# ruff: noqa: E501 - a case is one line

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from catalog.actions import import_feed
from catalog.demo.feed import Order, write_feed
from catalog.hjmtj import Element, FeedRefused, NotPlain, read, read_header, split, split_plain, unfold
from catalog.models import Article, Category, FeedImport, Media, Price, PriceList, Product, Quarantine, Relation, Supplier
from tests.catalog.feeds import EXAMPLE, NEXT, applied, refused

pytestmark = pytest.mark.django_db
Change = tuple[str, str]


def contents() -> dict[str, Any]:
    """All that the feed says. Whether its element must be read again says nothing of an article."""
    models = [Supplier, Category, Product, Article, Relation, Media, PriceList, Price]
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    for row in [*rows["Product"], *rows["Article"]]:
        row.pop("read_again")
    for row in rows["PriceList"]:
        row.pop("feed_hash")
    return rows


def text_with(*changes: Change) -> str:
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (*NEXT, *changes):
        assert old in text, old
        text = text.replace(old, new)
    return text


HEAD = "<Export"
BOMB = '<!DOCTYPE Export [<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "&a{n - 1 or ""};&a{n - 1 or ""};">' for n in range(1, 30)) + "]>\n<Export"
A2 = "<Article>\n      <id>A-2</id>"

REFUSED: dict[str, tuple[Change, str]] = {
    "a DOCTYPE": ((HEAD, '<!DOCTYPE Export [<!ENTITY a "b">]>\n<Export'), "DOCTYPE"),
    "a bomb of entities": ((HEAD, BOMB), "DOCTYPE"),
    "an external entity": ((HEAD, '<!DOCTYPE Export [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<Export'), "DOCTYPE"),
    "an external DTD": ((HEAD, '<!DOCTYPE Export SYSTEM "http://127.0.0.1:1/x.dtd">\n<Export'), "DOCTYPE"),
    "a parameter entity": ((HEAD, '<!DOCTYPE Export [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>\n<Export'), ""),
    "an entity that is not declared": (("Allround manuell", "&nix; manuell"), "välformad"),
    "a reference to a forbidden character": (("Allround manuell", "&#0; manuell"), "välformad"),
    "a control character": (("Allround manuell", "\x07 manuell"), "välformad"),
    "wrong receiver": (('receiverGln="7359999900017"', 'receiverGln="7359999900031"'), "mottagaren"),
    "receiver that is no GLN": (('receiverGln="7359999900017"', 'receiverGln="x"'), "huvud"),
    "wrong version": (('schemaVersion="1"', 'schemaVersion="2"'), "huvud"),
    "wrong mode": (('mode="FULL"', 'mode="HALF"'), "huvud"),
    "wrong edition": (('isoEdition="2011"', 'isoEdition="1999"'), "huvud"),
    "sequence zero": (('sequence="2"', 'sequence="0"'), "huvud"),
    "sequence beyond all bounds": (('sequence="2"', f'sequence="{"9" * 40}"'), "sequence"),
    "created that is no time": (('created="2026-11-02T02:00:00+01:00"', 'created="igår"'), "huvud"),
    "an attribute too many": (('mode="FULL"', 'mode="FULL" evil="1"'), "huvud"),
    "200,000 attributes on the root": (('mode="FULL"', 'mode="FULL" ' + " ".join(f'a{n}="1"' for n in range(200_000))), "huvud"),
    "200,000 attributes on an article": (("<Article>", "<Article " + " ".join(f'a{n}="1"' for n in range(200_000)) + ">"), "1 MB"),
    "an endless article": (("<name>Allround sittbredd 45 cm</name>", f"<name>Allround</name><description>{'x ' * 900_000}</description>"), "1 MB"),
    "elements 5,000 deep": (("<Products>", "<Products>" + "<a>" * 5000 + "</a>" * 5000), "välformad"),
    "unknown section": (("<Products>", "<Extra/><Products>"), "Extra"),
    "sections in another order": (("<Organisations>", "<Articles/><Organisations>"), "Organisations"),
    "a section twice": (("</Articles>", "</Articles><Articles/>"), "Articles"),
    "element in the wrong place": (("</Products>", "</Products><Organisation/>"), "Organisation"),
    "element of another section": (("</Products>", "<Article/></Products>"), "Article"),
    "text between elements": (("</Article>\n    <Article>", "</Article>hej<Article>"), "annat än poster"),
    "text after the last element": (("</Article>\n  </Articles>", "</Article>hej</Articles>"), "annat än poster"),
    "text between sections": (("</Products>", "</Products>hej"), "avsnitt"),
    "an unknown element between articles": ((A2, f"<Ad/>{A2}"), "annat än poster"),
    "no XML at all": (("<?xml", "hej <?xml"), "välformad"),
    "two roots": (("</Export>", "</Export><Export/>"), "välformad"),
    "tags that cross": (("</Articles>", "</Article></Articles>"), "välformad"),
    "an attribute twice": (('mode="FULL"', 'mode="FULL" mode="FULL"'), "välformad"),
    "an unknown encoding": (('encoding="UTF-8"', 'encoding="KLINGON"'), ""),
    "another namespace": (("urn:websesam:hjmtj-export:1", "urn:websesam:hjmtj-export:2"), "ingen export"),
    "no namespace": ((' xmlns="urn:websesam:hjmtj-export:1"', ""), "ingen export"),
    "older than what is in force": (('sequence="2"', 'sequence="1"'), "äldre"),
    "created before what is in force": (('created="2026-11-02T02:00:00+01:00"', 'created="2026-10-02T02:00:00+01:00"'), "äldre"),
}  # fmt: skip

# Here the row of AR-BORD became another's, so that its price is gone, as the file says.
WITHOUT_A_PRICE = {"two prices on one list", "a price of what is not there"}
# The change, what the reason says, and the key of what is in quarantine.
QUARANTINED: dict[str, tuple[Change, str, list[str]]] = {
    "unknown type": (("<articleType>H", "<articleType>X"), "articleType", ["A-1"]),
    "missing element": (("<orderUnit>ST</orderUnit>\n      <property>", "<property>"), "orderUnit", ["A-1"]),
    "elements in another order": (("<id>A-2</id><supplierGln>7359999900024</supplierGln>", "<supplierGln>7359999900024</supplierGln><id>A-2</id>"), "supplierGln", ["A-2"]),
    "an element too many": (("<id>A-2</id>", "<id>A-2</id><evil/>"), "evil", ["A-2"]),
    "an article in an article": (("<id>A-2</id>", "<id>A-2</id><Article><id>A-9</id></Article>"), "Article", ["A-2"]),
    "an attribute": (("<id>A-2</id>", '<id evil="1">A-2</id>'), "evil", ["A-2"]),
    "number of 36 characters": (("<articleNumber>AR-45<", f"<articleNumber>{'A' * 36}<"), "maxLength", ["A-1"]),
    "an empty number": (("<articleNumber>AR-45<", "<articleNumber><"), "minLength", ["A-1"]),
    "a name of 256 characters": (("Allround sittbredd 45 cm<", f"{'å' * 256}<"), "maxLength", ["A-1"]),
    "a blank name": (("<name>Allround sittbredd 45 cm<", "<name>   <"), "name är tomt", ["A-1"]),
    "wrong check digit of an article's GLN": (("P-1</productId><supplierGln>7359999900024", "P-1</productId><supplierGln>7359999900025"), "GLN", ["A-1"]),
    "wrong check digit of a GTIN": (("<orderUnit>ST</orderUnit>\n      <property>", "<gtin>7350053850010</gtin><orderUnit>ST</orderUnit><property>"), "GTIN", ["A-1"]),
    "a GTIN in letters": (("<orderUnit>ST</orderUnit>\n      <property>", "<gtin>hej</gtin><orderUnit>ST</orderUnit><property>"), "GTIN", ["A-1"]),
    "unknown supplier": (("P-1</productId><supplierGln>7359999900024", "P-1</productId><supplierGln>7359999900048"), "finns inte", ["A-1"]),
    "unknown product": (("<productId>P-1<", "<productId>P-9<"), "P-9", ["A-1"]),
    "unknown class": (("<isoCode>122203</isoCode><orderUnit>", "<isoCode>150306</isoCode><orderUnit>"), "150306", ["A-2"]),
    "a class of three digits": (("<isoCode>122203</isoCode><orderUnit>", "<isoCode>122</isoCode><orderUnit>"), "isoCode", ["A-2"]),
    "class without its parent": (("</Categories>", "<Category><isoCode>1503</isoCode><name>Matlagning</name></Category></Categories>"), "överordnade", ["1503"]),
    "reference to nothing": (('productNumber="ALLROUND"', 'productNumber="NOTHING"'), "NOTHING", ["A-2"]),
    "reference to both": (('<fitsTo supplierGln="7359999900024"', '<fitsTo supplierGln="7359999900024" articleNumber="AR-45"'), "antingen", ["A-2"]),
    "reference to neither": (('<fitsTo supplierGln="7359999900024" productNumber="ALLROUND"', '<fitsTo supplierGln="7359999900024"'), "antingen", ["A-2"]),
    "the same id twice": (("<id>A-2</id>", "<id>A-1</id>"), "Samma id", ["A-1"]),
    "the same number twice": (("<articleNumber>AR-BORD<", "<articleNumber>AR-45<"), "Samma nummer", ["A-2"]),
    "an organisation twice": (("</Organisations>", "<Organisation><gln>7359999900024</gln><type>SUPPLIER</type><name>B</name></Organisation></Organisations>"), "redan", ["7359999900024"]),
    "a class twice": (("</Categories>", "<Category><isoCode>12</isoCode><name>B</name></Category></Categories>"), "redan", ["12"]),
    "wrong check digit of an organisation": (("</Organisations>", "<Organisation><gln>7359999900025</gln><type>SUPPLIER</type><name>B</name></Organisation></Organisations>"), "GLN", ["7359999900025"]),
    "an organisation of no type": (("</Organisations>", "<Organisation><gln>7359999900048</gln><type>SPY</type><name>B</name></Organisation></Organisations>"), "SPY", ["7359999900048"]),
    "a day that is not": (("<status>PUBLISHED</status><lastUpdated>2026-10-20T10:00:00+02:00</lastUpdated>\n    </Product>", "<status>PUBLISHED</status><discontinuedFrom>2026-02-30</discontinuedFrom><lastUpdated>2026-10-20T10:00:00+02:00</lastUpdated>\n    </Product>"), "discontinuedFrom", ["P-1"]),
    "a year before Christ": (("<status>PUBLISHED</status><lastUpdated>2026-10-20T10:00:00+02:00</lastUpdated>\n    </Product>", "<status>PUBLISHED</status><discontinuedFrom>-0044-03-15</discontinuedFrom><lastUpdated>2026-10-20T10:00:00+02:00</lastUpdated>\n    </Product>"), "inget datum", ["P-1"]),
    "a number beyond all bounds": (("<orderUnit>ST</orderUnit>\n      <fitsTo", f"<orderUnit>ST</orderUnit><preventiveMaintenanceDays>{'9' * 30}</preventiveMaintenanceDays>\n      <fitsTo"), "för stort", ["A-2"]),
    "an amount beyond all bounds": (("<orderUnit>ST</orderUnit>\n      <fitsTo", f"<orderUnit>ST</orderUnit><packageContent>{'9' * 400}</packageContent>\n      <fitsTo"), "för stort", ["A-2"]),
    "a pack of nothing": (("<orderUnit>ST</orderUnit>\n      <fitsTo", "<orderUnit>ST</orderUnit><packageContent>0</packageContent>\n      <fitsTo"), "packageContent", ["A-2"]),
    "two prices on one list": (('articleNumber="AR-BORD"/><price>', 'articleNumber="AR-45"/><price>'), "Två aktiva rader", ["AR-45", "AR-45"]),
    "a negative price": (("<price>890.00", "<price>-890.00"), "minInclusive", ["AR-BORD"]),
    "three decimals": (("<price>890.00", "<price>890.001"), "fractionDigits", ["AR-BORD"]),
    "a price in words": (("<price>890.00", "<price>dyrt"), "price", ["AR-BORD"]),
    "a warranty without a unit": (("<warrantyUnit>MONTH</warrantyUnit>", ""), "enhet", ["AR-45"]),
    "a price of what is not there": (('articleNumber="AR-BORD"/>', 'articleNumber="AR-NIX"/>'), "AR-NIX", ["AR-NIX"]),
    "a price from after the end": (("<price>890.00</price>", "<price>890.00</price><validFrom>2031-01-01</validFrom>"), "efter att", ["AR-BORD"]),
    "a list that ends before it begins": (("<validTo>2028-12-31", "<validTo>2024-12-31"), "slutar", ["AVT-2026-17"]),
    "a list of nobody": (("<name>Manuella rullstolar</name><supplierGln>7359999900024", "<name>Manuella rullstolar</name><supplierGln>7359999900048"), "finns inte", ["AVT-2026-17"]),
    "a list without dates": (("<validFrom>2026-01-01</validFrom><validTo>2028-12-31</validTo>", ""), "validFrom", ["AVT-2026-17"]),
    "rows before the facts of the list": (("<number>AVT-2026-17</number>", '<row><article supplierGln="7359999900024" articleNumber="AR-45"/><status>AKTIV</status></row><number>AVT-2026-17</number>'), "Rader står", ["AVT-2026-17"]),
    "text in a list": (("</row>\n      <row>", "</row>hej<row>"), "Text står", ["AVT-2026-17"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_the_whole_file_is_refused_with_its_reason_and_changes_nothing(name: str, tmp_path: Path) -> None:
    change, reason = REFUSED[name]
    applied(EXAMPLE)
    before = contents()
    path = tmp_path / "feed.xml"
    path.write_text(text_with(change), encoding="utf-8")
    assert reason in refused(path)
    assert contents() == before
    assert not Quarantine.objects.exists()


@pytest.mark.parametrize("name", QUARANTINED)
def test_a_bad_element_goes_into_quarantine_and_the_rest_goes_in(name: str, tmp_path: Path) -> None:
    change, reason, keys = QUARANTINED[name]
    applied(EXAMPLE)
    before = contents()
    path = tmp_path / "feed.xml"
    path.write_text(text_with(change, ("Rullande Hjälp AB</name>", "Rullar AB</name>")), encoding="utf-8")
    row = applied(path)
    found = list(Quarantine.objects.order_by("pk"))
    assert [(row.feed_id or row.number or row.gln) for row in found] == keys
    assert all(reason in row.reason for row in found), [row.reason for row in found]
    assert all(row.line > 3 and row.raw.startswith("<") and row.feed_import_id for row in found)
    assert sum(section["quarantined"] for section in row.counts.values()) == len(keys)
    # The rest of the file went in, and what is in quarantine stands as it did.
    after = contents()
    assert after["Supplier"][0].pop("name") == "Rullar AB"
    before["Supplier"][0].pop("name")
    for model in (after, before):
        model["Supplier"][0].pop("name_sort")
    if name in WITHOUT_A_PRICE:
        assert after.pop("Price") == before.pop("Price")[:1]
    assert after == before


def zipped(*members: tuple[str, bytes], **options: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members:
            package.writestr(name, content, **options)
    return out.getvalue()


def lying() -> bytes:
    """Says that it unpacks to 100 bytes; it is 50 MB."""
    whole = zipped(("export.xml", b"<a>" + b" " * 50_000_000))
    return whole.replace((50_000_003).to_bytes(4, "little"), (100).to_bytes(4, "little"))


GOOD = text_with().encode()
FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "tom"),
    "zeros": (lambda: b"\0" * 5000, "välformad"),
    "Latin-1 that says UTF-8": (lambda: text_with().encode("latin-1"), "välformad"),
    "UTF-8 that is cut within a letter": (lambda: GOOD.replace("ä".encode(), b"\xc3"), "välformad"),
    "cut off": (lambda: GOOD[: len(GOOD) * 2 // 3], "avklippt"),
    "a truncated zip": (lambda: zipped(("export.xml", GOOD))[:-40], "trasig"),
    "a zip with a flipped bit": (lambda: bytes(byte ^ (0xFF if place == 300 else 0) for place, byte in enumerate(zipped(("export.xml", GOOD)))), "trasig"),
    "a zip bomb": (lambda: zipped(("export.xml", b"<a>" + b" " * 50_000_000)), "orimligt"),
    "a zip that lies about its size": (lying, ""),
    "a zip in a zip": (lambda: zipped(("export.zip", zipped(("export.xml", GOOD)))), "har 0"),
    "an empty zip": (zipped, "har 0"),
    "two feeds in a zip": (lambda: zipped(("a.xml", GOOD), ("b.xml", GOOD)), "har 2"),
    "many members": (lambda: zipped(*((f"{n}.txt", b"") for n in range(30)), ("a.xml", GOOD)), "fler än"),
    "a name that climbs": (lambda: zipped(("../../etc/cron.d/export.xml", GOOD)), "namn"),
    "an absolute name": (lambda: zipped(("/tmp/export.xml", GOOD)), "namn"),
    "a name of Windows": (lambda: zipped(("..\\export.xml", GOOD)), "namn"),
    "a name with a drive": (lambda: zipped(("C:export.xml", GOOD)), "namn"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_package_that_is_not_what_it_should_be_is_refused(name: str, tmp_path: Path) -> None:
    make, reason = FILES[name]
    applied(EXAMPLE)
    before = contents()
    path = tmp_path / ("feed.zip" if "zip" in name or "name" in name or "members" in name else "feed.xml")
    path.write_bytes(make())
    assert reason in refused(path)
    assert contents() == before


ROW_2 = '<row><article supplierGln="7359999900024" articleNumber="AR-BORD"/><price>890.00</price><status>AKTIV</status></row>'
PREFIXED = ROW_2.replace("<", "<h:").replace("<h:/", "</h:").replace("<h:row>", '<h:row xmlns:h="urn:websesam:hjmtj-export:1">')
GOOD_FILES: dict[str, Callable[[], bytes]] = {
    "a zip with schemas beside": lambda: zipped(("export/hjmtj-export-1.xsd", b"<xs/>"), ("export/export.xml", GOOD)),
    "UTF-16 that says so": lambda: text_with(('encoding="UTF-8"', 'encoding="UTF-16"')).encode("utf-16"),
    "Latin-1 that says so": lambda: text_with(('encoding="UTF-8"', 'encoding="ISO-8859-1"')).encode("latin-1"),
    "a mark of byte order": lambda: b"\xef\xbb\xbf" + GOOD,
    "another prefix": lambda: text_with(("<", "<h:"), ("<h:/", "</h:"), ("<h:?xml", "<?xml"), ("xmlns=", "xmlns:h=")).encode(),
    "comments and instructions everywhere": lambda: text_with(("<id>", "<!-- x --><?php evil ?><id>"), ("</Article>", "</Article><!-- x -->")).encode(),
    "å, ä and ö in numbers": lambda: text_with((">AR-45<", ">ÅÄÖ-45 å<"), ('articleNumber="AR-45"', 'articleNumber="ÅÄÖ-45 å"')).encode(),
    "all on one line": lambda: text_with(("\n", " ")).encode(),
    "characters by number": lambda: text_with(("å", "&#229;")).encode(),
    "blanks in end tags": lambda: text_with(("</Article>", "</Article >"), ("</row>", "</row\n>"), ("</Products>", "</Products >")).encode(),
    "blanks in start tags": lambda: text_with(("<Article>", "<Article >"), ("<row>", "<row >"), ("<Agreement>", "<Agreement\n>")).encode(),
    "one row with a blank": lambda: text_with((ROW_2, ROW_2.replace("<row>", "<row >"))).encode(),
    "one row with a prefix": lambda: text_with((ROW_2, PREFIXED)).encode(),
    "an end tag in a comment": lambda: text_with(("<id>A-1</id>", "<!-- </Article> --><id>A-1</id>"), ("<price>890", "<!-- </row> --><price>890")).encode(),
    "an end tag in CDATA": lambda: text_with(("<description>", "<description><![CDATA[</Product></Products>]]>")).encode(),
    "a section without elements": lambda: text_with(("</Agreements>", "</Agreements><GeneralPricelists/>")).encode(),
    "text in CDATA": lambda: text_with(("Hopfällbar rullstol", "<![CDATA[Hopfällbar rullstol]]>")).encode(),
}


@pytest.mark.parametrize("name", GOOD_FILES)
def test_what_is_only_unusual_goes_in_whole(name: str, tmp_path: Path) -> None:
    path = tmp_path / "feed.bin"
    path.write_bytes(GOOD_FILES[name]())
    row = applied(path)
    assert not Quarantine.objects.exists(), Quarantine.objects.values_list("reason")
    assert row.counts["articles"]["new"] == 2
    assert {article.product_id is None for article in Article.objects.all()} == {True, False}
    assert [str(price.amount) for price in Price.objects.order_by("amount")] == ["890.00", "4250.00"]
    assert Supplier.objects.get().name == "Rullande Hjälp AB"


SPLIT = {
    **{name: text_with(change).encode for name, (change, _) in REFUSED.items()},
    **{name: text_with(change).encode for name, (change, _, _) in QUARANTINED.items()},
    **{name: make for name, (make, _) in FILES.items() if "zip" not in name and "name" not in name and name != "many members"},
    **GOOD_FILES,
}


@pytest.mark.parametrize("name", SPLIT)
def test_splitting_by_bytes_gives_what_splitting_by_parsing_gives_or_leaves_it(name: str, tmp_path: Path) -> None:
    """What is wrong with the root is seen before, and an element that is no XML by itself when it is read."""
    path = tmp_path / "feed.xml"
    path.write_bytes(SPLIT[name]())
    try:
        read_header(path)
        found = unfolded(path)
        list(read(found, "2011"))
    except (FeedRefused, NotPlain):
        return
    assert pieces(found) == pieces(split(path))


def pieces(elements: Iterable[Element]) -> list[tuple[Any, ...]]:
    """Without the difference between `<a></a>` and `<a/>`, `&#229;` and å."""
    return [(each.name, each.line, each.list_number, etree.tostring(etree.fromstring(each.raw)), each.complaint) for each in elements]


def unfolded(path: Path) -> list[Element]:
    return [part for element in split_plain(path) for part in (unfold(element) if element.is_folded else [element])]


def test_a_feed_of_many_blocks_and_a_list_larger_than_an_element_may_be_are_split_alike(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    rows = "".join(ROW_2.replace("AR-BORD", f"AR-{n}") + "\n" for n in range(9000))
    path.write_text(text_with((ROW_2, rows), ("<Articles>", "<Articles>" + " " * 700_000)), encoding="utf-8")
    assert [element.is_folded for element in split_plain(path)].count(True) == 0
    assert pieces(unfolded(path)) == pieces(split(path))
    with path.open("w", encoding="utf-8") as file:
        write_feed(Order(1500, 1, "7359999900017"), file)
    assert path.stat().st_size > 1_000_000
    assert any(element.is_folded for element in split_plain(path))
    assert pieces(unfolded(path)) == pieces(split(path))


def test_an_empty_full_ends_nothing_unless_it_is_confirmed(tmp_path: Path) -> None:
    applied(EXAMPLE)
    text = text_with()
    path = tmp_path / "empty.xml"
    path.write_text(text[: text.index("<Organisations>")] + "</Export>", encoding="utf-8")
    row = import_feed(path)
    assert (row.status, row.may_be_confirmed) == (FeedImport.Status.REFUSED, True)
    assert "mer än var femte" in row.reason
    assert Article.objects.filter(ended_at=None).count() == 2
    assert applied(path, confirm_ended=True).counts["articles"]["ended"] == 2


def test_there_are_at_least_sixty_of_them() -> None:
    assert len(REFUSED) + len(QUARANTINED) + len(FILES) >= 60
