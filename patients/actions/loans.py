"""The aids that a patient has: they come by a delivery, get another number, are given back."""

import dataclasses
import datetime

from django.db import transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from accounts.models import Assignment
from catalog import individuals
from catalog.models import Article
from patients.models import Loan, LoanReturn, Patient, PatientHistory


@dataclasses.dataclass(frozen=True)
class DeliveredAid:
    """An aid that came to a patient. Without an individual number it is counted by `quantity`."""

    article: Article
    individual_number: str = ""
    quantity: int = 1
    lot: str = ""
    udi: str = ""


def set_loans(*, patient: Patient, ordered_by: Assignment, order_number: str, source: str, started_at: datetime.datetime, aids: list[DeliveredAid]) -> None:
    """Make the loans that came with one delivered line (`source`) equal to `aids`; the same again changes nothing.

    A loan is never deleted: one that turns out not to have been in the delivery gets its start as its end. One that was given back stays so.
    An aid whose number has been replaced is the one that goes on under the new number.
    """
    loans = {loan.individual_number: loan for loan in Loan.objects.select_for_update().filter(source=source)}
    numbered = [aid for aid in aids if aid.individual_number]
    if numbered:
        # First, since a loan marks its individual as being with a patient.
        individuals.register(numbered[0].article, [(aid.individual_number, aid.lot, aid.udi) for aid in numbered])
    current = individuals.current_numbers(aid.individual_number for aid in numbered)
    for aid in aids:
        now = current.get(aid.individual_number, aid.individual_number)
        loan = loans.pop(aid.individual_number, None) or loans.pop(now, None)
        if loan is None:
            Loan.objects.create(
                patient=patient,
                provider=ordered_by.unit.provider,
                unit=ordered_by.unit,
                order_number=order_number,
                source=source,
                started_at=started_at,
                earlier_numbers=[aid.individual_number] if now != aid.individual_number else [],
                **{field.name: getattr(aid, field.name) for field in dataclasses.fields(aid)} | {"individual_number": now},
            )
        else:
            was_never_there, had_ended = loan.ended_at == loan.started_at, _ended_by_returns(loan)
            ended_at = None if was_never_there else loan.ended_at
            Loan.objects.filter(pk=loan.pk).update(
                article=aid.article, quantity=aid.quantity, lot=aid.lot, udi=aid.udi, started_at=started_at, ended_at=ended_at
            )
            if loan.returned:
                # What was given back stays given back, of however many it now turns out that there were.
                _count_returns(Loan.objects.get(pk=loan.pk), had_ended=had_ended)
    Loan.objects.filter(pk__in=[loan.pk for loan in loans.values()], ended_at__isnull=True).update(ended_at=F("started_at"))


def end_loan(loan: Loan, *, ended_at: datetime.datetime) -> None:
    """The aid has been given back. Again is no change. Never before it came, nor at that very moment: that is said of what was never there."""
    earliest = loan.started_at + datetime.timedelta(microseconds=1)
    Loan.objects.filter(pk=loan.pk, ended_at__isnull=True).update(ended_at=max(ended_at, earliest))


@transaction.atomic
def set_return(loan: Loan, *, source: str, quantity: int, at: datetime.datetime) -> Loan:
    """Make what `source` has brought back of the loan equal to `quantity`; the same again changes nothing, 0 takes it back.

    The loan ends when all of it has been given back, and goes on if some of that is taken back. Returns the loan as it is now, locked.
    """
    loan = Loan.objects.select_for_update().get(pk=loan.pk)
    told = LoanReturn.objects.filter(loan=loan, source=source).first()
    if (told.quantity if told else 0) == quantity:
        return loan
    had_ended = _ended_by_returns(loan)
    # Another quantity of what is told already keeps the moment at which it was given back.
    LoanReturn.objects.update_or_create(loan=loan, source=source, defaults={"quantity": quantity, "at": told.at if told and told.quantity else at})
    _count_returns(loan, had_ended=had_ended)
    return loan


def _ended_by_returns(loan: Loan) -> bool:
    """Whether the loan has ended because all of it was given back, and not by something else (`end_loan`, or that it was never there)."""
    return bool(loan.returned) and loan.returned >= loan.quantity and loan.ended_at == _end_of(loan)


def _end_of(loan: Loan) -> datetime.datetime:
    """When the last of it was given back; never at the moment it came."""
    last = loan.returns.filter(quantity__gt=0).aggregate(at=Max("at"))["at"]
    return max(last, loan.started_at + datetime.timedelta(microseconds=1))


def _count_returns(loan: Loan, *, had_ended: bool) -> None:
    """`returned`, and the end, follow from the returns. `had_ended`: it had, by the returns that there were (`_ended_by_returns`)."""
    loan.returned = loan.returns.aggregate(total=Sum("quantity"))["total"] or 0
    if had_ended:
        loan.ended_at = None
    if loan.ended_at is None and loan.returned >= loan.quantity:
        loan.ended_at = _end_of(loan)
    loan.save(update_fields=["returned", "ended_at"])


@transaction.atomic
def mark_loan(loan: Loan, *, is_under_investigation: bool | None = None, is_lost: bool | None = None, on_pickup: int | None = None) -> Loan:
    """Set or take away marks of an aid that a patient has; None leaves one as it is. An aid with a number of its own is marked alike.

    `on_pickup` is how many of the loan's quantity stand on open hämtorder. Returns the loan as it is now, locked.
    """
    told = {"is_under_investigation": is_under_investigation, "is_lost": is_lost, "on_pickup": on_pickup}
    marks = {name: value for name, value in told.items() if value is not None}
    loan = Loan.objects.select_for_update().get(pk=loan.pk)
    for name, value in marks.items():
        setattr(loan, name, value)
    loan.save(update_fields=list(marks))
    if loan.individual_number:
        individuals.register(loan.article, [(loan.individual_number, loan.lot, loan.udi)])
        of_individual = {"is_on_pickup" if name == "on_pickup" else name: bool(value) for name, value in marks.items()}
        individuals.mark(loan.individual_number, **of_individual)
    return loan


@transaction.atomic
def record_individual_update(number: str, *, sequence: int, replaced_by: str | None, next_inspection: datetime.date | None, note: str) -> None:
    """SESAM2 tells of an aid (contract, IndividualUpdated): byte av individnummer, next inspection.

    The loan goes on under the new number and keeps the old one; a loan that has ended stays as it was. Raises `individuals.GoesInCircles`.
    """
    replacement = individuals.record_update(number, sequence=sequence, replaced_by=replaced_by, next_inspection=next_inspection, note=note)
    if replacement is None:
        return
    loans = Loan.objects.current().filter(individual_number=replacement.old)
    if replacement.before:
        loans |= Loan.objects.current().filter(individual_number=replacement.before, earlier_numbers__contains=[replacement.old])
    for loan in list(loans.select_for_update().order_by("pk")):
        if Loan.objects.filter(source=loan.source, individual_number=replacement.new).exists():
            # The same delivery brought both: the person has the new one already.
            end_loan(loan, ended_at=timezone.now())
            continue
        earlier = [told for told in [*loan.earlier_numbers, loan.individual_number] if told != replacement.before]
        Loan.objects.filter(pk=loan.pk).update(individual_number=replacement.new, earlier_numbers=list(dict.fromkeys(earlier)))
        PatientHistory.objects.create(
            patient_id=loan.patient_id,
            provider_id=loan.provider_id,
            event=PatientHistory.Event.INDIVIDUAL_CHANGED,
            details={"loan": loan.pk, "old": loan.individual_number, "new": replacement.new},
        )
