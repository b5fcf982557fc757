"""A kundorder before it is sent."""

import dataclasses
import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from accounts.permissions import Permission, may
from accounts.roles import Role
from catalog.models import Article
from core.lifecycle import IllegalMove
from ordering.sending import ChangedMeanwhile
from orders import rules
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status
from patients.models import Contact, Patient


class TooMany(Exception):
    """More of an article than one order may hold (`MOST_OF_AN_ARTICLE`)."""


@dataclasses.dataclass(frozen=True)
class Content:
    """What is written on a draft, apart from its lines. None and "" mean: not chosen yet."""

    customer: Customer | None
    prescriber: Assignment | None
    method: str
    delivery_point: DeliveryPoint | None = None
    purpose: str = Order.Purpose.LOAN
    ends_on: datetime.date | None = None
    requested_on: datetime.date | None = None
    is_urgent: bool = False
    accepts_equivalent: bool = True
    deliver_together: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    instructions: str = ""
    notify_sms: str = ""
    notify_phone: str = ""
    notify_email: str = ""
    notify_by_letter: bool = False


@dataclasses.dataclass(frozen=True)
class LineContent:
    """What is written on a line beside its quantity. `main` is the number of the main aid's line; None for all: not touched."""

    main: int | None = None
    individual_number: str | None = None
    misfit_reason: str | None = None
    exception_reason: str | None = None
    configuration: list[dict[str, str]] | None = None


@dataclasses.dataclass(frozen=True)
class Whole:
    """What an accessory is added to: a line of the order, or an aid that the patient has."""

    line: int | None = None
    individual_number: str = ""


ALONE = Whole()


@transaction.atomic
def start(patient: Patient, *, by: Assignment) -> Order:
    """A draft for the patient; the one that `by` began for the patient and left empty, if there is one."""
    mine = Order.objects.about_patients().drafts().filter(unit=by.unit, orderer=by, patient=patient)
    empty = mine.filter(lines__isnull=True, again_of__isnull=True, attachments__isnull=True).first()
    if empty is not None:
        return empty
    contact = Contact.objects.visible_to(by).filter(patient=patient).first()
    order = Order.objects.create(
        unit=by.unit,
        patient=patient,
        orderer=by,
        prescriber=by,
        customer=by.unit.customers.order_by("-is_standard", "number").first(),
        method=Order.Method.MANUAL_CONTACT if patient.is_protected else Order.Method.HOME,
        contact_name="" if patient.is_protected or contact is None else contact.name,
        contact_phone="" if patient.is_protected or contact is None else contact.phone,
    )
    if not may(by, Permission.PRESCRIBE):
        # A nurse orders for a doctor: who prescribes must be chosen, never assumed.
        prescribers = list(prescribers_of(by)[:2])
        if len(prescribers) == 1:
            Order.objects.filter(pk=order.pk).update(prescriber=prescribers[0])
    return order


def prescribers_of(by: Assignment) -> QuerySet[Assignment]:
    """Those who may stand as prescriber on an order of the unit."""
    return Assignment.objects.current().filter(unit=by.unit, role=Role.PRESCRIBER).select_related("user").order_by("user__name")


@transaction.atomic
def save(
    order: Order,
    *,
    content: Content,
    quantities: dict[int, int],
    details: dict[int, LineContent] | None = None,
    seen: int | None = None,
    page: str = "",
) -> None:
    """Write what was typed. `quantities` and `details` are by line number, `seen` is the version that the page showed, `page` the open page itself.

    Raises `IllegalMove` when the draft was sent or thrown away, `ChangedMeanwhile` when it is no longer the version seen, unless the same page
    made it another.
    """
    lock_draft(order, seen=seen, page=page)
    fields = {field.name: getattr(content, field.name) for field in dataclasses.fields(content)}
    if fields["prescriber"] is None:
        del fields["prescriber"]
    Order.objects.filter(pk=order.pk).update(**fields, saved_by_page=page)
    lines = {line.line: line for line in OrderLine.objects.filter(order=order)}
    for number, line in lines.items():
        changed = {"quantity": quantities.get(number, line.quantity)} | _changed_details(lines, line, (details or {}).get(number))
        changed = {name: value for name, value in changed.items() if getattr(line, name) != value}
        if changed:
            OrderLine.objects.filter(pk=line.pk).update(**changed)


def _changed_details(lines: dict[int, OrderLine], line: OrderLine, content: LineContent | None) -> dict[str, object]:
    if content is None:
        return {}
    changed: dict[str, object] = {}
    if content.individual_number is not None:
        main = lines.get(content.main) if content.main is not None else None
        # Two levels, never three: what has accessories goes under nothing, and nothing goes under an accessory.
        if main is not None and main.pk != line.pk and main.main_id is None and not any(other.main_id == line.pk for other in lines.values()):
            changed |= {"main_id": main.pk, "individual_number": ""}
        elif main is None:
            changed |= {"main_id": None, "individual_number": content.individual_number}
    for name in ("misfit_reason", "exception_reason", "configuration"):
        if (value := getattr(content, name)) is not None:
            changed[name] = value
    return changed


@transaction.atomic
def add_article(order: Order, article: Article, *, quantity: int | None = None, to: Whole = ALONE) -> OrderLine:
    """A new line, or more on the line that has the article and goes to the same aid. Without `quantity`: one, or one pack.

    What a fast ersättningsgrupp gives instead is put there, with the article that was asked for beside it. An accessory that fits one main aid
    of the order, and only one, goes under it. Raises `TooMany`, and `IllegalMove` as `save` does.
    """
    lock_draft(order)
    chosen = _given_instead(article)
    lines = list(OrderLine.objects.filter(order=order).select_related("article__local", "article__product"))
    main = _main_of(chosen, lines, to)
    same = [line for line in lines if line.main_id == (main.pk if main else None) and line.individual_number == to.individual_number]
    # One that was kept with a reason is the article itself.
    line = next((line for line in same if line.article_id == article.pk), None) or next((line for line in same if line.article_id == chosen.pk), None)
    total = (quantity or rules.pack_of(chosen)) + (line.quantity if line else 0)
    if total > MOST_OF_AN_ARTICLE:
        raise TooMany
    if line is not None:
        OrderLine.objects.filter(pk=line.pk).update(quantity=total)
        return line
    return OrderLine.objects.create(
        order=order,
        line=next_line(order),
        quantity=total,
        main=main,
        individual_number=to.individual_number,
        substituted_for=article if chosen.pk != article.pk else None,
        **article_fields(chosen),
    )


def article_fields(article: Article) -> dict[str, object]:
    """Name and price as they are shown now; `place` takes those that are in force then."""
    return {"article": article, "article_name": article.display_name, "article_number": article.display_number, "unit_price": article.unit_price()}


def next_line(order: Order) -> int:
    return (OrderLine.objects.filter(order=order).aggregate(last=Max("line"))["last"] or 0) + 1


def _given_instead(article: Article) -> Article:
    if not rules.group_is_fixed(article) or rules.is_in_stock(article):
        return article
    return next(iter(rules.equivalents_of([article], timezone.localdate())[article.pk]), article)


def _main_of(article: Article, lines: list[OrderLine], to: Whole) -> OrderLine | None:
    if to.individual_number:
        return None
    if to.line is not None:
        return next((line for line in lines if line.line == to.line and line.main_id is None), None)
    if not article.may_be_component:
        return None
    mains = [line for line in lines if line.main_id is None and line.article_id != article.pk]
    fitting = rules.fits((article, line.article) for line in mains)
    found = [line for line in mains if (article.pk, line.article_id) in fitting]
    return found[0] if len(found) == 1 else None


@transaction.atomic
def remove_line(order: Order, line: int) -> None:
    """Take a line off the draft, with the accessories under it; one that is not there is no error."""
    lock_draft(order)
    OrderLine.objects.filter(order=order, main__line=line).delete()
    OrderLine.objects.filter(order=order, line=line).delete()


@transaction.atomic
def split(order: Order, *, by: Assignment) -> Order | None:
    """Move the lines that come later than the fastest to a draft of their own, with all else that was written; None when all come alike.

    Each is then an order by itself, so neither waits for the other. Raises `IllegalMove` as `save` does.
    """
    lock_draft(order)
    lines = list(OrderLine.objects.filter(order=order).select_related("article__local"))
    slow = rules.slow_lines(lines)
    if not slow:
        return None
    now = Order.objects.get(pk=order.pk)
    names = [*CARRIED_OVER, "requested_on", "is_urgent"]
    other = Order.objects.create(unit=now.unit, patient=now.patient, orderer=by, **{name: getattr(now, name) for name in names})
    OrderLine.objects.filter(order=order, line__in=slow).update(order=other)
    other.attachments.bulk_create([type(link)(order=other, attachment_id=link.attachment_id) for link in now.attachments.all()])
    Order.objects.filter(Q(pk=other.pk) | Q(pk=order.pk)).update(deliver_together=False)
    return other


# What one draft takes over from another; dates, haste and numbers are each order's own.
CARRIED_OVER = (
    "prescriber",
    "customer",
    "purpose",
    "ends_on",
    "method",
    "delivery_point",
    "accepts_equivalent",
    "deliver_together",
    "contact_name",
    "contact_phone",
    "instructions",
    "notify_sms",
    "notify_phone",
    "notify_email",
    "notify_by_letter",
)


@transaction.atomic
def discard(order: Order, *, by: Assignment) -> None:
    """Throw the draft away. It stays in the database as makulerad, without a number, and is shown nowhere. Raises `IllegalMove` as `save` does."""
    lock_draft(order)
    order.move_to(Status.CANCELLED, event="DISCARDED", by=by)


def lock_draft(order: Order, *, seen: int | None = None, page: str = "") -> None:
    """Only a draft may be written on; the row stays locked so that it isn't sent in the middle. Counts its version up, also on `order`."""
    now = Order.objects.select_for_update().filter(pk=order.pk, status=Status.DRAFT).values_list("version", "saved_by_page").first()
    if now is None:
        raise IllegalMove("no longer a draft")
    version, saved_by = now
    if seen is not None and seen != version and not (page and page == saved_by):
        order.version = version
        raise ChangedMeanwhile
    order.version = version + 1
    Order.objects.filter(pk=order.pk).update(version=order.version, changed_at=timezone.now())
