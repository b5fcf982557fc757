"""What is true of an order's lines today: what fits, what is equal, how many come in a pack, when it can be there, what it costs.

Reads only, in a fixed number of queries whatever the number of lines. The pages show it, `actions.problems` refuses by it.
"""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Q

from accounts.models import Assignment
from accounts.workdays import calendar
from catalog.models import Article, Relation
from catalog.models.articles import ArticleType
from catalog.models.local import Availability, ChargingForm, DeliveryClass
from core.workdays import Calendar, add_workdays, next_workday
from orders.models import Order, OrderLine
from patients.models import Loan

# The region's classes: lagervara within 7 weekdays, beställningsvara within 17; of the longer ones nothing is known before the centre's answer.
STOCKED_DAYS, ORDERED_DAYS = 7, 17
URGENT_DAYS = 1
_PIECES = {"ST", "STK", "H87", "C62", "EA", "PCE", "NAR"}
_IN_STOCK = {Availability.IN_STOCK, Availability.LOW}


@dataclasses.dataclass(frozen=True)
class Remark:
    """Something to know about a line: a verdict. With `field` it stops the order, and stands at that field."""

    tone: str
    text: str
    field: str = ""


@dataclasses.dataclass
class Row:
    """A line with what is true of it. `equivalents` are offered instead; `expected_on` None: not known before the centre's answer."""

    line: OrderLine
    pack: int
    expected_on: datetime.date | None
    aid: Loan | None = None
    fits: bool = True
    equivalents: list[Article] = dataclasses.field(default_factory=list)
    remarks: list[Remark] = dataclasses.field(default_factory=list)

    @property
    def is_accessory(self) -> bool:
        return self.line.main_id is not None

    @property
    def is_fixed(self) -> bool:
        """In a fast ersättningsgrupp."""
        return group_is_fixed(self.line.article)

    @property
    def must_switch(self) -> bool:
        return self.is_fixed and bool(self.equivalents) and not self.line.exception_reason

    @property
    def can_have_accessories(self) -> bool:
        return self.line.article.display_type == ArticleType.MAIN


@dataclasses.dataclass(frozen=True)
class Sheet:
    """All of an order's lines, main aids first and their accessories under them."""

    rows: list[Row]
    purchase: Decimal
    rent: Decimal
    is_unpriced: bool
    earliest_on: datetime.date | None
    slowest: Row | None
    is_uneven: bool
    calendar: Calendar  # the working days that its dates are counted in

    @property
    def latest_on(self) -> datetime.date | None:
        return self.slowest.expected_on if self.slowest else None


def sheet(order: Order, lines: Sequence[OrderLine], *, by: Assignment, today: datetime.date) -> Sheet:
    """`lines` as `orders.lines_of` or `lines_to_send` read them."""
    by_id = {line.pk: line for line in lines}
    for line in lines:
        line.main = by_id.get(line.main_id)  # the one already read
    aids = _aids(order, lines, by)
    fitting = _fitting(lines, aids)
    equivalents = _equivalents(lines, today)
    region = calendar()
    rows = []
    for line in in_tree_order(lines):
        expected = expected_on(line.article, today=today, region=region)
        row = Row(line=line, pack=pack_of(line.article), expected_on=expected, aid=aids.get(line.individual_number))
        row.fits = (line.main_id is None and not line.individual_number) or line.pk in fitting
        row.equivalents = equivalents.get(line.pk, [])
        row.remarks = list(_remarks(row))
        rows.append(row)
    return _summed(rows, order, today, region)


def in_tree_order(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """By number, each accessory after its main aid."""
    under: dict[int | None, list[OrderLine]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.line):
        under[line.main_id].append(line)
    return [line for main in under[None] for line in (main, *under[main.pk])]


# --- Time -------------------------------------------------------------------------------------------


def is_in_stock(article: Article) -> bool:
    availability = article.local_value("availability")
    return availability in _IN_STOCK or (availability is None and article.delivery_class == DeliveryClass.STOCKED)


def expected_on(article: Article, *, today: datetime.date, region: Calendar) -> datetime.date | None:
    """The latest day that the delivery class promises, in the region's working days; None where it promises nothing."""
    if article.delivery_class == DeliveryClass.STOCKED and is_in_stock(article):
        return add_workdays(today, STOCKED_DAYS, region)
    if article.delivery_class == DeliveryClass.ORDERED:
        return add_workdays(today, STOCKED_DAYS if article.local_value("availability") in _IN_STOCK else ORDERED_DAYS, region)
    return None


def rank(article: Article) -> int | None:
    """How slow: 0 from stock, 1 ordered, 2 longer or out of stock; None where the centre has not said."""
    if article.delivery_class is None:
        return None
    if article.delivery_class == DeliveryClass.LONG:
        return 2
    if is_in_stock(article):
        return 0
    return 2 if article.delivery_class == DeliveryClass.STOCKED else 1


def slow_lines(lines: Sequence[OrderLine]) -> set[int]:
    """The numbers of the lines that come later than the fastest, with whole aids: an accessory comes with its main aid. Empty when all come alike."""
    together: dict[int, list[OrderLine]] = defaultdict(list)
    for line in lines:
        together[line.main_id or line.pk].append(line)
    ranks = {main: max((found for line in group if (found := rank(line.article)) is not None), default=None) for main, group in together.items()}
    known = [found for found in ranks.values() if found is not None]
    fastest = min(known, default=0)
    return {line.line for main, group in together.items() if (ranks[main] or 0) > fastest for line in group}


# --- Packs --------------------------------------------------------------------------------------------


def pack_of(article: Article) -> int:
    """How many pieces come together, so that fewer cannot be ordered: 1 where the order unit is itself the pack, or nothing is said."""
    content = article.quantity_in_outer_package
    if content is None or content != content.to_integral_value() or article.order_unit.upper() not in _PIECES:
        return 1
    return max(1, int(content))


def unit_text(article: Article) -> str:
    """What one ordered is, where it is not one piece: FP om 10 ST."""
    if article.order_unit.upper() in _PIECES:
        return ""
    if article.package_content is None:
        return article.order_unit
    content = f"{article.package_content.normalize():f}".replace(".", ",")
    return f"{article.order_unit} om {content} {article.package_content_unit}".strip()


def quantity_problem(article: Article, quantity: int, *, today: datetime.date) -> str:
    """Why so many cannot be ordered, in Swedish; "" when they can."""
    # The supplier's smallest quantity is the orderer's only where the supplier's price is.
    price = article.current_price(today) if article.local_value("shown_price") is None else None
    fewest = price.min_order_quantity if price is not None and price.min_order_quantity else 1
    if quantity < fewest:
        return f"Leverantören säljer minst {fewest} åt gången. Skriv {fewest} eller mer."
    pack = pack_of(article)
    if quantity % pack:
        below = quantity - quantity % pack
        choices = f"{below} eller {below + pack}" if below else str(pack)
        return f"Artikeln säljs i förpackningar om {pack}. Skriv {choices}."
    return ""


# --- What fits ------------------------------------------------------------------------------------------


def _aids(order: Order, lines: Sequence[OrderLine], by: Assignment) -> dict[str, Loan]:
    wanted = {line.individual_number for line in lines if line.individual_number}
    if not wanted:
        return {}
    return {loan.individual_number: loan for loan in aids_of(order, by) if loan.individual_number in wanted}


def aids_of(order: Order, by: Assignment) -> list[Loan]:
    """The aids with an individual number that the patient has from this care provider: what a component can go to."""
    loans = Loan.objects.visible_to(by).current().filter(patient=order.patient_id).exclude(individual_number="")
    return list(loans.select_related("article__local", "article__product").order_by("-started_at", "-id")[:100])


def _fitting(lines: Sequence[OrderLine], aids: dict[str, Loan]) -> set[int]:
    """The ids of the lines whose article fits what it goes to."""
    by_id = {line.pk: line for line in lines}
    pairs = {}
    for line in lines:
        if line.main_id in by_id:
            pairs[line.pk] = (line.article, by_id[line.main_id].article)
        elif line.individual_number in aids:
            pairs[line.pk] = (line.article, aids[line.individual_number].article)
    found = fits(pairs.values())
    return {pk for pk, (part, whole) in pairs.items() if (part.pk, whole.pk) in found}


def fits(pairs: Iterable[tuple[Article, Article]]) -> set[tuple[int, int]]:
    """Those of (accessory, aid), as ids, that the catalogue says fit, by article or by product; one query for all."""
    pairs = list(pairs)
    if not pairs:
        return set()
    parts, wholes = [part for part, _ in pairs], [whole for _, whole in pairs]
    ends = (
        Q(from_article__in={part.pk for part in parts}) | Q(from_product__in={part.product_id for part in parts if part.product_id}),
        Q(to_article__in={whole.pk for whole in wholes}) | Q(to_product__in={whole.product_id for whole in wholes if whole.product_id}),
    )
    known = set(Relation.objects.filter(*ends, kind=Relation.Kind.FITS_TO).values_list("from_article", "from_product", "to_article", "to_product"))
    return {
        (part.pk, whole.pk)
        for part, whole in pairs
        if {(part.pk, None, whole.pk, None), (part.pk, None, None, whole.product_id), (None, part.product_id, whole.pk, None)} & known
        or (part.product_id and (None, part.product_id, None, whole.product_id) in known)
    }


# --- What is equal ----------------------------------------------------------------------------------------


def group_is_fixed(article: Article) -> bool:
    group = article.local_value("substitution_group")
    return group is not None and group.is_fixed


def _equivalents(lines: Sequence[OrderLine], today: datetime.date) -> dict[int, list[Article]]:
    """By line: what is in stock of the same ersättningsgrupp, the nearest first, where the line's own article is not."""
    wanting = {line.pk: line.article for line in lines if line.article.local_value("substitution_group_id") and not is_in_stock(line.article)}
    found = equivalents_of(wanting.values(), today)
    return {pk: found[article.pk] for pk, article in wanting.items() if found[article.pk]}


def equivalents_of(articles: Iterable[Article], today: datetime.date) -> dict[int, list[Article]]:
    """By article: the orderable ones in stock of its group. Nearest is of the same product, then of the lowest price, then by number."""
    articles = list(articles)
    groups = {article.local_value("substitution_group_id") for article in articles} - {None}
    by_group: dict[int, list[Article]] = defaultdict(list)
    if groups:
        equal = Article.objects.orderable(today).filter(local__substitution_group__in=groups, local__availability=Availability.IN_STOCK)
        for other in equal.select_related("supplier", "product", "local__substitution_group").with_price(today):
            by_group[other.local_value("substitution_group_id")].append(other)

    def nearest(article: Article) -> list[Article]:
        others = [other for other in by_group[article.local_value("substitution_group_id")] if other.pk != article.pk]
        return sorted(others, key=lambda other: (other.product_id != article.product_id, other.unit_price(today) or Decimal("Infinity"), other.display_number))

    return {article.pk: nearest(article) for article in articles}


# --- What is told ---------------------------------------------------------------------------------------------


def _remarks(row: Row) -> Iterable[Remark]:
    line, article = row.line, row.line.article
    number, name = line.line, line.article.display_name
    if not article.is_orderable:
        yield Remark("danger", f"{name} går inte längre att beställa. Ta bort raden och välj en annan artikel.", f"quantity_{number}")
        return
    if article.discontinued_from is not None:
        yield Remark("info", f"Artikeln utgår {article.discontinued_from.isoformat()}.")
    if line.individual_number and row.aid is None:
        yield Remark("danger", f"Patienten har inte längre hjälpmedlet {line.individual_number}. Välj vad {name} hör till.", f"belongs_{number}")
    elif not row.fits and not line.misfit_reason:
        whole = row.aid.article.display_name if row.aid else line.main.article.display_name if line.main else ""
        yield Remark("warning", f"{name} passar inte till {whole} enligt katalogen. Skriv varför tillbehöret passar ändå, eller byt det.", f"misfit_{number}")
    if row.must_switch:
        text = f"{name} byts av centralen mot {row.equivalents[0].display_name}. Byt artikel, eller skriv varför patienten behöver just {name}."
        yield Remark("warning", text, f"exception_{number}")


def _summed(rows: list[Row], order: Order, today: datetime.date, region: Calendar) -> Sheet:
    purchase = rent = Decimal(0)
    is_unpriced = False
    for row in rows:
        price = row.line.article.unit_price(today)
        if price is None:
            is_unpriced = True
        elif row.line.article.charging_form == ChargingForm.RENT:
            rent += price * row.line.quantity
        else:
            purchase += price * row.line.quantity
    dates = [row.expected_on for row in rows if row.expected_on is not None]
    slowest = max(rows, key=lambda row: (rank(row.line.article) or 0, row.expected_on or today), default=None)
    is_uneven = bool(slow_lines([row.line for row in rows]))
    return Sheet(rows, purchase, rent, is_unpriced, _earliest(order, dates, today, region), slowest, is_uneven, region)


def _earliest(order: Order, dates: Sequence[datetime.date], today: datetime.date, region: Calendar) -> datetime.date | None:
    """The first day that can be wished for: all at once waits for the slowest, else the fastest line decides."""
    first = next_workday(today + datetime.timedelta(days=URGENT_DAYS), region)
    if order.is_urgent or not dates:
        return first
    return max(dates) if order.deliver_together else min(dates)
