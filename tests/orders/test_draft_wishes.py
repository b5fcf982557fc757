"""What is asked for beside the articles: the kind of loan, the day, haste, who is told; each in the message, and each with its refusal."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Assignment, Holiday
from catalog.models import LocalArticle
from core.templatetags.ui import long_day
from core.workdays import add_workdays, holiday_name, is_workday
from integration import contract
from integration.models import OutgoingMessage
from orders.actions import drafts, orders, reports
from orders.models import Order, OrderLine, UrgentFee
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, errors, soup_of, typed, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def url(order: Order, page: str = "") -> str:
    return f"/bestallningar/utkast/{order.public_id}/{page}"


def post(client: Client, order: Order, do: str = "save", **changed: str) -> Any:
    return client.post(url(order), typed(pages.get(client, url(order))) | changed | {"do": do})


def written(order: Order, **fields: Any) -> Order:
    Order.objects.filter(pk=order.pk).update(**fields)
    return factories.again(order)


def sent(order: Order) -> contract.CustomerOrder:
    number = orders.place(order, by=order.orderer)
    _, body = contract.parse_outgoing(contract.dump(OutgoingMessage.objects.get(subject=number).payload or {}))
    assert isinstance(body, contract.CustomerOrder)
    return body


def why_not(order: Order) -> list[tuple[str, str]]:
    with pytest.raises(orders.NotReady) as caught:
        orders.place(order, by=order.orderer)
    assert not OutgoingMessage.objects.exists()
    assert factories.again(order).number is None
    return caught.value.problems


def of_class(delivery_class: str, availability: str | None = None, *, name: str = "Rullstol") -> Order:
    """A draft with one article."""
    order, article = factories.draft(lines=0), factories.article(name)
    LocalArticle.objects.filter(article=article).update(delivery_class=delivery_class, availability=availability)
    drafts.add_article(order, article)
    return factories.again(order)


def weekend() -> datetime.date:
    return next(day for day in (factories.days_from_now(number) for number in range(30, 60)) if day.weekday() == 5 and not holiday_name(day))


# --- Lån, prov, korttid ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["TRIAL", "SHORT_TERM"])
def test_a_trial_and_a_short_loan_are_sent_with_their_end(client_of: ClientOf, purpose: str) -> None:
    order, ends = factories.draft(), factories.days_from_now(60)
    post(client_of(factories.alice()), order, purpose=purpose, ends_on=ends.isoformat())
    body = sent(factories.again(order))
    assert (body.purpose, body.ends_on) == (purpose, ends)
    assert set(OrderLine.objects.filter(order=order).values_list("loan_purpose", "loan_ends_on")) == {(purpose, ends)}


def test_a_loan_is_sent_without_an_end_also_when_one_was_written_before_it_was_chosen() -> None:
    order = written(factories.draft(), ends_on=factories.days_from_now(60))
    assert sent(order).ends_on is None
    assert factories.again(order).ends_on is None


@pytest.mark.parametrize(
    ("ends_in", "text"),
    [
        (None, "Skriv när provtiden slutar."),
        (0, "Slutdatumet måste ligga efter leveransen. Skriv när provtiden slutar."),
        (-3, "Slutdatumet måste ligga efter leveransen. Skriv när provtiden slutar."),
        (400, "Slutdatumet ligger mer än ett år fram. Välj ett tidigare datum, eller ett lån utan slut."),
    ],
)
def test_a_trial_without_a_sensible_end_is_not_sent(client_of: ClientOf, ends_in: int | None, text: str) -> None:
    order = written(factories.draft(), purpose="TRIAL", ends_on=None if ends_in is None else factories.days_from_now(ends_in))
    assert why_not(order) == [("ends_on", text)]
    soup = pages.get(client_of(factories.alice()), url(order, "granska/"))
    assert (errors(soup), error_at(soup, "ends_on")) == (["ends_on"], text)


def test_a_trial_does_not_end_before_it_can_be_delivered() -> None:
    order = written(of_class("ORDERED"), purpose="TRIAL", ends_on=factories.days_from_now(10))
    assert [field for field, _ in why_not(order)] == ["ends_on"]


# --- The day ----------------------------------------------------------------------------------------------------


def test_a_saturday_is_refused_with_the_next_working_day(client_of: ClientOf) -> None:
    order, day = factories.draft(), weekend()
    soup = soup_of(post(client_of(factories.alice()), order, requested_on=day.isoformat()))
    assert error_at(soup, "requested_on").startswith(f"{long_day(day).capitalize()} är helg, då levereras inget. Närmaste vardag efter är ")
    assert typed(soup)["requested_on"] == day.isoformat()


def test_a_holiday_is_refused_by_its_name() -> None:
    today = timezone.localdate()
    christmas = next(day for day in (datetime.date(year, 12, 25) for year in (today.year, today.year + 1)) if day > today)
    while christmas.weekday() > 4:
        christmas += datetime.timedelta(days=365)
    assert not is_workday(christmas)
    [(field, text)] = why_not(written(factories.draft(), requested_on=christmas))
    assert (field, "juldagen, då levereras inget" in text) == ("requested_on", True)


def test_a_day_before_the_delivery_class_allows_is_refused_with_the_first_that_it_does() -> None:
    earliest = add_workdays(timezone.localdate(), 17)
    order = of_class("ORDERED")
    before = earliest - datetime.timedelta(days=7)
    text = f"Tidigast möjliga leverans är {long_day(earliest)}. Välj ett senare datum eller lämna fältet tomt."
    assert why_not(written(order, requested_on=before if is_workday(before) else add_workdays(before, 1))) == [("requested_on", text)]
    assert sent(written(order, requested_on=earliest)).requested_date == earliest


def test_a_day_that_the_region_does_not_work_is_refused_and_not_counted() -> None:
    today = timezone.localdate()
    free = add_workdays(today, 3)
    Holiday.objects.create(day=free, name="Flytt av centrallagret")
    [(_, text)] = why_not(written(factories.draft(), requested_on=free))
    assert text.startswith(f"{long_day(free).capitalize()} är arbetsfri hos centralen, då levereras inget.")
    assert text.endswith(f"Närmaste vardag efter är {long_day(add_workdays(free, 1))}.")
    [(_, text)] = why_not(written(of_class("ORDERED"), requested_on=add_workdays(today, 17)))
    assert text.startswith(f"Tidigast möjliga leverans är {long_day(add_workdays(today, 18))}.")


def test_all_at_once_waits_for_the_slowest() -> None:
    order = of_class("ORDERED", name="Långsam")
    fast = factories.article("Snabb")
    LocalArticle.objects.filter(article=fast).update(delivery_class="STOCKED")
    drafts.add_article(order, fast)
    order = written(order, requested_on=add_workdays(timezone.localdate(), 8), deliver_together=True)
    [(field, text)] = why_not(order)
    assert (field, "Långsam tar längst tid." in text) == ("requested_on", True)
    assert sent(written(order, deliver_together=False)).deliver_together is False


# --- Akut ------------------------------------------------------------------------------------------------------------


def fee(amount: str = "650") -> None:
    UrgentFee.objects.create(amount=Decimal(100), valid_from=factories.days_from_now(-90))
    UrgentFee.objects.create(amount=Decimal(amount), valid_from=factories.days_from_now(-9))
    UrgentFee.objects.create(amount=Decimal(9999), valid_from=factories.days_from_now(9))


def test_haste_shows_its_fee_is_sent_and_keeps_the_fee_of_the_day(client_of: ClientOf) -> None:
    fee()
    order = of_class("STOCKED")
    client = client_of(factories.alice())
    assert "Avgift 650 kr per beställning, betalas av kunden." in words(pages.get(client, url(order)).main)
    post(client, order, is_urgent="on")
    assert "avgift 650 kr betalas av kunden" in words(pages.get(client, url(order, "granska/")).main)
    assert sent(factories.again(order)).urgent is True
    assert factories.again(order).urgent_fee == Decimal(650)


def test_haste_is_not_offered_where_there_is_no_fee(client_of: ClientOf) -> None:
    order = of_class("STOCKED")
    assert "is_urgent" not in pages.get(client_of(factories.alice()), url(order)).main.decode()
    assert [field for field, _ in why_not(written(order, is_urgent=True))] == ["is_urgent"]


@pytest.mark.parametrize(("delivery_class", "availability"), [("STOCKED", "OUT"), ("ORDERED", None), ("LONG", None)])
def test_only_what_is_in_stock_is_hurried(delivery_class: str, availability: str | None) -> None:
    fee()
    [(field, text)] = why_not(written(of_class(delivery_class, availability), is_urgent=True))
    assert (field, "Inte i lager: Rullstol." in text) == ("is_urgent", True)


def test_what_is_made_to_order_is_not_hurried_but_what_is_ordered_and_happens_to_be_in_stock_is() -> None:
    fee()
    order = written(of_class("ORDERED", "IN_STOCK"), is_urgent=True)
    OrderLine.objects.filter(order=order).update(configuration=[{"name": "Sitthöjd", "value": "45 cm"}])
    assert [field for field, _ in why_not(order)] == ["is_urgent"]
    OrderLine.objects.filter(order=order).update(configuration=[])
    assert sent(order).urgent


def test_haste_and_a_later_day_exclude_each_other() -> None:
    fee()
    order = written(of_class("STOCKED"), is_urgent=True, requested_on=factories.workday_from_now(20))
    assert [field for field, _ in why_not(order)] == ["requested_on"]


# --- Who is told ---------------------------------------------------------------------------------------------------


def test_who_is_told_and_how_is_sent(client_of: ClientOf) -> None:
    order = factories.draft()
    told = {"notify_sms": "070-174 06 08", "notify_phone": "031-390 06 00", "notify_email": "elsa@example.se", "notify_by_letter": "on"}
    client = client_of(factories.alice())
    post(client, order, **told)
    page = words(pages.get(client, url(order, "granska/")).main)
    for shown in ("Sms 070-174 06 08", "Samtal 031-390 06 00", "E-post elsa@example.se", "Brev"):
        assert shown in page
    assert sent(factories.again(order)).delivery.notify == {
        "SMS": "+46701740608",
        "PHONE": "+46313900600",
        "EMAIL": "elsa@example.se",
        "LETTER": "Tolvan Tolvansson, Storgatan 1, 44130 Alingsås",
    }


@pytest.mark.parametrize(
    ("field", "value"), [("notify_sms", "12"), ("notify_phone", "växeln"), ("notify_email", "elsa@"), ("notify_email", "a" * 250 + "@b.se")]
)
def test_an_address_that_is_none_is_told_at_its_field(client_of: ClientOf, field: str, value: str) -> None:
    order = factories.draft()
    soup = soup_of(post(client_of(factories.alice()), order, **{field: value}, instructions="Ring"))
    assert (errors(soup), typed(soup)[field]) == ([field], value)
    assert factories.again(order).instructions == "Ring"


def test_ordering_again_carries_all_of_it_over() -> None:
    fee()
    order = of_class("STOCKED")
    part = factories.article("Bord", article_type="T")
    LocalArticle.objects.filter(article=part).update(delivery_class="STOCKED")
    factories.fits(part, order.lines.get().article)
    drafts.add_article(order, part)
    file = factories.attachment(order)
    fields = {"purpose": "TRIAL", "ends_on": factories.days_from_now(60), "is_urgent": True, "notify_sms": "+46701740608", "notify_by_letter": True}
    order = written(order, **fields)
    orders.place(order, by=order.orderer)
    reports.record_cancellation(str(factories.again(order).number), sequence=1, reason="Utgått", lines=None, was_requested=False)
    again = orders.order_again(factories.again(order), by=order.orderer)
    assert {name: getattr(again, name) for name in fields} == fields
    assert [link.attachment for link in again.attachments.all()] == [file]
    assert [(line.article_name, line.main.line if line.main else None) for line in again.lines.order_by("line")] == [("Rullstol", None), ("Bord", 1)]
