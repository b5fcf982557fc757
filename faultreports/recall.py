"""Återkallelse: who has an aid that is recalled. Found by individual number, serial number, lot, UDI or article.

Only what the care provider's own units have is named; of others it is told how many, so that the reader knows that they are to be told too.
"""

import dataclasses
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Assignment
from accounts.permissions import Permission, may
from buffer.models import StockIndividual, StockLine
from catalog.models import Article, Individual
from patients.models import Loan, Patient

# Of a UDI the beginning (the product's part of it) finds all that share it.
SHORTEST_UDI = 8
MOST_ARTICLES = 50
MOST_SHOWN_PLACES = 200


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the text that was searched for may be: the aids with these numbers, of these articles, with this lot or UDI."""

    text: str
    articles: tuple[int, ...]
    numbers: tuple[str, ...]

    @property
    def texts(self) -> list[str]:
        """As it was typed, and in capitals, as labels are printed."""
        return list(dict.fromkeys([self.text, self.text.upper()]))

    def _of_texts(self, prefix: str = "") -> Q:
        found = Q(**{f"{prefix}lot__in": self.texts})
        for text in self.texts:
            found |= Q(**{f"{prefix}udi__startswith": text}) if len(text) >= SHORTEST_UDI else Q(**{f"{prefix}udi": text})
        return found

    @property
    def of_loans(self) -> Q:
        return self._of_texts() | Q(individual_number__in=self.numbers) | Q(article__in=self.articles)

    @property
    def of_individuals(self) -> Q:
        return self._of_texts("individual__") | Q(individual__number__in=self.numbers) | Q(line__article__in=self.articles)


def understand(text: str) -> Wanted:
    texts = list(dict.fromkeys([text, text.upper()]))
    articles = Article.objects.filter(Q(number__in=texts) | Q(gtin__in=texts) | Q(local__sesam_number__in=texts)).order_by("pk")
    # An aid that has got another number is found by each number that it has had.
    individuals = Individual.objects.filter(Q(number__in=texts) | Q(serial_number__in=texts) | Q(earlier_numbers__overlap=texts))
    numbers = {number for current, earlier in individuals.values_list("number", "earlier_numbers")[:1000] for number in (current, *earlier)}
    return Wanted(text, tuple(articles.values_list("pk", flat=True)[:MOST_ARTICLES]), tuple(sorted(numbers)))


def holders(wanted: Wanted, *, by: Assignment) -> "QuerySet[Loan]":
    """The aids that patients of the care provider have, of all its units. Those of protected persons only for who may open such."""
    found = Loan.objects.visible_to(by).current().filter(wanted.of_loans)
    if not may(by, Permission.SEE_PROTECTED):
        found = found.exclude(patient__protection__in=_PROTECTED)
    return found


_PROTECTED = [Patient.Protection.MARKED, Patient.Protection.REGISTRATION]


@dataclasses.dataclass(frozen=True)
class Elsewhere:
    """What is not named: how many aids other care providers have, how many protected persons have one."""

    of_others: int
    of_protected: int


def elsewhere(wanted: Wanted, *, by: Assignment) -> Elsewhere:
    loans = Loan.objects.current().filter(wanted.of_loans)
    hidden = 0 if may(by, Permission.SEE_PROTECTED) else loans.filter(provider=by.unit.provider_id, patient__protection__in=_PROTECTED).count()
    return Elsewhere(of_others=loans.exclude(provider=by.unit.provider_id).count(), of_protected=hidden)


def units(wanted: Wanted, *, by: Assignment) -> list[dict[str, Any]]:
    """How many aids, of how many patients, each unit of the care provider has: unit__name, aids, patients."""
    counted = holders(wanted, by=by).order_by().values("unit", "unit__name").annotate(aids=Count("pk"), patients=Count("patient", distinct=True))
    return list(counted.order_by("unit__name", "unit")[:MOST_SHOWN_PLACES])


@dataclasses.dataclass(frozen=True)
class InStore:
    """What lies in a store: some pieces of an article, or an aid with a number."""

    line: StockLine
    number: str
    quantity: int


def stores(wanted: Wanted, *, by: Assignment) -> list[InStore]:
    """What lies in the stores of the care provider's units: aids with numbers one by one, else so many of an article."""
    of_provider = {"line__store__unit__provider": by.unit.provider_id}
    related = ("individual", "line__store__unit", "line__article__local")
    aids = StockIndividual.objects.filter(wanted.of_individuals, **of_provider).select_related(*related)
    numbered = list(aids.order_by("line__store__number", "individual__number")[:MOST_SHOWN_PLACES])
    lines = StockLine.objects.filter(article__in=wanted.articles, on_hand__gt=0, store__unit__provider=by.unit.provider_id)
    lines = lines.annotate(with_number=Count("individuals")).select_related("store__unit", "article__local").order_by("store__number", "pk")
    pieces = [InStore(line, "", line.on_hand - line.with_number) for line in lines[:MOST_SHOWN_PLACES] if line.on_hand > line.with_number]
    return [*(InStore(aid.line, aid.individual.number, 1) for aid in numbered), *pieces]
