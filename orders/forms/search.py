"""What narrows the lists of orders."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q

from accounts.models import Assignment
from accounts.permissions import Permission, may
from buffer.models import Store
from catalog.models import Article
from core.forms import TextField
from ordering import forms as ordering
from ordering.models import OrderQuerySet
from orders.models import Order, OrderLine, Status

_UNSENT = {Status.DRAFT, Status.WAITING_FOR_APPROVAL}


class ArticleSearchForm(ordering.SearchForm):
    """By what the lines hold, besides what all lists are narrowed by."""

    MOST_ARTICLES, MOST_ORDERS = 500, 20_000

    artikel = TextField(label="Artikel", required=False, max_length=100, help_text="Nummer eller namn.")
    field_order = ("nummer", "artikel")

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        found = super().narrow(found)
        text = self.cleaned_data.get("artikel")
        if not text or not self.is_valid():
            return found
        named = Q(number__iexact=text) | Q(local__sesam_number=text) | Q(name__icontains=text) | Q(local__name__icontains=text)
        # Looked up step by step: in one query the database guesses how many orders of the unit have the article, and where it guesses
        # too many it reads all that the unit has. What is in very many orders is soon met with, and asked of each.
        articles = list(Article.objects.filter(named).values_list("pk", flat=True)[: self.MOST_ARTICLES])
        lines = OrderLine.objects.filter(article__in=articles)
        having = list(lines.values_list("order", flat=True)[: self.MOST_ORDERS + 1])
        if len(having) > self.MOST_ORDERS:
            return found.filter(Exists(lines.filter(order=OuterRef("pk"))))
        return found.filter(pk__in=list(found.filter(pk__in=having).order_by().values_list("pk", flat=True)))


class SearchForm(ArticleSearchForm):
    """Sök kundorder: also withdrawals and returns, and orders to stores for those who see them."""

    STATUSES = [(status.value, status.label) for status in Status if status not in _UNSENT]
    field_order = ("nummer", "artikel", "slag")

    slag = forms.ChoiceField(label="Slag", required=False)

    def __init__(self, *args: Any, by: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        kinds = [(kind.value, kind.label) for kind in Order.Kind if kind != Order.Kind.STOCK or may(by, Permission.SEE_STORE)]
        self.fields["slag"].choices = [("", "Alla"), *kinds]  # type: ignore[attr-defined]

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        found = super().narrow(found)
        return found.filter(kind=self.cleaned_data["slag"]) if self.cleaned_data.get("slag") else found


class StockSearchForm(ArticleSearchForm):
    """Sök förrådsbeställning."""

    STATUSES = [(status.value, status.label) for status in Status if status not in {*_UNSENT, Status.RECEIPTED, Status.RETURNED}]
    BY_HAND, BY_ITSELF = "manuella", "automatiska"
    field_order = ("nummer", "artikel", "status", "forrad", "slag")

    forrad = forms.ModelChoiceField(Store.objects.none(), label="Förråd", required=False, empty_label="Alla", to_field_name="number")
    slag = forms.ChoiceField(label="Slag", required=False, choices=[("", "Alla"), (BY_HAND, "Beställda av någon"), (BY_ITSELF, "Automatisk påfyllning")])

    def __init__(self, *args: Any, by: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        del self.fields["forskrivare"]
        self.fields["forrad"].queryset = Store.objects.visible_to(by).order_by("name")  # type: ignore[attr-defined]

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        found = super().narrow(found)
        if not self.is_valid():
            return found
        if store := self.cleaned_data["forrad"]:
            found = found.filter(store=store)
        if kind := self.cleaned_data["slag"]:
            found = found.filter(is_automatic=kind == self.BY_ITSELF)
        return found
