from billing.models import *
from tests.billing import told
import pytest
@pytest.mark.django_db
def test_x():
    b = told.published()
    print(b.status, InvoiceLine.objects.values(), InvoiceSum.objects.values(), Finding.objects.values())
