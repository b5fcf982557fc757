"""A kind of order, as the pages that all kinds have in common need to know it."""

import dataclasses
import uuid
from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ordering import pages
from ordering.models import AbstractHistory, AbstractOrder
from patients import access

Order = TypeVar("Order", bound=AbstractOrder)


@dataclasses.dataclass(frozen=True)
class Kind(Generic[Order]):
    """Kundorder, arbetsorder, hämtorder. `name` is its word in the access log and on its pages: Kundorder.

    `one`, `several` and `the` are what a text calls it: beställning, beställningar, beställningen. `namespace` is that of its addresses
    and of its templates. `related` is what its pages read along with it.
    """

    model: type[Order]
    history: type[AbstractHistory]
    name: str
    one: str
    several: str
    the: str
    namespace: str
    related: tuple[str, ...] = ()

    def open(self, request: HttpRequest, number: str, *, activity: str, action: str = access.Action.READ, read_only: bool = False) -> Order:
        """See `ordering.pages.open_order`."""
        return pages.open_order(
            request, self.model, related=self.related, activity=activity, resource=self.name, number=number, action=action, read_only=read_only
        )

    def open_draft(self, request: HttpRequest, public_id: uuid.UUID, *, activity: str) -> Order:
        return pages.open_order(request, self.model, related=self.related, activity=activity, resource=self.name, public_id=public_id)

    def somebody_was_first(self, request: HttpRequest, shown: Order) -> HttpResponse:
        return pages.somebody_was_first(request, shown, name=shown.kind_word or self.name)

    def no_longer_a_draft(self, request: HttpRequest, shown: Order) -> HttpResponse:
        return pages.no_longer_a_draft(request, shown, name=self.name)

    def url(self, page: str, *args: Any) -> str:
        """The address of one of its pages, by its name: list."""
        return reverse(f"{self.namespace}:{page}", args=args)

    def template(self, page: str) -> str:
        return f"{self.namespace}/{page}.html"

    @property
    def title(self) -> str:
        """Beställningen, Arbetsordern: the first word of a sentence."""
        return self.the.capitalize()
