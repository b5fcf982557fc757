"""Pages of a list at constant cost, however deep: the next page begins after the last row shown, found by the index."""

import datetime
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, DateField, DateTimeField, Expression, F, Field, Func, Model, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan

Row = TypeVar("Row", bound=Model)

FORWARD, BACKWARD = "n", "p"
_ROW_CURSOR = re.compile(r"([np])([0-9]{1,18})")
# A date that is not set stands last, as if it were very far away.
NO_DATE = datetime.date(9999, 12, 31)
NO_TIME = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)
_TYPES: dict[str, Callable[[str], Any]] = {"i": int, "m": Decimal, "u": uuid.UUID, "d": datetime.date.fromisoformat, "t": datetime.datetime.fromisoformat}


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`next_cursor` and `previous_cursor` go into the address as ?cursor=…; None where there is no such page."""

    rows: list[Row]
    next_cursor: str | None = None
    previous_cursor: str | None = None


def keyset_page(queryset: QuerySet[Row], *, order: Sequence[str], cursor: str | None, size: int = 25) -> Page[Row]:
    """One page of `queryset`, ordered by `order`: names of columns, each with an optional "-", of which the last is unique.

    The columns are dates, times, numbers or ids, never text, since their values stand in the address. Raises TypeError for others.
    A date that may be NULL is compared as 9999-12-31, so such a list needs an index on the same COALESCE. Annotations must not be NULL.
    A cursor that is not ours, of another list or order, or whose rows are gone, gives the first page.
    """
    columns = [_Column(queryset, name) for name in order]
    signer = signing.Signer(salt=f"keyset:{queryset.model._meta.label}:{','.join(order)}")
    direction, key = _read(cursor, signer, len(columns))
    return _page(queryset, columns, key, direction, size, cursor_of=lambda direction, row: _write(signer, direction, row, len(columns)))


def keyset_page_by_row(queryset: QuerySet[Row], *, order: Sequence[str], cursor: str | None, size: int = 25) -> Page[Row]:
    """As `keyset_page`, for orders that hold text, which must not stand in the address: the cursor is the id of a row, and its text is looked up."""
    columns = [_Column(queryset, name) for name in order]
    direction = FORWARD
    key: list[Any] = []
    if match := _ROW_CURSOR.fullmatch(cursor or ""):
        values = {f"keyset_{i}": column.expression for i, column in enumerate(columns)}
        row = queryset.model._base_manager.filter(pk=int(match[2])).annotate(**values).values_list(*values).first()
        direction, key = (match[1], list(row)) if row else (FORWARD, [])
    return _page(queryset, columns, key, direction, size, cursor_of=lambda direction, row: f"{direction}{row.pk}")


def _page(queryset: QuerySet[Row], columns: "list[_Column]", key: list[Any], direction: str, size: int, *, cursor_of: Callable[[str, Row], str]) -> Page[Row]:
    annotated = queryset.annotate(**{f"keyset_{i}": column.expression for i, column in enumerate(columns)})
    backward = direction == BACKWARD
    found = annotated.order_by(*(_ordering(i, column.descending != backward) for i, column in enumerate(columns)))
    if key:
        found = found.filter(_beyond(columns, key, backward=backward))
    rows = list(found[: size + 1])
    if key and not rows:
        return _page(queryset, columns, [], FORWARD, size, cursor_of=cursor_of)
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    has_next = more or backward
    has_previous = (more and backward) or (bool(key) and not backward)
    return Page(
        rows=rows,
        next_cursor=cursor_of(FORWARD, rows[-1]) if rows and has_next else None,
        previous_cursor=cursor_of(BACKWARD, rows[0]) if rows and has_previous else None,
    )


class _Column:
    """One column of the order: which way, and what is compared."""

    def __init__(self, queryset: QuerySet[Any], name: str) -> None:
        self.descending = name.startswith("-")
        self.name = name.lstrip("-")
        self.expression: Expression | F = F(self.name)
        if self.name in queryset.query.annotations:
            return
        field, nullable = _field(queryset.model, self.name)
        if nullable and isinstance(field, DateTimeField):
            self.expression = Coalesce(self.expression, Value(NO_TIME, output_field=field))
        elif nullable and isinstance(field, DateField):
            self.expression = Coalesce(self.expression, Value(NO_DATE, output_field=field))
        elif nullable:
            raise TypeError(f"{name} may be NULL and is no date")


def _field(model: type[Model], path: str) -> "tuple[Field[Any, Any], bool]":
    """The column at the end of a__b__c, and whether it may be NULL on the way there."""
    nullable = False
    *relations, last = path.split("__")
    for name in relations:
        relation = model._meta.get_field(name)
        nullable = nullable or relation.null
        if relation.related_model is None:
            raise FieldDoesNotExist(f"{name} is no relation")
        model = relation.related_model
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    return field, nullable or field.null  # type: ignore[return-value]


def _ordering(i: int, descending: bool) -> Any:
    return F(f"keyset_{i}").desc() if descending else F(f"keyset_{i}").asc()


def _beyond(columns: list[_Column], key: list[Any], *, backward: bool) -> Any:
    """The rows after `key` (before it when `backward`), in one range of the index where the order allows that."""
    smaller = [column.descending != backward for column in columns]
    if len(set(smaller)) == 1:
        comparison = LessThan if smaller[0] else GreaterThan
        ours = Func(*(F(f"keyset_{i}") for i in range(len(columns))), function="ROW", output_field=BooleanField())
        theirs = Func(*(Value(value) for value in key), function="ROW", output_field=BooleanField())
        return comparison(ours, theirs)
    # Mixed directions: the first column bounds the range of the index, the rest is filtered within its equals.
    first = "lte" if smaller[0] else "gte"
    condition = Q()
    for i, value in enumerate(key):
        same = {f"keyset_{j}": key[j] for j in range(i)}
        condition |= Q(**same, **{f"keyset_{i}__{'lt' if smaller[i] else 'gt'}": value})
    return Q(**{f"keyset_0__{first}": key[0]}) & condition


# --- The cursor --------------------------------------------------------------------------------------


def _write(signer: signing.Signer, direction: str, row: Model, columns: int) -> str:
    return signer.sign_object([direction, *(_encode(getattr(row, f"keyset_{i}")) for i in range(columns))])


def _read(cursor: str | None, signer: signing.Signer, columns: int) -> tuple[str, list[Any]]:
    """(direction, key); an empty key is the first page."""
    if not cursor:
        return FORWARD, []
    try:
        direction, *parts = signer.unsign_object(cursor)
    except signing.BadSignature:
        return FORWARD, []
    # The salt names the list and its order, so what is signed has the right shape.
    return direction, [_TYPES[part[0]](part[1:]) for part in parts]


def _encode(value: Any) -> str:
    """Raises TypeError for text: it might be a name."""
    match value:
        case bool():
            return f"i{int(value)}"
        case int():
            return f"i{value}"
        case Decimal():
            return f"m{value}"
        case uuid.UUID():
            return f"u{value}"
        case datetime.datetime():
            return f"t{value.isoformat()}"
        case datetime.date():
            return f"d{value.isoformat()}"
    raise TypeError("a list is paged by dates, numbers and ids only")
