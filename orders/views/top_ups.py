"""Påfyllning: what is below its level and why it is or is not ordered; what the centre has stopped, and letting it go."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from orders.actions import top_up
from orders.models import TopUp
from orders.views.stores import may_manage, open_store


@requires(Permission.SEE_STORE)
@require_GET
def top_ups(request: HttpRequest, store: str) -> HttpResponse:
    found = open_store(request, store)
    today = timezone.localdate()
    stopped = TopUp.objects.filter(stock_line__store=found, state=TopUp.State.STOPPED).select_related("stock_line__article__local", "order_line__order")
    context = {
        "store": found,
        "needs": top_up.needs(found, top_up.lines_below(found), today=today),
        "stopped": list(stopped.order_by("-made_at", "-pk")[:100]),
        "when_ordered": top_up.waits_until(found, today),
        "has_customer": top_up.customer_of(found) is not None,
        "may_manage": may_manage(request),
    }
    return render(request, "orders/stock/top_ups.html", context)


@requires(Permission.MANAGE_STORE)
@require_POST
def release(request: HttpRequest, store: str, pk: int) -> HttpResponse:
    """A second press finds it let go already, which is what was wanted."""
    found = open_store(request, store)
    stopped = TopUp.objects.filter(pk=pk, stock_line__store=found).first()
    if stopped is None:
        raise Http404
    try:
        done = top_up.release(stopped.pk, by=request.assignment)
    except IllegalMove:
        messages.info(request, "Påfyllningen är redan släppt.")
    except top_up.StillComing:
        messages.warning(request, "En del av ordern har levererats. Ta emot den först, så att det inte beställs för mycket.")
    else:
        messages.success(request, f"{done.stock_line.article.display_name} fylls på automatiskt igen.")
    return redirect("stock:top_ups", store=found.number)
