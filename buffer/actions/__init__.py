"""Everything that changes a buffertförråd. `orders` takes out, puts back, receives and orders through these."""

from buffer.actions.ledger import (
    IndividualElsewhere,
    NotEnough,
    NotOnOrder,
    NotUsable,
    NumbersNeeded,
    WrongArticle,
    add_on_order,
    leave_for_patient,
    lock,
    put_back,
    receive,
    take_off_order,
    take_out,
)

__all__ = [
    "IndividualElsewhere",
    "NotEnough",
    "NotOnOrder",
    "NotUsable",
    "NumbersNeeded",
    "WrongArticle",
    "add_on_order",
    "leave_for_patient",
    "lock",
    "put_back",
    "receive",
    "take_off_order",
    "take_out",
]
