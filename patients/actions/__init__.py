"""What can be done with a patient's record: people, identities, merging, payers, loans."""

from patients.actions.changes import NotUndoable, last_undoable
from patients.actions.identities import NumberIsAnothers, NumberIsCurrent, NumberIsWeaker, change_identity, prolong_lma, undo_identity_change
from patients.actions.loans import DeliveredAid, end_loan, mark_loan, record_individual_update, set_loans, set_return
from patients.actions.merging import SameRecord, merge, undo_merge
from patients.actions.payers import SamePayer, change_payer
from patients.actions.people import (
    AddressIsProtected,
    AlreadyRegistered,
    ContactIsEnded,
    MergedMeanwhile,
    NewAddress,
    NewContact,
    add_contact,
    change_contact,
    change_details,
    confirm_care_relation,
    end_contact,
    register,
)

__all__ = [
    "AddressIsProtected",
    "AlreadyRegistered",
    "ContactIsEnded",
    "DeliveredAid",
    "MergedMeanwhile",
    "NewAddress",
    "NewContact",
    "NotUndoable",
    "NumberIsAnothers",
    "NumberIsCurrent",
    "NumberIsWeaker",
    "SamePayer",
    "SameRecord",
    "add_contact",
    "change_contact",
    "change_details",
    "change_identity",
    "change_payer",
    "confirm_care_relation",
    "end_contact",
    "end_loan",
    "last_undoable",
    "mark_loan",
    "merge",
    "prolong_lma",
    "record_individual_update",
    "register",
    "set_loans",
    "set_return",
    "undo_identity_change",
    "undo_merge",
]
