"""Ta emot: somebody at the store goes through a delivery. It is done once for each följesedel; the stock is booked with it, and with nothing else."""

import dataclasses
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import actions as accounts
from accounts.models import Assignment
from buffer import actions as stock
from buffer.models import StockIndividual, Store
from catalog import individuals
from catalog.models import Article, Individual
from core.after_commit import start_after_commit
from core.lifecycle import IllegalMove
from integration import outbox
from ordering.sending import NotReady, Problem
from orders import sesam2
from orders.actions import facts
from orders.models import Delivery, Despatch, DespatchLine, Order, OrderLine, Receipt, ReceiptLine

TOP_UP_TASK = "orders.top_up"


class AlreadyReceived(Exception):
    """The följesedel was received before: by whom, and when, stands in `receipt`."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.despatch_number)
        self.receipt = receipt


@dataclasses.dataclass(frozen=True)
class Found:
    """What was there of one line. What was announced and is neither here nor damaged is missing."""

    received: int
    damaged: int = 0
    individuals: tuple[str, ...] = ()
    note: str = ""


def despatch_of(order: Order, number: str) -> Despatch | None:
    return Despatch.objects.filter(order=order, number=number).first()


def despatches_to_receive(order: Order) -> list[Despatch]:
    """Those that nobody has received yet, in the order in which they were sent."""
    received = Receipt.objects.filter(order=order).values("despatch_number")
    return list(Despatch.objects.filter(order=order).exclude(number__in=received).order_by("despatched_at", "pk"))


def waiting_for(orders: QuerySet[Order]) -> QuerySet[Despatch]:
    """The despatches of the orders that nobody has received yet; `has_come` says whether SESAM2 has told that they were delivered."""
    here = {"order": OuterRef("order"), "despatch_number": OuterRef("number")}
    found = Despatch.objects.filter(~Exists(Receipt.objects.filter(**here)), order__in=orders)
    return found.annotate(has_come=Exists(Delivery.objects.filter(**here)))


def to_receive_url(order: Order) -> str:
    """What notices about a delivery point to, so that they stay until it is received."""
    return f"{order.get_absolute_url()}#ta-emot"


def announced(order: Order, number: str) -> dict[int, DespatchLine]:
    """What the följesedel says, by the number of the order's line; empty while SESAM2 has not told of it."""
    rows = DespatchLine.objects.filter(despatch__order=order, despatch__number=number)
    return {row.line.line: row for row in rows.select_related("line__article__local", "line__replacement_article__local").order_by("line__line")}


def article_of(line: OrderLine) -> Article:
    """What lies in the box: what the centre sends instead, where the catalogue has it, else what was ordered."""
    return line.replacement_article or line.article


def as_announced(lines: Mapping[int, DespatchLine]) -> dict[int, Found]:
    """Everything is there, with the individual numbers that the följesedel has."""
    return {number: Found(row.quantity, individuals=tuple(row.individuals)) for number, row in lines.items()}


@transaction.atomic
def receive(order: Order, despatch_number: str, *, by: Assignment, found: Mapping[int, Found]) -> Receipt:
    """Book what was there into the store, and tell SESAM2 (GoodsReceipt). `found` is by the number of the order's line; nothing of the others came.

    Also before SESAM2 has told of the despatch, and before or after it has confirmed the delivery. Raises `AlreadyReceived`, `IllegalMove`
    for an order that is no sent order to a store, and `NotReady` with fields received_1, damaged_1, individuals_1 … by the line.
    """
    if order.kind != Order.Kind.STOCK or order.number is None:
        raise IllegalMove("no order to a store")
    locked, lines = facts.open_order(order.number)
    before = Receipt.objects.filter(order=locked, despatch_number=despatch_number).select_related("by__user").first()
    if before is not None:
        raise AlreadyReceived(before)
    advised = announced(locked, despatch_number)
    problems = [problem for number, row in found.items() for problem in _problems(number, row, lines.get(number), advised.get(number))]
    if not advised and not any(row.received or row.damaged for row in found.values()):
        problems.append(("", "Skriv hur många som kom av minst en artikel."))
    if problems:
        raise NotReady(problems)
    assert locked.store is not None  # an order to a store has one: constraint
    receipt = Receipt.objects.create(order=locked, despatch_number=despatch_number, by=by)
    stock.lock(locked.store, [article_of(line) for line in lines.values()])
    told = sorted({*advised, *found})
    rows = [_book(receipt, locked.store, lines[number], found.get(number, Found(0)), advised.get(number)) for number in told]
    status = facts.derive(locked, lines)
    what = [{"name": row.line.article_name, "quantity": row.received} for row in rows if row.received]
    lacking = [_difference(row) for row in rows if row.has_difference]
    facts.conclude(locked, lines, event="STORED", by=by, details={"despatch": despatch_number, "lines": what, "differences": lacking}, status=status)
    outbox.queue("GoodsReceipt", subject=order.number, body=sesam2.goods_receipt(receipt, rows))
    if not despatches_to_receive(locked):
        accounts.close_notices(unit=locked.unit, url=to_receive_url(locked))
    # What was missing is ordered anew, and what was stopped until now may go on.
    start_after_commit(TOP_UP_TASK, locked.store.pk)
    return receipt


def _problems(number: int, row: Found, line: OrderLine | None, advice: DespatchLine | None) -> list[Problem]:
    if line is None:
        return [("", "Ordern har inte den raden.")]
    found: list[Problem] = []
    most = advice.quantity if advice else line.quantity
    what = "Följesedeln" if advice else "Ordern"
    if row.received + row.damaged > most:
        text = f"{what} säger {most}. Skriv högst {most} tillsammans. Kom det fler: ta emot {most} och anmäl resten som leveransavvikelse."
        found.append((f"received_{number}", text))
    numbers = list(dict.fromkeys(row.individuals))
    if len(numbers) < len(row.individuals):
        return [*found, (f"individuals_{number}", "Samma individnummer står två gånger. Ta bort det ena.")]
    if len(numbers) > row.received:
        found.append((f"individuals_{number}", f"Du har skannat {len(numbers)} individnummer men tagit emot {row.received}. Rätta det ena."))
    elif numbers and len(numbers) < row.received and (article_of(line).is_individual_marked or (advice and len(advice.individuals) >= advice.quantity)):
        found.append((f"individuals_{number}", f"Skanna alla {row.received} individnummer. Du har {len(numbers)}."))
    elif not numbers and row.received and article_of(line).is_individual_marked:
        found.append((f"individuals_{number}", f"Skanna individnumret på {'varje hjälpmedel' if row.received > 1 else 'hjälpmedlet'}."))
    found += [(f"individuals_{number}", text) for one in numbers if (text := _elsewhere(one, article_of(line)))]
    return found


def _elsewhere(number: str, article: Article) -> str:
    """Why the aid with this number cannot have come; "" when it can."""
    number = individuals.current_numbers([number]).get(number, number)
    known = Individual.objects.filter(number=number).select_related("article__local").first()
    if known is None:
        return ""
    if known.article is not None and known.article_id != article.pk:
        return f"Individ {number} är {known.article.display_name}, inte {article.display_name}. Kontrollera etiketten."
    if known.is_on_loan:
        return f"Individ {number} är registrerad hos en patient. Kontrollera numret, eller lämna den som skadad och anmäl det."
    if StockIndividual.objects.filter(individual=known).exists():
        return f"Individ {number} finns redan i ett förråd. Kontrollera numret."
    return ""


def _book(receipt: Receipt, store: Store, line: OrderLine, row: Found, advice: DespatchLine | None) -> ReceiptLine:
    missing = max(0, advice.quantity - row.received - row.damaged) if advice else 0
    made = ReceiptLine.objects.create(
        receipt=receipt, line=line, received=row.received, missing=missing, damaged=row.damaged, individuals=list(row.individuals), note=row.note
    )
    if row.received:
        number = str(receipt.order.number)
        try:
            stock.receive(store, article_of(line), by=receipt.by, order_number=number, quantity=row.received, individual_numbers=row.individuals, note=row.note)
        except (stock.IndividualElsewhere, stock.WrongArticle, stock.SameNumberTwice) as error:
            # Somebody took it in elsewhere since it was asked.
            raise NotReady([(f"individuals_{line.line}", "Något av numren finns redan på ett annat ställe. Kontrollera dem.")]) from error
    return made


def _difference(row: ReceiptLine) -> str:
    parts: Sequence[tuple[int, str]] = ((row.missing, "saknas"), (row.damaged, "skadat"))
    return f"{row.line.article_name}: {', '.join(f'{count} {word}' for count, word in parts if count)}"
