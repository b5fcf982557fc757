"""How much of an article a store is to have, where it lies, and whether top-up waits."""

import dataclasses
import re

from django.db import transaction

from accounts.models import Assignment
from buffer.actions import ledger
from buffer.models import StockHistory, StockLine, Store
from catalog.models import Article
from core.lifecycle import IllegalMove

_FIELDS = ("safety_level", "target_level", "place", "is_paused", "pause_reason")


@dataclasses.dataclass(frozen=True)
class Levels:
    """What is set for an article in a store. An empty `pause_reason` is: not paused."""

    safety_level: int
    target_level: int
    place: str = ""
    pause_reason: str = ""


def version_of(line: StockLine | None) -> int:
    """Changes whenever something is set: so that nobody writes over what they have not seen. 0: nothing has been."""
    last = line.history.order_by("-id").values_list("id", flat=True).first() if line is not None else None
    return last or 0


@transaction.atomic
def set_levels(store: Store, article: Article, levels: Levels, *, by: Assignment, seen: int | None = None) -> StockLine:
    """Set them, with history; the same again is no change. `seen` is the `version_of` that was shown. Raises `IllegalMove` when somebody was first."""
    line = ledger.lock(store, [article])[article.pk]
    if seen is not None and seen != version_of(line):
        raise IllegalMove("changed since it was shown")
    values = {**dataclasses.asdict(levels), "is_paused": bool(levels.pause_reason)}
    changed = {name: [getattr(line, name), values[name]] for name in _FIELDS if getattr(line, name) != values[name]}
    if changed:
        for name, (_, new) in changed.items():
            setattr(line, name, new)
        line.place_sort = sort_key(line.place)
        line.save(update_fields=[*_FIELDS, "place_sort"])
        StockHistory.objects.create(line=line, event="LEVELS", by=by, details=changed)
    return line


@transaction.atomic
def pause(store: Store, *, by: Assignment, reason: str) -> None:
    """Let the store's top-up wait, and say why. Raises `IllegalMove` when it waits already."""
    if not Store.objects.filter(pk=store.pk, is_paused=False).update(is_paused=True, pause_reason=reason):
        raise IllegalMove("paused already")
    StockHistory.objects.create(store=store, event="PAUSED", by=by, note=reason)


@transaction.atomic
def resume(store: Store, *, by: Assignment) -> None:
    """Let the store be topped up again. Raises `IllegalMove` when it is not paused."""
    if not Store.objects.filter(pk=store.pk, is_paused=True).update(is_paused=False, pause_reason=""):
        raise IllegalMove("not paused")
    StockHistory.objects.create(store=store, event="RESUMED", by=by)


def sort_key(place: str) -> str:
    """A place as it is sorted: small letters, and numbers of equal length, so that A2 comes before A10. No place comes last."""
    # Swedish letters after z, in their order, as `catalog.models.products.swedish_sort` has them.
    text = place.casefold().translate(str.maketrans("åäö", "{|}"))
    return re.sub(r"[0-9]+", lambda match: match[0].zfill(6), text)[:250] or "~"
