"""What the page of a draft and the page to check it show."""

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Article, Mode, Relation
from catalog.rights import Verdict, shared_reasons
from catalog.search import search
from orders import rules
from orders.actions import approvals, orders
from orders.actions.drafts import Whole
from orders.forms import DraftForm, JustificationForm
from orders.models import Order, OrderLine, OrderTemplate, UrgentFee
from patients.models import Loan

MOST_HITS = 12
MOST_ACCESSORIES = 40
KEPT = "Det som är rätt är sparat i utkastet. Inget har skickats."


@dataclasses.dataclass(frozen=True)
class ShownRow:
    """A row of the order with the fields that belong to it; None where nothing is asked."""

    row: rules.Row
    quantity: BoundField
    configuration: BoundField
    belongs: BoundField | None
    misfit: BoundField | None
    exception: BoundField | None
    unit_text: str

    @property
    def is_open(self) -> bool:
        """Whether what is seldom needed is shown: something is written there, or is wrong there."""
        return bool(self.row.line.configuration or self.configuration.errors)

    @property
    def remarks(self) -> list[rules.Remark]:
        """Those that do not stand as errors at their fields already."""
        shown = {field.name for field in (self.quantity, self.belongs, self.misfit, self.exception) if field is not None and field.errors}
        return [remark for remark in self.row.remarks if remark.field not in shown]


@dataclasses.dataclass(frozen=True)
class Accessories:
    """What fits a main aid of the order, or an aid that the patient has. `key` is what the address and the buttons call it."""

    key: str
    name: str
    to: Whole
    hits: list[Article]


def draft_page(request: HttpRequest, order: Order, form: DraftForm, *, query: str = "", whole: str = "", errors_text: str = "") -> HttpResponse:
    today = timezone.localdate()
    sheet = rules.sheet(order, form.lines, by=request.assignment, today=today)
    context = {
        "order": order,
        "patient": order.patient,
        "page": uuid.uuid4(),
        "form": form,
        "sheet": sheet,
        "rows": [_shown(row, form) for row in sheet.rows],
        "query": query,
        "hits": search(query, orderable_only=True, limit=MOST_HITS) if query else [],
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


def accessories_to(key: str, form: DraftForm) -> Accessories | None:
    """What fits what `key` names: rad-3, a line of the order; hjalpmedel-17, a loan of the patient. None when there is no such thing."""
    kind, _, number = key.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    if kind == "rad":
        line = next((line for line in form.lines if line.line == int(number) and line.main_id is None), None)
        return None if line is None else Accessories(key, line.article.display_name, Whole(line=line.line), _fitting(line.article))
    aid = next((aid for aid in form.aids if aid.pk == int(number)), None) if kind == "hjalpmedel" else None
    return None if aid is None else Accessories(key, _name_of(aid), Whole(individual_number=aid.individual_number), _fitting(aid.article))


def _name_of(aid: Loan) -> str:
    return f"{aid.article.display_name}, {aid.individual_number}"


def _fitting(article: Article) -> list[Article]:
    found = article.related(Relation.Kind.FITS_TO, backwards=True).orderable().for_cards().order_by("name_sort", "id")[:MOST_ACCESSORIES]
    return [part for part in found if part.may_be_component]


def _shown(row: rules.Row, form: DraftForm) -> ShownRow:
    number = row.line.line

    def field(name: str, *, when: bool = True) -> BoundField | None:
        full = f"{name}_{number}"
        return form[full] if full in form.fields and (when or full in form.errors) else None

    return ShownRow(
        row=row,
        quantity=form[f"quantity_{number}"],
        configuration=form[f"configuration_{number}"],
        belongs=field("belongs"),
        misfit=field("misfit", when=not row.fits or bool(row.line.misfit_reason)),
        exception=field("exception", when=row.must_switch or bool(row.line.exception_reason) or row.line.substituted_for_id is not None),
        unit_text=rules.unit_text(row.line.article),
    )
