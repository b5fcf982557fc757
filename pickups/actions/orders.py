"""A hämtorder is checked and sent, and ordered again."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Individual
from core.lifecycle import IllegalMove
from integration import outbox
from integration.numbers import next_number
from ordering import actions as common
from ordering.sending import AlreadySent, NotReady, NotSeen, Problem, address_of, customer_problems, delivery_problems, payer_of
from patients import access
from patients.models import Loan
from pickups import rules, sesam2
from pickups.actions import facts
from pickups.actions.drafts import RESOURCE, Content, left_of, put_items, wanted_of
from pickups.models import OPEN, PickupItem, PickupOrder, Reason, Status

_COPIED = [field for field in Content.__dataclass_fields__ if field != "is_cleaned"]
CLEANED = "Det som inte går att rengöra ska inte lämnas tillbaka. Ta bort det här och anmäl onormalt slitage i en felrapport."


def items_of(order: PickupOrder) -> list[PickupItem]:
    """In their order, with all that a page shows of them."""
    items = list(order.items.select_related("loan", "article__local", "article__supplier").order_by("line"))
    for item in items:
        item.order = order
    return items


# --- What stops it -----------------------------------------------------------------------------------


def field_of(item: PickupItem, individual: Individual | None) -> str:
    """The name of the item's field on the page."""
    return f"aid_{item.loan_id}" if item.loan_id else f"component_{individual.pk if individual else 0}"


def problems_of(order: PickupOrder, items: Sequence[PickupItem]) -> list[Problem]:
    """Why the order cannot be sent, as (field, Swedish text). Empty when it can be."""
    found = customer_problems(order.customer, unit_id=order.unit_id)
    if not items:
        found.append(("", "Välj minst ett hjälpmedel att hämta."))
    individuals = {individual.number: individual for individual in Individual.objects.filter(number__in=[item.individual_number for item in items])}
    for item in items:
        individual = individuals.get(item.individual_number)
        if text := _item_problem(order, item, individual):
            found.append((field_of(item, individual), text))
    if not order.reason:
        found.append(("reason", "Välj varför hjälpmedlen ska hämtas."))
    if order.is_cleaned is None:
        found.append(("is_cleaned", "Svara på om hjälpmedlen är rengjorda."))
    elif not order.is_cleaned and order.reason != Reason.INVESTIGATION:
        found.append(("is_cleaned", CLEANED))
    if order.has_infection_risk and not order.infection_note:
        found.append(("infection_note", "Skriv vad som är gjort mot smittan, till exempel hur hjälpmedlen är rengjorda och packade."))
    return [*found, *_place_problems(order)]


def _item_problem(order: PickupOrder, item: PickupItem, individual: Individual | None) -> str:
    """Why the aid cannot be fetched; "" when it can."""
    loan = item.loan
    if loan is not None:
        if loan.patient_id != order.patient_id or loan.provider_id != order.unit.provider_id or loan.ended_at is not None:
            return "Patienten har inte det här hjälpmedlet, eller har det inte längre."
        if loan.is_lost:
            return "Hjälpmedlet är anmält som förkommet. Anmäl det som återfunnet innan du beställer hämtning."
        if loan.is_under_investigation and order.reason != Reason.INVESTIGATION:
            return "Hjälpmedlet är under utredning. Det får inte lämnas tillbaka. Behöver det skickas in görs det från felrapporten."
        if item.quantity > loan.held:
            return f"Patienten har bara {loan.held}. Skriv ett lägre antal."
        if item.quantity > left_of(loan):
            return _on_another(order, item)
    elif individual is None or individual.parent is None:
        return "Delen sitter inte på något av patientens hjälpmedel."
    elif individual.is_lost or individual.is_on_pickup:
        return "Delen är anmäld som förkommen." if individual.is_lost else _on_another(order, item)
    if individual is not None and individual.is_loaner:
        return "Hjälpmedlet är ett låneexemplar. Det hämtas när arbetsordern som det hör till är klar."
    if item.part_of_individual and not _sits_there(order, item):
        return "Patienten har inte hjälpmedlet som delen ska sitta på. Välj ett annat."
    return ""


def _on_another(order: PickupOrder, item: PickupItem) -> str:
    """Which hämtorder it stands on already, if the unit may know."""
    same = PickupItem.objects.filter(loan=item.loan) if item.loan_id else PickupItem.objects.filter(loan=None, individual_number=item.individual_number)
    others = [other for other in same.exclude(order=order).filter(order__status__in=OPEN).select_related("order") if other.is_open]
    own = next((other.order.number for other in others if other.order.unit_id == order.unit_id), None)
    where = f"hämtorder {own}" if own else "en hämtorder från en annan enhet" if others else "en annan hämtorder"
    left = left_of(item.loan) if item.loan else 0
    return f"Hjälpmedlet står redan på {where}." if not left else f"Du kan bara hämta {left} till. Resten står redan på {where}."


def _sits_there(order: PickupOrder, item: PickupItem) -> bool:
    return Loan.objects.current().filter(patient=order.patient_id, provider=order.unit.provider_id, individual_number=item.part_of_individual).exists()


def _place_problems(order: PickupOrder) -> list[Problem]:
    """Where, and whom to reach. Of a protected person it is the unit's contact that goes out, and nothing else."""
    found = [] if _is_elsewhere(order) else delivery_problems(order)
    if order.patient.is_protected:
        return found
    if _is_elsewhere(order):
        texts = {"street": "Skriv gatuadressen.", "postal_code": "Skriv postnumret.", "city": "Skriv orten."}
        found += [(field, text) for field, text in texts.items() if not getattr(order, field)]
        if bool(order.door_code) == order.has_no_door_code:
            found.append(("door_code", "Skriv portkoden, eller kryssa i att porten saknar kod." if not order.door_code else "Ta bort portkoden eller krysset."))
    is_estate = order.reason == Reason.DECEASED
    if is_estate and not order.contact_name:
        found.append(("contact_name", "Skriv namnet på en närstående som kan visa var hjälpmedlen finns."))
    if not order.contact_phone:
        found.append(("contact_phone", f"Skriv ett nummer som {'den närstående' if is_estate else 'föraren'} {'svarar på' if is_estate else 'kan ringa'}."))
    return found


def _is_elsewhere(order: PickupOrder) -> bool:
    return order.method == PickupOrder.Method.HOME and order.has_other_address and not order.patient.is_protected


def loose_parts(order: PickupOrder, items: Sequence[PickupItem]) -> list[Loan]:
    """The patient's aids that sit on one that is fetched, and are not on the order themselves: whoever sends it is to know."""
    numbers = [item.individual_number for item in items if item.individual_number]
    on_it = Individual.objects.filter(parent__number__in=numbers).values_list("number", flat=True)
    taken = [item.loan_id for item in items if item.loan_id]
    loans = Loan.objects.current().filter(patient=order.patient_id, provider=order.unit.provider_id, individual_number__in=list(on_it)).exclude(pk__in=taken)
    return list(loans.select_related("article__local").order_by("pk"))


# --- Sending -------------------------------------------------------------------------------------------


@transaction.atomic
def place(order: PickupOrder, *, by: Assignment, seen: int | None = None) -> str:
    """Send the draft; all or nothing. The aids stand on it from then on. Returns the number.

    `seen` is the version that was checked. Raises `NotReady`, also for an aid that another hämtorder has taken meanwhile, `NotSeen` when it
    was changed since, `AlreadySent` when somebody was first, `IllegalMove` when it was thrown away, and `access.NoSuchPatient`.
    """
    # Without the patient: a join to one that is merged while we wait for the lock would find no order at all.
    related = ("customer", "unit", "delivery_point", "load_carrier")
    order = PickupOrder.objects.select_for_update(of=("self",)).select_related(*related).get(pk=order.pk)
    if order.status != Status.DRAFT:
        if order.number is None:
            raise IllegalMove("thrown away")
        raise AlreadySent(order.number)
    if seen is not None and seen != order.version:
        raise NotSeen
    number = next_number("H")
    resource = access.Resource(RESOURCE, number)
    order.patient = access.open_patient(by, order.patient.public_id, action=access.Action.SIGN, activity="Skicka hämtorder", resource=resource)
    _lock_aids(order)
    items = items_of(order)
    if problems := problems_of(order, items):
        raise NotReady(problems)
    now = timezone.now()
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
        rent_ends_on=follows.rent_ends_on,
        deregister_by=follows.deregister_by,
        **_place_of(order, by),
        **payer_of(order.customer),
    )
    facts.settle(items)
    outbox.queue("PickupOrder", subject=number, body=sesam2.pickup_order(order, items))
    return number


def _lock_aids(order: PickupOrder) -> None:
    """Of two hämtorder at once about one aid the second waits here, and then sees that it is taken."""
    ids = order.items.filter(loan__isnull=False).values_list("loan", flat=True)
    list(Loan.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk").values_list("pk"))
    numbers = order.items.filter(loan__isnull=True).values_list("individual_number", flat=True)
    list(Individual.objects.select_for_update().filter(number__in=list(numbers)).order_by("pk").values_list("pk"))


def _place_of(order: PickupOrder, by: Assignment) -> dict[str, Any]:
    """The address, copied. Somewhere else than at home it is what was typed."""
    nowhere = dict.fromkeys(("recipient_name", "care_of", "street", "postal_code", "city", "door_code"), "")
    if order.patient.is_protected:
        return {**nowhere, "has_no_door_code": False, "instructions": "", "delivery_point": None, **address_of(order, by)}
    if _is_elsewhere(order):
        return {"recipient_name": order.patient.name, "delivery_point": None}
    contact = {name: getattr(order, name) for name in ("contact_name", "contact_phone") if getattr(order, name)}
    return {**nowhere, "has_no_door_code": False, "has_other_address": False, **address_of(order, by), **contact}


@transaction.atomic
def order_again(order: PickupOrder, *, by: Assignment) -> PickupOrder:
    """A new draft with what was filled in and the aids that were not fetched; the one already made, if it is still a draft.

    Raises `IllegalMove` when the order is not cancelled, and `AlreadyOrderedAgain`.
    """
    order = PickupOrder.objects.select_for_update(of=("self",)).select_related("unit", "prescriber", "patient").get(pk=order.pk)
    if not order.can_be_ordered_again:
        raise IllegalMove("not cancelled")
    made: PickupOrder | None = common.ordered_again(order, by=by)
    if made is not None:
        return made
    draft = PickupOrder.objects.create(
        unit=order.unit,
        patient=order.patient,
        orderer=by,
        prescriber=order.prescriber,
        again_of=order,
        **{name: getattr(order, name) for name in _COPIED},
    )
    wanted = [one for one in wanted_of(order) if one.loan is None or one.loan.ended_at is None]
    put_items(draft, wanted)
    access.write(by, [order.patient], action=access.Action.WRITE, activity="Beställ igen", resource=access.Resource(RESOURCE, str(order.number)))
    return draft
