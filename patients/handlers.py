"""SESAM2's reports about aids that patients have: unpack, then one action."""

from catalog.individuals import GoesInCircles
from integration import contract
from integration.registry import Unacceptable, handles
from patients import actions


@handles("IndividualUpdated")
def individual_updated(body: contract.IndividualUpdated, *, subject: str, sequence: int) -> None:
    try:
        actions.record_individual_update(
            body.individual_number, sequence=sequence, replaced_by=body.replaced_by, next_inspection=body.next_inspection, note=body.note or ""
        )
    except GoesInCircles:
        raise Unacceptable("an aid would replace the one that replaced it") from None
