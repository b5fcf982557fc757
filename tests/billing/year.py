"""A year of bases as they should be, with cases planted for each check; what is planted is what the checks must find, and nothing else.

The year holds what could be taken for a case and is none: rent that ends with its hämtorder, an aid that another patient gets next, a new individual
number, a payer who takes over, credits of whole lines and of last days, rent of what was withdrawn, goods that are paid for on delivery.
"""

import calendar
import datetime
import itertools
import uuid
from collections import defaultdict
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Assignment, Customer
from billing.models import Check, InvoiceBasis
from buffer import actions as store_actions
from catalog.models import Article, Individual, LocalArticle
from core.numbers import order_number
from orders.models import Order, OrderLine
from patients.models import Loan, Patient, PayerResponsibility
from pickups.models import PickupItem, PickupOrder
from tests import factories
from tests.billing import told
from tests.buffer import stores

YEAR = 2026
PRICE = "212.50"
OTHER_PAYER, OTHER_CUSTOMER = "700010", "600101"
Case = tuple[Check, int, int]  # check, month, line


def at(month: int, day: int, hour: int = 12) -> datetime.datetime:
    return datetime.datetime(YEAR, month, day, hour, tzinfo=ZoneInfo("Europe/Stockholm"))


def day(month: int, number: int) -> str:
    return f"{YEAR}-{month:02}-{number:02}"


def last(month: int) -> int:
    return calendar.monthrange(YEAR, month)[1]


class Year:
    """Lines by month; `planted` is what the checks shall find."""

    def __init__(self) -> None:
        self.by: Assignment = factories.alice()
        self.customer = told.customer()
        told.customer(OTHER_CUSTOMER, payer=OTHER_PAYER)
        self.article = factories.article("Rullstol", sesam_number="104501")
        self.goods = factories.article("Inkontinensskydd", sesam_number="106102")
        self.lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.planted: set[Case] = set()
        self._running = itertools.count(50_000)
        self._patients = iter([factories.patient(self.by) for _ in range(12)])

    # --- What the portal knows ---

    def patient(self) -> Patient:
        return next(self._patients)

    def order(
        self, patient: Patient | None, *, prefix: str = "K", payer: str = told.PAYER, article: Article | None = None, quantity: int = 1, **fields: Any
    ) -> Order:
        number = order_number(prefix, YEAR, next(self._running))
        given = {"customer": self.customer, "customer_number": self.customer.number, "payer_number": payer, "placed_at": at(1, 2), "status": "RECEIPTED"}
        made = Order.objects.create(
            unit=self.by.unit, patient=patient, orderer=self.by, prescriber=self.by if patient else None, number=number, **(given | fields)
        )
        article = article or self.article
        OrderLine.objects.create(order=made, line=1, article=article, quantity=quantity, article_name=article.name, article_number=article.display_number)
        return made

    def loan(self, patient: Patient, number: str, order: Order, *, start: datetime.datetime | None = None, end: datetime.datetime | None = None) -> Loan:
        Individual.objects.get_or_create(number=number, defaults={"article": self.article})
        return Loan.objects.create(
            patient=patient,
            provider=self.by.unit.provider,
            unit=self.by.unit,
            article=self.article,
            individual_number=number,
            order_number=str(order.number),
            source=f"year/{uuid.uuid4()}",
            started_at=start or at(1, 2),
            ended_at=end,
        )

    def pickup(self, loan: Loan, *, placed: datetime.datetime, rent_ends_on: datetime.date, found: bool | None = True) -> PickupOrder:
        made = PickupOrder.objects.create(
            unit=self.by.unit,
            patient=loan.patient,
            orderer=self.by,
            prescriber=self.by,
            status="DEREGISTERED",
            number=order_number("H", YEAR, next(self._running)),
            placed_at=placed,
            customer=self.customer,
            customer_number=self.customer.number,
            payer_number=told.PAYER,
            reason="NOT_NEEDED",
            is_cleaned=True,
            fetch_by=rent_ends_on,
            rent_ends_on=rent_ends_on,
            deregister_by=rent_ends_on,
        )
        PickupItem.objects.create(order=made, line=1, loan=loan, article=self.article, individual_number=loan.individual_number, found=found)
        return made

    # --- What is charged ---

    def charge(self, month: int, *planted: Check, **changes: Any) -> int:
        """A line of the month's basis; returns its number."""
        number = len(self.lines[month]) + 1
        days = {"from": day(month, 1), "to": day(month, last(month)), "days": last(month)}
        self.lines[month].append(told.line(number, **(days | {"unitPrice": PRICE} | changes)))
        self.planted |= {(check, month, number) for check in planted}
        return number

    def rent(self, month: int, loan: Loan, *planted: Check, **changes: Any) -> int:
        known = {"individualNumber": loan.individual_number, "patientId": loan.patient.identity.value, "orderNumber": loan.order_number}
        return self.charge(month, *planted, **(known | changes))

    def rents(self, loan: Loan, months: range = range(1, 13)) -> None:
        for month in months:
            self.rent(month, loan)

    def credit(self, month: int, of: dict[str, Any], **changes: Any) -> int:
        """A line that takes another back, whole or in part."""
        known = {name: value for name, value in of.items() if name not in {"line", "amount"}}
        return self.charge(month, **(known | {"kind": "CREDIT", "quantity": f"-{of['quantity']}"} | changes))

    def publish(self) -> dict[int, InvoiceBasis]:
        return {month: told.published(self.lines[month], basis_id=f"FU-{YEAR}-{month}", period=datetime.date(YEAR, month, 1)) for month in sorted(self.lines)}


def as_it_should_be(year: Year) -> None:
    """Nothing of this may be found."""
    plain, fetched, changing, crediting, renumbered, paid_by_other = (year.patient() for _ in range(6))
    whole_year = year.loan(plain, "50-1", year.order(plain))
    year.rents(whole_year)

    # A hämtorder in May: rent to its stop; the next patient has the aid from June, and is charged for it.
    order = year.order(fetched)
    ended = year.loan(fetched, "50-2", order, end=at(5, 12))
    year.pickup(ended, placed=at(5, 11), rent_ends_on=datetime.date(YEAR, 5, 14))
    year.rents(ended, range(1, 5))
    year.rent(5, ended, to=day(5, 14), days=14, quantity="0.452")
    following = year.loan(plain, "50-2", year.order(plain), start=at(6, 3))
    year.rent(6, following, **{"from": day(6, 3), "days": 28, "quantity": "0.933"})
    year.rents(following, range(7, 13))

    # Not found by the driver: the rent goes on.
    kept = year.loan(fetched, "50-3", year.order(fetched))
    year.pickup(kept, placed=at(3, 2), rent_ends_on=datetime.date(YEAR, 3, 5), found=False)
    year.rents(kept)

    # Another individual number from July; the loan goes on.
    current = year.loan(renumbered, "50-5", year.order(renumbered))
    Individual.objects.filter(number="50-5").update(earlier_numbers=["50-4"])
    Individual.objects.create(number="50-4", article=year.article, replaced_by=Individual.objects.get(number="50-5"))
    Loan.objects.filter(pk=current.pk).update(earlier_numbers=["50-4"])
    for month in range(1, 13):
        year.rent(month, current, individualNumber="50-4" if month < 7 else "50-5")

    # Another payer's patient, whom this payer has taken over from September: the order says the other, the responsibility this one.
    taken_over = year.loan(paid_by_other, "50-6", year.order(paid_by_other, payer=OTHER_PAYER))
    PayerResponsibility.objects.create(
        patient=paid_by_other,
        provider=year.by.unit.provider,
        customer=year.customer,
        customer_number=year.customer.number,
        payer_number=told.PAYER,
        payer_name="Alingsås",
        starts_on=datetime.date(YEAR, 9, 1),
        reason="Flyttat",
        decided_by=year.by,
    )
    year.rents(taken_over, range(9, 13))

    # Charged wrongly in March, credited and charged anew in April; and last days credited in the same basis as they were charged in.
    credited = year.loan(crediting, "50-7", year.order(crediting), end=at(10, 20))
    year.rents(credited, range(1, 11))
    march = next(each for each in year.lines[3] if each.get("individualNumber") == "50-7")
    year.credit(4, march)
    year.rent(4, credited, **{"from": day(3, 1), "to": day(3, 31), "days": 31, "unitPrice": "200.00"})
    october = next(each for each in year.lines[10] if each.get("individualNumber") == "50-7")
    year.credit(10, october, **{"from": day(10, 21), "days": 11, "quantity": "-0.355"})
    # A whole line too much, taken back in the same basis.
    extra = year.rent(11, whole_year)
    year.credit(11, year.lines[11][extra - 1])

    # An arbetsorder's work is not here; a sale that the order knows, and a fee of the same order.
    sale = year.order(changing, article=year.goods, quantity=3)
    year.charge(2, kind="CONSUMABLE", orderNumber=sale.number, articleNumber="106102", quantity="3", unitPrice="129.90", individualNumber=None)
    year.charge(2, kind="FEE", orderNumber=sale.number, articleNumber=None, unitPrice="650.00")
    # Rent without an order's number, of an aid that the portal knows.
    of_old = year.loan(changing, "50-8", year.order(changing))
    for month in range(1, 13):
        year.rent(month, of_old, orderNumber=None)
    _of_the_store(year, changing)


def _of_the_store(year: Year, patient: Patient) -> None:
    """Goods are charged when they come to the store; a rented aid when a patient gets it."""
    store = stores.store()
    delivered = year.order(None, prefix="L", kind="STOCK", store=store, article=year.goods, quantity=20)
    store_actions.receive(store, year.goods, by=stores.maja(), order_number=str(delivered.number), quantity=20)
    year.charge(3, kind="CONSUMABLE", orderNumber=delivered.number, articleNumber="106102", quantity="20", unitPrice="129.90", patientId=None)
    rented = year.order(patient, prefix="U", kind="WITHDRAWAL", store=store, happened_at=at(4, 7))
    aid = year.loan(patient, "50-9", rented, start=at(4, 7))
    year.rent(4, aid, **{"from": day(4, 7), "days": 24, "quantity": "0.8"})
    year.rents(aid, range(5, 13))
    # Goods of which the store has no delivery that anybody charged for: charged when they are taken out, once.
    LocalArticle.objects.filter(article=year.article).update(is_individual_marked=True)
    free = factories.article("Glidlakan", sesam_number="106200")
    once = year.order(patient, prefix="U", kind="WITHDRAWAL", store=store, happened_at=at(5, 5), article=free, quantity=2)
    year.charge(5, kind="SALE", orderNumber=once.number, articleNumber="106200", quantity="2", unitPrice="99.00")
    returned = year.charge(6, kind="SALE", orderNumber=once.number, articleNumber="106200", quantity="1", unitPrice="99.00")
    year.credit(6, year.lines[6][returned - 1])


def plant(year: Year) -> None:
    """Cases for each check, some of them in more than one way."""
    one, two, three = (year.patient() for _ in range(3))
    unknown = order_number("K", YEAR, 999_999)
    year.charge(2, Check.UNKNOWN_ORDER, kind="SALE", orderNumber=unknown, articleNumber="105020", unitPrice="1195.00")
    year.charge(7, Check.UNKNOWN_ORDER, kind="FEE", articleNumber=None, unitPrice="650.00")
    year.charge(8, Check.UNKNOWN_ORDER, individualNumber="99-1")

    # Rent that goes on in the month of the stop, and in the month after it.
    stopped = year.loan(one, "60-1", year.order(one), end=at(8, 5))
    year.pickup(stopped, placed=at(8, 3), rent_ends_on=datetime.date(YEAR, 8, 6))
    year.rents(stopped, range(1, 8))
    year.rent(8, stopped, Check.RENT_AFTER_STOP)
    year.rent(9, stopped, Check.RENT_AFTER_STOP)
    # Ordered but not fetched yet: its rent has stopped all the same.
    waiting = year.loan(two, "60-2", year.order(two))
    year.pickup(waiting, placed=at(10, 1), rent_ends_on=datetime.date(YEAR, 10, 6), found=None)
    year.rents(waiting, range(1, 10))
    year.rent(10, waiting, Check.RENT_AFTER_STOP)

    # Given back by no hämtorder; and never had by the patient who is charged.
    given_back = year.loan(two, "60-3", year.order(two), end=at(4, 15))
    year.rents(given_back, range(1, 4))
    year.rent(4, given_back, Check.RENT_NOT_HELD)
    year.rent(5, given_back, Check.RENT_NOT_HELD)
    elsewhere = year.loan(three, "60-4", year.order(three))
    year.rent(6, elsewhere, Check.RENT_NOT_HELD, patientId=one.identity.value, **{"from": day(6, 1)})

    # Twice in one basis, under two numbers of the same aid; and in a later basis for days that were charged before.
    doubled = year.loan(three, "60-5", year.order(three))
    Individual.objects.filter(number="60-5").update(earlier_numbers=["60-6"])
    Individual.objects.create(number="60-6", article=year.article, replaced_by=Individual.objects.get(number="60-5"))
    year.rents(doubled)
    year.rent(3, doubled, Check.DOUBLE_RENT, individualNumber="60-6")
    year.rent(11, doubled, Check.DOUBLE_RENT, **{"from": day(10, 30), "to": day(10, 31), "days": 2, "quantity": "0.065"})

    # Charged when it came to the store, and again when it was taken out of it; and more than was taken out.
    store = stores.store()
    taken = year.order(one, prefix="U", kind="WITHDRAWAL", store=store, happened_at=at(9, 9), article=year.goods, quantity=2)
    store_actions.take_out(store, year.goods, by=stores.maja(), order_number=str(taken.number), quantity=2)
    year.charge(9, Check.BILLED_TWICE, kind="CONSUMABLE", orderNumber=taken.number, articleNumber="106102", quantity="2", unitPrice="129.90")
    other = factories.article("Lyftsele", sesam_number="106300")
    sling = year.order(two, prefix="U", kind="WITHDRAWAL", store=store, happened_at=at(7, 7), article=other)
    year.charge(7, kind="SALE", orderNumber=sling.number, articleNumber="106300", unitPrice="880.00")
    year.charge(8, Check.BILLED_TWICE, kind="SALE", orderNumber=sling.number, articleNumber="106300", unitPrice="880.00")

    # The order is another payer's; and the kundnummer is, in this payer's basis.
    foreign = year.order(three, payer=OTHER_PAYER)
    year.charge(5, Check.WRONG_PAYER, kind="SALE", orderNumber=foreign.number, articleNumber="104501", patientId=three.identity.value)
    own = year.order(three)
    year.charge(6, Check.WRONG_PAYER, kind="SALE", orderNumber=own.number, articleNumber="104501", customerNumber=OTHER_CUSTOMER)
    # Before the other payer took over.
    moved = year.order(one)
    customer = Customer.objects.get(number=OTHER_CUSTOMER)
    PayerResponsibility.objects.create(
        patient=one,
        provider=year.by.unit.provider,
        customer=customer,
        customer_number=customer.number,
        payer_number=OTHER_PAYER,
        payer_name="Regionen",
        starts_on=datetime.date(YEAR, 11, 1),
        reason="Flyttat",
        decided_by=year.by,
    )
    year.charge(12, Check.WRONG_PAYER, kind="SALE", orderNumber=moved.number, articleNumber="104501")
