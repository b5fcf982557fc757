"""A draft's lines as its page shows them: each with its fields, and what can be added under it."""

import dataclasses

from django.forms.boundfield import BoundField

from catalog.models import Article, Relation
from orders import rules
from orders.actions.drafts import Whole
from orders.forms import DraftForm
from patients.models import Loan

MOST_ACCESSORIES = 40


@dataclasses.dataclass(frozen=True)
class ShownRow:
    """A row of the order with the fields that belong to it; None where nothing is asked."""

    row: rules.Row
    quantity: BoundField
    configuration: BoundField
    belongs: BoundField | None
    misfit: BoundField | None
    exception: BoundField | None
    unit_text: str

    @property
    def is_open(self) -> bool:
        """Whether what is seldom needed is shown: something is written there, or is wrong there."""
        return bool(self.row.line.configuration or self.configuration.errors)

    @property
    def remarks(self) -> list[rules.Remark]:
        """Those that do not stand as errors at their fields already."""
        shown = {field.name for field in (self.quantity, self.belongs, self.misfit, self.exception) if field is not None and field.errors}
        return [remark for remark in self.row.remarks if remark.field not in shown]


@dataclasses.dataclass(frozen=True)
class Accessories:
    """What fits a main aid of the order, or an aid that the patient has. `key` is what the address and the buttons call it."""

    key: str
    name: str
    to: Whole
    hits: list[Article]


def accessories_to(key: str, form: DraftForm) -> Accessories | None:
    """What fits what `key` names: rad-3, a line of the order; hjalpmedel-17, a loan of the patient. None when there is no such thing."""
    kind, _, number = key.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    if kind == "rad":
        line = next((line for line in form.lines if line.line == int(number) and line.main_id is None), None)
        return None if line is None else Accessories(key, line.article.display_name, Whole(line=line.line), _fitting(line.article))
    aid = next((aid for aid in form.aids if aid.pk == int(number)), None) if kind == "hjalpmedel" else None
    return None if aid is None else Accessories(key, _name_of(aid), Whole(individual_number=aid.individual_number), _fitting(aid.article))


def _name_of(aid: Loan) -> str:
    return f"{aid.article.display_name}, {aid.individual_number}"


def _fitting(article: Article) -> list[Article]:
    found = article.related(Relation.Kind.FITS_TO, backwards=True).orderable().for_cards().order_by("name_sort", "id")[:MOST_ACCESSORIES]
    return [part for part in found if part.may_be_component]


def shown_row(row: rules.Row, form: DraftForm) -> ShownRow:
    number = row.line.line

    def field(name: str, *, when: bool = True) -> BoundField | None:
        full = f"{name}_{number}"
        return form[full] if full in form.fields and (when or full in form.errors) else None

    return ShownRow(
        row=row,
        quantity=form[f"quantity_{number}"],
        configuration=form[f"configuration_{number}"],
        belongs=field("belongs"),
        misfit=field("misfit", when=not row.fits or bool(row.line.misfit_reason)),
        exception=field("exception", when=row.must_switch or bool(row.line.exception_reason) or row.line.substituted_for_id is not None),
        unit_text=rules.unit_text(row.line.article),
    )
