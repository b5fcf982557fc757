"""Roles of an assignment, in the words of the customer."""

from django.db import models


class Role(models.TextChoices):
    PRESCRIBER = "PRESCRIBER", "förskrivare"
    ORDERER = "ORDERER", "beställare"
    STORE_MANAGER = "STORE_MANAGER", "buffertansvarig"
    INVOICE_READER = "INVOICE_READER", "fakturaläsare"
    DEVIATION_HANDLER = "DEVIATION_HANDLER", "avvikelsehandläggare"
    UNIT_ADMIN = "UNIT_ADMIN", "enhetsadministratör"
    LOG_REVIEWER = "LOG_REVIEWER", "loggranskare"
    APPROVER = "APPROVER", "attestant"
    SUPPORT = "SUPPORT", "support"
