"""SESAM2's word that a basis lies ready: unpack, then one action."""

from billing import sesam2
from billing.actions import intake
from integration import contract
from integration.registry import Unacceptable, handles


@handles("InvoiceBasisAvailable")
def invoice_basis_available(body: contract.InvoiceBasisAvailable, *, subject: str, sequence: int) -> None:
    try:
        said = sesam2.announced(body)
    except ValueError:
        raise Unacceptable("a month that is in no calendar") from None
    intake.record_available(said)
