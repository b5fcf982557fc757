"""The page of a draft, and the page to check it."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Mode
from catalog.rights import Verdict, shared_reasons
from catalog.search import search
from orders import rules
from orders.actions import approvals, orders
from orders.forms import DraftForm, JustificationForm
from orders.models import Order, OrderLine, OrderTemplate, UrgentFee
from orders.shown import accessories_to, shown_row

MOST_HITS = 12
KEPT = "Det som är rätt är sparat i utkastet. Inget har skickats."


def draft_page(request: HttpRequest, order: Order, form: DraftForm, *, query: str = "", whole: str = "", errors_text: str = "") -> HttpResponse:
    today = timezone.localdate()
    sheet = rules.sheet(order, form.lines, by=request.assignment, today=today)
    context = {
        "order": order,
        "patient": order.patient,
        "page": uuid.uuid4(),
        "form": form,
        "sheet": sheet,
        "rows": [shown_row(row, form) for row in sheet.rows],
        "query": query,
        "hits": search(query, orderable_only=True, limit=MOST_HITS, by=request.assignment) if query else [],
        "accessories": accessories_to(whole, form),
        "aids": form.aids,
        "files": [link.attachment for link in order.attachments.select_related("attachment").order_by("id")],
        "templates": list(OrderTemplate.objects.visible_to(request.assignment).order_by("name", "id")[:50]),
        "urgent_fee": UrgentFee.objects.in_force(today),
        "sent_back": approvals.sent_back(order),
        **told(order, form.lines, by=request.assignment),
        "errors_text": errors_text or KEPT,
    }
    return render(request, "orders/draft.html", context)


def saved_page(request: HttpRequest, order: Order, form: DraftForm) -> HttpResponse:
    """The page anew after the lines changed: their quantities as they are now, else what was typed, with its errors."""
    data = request.POST.copy()
    data["q"] = ""
    lines = orders.lines_of(order)
    for line in lines:
        name = f"quantity_{line.line}"
        if name not in form.errors:
            data[name] = str(line.quantity)
        if line.main is not None:
            data[f"belongs_{line.line}"] = f"rad-{line.main.line}"
    again = DraftForm(data, order=order, lines=lines, by=request.assignment, aids=form.aids)
    again.is_valid()
    for text in form.errors.get("files", []):
        again.add_error("files", text)
    return draft_page(request, order, again)


def told(order: Order, lines: Sequence[OrderLine], *, by: Assignment, judged: dict[int, Verdict] | None = None) -> dict[str, Any]:
    """For a page with the lines: each gets its `verdict` of prescribing right and assortment, and what they share is told once."""
    judged = orders.verdicts_of(order, lines, by=by) if judged is None else judged
    shared = shared_reasons(judged)
    for line in lines:
        line.verdict = judged[line.line].without(shared)  # type: ignore[attr-defined]
    modes = {verdict.mode for verdict in judged.values()}
    return {"shared_reasons": shared, "needs_approval": Mode.APPROVAL in modes}


def review_page(
    request: HttpRequest, order: Order, lines: Sequence[OrderLine], *, judged: dict[int, Verdict], form: JustificationForm | None = None
) -> HttpResponse:
    """Check your answers; with what is needed to ask for approval where that must be asked for."""
    today = timezone.localdate()
    context = {
        "order": order,
        "patient": order.patient,
        "sheet": rules.sheet(order, lines, by=request.assignment, today=today),
        "files": [link.attachment for link in order.attachments.select_related("attachment").order_by("id")],
        "urgent_fee": UrgentFee.objects.in_force(today) if order.is_urgent else None,
        "errors_text": "Inget har skickats.",
        **told(order, lines, by=request.assignment, judged=judged),
    }
    if context["needs_approval"]:
        context["form"] = form or JustificationForm()
    return render(request, "orders/review.html", context)
