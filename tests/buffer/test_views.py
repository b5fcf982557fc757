"""The pages of a store: what they show, to whom, and what a press on them does."""

import datetime
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notice
from buffer import figures
from buffer.actions import counting, levels
from buffer.models import Count, CountEntry, Movement, StockLine
from catalog import individuals
from catalog.models import LocalArticle
from integration.models import OutgoingMessage
from tests import factories
from tests.buffer.stores import fresh, line_of, maja, marked_article, nils, numbers_in, stocked, store, take

pytestmark = pytest.mark.django_db
HERE = "/buffertforrad/4101/"


def text_of(response: Any) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def names(response: Any) -> list[str]:
    return [heading.get_text(strip=True) for heading in BeautifulSoup(response.content, "html.parser").select(".stock h3")]


def facts_of(response: Any, name: str) -> dict[str, str]:
    rows = BeautifulSoup(response.content, "html.parser").select(".stock-row")
    row = next(row for row in rows if row.h3.get_text(strip=True) == name)
    return {fact.dt.get_text(strip=True): fact.dd.get_text(strip=True) for fact in row.select(".stock-facts > div")}


def age(line: StockLine, **days: int) -> None:
    """As if it had happened so many days ago."""
    now = timezone.now()
    StockLine.objects.filter(pk=line.pk).update(**{name: now - datetime.timedelta(days=ago) for name, ago in days.items()})


# --- The store -------------------------------------------------------------------------------------


def test_the_only_store_of_the_unit_is_opened_at_once_and_of_several_one_is_chosen(client_of: Any) -> None:
    browser = client_of(factories.alice())
    assert "Enheten har inget buffertförråd" in text_of(browser.get("/buffertforrad/"))
    store()
    assert browser.get("/buffertforrad/").url == HERE
    store("4109", name="Källaren")
    assert {"Buffertförrådet", "Källaren"} <= set(text_of(browser.get("/buffertforrad/")).split())


def test_a_line_shows_all_that_one_needs_on_the_shelf(client_of: Any) -> None:
    article = marked_article("Rollator Stadig")
    line = stocked(4, ("I1", "I2"), article=article, levels=(3, 8), place="B3")
    take(line, 1)
    levels.set_levels(line.store, article, levels.Levels(6, 8, "B3"), by=maja())
    response = client_of(factories.alice()).get(HERE)
    assert facts_of(response, "Rollator Stadig") == {
        "I förrådet": "3",
        "Beställt": "0",
        "Säkerhetsnivå": "6",
        "Fylls på till": "8",
        "Uttag 12 mån": "1",
        "Inventerad": "Aldrig",
    }
    text = text_of(response)
    assert all(word in text for word in ("Plats B3", "Under säkerhetsnivån", "I1 , I2", article.display_number))
    assert "Lägg upp en artikel" not in text
    assert "Lägg upp en artikel" in text_of(client_of(maja()).get(HERE))


def test_the_lists_below_out_still_and_gone(client_of: Any) -> None:
    below, out, still, gone = (factories.article(name) for name in ("Under", "Slut", "Stilla", "Borta"))
    stocked(1, article=below, levels=(2, 4))
    stocked(article=out, levels=(1, 2))
    age(stocked(3, article=still), stocked_at=181)
    take(stocked(1, article=gone), 1)
    new = stocked(3, article=factories.article("Nyss"))
    browser = client_of(factories.alice())
    lists = {"": ["Under", "Slut", "Stilla", "Nyss"], "under": ["Under", "Slut"], "slut": ["Slut"], "still": ["Stilla"], "utan": ["Borta"], "annat": 4}
    for view, shown in lists.items():
        found = names(browser.get(HERE, {"visa": view}))
        assert found == shown if isinstance(shown, list) else len(found) == shown
    assert names(browser.get(HERE, {"visa": "still", "dagar": "365"})) == []
    age(new, stocked_at=400, last_withdrawn_at=100)
    assert names(browser.get(HERE, {"visa": "still", "dagar": "90"})) == ["Stilla", "Nyss"]


@pytest.mark.parametrize("query", ["stadig", "B3", "I1", "{number}", "{sesam}", "7350000000019"])
def test_a_line_is_found_by_name_place_number_individual_and_what_a_scanner_reads(query: str, client_of: Any) -> None:
    article = marked_article("Rollator Stadig")
    type(article).objects.filter(pk=article.pk).update(gtin="7350000000019")
    stocked(1, ("I1",), article=article, place="B3")
    stocked(1, article=factories.article("Badbräda"), place="A1")
    query = query.format(number=article.number, sesam=article.sesam_number)
    assert names(client_of(factories.alice()).get(HERE, {"q": query})) == ["Rollator Stadig"]


def test_lines_stand_by_place_as_one_walks_or_by_name(client_of: Any) -> None:
    for name, place in [("Cykel", "A10"), ("Bräda", "a2"), ("Ålkniv", "Ö1"), ("Ankare", "")]:
        stocked(1, article=factories.article(name), place=place)
    browser = client_of(factories.alice())
    assert names(browser.get(HERE)) == ["Bräda", "Cykel", "Ålkniv", "Ankare"]
    assert names(browser.get(HERE, {"sortering": "namn"})) == ["Ankare", "Bräda", "Cykel", "Ålkniv"]


def test_a_list_costs_the_same_with_1_and_30_rows_and_goes_on_where_it_ended(client_of: Any) -> None:
    browser = client_of(maja())
    stocked(2, ("I0",), levels=(1, 2), place="A0")
    browser.get(HERE)
    with CaptureQueriesContext(connection) as one:
        browser.get(HERE)
    for number in range(1, 31):
        stocked(2, (f"I{number}",), levels=(1, 2), place=f"A{number}", article=marked_article(f"Artikel {number}"))
    with CaptureQueriesContext(connection) as many:
        first = browser.get(HERE)
    assert len(many) == len(one)
    page = first.context["page"]
    second = browser.get(HERE, {"cursor": page.next_cursor})
    shown = [line.pk for line in [*page.rows, *second.context["page"].rows]]
    assert shown == list(StockLine.objects.order_by("place_sort", "pk").values_list("pk", flat=True))
    back = browser.get(HERE, {"cursor": second.context["page"].previous_cursor})
    assert [line.pk for line in back.context["page"].rows] == shown[:25]
    assert browser.get(HERE, {"cursor": "n999999999"}).context["page"].rows == page.rows


def test_what_no_form_understands_changes_nothing_of_the_list(client_of: Any) -> None:
    stocked(1)
    for wrong in [{"sortering": "x"}, {"q": "x" * 200}, {"visa": "still", "dagar": "7"}, {"cursor": "<b>"}, {"q": "\x00"}]:
        assert client_of(factories.alice()).get(HERE, wrong).status_code == 200


def test_top_up_is_paused_with_a_reason_and_started_again(client_of: Any) -> None:
    browser, other = client_of(maja()), client_of(nils())
    store()
    assert "Fyll i ”Varför pausas påfyllningen?”." in text_of(browser.post(f"{HERE}pausa/", {"reason": " "}))
    assert browser.post(f"{HERE}pausa/", {"reason": "Ombyggnad"}).url == HERE
    assert "Ombyggnad" in text_of(browser.get(HERE))
    late = other.post(f"{HERE}pausa/", {"reason": "Annat"})
    assert (late.status_code, "Någon hann före" in text_of(late)) == (409, True)
    assert other.post(f"{HERE}fortsatt/").url == HERE
    assert browser.post(f"{HERE}fortsatt/").status_code == 409
    found = store()
    assert (found.is_paused, list(found.history.order_by("pk").values_list("event", "note"))) == (False, [("PAUSED", "Ombyggnad"), ("RESUMED", "")])


def test_what_one_is_told_of_a_store_is_read_when_its_page_is_opened(client_of: Any) -> None:
    from buffer.actions import reminders

    stocked(1)
    reminders.remind_of_counts(timezone.now() + datetime.timedelta(days=100))
    client_of(maja()).get(HERE)
    assert not Notice.objects.unread().exists()


# --- Not registered --------------------------------------------------------------------------------


def missing(quantity: int = 2) -> StockLine:
    line = stocked(5, article=factories.article("Rollator Stadig"))
    count = counting.start(line.store, by=maja())
    counting.enter(count, line, by=maja(), counted=5 - quantity)
    counting.book(count, by=maja(), reasons={line.pk: (CountEntry.Reason.UNREGISTERED, "")}, seen={line.pk: -quantity})
    return line


def test_what_is_taken_and_not_registered_is_listed_until_it_is(client_of: Any) -> None:
    before = timezone.now()
    line = missing()
    browser = client_of(factories.alice())
    url = f"{HERE}inte-registrerade/"
    assert facts_of(browser.get(url), "Rollator Stadig") == {"Saknas": "2"}
    assert "Registreras inom 24 timmar" in text_of(browser.get(url))
    assert not Notice.objects.unread().filter(user=factories.alice().user).exists()
    CountEntry.objects.update(counted_at=timezone.now() - datetime.timedelta(hours=25))
    assert "Skulle ha varit registrerat" in text_of(browser.get(url))
    CountEntry.objects.update(counted_at=timezone.now())
    take(line, 1, happened_at=before)
    assert facts_of(browser.get(url), "Rollator Stadig") == {"Saknas": "1", "Registrerat": "1"}
    take(line, 1, happened_at=before)
    assert "Allt är registrerat" in text_of(browser.get(url))


def test_the_start_page_tells_what_is_to_be_done_in_each_store(client_of: Any) -> None:
    missing()
    stocked(1, levels=(2, 4))
    stocked(levels=(1, 2))
    text = text_of(client_of(maja()).get("/"))
    for told in ["Buffertförrådet", "1 artikel är slut", "2 under säkerhetsnivån", "2 tagna men inte registrerade"]:
        assert told in text
    store("4102", of=factories.carol(), name="Sörhagas förråd")
    assert "Sörhagas" not in text_of(client_of(maja()).get("/"))


# --- One article -----------------------------------------------------------------------------------


def test_an_articles_page_shows_its_year_its_individuals_and_every_change(client_of: Any) -> None:
    line = stocked(5, ("I1", "I2"), levels=(1, 6), place="B3")
    take(line, numbers=("I2",))
    individuals.mark("I1", is_under_investigation=True)
    response = client_of(factories.alice()).get(f"{HERE}artikel/{line.article_id}/")
    text = text_of(response)
    for told in ["Plats B3", "I1", "Under utredning", "Uttag", "Mottaget", "U-2026-00000001-4", "Alice Ask", "Värde i förrådet 850 kr", "Säkerhetsnivå: – → 1"]:
        assert told in text
    month = figures.year_of(line.movements.all(), 4)[-1]
    assert (month.withdrawn, month.came, month.left) == (1, 5, 4)
    assert response.context["chart"].rows[-1][0] == month.name
    assert [row.after for row in response.context["page"].rows] == [4, 5, 2, 1]


def test_a_year_ends_with_what_there_is_and_begins_with_what_there_was() -> None:
    line = stocked(10)
    today = timezone.localdate()
    months = figures.months(datetime.date(2026, 3, 5))
    assert (months[0], months[-1], len(months)) == (datetime.date(2025, 4, 1), datetime.date(2026, 3, 1), 12)
    take(line, 3)
    take(line, 2, happened_at=timezone.now() - datetime.timedelta(days=40))
    year = figures.year_of(line.movements.all(), 5)
    before = next(month for month in year if month.first <= today - datetime.timedelta(days=40) < month.first + datetime.timedelta(days=32))
    assert (year[-1].withdrawn, year[-1].left, year[-2].left) == (3, 5, -2)  # registered later than it was taken
    assert before.withdrawn == 2


def test_levels_are_set_with_history_and_nobody_writes_over_a_colleagues(client_of: Any) -> None:
    line = stocked(1, levels=(1, 2))
    url = f"{HERE}artikel/{line.article_id}/nivaer/"
    browser, other = client_of(maja()), client_of(nils())
    seen = {"seen": browser.get(url).context["form"].initial["seen"]}
    for wrong, field in [({"safety_level": "5", "target_level": "4"}, "target_level"), ({"safety_level": "-1", "target_level": "4"}, "safety_level")]:
        assert field in browser.post(url, wrong | seen).context["form"].errors
    assert "pause_reason" in browser.post(url, {"safety_level": "1", "target_level": "4", "is_paused": "on"} | seen).context["form"].errors
    sent = {"safety_level": "3", "target_level": "9", "place": "C1", "is_paused": "on", "pause_reason": "Väntar"} | seen
    assert browser.post(url, sent).url == f"{HERE}artikel/{line.article_id}/"
    line = fresh(line)
    assert (line.safety_level, line.target_level, line.place, line.is_paused, line.pause_reason) == (3, 9, "C1", True, "Väntar")
    assert line.history.latest("pk").details["safety_level"] == [1, 3]
    assert other.post(url, sent | {"target_level": "20"}).status_code == 409
    assert fresh(line).target_level == 9


def test_an_article_is_found_in_the_catalogue_and_laid_up(client_of: Any) -> None:
    article = factories.article("Rollator Stadig")
    LocalArticle.objects.filter(article=article).update(default_safety_level=2)
    browser = client_of(maja())
    store()
    assert "Rollator Stadig" in text_of(browser.get(f"{HERE}ny-artikel/", {"q": "rollator"}))
    url = f"{HERE}artikel/{article.pk}/nivaer/"
    assert browser.get(url).context["form"].initial["safety_level"] == 2
    assert browser.post(url, {"safety_level": "2", "target_level": "4", "seen": "0"}).status_code == 302
    assert line_of(store(), article).target_level == 4
    assert "Ändra nivåer" in text_of(browser.get(f"{HERE}ny-artikel/", {"q": "rollator"}))
    gone = factories.article("Utgången")
    LocalArticle.objects.filter(article=gone).update(is_orderable=False)
    assert browser.get(f"{HERE}artikel/{gone.pk}/nivaer/").status_code == 404


@pytest.mark.parametrize(("way", "kind", "left"), [("kassera", "SCRAPPED", 3), ("forkommet", "LOST", 3), ("aterfunnet", "FOUND", 7)])
def test_pieces_are_scrapped_lost_and_found_with_a_reason(way: str, kind: str, left: int, client_of: Any) -> None:
    line = stocked(5, ("I1",))
    url = f"{HERE}artikel/{line.article_id}/{way}/"
    browser = client_of(maja())
    assert set(browser.post(url, {}).context["form"].errors) == {"note", "number_of"} or set(browser.post(url, {}).context["form"].errors) == {"note"}
    sent = {"note": "Trasig", "number_of": "1"} | ({"numbers": "I9"} if way == "aterfunnet" else {"individuals": ["I1"]})
    assert browser.post(url, sent).url == f"{HERE}artikel/{line.article_id}/"
    assert fresh(line).on_hand == left
    assert numbers_in(line) == (["I1", "I9"] if way == "aterfunnet" else [])
    assert set(Movement.objects.filter(kind=kind).values_list("note", flat=True)) == {"Trasig"}
    assert OutgoingMessage.objects.get().message_type == "StockCorrection"


def test_what_the_ledger_refuses_is_told_at_the_field_with_what_to_do(client_of: Any) -> None:
    line = stocked(2, ("I1",))
    stocked(1, ("I5",), at=store("4106", name="Källaren"), article=line.article)
    individuals.mark("I1", is_under_investigation=True)
    browser = client_of(maja())
    base = f"{HERE}artikel/{line.article_id}/"
    cases = [
        ("kassera", {"number_of": "9"}, "number_of", "Det finns bara 2 i förrådet."),
        ("kassera", {"number_of": "2"}, "number_of", "Bara 1 av dem som ligger där saknar individnummer."),
        ("kassera", {"individuals": ["I1"]}, "individuals", "Individ I1: under utredning."),
        ("aterfunnet", {"numbers": "I1"}, "numbers", "Individ I1 finns redan i förrådet."),
        ("aterfunnet", {"numbers": "I5"}, "numbers", "Individ I5 finns enligt registret i Källaren. Flytta den hit därifrån."),
        ("kassera", {"individuals": ["I5"]}, "individuals", "Välj bland alternativen som visas."),
        ("kassera", {"number_of": "två"}, "number_of", "Skriv ett heltal, till exempel 2."),
    ]
    for way, sent, field, told in cases:
        form = browser.post(f"{base}{way}/", sent | {"note": "Trasig"}).context["form"]
        assert any(error.startswith(told) for error in form.errors[field]), (way, sent, form.errors)
        assert form["note"].value() == "Trasig"
    assert (fresh(line).on_hand, OutgoingMessage.objects.count()) == (2, 0)


def test_pieces_are_moved_to_another_store_of_the_care_provider_alone(client_of: Any) -> None:
    line = stocked(3)
    theirs, foreign = store("4102", of=factories.carol(), name="Sörhagas förråd"), store("4103", of=factories.dan(), name="Kommunens")
    browser = client_of(maja())
    url = f"{HERE}artikel/{line.article_id}/flytta/"
    assert "Sörhagas förråd, Vårdcentralen Sörhaga" in text_of(browser.get(url))
    assert "Kommunens" not in text_of(browser.get(url))
    assert "to" in browser.post(url, {"to": foreign.pk, "number_of": "1"}).context["form"].errors
    assert "number_of" in browser.post(url, {"to": theirs.pk, "number_of": "4"}).context["form"].errors
    assert browser.post(url, {"to": theirs.pk, "number_of": "2"}).status_code == 302
    assert (fresh(line).on_hand, line_of(theirs, line.article).on_hand) == (1, 2)


# --- In numbers ------------------------------------------------------------------------------------


def test_the_figures_of_a_store(client_of: Any) -> None:
    dear, unknown = factories.article("Dyr", price=Decimal(1000)), factories.article("Okänd", price=None)
    line = stocked(4, article=dear, levels=(2, 4))
    stocked(2, article=unknown)
    out = stocked(1, article=factories.article("Slut"), levels=(1, 2))
    take(out, 1)
    take(line, 3)
    told = client_of(factories.alice()).get(f"{HERE}siffror/").context["figures"]
    assert (told.value, told.without_price, told.pieces, told.articles) == (Decimal(1000), 1, 3, 3)
    assert (told.below, told.out, told.withdrawn, len(told.outs), told.outs[0].line, told.outs[0].until) == (2, 1, 4, 1, out, None)


def test_how_long_it_was_out_is_until_it_came_again() -> None:
    line = stocked(1, levels=(1, 2))
    take(line, 1)
    stocked(2, article=line.article)
    [out] = figures.stock_outs([fresh(line)], since=timezone.now() - datetime.timedelta(days=1))
    assert out.since < out.until


def test_excel_holds_what_the_store_keeps_as_numbers_and_texts(client_of: Any) -> None:
    line = stocked(3, ("I1",), levels=(1, 5), place="=B3", article=marked_article("=HYPERLINK(1)"))
    take(line, 1)
    response = client_of(factories.alice()).get(f"{HERE}excel/")
    assert response["Content-Disposition"] == 'attachment; filename="forrad-4101.xlsx"'
    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)
    assert rows[1][:8] == (line.article.display_number, "=HYPERLINK(1)", "=B3", 2, 0, 1, 5, 1)
    assert rows[1][10:13] == (212.5, 425, "I1")


def test_what_is_let_is_worth_what_the_centre_buys_it_for() -> None:
    article = factories.article()
    LocalArticle.objects.filter(article=article).update(charging_form="RENT")
    article = type(article).objects.select_related("local").get(pk=article.pk)
    assert figures.value_of(article) is None
    assert figures.value_of(factories.article(price=Decimal("99.50"))) == Decimal("99.50")


# --- Counting --------------------------------------------------------------------------------------


def begun(client_of: Any, *, is_blind: bool = False) -> tuple[Count, str]:
    found = store()
    type(found).objects.filter(pk=found.pk).update(counts_blind=is_blind)
    url = client_of(maja()).post(f"{HERE}inventera/").url
    return Count.objects.get(), url


def test_the_list_to_count_by_shortens_as_it_is_counted(client_of: Any) -> None:
    first, second = stocked(3, place="A1", article=factories.article("Ett")), stocked(4, place="A2", article=factories.article("Två"))
    _, url = begun(client_of)
    browser = client_of(maja())
    assert names(browser.get(url)) == ["Ett", "Två"]
    assert browser.post(f"{url}rad/{first.pk}/", {"counted": "3", "seen": "0"}).url == url
    response = browser.get(url)
    assert names(response) == ["Två"]
    assert "1 av 2 räknade" in text_of(response)
    assert names(browser.get(url, {"visa": "raknade"})) == ["Ett"]
    assert names(browser.get(url, {"q": "ett"})) == ["Ett"]
    assert browser.post(f"{url}rad/{second.pk}/", {"counted": "4", "seen": "0"}, headers={"HX-Request": "true"}).status_code == 200
    assert "Allt är räknat" in text_of(browser.get(url))


def test_a_blind_count_shows_no_balance_and_no_individuals(client_of: Any) -> None:
    line = stocked(37, ("I1",), levels=(1, 41))
    _, url = begun(client_of, is_blind=True)
    text = text_of(client_of(maja()).get(url))
    assert "37" not in text.replace(line.article.display_number, "")
    assert "I1" not in text
    assert client_of(maja()).post(f"{url}rad/{line.pk}/", {"numbers": "I1", "counted": "36", "seen": "0"}).status_code == 302
    assert CountEntry.objects.get().counted == 37


def test_a_colleagues_number_is_shown_and_what_was_typed_stays(client_of: Any) -> None:
    line = stocked(10)
    _, url = begun(client_of)
    client_of(maja()).post(f"{url}rad/{line.pk}/", {"counted": "9", "seen": "0"})
    other = client_of(nils())
    late = other.post(f"{url}rad/{line.pk}/", {"counted": "8", "seen": "0"}, headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "Maja Mo räknade 9" in text_of(late)
    page = BeautifulSoup(late.content, "html.parser")
    assert (page.select_one('[name="counted"]')["value"], page.select_one('[name="seen"]')["value"]) == ("8", "1")
    without_script = other.post(f"{url}rad/{line.pk}/", {"counted": "8", "seen": "0"})
    assert (without_script.status_code, "Maja Mo hann före" in text_of(without_script)) == (409, True)
    assert other.post(f"{url}rad/{line.pk}/", {"counted": "8", "seen": "1"}).status_code == 302
    assert CountEntry.objects.get().counted == 8


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Fyll i ”Antal”."), ("-1", "Skriv 0 eller mer."), ("tio", "Skriv ett heltal"), ("100000", "Skriv 99999 eller mindre.")]
)
def test_what_is_no_number_is_told_at_the_line(typed: str, told: str, client_of: Any) -> None:
    line = stocked(10)
    _, url = begun(client_of)
    for headers in ({}, {"HX-Request": "true"}):
        response = client_of(maja()).post(f"{url}rad/{line.pk}/", {"counted": typed, "seen": "0"}, headers=headers)
        assert response.status_code == (422 if headers else 200)
        assert told in text_of(response)
    assert not CountEntry.objects.exists()


def test_an_individual_that_is_elsewhere_is_told_at_its_field(client_of: Any) -> None:
    line = stocked(1, ("I1",))
    stocked(1, ("I5",), at=store("4102", of=factories.carol(), name="Sörhagas förråd"), article=line.article)
    _, url = begun(client_of)
    response = client_of(maja()).post(f"{url}rad/{line.pk}/", {"individuals": ["I1"], "numbers": "I5", "seen": "0"})
    assert "Individ I5 finns enligt registret i ett annat förråd." in text_of(response)
    assert not CountEntry.objects.exists()


def test_differences_are_shown_with_their_value_and_booked_with_a_reason(client_of: Any) -> None:
    line = stocked(10, article=factories.article("Rollator Stadig"))
    count, url = begun(client_of)
    browser = client_of(maja())
    assert "Inget är räknat än" in text_of(browser.get(f"{url}skillnader/"))
    counting.enter(count, line, by=nils(), counted=8)
    response = browser.get(f"{url}skillnader/")
    assert facts_of(response, "Rollator Stadig") == {"Saldo då": "10", "Räknat": "8", "Skillnad": "−2", "Värde": "−425\N{NO-BREAK SPACE}kr"}
    without = browser.post(f"{url}skillnader/", {f"seen_{line.pk}": "-2"})
    assert "Välj varför antalet av Rollator Stadig skiljer." in text_of(without)
    assert fresh(line).on_hand == 10
    sent = {f"seen_{line.pk}": "-2", f"reason_{line.pk}": "BROKEN", f"note_{line.pk}": "Slängda i mars"}
    assert browser.post(f"{url}skillnader/", sent).url == url
    ended = text_of(browser.get(url))
    assert all(word in ended for word in ("Bokförd", "Trasiga, redan slängda", "Slängda i mars", "Skickas …"))
    assert (fresh(line).on_hand, Count.objects.get().correction_number) == (8, OutgoingMessage.objects.get().subject)
    assert browser.post(f"{url}skillnader/", sent).status_code == 409
    assert browser.get(f"{url}skillnader/").url == url


def test_differences_that_changed_meanwhile_are_shown_anew_and_what_was_written_stays(client_of: Any) -> None:
    line, before = stocked(10), timezone.now()
    count, url = begun(client_of)
    counting.enter(count, line, by=maja(), counted=7)
    take(line, 1, happened_at=before)
    sent = {f"seen_{line.pk}": "-3", f"reason_{line.pk}": "UNKNOWN", f"note_{line.pk}": "Vet inte alls"}
    response = client_of(maja()).post(f"{url}skillnader/", sent)
    assert response.status_code == 409
    form = response.context["form"]
    assert (form[f"note_{line.pk}"].value(), form[f"reason_{line.pk}"].value(), form[f"seen_{line.pk}"].value()) == ("Vet inte alls", "UNKNOWN", -2)
    assert (fresh(line).on_hand, Count.objects.get().status) == (9, "OPEN")


def test_a_surplus_is_never_what_was_not_registered(client_of: Any) -> None:
    line = stocked(1)
    count, url = begun(client_of)
    counting.enter(count, line, by=maja(), counted=2)
    response = client_of(maja()).post(f"{url}skillnader/", {f"seen_{line.pk}": "1", f"reason_{line.pk}": "UNREGISTERED"})
    assert "Välj ett av alternativen som visas." in text_of(response)


def test_a_count_is_broken_off_and_cannot_be_gone_on_with(client_of: Any) -> None:
    line = stocked(1)
    _, url = begun(client_of)
    browser = client_of(maja())
    assert browser.post(f"{url}avbryt/").url == HERE
    for answer in (browser.post(f"{url}rad/{line.pk}/", {"counted": "1", "seen": "0"}), browser.post(f"{url}avbryt/")):
        assert answer.status_code == 409
    assert browser.get(f"{url}avbryt/").status_code == 404
    assert "Inventeringen avbröts" in text_of(browser.get(url))
    assert "Avbruten" in text_of(browser.get(f"{HERE}inventeringar/"))


def test_the_list_to_count_by_costs_the_same_with_1_and_20_rows(client_of: Any) -> None:
    stocked(1, ("J0",))
    count, url = begun(client_of)
    browser = client_of(maja())
    browser.get(url)
    with CaptureQueriesContext(connection) as one:
        browser.get(url)
    for number in range(1, 21):
        stocked(1, (f"J{number}",))
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(one)
    for line in StockLine.objects.all():
        counting.enter(count, line, by=maja(), counted=0)
    with CaptureQueriesContext(connection) as differing:
        browser.get(f"{url}skillnader/")
    assert len(differing) < 25


# --- Individkort -----------------------------------------------------------------------------------


def test_the_individkort_of_an_aid_in_a_store_is_for_those_who_see_stores(client_of: Any) -> None:
    line = stocked(1, ("40-77",))
    for who, status in [(maja(), 200), (factories.alice(), 200), (factories.carol(), 200), (factories.dan(), 404), (factories.approver(), 404)]:
        assert client_of(who).get("/individer/40-77/").status_code == status
    text = text_of(client_of(maja()).get("/individer/40-77/"))
    assert "Ligger i Buffertförrådet , Rehab Alingsås torg" in text
    assert "Mottaget" in text
    assert client_of(maja()).get("/individer/", {"nummer": "40-77"}).url == "/individer/40-77/"
    take(line, numbers=("40-77",))
    assert "Ligger i" not in text_of(client_of(maja()).get("/individer/40-77/"))


def test_who_sees_to_a_store_sees_nothing_of_loans_on_an_individkort(client_of: Any) -> None:
    order = factories.order()
    stocked(1, ("40-78",), article=order.lines.get().article)
    take(line_of(store(), order.lines.get().article), numbers=("40-78",))
    factories.loan(order, "40-78")
    text = text_of(client_of(maja()).get("/individer/40-78/"))
    assert "Uttag" in text
    for secret in ["Tolvan", "Var det är och har varit", str(order.number)]:
        assert secret not in text
    assert "Tolvan" in text_of(client_of(factories.alice()).get("/individer/40-78/"))
