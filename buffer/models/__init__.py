"""Buffertförråd: the stores, what lies in them, the ledger of every change, and counting."""

from buffer.models.counts import Count, CountEntry
from buffer.models.history import StockHistory
from buffer.models.ledger import Movement
from buffer.models.stores import StockIndividual, StockLine, Store

__all__ = ["Count", "CountEntry", "Movement", "StockHistory", "StockIndividual", "StockLine", "Store"]
