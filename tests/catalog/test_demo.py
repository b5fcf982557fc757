import io
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from lxml import etree
from pytest_django import Settings

from catalog import tasks
from catalog.demo.feed import Order, write_feed
from catalog.demo.load import is_whole, load_demo_catalog, load_rest
from catalog.models import Article, FeedImport, LocalArticle, Media, Relation, StoredFile
from catalog.search import search
from core.numbers import gln_is_valid, gtin_is_valid
from tests.catalog.feeds import EXAMPLE, applied

SCHEMA = Path(settings.BASE_DIR) / "catalog" / "schema" / "hjmtj-export-1.xsd"
NS = "{urn:websesam:hjmtj-export:1}"


def feed(articles: int, seed: int = 1, mode: str = "FULL", sequence: int = 2) -> str:
    out = io.StringIO()
    write_feed(Order(articles, seed, settings.SESAM2_GLN, mode, sequence), out)
    return out.getvalue()


@pytest.mark.parametrize(("articles", "seed"), [(1, 1), (7, 2), (300, 3), (2000, 4)])
def test_a_generated_feed_is_valid_and_has_as_many_articles_as_asked_for(articles: int, seed: int) -> None:
    tree = etree.fromstring(feed(articles, seed).encode())
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(tree)
    assert len(tree.findall(f".//{NS}Article")) == articles
    assert all(gln_is_valid(element.text) for element in tree.iter(f"{NS}gln", f"{NS}supplierGln", f"{NS}ownerGln"))
    assert all(gtin_is_valid(element.text) for element in tree.iter(f"{NS}gtin"))


def test_the_same_arguments_give_the_same_feed_and_another_seed_another() -> None:
    assert feed(50, 5) == feed(50, 5)
    assert feed(50, 5) != feed(50, 6)


def test_the_kinds_of_articles_come_in_life_like_shares() -> None:
    tree = etree.fromstring(feed(2000).encode())
    kinds = [element.text for element in tree.iter(f"{NS}articleType")]
    shares = {kind: kinds.count(kind) / len(kinds) for kind in ("H", "T", "R", "I", "Tj")}
    assert 0.35 < shares["H"] < 0.55
    assert 0.2 < shares["T"] < 0.4
    assert 0.1 < shares["R"] < 0.25
    assert 0.01 < shares["I"] < 0.05
    assert 0.02 < shares["Tj"] < 0.08


@pytest.mark.django_db
def test_generated_feeds_are_imported_one_after_the_other(tmp_path: Path) -> None:
    for sequence, (articles, seed) in enumerate([(400, 1), (400, 1), (300, 9)], 1):
        path = tmp_path / f"{sequence}.xml"
        path.write_text(feed(articles, seed, sequence=sequence), encoding="utf-8")
        row = applied(path, confirm_ended=True)
    assert Article.objects.filter(ended_at=None).count() == 300
    # Another seed is another catalogue, but for a few numbers that both have.
    assert row.counts["articles"]["ended"] > 350
    assert Relation.objects.filter(kind=Relation.Kind.REPLACED_BY).exists()


@pytest.mark.django_db
def test_the_demo_catalogue_is_filled_in_time_and_can_be_filled_again(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    began = time.monotonic()
    load_demo_catalog(EXAMPLE, articles=2000)
    assert time.monotonic() - began < 60  # alone: a fifth of that
    assert Article.objects.filter(ended_at=None).count() == 2002
    assert not Article.objects.filter(local=None).exists()
    assert not Media.objects.filter(stored=None, picture=None).exists()
    assert sum(file.size for file in StoredFile.objects.all()) < 5_000_000
    orderable = Article.objects.orderable().count()
    assert 1000 < orderable < 1900
    rented = LocalArticle.objects.filter(charging_form="RENT")
    assert all(local.is_individual_marked and local.shown_price for local in rented)
    files = StoredFile.objects.count()
    load_demo_catalog(EXAMPLE, articles=2000)
    assert (Article.objects.count(), StoredFile.objects.count(), Article.objects.orderable().count()) == (2002, files, orderable)


@pytest.mark.django_db
def test_the_first_part_of_a_catalogue_and_then_its_rest_are_the_whole(tmp_path: Path, settings: Settings) -> None:
    """Nothing of the first part is another afterwards: orders are made while the rest is loaded."""
    settings.MEDIA_ROOT = tmp_path / "media"
    load_demo_catalog(EXAMPLE, articles=200, of=600)
    assert Article.objects.filter(ended_at=None).count() == 202
    assert not is_whole(600)
    first = {article.pk: (article.name, article.display_number, article.unit_price()) for article in Article.objects.select_related("local").with_price()}
    load_rest(articles=600)
    assert is_whole(600)
    assert Article.objects.filter(ended_at=None).count() == 602
    row = FeedImport.objects.latest("pk")
    assert (row.status, row.counts["articles"]["new"], row.counts["articles"]["quarantined"]) == ("APPLIED", 400, 0)
    after = {article.pk: (article.name, article.display_number, article.unit_price()) for article in Article.objects.select_related("local").with_price()}
    assert {pk: after[pk] for pk in first} == first
    assert Article.objects.visible().filter(search_entry=None).count() == 0
    assert not Media.objects.filter(stored=None, picture=None).exists()
    number = Article.objects.latest("pk").local.sesam_number
    assert [article.sesam_number for article in search(number)] in ([number], [])  # some are not published
    tasks.load_demo_rest(600)
    assert FeedImport.objects.latest("pk") == row


@pytest.mark.django_db
def test_a_rest_that_was_stopped_in_the_middle_goes_on(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    load_demo_catalog(EXAMPLE, articles=100, of=300)
    load_rest(articles=300)
    LocalArticle.objects.filter(pk__in=LocalArticle.objects.order_by("-pk").values("pk")[:50]).delete()  # killed before its last step
    assert not is_whole(300)
    tasks.load_demo_rest(300)
    assert is_whole(300)
    assert FeedImport.objects.count() == 3


@pytest.mark.django_db
def test_the_next_export_after_a_feed_changes_as_much_as_was_asked_for(tmp_path: Path) -> None:
    first, delta, full = tmp_path / "first.xml", tmp_path / "delta.xml", tmp_path / "full.xml"
    call_command("make_hjmtj_feed", articles=400, out=first)
    call_command("make_hjmtj_feed", delta_of=first, changed=5, out=delta)
    call_command("make_hjmtj_feed", delta_of=first, changed=5, mode="FULL", out=full)
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(etree.parse(str(delta)))
    applied(first)
    row = applied(delta)
    assert 5 < row.counts["articles"]["changed"] == row.counts["articles"]["read"] < 50
    full.write_text(full.read_text().replace('sequence="3"', 'sequence="4"').replace('created="2026-11-03', 'created="2026-11-04'))
    assert applied(full).counts["articles"] | {"unchanged": 0} == {
        "read": 400,
        "new": 0,
        "changed": 0,
        "unchanged": 0,
        "ended": 0,
        "quarantined": 0,
        "renumbered": 0,
    }
