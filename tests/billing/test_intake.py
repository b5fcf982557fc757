"""A basis comes in whole or not at all: what is wrong parks it with the reasons, what breaks off is tried again, what is killed leaves nothing."""

import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Notice
from billing import words
from billing.actions import intake
from billing.actions.intake import Taken
from billing.handlers import invoice_basis_available
from billing.models import CustomerSum, Finding, InvoiceBasis, InvoiceFile, InvoiceLine, InvoiceSum, LineChange
from core.lifecycle import IllegalMove
from integration import contract
from integration.registry import Unacceptable
from tests.billing import told
from tests.billing.told import line
from tests.catalog.test_import_sequences import own_process

pytestmark = pytest.mark.django_db(transaction=True)
STATUS = InvoiceBasis.Status


def again(basis: InvoiceBasis) -> InvoiceBasis:
    return InvoiceBasis.objects.get(pk=basis.pk)


def ten() -> list[dict[str, Any]]:
    return [line(number, quantity=str(number)) for number in range(1, 11)]


# --- Told of ---------------------------------------------------------------------------------------------


def test_the_message_stores_the_basis_once_with_until_when_it_is_kept() -> None:
    body = contract.InvoiceBasisAvailable(
        basis_id="FU-7", period="2026-10", payer_number=told.PAYER, version=1, line_count=1, total=Decimal("212.50"), credits=None, corrects=None
    )
    for _ in range(2):
        invoice_basis_available(body, subject="FU-7", sequence=1)
    basis = InvoiceBasis.objects.get()
    assert (basis.status, basis.period.isoformat(), basis.kept_until.isoformat()) == (STATUS.WAITING, "2026-10-01", "2033-12-31")
    assert [row.event for row in basis.history.all()] == ["ANNOUNCED"]


def test_the_same_version_with_other_facts_is_a_contradiction() -> None:
    told.announced([line()], basis_id="FU-1")
    with pytest.raises(Unacceptable):
        told.announced([line(quantity="2")], basis_id="FU-1")
    with pytest.raises(Unacceptable):
        told.announced([line()], basis_id="..")
    assert InvoiceBasis.objects.get().total == Decimal("212.50")


# --- Published -------------------------------------------------------------------------------------------


def test_what_is_right_is_published_with_its_sums_and_its_file_is_ordered() -> None:
    reader = told.reader()
    lines = [*ten(), line(11, kind="CREDIT", quantity="-2", isoCode="120606"), line(12, kind="SALE", unitHsaId=None, text="rad ett\nrad \\två\t".rstrip("\t"))]
    basis = told.published(lines)
    assert (basis.status, basis.replaces, basis.failures) == (STATUS.PUBLISHED, None, 1)
    assert InvoiceLine.objects.filter(basis=basis).count() == 12
    stored = InvoiceLine.objects.get(basis=basis, line=12)
    assert (stored.text, stored.unit_hsa_id, stored.amount, stored.days) == ("rad ett\nrad \\två", "", Decimal("212.50"), 31)
    [of_customer] = CustomerSum.objects.filter(basis=basis)
    assert (of_customer.lines, of_customer.amount, of_customer.credited) == (12, basis.total, Decimal("-425.00"))
    assert sum(InvoiceSum.objects.filter(basis=basis).values_list("amount", flat=True)) == basis.total
    file = InvoiceFile.objects.get(basis=basis)
    assert (file.by, file.format, file.shows_patients) == (None, "XLSX", False)
    assert Notice.objects.get(user=reader.user).url == basis.get_absolute_url()


def test_nothing_is_left_of_the_staging() -> None:
    told.published(ten())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'billing\\_%%' AND relpersistence = 't'")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert cursor.fetchone() == (0,)


# --- Parked ----------------------------------------------------------------------------------------------

LONG = "x" * 1_000_000
WRONG: dict[str, tuple[list[Any], dict[str, Any], str, str]] = {
    "one öre": ([line()], {"total": Decimal("212.51")}, "TOTAL", "212,51"),
    "too few": ([line()], {"line_count": 2}, "LINE_COUNT", "2 rader men skickade 1"),
    "too many": ([line(1), line(2)], {"line_count": 1, "total": Decimal("212.50")}, "LINE_COUNT", "fler"),
    "credits": ([line()], {"credits": Decimal("-1.00")}, "CREDITS", "−1 kr"),
    "amount": ([line(amount="212.51")], {}, "AMOUNT", "rad 1"),
    "rounded down": ([line(quantity="0.003", unitPrice="1.67", amount="0.00")], {}, "AMOUNT", "rad 1"),
    "credit that is none": ([line(kind="CREDIT")], {}, "CREDIT_SIGN", "rad 1"),
    "hidden credit": ([line(quantity="-1")], {}, "CREDIT_SIGN", "rad 1"),
    "twice negative": ([line(kind="CREDIT", quantity="-1", unitPrice="-5.00", amount="5.00")], {}, "CREDIT_SIGN", "rad 1"),
    "unknown customer": ([line(customerNumber="600999")], {}, "UNKNOWN_CUSTOMER", "600999 (rad 1)"),
    "a line twice": ([line(7), line(7)], {}, "TWICE", "rad 7"),
    "long text": ([line(text=LONG)], {}, "TOO_LONG", "längre"),
    "text over the limit": ([line(text="x" * 10_001)], {}, "BAD_LINES", "text"),
    "control character": ([line(name="a\x00b")], {}, "BAD_LINES", "name"),
    "bell": ([line(text="\x07")], {}, "BAD_LINES", "text"),
    "NaN": ([line(1), b'{"line": NaN}'], {"line_count": 2}, "BAD_LINES", "rad 2"),
    "NaN as text": ([line(amount="1.00") | {"amount": "NaN"}], {"total": Decimal(0), "line_count": 1}, "BAD_LINES", "amount"),
    "unknown field": ([line(colour="red")], {}, "BAD_LINES", "colour"),
    "no JSON": ([line(1), b"<html>"], {"line_count": 2}, "BAD_LINES", "rad 2"),
    "blank line": ([line(1), b"", line(2)], {"line_count": 3}, "BAD_LINES", "rad 2"),
    "half a line": ([line(1), told.written([line(2)])[:50].strip()], {"line_count": 2}, "BAD_LINES", "rad 2"),
}


def as_told(lines: list[Any], **changes: Any) -> InvoiceBasis:
    """Announced as `lines` would be, whatever stands in them."""
    facts = {"line_count": len(lines)} | changes
    if "total" not in facts:
        facts["total"] = sum((Decimal(each["amount"]) for each in lines if isinstance(each, dict)), Decimal("0.00"))
    return intake.record_available(told.said([], **facts))


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_parked_with_its_reason_and_nothing_of_it_is_shown(name: str, sesam2: Any, settings: Any) -> None:
    lines, changes, code, says = WRONG[name]
    reader = told.reader()
    told.customer()
    basis = as_told(lines, **changes)
    with told.nothing_published():
        if code == "TOO_LONG":
            # What is too long for a line is stopped before it is read: over real HTTP.
            from tests.sesam2 import answer, answering_server

            with answering_server() as server:
                server.say = answer(200, told.written(lines), "application/x-ndjson")
                assert intake.take_in(basis.pk) is Taken.PARKED
        else:
            assert told.taken(basis, lines) is Taken.PARKED
    basis = again(basis)
    assert basis.status == STATUS.PARKED
    assert code in {problem["code"] for problem in basis.problems}
    assert says in " ".join(words.problems(basis)).replace("\N{NO-BREAK SPACE}", " ")
    assert [notice.tone for notice in Notice.objects.filter(user=reader.user)] == ["warning"]
    assert told.taken(basis, lines) is Taken.NOTHING


def test_no_reason_quotes_what_stands_on_a_line() -> None:
    """Names of fields and numbers of lines: a value may be a person's."""
    secret = "191212121212"
    told.customer()
    basis = as_told([line(text=f"{secret}\x00"), line(2, patientId=secret + "\n")])
    told.taken(basis, [line(text=f"{secret}\x00"), line(2, patientId=secret + "\n")])
    assert again(basis).status == STATUS.PARKED
    assert secret not in str(InvoiceBasis.objects.values()) + str(list(basis.history.values()))


def test_a_basis_that_is_wrong_throughout_is_read_no_further_than_needed() -> None:
    told.customer()
    basis = as_told([], line_count=1_000_000)
    read = []

    def fetch(_: InvoiceBasis) -> Any:
        for number in range(1_000_000):
            read.append(number)
            yield b"{}"

    InvoiceBasis.objects.update(next_try_at=basis.received_at)
    assert intake.take_in(basis.pk, fetch=fetch) is Taken.PARKED
    assert len(read) == 100
    [problem] = again(basis).problems
    assert (problem["count"], len(problem["lines"])) == (100, 20)


def test_what_rounds_half_up_is_right_also_for_credits() -> None:
    lines = [line(1, quantity="0.5", unitPrice="0.01", amount="0.01"), line(2, kind="CREDIT", quantity="-0.5", unitPrice="0.01", amount="-0.01")]
    assert told.published(lines).total == 0


def test_a_person_has_a_parked_basis_fetched_again_and_it_goes_in_when_it_is_right() -> None:
    reader = told.reader()
    told.customer()
    lines = [line(customerNumber="600777")]
    basis = as_told(lines)
    assert told.taken(basis, lines) is Taken.PARKED
    told.customer("600777")
    intake.retry(again(basis), by=reader)
    assert not Notice.objects.unread().filter(url=basis.get_absolute_url(), tone="warning").exists()
    assert told.taken(basis, lines) is Taken.PUBLISHED
    assert [row.event for row in basis.history.order_by("id")] == ["ANNOUNCED", "PARKED", "RETRIED", "PUBLISHED"]
    with pytest.raises(IllegalMove):
        intake.retry(again(basis), by=reader)


# --- Broken off ------------------------------------------------------------------------------------------


def test_a_stream_that_breaks_off_at_nine_tenths_is_tried_again_from_the_beginning() -> None:
    told.customer()
    lines = ten()
    basis = told.announced(lines)
    with told.nothing_published():
        for _ in range(12):
            assert told.taken(basis, lines, breaks_off_after=9) is Taken.LATER
    waiting = again(basis)
    assert (waiting.status, waiting.attempts, waiting.failures, waiting.last_error) == (STATUS.WAITING, 12, 0, "answer breaks off")
    assert waiting.next_try_at > waiting.received_at
    assert intake.take_in(basis.pk, fetch=told.source(lines)) is Taken.NOTHING  # its time has not come
    assert told.taken(basis, lines) is Taken.PUBLISHED
    assert InvoiceLine.objects.filter(basis=basis).count() == 10


def test_over_http_with_the_stand_in_it_breaks_off_and_then_comes_whole(sesam2: Any) -> None:
    told.customer("B4401", payer="B4401")
    said = sesam2.control(invoice_basis={"payerNumber": "B4401", "period": "2026-10", "lines": 5000, "breakAfter": 4500})["basis"]
    basis = intake.record_available(_announced(said))
    with told.nothing_published():
        assert intake.take_in(basis.pk) is Taken.LATER
    InvoiceBasis.objects.update(next_try_at=basis.received_at)
    assert intake.take_in(basis.pk) is Taken.PUBLISHED
    assert InvoiceLine.objects.filter(basis=basis).count() == 5000


@pytest.mark.parametrize("wrong", ["amount", "customer", "twice", "long", "control", "nan"])
def test_over_http_each_wrong_that_the_stand_in_knows_is_parked(wrong: str, sesam2: Any) -> None:
    told.customer("B4401", payer="B4401")
    said = sesam2.control(invoice_basis={"payerNumber": "B4401", "period": "2026-10", "lines": 60, "wrong": wrong})["basis"]
    basis = intake.record_available(_announced(said))
    with told.nothing_published():
        assert intake.take_in(basis.pk) is Taken.PARKED


def _announced(said: dict[str, Any]) -> Any:
    from billing.sesam2 import announced

    return announced(contract.INCOMING["InvoiceBasisAvailable"].model_validate_json(contract.dump(said)))


def test_an_error_of_ours_is_tried_eight_times_and_then_parked() -> None:
    told.customer()
    basis = told.announced([line()])

    def broken(_: InvoiceBasis) -> Any:
        raise ZeroDivisionError
        yield

    results = []
    for _ in range(8):
        InvoiceBasis.objects.update(next_try_at=basis.received_at)
        results.append(intake.take_in(basis.pk, fetch=broken))
    assert results == [Taken.LATER] * 7 + [Taken.PARKED]
    assert [problem["code"] for problem in again(basis).problems] == ["FAILED"]


# --- Killed, and two at once -----------------------------------------------------------------------------

KILLED = """
import json, os, signal, sys
import django
django.setup()
from billing.actions import intake
from billing.models import InvoiceBasis
from billing.actions import staging
staging._PIECE = 100
def fetch(basis):
    yield from sys.argv[3].encode().splitlines()
def step(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
intake.take_in(int(sys.argv[1]), fetch=fetch, step=step)
"""
POINTS = ("fetching", "fetched", "checked", "stored", "compared", "found")


def test_a_worker_that_is_killed_leaves_nothing_half_published_and_the_next_try_succeeds() -> None:
    """In the middle of the lines, after them, after the checks, and three times inside the transaction that publishes."""
    told.reader()
    told.customer()
    lines = ten()
    basis = told.announced(lines)
    for point in POINTS:
        InvoiceBasis.objects.update(next_try_at=basis.received_at)
        with told.nothing_published():
            process = own_process(KILLED, str(basis.pk), point, told.written(lines).decode(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            assert process.wait(60) == -signal.SIGKILL, point
        assert again(basis).status == STATUS.WAITING, point
        assert not Notice.objects.exists(), point
    assert again(basis).failures == len(POINTS)
    assert told.taken(basis, lines) is Taken.PUBLISHED
    assert InvoiceLine.objects.filter(basis=basis).count() == 10
    assert InvoiceFile.objects.filter(basis=basis).count() == 1


def test_what_kills_every_worker_is_not_tried_for_ever() -> None:
    told.customer()
    basis = told.announced([line()])
    InvoiceBasis.objects.update(failures=intake.MOST_FAILURES)
    assert told.taken(basis, [line()]) is Taken.PARKED


def at_once(*jobs: Any) -> list[Any]:
    barrier = threading.Barrier(len(jobs), timeout=20)

    def run(job: Any) -> Any:
        try:
            barrier.wait()
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_of_two_tasks_for_one_basis_one_does_it() -> None:
    told.customer()
    lines = ten()
    basis = told.announced(lines)
    results = at_once(*(lambda: intake.take_in(basis.pk, fetch=told.source(lines)) for _ in range(2)))
    assert sorted(result.name for result in results) == ["NOTHING", "PUBLISHED"]
    assert InvoiceLine.objects.filter(basis=basis).count() == 10


def test_two_bases_of_one_month_at_once_leave_one_in_force() -> None:
    """The first two versions at once, in whichever order they end; and two that say nothing of each other, of which the second is parked."""
    told.customer()
    one, two = ten(), [*ten(), line(11)]
    first, second = told.announced(one, basis_id="A"), told.announced(two, basis_id="A", version=2)
    at_once(lambda: intake.take_in(first.pk, fetch=told.source(one)), lambda: intake.take_in(second.pk, fetch=told.source(two)))
    assert (again(first).status, again(second).status) == (STATUS.REPLACED, STATUS.PUBLISHED)
    assert again(second).replaces == first
    assert [(change.line, change.what) for change in LineChange.objects.filter(basis=second)] == [(11, "ADDED")]
    third, fourth = told.announced(one, basis_id="C", payer_number="700010"), told.announced(two, basis_id="D", payer_number="700010")
    results = at_once(lambda: intake.take_in(third.pk, fetch=told.source(one)), lambda: intake.take_in(fourth.pk, fetch=told.source(two)))
    assert sorted(result.name for result in results) == ["PARKED", "PUBLISHED"]


# --- Versions --------------------------------------------------------------------------------------------


def test_a_correction_replaces_what_is_shown_and_keeps_the_old_and_says_what_differs() -> None:
    old = told.published([line(1), line(2), line(3), line(4)], basis_id="A")
    new = told.published([line(1), line(2, quantity="2"), line(4, name="Rollator"), line(5)], basis_id="B", corrects="A")
    assert (again(old).status, new.status, new.replaces) == (STATUS.REPLACED, STATUS.PUBLISHED, old)
    assert InvoiceLine.objects.filter(basis=old).count() == 4
    changes = {change.line: change for change in LineChange.objects.filter(basis=new)}
    assert {number: change.what for number, change in changes.items()} == {2: "CHANGED", 3: "REMOVED", 4: "CHANGED", 5: "ADDED"}
    assert (changes[2].fields, changes[4].fields) == (["quantity", "amount"], ["name"])
    assert (changes[2].old_amount, changes[2].new_amount) == (Decimal("212.50"), Decimal("425.00"))
    assert (changes[3].new_amount, changes[5].old_amount) == (None, None)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_versions_in_any_order_of_arrival_end_alike(order: tuple[int, ...]) -> None:
    contents = [[line(1)], [line(1), line(2)], [line(1), line(2), line(3)]]
    by_place = {place: told.published(contents[place], basis_id="A", version=place + 1) for place in order}
    bases = [again(by_place[place]) for place in range(3)]
    assert [basis.status for basis in bases] == [STATUS.REPLACED, STATUS.REPLACED, STATUS.PUBLISHED]
    assert [basis.replaces for basis in bases] == [None, bases[0], bases[1]]
    assert [[(c.line, c.what) for c in LineChange.objects.filter(basis=basis)] for basis in bases] == [[], [(2, "ADDED")], [(3, "ADDED")]]


def test_what_corrects_a_basis_that_comes_later_stands_above_it() -> None:
    new = told.published([line(1), line(2)], basis_id="B", corrects="A")
    old = told.published([line(1)], basis_id="A")
    assert (again(old).status, again(new).status, again(new).replaces) == (STATUS.REPLACED, STATUS.PUBLISHED, old)


def test_what_corrects_something_unknown_waits_parked_until_that_has_come() -> None:
    told.published([line(1)], basis_id="A")
    third = as_told([line(1), line(3)], basis_id="C", corrects="B")
    assert told.taken(third, [line(1), line(3)]) is Taken.PARKED
    told.published([line(1), line(2)], basis_id="B", corrects="A")
    assert again(third).status == STATUS.WAITING
    assert told.taken(third, [line(1), line(3)]) is Taken.PUBLISHED


def test_two_that_say_nothing_of_each_other_are_never_both_in_force() -> None:
    told.published([line(1)], basis_id="A")
    other = as_told([line(1)], basis_id="B")
    with told.nothing_published():
        assert told.taken(other, [line(1)]) is Taken.PARKED
    assert "FU" not in words.problems(again(other))[0]
    assert "(A)" in words.problems(again(other))[0]
    elsewhere = as_told([line(1)], basis_id="E", corrects="A", payer_number="700010")
    assert told.taken(elsewhere, [line(1)]) is Taken.PARKED
    with pytest.raises(DatabaseError), transaction.atomic():
        InvoiceBasis.objects.filter(pk=other.pk).update(status="PUBLISHED", published_at=other.received_at)


def test_what_was_decided_goes_over_to_a_line_that_the_correction_repeats() -> None:
    from billing.actions.findings import decide

    reader = told.reader()
    old = told.published([line(1, orderNumber="K-2026-99999999-9"), line(2, orderNumber="K-2026-99999999-9")], basis_id="A")
    for finding in Finding.objects.filter(basis=old):
        decide(finding, by=reader, status="DISPUTED", comment="Finns inte hos oss.")
    new = told.published([line(1, orderNumber="K-2026-99999999-9"), line(2, orderNumber="K-2026-99999999-9", quantity="2")], basis_id="A", version=2)
    assert [(f.line, f.status) for f in Finding.objects.filter(basis=new).order_by("line")] == [(1, "DISPUTED"), (2, "TO_CHECK")]
    row = Finding.objects.get(basis=new, line=1).history.get()
    assert (row.event, row.note, row.details) == ("CARRIED_OVER", "Finns inte hos oss.", {"version": 1})


# --- Kept ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement", ["DELETE FROM billing_invoicebasis", "TRUNCATE billing_invoicebasis CASCADE", "UPDATE billing_invoicebasis SET total = 0"]
)
def test_the_database_keeps_a_basis_and_what_was_announced_of_it(statement: str) -> None:
    basis = told.published()
    with pytest.raises(DatabaseError, match=r"Cannot|kept table|append-only table"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement.format('billing_invoicebasis')}")
    assert again(basis).total == basis.total
