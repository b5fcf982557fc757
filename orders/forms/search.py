"""What narrows the lists of kundorder."""

from django.db.models import Exists, OuterRef, Q

from catalog.models import Article
from core.forms import TextField
from ordering import forms as ordering
from ordering.models import OrderQuerySet
from orders.models import OrderLine, Status


class SearchForm(ordering.SearchForm):
    """Sök kundorder."""

    STATUSES = [(status.value, status.label) for status in Status if status not in {Status.DRAFT, Status.WAITING_FOR_APPROVAL}]
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
