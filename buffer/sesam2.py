"""The dictionary between a store and the contract (section 4). Foreign words stand only here."""

import datetime
from collections.abc import Sequence

from accounts.models import Assignment
from buffer.models import Movement, Store
from integration import contract
from integration.sesam2 import person


def store_ref(store: Store) -> contract.StoreRef:
    return contract.StoreRef(store_number=store.number, unit_hsa_id=store.unit.hsa_id)


def stock_correction(number: str, *, store: Store, by: Assignment, at: datetime.datetime, movements: Sequence[Movement]) -> contract.StockCorrection:
    """What a store has more or less than its orders say. Each movement is a line; our kinds of correction are the contract's reasons."""
    return contract.StockCorrection(
        correction_number=number,
        store=store_ref(store),
        corrected_at=at,
        by=person(by),
        lines=[_line(place, movement) for place, movement in enumerate(movements, start=1)],
    )


def _line(place: int, movement: Movement) -> contract.CorrectionLine:
    article = movement.line.article
    return contract.CorrectionLine(
        supplier_gln=article.supplier.gln,
        supplier_article_number=article.number,
        article_number=article.sesam_number,
        name=article.display_name,
        line=place,
        individual_number=movement.individual.number if movement.individual else None,
        difference=movement.change,
        reason=contract.CorrectionReason(movement.kind),
        note=movement.note or None,
    )
