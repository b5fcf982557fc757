"""SESAM2's reports that concern several apps at once: unpack, then each app's action, in the one transaction of the message."""

from buffer.actions import follow_number
from catalog.individuals import GoesInCircles
from integration import contract
from integration.registry import Unacceptable, handles
from patients import actions


@handles("IndividualUpdated")
def individual_updated(body: contract.IndividualUpdated, *, subject: str, sequence: int) -> None:
    """An aid gets another number, or another day of inspection, wherever it is."""
    try:
        actions.record_individual_update(
            body.individual_number, sequence=sequence, replaced_by=body.replaced_by, next_inspection=body.next_inspection, note=body.note or ""
        )
    except GoesInCircles:
        raise Unacceptable("an aid would replace the one that replaced it") from None
    follow_number(body.individual_number)
