"""Forms of kundorder."""

from ordering.delivery_form import DeliveryForm
from orders.forms.approvals import JustificationForm, SendBackForm
from orders.forms.changes import CancelForm
from orders.forms.draft import DraftForm
from orders.forms.loans import LoanForm
from orders.forms.search import SearchForm, StockSearchForm
from orders.forms.stock_orders import DespatchNumberForm, ReceiveForm, StockDraftForm
from orders.forms.templates import TemplateForm
from orders.forms.withdrawals import ReturnForm, WithdrawalForm

__all__ = [
    "CancelForm",
    "DeliveryForm",
    "DespatchNumberForm",
    "DraftForm",
    "JustificationForm",
    "LoanForm",
    "ReceiveForm",
    "ReturnForm",
    "SearchForm",
    "SendBackForm",
    "StockDraftForm",
    "StockSearchForm",
    "TemplateForm",
    "WithdrawalForm",
]
