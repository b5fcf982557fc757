"""A new kundorder: one page that is saved each time it is sent to the server, a page to check it, and the sending."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from catalog.models import Article
from catalog.search import search
from core.forms import clean_text
from core.lifecycle import IllegalMove
from orders.actions import approvals, drafts, orders
from orders.forms import DraftForm
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status
from orders.views.approvals import ask_again, review_page, told
from patients import access

MOST_HITS = 12
SHORTEST_QUERY = 2


@requires(Permission.PLACE_ORDER)
@require_POST
def start(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    try:
        patient = access.open_patient(request.assignment, patient_id, activity="Ny kundorder", resource=access.Resource(orders.RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None
    return redirect(drafts.start(patient, by=request.assignment))


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every button of the page sends all of it: what is right is saved before the button's own work is done."""
    order = _open(request, public_id, activity="Skriva kundorder")
    if order.status != Status.DRAFT:
        return _no_longer_a_draft(request, order)
    lines = orders.lines_of(order)
    if request.method == "GET":
        return _page(request, order, DraftForm(order=order, lines=lines, by=request.assignment))
    form = DraftForm(request.POST, order=order, lines=lines, by=request.assignment)
    form.is_valid()
    verb, _, argument = request.POST.get("do", "save").partition(":")
    try:
        drafts.save(order, content=form.content, quantities=form.quantities, seen=_seen(request))
        return _do(request, order, form, verb, argument)
    except drafts.ChangedMeanwhile:
        form.add_error(None, "Utkastet har ändrats sedan du öppnade sidan. Det du skrev står kvar men är inte sparat. Kontrollera allt och spara igen.")
        return _page(request, order, form, errors_text="Inget är sparat än, och inget har skickats.")
    except IllegalMove:
        return _no_longer_a_draft(request, Order.objects.visible_to(request.assignment).get(pk=order.pk))


def _do(request: HttpRequest, order: Order, form: DraftForm, verb: str, argument: str) -> HttpResponse:
    if verb == "remove" and _is_number(argument):
        # A wrong quantity on the line that goes must not stand in the way.
        drafts.remove_line(order, int(argument))
        form.errors.pop(f"quantity_{argument}", None)
        return redirect(f"{order.get_absolute_url()}#artiklar") if not form.errors else _saved_page(request, order, form)
    if verb == "add":
        return _add(request, order, form, Article.objects.orderable().filter(pk=int(argument)).first() if _is_number(argument) else None)
    if verb == "search" and form.cleaned_data.get("q"):
        exact = _exact(form.cleaned_data["q"])
        if exact is not None and not form.errors:
            return _add(request, order, form, exact)
        return _page(request, order, form, query=form.cleaned_data["q"])
    if form.errors:
        return _page(request, order, form)
    if verb == "review":
        return redirect("orders:review", public_id=order.public_id)
    messages.success(request, "Utkastet är sparat.")
    return redirect(order)


def _is_number(text: str) -> bool:
    """Short enough to be a key, so that int() takes it."""
    return text.isascii() and text.isdigit() and len(text) < 19


def _add(request: HttpRequest, order: Order, form: DraftForm, article: Article | None) -> HttpResponse:
    if article is None:
        form.add_error("q", "Artikeln går inte längre att beställa. Välj en annan.")
        return _page(request, order, form)
    try:
        drafts.add_article(order, article)
    except drafts.TooMany:
        form.add_error("q", f"Du kan beställa högst {MOST_OF_AN_ARTICLE} av samma artikel.")
        return _page(request, order, form)
    if form.errors:
        return _saved_page(request, order, form)
    return redirect(f"{order.get_absolute_url()}#artiklar")


def _exact(query: str) -> Article | None:
    """The one orderable article that has this very number; None when there is none or several."""
    hits = [
        article for article in search(query, orderable_only=True, limit=3) if query.casefold() in {article.display_number.casefold(), article.number.casefold()}
    ]
    return hits[0] if len(hits) == 1 else None


def _saved_page(request: HttpRequest, order: Order, form: DraftForm) -> HttpResponse:
    """The page anew after the lines changed: their quantities as they are now, else what was typed, with its errors."""
    data = request.POST.copy()
    data["q"] = ""
    lines = orders.lines_of(order)
    for line in lines:
        name = f"quantity_{line.line}"
        if name not in form.errors:
            data[name] = str(line.quantity)
    again = DraftForm(data, order=order, lines=lines, by=request.assignment)
    again.is_valid()
    return _page(request, order, again)


def _page(request: HttpRequest, order: Order, form: DraftForm, *, query: str = "", errors_text: str = "") -> HttpResponse:
    context = {
        "order": order,
        "patient": order.patient,
        "form": form,
        "rows": [(line, form[f"quantity_{line.line}"]) for line in form.lines],
        "query": query,
        "hits": search(query, orderable_only=True, limit=MOST_HITS) if query else [],
        "sent_back": approvals.sent_back(order),
        **told(order, form.lines, by=request.assignment),
        "errors_text": errors_text or "Det som är rätt är sparat i utkastet. Inget har skickats.",
    }
    return render(request, "orders/draft.html", context)


@requires(Permission.PLACE_ORDER)
@require_GET
def articles(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is found while one types. Shows nothing of the patient."""
    order = Order.objects.visible_to(request.assignment).drafts().filter(public_id=public_id).first()
    if order is None:
        raise Http404
    try:
        query = " ".join(clean_text(request.GET.get("q", "")).split())[:100]
    except ValidationError:
        query = ""
    if len(query) < SHORTEST_QUERY:
        query = ""
    hits = search(query, orderable_only=True, limit=MOST_HITS)
    return render(request, "orders/_article_hits.html", {"order": order, "query": query, "hits": hits})


@requires(Permission.PLACE_ORDER)
@require_GET
def review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Check your answers."""
    order = _open(request, public_id, activity="Granska kundorder")
    if order.status != Status.DRAFT:
        return _no_longer_a_draft(request, order)
    lines = orders.lines_of(order)
    judged = orders.verdicts_of(order, lines, by=request.assignment)
    if problems := orders.problems_of(order, lines, by=request.assignment, today=timezone.localdate(), judged=judged):
        return _with_problems(request, order, lines, problems)
    return review_page(request, order, lines, judged=judged)


def _with_problems(request: HttpRequest, order: Order, lines: list[OrderLine], problems: list[tuple[str, str]]) -> HttpResponse:
    form = DraftForm.as_saved(order, lines, request.assignment)
    for field, text in problems:
        # The form may have found the same; what the problem says is more to the point.
        form.errors.pop(field, None)
        form.add_error(field if field in form.fields else None, text)
    return _page(request, order, form)


@requires(Permission.PLACE_ORDER)
@require_POST
def send(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A second click finds the order that the first one sent, and shows it."""
    order = Order.objects.visible_to(request.assignment).filter(public_id=public_id).only("pk").first()
    if order is None:
        raise Http404
    try:
        number = orders.place(order, by=request.assignment, seen=_seen(request))
    except orders.AlreadySent as sent:
        number = sent.number
    except access.NoSuchPatient:
        # The refusal's log row went with the transaction; the door is tried again outside it, and refuses with its row kept.
        _open(request, public_id, activity="Skicka kundorder")
        raise Http404 from None
    except orders.NotSeen:
        messages.warning(request, "Utkastet har ändrats sedan du granskade det. Granska det igen. Inget har skickats.")
        return redirect("orders:review", public_id=public_id)
    except orders.NeedsApproval:
        return ask_again(request, public_id)
    except orders.NotReady as error:
        opened = _open(request, public_id, activity="Skicka kundorder")
        return _with_problems(request, opened, orders.lines_of(opened), error.problems)
    except IllegalMove:
        return _no_longer_a_draft(request, order)
    return redirect("orders:sent", number=number)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    order = _open(request, public_id, activity="Kasta utkast")
    if order.status != Status.DRAFT:
        return _no_longer_a_draft(request, order)
    if request.method == "POST":
        try:
            drafts.discard(order, by=request.assignment)
        except IllegalMove:
            return _no_longer_a_draft(request, Order.objects.visible_to(request.assignment).get(pk=order.pk))
        messages.success(request, "Utkastet är kastat. Inget har skickats.")
        return redirect("patient", public_id=order.patient.public_id)
    return render(request, "orders/discard.html", {"order": order, "patient": order.patient})


def _open(request: HttpRequest, public_id: uuid.UUID, *, activity: str) -> Order:
    """The unit's order, its patient opened through the one door."""
    found = Order.objects.visible_to(request.assignment).select_related(
        "patient", "customer", "delivery_point", "prescriber__user", "unit__provider", "orderer__user"
    )
    order = found.filter(public_id=public_id).first()
    if order is None:
        raise Http404
    try:
        order.patient = access.open_patient(
            request.assignment, order.patient.public_id, activity=activity, resource=access.Resource(orders.RESOURCE, order.number or "utkast")
        )
    except access.NoSuchPatient:
        raise Http404 from None
    return order


def _seen(request: HttpRequest) -> int | None:
    """The version of the draft that the page showed, which every page of ours sends along."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _no_longer_a_draft(request: HttpRequest, order: Order) -> HttpResponse:
    """409: somebody was first. Nothing of what was just posted is saved, and the page says so."""
    if order.status == Status.WAITING_FOR_APPROVAL:
        if request.method == "GET":
            return redirect(order)
        context = {
            "title": "Beställningen väntar på godkännande",
            "text": "Den kan inte ändras medan den väntar. Det du skrev nu sparades inte och skickades inte.",
            "url": order.get_absolute_url(),
            "url_text": "Visa beställningen",
        }
    elif order.number is None:
        context = {
            "title": "Utkastet är kastat",
            "text": "Någon har kastat utkastet. Det du skrev nu sparades inte.",
            "url": "/",
            "url_text": "Till startsidan",
        }
    else:
        context = {
            "title": "Beställningen är redan skickad",
            "text": f"Den finns som kundorder {order.number}. Det du skrev nu sparades inte och skickades inte.",
            "url": order.get_absolute_url(),
            "url_text": f"Visa kundorder {order.number}",
        }
    return render(request, "errors/conflict.html", context, status=409)
