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
    MOST_ARTICLES = 500

    artikel = TextField(label="Artikel", required=False, max_length=100, help_text="Nummer eller namn.")
    field_order = ("nummer", "artikel")

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        found = super().narrow(found)
        text = self.cleaned_data.get("artikel")
        if not text or not self.is_valid():
            return found
        named = Q(number__iexact=text) | Q(local__sesam_number=text) | Q(name__icontains=text) | Q(local__name__icontains=text)
        # Looked up first: which way the database goes through the orders depends on how many articles they are.
        articles = list(Article.objects.filter(named).values_list("pk", flat=True)[: self.MOST_ARTICLES])
        return found.filter(Exists(OrderLine.objects.filter(order=OuterRef("pk"), article__in=articles))) if articles else found.none()
