"""The patient register: people (who, where, through whom), loans (what aids), payers, history, and the access log."""

from patients.models.history import PatientHistory
from patients.models.loans import Loan, LoanReturn
from patients.models.log import AccessLogEntry
from patients.models.merged import follows_merge
from patients.models.payers import PayerResponsibility
from patients.models.people import IDENTITY_CHOICES, Address, CareRelation, Contact, Patient, PatientIdentity

__all__ = [
    "IDENTITY_CHOICES",
    "AccessLogEntry",
    "Address",
    "CareRelation",
    "Contact",
    "Loan",
    "LoanReturn",
    "Patient",
    "PatientHistory",
    "PatientIdentity",
    "PayerResponsibility",
    "follows_merge",
]
