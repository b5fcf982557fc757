"""The centre's own values are set: by an administrator in one article, by SESAM2 in many. A feed never touches them."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Exists, Field, OuterRef
from django.utils import timezone

from accounts.models import User
from catalog import search
from catalog.models import Article, EarlyValues, LocalArticle, LocalChange, SubstitutionGroup
from catalog.sesam2 import GROUP, ToldValues
from integration.registry import Unacceptable

log = structlog.get_logger(__name__)
LONGEST_NUMBER = 35
_LOCK = 0x4C4F43414C  # "LOCAL"

# Article → field → (value as the model takes it, sequence of the message that tells it or None).
Wanted = dict[int, dict[str, tuple[Any, int | None]]]


class NumberTaken(Exception):
    """SESAM2's article number belongs to another article."""


def lock_values() -> None:
    """One writer of many articles' values, or of what is searched of them, at a time; until the end of the transaction.

    An import's merge takes it too: both write thousands of rows, and would otherwise wait for each other in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def set_local_values(*, article: Article, values: Mapping[str, Any], by: User | None = None) -> LocalArticle:
    """Set the centre's own values of one article; fields that are not named stay. None takes a value away. Raises NumberTaken."""
    _write({article.pk: {name: (value, None) for name, value in values.items()}}, by=by)
    local, _ = LocalArticle.objects.get_or_create(article=article)
    return local


@transaction.atomic
def record_values(told: Sequence[ToldValues], *, sequence: int) -> None:
    """ArticleUpdate: values as SESAM2 has them. A field that a later message has set keeps that; the older value goes to the history only.

    What is told of an article that no feed has brought yet is kept until one does. Raises Unacceptable.
    """
    lock_values()
    known = _known(told)
    wanted: Wanted = {}
    early: dict[tuple[str, str], dict[str, Any]] = {}
    for item in told:
        key = (item.supplier_gln, item.number)
        if len(item.values.get("sesam_number", "")) > LONGEST_NUMBER:
            raise Unacceptable(f"articleNumber is longer than {LONGEST_NUMBER}")
        if key in known:
            wanted.setdefault(known[key], {}).update({name: (value, sequence) for name, value in item.values.items()})
        else:
            early.setdefault(key, {}).update(item.values)
    try:
        _write(_with_groups(wanted))
    except NumberTaken as error:
        raise Unacceptable("articleNumber belongs to another article") from error
    _keep_early(early, sequence)


def apply_early_values() -> int:
    """Give articles that have come what SESAM2 had told of them before. Returns how many. Called after each import.

    One whose number belongs to another article by now stays waiting, for a person to look at.
    """
    here = Article.objects.filter(ended_at=None, supplier__gln=OuterRef("supplier_gln"), number=OuterRef("number"))
    waiting = list(EarlyValues.objects.filter(Exists(here)).order_by("pk"))
    try:
        _apply_early(waiting)
    except NumberTaken:
        return sum(_applied_alone(row) for row in waiting)
    return len(waiting)


def _applied_alone(row: EarlyValues) -> bool:
    try:
        _apply_early([row])
    except NumberTaken:
        log.error("catalog.early_values", id=row.pk, error="articleNumber belongs to another article")
        return False
    return True


@transaction.atomic
def _apply_early(rows: Sequence[EarlyValues]) -> None:
    if not rows:
        return
    lock_values()
    known = _known([ToldValues(row.supplier_gln, row.number, {}) for row in rows])
    wanted: Wanted = {}
    for row in rows:
        wanted[known[row.supplier_gln, row.number]] = {name: (value, sequence) for name, (sequence, value) in row.values.items()}
    _write(_with_groups(wanted))
    EarlyValues.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _known(told: Sequence[ToldValues]) -> dict[tuple[str, str], int]:
    """The articles by supplier and number; the one that is in the feed before one that has left it."""
    glns, numbers = {item.supplier_gln for item in told}, {item.number for item in told}
    found = Article.objects.filter(supplier__gln__in=glns, number__in=numbers).order_by("ended_at", "pk")  # the live ones last, so that they win
    return {(gln, number): pk for gln, number, pk in found.values_list("supplier__gln", "number", "pk")}


def _with_groups(wanted: Wanted) -> Wanted:
    """With the substitution groups as keys of ours; a group is made when it is first told of, and its `is_fixed` follows the last message."""
    told: dict[str, tuple[bool, int]] = {}
    for values in wanted.values():
        group, sequence = values.get(GROUP, (None, None))
        if group is not None:
            told[group["number"]] = max(told.get(group["number"], (False, -1)), (group["is_fixed"], sequence or 0), key=lambda item: item[1])
    SubstitutionGroup.objects.bulk_create([SubstitutionGroup(number=number) for number in told], ignore_conflicts=True)
    groups = {group.number: group for group in SubstitutionGroup.objects.select_for_update().filter(number__in=told).order_by("pk")}
    for number, (is_fixed, sequence) in told.items():
        if groups[number].sequence <= sequence:
            groups[number].is_fixed, groups[number].sequence = is_fixed, sequence
    SubstitutionGroup.objects.bulk_update(groups.values(), ["is_fixed", "sequence"])
    for values in wanted.values():
        if GROUP in values:
            group, sequence = values[GROUP]
            values[GROUP] = (None if group is None else groups[group["number"]], sequence)
    return wanted


def _keep_early(early: dict[tuple[str, str], dict[str, Any]], sequence: int) -> None:
    if not early:
        return
    rows = {(row.supplier_gln, row.number): row for row in EarlyValues.objects.filter(supplier_gln__in={gln for gln, _ in early})}
    changed = []
    for (gln, number), values in early.items():
        row = rows.get((gln, number)) or EarlyValues(supplier_gln=gln, number=number)
        newer = {name: [sequence, value] for name, value in values.items() if row.values.get(name, [0])[0] <= sequence}
        row.values, row.told_at = row.values | newer, timezone.now()
        changed.append(row)
    EarlyValues.objects.bulk_create(changed, update_conflicts=True, unique_fields=["supplier_gln", "number"], update_fields=["values", "told_at"])


def _write(wanted: Wanted, *, by: User | None = None) -> None:
    """Write what differs, its history, and what is searched; in a number of queries that does not grow with the articles. Raises NumberTaken."""
    rows = {row.pk: row for row in LocalArticle.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    new = {pk: LocalArticle(article_id=pk) for pk in wanted if pk not in rows}
    changes: list[LocalChange] = []
    renumbered: dict[int, str | None] = {}
    for pk, values in wanted.items():
        row = rows.get(pk) or new[pk]
        for name, (value, sequence) in values.items():
            field: Field[Any, Any] = LocalArticle._meta.get_field(name)  # type: ignore[assignment]
            after = None if value is None else value.pk if name == GROUP else field.to_python(value)
            before = getattr(row, field.attname)
            is_applied = sequence is None or row.sequences.get(name, 0) <= sequence
            if is_applied and sequence is not None:
                row.sequences[name] = sequence
            if before == after:
                continue
            changes.append(LocalChange(article_id=pk, field=name, old=_told(before), new=_told(after), by=by, sequence=sequence, is_applied=is_applied))
            if is_applied:
                setattr(row, field.attname, after)
                if name == "sesam_number":
                    renumbered[pk] = after
    _free_numbers(renumbered)
    names = {name for values in wanted.values() for name in values}
    LocalArticle.objects.bulk_update(rows.values(), [*names, "sequences"], batch_size=200)
    LocalArticle.objects.bulk_create(new.values())
    LocalChange.objects.bulk_create(changes)
    search.refresh(sorted({change.article_id for change in changes if change.is_applied}))


def _free_numbers(renumbered: dict[int, str | None]) -> None:
    """Let the articles go of their old numbers, so that two may swap theirs. Raises NumberTaken."""
    wanted = [number for number in renumbered.values() if number is not None]
    taken = LocalArticle.objects.filter(sesam_number__in=wanted).exclude(pk__in=renumbered)
    if len(wanted) != len(set(wanted)) or taken.exists():
        raise NumberTaken
    LocalArticle.objects.filter(pk__in=renumbered).update(sesam_number=None)


def _told(value: Any) -> Any:
    """As it stands in the history."""
    return value if value is None or isinstance(value, bool | int) else str(value)
