"""What the list can be narrowed by, with how many articles each choice would show: all of it counted by one question to the database."""

import dataclasses
from collections import Counter
from collections.abc import Iterable

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, IntegerField, Value, When

from catalog.listing import COUNTED, IN, MINE, OF_UNIT, OUT, Listing
from catalog.models import Category, Favourite, Supplier
from catalog.models.articles import ArticleType
from catalog.models.local import DeliveryClass
from catalog.models.products import spaced_iso
from core.templatetags.ui import kr

MOST_CLASSES = 10
MOST_SUPPLIERS = 8
_ASSORTMENT = {IN: "Ingår i sortimentet", OUT: "Utanför sortimentet"}
_FAVOURITES = {MINE: "Mina favoriter", OF_UNIT: "Enhetens favoriter"}

# The combinations are counted first, by as many workers as there are, and are few; adding them up five ways then takes no time.
_ADD_UP = """
SELECT grouping(iso, lev, typ, leverans, sortiment), missed, iso, lev, typ, leverans, sortiment, sum(number)::integer
  FROM ({combinations}) AS combinations(iso, lev, typ, leverans, sortiment, missed, number)
 GROUP BY GROUPING SETS ((missed, iso), (missed, lev), (missed, typ), (missed, leverans), (missed, sortiment))
"""


@dataclasses.dataclass(frozen=True)
class Choice:
    """One line of a facet. Following it gives the filter `name` the `values`; `key` tells it from the others of its facet."""

    name: str
    values: tuple[str, ...]
    key: str
    label: str
    count: int | None
    is_chosen: bool = False


@dataclasses.dataclass(frozen=True)
class Facet:
    """`more` is how many choices were left out, `is_long` that all of very many are shown."""

    name: str
    title: str
    choices: list[Choice]
    more: int = 0
    is_long: bool = False


class Counts:
    """How many articles there are for each value of each filter with the others applied, and in all."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.of: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
        self.total = 0
        # Without that filter alone.
        self.without: Counter[str] = Counter()
        chosen = listing.counted()
        weights = {name: 1 << place for place, name in enumerate(COUNTED) if name in chosen}
        # Each filter that an article misses adds its own weight: 0 is shown, one weight alone would be shown without that filter.
        missed = sum((Case(When(chosen[name], then=0), default=weight, output_field=IntegerField()) for name, weight in weights.items()), Value(0))
        entries = listing.uncounted().annotate(missed=missed)
        if len(weights) > 1:
            entries = entries.filter(missed__in=[0, *weights.values()])
        combinations = (
            entries.order_by().values_list("iso", "supplier_id", "article_type", "delivery_class", "in_assortment", "missed").annotate(number=Count("pk"))
        )
        try:
            sql, parameters = combinations.query.sql_with_params()
        except EmptyResultSet:
            return  # nothing can match, so nothing is asked
        names = {weight: name for name, weight in weights.items()}
        with connection.cursor() as cursor:
            cursor.execute(_ADD_UP.format(combinations=sql), parameters)
            for grouped, missed_weight, *values, number in cursor.fetchall():
                # grouping() has a bit for each column that is not in the set, the first column highest: the one that lacks it is counted.
                place = next(place for place in range(len(COUNTED)) if not grouped & (1 << (len(COUNTED) - 1 - place)))
                self._add(COUNTED[place], values[place], names.get(missed_weight), number)

    def _add(self, name: str, value: object, missed: str | None, number: int) -> None:
        if value not in {None, ""} and missed in {None, name}:
            key = (IN if value else OUT) if name == "sortiment" else str(value)
            self.of[name][key] += number
        # Every article has a type, so that facet adds up to all.
        if name == "typ" and missed is None:
            self.total += number
        elif name == "typ" and missed is not None:
            self.without[missed] += number

    def of_class(self, prefix: str) -> int:
        return sum(number for code, number in self.of["iso"].items() if code.startswith(prefix))


class Facets:
    """The facets of a list, those with anything to choose, and what is chosen."""

    def __init__(self, listing: Listing, *, show_all: str = "") -> None:
        self.listing, self.asked, self.show_all = listing, listing.asked, show_all
        self.counts = Counts(listing)
        codes = {code[:length] for code in self.counts.of["iso"] for length in (2, 4, 6, 8)}
        codes |= {self.asked.iso[:length] for length in range(2, len(self.asked.iso) + 1, 2)}
        # The newest edition's names win.
        self.classes = dict(Category.objects.filter(code__in=codes).order_by("edition").values_list("code", "name"))
        self.suppliers = dict(
            Supplier.objects.filter(pk__in={*map(int, self.counts.of["lev"]), *self.asked.suppliers}).order_by("name_sort", "pk").values_list("pk", "name")
        )
        self.favourites = dict(Counter(OF_UNIT if unit else MINE for unit in Favourite.objects.visible_to(listing.by).values_list("unit", flat=True)))

    def all(self) -> list[Facet]:
        facets = [
            self._classes(),
            self._several("typ", "Typ", dict(ArticleType.choices), self.asked.types),
            self._several("leverans", "Leverans", dict(DeliveryClass.choices), self.asked.deliveries),
            self._several("sortiment", "Sortiment", _ASSORTMENT, self.asked.assortment),
            self._suppliers(),
            self._favourites(),
        ]
        return [facet for facet in facets if facet.choices]

    def chosen(self) -> list[Choice]:
        """What narrows the list, each with the values that are left when it is taken away, and how many would be found then."""
        asked, found = self.asked, []
        if asked.iso:
            found.append(Choice("iso", (), "", _class_name(asked.iso, self.classes), self.counts.without["iso"], is_chosen=True))
        for name, labels, values in (
            ("typ", dict(ArticleType.choices), asked.types),
            ("leverans", dict(DeliveryClass.choices), asked.deliveries),
            ("sortiment", _ASSORTMENT, asked.assortment),
            ("lev", {str(pk): label for pk, label in self.suppliers.items()}, tuple(map(str, asked.suppliers))),
        ):
            alone = self.counts.without[name] if len(values) == 1 else None
            found += [Choice(name, _without(values, value), value, labels.get(value, "Okänd leverantör"), alone, is_chosen=True) for value in values]
        if asked.price_from is not None or asked.price_to is not None:
            found.append(Choice("pris", (), "", self._span(), None, is_chosen=True))
        found += [Choice("favorit", _without(asked.favourites, value), value, _FAVOURITES[value], None, is_chosen=True) for value in asked.favourites]
        return found

    def _span(self) -> str:
        low, high = self.asked.price_from, self.asked.price_to
        if low is None:
            return f"Högst {kr(high)}"
        return f"Minst {kr(low)}" if high is None else f"{kr(low)}–{kr(high)}"

    def _classes(self) -> Facet:
        """The chosen class with those above it, each to step back to, and what is below it. A search begins two levels down."""
        chosen = self.asked.iso
        length = len(chosen) + 2 if chosen else 4 if self.asked.query else 2
        below: Counter[str] = Counter()
        for code, number in self.counts.of["iso"].items():
            if code.startswith(chosen) and len(code) >= length:
                below[code[:length]] += number
        # Below a class that is chosen its own filter is met, so the counts are the same with it and without.
        choices = []
        if chosen:
            choices.append(Choice("iso", (), "alla", "Alla områden", self.counts.total + self.counts.without["iso"]))
        for end in range(2, len(chosen) + 1, 2):
            code = chosen[:end]
            choices.append(Choice("iso", (code,), code, _class_name(code, self.classes), self.counts.of_class(code), is_chosen=code == chosen))
        shown = below.most_common() if self.show_all == "iso" or not self.asked.query else below.most_common(MOST_CLASSES)
        choices += [Choice("iso", (code,), code, _class_name(code, self.classes), number) for code, number in sorted(shown)]
        return Facet("iso", "Produktområde", choices, more=len(below) - len(shown))

    def _suppliers(self) -> Facet:
        """Those with the most articles, and the chosen ones; on request all of them by name."""
        counts, chosen = self.counts.of["lev"], tuple(map(str, self.asked.suppliers))
        everyone = [str(pk) for pk in self.suppliers]
        is_all = self.show_all == "lev" or len(everyone) <= MOST_SUPPLIERS + 1
        most = {*chosen, *(pk for pk, _ in counts.most_common(MOST_SUPPLIERS))}
        shown = everyone if is_all else [pk for pk in everyone if pk in most]
        choices = [_choice("lev", pk, self.suppliers[int(pk)], counts[pk], chosen) for pk in shown]
        return Facet("lev", "Leverantör", choices, more=len(everyone) - len(shown), is_long=is_all and len(shown) > 20)

    def _several(self, name: str, title: str, labels: dict[str, str], chosen: tuple[str, ...]) -> Facet:
        counts = self.counts.of[name]
        return Facet(name, title, [_choice(name, value, label, counts[value], chosen) for value, label in labels.items() if counts[value] or value in chosen])

    def _favourites(self) -> Facet:
        """The count is of all that are marked, since what is narrowed to them is a small list anyway."""
        chosen = self.asked.favourites
        shown = [value for value in _FAVOURITES if self.favourites.get(value) or value in chosen]
        return Facet("favorit", "Favoriter", [_choice("favorit", value, _FAVOURITES[value], self.favourites.get(value, 0), chosen) for value in shown])


def _choice(name: str, value: str, label: str, count: int, chosen: Iterable[str]) -> Choice:
    chosen = tuple(chosen)
    is_chosen = value in chosen
    return Choice(name, _without(chosen, value) if is_chosen else (*chosen, value), value, label, count, is_chosen=is_chosen)


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def _class_name(code: str, names: dict[str, str]) -> str:
    return f"{spaced_iso(code)} {names.get(code, '')}".strip()
