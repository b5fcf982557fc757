"""What is asked before a sent kundorder is cancelled."""

from collections.abc import Sequence
from typing import Any

from ordering import forms as ordering
from orders.models import OrderLine


class CancelForm(ordering.CancelSomeForm):
    """`chosen` is the numbers of the lines to cancel, None for all that is left."""

    def __init__(self, *args: Any, lines: Sequence[OrderLine], **kwargs: Any) -> None:
        choices = [
            (line.line, f"{line.outstanding} {line.article_name}, {line.article_number}" + (" – är på väg" if line.on_its_way else "")) for line in lines
        ]
        super().__init__(*args, choices=choices, **kwargs)
