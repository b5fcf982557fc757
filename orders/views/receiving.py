"""Ta emot: from what is on its way to what lies on the shelf."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from core.templatetags.ui import when
from ordering import pages
from ordering.sending import NotReady
from orders.actions import receiving
from orders.actions.receiving import Found
from orders.forms import DespatchNumberForm, ReceiveForm
from orders.models import Despatch, DespatchLine, Order, OrderLine, Receipt
from orders.views.stock_orders import RESOURCE, lines_of
from orders.views.stores import open_stock_order, report_url

MOST_ROWS = 100
NOT_OURS = "Följesedeln hör inte till något av enhetens förråd. Ta inte emot leveransen. Ring centralen, eller anmäl felleveransen nedan."
NOT_TOLD = "Centralen har inte aviserat den följesedeln. Öppna beställningen som står på den och välj Ta emot utan avisering."


# --- What waits --------------------------------------------------------------------------------------


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def to_receive(request: HttpRequest) -> HttpResponse:
    """What is on its way, or has come, and waits for somebody; a följesedel that one has in one's hand is looked up by its number."""
    ours = Order.objects.visible_to(request.assignment).to_stores().sent()
    form = DespatchNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["nummer"]
        despatch = Despatch.objects.filter(order__in=ours, number=number).select_related("order").order_by("pk").first()
        if despatch is not None:
            return redirect("stock:receive", number=despatch.order.number, pk=despatch.pk)
        is_anothers = Despatch.objects.filter(number=number, order__kind=Order.Kind.STOCK).exists()
        form.add_error("nummer", NOT_OURS if is_anothers else NOT_TOLD)
    rows = receiving.waiting_for(ours).select_related("order__store").prefetch_related("lines__line").order_by("-has_come", "-despatched_at", "-pk")
    context = {"form": form, "rows": rows[:MOST_ROWS], "most": MOST_ROWS, "report_url": report_url(), "errors_text": "Inget är mottaget än."}
    return render(request, "orders/stock/to_receive.html", context)


# --- Receiving ---------------------------------------------------------------------------------------


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """All as the följesedel says with one press, or line by line."""
    shown = open_stock_order(request, number)
    despatch = shown.despatches.filter(pk=pk).first()
    if despatch is None:
        return redirect(shown)
    announced = receiving.announced(shown, despatch.number)
    lines = [line for line in lines_of(shown) if line.line in announced]
    return _receive(request, shown, despatch.number, lines, announced)


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def receive_unannounced(request: HttpRequest, number: str) -> HttpResponse:
    """The goods have come, but SESAM2's word of them has not: by the number on the paper."""
    shown = open_stock_order(request, number)
    form = DespatchNumberForm(request.POST or None)
    lines = [line for line in lines_of(shown) if line.on_order]
    receive_form = ReceiveForm(request.POST or None, lines=lines, announced={})
    if request.method == "POST" and form.is_valid() and receive_form.is_valid():
        despatch = shown.despatches.filter(number=form.cleaned_data["nummer"]).first()
        if despatch is not None:
            messages.info(request, "Följesedeln är aviserad nu. Kontrollera mot den.")
            return redirect("stock:receive", number=number, pk=despatch.pk)
        answer = _book(request, shown, form.cleaned_data["nummer"], receive_form.found, receive_form)
        if answer is not None:
            return answer
    context = {
        "order": shown,
        "number_form": form,
        "form": receive_form,
        "forms": [form, receive_form],
        "rows": _rows(lines, receive_form),
        "report_url": report_url(shown),
        "errors_text": "Inget är mottaget än.",
    }
    return render(request, "orders/stock/receive_unannounced.html", context)


def _receive(request: HttpRequest, shown: Order, despatch_number: str, lines: Sequence[OrderLine], announced: Mapping[int, DespatchLine]) -> HttpResponse:
    before = Receipt.objects.filter(order=shown, despatch_number=despatch_number).select_related("by__user").first()
    if before is not None:
        return _received_before(request, before)
    by_line = request.GET.get("visa") == "rader" or request.POST.get("do") == "lines"
    form = ReceiveForm(request.POST if request.method == "POST" and by_line else None, lines=lines, announced=announced)
    if request.method == "POST":
        found = receiving.as_announced(announced) if not by_line else form.found if form.is_valid() else None
        answer = _book(request, shown, despatch_number, found, form) if found is not None else None
        if answer is not None:
            return answer
    context = {
        "order": shown,
        "despatch_number": despatch_number,
        "announced": [announced[line.line] for line in lines],
        "form": form,
        "rows": _rows(lines, form, announced),
        "needs_numbers": any(_needs_numbers(row) for row in announced.values()),
        "by_line": by_line or form.is_bound,
        "report_url": report_url(shown, despatch_number),
        "errors_text": "Inget är mottaget än.",
    }
    return render(request, "orders/stock/receive.html", context)


def _needs_numbers(row: DespatchLine) -> bool:
    """Whether there are aids that must be scanned in: the följesedel has not all of their numbers."""
    return receiving.article_of(row.line).is_individual_marked and len(row.individuals) < row.quantity


def _book(request: HttpRequest, shown: Order, despatch_number: str, found: Mapping[int, Found], form: ReceiveForm) -> HttpResponse | None:
    """None: with errors in the form."""
    try:
        receipt = receiving.receive(shown, despatch_number, by=request.assignment, found=found)
    except receiving.AlreadyReceived as error:
        return _received_before(request, error.receipt)
    except IllegalMove:
        return pages.somebody_was_first(request, shown, name=RESOURCE)
    except NotReady as error:
        if not form.is_bound:
            # All as announced, by one press: what stands in the way is told line by line.
            form.data, form.is_bound = {name: form[name].value() for name in form.fields}, True
            form.is_valid()
        for field, text in error.problems:
            form.add_error(field if field in form.fields else None, text)
        return None
    rows = list(receipt.lines.all())
    if any(row.has_difference for row in rows):
        messages.warning(request, "Leveransen är mottagen med avvikelser. Centralen får besked. Gör en felrapport om det som saknades eller var skadat.")
    else:
        messages.success(request, f"Leveransen är mottagen: {sum(row.received for row in rows)} ligger i saldot nu.")
    return redirect(shown)


def _received_before(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    """The följesedel a second time: the same form sent twice, a colleague, another paper with the same number."""
    messages.info(request, f"Följesedel {receipt.despatch_number} togs emot {when(receipt.at)} av {receipt.by.user.name}. Inget nytt är bokfört.")
    return redirect(receipt.order)


def _rows(lines: Sequence[OrderLine], form: ReceiveForm, announced: Mapping[int, DespatchLine] | None = None) -> list[dict[str, object]]:
    """Each line with its fields."""
    names = ("received", "damaged", "individuals", "note")
    return [
        {"line": line, "advice": (announced or {}).get(line.line), "article": receiving.article_of(line)}
        | {name: form[f"{name}_{line.line}"] for name in names if f"{name}_{line.line}" in form.fields}
        for line in lines
    ]
