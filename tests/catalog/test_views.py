import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from catalog.actions import set_local_values
from catalog.media.files import store
from catalog.media.pictures import keep_picture
from catalog.models import Article, Category, LocalArticle, Media, Price, PriceList, Product, Relation, SubstitutionGroup
from catalog.search import refresh
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client_of: Callable[..., Client]) -> Client:
    return client_of(factories.alice())


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def page(client: Client, address: str, **headers: str) -> BeautifulSoup:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def names(soup: BeautifulSoup) -> list[str]:
    return [heading.get_text(strip=True) for heading in soup.select(".article-card h3")]


def classes() -> None:
    area = Category.objects.create(edition="2011", code="12", name="Förflyttning")
    group = Category.objects.create(edition="2011", code="1222", name="Manuella rullstolar", parent=area)
    chairs = Category.objects.create(edition="2011", code="122203", name="Tvåhjulsdrivna", parent=group)
    beds = Category.objects.create(edition="2011", code="18", name="Möbler")
    Article.objects.filter(name__startswith="Rullstol").update(category=chairs)
    Article.objects.filter(name__startswith="Säng").update(category=beds)
    refresh()


def test_without_login_there_is_no_catalogue(client: Client) -> None:
    for address in ("/hjalpmedel/", f"/hjalpmedel/{factories.article().pk}/", f"/hjalpmedel/media/{'0' * 64}"):
        assert "logga-in" in client.get(address).headers["Location"]


def test_the_list_shows_what_is_visible_in_swedish_order(alice: Client) -> None:
    for name in ("Öglerem", "Armstöd", "Åkpåse"):
        factories.article(name)
    set_local_values(article=factories.article("Hemlig"), values={"is_published": False})
    soup = page(alice, "/hjalpmedel/")
    assert names(soup) == ["Armstöd", "Åkpåse", "Öglerem"]
    assert "3 träffar" in soup.get_text()


def test_a_search_narrows_corrects_and_tells_when_there_is_nothing(alice: Client) -> None:
    factories.article("Rullstol Allround")
    factories.article("Säng ställbar")
    assert names(page(alice, "/hjalpmedel/?q=rullstolar")) == ["Rullstol Allround"]
    corrected = page(alice, "/hjalpmedel/?q=rulstol")
    assert names(corrected) == ["Rullstol Allround"]
    assert "Här är träffar för rullstol" in " ".join(corrected.get_text().split())
    nothing = page(alice, "/hjalpmedel/?q=helikopter")
    assert "Inga hjälpmedel hittades" in nothing.get_text()
    assert nothing.find("input", {"name": "q"})["value"] == "helikopter"


def test_htmx_gets_the_results_alone(alice: Client) -> None:
    factories.article("Rullstol")
    response = alice.get("/hjalpmedel/?q=rullstol", headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert names(BeautifulSoup(response.text, "html.parser")) == ["Rullstol"]
    assert "HX-Request" in response.headers["Vary"]


def test_facets_count_narrow_and_are_taken_away_again(alice: Client) -> None:
    set_local_values(article=factories.article("Rullstol A"), values={"delivery_class": "STOCKED"})
    set_local_values(article=factories.article("Rullstol B", article_type="T"), values={"delivery_class": "LONG"})
    factories.article("Säng")
    classes()

    def facets(address: str) -> dict[str, str]:
        return {
            " ".join(line.a.get_text(" ", strip=True).replace("\u00a0", " ").split()): line.find("span", recursive=False).text
            for line in page(alice, address).select(".facets li")
        }

    start = facets("/hjalpmedel/")
    assert start == {
        "12 Förflyttning": "2", "18 Möbler": "1", "Huvudhjälpmedel": "2", "Tillbehör": "1", "I lager, 7 dagar": "1", "Längre leveranstid": "1",
        "Ingår i sortimentet": "3", "Rullande Hjälp AB": "3",
    }  # fmt: skip
    inside = facets("/hjalpmedel/?iso=12")
    assert inside["12 22 Manuella rullstolar"] == "2"
    assert inside["Alla områden"] == "3"
    assert inside["Huvudhjälpmedel"] == "1"
    assert names(page(alice, "/hjalpmedel/?iso=12&typ=T")) == ["Rullstol B"]
    chosen = page(alice, "/hjalpmedel/?iso=12&typ=T&leverans=LONG")
    assert [link["href"] for link in chosen.select(".facets [aria-current]")] == ["?iso=12&typ=T&leverans=LONG", "?iso=12&leverans=LONG", "?iso=12&typ=T"]
    assert [link["href"] for link in chosen.select(".chips a")] == ["?typ=T&leverans=LONG", "?iso=12&leverans=LONG", "?iso=12&typ=T", "?"]
    assert "avgränsningarna" in page(alice, "/hjalpmedel/?iso=18&typ=T").get_text()


@pytest.mark.parametrize(
    "query",
    [
        "iso=x", "iso=1", "typ=Q", "leverans=SOON", "lev=x", "lev=99999999", "lev=%D9%A1", "sortiment=1", "favorit=alla", "pris_fran=x", "pris_till=-1",
        "visa=x", "cursor=n", "cursor=n99999999999999999999", "cursor=p0", "cursor=n5.1", "q=rullstol&cursor=n1", "q=%00", "q=" + "a" * 500,
    ],
)  # fmt: skip
def test_an_address_with_nonsense_shows_a_list_anyway(query: str, alice: Client) -> None:
    factories.article("Rullstol")
    page(alice, f"/hjalpmedel/?{query}")


@pytest.mark.parametrize("query", ["", "q=rullstol"])
def test_paging_forward_and_back_shows_every_article_once(query: str, alice: Client) -> None:
    for number in range(60):
        factories.article(f"Rullstol {number // 2:03}", article_type="HT"[number % 2])
    address, seen, pages = f"/hjalpmedel/?{query}", [], 0
    while True:
        soup = page(alice, address)
        pages += 1
        seen += [link["href"] for link in soup.select(".article-card h3 a")]
        following = soup.select_one("a[rel=next]")
        if following is None:
            break
        address = f"/hjalpmedel/{following['href']}"
    assert pages == 3
    assert len(seen) == len(set(seen)) == 60
    back = []
    while True:
        back = [link["href"] for link in soup.select(".article-card h3 a")] + back
        previous = soup.select_one("a[rel=prev]")
        if previous is None:
            break
        soup = page(alice, f"/hjalpmedel/{previous['href']}")
    assert back == seen


@pytest.mark.parametrize("query", ["", "q=rullstol"])
def test_the_list_asks_as_many_queries_for_thirty_articles_as_for_one(query: str, alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            page(alice, f"/hjalpmedel/?{query}")
        return len(context)

    factories.article("Rullstol 0")
    classes()
    page(alice, "/hjalpmedel/")
    one = queries()
    for number in range(1, 30):
        factories.article(f"Rullstol {number}", category=Category.objects.get(code="122203"))
    assert queries() == one


def picture(width: int = 400) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 200), "teal").save(out, "WEBP")
    return out.getvalue()


def article_with_everything() -> Article:
    chair = factories.article(
        "Rullstol Allround", sesam_number="118245", description="Lätt att fälla.\nTål regn.", properties=[{"name": "Sittbredd", "value": "45", "unit": "cm"}]
    )
    set_local_values(article=chair, values={"delivery_class": "STOCKED", "charging_form": "RENT", "shown_price": Decimal(212), "extra_text": "Prova ut först."})
    Media.objects.create(article=chair, kind="IMAGE", url="https://a.example/1", picture=keep_picture(picture()), is_main=True)
    Media.objects.create(
        article=chair, kind="MANUAL", url="https://a.example/2", stored=store(b"%PDF-1.4", "application/pdf"), language="sv", file_name="allround.pdf"
    )
    Media.objects.create(article=chair, kind="VIDEO", url="javascript:alert(1)")
    for name, kind in (("Bord", "T"), ("Hjul", "R")):
        Relation.objects.create(kind="FITS_TO", from_article=factories.article(name, article_type=kind), to_article=chair)
    Relation.objects.create(kind="REPLACED_BY", from_article=factories.article("Rullstol Gammal"), to_article=chair)
    group = SubstitutionGroup.objects.create(number="E1")
    set_local_values(article=chair, values={"substitution_group": group})
    set_local_values(article=factories.article("Rullstol Lik"), values={"substitution_group": group})
    return chair


def test_the_article_page_shows_all_that_is_known(alice: Client) -> None:
    chair = article_with_everything()
    soup = page(alice, f"/hjalpmedel/{chair.pk}/")
    text = " ".join(soup.get_text(" ").replace("\u00a0", " ").split())
    for words in (
        "118245",
        "212 kr/mån",
        "I lager, 7 dagar",
        "Sittbredd 45 cm",
        "Prova ut först.",
        "Tillbehör och delar som passar",
        "Likvärdiga artiklar",
        "Rullstol Lik",
    ):
        assert words in text
    assert text.index("Bord") < text.index("Hjul")
    assert text.index("Ersätter") < text.index("Rullstol Gammal")
    assert soup.select_one(".picture img")["src"].startswith("/hjalpmedel/media/")
    assert not soup.find("a", href=re.compile("javascript"))
    assert soup.find("a", string="allround.pdf")


def test_the_article_page_asks_as_many_queries_for_thirty_accessories_as_for_one(alice: Client) -> None:
    chair = article_with_everything()

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            page(alice, f"/hjalpmedel/{chair.pk}/")
        return len(context)

    queries()
    few = queries()
    for number in range(30):
        Relation.objects.create(kind="FITS_TO", from_article=factories.article(f"Bord {number}", article_type="T"), to_article=chair)
    assert queries() == few


def test_a_page_shows_some_related_articles_and_another_all_of_them(alice: Client) -> None:
    chair = factories.article("Rullstol Allround")
    for number in range(60):
        Relation.objects.create(kind="FITS_TO", from_article=factories.article(f"Bord {number:02}", article_type="T"), to_article=chair)
    few = page(alice, f"/hjalpmedel/{chair.pk}/")
    assert [cell.a.string for cell in few.select("#tillbehor ~ table tbody th")] == [f"Bord {number:02}" for number in range(8)]
    address, seen = few.select_one("a[href$='/tillbehor/']")["href"], []
    while address:
        soup = page(alice, address)
        seen += [cell.a.string for cell in soup.select("tbody th")]
        following = soup.select_one("a[rel=next]")
        address = following and f"/hjalpmedel/{chair.pk}/tillbehor/{following['href']}"
    assert seen == [f"Bord {number:02}" for number in range(60)]
    assert alice.get(f"/hjalpmedel/{chair.pk}/annat/").status_code == 404


def test_what_belongs_together_is_found_through_the_article_and_through_its_product(alice: Client) -> None:
    chair = factories.article("Rullstol Allround")
    product = Product.objects.create(
        supplier=chair.supplier, number="P1", feed_id="P1", feed_hash="1", name="Allround", category=Category.objects.create(edition="2011", code="12"),
        status="PUBLISHED", feed_updated_at=timezone.now(),
    )  # fmt: skip
    Article.objects.filter(pk=chair.pk).update(product=product)
    table, rest = factories.article("Bord", article_type="T"), factories.article("Ryggstöd", article_type="T")
    Relation.objects.create(kind="FITS_TO", from_article=table, to_product=product)
    Relation.objects.create(kind="FITS_TO", from_article=rest, to_article=chair)
    assert [cell.a.string for cell in page(alice, f"/hjalpmedel/{chair.pk}/").select("#tillbehor ~ table tbody th")] == ["Bord", "Ryggstöd"]
    assert [cell.a.string for cell in page(alice, f"/hjalpmedel/{table.pk}/").select("#passar-till ~ table tbody th")] == ["Rullstol Allround"]


def test_the_pictures_are_chosen_by_links(alice: Client) -> None:
    chair = factories.article("Rullstol Allround")
    for place in range(3):
        kept = keep_picture(picture(width=400 + place))
        Media.objects.create(article=chair, kind="IMAGE", url=f"https://a.example/{place}", picture=kept, place=place, description=f"B{place}")
    for query, shown in (("", "B0"), ("?bild=3", "B2"), ("?bild=4", "B0"), ("?bild=x", "B0"), ("?bild=0", "B0")):
        soup = page(alice, f"/hjalpmedel/{chair.pk}/{query}")
        assert soup.select_one(".gallery .large img")["alt"] == shown
        assert len(soup.select(".thumbnails a")) == 3
        assert len(soup.select(".thumbnails [aria-current]")) == 1


def priced(article: Article, *amounts: tuple[str, str | None, int, int | None]) -> Article:
    """Rows (kind, kronor, from so many days, to so many days)."""
    LocalArticle.objects.filter(article=article).update(shown_price=None)
    for kind, amount, start, end in amounts:
        which = {"number": f"A{start}"} if kind == "AGREEMENT" else {}
        from_on = factories.days_from_now(start)
        prices, _ = PriceList.objects.get_or_create(kind=kind, supplier=article.supplier, valid_from=from_on, **which)
        to_on = None if end is None else factories.days_from_now(end)
        Price.objects.create(
            price_list=prices, article=article, kind=kind, amount=amount and Decimal(amount), valid_from=from_on, valid_to=to_on, status="AKTIV"
        )
    return Article.objects.get(pk=article.pk)


def test_the_price_is_the_agreements_then_the_general_lists_and_the_next_one_is_told(alice: Client) -> None:
    def shown(article: Article) -> str:
        return " ".join(page(alice, f"/hjalpmedel/{article.pk}/").select_one("section[aria-labelledby=pris]").get_text(" ").replace("\u00a0", " ").split())

    both = priced(factories.article("Båda"), ("GENERAL", "900", -30, None), ("AGREEMENT", "800", -20, 10))
    assert "800 kr Exklusive moms · avtalspris Från " in shown(both)
    assert ": 900 kr" in shown(both)
    assert "1 000 kr" in shown(priced(factories.article("Snart"), ("GENERAL", "900", -30, None), ("GENERAL", "1000", 5, None)))
    same = shown(priced(factories.article("Samma"), ("GENERAL", "900", -30, None), ("GENERAL", "900", 5, None)))
    assert "Från" not in same
    assert "Pris lämnas vid beställning" in shown(priced(factories.article("Utan"), ("GENERAL", None, -30, None)))


def test_a_discontinued_article_warns_and_shows_what_replaces_it(alice: Client) -> None:
    old, new = factories.article("Gammal", status="DISCONTINUED"), factories.article("Nyare")
    Relation.objects.create(kind="REPLACED_BY", from_article=old, to_article=new)
    soup = page(alice, f"/hjalpmedel/{old.pk}/")
    assert "Artikeln har utgått" in soup.get_text()
    assert soup.find("a", string="Nyare")["href"] == f"/hjalpmedel/{new.pk}/"


def test_what_is_said_in_the_feed_cannot_become_markup(alice: Client) -> None:
    article = factories.article("<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    for address in ("/hjalpmedel/", f"/hjalpmedel/{article.pk}/"):
        body = alice.get(address).text
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_an_unpublished_or_unknown_article_does_not_exist(alice: Client) -> None:
    article = factories.article()
    set_local_values(article=article, values={"is_published": False})
    assert alice.get(f"/hjalpmedel/{article.pk}/").status_code == 404
    assert alice.get("/hjalpmedel/999999/").status_code == 404
    assert alice.post("/hjalpmedel/").status_code == 405


def test_media_are_served_by_hash_with_their_type_and_for_long(alice: Client) -> None:
    file = store(picture(), "image/webp", 4, 3)
    response = alice.get(f"/hjalpmedel/media/{file.sha256}")
    assert response.getvalue() == picture()
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("content", "content_type"), [(b"RIFF", "image/webp"), (b"%PDF-1.7 <script>alert(1)</script>", "application/pdf"), (b"<b>", "text/html")]
)
def test_what_strangers_made_may_run_nothing_and_load_nothing(content: bytes, content_type: str, alice: Client) -> None:
    """A PDF may be HTML too, for who does not look at its type."""
    response = alice.get(f"/hjalpmedel/media/{store(content, content_type).sha256}")
    response.close()
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("told", "given"),
    [
        ("Allround bruksanvisning.pdf", 'inline; filename="Allround bruksanvisning.pdf"'),
        ("Skötsel åäö.pdf", "inline; filename*=utf-8''Sk%C3%B6tsel%20%C3%A5%C3%A4%C3%B6.pdf"),
        ("manual.html", 'inline; filename="manual.html.pdf"'),
        ("../../etc/passwd", 'inline; filename="passwd.pdf"'),
        ("..\\..\\x.exe", 'inline; filename="x.exe.pdf"'),
        ('a"; filename="evil.exe', 'inline; filename="a__ filename__evil.exe.pdf"'),
        ("a\r\nSet-Cookie: x=1", 'inline; filename="a__Set-Cookie_ x_1.pdf"'),
        ("\u202efdp.exe", 'inline; filename="_fdp.exe.pdf"'),
        (". .", None),
        ("", None),
    ],
)
def test_a_document_is_called_what_the_feed_says_as_far_as_that_is_a_name(told: str, given: str | None, alice: Client) -> None:
    file = store(b"%PDF-1.7", "application/pdf")
    Media.objects.create(article=factories.article(), kind="MANUAL", url="https://a.example/", stored=file, file_name=told)
    response = alice.get(file.get_absolute_url())
    response.close()
    assert response.headers["Content-Disposition"] == (given or f'inline; filename="{file.sha256[:12]}.pdf"')


def test_a_card_and_a_page_show_the_picture_in_the_size_of_the_place_or_the_drawing_of_the_class(alice: Client) -> None:
    chair = article_with_everything()
    bed = factories.article("Säng")
    classes()
    with_picture, without = (page(alice, f"/hjalpmedel/?q={query}").select_one(".article-card .picture") for query in ("118245", "säng"))
    assert (with_picture.img["alt"], with_picture.img["loading"], with_picture.source["type"]) == ("", "lazy", "image/webp")
    assert with_picture.source["srcset"] == chair.picture.webp_srcset
    assert with_picture.img["srcset"] == chair.picture.plain_srcset
    assert without.use["href"].endswith("#iso-18")
    shown = page(alice, f"/hjalpmedel/{chair.pk}/").select_one(".picture img")
    assert (shown["alt"], shown.get("loading"), shown["width"], shown["height"]) == ("Rullstol Allround", None, "400", "200")
    assert page(alice, f"/hjalpmedel/{bed.pk}/").select_one(".picture use")["href"].endswith("#iso-18")
    response = alice.get(shown["src"])
    response.close()
    assert response.headers["Content-Type"] == "image/jpeg"


def test_a_file_of_another_type_is_saved_and_never_shown(alice: Client) -> None:
    file = store(b"<script>alert(1)</script>", "text/html")
    response = alice.get(f"/hjalpmedel/media/{file.sha256}")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    response.close()


def test_media_that_are_not_here_do_not_exist(alice: Client) -> None:
    file = store(picture(), "image/webp")
    file.path.unlink()
    for address in (file.sha256, "0" * 64, "../../etc/passwd", file.sha256.upper()):
        assert alice.get(f"/hjalpmedel/media/{address}").status_code == 404
