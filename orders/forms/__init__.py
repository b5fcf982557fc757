"""Forms of kundorder."""

from orders.forms.approvals import JustificationForm, SendBackForm
from orders.forms.draft import DraftForm
from orders.forms.loans import LoanForm
from orders.forms.search import CancelForm, SearchForm
from orders.forms.templates import TemplateForm

__all__ = ["CancelForm", "DraftForm", "JustificationForm", "LoanForm", "SearchForm", "SendBackForm", "TemplateForm"]
