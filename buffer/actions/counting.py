"""Inventering: begun, entered line by line by several people at once, booked or broken off.

A difference is against what the ledger said at the moment when the line was counted. What has been moved since makes none;
what is registered since, but had been taken before, makes it less.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Sum
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment, Notice
from accounts.permissions import Permission, roles_with
from buffer.actions import corrections, ledger
from buffer.models import Count, CountEntry, Movement, StockIndividual, StockLine, Store
from catalog import individuals
from catalog.models import Individual
from core.lifecycle import IllegalMove
from integration.numbers import next_number

Kind = Movement.Kind
Reason = CountEntry.Reason


class CountedBySomebody(Exception):
    """A colleague has counted the line meanwhile; `entry` is what stands."""

    def __init__(self, entry: CountEntry) -> None:
        super().__init__(entry.pk)
        self.entry = entry


class DifferencesChanged(Exception):
    """The differences are not those that were shown: something was counted, or registered, meanwhile."""


class ReasonNeeded(Exception):
    """These lines (keys) differ, and nobody has said why."""

    def __init__(self, lines: Sequence[int]) -> None:
        super().__init__(lines)
        self.lines = list(lines)


class CannotBook(Exception):
    """The line must be counted anew: an individual that was found is somewhere else by now, or more has been taken than was counted."""

    def __init__(self, line: StockLine) -> None:
        super().__init__(line.pk)
        self.line = line


@dataclasses.dataclass(frozen=True)
class Difference:
    """What a counted line has more (or, below 0, less) than it should have had at that moment.

    `readings` are individuals that lay there without their number having been read; they make no difference.
    """

    entry: CountEntry
    expected: int
    change: int
    missing: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Also when an individual is missing and another is there."""
        return bool(self.change or self.missing or self.found)

    @property
    def without_number(self) -> int:
        """The part of `change` that has no individual number."""
        return self.change - len(self.found) + len(self.missing)


# --- Begin, enter, break off -----------------------------------------------------------------------


def start(store: Store, *, by: Assignment) -> Count:
    """A count of the store; the one that is under way, if there is one."""
    try:
        with transaction.atomic():
            count = Count.objects.create(store=store, is_blind=store.counts_blind, started_by=by)
            count.tell("STARTED", by=by)
    except IntegrityError:
        # Constraint one_open_count_per_store: somebody was first, and one joins in.
        return Count.objects.get(store=store, status=Count.Status.OPEN)
    return count


@transaction.atomic
def enter(count: Count, line: StockLine, *, by: Assignment, counted: int, individual_numbers: Sequence[str] = (), seen: int = 0) -> CountEntry:
    """Say how many of a line there are, and which of them by number. `seen` is the version of what was entered before; 0: nothing.

    Raises `IllegalMove` when the count has ended, `CountedBySomebody`, and as `ledger.come_in` does for a number that is somewhere else.
    """
    _locked(count)
    line = StockLine.objects.select_for_update(of=("self",)).select_related("article").get(pk=line.pk, store=count.store_id)
    entry = CountEntry.objects.select_related("counted_by__user").filter(count=count, line=line).first()
    if (entry.version if entry else 0) != seen:
        raise CountedBySomebody(entry) if entry else IllegalMove("what was seen is gone")
    numbers = _checked(line, individual_numbers)
    if len(numbers) > counted:
        raise ValueError("more numbers than pieces")
    facts = {
        "counted": counted,
        "individual_numbers": numbers,
        "counted_by": by,
        "counted_at": timezone.now(),
        "on_hand_then": line.on_hand,
        "last_movement": line.movements.aggregate(last=Max("pk"))["last"] or 0,
        "version": seen + 1,
    }
    if entry is None:
        return CountEntry.objects.create(count=count, line=line, **facts)
    count.tell("COUNTED_ANEW", by=by, details={"line": line.pk, "was": entry.as_entered()})
    for name, value in facts.items():
        setattr(entry, name, value)
    entry.save(update_fields=list(facts))
    return entry


def _checked(line: StockLine, numbers: Sequence[str]) -> list[str]:
    """The numbers as they are now; nothing is registered before it is booked. Raises for one that cannot be here, since it is somewhere else."""
    current = individuals.current_numbers(numbers)
    now = [current.get(number, number) for number in numbers]
    if len(set(now)) < len(now):
        raise ledger.SameNumberTwice
    for aid in Individual.objects.select_related("article__local", "in_store__line__store").filter(number__in=now).order_by("pk"):
        lies = getattr(aid, "in_store", None)
        if aid.article is not None and aid.article_id != line.article_id:
            raise ledger.WrongArticle(aid.number, aid.article)
        if aid.is_on_loan or (lies is not None and lies.line_id != line.pk):
            raise ledger.IndividualElsewhere(aid.number, store=lies.line.store if lies else None, is_on_loan=aid.is_on_loan)
    return now


@transaction.atomic
def cancel(count: Count, *, by: Assignment) -> None:
    """Break the count off: nothing of it is booked. Raises `IllegalMove` when it has ended."""
    _locked(count).move_to(Count.Status.CANCELLED, event="CANCELLED", by=by, closed_at=timezone.now())


def _locked(count: Count) -> Count:
    """The count, open, and kept so until the transaction ends."""
    locked = Count.objects.select_for_update(of=("self",)).select_related("store__unit").get(pk=count.pk)
    if locked.status != Count.Status.OPEN:
        raise IllegalMove("ended")
    return locked


# --- What differs ----------------------------------------------------------------------------------


def differences(count: Count) -> list[Difference]:
    """Of each line that has been counted, in the order of the places; also where there is none. A constant number of queries."""
    entries = list(
        count.entries.select_related("line__article__local", "line__article__supplier", "line__store", "counted_by__user").order_by(
            "line__place_sort", "line_id"
        )
    )
    late: dict[int, int] = {}
    left: dict[int, set[str]] = {}
    lying: dict[int, dict[str, StockIndividual]] = {}
    numbers = [number for entry in entries for number in entry.individual_numbers]
    now = individuals.current_numbers(numbers)
    if entries:
        after = Movement.objects.filter(line__counts__count=count, pk__gt=F("line__counts__last_movement"))
        late = dict(after.filter(happened_at__lt=F("line__counts__counted_at")).values_list("line").annotate(change=Sum("change")))
        for line, number in after.filter(individual__isnull=False).values_list("line", "individual__number"):
            left.setdefault(line, set()).add(number)
        for lies in StockIndividual.objects.filter(line__counts__count=count).select_related("individual"):
            lying.setdefault(lies.line_id, {})[lies.individual.number] = lies
    return [_difference(entry, late.get(entry.line_id, 0), left.get(entry.line_id, set()), lying.get(entry.line_id, {}), now) for entry in entries]


def _difference(entry: CountEntry, late: int, moved: set[str], lying: Mapping[str, StockIndividual], now: Mapping[str, str]) -> Difference:
    expected = entry.on_hand_then + late
    change = entry.counted - expected
    read = [now.get(number, number) for number in entry.individual_numbers]
    missing = sorted(number for number, lies in lying.items() if number not in read and lies.since <= entry.counted_at)
    new = sorted(number for number in read if number not in lying and number not in moved)
    # An individual that is new to the ledger, among no more pieces than it knows of, is one of those without a number.
    readings = min(len(new), max(len(new) - len(missing) - change, 0))
    return Difference(entry, expected, change, tuple(missing), tuple(new[readings:]), tuple(new[:readings]))


# --- Book ------------------------------------------------------------------------------------------


@transaction.atomic
def book(count: Count, *, by: Assignment, reasons: Mapping[int, tuple[str, str]], seen: Mapping[int, int]) -> str:
    """Make the ledger say what was counted. `reasons` are (reason, note), and `seen` the differences that were shown, by the line's key.

    Returns the number of the correction that SESAM2 is told; "" when nothing differs. Raises `IllegalMove` when the count has ended,
    `DifferencesChanged`, `ReasonNeeded` and `CannotBook`, with nothing booked.
    """
    count = _locked(count)
    lines = {line.pk: line for line in _lines_to_book(count)}
    found = differences(count)
    if {one.entry.line_id: one.change for one in found} != dict(seen):
        raise DifferencesChanged
    if unsaid := [one.entry.line_id for one in found if one.differs and not reasons.get(one.entry.line_id, ("", ""))[0]]:
        raise ReasonNeeded(unsaid)
    number = next_number("C") if any(one.differs for one in found) else ""
    made: list[Movement] = []
    for one in found:
        reason, note = reasons[one.entry.line_id] if one.differs else ("", "")
        made += _book_line(lines[one.entry.line_id], one, number=number, by=by, note=": ".join(filter(None, [reason and Reason(reason).label, note])))
        CountEntry.objects.filter(pk=one.entry.pk).update(difference=one.change, reason=reason, note=note)
    count.move_to(Count.Status.BOOKED, event="BOOKED", by=by, closed_at=timezone.now(), correction_number=number, details={"lines": len(found)})
    if made:
        corrections.tell(number, store=count.store, by=by, movements=made)
    _ask_for_registration(count, found, reasons)
    return number


def _lines_to_book(count: Count) -> list[StockLine]:
    rows = StockLine.objects.select_for_update(of=("self",)).select_related("article__local", "article__supplier", "store__unit")
    return list(rows.filter(counts__count=count).order_by("pk"))


def _book_line(line: StockLine, one: Difference, *, number: str, by: Assignment, note: str) -> list[Movement]:
    facts: dict[str, Any] = {"kind": Kind.COUNT, "correction_number": number, "by": by, "happened_at": one.entry.counted_at, "note": note[:500]}
    rest = one.without_number
    try:
        if one.readings:
            ledger.lay(line, one.readings)
        # First what comes, so that the line is never below nothing on the way.
        made = ledger.come_in(line, len(one.found) + max(rest, 0), one.found, **facts) if one.found or rest > 0 else []
        made += ledger.go_out(line, 0, one.missing, may_be_marked=True, **facts) if one.missing else []
        made += ledger.go_out(line, -rest, (), **facts) if rest < 0 else []
    except (ledger.IndividualElsewhere, ledger.WrongArticle, ledger.NotEnough, ledger.NumbersNeeded):
        raise CannotBook(line) from None
    line.last_counted_at = one.entry.counted_at
    line.save(update_fields=["last_counted_at"])
    return made


def _ask_for_registration(count: Count, found: Sequence[Difference], reasons: Mapping[int, tuple[str, str]]) -> None:
    """Those who may have taken what is missing are asked to register it: an uttag is registered within 24 hours (the region's agreement)."""
    pieces = sum(-one.change for one in found if one.change < 0 and reasons[one.entry.line_id][0] == Reason.UNREGISTERED)
    if not pieces:
        return
    store = count.store
    accounts.notify(
        Assignment.objects.current().filter(unit=store.unit_id, role__in=roles_with(Permission.TAKE_FROM_STORE)),
        unit=store.unit,
        tone=Notice.Tone.WARNING,
        word="Inte registrerat",
        title=f"{pieces} hjälpmedel saknas i {store.name}",
        text="De har troligen tagits utan att registreras. Har du tagit något? Registrera uttaget på patienten.",
        url=reverse("buffer:unregistered", args=[store.number]),
    )
