"""What a person has in hand at a store, and for whom, before it is registered: kept in the session, so that nothing about a patient stands in an
address, and a page that is left or loaded anew loses nothing.
"""

import dataclasses
import uuid
from collections.abc import MutableMapping
from typing import Any

from django.http import HttpRequest

from buffer.models import Store
from core.forms import Form

_KEY = "withdrawal"


@dataclasses.dataclass
class Item:
    """A row, which keeps its `row` number whatever comes and goes. `article` is a key; an aid with a number of its own is one."""

    row: int
    article: int
    quantity: int = 1
    individual_number: str = ""


@dataclasses.dataclass
class InHand:
    """`press` names the press of the button that is to come. `patients` are public ids, `typed` what else was filled in, by the field's name."""

    store: int
    press: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    items: list[Item] = dataclasses.field(default_factory=list)
    patients: list[str] = dataclasses.field(default_factory=list)
    typed: dict[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, session: MutableMapping[str, Any], store: int) -> "InHand":
        """What there is for the store; nothing of another store's."""
        kept = session.get(_KEY)
        if not kept or kept["store"] != store:
            return cls(store)
        return cls(**{**kept, "items": [Item(**item) for item in kept["items"]]})

    def keep(self, session: MutableMapping[str, Any]) -> None:
        session[_KEY] = dataclasses.asdict(self)

    def add(self, article: int) -> None:
        """One more of an article that is counted."""
        same = next((item for item in self.items if item.article == article and not item.individual_number), None)
        if same is None:
            self.items.append(Item(self._next(), article))
        else:
            same.quantity += 1

    def add_individual(self, article: int, number: str = "") -> None:
        """An aid with a number of its own, in a row of its own; without `number` it is still to be read. The same number again is no change."""
        if not number or all(item.individual_number != number for item in self.items):
            self.items.append(Item(self._next(), article, 1, number))

    def _next(self) -> int:
        return max((item.row for item in self.items), default=0) + 1

    def remove(self, row: int) -> None:
        self.items = [item for item in self.items if item.row != row]

    def add_patient(self, public_id: uuid.UUID) -> None:
        if str(public_id) not in self.patients:
            self.patients.append(str(public_id))


def forget(session: MutableMapping[str, Any]) -> None:
    session.pop(_KEY, None)


@dataclasses.dataclass
class Desk:
    """What a request to the page works on."""

    request: HttpRequest
    store: Store
    hand: InHand
    form: Form
