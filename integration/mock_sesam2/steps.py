"""What SESAM2 says at each step of an order's life, and to what the portal asks of an order."""

import secrets
from typing import Any

from integration.mock_sesam2.dates import now, today, weekdays_ahead
from integration.mock_sesam2.life import AFTER_COST_ANSWER, ANSWER_SECONDS, NEXT_PART_SECONDS, PROMISE_DAYS, Life, Step

_PLACES = {"HOME": "RESIDENCE", "DELIVERY_POINT": "DELIVERY_POINT", "STORE": "STORE"}
MOST_INDIVIDUALS = 5


def _digits(count: int) -> str:
    return f"{secrets.randbelow(10**count):0{count}d}"


def _respond(life: Life, order: dict[str, Any], code: str, **more: Any) -> None:
    life.say("OrderResponse", order["number"], {"orderNumber": order["number"], "erpOrderNumber": order["erp"], "code": code, **more})


def _rejected(life: Life, order: dict[str, Any]) -> list[int]:
    numbers = set(life.control.reject_article)
    return [line["line"] for line in order["lines"] if numbers & set(line["articles"])]


def _receive(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    _respond(life, order, "AB")


def _accept(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    rejected = _rejected(life, order)
    if rejected and len(rejected) == len(order["lines"]):
        _respond(life, order, "RE", reason="Artikeln kan inte beställas.")
        life.close(order)
        return
    promised = weekdays_ahead(today(), PROMISE_DAYS[order["type"]]).isoformat()
    promised = max(promised, order["body"].get("requestedDate") or "")
    order["promised"], order["status"] = promised, "ACCEPTED"
    if not rejected:
        _respond(life, order, "AP", promisedDate=promised)
        return
    lines = []
    for line in order["lines"]:
        if line["line"] in rejected:
            line["cancelled"] = line["quantity"]
            lines.append({"line": line["line"], "status": 7, "reason": "Artikeln kan inte beställas."})
        else:
            lines.append({"line": line["line"], "status": 5, "quantity": line["quantity"], "promisedDate": promised})
    _respond(life, order, "CA", promisedDate=promised, lines=lines)


def _withdrawn(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    if _rejected(life, order):
        _respond(life, order, "RE", reason="Uttaget kan inte registreras.")
    else:
        _respond(life, order, "AP", lines=[{"line": line["line"], "status": 42, "quantity": line["quantity"]} for line in order["lines"]])


def _despatch(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    """Part `despatches + 1` of `parts`: of each line its share, so that every part holds something where it can."""
    order["despatches"] += 1
    part, parts = order["despatches"], order["parts"]
    lines = []
    for place, line in enumerate(order["lines"]):
        whole = line["quantity"] - line["cancelled"]
        upto = whole if part >= parts else (whole * part + place % parts) // parts
        quantity = upto - line["despatched"]
        if quantity <= 0:
            continue
        line["despatched"] = upto
        row: dict[str, Any] = {"line": line["line"], "quantity": quantity, "outstanding": whole - upto}
        if quantity <= MOST_INDIVIDUALS:
            row["individuals"] = [{"individualNumber": f"I{_digits(8)}", "serialNumber": f"SN{_digits(6)}"} for _ in range(quantity)]
        else:
            row["lot"] = f"LOT{_digits(4)}"
        lines.append(row)
    if lines:
        advice = {
            "orderNumber": order["number"],
            "despatchNumber": f"FS-{order['erp']}-{part}",
            "despatchedAt": now(),
            "expectedDate": order.get("promised"),
            "carrier": "Hjälpmedelscentralens bil",
            "lines": lines,
        }
        life.say("DespatchAdvice", order["number"], advice)
        order["advice"] = {"despatchNumber": advice["despatchNumber"], "lines": lines}
    if part < parts:
        life.later(order, "despatch", NEXT_PART_SECONDS)
        life.later(order, "deliver", NEXT_PART_SECONDS + 30)


def _deliver(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    advice = order.pop("advice", None)
    if advice is None:
        return
    lines = []
    for row in advice["lines"]:
        numbers = [item["individualNumber"] for item in row.get("individuals", [])]
        lines.append({"line": row["line"], "quantity": row["quantity"], **({"individualNumbers": numbers} if numbers else {})})
        for line in order["lines"]:
            if line["line"] == row["line"]:
                line["delivered"] += row["quantity"]
    delivery = order["delivery"] or {"method": "STORE", "hospital": False}
    place = "HOSPITAL" if delivery["hospital"] else _PLACES.get(delivery["method"], "UNIT")
    signed = place != "HOSPITAL"
    life.say(
        "DeliveryConfirmation",
        order["number"],
        {
            "orderNumber": order["number"],
            "despatchNumber": advice["despatchNumber"],
            "deliveredAt": now(),
            "placeType": place,
            "signed": signed,
            "signedBy": "mottagaren" if signed else None,
            "lines": lines,
        },
    )
    order["status"] = "PARTLY_DELIVERED"
    if all(line["delivered"] + line["cancelled"] >= line["quantity"] for line in order["lines"]):
        life.close(order)


def _work(life: Life, order: dict[str, Any], status: str, **more: Any) -> None:
    life.say("WorkOrderStatus", order["number"], {"orderNumber": order["number"], "status": status, **more})


def _plan_work(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    order["status"] = "PLANNED"
    _work(life, order, "PLANNED", plannedDate=order["promised"])
    if order["body"]["costProposalWanted"]:
        # Nothing more is done until the answer.
        life.store.drop_steps(order["number"])
        life.later(order, "propose_cost", 10)


def _propose_cost(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    _work(life, order, "WAITING", costProposal={"amount": "1250.00", "text": "Reservdel och en timmes arbete."})


def _start_work(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    order["status"] = "STARTED"
    _work(life, order, "STARTED")


def _complete_work(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    _work(life, order, "COMPLETED", report={"summary": "Arbetet är utfört.", "hours": "1.5", "byName": "Tekniker 7"})
    life.close(order)


def _pickup(life: Life, order: dict[str, Any], status: str, *, items: bool = False) -> None:
    """With items: which of those that are not cancelled were there. One that was not is cancelled from then on."""
    found = [{"line": line["line"], "found": line["line"] not in order.get("missing", [])} for line in order["lines"] if not line["cancelled"]]
    life.say(
        "PickupStatus",
        order["number"],
        {"orderNumber": order["number"], "status": status, "pickupDate": order.get("promised"), "items": found if items else None},
    )


def _schedule(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    order["status"] = "PLANNED"
    _pickup(life, order, "SCHEDULED")


def _pick_up(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    order["status"] = "STARTED"
    order["despatched"] = True
    _pickup(life, order, "PICKED_UP", items=True)
    for line in order["lines"]:
        if line["line"] in order.get("missing", []):
            line["cancelled"] = line["quantity"]
    if all(line["cancelled"] for line in order["lines"]):
        life.close(order)


def _deregister(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    _pickup(life, order, "DEREGISTERED", items=True)
    life.close(order)


def _fault(status: str) -> Step:
    def say(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
        body = {"reportNumber": order["number"], "status": status, "erpCaseNumber": f"AV-{order['erp']}"}
        life.say("FaultReportStatus", order["number"], body)

    return say


def _fault_answer(life: Life, order: dict[str, Any], _: dict[str, Any]) -> None:
    answer = "Tack för rapporten. Vi har gått igenom händelsen och ändrat rutinen."
    body = {"reportNumber": order["number"], "answerToReporter": True, "answer": answer, "answeredBy": "Kvalitet", "answeredAt": now()}
    life.say("FaultReportAnswer", order["number"], body)


def _cancel_step(life: Life, order: dict[str, Any], data: dict[str, Any]) -> None:
    life.cancel(order, data["given"])


def _is_planned_pickup(order: dict[str, Any]) -> bool:
    """Until it is planned a pickup may be changed and cancelled."""
    return order["type"] == "PickupOrder" and order["status"] in ("PLANNED", "STARTED")


def _cancel_asked(life: Life, order: dict[str, Any], data: dict[str, Any]) -> None:
    """Answers a CancellationRequest by what is true when the answer is given."""
    lines = data.get("lines")
    touched = [line for line in order.get("lines", []) if lines is None or line["line"] in lines]
    if _is_planned_pickup(order):
        life.say("CancellationRefused", order["number"], {"orderNumber": order["number"], "reason": "Hämtningen är redan planerad."})
    elif order["closed"] or order.get("despatched") or order["status"] == "STARTED" or any(line["despatched"] for line in touched):
        reason = "Ordern är redan avslutad." if order["closed"] else "Ordern är redan på väg."
        life.say("CancellationRefused", order["number"], {"orderNumber": order["number"], "reason": reason})
    else:
        life.cancel(order, {"reasonCode": "REQUESTED", "reason": "Makulerad på begäran.", "newOrderRequired": False}, lines)


def _delay_step(life: Life, order: dict[str, Any], data: dict[str, Any]) -> None:
    if not order["closed"]:
        life.delay(order, data["given"])


STEPS: dict[str, Step] = {
    "receive": _receive,
    "accept": _accept,
    "withdrawn": _withdrawn,
    "despatch": _despatch,
    "deliver": _deliver,
    "plan_work": _plan_work,
    "propose_cost": _propose_cost,
    "start_work": _start_work,
    "complete_work": _complete_work,
    "schedule": _schedule,
    "pick_up": _pick_up,
    "deregister": _deregister,
    "fault_received": _fault("RECEIVED"),
    "fault_investigating": _fault("INVESTIGATING"),
    "fault_answer": _fault_answer,
    "fault_answered": _fault("ANSWERED"),
    "fault_closed": _fault("CLOSED"),
    "cancel": _cancel_step,
    "cancel_asked": _cancel_asked,
    "delay": _delay_step,
}


def _asked_to_cancel(life: Life, order: dict[str, Any], body: dict[str, Any]) -> None:
    if life.control.auto:
        life.later(order, "cancel_asked", ANSWER_SECONDS, lines=body.get("lines"))


def _delivery_changed(life: Life, order: dict[str, Any], body: dict[str, Any]) -> None:
    if order["closed"] or order.get("despatches") or _is_planned_pickup(order):
        life.say("DeliveryChangeRefused", order["number"], {"orderNumber": order["number"], "reason": "Ordern är redan på väg."})
        return
    order["place" if order["type"] == "PickupOrder" else "delivery"] = body["delivery"]
    life.store.save_order(order)


def _cost_answered(life: Life, order: dict[str, Any], body: dict[str, Any]) -> None:
    if order["closed"] or not life.control.auto:
        return
    if body["approved"]:
        for kind, seconds in AFTER_COST_ANSWER:
            life.later(order, kind, seconds)
    else:
        life.cancel(order, {"reasonCode": "REQUESTED", "reason": "Kostnadsförslaget godkändes inte.", "newOrderRequired": False})
        life.store.save_order(order)


ANSWERS: dict[str, Step] = {
    "CancellationRequest": _asked_to_cancel,
    "DeliveryChange": _delivery_changed,
    "CostProposalAnswer": _cost_answered,
}
