"""A new förrådsbeställning: one page that is saved each time it is sent to the server, a page to check it, and the sending."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from buffer.models import StockLine
from catalog.models import Article
from catalog.search import search
from core.forms import clean_text
from core.lifecycle import IllegalMove
from ordering import pages
from ordering.sending import AlreadySent, ChangedMeanwhile, NotReady, NotSeen
from orders.actions import drafts, orders, stock_orders
from orders.forms import StockDraftForm
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status
from orders.views.stores import open_stock_draft, open_store

MOST_HITS = 12
SHORTEST_QUERY = 2
CHANGED = "Utkastet har ändrats sedan du öppnade sidan. Det du skrev står kvar men är inte sparat. Kontrollera allt och spara igen."


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, store: str) -> HttpResponse:
    """`article` (a key) is put on it at once. A link asks first: opening a page begins nothing."""
    found = open_store(request, store)
    if request.method == "GET":
        return render(request, "orders/stock/start.html", {"store": found})
    order = stock_orders.start(found, by=request.assignment)
    text = request.POST.get("article", "")
    article = _article(text)
    if article is not None:
        stock_orders.add_article(order, article)
    return redirect(order)


def _article(text: str) -> Article | None:
    is_key = text.isascii() and text.isdigit() and len(text) < 19
    return Article.objects.orderable().for_cards().filter(pk=int(text)).first() if is_key else None


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every button of the page sends all of it: what is right is saved before the button's own work is done."""
    order = open_stock_draft(request, public_id)
    if order.status != Status.DRAFT:
        return pages.no_longer_a_draft(request, order, name=stock_orders.RESOURCE)
    if request.method == "GET":
        return _page(request, order, StockDraftForm(order=order, lines=orders.lines_of(order), by=request.assignment))
    form = StockDraftForm(request.POST, order=order, lines=orders.lines_of(order), by=request.assignment)
    form.is_valid()
    verb, _, argument = request.POST.get("do", "save").partition(":")
    try:
        stock_orders.save(order, **form.content, seen=pages.seen(request))
        return _VERBS.get(verb, _save)(request, order, form, argument)
    except ChangedMeanwhile:
        form.add_error(None, CHANGED)
        return _page(request, order, form)
    except IllegalMove:
        return pages.no_longer_a_draft(request, open_stock_draft(request, public_id), name=stock_orders.RESOURCE)


def _page(request: HttpRequest, order: Order, form: StockDraftForm, *, query: str = "") -> HttpResponse:
    context = {
        "order": order,
        "form": form,
        "rows": [(line, form[f"quantity_{line.line}"], stock) for line, stock in with_stock(order, form.all_lines)],
        "query": query,
        "hits": search(query, orderable_only=True, limit=MOST_HITS, by=request.assignment) if query else [],
        "errors_text": "Det som är rätt är sparat i utkastet. Inget har skickats.",
    }
    return render(request, "orders/stock/draft.html", context)


def with_stock(order: Order, lines: list[OrderLine]) -> list[tuple[OrderLine, StockLine | None]]:
    """Each line with what the store has, and waits for, of its article."""
    found = {stock.article_id: stock for stock in order.store.lines.filter(article__in=[line.article_id for line in lines])}
    return [(line, found.get(line.article_id)) for line in lines]


def _again(request: HttpRequest, order: Order, form: StockDraftForm) -> HttpResponse:
    """The page anew: the quantities as they are now, else what was typed, with its errors."""
    if not form.errors:
        return redirect(f"{order.get_absolute_url()}#artiklar")
    data, lines = request.POST.copy(), orders.lines_of(order)
    data["q"] = ""
    for line in lines:
        if f"quantity_{line.line}" not in form.errors:
            data[f"quantity_{line.line}"] = str(line.quantity)
    again = StockDraftForm(data, order=order, lines=lines, by=request.assignment)
    again.is_valid()
    return _page(request, order, again)


# --- Its buttons -------------------------------------------------------------------------------------


def _save(request: HttpRequest, order: Order, form: StockDraftForm, argument: str) -> HttpResponse:
    if form.errors:
        return _page(request, order, form)
    messages.success(request, "Utkastet är sparat.")
    return redirect(order)


def _search(request: HttpRequest, order: Order, form: StockDraftForm, argument: str) -> HttpResponse:
    query = form.cleaned_data.get("q")
    if not query:
        return _save(request, order, form, argument)
    hits = search(query, orderable_only=True, limit=3, by=request.assignment)
    exact = [article for article in hits if query.casefold() in {article.display_number.casefold(), article.number.casefold()}]
    return _put(request, order, form, exact[0]) if len(exact) == 1 else _page(request, order, form, query=query)


def _add(request: HttpRequest, order: Order, form: StockDraftForm, argument: str) -> HttpResponse:
    article = _article(argument)
    if article is None:
        form.add_error("q", "Artikeln går inte längre att beställa. Välj en annan.")
        return _page(request, order, form)
    return _put(request, order, form, article)


def _put(request: HttpRequest, order: Order, form: StockDraftForm, article: Article) -> HttpResponse:
    try:
        stock_orders.add_article(order, article)
    except drafts.TooMany:
        form.add_error("q", f"Du kan beställa högst {MOST_OF_AN_ARTICLE} av samma artikel.")
        return _page(request, order, form)
    return _again(request, order, form)


def _remove(request: HttpRequest, order: Order, form: StockDraftForm, argument: str) -> HttpResponse:
    if argument.isascii() and argument.isdigit() and len(argument) < 10:
        drafts.remove_line(order, int(argument))
        form.errors.pop(f"quantity_{argument}", None)
    return _again(request, order, form)


def _review(request: HttpRequest, order: Order, form: StockDraftForm, argument: str) -> HttpResponse:
    return _page(request, order, form) if form.errors else redirect("stock:review", public_id=order.public_id)


_VERBS: dict[str, Callable[[HttpRequest, Order, StockDraftForm, str], HttpResponse]] = {
    "save": _save,
    "search": _search,
    "add": _add,
    "remove": _remove,
    "review": _review,
}


# --- On the way out ----------------------------------------------------------------------------------


@requires(Permission.MANAGE_STORE)
@require_GET
def articles(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is found while one types."""
    order = open_stock_draft(request, public_id)
    try:
        query = " ".join(clean_text(request.GET.get("q", "")).split())[:100]
    except ValidationError:
        query = ""
    query = query if len(query) >= SHORTEST_QUERY else ""
    hits = search(query, orderable_only=True, limit=MOST_HITS, by=request.assignment)
    return render(request, "orders/_article_hits.html", {"order": order, "query": query, "hits": hits})


@requires(Permission.MANAGE_STORE)
@require_GET
def review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Check your answers."""
    order = open_stock_draft(request, public_id)
    if order.status != Status.DRAFT:
        return pages.no_longer_a_draft(request, order, name=stock_orders.RESOURCE)
    lines = orders.lines_of(order)
    if problems := stock_orders.problems_of(order, lines, today=timezone.localdate()):
        return _with_problems(request, order, lines, problems)
    return render(request, "orders/stock/review.html", {"order": order, "rows": with_stock(order, lines)})


def _with_problems(request: HttpRequest, order: Order, lines: list[OrderLine], problems: list[tuple[str, str]]) -> HttpResponse:
    saved = {f"quantity_{line.line}": str(line.quantity) for line in lines}
    saved |= {"requested_on": order.requested_on.isoformat() if order.requested_on else "", "customer": str(order.customer_id or "")}
    form = StockDraftForm(saved, order=order, lines=lines, by=request.assignment)
    form.is_valid()
    for field, text in problems:
        # The form may have found the same; what the problem says is more to the point.
        form.errors.pop(field, None)
        form.add_error(field if field in form.fields else None, text)
    return _page(request, order, form)


@requires(Permission.MANAGE_STORE)
@require_POST
def send(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A second click finds the order that the first one sent, and shows it."""
    order = open_stock_draft(request, public_id)
    try:
        number = stock_orders.place(order, by=request.assignment, seen=pages.seen(request))
    except AlreadySent as sent:
        number = sent.number
    except NotSeen:
        messages.warning(request, "Utkastet har ändrats sedan du granskade det. Granska det igen. Inget har skickats.")
        return redirect("stock:review", public_id=public_id)
    except NotReady as error:
        return _with_problems(request, order, orders.lines_of(order), error.problems)
    except IllegalMove:
        return pages.no_longer_a_draft(request, order, name=stock_orders.RESOURCE)
    else:
        messages.success(request, "Beställningen är skickad till centralen.")
    return redirect("stock:order", number=number)


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    order = open_stock_draft(request, public_id)
    if order.status != Status.DRAFT:
        return pages.no_longer_a_draft(request, order, name=stock_orders.RESOURCE)
    if request.method == "POST":
        try:
            drafts.discard(order, by=request.assignment)
        except IllegalMove:
            return pages.no_longer_a_draft(request, open_stock_draft(request, public_id), name=stock_orders.RESOURCE)
        messages.success(request, "Utkastet är kastat. Inget har skickats.")
        return redirect("stock:list")
    return render(request, "orders/stock/discard.html", {"order": order})
