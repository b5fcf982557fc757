"""Forms of kundorder."""

from ordering.delivery_form import DeliveryForm
from orders.forms.approvals import JustificationForm, SendBackForm
from orders.forms.changes import CancelForm
from orders.forms.draft import DraftForm
from orders.forms.loans import LoanForm
from orders.forms.search import SearchForm
from orders.forms.templates import TemplateForm

__all__ = ["CancelForm", "DeliveryForm", "DraftForm", "JustificationForm", "LoanForm", "SearchForm", "SendBackForm", "TemplateForm"]
