"""A hämtorder from a buffertförråd: what lies there and is to go back to the centre. It names no patient, and costs no rent."""

import dataclasses
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Assignment, Notice
from accounts.permissions import Permission, roles_with
from buffer import actions as buffer
from buffer.models import Movement, StockIndividual, StockLine, Store
from catalog import individuals
from catalog.models import Article, Individual
from core.lifecycle import IllegalMove
from integration import outbox
from integration.numbers import next_number
from ordering import actions as common
from ordering.reports import notify
from ordering.sending import AlreadySent, NotReady, NotSeen, Problem, address_of, customer_problems, payer_of
from pickups import rules, sesam2
from pickups.actions.drafts import MOST_ITEMS, Content, lock
from pickups.models import OPEN, PickupItem, PickupOrder, Reason, Status

# Why a store gives back; the other reasons are a patient's.
REASONS = (Reason.NOT_NEEDED, Reason.EXCHANGE, Reason.WRONG_DELIVERY, Reason.OTHER)
_COPIED = ("customer", "reason", "has_infection_risk", "infection_note", "load_carrier", "method", "contact_name", "contact_phone", "instructions")


@dataclasses.dataclass(frozen=True)
class Stocked:
    """One individual of the store, or so many pieces of an article without a number of their own."""

    article: Article
    individual: Individual | None = None
    quantity: int = 1


# --- Before it is sent --------------------------------------------------------------------------------


@transaction.atomic
def start(store: Store, *, by: Assignment) -> PickupOrder:
    """A draft for the store. The one that `by` has begun is gone on with."""
    begun: PickupOrder | None = PickupOrder.objects.drafts().filter(store=store, orderer=by, again_of__isnull=True).order_by("-id").first()
    if begun is not None:
        return begun
    order: PickupOrder = PickupOrder.objects.create(
        unit=by.unit,
        store=store,
        orderer=by,
        prescriber=by,
        customer=by.unit.customers.order_by("-is_standard", "number").first(),
        method=PickupOrder.Method.UNIT,
        contact_name=by.user.name,
        contact_phone=by.user.phone or by.unit.phone,
    )
    return order


@transaction.atomic
def save(order: PickupOrder, *, content: Content, stocked: Sequence[Stocked], seen: int | None = None) -> None:
    """As `drafts.save`, of what lies in the store."""
    lock(order, seen=seen)
    PickupOrder.objects.filter(pk=order.pk).update(is_cleaned=content.is_cleaned, **{name: getattr(content, name) for name in _COPIED})
    PickupItem.objects.filter(order=order).delete()
    PickupItem.objects.bulk_create(
        PickupItem(
            order=order,
            line=line,
            article=one.article,
            article_name=one.article.display_name,
            article_number=one.article.display_number,
            quantity=one.quantity,
            individual_number=one.individual.number if one.individual else "",
        )
        for line, one in enumerate(stocked[:MOST_ITEMS], 1)
    )


def items_of(order: PickupOrder) -> list[PickupItem]:
    items = list(order.items.select_related("article__local", "article__supplier").order_by("line"))
    for item in items:
        item.order = order
    return items


def left_of(line: StockLine) -> int:
    """How many pieces without a number the store has that stand on no hämtorder."""
    waiting = PickupItem.objects.filter(order__store=line.store_id, article=line.article_id, individual_number="", order__status__in=OPEN)
    waiting = waiting.filter(order__cancelled_sequence=0, found=None, cancelled_sequence=None)
    return max(0, line.on_hand - line.individuals.count() - (waiting.aggregate(total=Sum("quantity"))["total"] or 0))


def problems_of(order: PickupOrder, items: Sequence[PickupItem]) -> list[Problem]:
    """Why the order cannot be sent, as (field, Swedish text). Empty when it can be."""
    found = customer_problems(order.customer, unit_id=order.unit_id)
    if not items:
        found.append(("", "Välj minst ett hjälpmedel att hämta."))
    for item in items:
        if problem := _item_problem(order, item):
            found.append(problem)
    if order.reason not in REASONS:
        found.append(("reason", "Välj varför hjälpmedlen ska hämtas."))
    if not order.is_cleaned:
        text = "Det som inte är rengjort får inte lämnas tillbaka." if order.is_cleaned is False else "Svara på om hjälpmedlen är rengjorda."
        found.append(("is_cleaned", text))
    if order.has_infection_risk and not order.infection_note:
        found.append(("infection_note", "Skriv vad som är gjort mot smittan."))
    if not order.contact_phone:
        found.append(("contact_phone", "Skriv ett nummer som föraren kan ringa."))
    if not order.unit.street:
        found.append(("", "Din enhet har ingen adress. Kontakta din administratör."))
    return found


def _item_problem(order: PickupOrder, item: PickupItem) -> Problem | None:
    if item.individual_number:
        lies = StockIndividual.objects.select_related("individual").filter(line__store=order.store_id, individual__number=item.individual_number).first()
        if lies is None:
            return "", f"{item.full_name} ligger inte längre i förrådet."
        individual = lies.individual
        field = f"individual_{individual.pk}"
        if individual.is_on_pickup:
            return field, "Står redan på en hämtorder."
        if individual.is_lost or individual.is_under_investigation:
            return field, "Är anmält som förkommet." if individual.is_lost else "Är under utredning. Behöver det skickas in görs det från felrapporten."
        return (field, "Är ett låneexemplar.") if individual.is_loaner else None
    line = StockLine.objects.filter(store=order.store_id, article=item.article_id).first()
    left = left_of(line) if line else 0
    if item.quantity > left:
        return f"quantity_{item.article_id}", f"Det finns bara {left} att hämta."
    return None


@transaction.atomic
def place(order: PickupOrder, *, by: Assignment, seen: int | None = None) -> str:
    """Send the draft; all or nothing. Returns the number. Raises as `orders.place`, except that no patient is opened."""
    related = ("customer", "unit", "store", "load_carrier")
    order = PickupOrder.objects.select_for_update(of=("self",)).select_related(*related).get(pk=order.pk)
    if order.status != Status.DRAFT:
        if order.number is None:
            raise IllegalMove("thrown away")
        raise AlreadySent(order.number)
    if seen is not None and seen != order.version:
        raise NotSeen
    items = items_of(order)
    assert order.store is not None  # asked by the caller: constraint pickup_is_from_a_patient_or_a_store
    # Of two hämtorder at once about one line the second waits here, and then sees what is taken.
    buffer.lock(order.store, [item.article for item in items])
    list(Individual.objects.select_for_update().filter(number__in=[item.individual_number for item in items]).order_by("pk").values_list("pk"))
    if problems := problems_of(order, items):
        raise NotReady(problems)
    now, number = timezone.now(), next_number("H")
    follows = rules.consequences(timezone.localtime(now).date())
    order.move_to(
        Status.PLACED,
        event="PLACED",
        by=by,
        number=number,
        placed_at=now,
        orderer=by,
        changed_at=now,
        fetch_by=follows.fetch_by,
        deregister_by=follows.deregister_by,
        **{**address_of(order, by), "contact_name": order.contact_name, "contact_phone": order.contact_phone},
        **payer_of(order.customer),
    )
    mark(items)
    outbox.queue("PickupOrder", subject=number, body=sesam2.pickup_order(order, items))
    return number


@transaction.atomic
def order_again(order: PickupOrder, *, by: Assignment) -> PickupOrder:
    """As `orders.order_again`, with what still lies in the store."""
    order = PickupOrder.objects.select_for_update(of=("self",)).select_related("unit", "store").get(pk=order.pk)
    if not order.can_be_ordered_again:
        raise IllegalMove("not cancelled")
    made: PickupOrder | None = common.ordered_again(order, by=by)
    if made is not None:
        return made
    draft: PickupOrder = PickupOrder.objects.create(
        unit=order.unit, store=order.store, orderer=by, prescriber=by, again_of=order, **{name: getattr(order, name) for name in _COPIED}
    )
    here = set(StockIndividual.objects.filter(line__store=order.store_id).values_list("individual__number", flat=True))
    rows = [item for item in order.items.order_by("line") if not item.individual_number or item.individual_number in here]
    for line, item in enumerate(rows, 1):
        item.pk, item.order, item.line = None, draft, line
        item.found, item.found_sequence, item.cancelled_sequence, item.cancelled_reason = None, 0, None, ""
        item.confirmed_quantity, item.response_sequence, item.is_cancellation_requested = None, 0, False
    PickupItem.objects.bulk_create(rows)
    return draft


# --- What SESAM2 has told -------------------------------------------------------------------------------


def mark(items: Iterable[PickupItem]) -> None:
    """An individual that is to be fetched is marked, and no longer when it is not."""
    for item in items:
        if item.individual_number:
            individuals.mark(item.individual_number, is_on_pickup=item.is_open)


def settle(items: Sequence[PickupItem]) -> None:
    """Take what was found out of the store, once, and put back what was not after all; tell those who see to it where the ledger has less."""
    short = [item for item in items if not _book(item)]
    mark(items)
    if not short:
        return
    order = short[0].order
    managers = Assignment.objects.current().filter(unit=order.unit_id, role__in=roles_with(Permission.MANAGE_STORE))
    names = ", ".join(item.full_name for item in short)
    title = f"Saldot stämmer inte efter hämtorder {order.number}"
    text = f"{names} är hämtat, men låg enligt saldot inte i förrådet. Inventera artikeln."
    notify(order, Notice.Tone.WARNING, "Att inventera", title, text, also=list(managers))


def _book(item: PickupItem) -> bool:
    """Make what the ledger has booked of the item equal to what was found. False when there was less in the store."""
    order = item.order
    assert order.store is not None  # asked by the caller
    individual = Individual.objects.filter(number=item.individual_number).first() if item.individual_number else None
    moved = Movement.objects.filter(order_number=str(order.number), line__store=order.store, line__article=item.article, individual=individual)
    booked = -(moved.aggregate(total=Sum("change"))["total"] or 0)
    wanted = item.expected if item.found else 0
    how = {"individual_numbers": [item.individual_number]} if item.individual_number else {"quantity": abs(wanted - booked)}
    try:
        if wanted > booked:
            buffer.take_out(order.store, item.article, by=None, order_number=str(order.number), kind=Movement.Kind.PICKED_UP, **how)
        elif wanted < booked:
            buffer.put_back(order.store, item.article, by=None, order_number=str(order.number), note="Var inte med vid hämtningen", **how)
    except (buffer.NotEnough, buffer.NumbersNeeded, buffer.IndividualElsewhere, buffer.WrongArticle):
        return False
    return True
