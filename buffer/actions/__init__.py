"""Everything that changes a buffertförråd. `orders` takes out, puts back, receives and orders through these."""

from buffer.actions.handling import NotOnOrder, add_on_order, available, follow_number, leave_for_patient, put_back, receive, take_off_order, take_out
from buffer.actions.ledger import (
    IndividualElsewhere,
    NotEnough,
    NotUsable,
    NumbersNeeded,
    SameNumberTwice,
    WrongArticle,
    lock,
    unusable_marks,
)

__all__ = [
    "IndividualElsewhere",
    "NotEnough",
    "NotOnOrder",
    "NotUsable",
    "NumbersNeeded",
    "SameNumberTwice",
    "WrongArticle",
    "add_on_order",
    "available",
    "follow_number",
    "leave_for_patient",
    "lock",
    "put_back",
    "receive",
    "take_off_order",
    "take_out",
    "unusable_marks",
]
