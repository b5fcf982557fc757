"""The mark to measure against: one bare Django view that makes the same writes as sending a kundorder, and nothing else.

Session and user are read, then order, 3 lines, history, outgoing message and access-log row are inserted in one transaction.
Served by the same gunicorn as the portal: `gunicorn bench.bare:application`.
"""

import os
import uuid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "websesam.settings")

import django

django.setup()

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from accounts.models import Assignment
from accounts.permissions import public
from integration.models import OutgoingMessage
from integration.numbers import next_number
from orders.models import Order, OrderHistory, OrderLine
from patients.models import AccessLogEntry


@public
def place(request: HttpRequest) -> HttpResponse:
    session = SessionStore(request.COOKIES[settings.SESSION_COOKIE_NAME])
    by = Assignment.objects.select_related("user", "unit__provider").get(user=session[SESSION_KEY])
    like = Order.objects.select_related("patient").filter(unit=by.unit).first()
    articles = list(OrderLine.objects.filter(order=like).values_list("article_id", flat=True))
    now = timezone.now()
    with transaction.atomic():
        number = next_number("K")
        order = Order.objects.create(
            number=number,
            placed_at=now,
            status="PLACED",
            unit=by.unit,
            patient=like.patient,
            orderer=by,
            prescriber=by,
            customer=like.customer,
            recipient_name="Tolvan Tolvansson",
            street="Storgatan 1",
            postal_code="44130",
            city="Alingsås",
            door_code="1357",
        )
        OrderLine.objects.bulk_create(OrderLine(order=order, line=line, article_id=article, quantity=1) for line, article in enumerate(articles, start=1))
        OrderHistory.objects.create(order=order, event="PLACED", old="DRAFT", new="PLACED", by=by)
        OutgoingMessage.objects.create(
            message_type="CustomerOrder", subject=number, sequence=1, payload={"body": "x" * 1500}, payload_sha256="0" * 64, next_try_at=now
        )
        AccessLogEntry.objects.create(
            id=uuid.uuid4(),
            action="SIGN",
            activity="Skicka kundorder",
            user_hsa_id=by.user.hsa_id,
            user_name=by.user.name,
            unit_hsa_id=by.unit.hsa_id,
            unit_name=by.unit.name,
            provider_hsa_id=by.unit.provider.hsa_id,
            provider_name=by.unit.provider.name,
            patient=like.patient,
            identity_type="PERSONNUMMER",
            identity_value="0" * 12,
            resource_type="Kundorder",
            resource_id=number,
        )
    return HttpResponse(number)


class Urls:
    urlpatterns = [path("place", place)]


settings.ROOT_URLCONF = Urls
settings.MIDDLEWARE = []
application = WSGIHandler()
