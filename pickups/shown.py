"""The aids of a patient as the hämtorder's form shows them, and what follows of an order as its page does."""

import dataclasses
import datetime
from collections.abc import Sequence

from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Individual
from core.templatetags.ui import long_day
from patients.aids import Aid, aids_of
from patients.models import Loan, Patient
from pickups.actions.drafts import MOST_ITEMS, left_of
from pickups.models import PickupItem, PickupOrder, Reason, StatusReport


@dataclasses.dataclass(frozen=True)
class Choice:
    """An aid that may be ticked: a loan, or a component that came with the aid it sits on. `why_not` says why it cannot be, in a sentence."""

    name: str
    article_name: str
    number: str  # the article's
    individual: Individual | None
    loan: Loan | None
    depth: int
    left: int
    why_not: str = ""
    is_lost: bool = False
    # Asked of what has no aid under it by itself, where there is one that it may sit on.
    asks_part_of: bool = False

    @property
    def individual_number(self) -> str:
        return self.loan.individual_number if self.loan else self.individual.number if self.individual else ""

    @property
    def labels(self) -> str:
        """All that its label may say, also the numbers that it had before."""
        earlier = [*(self.loan.earlier_numbers if self.loan else []), *(self.individual.earlier_numbers if self.individual else [])]
        return " ".join(dict.fromkeys(number for number in (self.individual_number, *earlier) if number and " " not in number))


def choices_of(patient: Patient, *, by: Assignment, order: PickupOrder) -> list[Choice]:
    """All that the patient has from the care provider, each followed by its components. A constant number of queries."""
    loans = Loan.objects.visible_to(by).current().filter(patient=patient).select_related("article__local").order_by("-started_at", "-id")
    aids = aids_of(loans[:MOST_ITEMS])
    numbered = [aid.loan.individual_number for aid in aids if aid.loan.individual_number]
    found = []
    for aid in aids:
        found.append(_of_loan(aid, order, has_others=bool(set(numbered) - {aid.loan.individual_number})))
        found += [_of_component(individual, aid.depth + 1) for individual in aid.other_components if individual.article_id]
    return found


def _of_loan(aid: Aid, order: PickupOrder, *, has_others: bool) -> Choice:
    loan, article = aid.loan, aid.loan.article
    why_not = ""
    if loan.is_lost:
        why_not = "Anmält som förkommet."
    elif loan.is_under_investigation and order.reason != Reason.INVESTIGATION:
        why_not = "Under utredning. Behöver det skickas in görs det från felrapporten."
    elif aid.individual is not None and aid.individual.is_loaner:
        why_not = "Låneexemplar. Det hämtas när arbetsordern som det hör till är klar."
    elif not left_of(loan):
        why_not = "Står redan på en hämtorder."
    is_component = aid.individual is not None and aid.individual.parent_id is not None
    return Choice(
        name=f"aid_{loan.pk}",
        article_name=article.display_name,
        number=article.display_number,
        individual=aid.individual,
        loan=loan,
        depth=aid.depth,
        left=left_of(loan),
        why_not=why_not,
        is_lost=loan.is_lost,
        asks_part_of=has_others and (is_component or article.may_be_component),
    )


def _of_component(individual: Individual, depth: int) -> Choice:
    assert individual.article is not None  # asked by the caller
    why_not = "Anmäld som förkommen." if individual.is_lost else "Står redan på en hämtorder." if individual.is_on_pickup else ""
    return Choice(
        name=f"component_{individual.pk}",
        article_name=individual.article.display_name,
        number=individual.article.display_number,
        individual=individual,
        loan=None,
        depth=depth,
        left=1,
        why_not=why_not,
        is_lost=individual.is_lost,
    )


@dataclasses.dataclass(frozen=True)
class Follow:
    """One thing that follows when a hämtorder is registered, with the word and tone of its state."""

    title: str
    text: str
    word: str = "Kommer"
    tone: str = "neutral"


DONE, LATE, GOES_ON = ("Klart", "success"), ("Försenat", "warning"), ("Delvis", "warning")


def follows(order: PickupOrder, items: Sequence[PickupItem], reports: Sequence[StatusReport]) -> list[Follow]:
    """What is to happen and by when, each shown as done when it is, and late ones marked. Empty when nothing follows any more."""
    today = timezone.localdate()
    if order.fetch_by is None or order.deregister_by is None or order.status == "CANCELLED":
        return []
    return [_fetched(order), *([_rent(order, items, today)] if order.rent_ends_on else []), _deregistered(order, reports)]


def _fetched(order: PickupOrder) -> Follow:
    assert order.fetch_by is not None
    if order.is_fetched:
        return Follow("Hämtat", _sentence(order.promised_on) if order.promised_on else "", *DONE)
    planned = f" Planerat {long_day(order.promised_on)}." if order.promised_on else ""
    if order.is_fetched_late:
        return Follow("Hämtas", f"Skulle ha hämtats senast {long_day(order.fetch_by)}.{planned}", *LATE)
    return Follow("Hämtas", f"Senast {long_day(order.fetch_by)}.{planned}", *(LATE if order.is_delayed else ()))


def _rent(order: PickupOrder, items: Sequence[PickupItem], today: datetime.date) -> Follow:
    """The rent ends by itself; of what was not found, or was taken off, it goes on."""
    assert order.rent_ends_on is not None
    kept = [item for item in items if not item.is_open and not item.found]
    but = f" Fortsätter för {', '.join(item.full_name for item in kept)}." if kept else ""
    if order.rent_ends_on <= today:
        return Follow("Hyran slutade", f"{_sentence(order.rent_ends_on)}{but}", *(GOES_ON if kept else DONE))
    return Follow("Hyran slutar", f"{_sentence(order.rent_ends_on)}{but}", *(GOES_ON if kept else ()))


def _deregistered(order: PickupOrder, reports: Sequence[StatusReport]) -> Follow:
    assert order.deregister_by is not None
    title = "Borta ur förrådet" if order.store_id else "Borta från patientens lista"
    done = next((report for report in reports if report.state == StatusReport.State.DEREGISTERED), None)
    if done is not None:
        return Follow(title, _sentence(timezone.localtime(done.at).date()), *DONE)
    if order.is_deregistered_late:
        return Follow(title, f"Skulle ha varit klart senast {long_day(order.deregister_by)}.", *LATE)
    return Follow(title, f"Senast {long_day(order.deregister_by)}.")


def _sentence(day: datetime.date) -> str:
    """Onsdag 2 december."""
    return f"{long_day(day).capitalize()}."
