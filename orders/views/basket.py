"""From the catalogue into an order: one of one's drafts, or a new one for a patient that is still to be found."""

import time
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Assignment
from accounts.permissions import Permission, requires
from catalog.models import Article
from core.lifecycle import IllegalMove
from orders.actions import drafts, orders
from orders.basket import AddArticleForm
from orders.models import MOST_OF_AN_ARTICLE, CustomerOrderQuerySet, Order
from orders.views.drafts import start as start_draft
from patients import access

MOST_DRAFTS = 20
# So long an article waits for its patient; a search for another patient later in the day must not get it.
CARRIED_SECONDS = 15 * 60
_CARRIED = "article_in_hand"


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def add_article(request: HttpRequest, pk: int) -> HttpResponse:
    """Which of one's drafts the article goes to, and how many."""
    article = get_object_or_404(Article.objects.orderable().for_cards(), pk=pk)
    open_drafts = list(_drafts(request.assignment).for_list().order_by("-changed_at", "-pk")[:MOST_DRAFTS])
    form = AddArticleForm(request.POST if request.method == "POST" else None, drafts=open_drafts)
    if request.method == "POST" and form.is_valid():
        quantity = form.cleaned_data["quantity"]
        if form.cleaned_data["draft"] == AddArticleForm.NEW:
            return _carry(request, article, quantity)
        order = next(order for order in open_drafts if str(order.public_id) == form.cleaned_data["draft"])
        try:
            drafts.add_article(order, article, quantity=quantity)
        except drafts.TooMany:
            form.add_error("quantity", f"Du kan beställa högst {MOST_OF_AN_ARTICLE} av samma artikel.")
        except IllegalMove:
            form.add_error("draft", "Utkastet skickades eller kastades nyss. Välj ett annat.")
        else:
            messages.success(request, f"{article.display_name} ligger i beställningen.")
            return redirect(f"{order.get_absolute_url()}#artiklar")
    access.log_listing(
        request.assignment, ((order.patient, access.Resource(orders.RESOURCE, "utkast")) for order in open_drafts), activity="Lägga artikel i beställning"
    )
    context = {"article": article, "form": form, "options": list(zip(form["draft"].subwidgets, [*open_drafts, None], strict=True))}
    return render(request, "orders/add_article.html", context | {"errors_text": "Inget är tillagt än."})


@requires(Permission.PLACE_ORDER)
@require_POST
def start(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A new kundorder, with the article that was taken along from the catalogue."""
    response = start_draft(request, patient_id)
    carried = request.session.pop(_CARRIED, None)
    if carried is None or carried["until"] < time.time():
        return response
    article = Article.objects.orderable().filter(pk=carried["article"]).first()
    order = _drafts(request.assignment).filter(patient__public_id=patient_id).order_by("-changed_at", "-pk").first()
    if article is None or order is None or order.get_absolute_url() != response["Location"]:
        messages.warning(request, "Artikeln som du valde i katalogen kunde inte läggas till. Sök den på nytt här.")
        return response
    try:
        drafts.add_article(order, article, quantity=carried["quantity"])
    except (drafts.TooMany, IllegalMove):
        messages.warning(request, f"{article.display_name} kunde inte läggas till. Kontrollera antalet.")
    else:
        messages.success(request, f"{article.display_name} ligger i beställningen.")
    return response


def _carry(request: HttpRequest, article: Article, quantity: int) -> HttpResponse:
    request.session[_CARRIED] = {"article": article.pk, "quantity": quantity, "until": time.time() + CARRIED_SECONDS}
    messages.info(request, f"Öppna patienten och välj Nytt hjälpmedel, så följer {article.display_name} med.")
    return redirect("patients:find")


def _drafts(by: Assignment) -> CustomerOrderQuerySet:
    """Those that the person has begun at the unit."""
    return Order.objects.listed_to(by).about_patients().drafts().filter(orderer__user=by.user_id)
