"""Who sees what of a basis, on each page and in each file; what is logged of it; and that the pages tell what is so."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Assignment, Job, Notice
from accounts.permissions import ROLES, Permission
from accounts.roles import Role
from billing.actions import files
from billing.models import Finding, InvoiceBasis, InvoiceFile, InvoiceGrant
from billing.urls import urlpatterns
from orders.models import Order
from patients.models import AccessLogEntry, Patient
from tests import factories
from tests.billing import told
from tests.billing.told import line

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
TEXT = "Fri text om Karlsson"
OTHER = "600299"


def text(response: Any) -> str:
    """Everything that an answer says, without line breaks that could part a number."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):
        import io

        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(content))
        return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    return str(content.decode("utf-8", "replace")).replace("\N{NO-BREAK SPACE}", " ")


class World:
    """A basis of two customers, with a known patient, a protected one, and a number that nobody knows; corrected once, so that it has changes."""

    def __init__(self) -> None:
        alice = factories.alice()
        self.known, self.protected = factories.patient(alice), factories.patient(alice)
        Patient.objects.filter(pk=self.protected.pk).update(protection="MARKED", phone="")
        self.number, self.secret = self.known.identity.value, self.protected.identity.value
        told.customer()
        told.customer(OTHER)
        lines = [
            line(1, patientId=self.number, text=TEXT, orderNumber="K-2026-99999999-9"),
            line(2, patientId=self.secret, text=f"Om {self.secret}", orderNumber="K-2026-99999999-9"),
            line(3, patientId="199001012385", text="Om okänd", name="Rollator"),
            line(4, customerNumber=OTHER, patientId=self.number, name="Bara den andra", text=TEXT, orderNumber="K-2026-99999999-9"),
        ]
        told.published(lines[:2], basis_id="A")
        self.basis = told.published(lines, basis_id="A", version=2)

    def urls(self) -> dict[str, str]:
        """Every page of the basis, by name."""
        args = [self.basis.public_id]
        finding = Finding.objects.get(basis=self.basis, line=1).pk
        return {name: reverse(f"billing:{name}", args=args) for name in ("basis", "lines", "findings", "changes")} | {
            "line": reverse("billing:line", args=[*args, 1]),
            "finding": reverse("billing:finding", args=[*args, finding]),
        }


# --- The matrix: nine kinds of user × each page and file ----------------------------------------------


def _of(**grant: Any) -> Callable[[], Assignment]:
    return lambda: told.reader(**grant)


def _without_grant() -> Assignment:
    return factories.assignment("Rolf Utan", Role.INVOICE_READER, at=factories.unit("Ekonomi Alingsås"))


def _withdrawn() -> Assignment:
    made = told.reader("Rita Förr")
    InvoiceGrant.objects.filter(assignment=made).update(is_active=False)
    return made


# What somebody sees: nothing (404), what one customer is charged, all; and with it the patients or not.
NOBODY, CUSTOMER, ALL, ALL_WITH_PATIENTS = "inget", "ett kundnummer", "allt", "allt med patienter"
KINDS: dict[str, tuple[Callable[[], Assignment] | None, str]] = {
    "inte inloggad": (None, NOBODY),
    "förskrivare": (factories.alice, NOBODY),
    "enhetsadministratör": (lambda: factories.assignment("Ulla Admin", Role.UNIT_ADMIN, at=factories.unit()), NOBODY),
    "support": (lambda: factories.assignment("Sune Support", Role.SUPPORT, at=factories.unit()), NOBODY),
    "fakturaläsare utan rätt": (_without_grant, NOBODY),
    "fakturaläsare vars rätt är återtagen": (_withdrawn, NOBODY),
    "fakturaläsare för en annan betalare": (_of(payer="700010"), NOBODY),
    "fakturaläsare för ett kundnummer": (_of(customer_number="600201"), CUSTOMER),
    "fakturaläsare för betalaren": (_of(), ALL),
    "fakturaläsare för betalaren, med patienter": (_of(sees_patients=True), ALL_WITH_PATIENTS),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_user_sees_of_each_page_what_the_grant_says(kind: str, client_of: ClientOf, client: Client) -> None:
    world = World()
    make, sees = KINDS[kind]
    browser = client_of(make()) if make else client
    for name, url in world.urls().items():
        response = browser.get(url)
        expected = 302 if make is None else 404 if sees == NOBODY else 200
        assert response.status_code == expected, name
        shown = text(response)
        assert world.secret not in shown, name
        assert "199001012385" not in shown, name
        assert (world.number in shown.replace("-", "")) == (sees == ALL_WITH_PATIENTS and name in {"lines", "line", "finding"}), name
        assert (TEXT in shown) == (sees == ALL_WITH_PATIENTS and name in {"line", "finding"}), name
        if sees == CUSTOMER:
            assert "Bara den andra" not in shown, name
            assert OTHER not in shown, name
    missing = browser.get(reverse("billing:line", args=[world.basis.public_id, 4]))
    assert missing.status_code == (302 if make is None else 200 if sees in {ALL, ALL_WITH_PATIENTS} else 404)
    listed = browser.get("/fakturaunderlag/")
    assert ("oktober 2026" in text(listed).lower()) == (sees != NOBODY)


# What is asked while something is under way, and what changes something: the name of the address, and what a refused one leaves as it was.
ACTS = ("live", "retry", "finding")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_user_does_what_the_grant_says_and_nothing_else(kind: str, client_of: ClientOf, client: Client) -> None:
    world = World()
    make, sees = KINDS[kind]
    browser = client_of(make()) if make else client
    lines = [line(customerNumber="600999")]
    parked = told.announced(lines, period=datetime.date(2026, 9, 1))
    told.taken(parked, lines)
    refused = 302 if make is None else 404
    of_payer = sees in {ALL, ALL_WITH_PATIENTS}
    assert browser.get(reverse("billing:live", args=[world.basis.public_id])).status_code == (refused if sees == NOBODY else 204)
    # Whom a parked basis concerns is known of the payer alone.
    assert browser.get(parked.get_absolute_url()).status_code == (200 if of_payer else refused)
    browser.post(reverse("billing:retry", args=[parked.public_id]))
    assert InvoiceBasis.objects.get(pk=parked.pk).status == ("WAITING" if of_payer else "PARKED")
    for number, may_decide in ((1, sees != NOBODY), (4, of_payer)):
        finding = Finding.objects.get(basis=world.basis, line=number)
        answer = browser.post(reverse("billing:finding", args=[world.basis.public_id, finding.pk]), {"status": "ACCEPTED", "comment": "Rätt."})
        assert answer.status_code == (302 if may_decide else refused)
        assert Finding.objects.get(pk=finding.pk).status == ("ACCEPTED" if may_decide else "TO_CHECK")


def test_the_matrix_leaves_out_no_address_of_fakturaunderlag() -> None:
    assert {pattern.name for pattern in urlpatterns} == {*World().urls(), *ACTS, "list", "new_file", "file"}


@pytest.mark.parametrize("file_format", ["XLSX", "CSV"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_user_gets_of_each_file_what_the_grant_says(kind: str, file_format: str, client_of: ClientOf, client: Client) -> None:
    world = World()
    make, sees = KINDS[kind]
    who = make() if make else None
    browser = client_of(who) if who else client
    response = browser.post(reverse("billing:new_file", args=[world.basis.public_id]), {"format": file_format, "patienter": "on"})
    assert response.status_code == (404 if sees == NOBODY and who else 302)
    own = InvoiceFile.objects.filter(by__isnull=False)
    assert own.exists() == (sees != NOBODY)
    files.make_due()
    for file in InvoiceFile.objects.filter(basis=world.basis):
        answer = browser.get(reverse("billing:file", args=[world.basis.public_id, file.public_id]))
        is_own = file.by is not None
        may = sees != NOBODY and (is_own or sees in {ALL, ALL_WITH_PATIENTS})
        assert answer.status_code == (302 if who is None else 200 if may else 404)
        if answer.status_code != 200:
            continue
        said = text(answer)
        assert answer["Content-Disposition"].startswith('attachment; filename="fakturaunderlag-2026-10-701489-v2')
        assert world.secret not in said
        assert "199001012385" not in said
        assert (world.number in said) == (TEXT in said) == (is_own and sees == ALL_WITH_PATIENTS)
        assert ("Bara den andra" in said) == (sees != CUSTOMER)


def test_nobody_has_the_patients_by_role() -> None:
    assert all(Permission.SEE_INVOICE_PATIENTS not in allowed for allowed in ROLES.values())
    assert [role for role, allowed in ROLES.items() if Permission.SEE_INVOICES in allowed] == [Role.INVOICE_READER]


def test_a_file_is_nobody_elses(client_of: ClientOf) -> None:
    world = World()
    mine = told.reader("Rut Ett", sees_patients=True)
    file = files.order(world.basis, by=mine, file_format="CSV", shows_patients=True)
    files.make_due()
    url = reverse("billing:file", args=[world.basis.public_id, file.public_id])
    assert client_of(mine).get(url).status_code == 200
    assert client_of(told.reader("Rut Två", sees_patients=True)).get(url).status_code == 404


def test_a_right_that_is_taken_back_closes_the_file_that_was_made_by_it(client_of: ClientOf) -> None:
    world = World()
    who = told.reader(sees_patients=True)
    file = files.order(world.basis, by=who, file_format="CSV", shows_patients=True)
    files.make_due()
    url = reverse("billing:file", args=[world.basis.public_id, file.public_id])
    InvoiceGrant.objects.filter(assignment=who).update(sees_patients=False)
    assert client_of(who).get(url).status_code == 302
    InvoiceGrant.objects.filter(assignment=who).update(is_active=False)
    assert client_of(who).get(url).status_code == 404


def test_a_file_closes_when_somebody_in_it_is_protected(client_of: ClientOf) -> None:
    world = World()
    who = told.reader(sees_patients=True)
    file = files.order(world.basis, by=who, file_format="XLSX", shows_patients=True)
    files.make_due()
    url = reverse("billing:file", args=[world.basis.public_id, file.public_id])
    assert world.number in text(client_of(who).get(url))
    Patient.objects.filter(pk=world.known.pk).update(protection="REGISTRATION", phone="")
    response = client_of(who).get(url, follow=True)
    assert world.number not in text(response)
    assert "kan inte hämtas längre" in text(response)


# --- The access log ------------------------------------------------------------------------------------


def test_each_view_and_each_file_is_in_the_access_log_and_each_patient_who_is_shown(client_of: ClientOf) -> None:
    world = World()
    who = told.reader(sees_patients=True)
    browser = client_of(who)
    for url in world.urls().values():
        before = AccessLogEntry.objects.filter(patient=None, user_hsa_id=who.user.hsa_id).count()
        browser.get(url)
        row = AccessLogEntry.objects.filter(patient=None, user_hsa_id=who.user.hsa_id).latest("at")
        assert AccessLogEntry.objects.filter(patient=None, user_hsa_id=who.user.hsa_id).count() == before + 1
        assert (row.resource_type, row.resource_id, row.purpose, row.identity_value) == ("Fakturaunderlag", str(world.basis.public_id), "Administration", "")
    shown = AccessLogEntry.objects.filter(user_hsa_id=who.user.hsa_id, patient__isnull=False)
    assert {row.patient_id for row in shown} == {world.known.pk}
    assert {row.activity for row in shown} == {"Fakturaunderlagets rader", "Rad i fakturaunderlag", "Bedöma rad i fakturaunderlag"}


def test_a_reader_who_sees_no_patient_leaves_no_row_about_any(client_of: ClientOf) -> None:
    world = World()
    who = told.reader()
    for url in world.urls().values():
        client_of(who).get(url)
    assert not AccessLogEntry.objects.filter(user_hsa_id=who.user.hsa_id, patient__isnull=False).exists()


def test_a_file_with_patients_has_a_row_for_each_and_one_for_each_time_it_is_fetched(client_of: ClientOf) -> None:
    world = World()
    who = told.reader(sees_patients=True)
    file = files.order(world.basis, by=who, file_format="CSV", shows_patients=True)
    files.make_due()
    in_it = AccessLogEntry.objects.filter(resource_id=str(file.public_id), patient__isnull=False)
    assert [(row.patient_id, row.action, row.user_hsa_id) for row in in_it] == [(world.known.pk, "EXPORT", who.user.hsa_id)]
    before = AccessLogEntry.objects.filter(activity="Hämta fil").count()
    client_of(who).get(reverse("billing:file", args=[world.basis.public_id, file.public_id]))
    assert AccessLogEntry.objects.filter(activity="Hämta fil", action="EXPORT").count() == before + 1


# --- The pages -----------------------------------------------------------------------------------------


def months(number: int) -> list[InvoiceBasis]:
    """So many months before October, and October last."""
    made = []
    for back in reversed(range(number)):
        year, month = divmod(2026 * 12 + 9 - back, 12)
        period = datetime.date(year, month + 1, 1)
        made.append(told.published([line(1, quantity=str(back + 1)), line(2, kind="SALE", isoCode="093303", unitHsaId=None)], period=period))
    return made


def test_months_stand_with_their_sums_and_what_is_to_check(client_of: ClientOf) -> None:
    months(3)
    page = BeautifulSoup(client_of(told.reader()).get("/fakturaunderlag/").content, "html.parser")
    table = page.find("caption", string="Fakturaunderlag per månad och betalare").find_parent("table")
    rows = table.select("tbody tr")
    cells = [[cell.get_text(" ", strip=True).replace("\N{NO-BREAK SPACE}", " ") for cell in row.select("th, td")] for row in rows]
    assert [row[0].partition(" ,")[0] for row in cells] == ["Oktober 2026", "September 2026", "Augusti 2026"]
    assert [row[5] for row in cells] == ["425 kr", "637,50 kr", "850 kr"]
    assert page.select_one("figure.chart svg.chart-plot")


def test_a_reader_of_a_customer_sees_sums_of_that_alone(client_of: ClientOf) -> None:
    told.customer(OTHER)
    basis = told.published([line(1), line(2, customerNumber=OTHER, quantity="9")])
    browser = client_of(told.reader(customer_number="600201"))
    for url in ("/fakturaunderlag/", basis.get_absolute_url(), reverse("billing:lines", args=[basis.public_id])):
        shown = text(browser.get(url))
        assert "212,50 kr" in shown
        for foreign in ("1 912,50", "2 125"):
            assert foreign not in shown
    assert text(browser.get(basis.get_absolute_url())).count("701489") >= 1


def test_a_month_is_compared_with_the_month_and_the_year_before(client_of: ClientOf) -> None:
    basis = months(13)[-1]
    shown = text(client_of(told.reader()).get(basis.get_absolute_url()))
    for word in ("Mot månaden före", "september 2026", "Mot året före", "oktober 2025", "Per debiteringsform", "Per enhet", "Per artikelgrupp", "okt 2025"):
        assert word in shown
    assert "−212,50 kr (−33,3 %)" in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("slag=SALE", [2]),
        ("kund=600201", [1, 2, 3]),
        ("enhet=SE2321000131-E0001", [1, 3]),
        ("grupp=0933", [2]),
        ("artikel=104501", [1, 2, 3]),
        ("nummer=40-7", [3]),
        ("nummer=K-2026-99999999-9", [3]),
        ("kontroll=UNKNOWN_ORDER", [1, 2, 3]),
        ("slag=RENT&nummer=40-7", [3]),
        ("artikel=finns-inte", []),
        ("slag=NONSENS", [1, 2, 3]),
    ],
)
def test_lines_are_narrowed(query: str, expected: list[int], client_of: ClientOf) -> None:
    basis = told.published([line(1), line(2, kind="SALE", isoCode="093303", unitHsaId=None), line(3, individualNumber="40-7", orderNumber="K-2026-99999999-9")])
    page = client_of(told.reader()).get(f"{reverse('billing:lines', args=[basis.public_id])}?{query}")
    assert [row.line for row, _ in page.context["rows"]] == expected


def test_pages_of_lines_cost_the_same_with_one_line_and_with_many(client_of: ClientOf) -> None:
    told.reader()
    few, many = told.published([line()]), told.published([line(n, individualNumber=f"40-{n}") for n in range(1, 61)], period=datetime.date(2024, 1, 1))
    counts = []
    for basis in (few, many):
        for name in ("lines", "findings", "basis"):
            browser = client_of(told.reader(f"Rut {name}{basis.pk}", sees_patients=False))
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(reverse(f"billing:{name}", args=[basis.public_id])).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    browser = client_of(told.reader("Rut Sist"))
    first = browser.get(reverse("billing:lines", args=[many.public_id]))
    following = browser.get(f"{reverse('billing:lines', args=[many.public_id])}?cursor={first.context['page'].next_cursor}")
    assert [row.line for row, _ in following.context["rows"]] == list(range(26, 51))


def test_a_line_leads_to_what_it_belongs_to_in_the_assignment_that_may_open_it(client_of: ClientOf) -> None:
    alice = factories.alice()
    order = factories.order(alice)
    factories.loan(order, "40-77")
    basis = told.published([line(orderNumber=order.number, individualNumber="40-77")])
    reader = factories.assignment("Alice Ask", Role.INVOICE_READER, at=factories.unit("Ekonomi Alingsås"))
    told.grant(reader, payer=told.PAYER)
    url = reverse("billing:line", args=[basis.public_id, 1])
    shown = text(client_of(reader).get(url))
    assert str(Order.objects.get(pk=order.pk).get_absolute_url()) not in shown
    assert "Du kan öppna det i ditt uppdrag som förskrivare" in shown
    assert alice.unit.name in shown
    stranger = text(client_of(told.reader()).get(url))
    assert "i ditt uppdrag" not in stranger


def test_a_line_links_to_its_order_and_aid_for_a_role_that_may_open_them(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    order = factories.order(factories.alice())
    factories.loan(order, "40-77")
    basis = told.published([line(orderNumber=order.number, individualNumber="40-77")])
    reader = factories.assignment("Rut Räknare", Role.INVOICE_READER, at=factories.unit())
    told.grant(reader, payer=told.PAYER)
    both = ROLES[Role.INVOICE_READER] | {Permission.SEE_ORDERS, Permission.OPEN_PATIENT}
    monkeypatch.setitem(ROLES, Role.INVOICE_READER, both)
    shown = text(client_of(reader).get(reverse("billing:line", args=[basis.public_id, 1])))
    assert f'href="/bestallningar/{order.number}/"' in shown
    assert 'href="/individer/40-77/"' in shown


def test_a_finding_is_decided_with_a_comment_and_keeps_its_history(client_of: ClientOf) -> None:
    basis = told.published([line(orderNumber="K-2026-99999999-9")])
    finding = basis.findings.get()
    url = reverse("billing:finding", args=[basis.public_id, finding.pk])
    browser = client_of(told.reader())
    empty = browser.post(url, {"status": "DISPUTED", "comment": "  "})
    assert "Fyll i ”Kommentar”" in text(empty)
    assert Finding.objects.get().status == "TO_CHECK"
    assert browser.post(url, {"status": "DISPUTED", "comment": "Ordern är inte vår.", "seen": "TO_CHECK"}).status_code == 302
    assert Finding.objects.get().status == "DISPUTED"
    assert "Ordern är inte vår." in text(browser.get(url))
    late = browser.post(url, {"status": "ACCEPTED", "comment": "Den är vår.", "seen": "TO_CHECK"})
    assert late.status_code == 409
    assert browser.post(url, {"status": "DISPUTED", "comment": "Igen"}).status_code == 200
    assert [row.new for row in finding.history.order_by("id")] == ["DISPUTED"]


def test_a_finding_leads_to_a_fault_report_that_is_filled_in(client_of: ClientOf) -> None:
    basis = told.published([line(orderNumber="K-2026-99999999-9")], basis_id="FU-2026/10 å")
    page = BeautifulSoup(client_of(told.reader()).get(reverse("billing:findings", args=[basis.public_id])).content, "html.parser")
    [link] = [link["href"] for link in page.select("a") if "Gör felrapport" in link.get_text()]
    assert link == "/felrapporter/ny/?slag=COMPLAINT&underlag=FU-2026%2F10+%C3%A5&underlagsrad=1"
    assert client_of(told.reader("Rut Två")).get(link, follow=True).status_code == 200


def test_what_could_not_be_read_in_says_why_and_can_be_fetched_again(client_of: ClientOf) -> None:
    who = told.reader()
    lines = [line(customerNumber="600999")]
    basis = told.announced(lines)
    told.taken(basis, lines)
    browser = client_of(who)
    assert "kunde inte läsas in" in text(browser.get("/")).lower()
    shown = text(browser.get(basis.get_absolute_url()))
    assert "Underlaget för oktober 2026 kunde inte läsas in" in shown
    assert "600999 (rad 1)" in shown
    for name in ("lines", "findings", "changes"):
        assert browser.get(reverse(f"billing:{name}", args=[basis.public_id])).status_code == 404
    assert browser.post(reverse("billing:retry", args=[basis.public_id])).status_code == 302
    assert InvoiceBasis.objects.get().status == "WAITING"
    assert "Underlaget hämtas" in text(browser.get(basis.get_absolute_url()))
    live = browser.get(reverse("billing:live", args=[basis.public_id]))
    assert (live.status_code, "progress" in text(live)) == (200, True)
    told.customer("600999")
    told.taken(basis, lines)
    assert browser.get(reverse("billing:live", args=[basis.public_id]))["HX-Refresh"] == "true"


def test_a_correction_shows_what_differs_to_who_may_see_the_lines(client_of: ClientOf) -> None:
    told.customer(OTHER)
    told.published([line(1), line(2, customerNumber=OTHER), line(3)], basis_id="A")
    basis = told.published([line(1, quantity="2"), line(2, customerNumber=OTHER, quantity="7"), line(4)], basis_id="B", corrects="A")
    url = reverse("billing:changes", args=[basis.public_id])
    everything = text(client_of(told.reader()).get(url))
    assert [word in everything for word in ("Ny rad", "Borttagen rad", "Ändrad rad", "antal, belopp", "425 kr", "1 487,50 kr")] == [True] * 6
    part = text(client_of(told.reader("Rut Kund", customer_number="600201")).get(url))
    assert "1 487,50" not in part
    assert "Rad 2" not in part


def test_opening_a_basis_reads_its_notice(client_of: ClientOf) -> None:
    who = told.reader()
    basis = told.published()
    assert Notice.objects.unread().filter(user=who.user).count() == 1
    client_of(who).get(basis.get_absolute_url())
    assert not Notice.objects.unread().filter(user=who.user).exists()


# --- Long work -----------------------------------------------------------------------------------------


def test_a_file_of_what_is_narrowed_is_made_in_the_background_with_a_page_that_tells_how_far(client_of: ClientOf) -> None:
    who = told.reader()
    basis = told.published([line(n, kind="SALE" if n % 2 else "RENT") for n in range(1, 7)])
    browser = client_of(who)
    response = browser.post(reverse("billing:new_file", args=[basis.public_id]), {"format": "CSV", "slag": "SALE"})
    job = Job.objects.get(by=who)
    assert response.url == reverse("accounts:job", args=[job.public_id])
    assert "hx-get" in text(browser.get(response.url))
    files.make_due()
    done = browser.get(reverse("accounts:job_live", args=[job.public_id]))
    assert "hx-get" not in text(done)
    link = BeautifulSoup(done.content, "html.parser").select_one("a.ds-button")["href"]
    rows = text(browser.get(link)).strip().split("\r\n")
    assert len(rows) == 4
    file = InvoiceFile.objects.get(by=who)
    assert (file.lines, file.total) == (3, Decimal("637.50"))
    assert "-urval" in file.name


def test_a_job_that_failed_says_so_and_what_to_do(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    who = told.reader()
    basis = told.published()
    file = files.order(basis, by=who, file_format="CSV")
    monkeypatch.setattr(files.excel, "write_csv", lambda *_: 1 / 0)
    for _ in range(files.MOST_ATTEMPTS):
        InvoiceFile.objects.filter(pk=file.pk).update(next_try_at=file.created_at)
        assert not files.make(file.pk)
    assert InvoiceFile.objects.get(pk=file.pk).state == "FAILED"
    assert "Försök igen" in text(client_of(who).get(reverse("accounts:job", args=[file.job.public_id])))


def test_files_are_forgotten_when_their_time_is_out() -> None:
    who = told.reader()
    basis = told.published()
    files.order(basis, by=who, file_format="CSV")
    files.make_due()
    assert files.forget_old() == 0
    InvoiceFile.objects.filter(by=who).update(expires_at=basis.received_at)
    assert files.forget_old() == 1
    assert InvoiceFile.objects.get().by is None
