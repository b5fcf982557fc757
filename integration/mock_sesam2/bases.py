"""Invoice bases: made up on request, line by line, so that a large one costs no memory."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from integration.mock_sesam2.config import Config
from integration.mock_sesam2.dates import today
from integration.mock_sesam2.store import Store

DEFAULT_LINES = 20
MOST_LINES = 1_000_000
# name, ISO code, article number, kind, unit, price
_GOODS = [
    ("Manuell rullstol", "122203", "104501", "RENT", "mån", "212.50"),
    ("Rollator", "120606", "104711", "RENT", "mån", "38.00"),
    ("Duschstol", "093303", "105020", "SALE", "st", "1195.00"),
    ("Tippskydd", "122424", "104580", "SALE_WITH_RETURN", "st", "310.00"),
    ("Inkontinensskydd", "093021", "106102", "CONSUMABLE", "fp", "129.90"),
    ("Tekniker", "", "", "SERVICE", "tim", "745.00"),
]


# What may be wrong with the last line of a basis, when it is asked for.
WRONGS = ("amount", "customer", "twice", "long", "control", "nan")


def previous_month(day: date) -> str:
    """2026-11-05 → 2026-10."""
    return (day.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def make(store: Store, config: Config, given: dict[str, Any]) -> dict[str, Any]:
    """Make a basis and tell the portal. `total` and `lineCount`, when given, are said instead of the true ones. Returns the message."""
    payer = given.get("payerNumber") or _payer(store)
    period = given.get("period") or previous_month(today())
    name = f"basis:{payer}:{period}"
    with store.change():
        version = int(store.fact(name) or "0") + 1
        store.set_fact(name, str(version))
        basis_id = f"FU-{period}-{payer}-{version}"
        orders = [order for order in store.orders() if order["number"].startswith("K-") and order["body"]["party"]["payerNumber"] == payer]
        plan = {
            "payer": payer,
            "customer": given.get("customerNumber") or (orders[0]["body"]["party"]["customerNumber"] if orders else payer),
            "period": period,
            "lines": given.get("lines", max(DEFAULT_LINES, len(orders))),
            "orders": [[order["number"], order["body"]["patient"]["id"], order["body"]["party"]["unitHsaId"]] for order in orders[:1000]],
        }
        plan |= {name: given[name] for name in ("breakAfter", "wrong") if name in given}
        store.run("INSERT INTO bases VALUES (?, ?)", basis_id, json.dumps(plan))
        amounts = [Decimal(line["amount"]) for line in lines(plan)]
        body = {
            "basisId": basis_id,
            "period": period,
            "payerNumber": payer,
            "version": version,
            "lineCount": given.get("lineCount", len(amounts)),
            "total": given.get("total", f"{sum(amounts, Decimal('0.00')):.2f}"),
        }
        credited = sum((amount for amount in amounts if amount < 0), Decimal("0.00"))
        if credited:
            body["credits"] = f"{credited:.2f}"
        if version > 1:
            body["corrects"] = f"FU-{period}-{payer}-{version - 1}"
        return store.queue("InvoiceBasisAvailable", basis_id, body, config.own_gln, config.portal_gln)


def plan_of(store: Store, basis_id: str) -> dict[str, Any] | None:
    rows = store.rows("SELECT plan FROM bases WHERE id = ?", basis_id)
    return json.loads(rows[0]["plan"]) if rows else None


class BreaksOff(Exception):
    """The connection ends in the middle of the lines."""


def streamed(store: Store, basis_id: str, plan: dict[str, Any]) -> Iterator[str]:
    """The lines as they go out; with what is wrong with them, if that was asked for. `breakAfter` so many lines breaks off once."""
    break_after = plan.pop("breakAfter", 0)
    if break_after:
        store.run("UPDATE bases SET plan = ? WHERE id = ?", json.dumps(plan), basis_id)
    wrong = plan.get("wrong", "")
    for line in lines(plan):
        text = json.dumps(line, ensure_ascii=False)
        if wrong and line["line"] == plan["lines"]:
            text = _spoiled(line, wrong)
        yield text + "\n"
        if line["line"] == break_after:
            raise BreaksOff


def _spoiled(line: dict[str, Any], wrong: str) -> str:
    if wrong == "nan":
        return json.dumps(line | {"days": float("nan")})
    changes: dict[str, dict[str, Any]] = {
        "amount": {"amount": f"{Decimal(line['amount']) + Decimal('0.01'):.2f}"},
        "customer": {"customerNumber": "finns-inte"},
        "twice": {"line": 1},
        "long": {"text": "x" * 1_000_000},
        "control": {"name": "a\x07b"},
    }
    return json.dumps(line | changes[wrong], ensure_ascii=False)


def lines(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of a basis, the same each time."""
    first = date.fromisoformat(plan["period"] + "-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    for number in range(1, plan["lines"] + 1):
        name, iso, article, kind, unit, price = _GOODS[number % len(_GOODS)]
        # Every fiftieth is a credit; services go in halves of an hour.
        quantity = Decimal(number % 3 + 1) / (2 if kind == "SERVICE" else 1) * (-1 if number % 50 == 0 else 1)
        amount = (quantity * Decimal(price)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        line: dict[str, Any] = {
            "line": number,
            "kind": "CREDIT" if quantity < 0 else kind,
            "customerNumber": plan["customer"],
            "name": name,
            "quantity": f"{quantity.normalize():f}",
            "unit": unit,
            "unitPrice": price,
            "amount": f"{amount:.2f}",
            "vatRate": "25",
        }
        if article:
            line |= {"articleNumber": article, "isoCode": iso}
        if kind == "RENT":
            line |= {"from": first.isoformat(), "to": last.isoformat(), "days": last.day, "individualNumber": f"I{number:08d}"}
        if plan["orders"]:
            order_number, patient, unit_hsa_id = plan["orders"][number % len(plan["orders"])]
            line |= {"orderNumber": order_number, "patientId": patient, "unitHsaId": unit_hsa_id}
        yield line


def make_monthly(store: Store, config: Config) -> int:
    """Once in each month, a basis of the month before for every payer that has ordered. Returns how many."""
    month = today().strftime("%Y-%m")
    if store.fact("month") == month:
        return 0
    with store.change():
        first_start = not store.fact("month")
        store.set_fact("month", month)
        if first_start:
            return 0
        payers = sorted({order["body"]["party"]["payerNumber"] for order in store.orders() if order["number"].startswith("K-")})
        for payer in payers:
            make(store, config, {"payerNumber": payer})
        return len(payers)


def _payer(store: Store) -> str:
    for order in store.orders():
        if order["number"].startswith("K-"):
            return str(order["body"]["party"]["payerNumber"])
    return "B4401"
