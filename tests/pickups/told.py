"""What SESAM2 may tell about a hämtorder, each as one call; and an order to tell about."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.utils import timezone

from buffer.models import StockLine
from catalog.models import Individual
from ordering.sesam2 import Answer
from patients.models import Loan, Patient
from pickups.actions import drafts, orders, reports, stores
from pickups.actions.drafts import Content, Wanted
from pickups.models import PickupItem, PickupOrder, Reason, StatusReport
from pickups.sesam2 import AnsweredItem, Report, Response
from tests import factories
from tests.buffer.stores import maja

State = StatusReport.State
Telling = Callable[[PickupOrder], None]


def day(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


SOON, LATER = day(3), day(6)


def content(order: PickupOrder, **fields: Any) -> Content:
    """All that a pickup at home needs."""
    given = {"customer": order.customer, "reason": Reason.NOT_NEEDED, "is_cleaned": True, "contact_name": "Elsa Tolvansson", "contact_phone": "+46701740607"}
    return Content(**(given | fields))


def loan(patient: Patient, number: str, *, article: str = "118201", quantity: int = 1) -> Loan:
    """An aid that the patient has; several without a number may be there."""
    by = factories.alice()
    return Loan.objects.create(
        patient=patient,
        provider=by.unit.provider,
        unit=by.unit,
        article=factories.article(article),
        individual_number=number,
        quantity=quantity,
        order_number="K-2026-00000001-1",
        source=f"test/{patient.pk}/{number}/{Loan.objects.count()}",
        started_at=datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC),
    )


def aids(patient: Patient) -> list[Loan]:
    """A wheelchair and a walker with numbers of their own, and five wedges without. The first patient's are numbered 40-1 and 40-2."""
    series = 40 + Loan.objects.filter(article__name="Rollator").count()
    return [loan(patient, f"{series}-1"), loan(patient, f"{series}-2", article="Rollator"), loan(patient, "", article="Kil", quantity=5)]


def draft(patient: Patient | None = None, *, of: Sequence[Loan] | None = None, wanted: Sequence[Wanted] | None = None, **fields: Any) -> PickupOrder:
    patient = patient or (of[0].patient if of else factories.patient())
    order = drafts.start(patient, by=factories.alice(), loans=() if wanted is not None else of if of is not None else aids(patient))
    drafts.save(order, content=content(order, **fields), wanted=wanted if wanted is not None else drafts.wanted_of(order))
    order.refresh_from_db()
    return order


def sent(patient: Patient | None = None, **fields: Any) -> PickupOrder:
    order = draft(patient, **fields)
    orders.place(order, by=factories.alice())
    return fresh(order)


def draft_from(line: StockLine, *, quantity: int = 1, numbers: Sequence[str] = (), **fields: Any) -> PickupOrder:
    """Maja's draft for the line's store."""
    order = stores.start(line.store, by=maja())
    stocked = [stores.Stocked(line.article, quantity=quantity)] if quantity else []
    stocked += [stores.Stocked(line.article, individual=Individual.objects.get(number=number)) for number in numbers]
    stores.save(order, content=content(order, method="UNIT", **fields), stocked=stocked)
    return fresh(order)


def sent_from(line: StockLine, **fields: Any) -> PickupOrder:
    order = draft_from(line, **fields)
    stores.place(order, by=maja())
    return fresh(order)


def fresh(order: PickupOrder) -> PickupOrder:
    return PickupOrder.objects.select_related("orderer__user", "orderer__unit__provider", "patient", "unit").get(pk=order.pk)


def items(order: PickupOrder) -> list[PickupItem]:
    return orders.items_of(fresh(order))


# --- SESAM2 ------------------------------------------------------------------------------------------


def answered(
    sequence: int, answer: Answer, *, on: datetime.date | None = None, erp: str = "S2-1", reason: str = "", items: Sequence[AnsweredItem] = ()
) -> Telling:
    response = Response(answer=answer, erp_number=erp, promised_on=on, reason=reason, items=tuple(items))
    return lambda order: reports.record_response(str(order.number), sequence=sequence, response=response)


def received(sequence: int = 1) -> Telling:
    return answered(sequence, Answer.RECEIVED)


def accepted(sequence: int = 2, on: datetime.date = SOON) -> Telling:
    return answered(sequence, Answer.ACCEPTED, on=on)


def refused(sequence: int = 1) -> Telling:
    return answered(sequence, Answer.REFUSED, reason="Kundnumret är spärrat")


def changed(sequence: int, *, refused: Sequence[int] = (), fewer: dict[int, int] | None = None, lines: Sequence[int] = (1, 2, 3)) -> Telling:
    """CA lists every line."""
    answers = [
        AnsweredItem(
            line=line, is_refused=line in refused, is_added=False, quantity=(fewer or {}).get(line), reason="Hämtas inte här" if line in refused else ""
        )
        for line in lines
    ]
    return answered(sequence, Answer.CHANGED, on=SOON, items=answers)


def status(sequence: int, state: State, *, on: datetime.date | None = None, found: dict[int, bool] | None = None) -> Telling:
    return lambda order: reports.record_status(str(order.number), sequence=sequence, report=Report(state=state, pickup_on=on, found=found))


def planned(sequence: int = 3, on: datetime.date | None = SOON) -> Telling:
    return status(sequence, State.PLANNED, on=on)


def picked_up(sequence: int = 4, found: dict[int, bool] | None = None) -> Telling:
    return status(sequence, State.PICKED_UP, found=found)


def deregistered(sequence: int = 5, found: dict[int, bool] | None = None) -> Telling:
    return status(sequence, State.DEREGISTERED, found=found)


def delayed(sequence: int, on: datetime.date | None = LATER, lines: list[int] | None = None) -> Telling:
    return lambda order: reports.record_delay(str(order.number), sequence=sequence, promised_on=on, reason="Bilen är trasig", lines=lines)


def cancelled(sequence: int, lines: list[int] | None = None, *, was_requested: bool = False, is_missing: bool = False) -> Telling:
    return lambda order: reports.record_cancellation(
        str(order.number),
        sequence=sequence,
        reason="Ingen öppnade",
        lines=lines,
        was_requested=was_requested,
        is_missing=is_missing,
        new_order_required=True,
    )


def tell(order: PickupOrder, *tellings: Telling) -> PickupOrder:
    for telling in tellings:
        telling(order)
    return fresh(order)


def events(order: PickupOrder) -> list[str]:
    return list(order.history.order_by("id").values_list("event", flat=True))


def outcomes(order: PickupOrder) -> str:
    """Those of the items, by their first letter in line order: O R N C, and T for what nothing was told of."""
    return "".join("T" if item.outcome == item.Outcome.NOT_TOLD else item.outcome[0] for item in items(order))


def loans(order: PickupOrder) -> list[tuple[int, int, bool]]:
    """Of each item's loan: how many are given back, how many stand on hämtorder, whether it has ended."""
    rows = Loan.objects.filter(pickup_items__order=order).order_by("pickup_items__line")
    return [(row.returned, row.on_pickup, row.ended_at is not None) for row in rows]


def end(order: PickupOrder) -> dict[str, Any]:
    """What must be the same whatever the order in which the same was told."""
    order = fresh(order)
    names = ("status", "promised_on", "is_delayed", "erp_number", "cancellation_requested_at")
    return {name: getattr(order, name) for name in names} | {"items": outcomes(order), "loans": loans(order)}
