import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.actions import import_feed, set_local_values
from catalog.models import Article, Category, FeedImport, Media, Price, PriceList, Product, Relation, Supplier
from catalog.search import search
from tests.catalog.feeds import DELTA, EXAMPLE, NEXT, applied, changed, refused

pytestmark = pytest.mark.django_db

AGREEMENT_ROW = '<row><article supplierGln="7359999900024" articleNumber="AR-BORD"/><price>890.00</price><status>AKTIV</status></row>'
A2_START = "<Article>\n      <id>A-2</id>"


def contents() -> dict[str, Any]:
    """All that a feed writes, without the imports' own rows."""
    models = [Supplier, Category, Product, Article, Relation, Media, PriceList, Price]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_the_sample_file_is_imported_whole() -> None:
    row = applied(EXAMPLE)
    chair, table = Article.objects.order_by("feed_id")
    assert (row.counts["articles"]["new"], row.counts["products"]["new"], row.sequence, row.mode) == (2, 1, 1, "FULL")
    assert Supplier.objects.get().name == "Rullande Hjälp AB"
    assert Category.objects.get(code="122203").parent.parent.name == "Hjälpmedel vid förflyttning"
    assert (chair.number, chair.product.name, chair.category.code, chair.iso_codes) == ("AR-45", "Allround manuell rullstol", "122203", [])
    assert [fact["name"] for fact in chair.all_properties] == ["Högsta brukarvikt", "Sittbredd"]
    assert list(table.related(Relation.Kind.FITS_TO)) == [chair]
    assert list(chair.related(Relation.Kind.FITS_TO, backwards=True)) == [table]
    assert chair.current_price(datetime.date(2026, 11, 22)).amount == Decimal("4250.00")
    assert {media.kind for media in chair.product.media.all()} == {"IMAGE", "MANUAL"}


def test_the_same_export_again_changes_nothing_and_says_so() -> None:
    applied(EXAMPLE)
    before = contents()
    row = import_feed(EXAMPLE)
    assert row.status == FeedImport.Status.REPEATED
    assert "redan inläst" in row.reason
    assert contents() == before


def test_a_new_export_with_the_same_content_writes_nothing(tmp_path: Path) -> None:
    applied(EXAMPLE)
    before = contents()
    row = applied(changed(tmp_path, *NEXT))
    assert contents() == before
    assert row.counts["articles"]["unchanged"] == 2
    assert row.counts["articles"]["new"] == row.counts["articles"]["changed"] == row.counts["articles"]["ended"] == 0


def test_what_vanishes_from_a_full_export_is_ended_and_not_deleted(tmp_path: Path) -> None:
    applied(EXAMPLE)
    text = EXAMPLE.read_text(encoding="utf-8")
    table = text[text.index(A2_START) : text.index("</Article>", text.index(A2_START)) + len("</Article>")]
    path = changed(tmp_path, *NEXT, (table, ""), (AGREEMENT_ROW, ""))
    assert "mer än var femte" in refused(path)
    assert Article.objects.filter(ended_at=None).count() == 2
    row = applied(path, confirm_ended=True)
    assert row.counts["articles"]["ended"] == 1
    gone = Article.objects.get(number="AR-BORD")
    assert gone.ended_at is not None
    assert not gone.is_orderable
    assert search("rullstolsbord") == []


def test_what_had_ended_and_comes_back_is_in_force_again(tmp_path: Path) -> None:
    applied(EXAMPLE)
    Article.objects.update(ended_at=datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC))
    applied(changed(tmp_path, *NEXT))
    assert Article.objects.filter(ended_at=None).count() == 2


def test_a_delta_leaves_what_it_does_not_name(tmp_path: Path) -> None:
    applied(EXAMPLE)
    text = EXAMPLE.read_text(encoding="utf-8")
    table = text[text.index(A2_START) : text.index("</Article>", text.index(A2_START)) + len("</Article>")]
    row = applied(changed(tmp_path, *NEXT, DELTA, (table, ""), ("sittbredd 45 cm", "sittbredd 46 cm")))
    assert row.counts["articles"]["changed"] == 1
    assert Article.objects.get(number="AR-45").name == "Allround sittbredd 46 cm"
    assert Article.objects.get(number="AR-BORD").ended_at is None
    assert Price.objects.count() == 2


def test_a_changed_article_gets_its_properties_media_and_prices_anew(tmp_path: Path) -> None:
    applied(EXAMPLE)
    applied(
        changed(
            tmp_path,
            *NEXT,
            ("<value>45</value>", "<value>46</value>"),
            ("<price>4250.00</price>", "<price>4300.50</price>"),
            ("allround-bruksanvisning.pdf", "allround-bruksanvisning-2.pdf"),
        )
    )
    chair = Article.objects.get(number="AR-45")
    assert chair.properties == [{"name": "Sittbredd", "value": "46", "unit": "cm"}]
    assert chair.current_price(datetime.date(2026, 11, 22)).amount == Decimal("4300.50")
    assert {media.url.rpartition("/")[2] for media in Media.objects.all()} == {"allround.jpg", "allround-bruksanvisning-2.pdf"}


def test_a_renumbered_article_keeps_its_row(tmp_path: Path) -> None:
    applied(EXAMPLE)
    before = Article.objects.get(number="AR-45").pk
    applied(changed(tmp_path, *NEXT, (">AR-45<", ">AR-46<"), ('articleNumber="AR-45"', 'articleNumber="AR-46"')))
    assert Article.objects.get(number="AR-46").pk == before
    assert Article.objects.count() == 2


def test_two_articles_may_swap_their_numbers(tmp_path: Path) -> None:
    applied(EXAMPLE)
    applied(changed(tmp_path, *NEXT, (">AR-45<", ">SWAP<"), (">AR-BORD<", ">AR-45<"), (">SWAP<", ">AR-BORD<")))
    assert Article.objects.get(feed_id="A-1").number == "AR-BORD"
    assert Article.objects.get(feed_id="A-2").number == "AR-45"


def test_a_new_feed_never_erases_the_centres_own_values(tmp_path: Path) -> None:
    applied(EXAMPLE)
    chair = Article.objects.get(number="AR-45")
    set_local_values(article=chair, values={"name": "Rullstol Allround 45", "sesam_number": "118245"})
    applied(changed(tmp_path, *NEXT, ("Allround sittbredd 45 cm", "Allround nytt namn")))
    chair.refresh_from_db()
    assert (chair.name, chair.display_name, chair.display_number) == ("Allround nytt namn", "Rullstol Allround 45", "118245")
    assert search("118245") == [chair]


def test_an_article_without_a_class_of_its_own_follows_its_product(tmp_path: Path) -> None:
    applied(EXAMPLE)
    other = "<Category><isoCode>122218</isoCode><name>Vårdarmanövrerade</name></Category>\n  </Categories>"
    applied(changed(tmp_path, *NEXT, ("</Categories>", other), ("bruk.</description><isoCode>122203", "bruk.</description><isoCode>122218")))
    assert Article.objects.get(number="AR-45").category.code == "122218"
    assert Article.objects.get(number="AR-BORD").category.code == "122203"


def test_a_price_for_a_product_holds_for_its_articles_that_have_none_of_their_own(tmp_path: Path) -> None:
    second = (
        "<Article><id>A-3</id><productId>P-1</productId><supplierGln>7359999900024</supplierGln><articleNumber>AR-50</articleNumber>"
        "<name>Allround sittbredd 50 cm</name><articleType>H</articleType><orderUnit>ST</orderUnit><status>PUBLISHED</status>"
        "<lastUpdated>2026-10-20T10:00:00+02:00</lastUpdated></Article>\n  </Articles>"
    )
    row = '<row><article supplierGln="7359999900024" productNumber="ALLROUND"/><price>4000.00</price><status>AKTIV</status></row>\n    </Agreement>'
    applied(changed(tmp_path, ("</Articles>", second), ("</Agreement>\n", f"{row}\n")))
    amounts = {price.article.number: price.amount for price in Price.objects.select_related("article")}
    assert amounts == {"AR-45": Decimal("4250.00"), "AR-50": Decimal("4000.00"), "AR-BORD": Decimal("890.00")}


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused_wherever_it_was_cut(share: float, tmp_path: Path) -> None:
    text = changed(tmp_path, *NEXT).read_bytes()
    (tmp_path / "cut.xml").write_bytes(text[: int(len(text.rstrip()) * share)])
    applied(EXAMPLE)
    before = contents()
    assert refused(tmp_path / "cut.xml")
    assert contents() == before


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.xml").write_bytes(b"")
    assert refused(tmp_path / "empty.xml")


def test_an_older_file_is_never_applied_over_a_newer_one(tmp_path: Path) -> None:
    applied(changed(tmp_path, *NEXT))
    assert "äldre" in refused(EXAMPLE)
    late = changed(tmp_path, ('exportId="7359999900017-20261101-0001" sequence="1"', 'exportId="another" sequence="3"'), name="late.xml")
    assert "äldre" in refused(late)


def test_letters_of_swedish_in_numbers_are_right(tmp_path: Path) -> None:
    applied(changed(tmp_path, (">AR-45<", ">ÅÄÖ-45 å<"), ('articleNumber="AR-45"', 'articleNumber="ÅÄÖ-45 å"')))
    assert [article.number for article in search("åäö-45")] == ["ÅÄÖ-45 å"]


def test_an_agreement_with_another_customer_is_left_out(tmp_path: Path) -> None:
    row = applied(changed(tmp_path, ("<customerGln>7359999900017", "<customerGln>7359999900031")))
    assert row.counts["price_lists"]["of_others"] == 1
    assert not Price.objects.exists()


def test_while_one_import_runs_another_says_so() -> None:
    from psycopg import connect

    parameters = connection.get_connection_params()
    names = {name: parameters[name] for name in ("host", "port", "dbname", "user", "password") if parameters.get(name)}
    with connect(**names) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [0x484A4D544A])
        assert "pågår" in refused(EXAMPLE)
    applied(EXAMPLE)


def test_the_command_tells_what_it_did_and_why_it_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_hjmtj", str(EXAMPLE))
    assert "artiklar: 2 nya" in capsys.readouterr().out
    with pytest.raises(CommandError, match="DOCTYPE"):
        call_command("import_hjmtj", str(changed(tmp_path, ("<Export", "<!DOCTYPE Export>\n<Export"))))
    with pytest.raises(CommandError, match="nowhere"):
        call_command("import_hjmtj", str(tmp_path / "nowhere.xml"))
