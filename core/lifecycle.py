"""Life cycles: one table of moves, one writer, one history row for each change (design, section 4)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import connection, models


class IllegalMove(Exception):
    """The record is not (or no longer) in a status from which this move is allowed: somebody was first."""


class NotInTransaction(Exception):
    """A change of state was tried outside a transaction, where its history and its message could get lost."""


class Lifecycle(models.Model):
    """A record with a `status` that only `move_to` writes.

    A concrete model gives `MOVES` (from → allowed next) and a history model with `related_name="history"`.
    """

    MOVES: ClassVar[Mapping[str, frozenset[str]]]

    status = models.CharField(max_length=20)  # a concrete model gives its choices

    class Meta:
        abstract = True

    def can_move_to(self, new: str) -> bool:
        return new in self.MOVES[self.status]

    def move_to(self, new: str, *, event: str, by: Any = None, note: str = "", details: dict[str, Any] | None = None, **fields: Any) -> None:
        """Change the status, write `fields` beside it and the history row; all or nothing.

        Raises `IllegalMove` when `MOVES` forbids it, and when another transaction moved the record first
        (compare-and-set on the old status). Must be called inside a transaction.
        """
        if not connection.in_atomic_block:
            raise NotInTransaction
        old = self.status
        if not self.can_move_to(new):
            raise IllegalMove(f"{type(self).__name__}: {old} → {new}")
        if not type(self)._base_manager.filter(pk=self.pk, status=old).update(status=new, **fields):
            raise IllegalMove(f"{type(self).__name__}: no longer {old}")
        self.status = new
        for name, value in fields.items():
            setattr(self, name, value)
        self._write_history(event=event, old=old, by=by, note=note, details=details)

    def tell(self, event: str, *, by: Any = None, note: str = "", details: dict[str, Any] | None = None) -> None:
        """Write a history row about something that changed no status."""
        if not connection.in_atomic_block:
            raise NotInTransaction
        self._write_history(event=event, old=self.status, by=by, note=note, details=details)

    def _write_history(self, *, event: str, old: str, by: Any, note: str, details: dict[str, Any] | None) -> None:
        self.history.create(event=event, old=old, new=self.status, by=by, note=note, details=details or {})  # type: ignore[attr-defined]
