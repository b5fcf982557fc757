"""What an import leaves behind: the history, the quarantine and what becomes of it, and the files of the inbox."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions import NothingToRetry, import_feed, import_inbox, retry
from catalog.models import Article, FeedImport, Price, PriceList, Quarantine, Relation
from tests.catalog.feeds import DELTA, EXAMPLE, NEXT, applied, changed


@pytest.mark.django_db
def test_the_history_tells_field_by_field_what_an_import_changed(tmp_path: Path) -> None:
    first = applied(EXAMPLE)
    row = applied(
        changed(
            tmp_path,
            *NEXT,
            ("sittbredd 45 cm", "sittbredd 46 cm"),
            (">AR-45<", ">AR-46<"),
            ('articleNumber="AR-45"', 'articleNumber="AR-46"'),
            ("<price>890.00", "<price>900.00"),
        ),
    )
    assert [(change.kind, change.article is None) for change in first.changes.order_by("kind", "product")] == [("NEW", True), ("NEW", False), ("NEW", False)]
    chair, table = Article.objects.order_by("feed_id")
    changes = {(change.article_id, change.kind, change.field): (change.old, change.new) for change in row.changes.all()}
    assert changes == {
        (chair.pk, "CHANGED", "name"): ("Allround sittbredd 45 cm", "Allround sittbredd 46 cm"),
        (chair.pk, "RENUMBERED", "number"): ("AR-45", "AR-46"),
        (table.pk, "CHANGED", "prices"): (["AVT-2026-17 2026-01-01 890.00"], ["AVT-2026-17 2026-01-01 900.00"]),
    }
    assert row.counts["articles"]["renumbered"] == 1


UNKNOWN = (
    "<Article><id>A-3</id><supplierGln>7359999900024</supplierGln><articleNumber>AR-3</articleNumber><name>Något nytt</name><articleType>T</articleType>"
    '<orderUnit>ST</orderUnit><fitsTo supplierGln="7359999900024" articleNumber="AR-4"/><status>PUBLISHED</status>'
    "<lastUpdated>2026-10-20T10:00:00+02:00</lastUpdated></Article></Articles>"
)
KNOWN = UNKNOWN.replace("A-3", "A-4").replace("AR-4", "AR-45").replace("AR-3", "AR-4")
ROW = '<row><article supplierGln="7359999900024" articleNumber="AR-4"/><price>10.00</price><status>AKTIV</status></row></Agreement>'


def only(path: Path, tag: str, content: str, number: int) -> Path:
    """A DELTA with one section."""
    head = EXAMPLE.read_text(encoding="utf-8").partition("<Organisations>")[0]
    for old, new in (*NEXT, DELTA, ('sequence="2"', f'sequence="{number}"'), ("0002", f"{number:04}"), ("2026-11-02", f"2026-11-{number:02}")):
        head = head.replace(old, new)
    path.write_text(f"{head}<{tag}>{content}</Export>", encoding="utf-8")
    return path


@pytest.mark.django_db
def test_what_is_in_quarantine_goes_in_when_a_later_file_brings_what_it_lacked(tmp_path: Path) -> None:
    row = applied(changed(tmp_path, ("</Articles>", UNKNOWN), ("</Agreement>", ROW)))
    assert (row.counts["articles"]["quarantined"], row.counts["price_lists"]["quarantined"]) == (1, 1)
    assert not Article.objects.filter(number="AR-3").exists()
    applied(only(tmp_path / "2.xml", "Articles", KNOWN, 2))
    assert {row.status for row in Quarantine.objects.all()} == {"TAKEN"}
    assert Article.objects.get(number="AR-3").related(Relation.Kind.FITS_TO).get().number == "AR-4"
    assert {str(price.amount) for price in Price.objects.all()} == {"4250.00", "890.00", "10.00"}
    assert PriceList.objects.count() == 1


@pytest.mark.django_db
def test_what_still_lacks_something_stays_and_what_is_told_anew_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(NothingToRetry):
        retry()
    applied(changed(tmp_path, ("</Articles>", UNKNOWN)))
    retry()
    kept = Quarantine.objects.get()
    assert (kept.status, kept.tries) == ("OPEN", 2)
    applied(only(tmp_path / "2.xml", "Articles", UNKNOWN.replace("AR-4", "AR-45"), 2))
    assert Quarantine.objects.get().status == "REPLACED"
    assert Article.objects.filter(number="AR-3").exists()


@pytest.mark.django_db
def test_the_inbox_is_emptied_in_the_order_of_the_files(tmp_path: Path, settings: Any) -> None:
    settings.HJMTJ_INBOX, settings.HJMTJ_INBOX_SECONDS = str(tmp_path), 0
    changed(tmp_path, *NEXT, name="a-second.xml")
    changed(tmp_path, name="b-first.xml")
    (tmp_path / "c-broken.xml").write_text("hej")
    assert import_inbox() == 3
    assert import_inbox() == 0
    assert sorted(path.name.partition("-")[2] for path in (tmp_path / "done").iterdir()) == ["a-second.xml", "b-first.xml"]
    assert [path.name.partition("-")[2] for path in (tmp_path / "refused").iterdir()] == ["c-broken.xml"]
    assert FeedImport.objects.filter(status="APPLIED", started_at__lte=timezone.now()).count() == 2


@pytest.mark.django_db
def test_a_price_on_a_product_also_holds_for_an_article_that_comes_later(tmp_path: Path) -> None:
    row = '<row><article supplierGln="7359999900024" productNumber="ALLROUND"/><price>4000.00</price><status>AKTIV</status></row>\n    </Agreement>'
    applied(changed(tmp_path, ("</Agreement>", row)))
    new = KNOWN.replace("<id>A-4</id>", "<id>A-4</id><productId>P-1</productId>")
    applied(only(tmp_path / "2.xml", "Articles", new, 2))
    assert str(Article.objects.get(number="AR-4").current_price(datetime.date(2026, 12, 1)).amount) == "4000.00"
    assert str(Article.objects.get(number="AR-45").current_price(datetime.date(2026, 12, 1)).amount) == "4250.00"


def test_import_feed_tells_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        import_feed(tmp_path / "nothing.xml")
