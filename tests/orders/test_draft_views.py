"""The pages of a new kundorder: fill in, check, send; and all that can be wrong with what is posted."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from accounts.roles import Role
from catalog.models import Article, LocalArticle
from integration.models import OutgoingMessage
from orders.actions import drafts
from orders.models import Order, OrderLine, Status
from patients.models import Address, Patient
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, errors, heading, soup_of, typed, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
KEPT = "Det som är rätt är sparat i utkastet. Inget har skickats."


def url(order: Order, page: str = "") -> str:
    return f"/bestallningar/utkast/{order.public_id}/{page}"


def post(client: Client, order: Order, do: str = "save", **changed: str) -> Any:
    """The page's form as it stands, with what was typed over it, sent with one of its buttons."""
    data = typed(pages.get(client, url(order))) | changed | {"do": do}
    return client.post(url(order), data)


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def nothing_sent(order: Order) -> bool:
    return again(order).status == Status.DRAFT and not OutgoingMessage.objects.exists()


# --- Beginning ----------------------------------------------------------------------------------------


def test_a_new_order_begins_at_the_patient_and_opens_its_draft(client_of: ClientOf) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    client = client_of(alice)
    response = client.post(f"/bestallningar/ny/{patient.public_id}/")
    order = Order.objects.get()
    assert response.url == url(order)
    soup = pages.get(client, url(order))
    assert words(soup.h1) == "Ny kundorder"
    assert "Inga artiklar än" in words(soup.main)
    assert client.post(f"/bestallningar/ny/{patient.public_id}/").url == url(order)
    assert Order.objects.count() == 1


@pytest.mark.parametrize("who", ["another unit's", "protected", "nobody"])
def test_no_order_begins_for_a_patient_that_is_not_there_for_the_unit(client_of: ClientOf, who: str) -> None:
    patient = factories.patient(factories.carol() if who == "another unit's" else factories.alice())
    if who == "protected":
        Patient.objects.filter(pk=patient.pk).update(protection="MARKED", phone="")
    public_id = uuid.uuid4() if who == "nobody" else patient.public_id
    assert client_of(factories.alice()).post(f"/bestallningar/ny/{public_id}/").status_code == 404
    assert Order.objects.count() == 0


# --- What is right is saved ---------------------------------------------------------------------------


def test_the_draft_page_saves_all_that_is_typed(client_of: ClientOf) -> None:
    order = factories.draft(lines=2)
    eva = factories.assignment("Eva Ek", Role.PRESCRIBER, at=factories.unit())
    other = Customer.objects.create(unit=order.unit, number="6999", name="Hemrehab", payer_number="9", payer_name="VGR")
    point = factories.delivery_point()
    on = factories.workday_from_now(20)
    client = client_of(factories.alice())
    response = post(
        client,
        order,
        customer=str(other.pk),
        prescriber=str(eva.pk),
        method="DELIVERY_POINT",
        delivery_point=str(point.pk),
        requested_on=f" {on:%Y%m%d} ",
        deliver_together="on",
        contact_name="  Elsa Ek ",
        contact_phone="070 174 06 08",
        instructions="Ring\r\nen timme innan",
        quantity_1="3",
        quantity_2=" 12 ",
    )
    assert response.url == url(order)
    saved = again(order)
    assert (saved.customer, saved.prescriber, saved.method, saved.delivery_point, saved.requested_on) == (other, eva, "DELIVERY_POINT", point, on)
    assert (saved.deliver_together, saved.accepts_equivalent) == (True, True)
    assert (saved.contact_name, saved.contact_phone, saved.instructions) == ("Elsa Ek", "+46701740608", "Ring\nen timme innan")
    assert list(saved.lines.order_by("line").values_list("quantity", flat=True)) == [3, 12]
    soup = pages.get(client, url(order))
    assert "Utkastet är sparat." in words(soup.main)
    shown = typed(soup)
    assert (shown["quantity_2"], shown["contact_phone"], shown["requested_on"], shown["method"]) == ("12", "070-174 06 08", on.isoformat(), "DELIVERY_POINT")


def test_a_box_that_is_not_ticked_is_saved_as_no(client_of: ClientOf) -> None:
    order = factories.draft()
    client = client_of(factories.alice())
    data = typed(pages.get(client, url(order)))
    del data["accepts_equivalent"]
    client.post(url(order), data | {"do": "save"})
    assert again(order).accepts_equivalent is False


def test_an_article_number_and_enter_adds_the_article(client_of: ClientOf) -> None:
    order = factories.draft(lines=0)
    article = factories.article(sesam_number="118777")
    client = client_of(factories.alice())
    assert post(client, order, "search", q="118777").url == f"{url(order)}#artiklar"
    assert post(client, order, "search", q=f" {article.number.lower()} ").url == f"{url(order)}#artiklar"
    assert [(line.article, line.quantity) for line in order.lines.all()] == [(article, 2)]


def test_a_word_shows_what_can_be_ordered_and_each_can_be_added(client_of: ClientOf) -> None:
    order = factories.draft(lines=0)
    wanted = factories.article("Gåbord Alfa")
    gone = factories.article("Gåbord Beta")
    LocalArticle.objects.filter(article=gone).update(is_orderable=False)
    client = client_of(factories.alice())
    soup = soup_of(post(client, order, "search", q="gåbord", instructions="Ring"))
    assert "Gåbord Alfa" in words(soup.find(id="traffar"))
    assert "Gåbord Beta" not in words(soup.find(id="traffar"))
    assert typed(soup)["q"] == "gåbord"
    assert again(order).instructions == "Ring"
    button = soup.find(id="traffar").find("button")
    assert button["value"] == f"add:{wanted.pk}"
    assert post(client, order, button["value"]).url == f"{url(order)}#artiklar"
    assert order.lines.get().article == wanted


def test_what_is_found_while_one_types_tells_nothing_of_the_patient(client_of: ClientOf) -> None:
    order = factories.draft(lines=0)
    factories.article("Gåbord Alfa")
    client = client_of(factories.alice())
    html = client.get(url(order, "artiklar/"), {"q": "gåb"}).content.decode()
    assert "Gåbord Alfa" in html
    assert "Tolvan" not in html
    assert client.get(url(order, "artiklar/"), {"q": "g"}).content.decode().strip() == ""
    nothing = client.get(url(order, "artiklar/"), {"q": "xyzzy"}).content.decode()
    assert "Ingen artikel att beställa hittades för ”xyzzy”" in nothing
    assert client.get(url(order, "artiklar/"), {"q": "\x00' OR 1=1 --" + "a" * 5000}).status_code == 200


def test_a_line_is_removed_even_when_its_quantity_is_wrong(client_of: ClientOf) -> None:
    order = factories.draft(lines=2)
    assert post(client_of(factories.alice()), order, "remove:1", quantity_1="många", quantity_2="4").url == f"{url(order)}#artiklar"
    assert list(order.lines.values_list("line", "quantity")) == [(2, 4)]


def test_adding_more_of_an_article_beside_an_error_keeps_both(client_of: ClientOf) -> None:
    order = factories.draft(lines=1)
    article = order.lines.get().article
    client = client_of(factories.alice())
    soup = soup_of(post(client, order, f"add:{article.pk}", contact_phone="12", quantity_1="2"))
    assert errors(soup) == ["contact_phone"]
    assert (typed(soup)["quantity_1"], typed(soup)["contact_phone"]) == ("3", "12")
    assert order.lines.get().quantity == 3
    client.post(url(order), typed(soup) | {"contact_phone": "", "do": "save"})
    assert order.lines.get().quantity == 3


# --- What is wrong is told at its field ---------------------------------------------------------------

WRONG: dict[str, tuple[str, str, str]] = {
    "quantity 0": ("quantity_1", "0", "Skriv 1 eller mer."),
    "quantity −1": ("quantity_1", "-1", "Skriv 1 eller mer."),
    "quantity 1000": ("quantity_1", "1000", "Skriv 999 eller mindre."),
    "quantity 10⁹": ("quantity_1", "1000000000", "Skriv 999 eller mindre."),
    "quantity 10¹⁵": ("quantity_1", "1" + "0" * 15, "Skriv ett heltal, till exempel 2."),
    "quantity 2.0": ("quantity_1", "2.0", "Skriv ett heltal, till exempel 2."),
    "quantity 1e2": ("quantity_1", "1e2", "Skriv ett heltal, till exempel 2."),
    "quantity in Arabic digits": ("quantity_1", "٣", "Skriv ett heltal, till exempel 2."),
    "quantity in full-width digits": ("quantity_1", "３", "Skriv ett heltal, till exempel 2."),
    "no quantity": ("quantity_1", "", "Fyll i ”Antal Rullstol Allround 45 cm”."),
    "date in the past": ("requested_on", "2020-01-31", "Datumet har passerat. Välj ett senare datum eller lämna fältet tomt."),
    "date too far away": ("requested_on", "2099-01-31", "Datumet ligger mer än ett år fram. Välj ett tidigare datum."),
    "impossible date": ("requested_on", "2026-02-30", "Skriv datumet som åååå-mm-dd, till exempel 2026-11-26."),
    "date in words": ("requested_on", "på tisdag", "Skriv datumet som åååå-mm-dd, till exempel 2026-11-26."),
    "date in Arabic digits": ("requested_on", "٢٠٢٧-٠١-٠١", "Skriv datumet som åååå-mm-dd, till exempel 2026-11-26."),
    "phone": ("contact_phone", "123", "Skriv telefonnumret med riktnummer, till exempel 070-174 06 05. Börja med + och landskod om det är utländskt."),
    "message of 501 characters": ("instructions", "å" * 501, "Korta texten till högst 500 tecken. Nu är den 501."),
    "message with a control character": (
        "instructions",
        "Ring\x07",
        "Texten innehåller ett osynligt tecken som inte kan sparas. Skriv om texten i stället för att klistra in den.",
    ),
    "message with NUL": (
        "instructions",
        "Ring\x00",
        "Texten innehåller ett osynligt tecken som inte kan sparas. Skriv om texten i stället för att klistra in den.",
    ),
    "name that turns direction": (
        "contact_name",
        "Elsa \u202e kE",
        "Texten innehåller ett osynligt tecken som inte kan sparas. Skriv om texten i stället för att klistra in den.",
    ),
    "name of 201 characters": ("contact_name", "a" * 201, "Korta texten till högst 200 tecken. Nu är den 201."),
    "article number of 36 characters": ("q", "A" * 36, "Ett artikelnummer har högst 35 tecken. Du skrev 36."),
    "search of 101 characters": ("q", "rullstol " * 12, "Korta texten till högst 100 tecken. Nu är den 107."),
    "delivery method": ("method", "BALLOON", "Välj ett av alternativen som visas."),
    "customer that is none": ("customer", "abc", "Välj ett av alternativen som visas."),
    "prescriber beyond all keys": ("prescriber", "9" * 40, "Välj ett av alternativen som visas."),
}


@pytest.mark.parametrize("do", ["save", "review"])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_at_its_field_and_the_rest_is_saved(client_of: ClientOf, name: str, do: str) -> None:
    field, value, text = WRONG[name]
    order = factories.draft(lines=2)
    before = Order.objects.filter(pk=order.pk).values().get()
    response = post(client_of(factories.alice()), order, do, **{"quantity_2": "5", field: value})
    assert response.status_code == 200
    soup = soup_of(response)
    assert errors(soup) == [field]
    assert error_at(soup, field) == text
    assert words(soup.title).startswith("Fel: Ny kundorder")
    assert KEPT in words(soup.find(class_="error-summary"))
    assert soup.find(class_="error-summary").find("a")["href"].startswith(f"#id_{field}")
    if field not in {"method", "customer", "prescriber"}:
        shown = typed(soup)[field]
        # A NUL cannot stand in a page: the parser shows it as U+FFFD.
        assert shown.replace("\ufffd", "\x00").strip() == value.strip()
    after = Order.objects.filter(pk=order.pk).values().get()
    assert {key: value for key, value in after.items() if value != before[key]}.keys() <= {"changed_at", "version", "saved_by_page"}
    assert list(order.lines.order_by("line").values_list("quantity", flat=True)) == [1, 5]
    assert nothing_sent(order)


def test_several_errors_stand_in_the_summary_in_the_order_of_the_page(client_of: ClientOf) -> None:
    order = factories.draft(lines=1)
    soup = soup_of(post(client_of(factories.alice()), order, contact_phone="1", requested_on="x", quantity_1="0"))
    summary = soup.find(class_="error-summary")
    assert words(summary.h2) == "3 fel att rätta"
    assert {link["href"] for link in summary.find_all("a")} == {"#id_contact_phone", "#id_requested_on", "#id_quantity_1"}


@pytest.mark.parametrize("what", ["customer", "prescriber", "delivery_point", "inactive point"])
def test_what_belongs_to_another_unit_is_refused_when_it_is_posted_by_hand(client_of: ClientOf, what: str) -> None:
    order = factories.draft()
    foreign = {
        "customer": Customer.objects.get(unit=factories.carol().unit),
        "prescriber": factories.carol(),
        "delivery_point": factories.delivery_point(factories.dan().unit.provider),
        "inactive point": factories.delivery_point(),
    }[what]
    if what == "inactive point":
        DeliveryPoint.objects.filter(pk=foreign.pk).update(is_active=False)
    field = "delivery_point" if what == "inactive point" else what
    soup = soup_of(post(client_of(factories.alice()), order, "review", **{field: str(foreign.pk), "method": "HOME"}))
    assert error_at(soup, field) == "Välj ett av alternativen som visas."
    saved = again(order)
    assert (saved.customer, saved.prescriber, saved.delivery_point) == (order.customer, order.prescriber, None)
    assert nothing_sent(order)


def test_a_bestallare_does_not_stand_among_those_who_prescribe(client_of: ClientOf) -> None:
    bob = factories.bob()
    factories.alice()
    factories.assignment("Eva Ek", Role.PRESCRIBER, at=factories.unit())
    order = factories.draft(bob)
    client = client_of(bob)
    choices = [words(option) for option in pages.get(client, url(order)).find(id="id_prescriber").find_all("option")]
    assert choices == ["Välj förskrivare", "Alice Ask, Arbetsterapeut", "Eva Ek, Arbetsterapeut"]
    soup = soup_of(client.get(url(order, "granska/")))
    assert (errors(soup), error_at(soup, "prescriber")) == (["prescriber"], "Välj vem som förskriver.")
    assert "Bob" not in words(soup.find(id="id_prescriber"))


def test_a_line_of_another_draft_is_neither_changed_nor_removed(client_of: ClientOf) -> None:
    alice = factories.alice()
    mine, other = factories.draft(alice, lines=1), factories.draft(alice, lines=3)
    client = client_of(alice)
    post(client, mine, quantity_3="9", quantity_2="x")
    post(client, mine, "remove:3")
    assert list(other.lines.order_by("line").values_list("line", "quantity")) == [(1, 1), (2, 1), (3, 1)]
    assert list(mine.lines.values_list("line", "quantity")) == [(1, 1)]


def not_orderable(what: str) -> str:
    if what in {"withdrawn", "hidden", "gone", "discontinued"}:
        article = factories.article()
        LocalArticle.objects.filter(article=article).update(is_orderable=what != "withdrawn", is_published=what != "hidden")
        Article.objects.filter(pk=article.pk).update(
            ended_at=timezone.now() if what == "gone" else None, status="DISCONTINUED" if what == "discontinued" else "PUBLISHED"
        )
        return str(article.pk)
    return {"missing": "987654321", "junk": "abc", "nothing": "", "minus": "-1", "superscript": "²", "long": "9" * 5000, "sql": "1 OR 1=1"}[what]


@pytest.mark.parametrize("what", ["withdrawn", "hidden", "gone", "discontinued", "missing", "junk", "nothing", "minus", "superscript", "long", "sql"])
def test_what_cannot_be_ordered_is_not_added(client_of: ClientOf, what: str) -> None:
    order = factories.draft(lines=1)
    response = post(client_of(factories.alice()), order, f"add:{not_orderable(what)}", instructions="Ring")
    assert response.status_code == 200
    assert error_at(soup_of(response), "q") == "Artikeln går inte längre att beställa. Välj en annan."
    assert (order.lines.count(), again(order).instructions) == (1, "Ring")


@pytest.mark.parametrize("junk", ["", "abc", "9" * 5000, "²", "-1"])
def test_junk_removes_nothing(client_of: ClientOf, junk: str) -> None:
    order = factories.draft(lines=2)
    assert post(client_of(factories.alice()), order, f"remove:{junk}").status_code == 302
    assert order.lines.count() == 2


def test_a_thousand_of_an_article_is_told_at_the_search_field(client_of: ClientOf) -> None:
    order = factories.draft(lines=1)
    article = order.lines.get().article
    soup = soup_of(post(client_of(factories.alice()), order, f"add:{article.pk}", quantity_1="999"))
    assert error_at(soup, "q") == "Du kan beställa högst 999 av samma artikel."
    assert order.lines.get().quantity == 999


def test_a_protected_patients_draft_does_not_exist_for_those_who_may_not_open_the_patient(client_of: ClientOf) -> None:
    order = factories.draft()
    Patient.objects.filter(pk=order.patient_id).update(protection="MARKED", phone="")
    client = client_of(factories.alice())
    for page in ("", "granska/", "kasta/"):
        assert client.get(url(order, page)).status_code == 404
    assert client.post(url(order, "skicka/")).status_code == 404
    assert nothing_sent(order)


# --- Checking and sending -----------------------------------------------------------------------------


def test_the_page_to_check_shows_all_that_will_be_sent(client_of: ClientOf) -> None:
    order = factories.draft(lines=2)
    client = client_of(factories.alice())
    assert post(client, order, "review", quantity_2="7", instructions="Ring en timme innan").url == url(order, "granska/")
    text = words(pages.get(client, url(order, "granska/")).main)
    for shown in (
        "Granska och skicka",
        "Rullstol Allround 45 cm",
        "212,50 kr",
        " 7 ",
        "Storgatan 1, 441 30 Alingsås",
        "1357",
        "Elsa Tolvansson",
        "Ring en timme",
    ):
        assert shown in text
    assert nothing_sent(order)


def test_sending_shows_the_number_and_sends_one_message(client_of: ClientOf) -> None:
    order = factories.draft()
    client = client_of(factories.alice())
    response = client.post(url(order, "skicka/"))
    number = again(order).number
    assert response.url == f"/bestallningar/{number}/skickad/"
    soup = pages.get(client, response.url)
    assert words(soup.h1) == "Beställningen är skickad"
    assert words(soup.find(class_="order-number")) == number
    assert list(OutgoingMessage.objects.values_list("subject", flat=True)) == [number]


def test_sending_twice_shows_the_same_number_and_sends_one_message(client_of: ClientOf) -> None:
    order = factories.draft()
    client = client_of(factories.alice())
    first, second = (client.post(url(order, "skicka/")) for _ in range(2))
    assert first.url == second.url == f"/bestallningar/{again(order).number}/skickad/"
    assert OutgoingMessage.objects.count() == 1
    assert again(order).history.count() == 1


@pytest.mark.parametrize("page", ["granska/", "skicka/"])
def test_an_article_withdrawn_between_page_and_send_is_told_at_its_line(client_of: ClientOf, page: str) -> None:
    order = factories.draft(lines=2)
    client = client_of(factories.alice())
    pages.get(client, url(order, "granska/"))
    LocalArticle.objects.filter(article=order.lines.get(line=2).article_id).update(is_orderable=False)
    response = client.get(url(order, page)) if page == "granska/" else client.post(url(order, page))
    soup = soup_of(response)
    assert errors(soup) == ["quantity_2"]
    assert error_at(soup, "quantity_2") == "Rullstol Allround 45 cm går inte längre att beställa. Ta bort raden och välj en annan artikel."
    assert "Inget har skickats." in words(soup.find(class_="error-summary"))
    assert nothing_sent(order)
    form = soup.find(id="utkast")
    assert form["action"] == url(order)  # this page's own address takes no form
    client.post(form["action"], typed(soup) | {"do": "remove:2"})
    assert client.post(url(order, "skicka/")).status_code == 302


def _no_lines(order: Order) -> None:
    order.lines.all().delete()


def _no_address(order: Order) -> None:
    Address.objects.filter(patient=order.patient).update(valid_to=timezone.now())


def _date_passed(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(requested_on=factories.days_from_now(-1))


def _no_customer(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(customer=None)


def _prescriber_gone(order: Order) -> None:
    gone = factories.assignment("Gun Gran", Role.PRESCRIBER, at=factories.unit())
    Order.objects.filter(pk=order.pk).update(prescriber=gone)
    Assignment.objects.filter(pk=gone.pk).update(starts_on=factories.days_from_now(-9), ends_on=factories.days_from_now(-1))


def _point_gone(order: Order) -> None:
    point = factories.delivery_point()
    Order.objects.filter(pk=order.pk).update(method="DELIVERY_POINT", delivery_point=point)
    DeliveryPoint.objects.filter(pk=point.pk).update(is_active=False)


@pytest.mark.parametrize("do", ["granska/", "skicka/"])
@pytest.mark.parametrize(
    ("spoil", "field", "text"),
    [
        (_no_lines, "q", "Lägg till minst en artikel."),
        (_no_address, "method", "Patienten har ingen adress. Fyll i den på patientens sida."),
        (_date_passed, "requested_on", "Det önskade leveransdatumet har passerat. Välj ett senare datum eller lämna fältet tomt."),
        (_no_customer, "customer", "Välj vilken kund som beställer."),
        (_prescriber_gone, "prescriber", "Välj vem som förskriver."),
        (_point_gone, "delivery_point", "Välj leveranspunkt."),
    ],
)
def test_what_is_missing_is_told_once_at_its_field(client_of: ClientOf, spoil: Callable[[Order], None], field: str, text: str, do: str) -> None:
    order = factories.draft()
    spoil(order)
    client = client_of(factories.alice())
    soup: BeautifulSoup = soup_of(client.get(url(order, do)) if do == "granska/" else client.post(url(order, do)))
    assert (errors(soup), error_at(soup, field)) == ([field], text)
    assert nothing_sent(order)


# --- A draft that is one no more ----------------------------------------------------------------------

DRAFT_PAGES = [("", "get"), ("", "post"), ("granska/", "get"), ("kasta/", "get"), ("kasta/", "post")]


@pytest.mark.parametrize(("page", "method"), DRAFT_PAGES)
def test_a_sent_draft_answers_409_and_names_its_order(client_of: ClientOf, page: str, method: str) -> None:
    order = factories.order()
    before = Order.objects.filter(pk=order.pk).values().get()
    response = getattr(client_of(factories.alice()), method)(url(order, page), {"do": "save", "instructions": "För sent", "quantity_1": "9"})
    assert response.status_code == 409
    assert heading(response) == "Beställningen är redan skickad"
    assert f"Den finns som kundorder {order.number}. Det du skrev nu sparades inte" in words(soup_of(response).main)
    assert soup_of(response).main.find("a")["href"] == f"/bestallningar/{order.number}/"
    assert Order.objects.filter(pk=order.pk).values().get() == before
    assert order.lines.get().quantity == 1


@pytest.mark.parametrize(("page", "method"), [*DRAFT_PAGES, ("skicka/", "post")])
def test_a_thrown_away_draft_answers_409_and_says_so(client_of: ClientOf, page: str, method: str) -> None:
    order = factories.draft()
    drafts.discard(order, by=order.orderer)
    response = getattr(client_of(factories.alice()), method)(url(order, page), {"do": "save"})
    assert (response.status_code, heading(response)) == (409, "Utkastet är kastat")
    assert not OutgoingMessage.objects.exists()


def test_articles_are_not_searched_for_a_sent_draft(client_of: ClientOf) -> None:
    assert client_of(factories.alice()).get(url(factories.order(), "artiklar/"), {"q": "rullstol"}).status_code == 404


def test_a_draft_is_thrown_away_after_a_question(client_of: ClientOf) -> None:
    order = factories.draft()
    client = client_of(factories.alice())
    assert words(pages.get(client, url(order, "kasta/")).h1) == "Kasta utkastet?"
    assert again(order).status == Status.DRAFT
    response = client.post(url(order, "kasta/"))
    assert response.url == f"/patienter/{order.patient.public_id}/"
    assert again(order).status == Status.CANCELLED
    assert "Utkastet är kastat. Inget har skickats." in words(pages.get(client, response.url).main)
    assert order.public_id.hex not in client.get("/").content.decode().replace("-", "")


# --- Whose it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [factories.carol, factories.dan], ids=["another unit", "another care provider"])
@pytest.mark.parametrize("page", ["", "artiklar/", "granska/", "skicka/", "kasta/"])
def test_another_units_draft_does_not_exist(client_of: ClientOf, page: str, who: Callable[[], Assignment]) -> None:
    order = factories.draft(factories.alice())
    lines = list(OrderLine.objects.values())
    before = Order.objects.filter(pk=order.pk).values().get()
    client = client_of(who())
    unknown = f"/bestallningar/utkast/{uuid.uuid4()}/{page}"
    for method in ("get", "post", "put", "patch", "delete"):
        answer, of_unknown = getattr(client, method)(url(order, page)), getattr(client, method)(unknown)
        assert answer.status_code == of_unknown.status_code
        assert answer.status_code in {404, 405}
    opened = {"skicka/": "post"}.get(page, "get")
    assert getattr(client, opened)(url(order, page)).status_code == 404
    assert Order.objects.filter(pk=order.pk).values().get() == before
    assert list(OrderLine.objects.values()) == lines
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize("role", [Role.APPROVER, Role.STORE_MANAGER, Role.UNIT_ADMIN])
def test_a_role_that_may_not_order_finds_no_draft_pages(client_of: ClientOf, role: str) -> None:
    order = factories.draft(factories.alice())
    client = client_of(factories.assignment("Ove Olm", role, at=factories.unit()))
    for page in ("", "granska/", "kasta/"):
        assert client.get(url(order, page)).status_code == 404
    assert client.post(url(order, "skicka/")).status_code == 404
    assert nothing_sent(order)
