"""Fakturaunderlag through everything that is real: delivered by the stand-in, read, searched, judged, reported, fetched as Excel; no barrier; its charts."""

import io
import re
from decimal import Decimal
from itertools import combinations
from typing import Any

import openpyxl
import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page, expect

from accounts.models import Assignment
from billing.models import Finding, InvoiceBasis, InvoiceFile
from faultreports.models import FaultReport
from tests import factories
from tests.billing import told
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.walk import walk

LINES = 12
# What the stand-in sells: three Duschstolar on each of line 2 and 8.
SOLD = Decimal("7170.00")
HANDS = {"with_the_mouse": Mouse, "by_keyboard_alone": Keyboard, "without_javascript": WithoutScript}


def delivered(portal: Portal, period: str, **more: Any) -> InvoiceBasis:
    """The stand-in tells of a basis, and the portal's own worker fetches it and makes its file."""
    wanted = {"payerNumber": told.PAYER, "customerNumber": "600201", "period": period, "lines": LINES} | more
    said = portal.sesam2.control(invoice_basis=wanted)["basis"]
    known = {"basis_id": said["basisId"], "version": said["version"]}
    portal.wait(lambda: InvoiceBasis.objects.filter(**known).exclude(status="WAITING").exists(), "the basis", 60)
    basis = InvoiceBasis.objects.get(**known)
    if basis.status == InvoiceBasis.Status.PUBLISHED:
        portal.wait(lambda: InvoiceFile.objects.filter(basis=basis, state="READY").exists(), "its file", 60)
    return basis


def world(portal: Portal) -> tuple[Assignment, InvoiceBasis]:
    told.customer()
    reader = told.reader(sees_patients=True)
    for period in ("2025-10", "2026-09"):
        delivered(portal, period)
    return reader, delivered(portal, "2026-10")


def kr(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",").removesuffix(",00") + "\N{NO-BREAK SPACE}kr"


def decide(me: Hands, line: int, decision: str, comment: str) -> None:
    me.press(me.link(f"Bedöm rad {line}", exact=True))
    me.is_on(f"Bedöm rad {line}")
    me.choose(decision)
    me.write("Kommentar", comment)
    me.press(me.button("Spara beslutet"))
    me.is_on("Oktober 2026")


def downloaded(me: Hands) -> Any:
    with me.page.expect_download() as waiting:
        me.press(me.link("Hämta Excel-filen"))
    assert waiting.value.suggested_filename == f"fakturaunderlag-2026-10-{told.PAYER}-v1-urval.xlsx"
    return openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))


@pytest.mark.parametrize("hands", HANDS.values(), ids=HANDS)
def test_from_the_months_to_the_lines_a_workbook_of_them_a_decision_and_a_fault_report(hands: type[Hands], portal: Portal) -> None:
    reader, basis = world(portal)
    me = hands(portal.open(by=reader, scripts=hands.has_scripts))
    me.goes_to("/")
    me.press(me.menu("Fakturaunderlag"))
    me.is_on("Fakturaunderlag")
    me.press(me.page.get_by_role("link", name=re.compile(r"^Oktober 2026")))
    me.is_on("Oktober 2026")
    me.sees(kr(basis.total), "Mot månaden före", "september 2026", "Mot året före", "oktober 2025", "Per debiteringsform", "Per enhet", "Per artikelgrupp")

    me.press(me.link("Rader", exact=True))
    me.select("Debiteringsform", "Försäljning")
    me.press(me.button("Sök"))
    me.sees(f"2 rader, {kr(SOLD)}", "Duschstol")
    me.sees_no("Rollator", within="main tbody")
    me.press(me.button("Gör Excel-fil"))
    me.is_on("Gör filen för oktober 2026")
    me.waits_for("Klart")
    book = downloaded(me)
    rows = list(book["Underlag"].iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in rows] == [2, 8]
    assert sum(Decimal(str(row[21])) for row in rows) == SOLD
    assert ("Urval: debiteringsform", "Försäljning") in [row[:2] for row in book["Om filen"].iter_rows(values_only=True)]

    me.press(me.link("Tillbaka"))
    me.press(me.link("Kontroller", exact=True))
    me.sees("Utan känd order", f"{LINES} att kontrollera", "Raden har inget ordernummer.")
    decide(me, 2, "Bestridd – raden är fel och ska krediteras", "Vi har ingen sådan order.")
    me.sees("Rad 2 är nu bestridd.", f"{LINES - 1} att kontrollera", within="body")
    decide(me, 3, "Godtagen – raden är rätt", "Ordern gjordes på papper.")
    me.sees("Rad 3 är nu godtagen.", f"{LINES - 2} att kontrollera", within="body")
    decided = Finding.objects.exclude(status="TO_CHECK").order_by("line")
    assert [(each.line, each.status, each.history.get().by_id) for each in decided] == [(2, "DISPUTED", reader.pk), (3, "ACCEPTED", reader.pk)]

    me.press(me.link("Gör felrapport om rad 2"))
    me.is_on("Reklamation av hjälpmedel")
    me.sees(f"Fakturaunderlag {basis.basis_id}, rad 2.")
    me.press(me.button("Fyll i felrapporten"))
    me.sees(f"Fakturaunderlag {basis.basis_id}, rad 2.", "Utkastet sparas på servern")
    draft = FaultReport.objects.get()
    assert (draft.basis_number, draft.basis_line, draft.reporter_id) == (basis.basis_id, 2, reader.pk)


def test_no_page_of_fakturaunderlag_has_a_barrier(portal: Portal) -> None:
    """Also of who may read nothing, of a correction, of one that was parked, and with errors."""
    nobody = walk(portal, factories.assignment("Rolf Utan", "INVOICE_READER", at=factories.unit("Ekonomi Alingsås")))
    nobody.visit("/fakturaunderlag/", "no basis")
    nobody.end(at_least=1)
    reader, first = world(portal)
    # SESAM2's second version replaces the first.
    basis = delivered(portal, "2026-10", lines=LINES + 1)
    assert basis.replaces == first
    parked = delivered(portal, "2026-08", wrong="amount")
    here = basis.get_absolute_url()
    step = walk(portal, reader)
    step.visit("/fakturaunderlag/", "months")
    step.visit(here, "a month")
    step.visit(first.get_absolute_url(), "a month that is replaced")
    step.visit(parked.get_absolute_url(), "a month that was parked")
    step.visit(f"{here}andringar/", "changes")
    step.visit(f"{here}rader/", "lines")
    step.visit(f"{here}rader/?artikel=finns-inte", "no line")
    step.visit(f"{here}rader/2/", "a line")
    step.visit(f"{here}kontroller/", "findings")
    step.visit(f"{here}kontroller/?kontroll=DOUBLE_RENT", "no finding")
    step.visit(f"{here}kontroller/{basis.findings.order_by('line')[0].pk}/", "a finding")
    step.press("Spara beslutet")
    step.look("a finding with errors", error=True)
    step.end(at_least=12)


def test_charts_can_be_read_without_colour_and_without_the_drawing(portal: Portal) -> None:
    reader, basis = world(portal)
    page = portal.open(by=reader)
    page.goto(basis.get_absolute_url())
    keys = page.locator("figure.chart").first.locator(".chart-key svg")
    expect(keys).to_have_count(3)
    swatches = [in_grey(page, place) for place in range(3)]
    for one, other in combinations(swatches, 2):
        assert ImageStat.Stat(ImageChops.difference(one, other)).mean[0] > 15
    # What is drawn stands in words in the very table.
    table = page.locator("figure.chart table").first
    expect(table.locator("thead th")).to_have_text(["Debiteringsform", "okt 2026", "sep 2026", "okt 2025"])
    expect(table.locator("tbody tr").filter(has_text="Försäljning").first).to_contain_text(kr(SOLD))
    page.goto("/fakturaunderlag/")
    expect(page.locator("figure.chart svg.chart-plot rect.bar")).to_have_count(3)
    expect(page.locator("figure.chart tbody th")).to_have_text(["okt 25", "sep 26", "okt 26"])


def in_grey(page: Page, place: int) -> Image.Image:
    """The sign of a series as a printer without colour shows it."""
    picture = page.locator("figure.chart").first.locator(".chart-key svg").nth(place).screenshot()
    return Image.open(io.BytesIO(picture)).convert("L").resize((16, 16))
