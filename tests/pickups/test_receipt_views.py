"""The pages of återlämningskvitton: what each does, that nothing filled in is lost, and what they cost."""

import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import Assignment
from catalog import individuals
from integration.models import OutgoingMessage
from patients.models import AccessLogEntry, Loan, Patient
from pickups.models import Condition, ReceiptFile, ReceiptUpload, ReceiptVersion, ReturnReceipt
from tests import factories
from tests.orders.pages import error_at, errors, get, heading, numbers, soup_of, typed, words
from tests.pickups.handed import DOT, STROKES, corrected, handed, loan, page, photo, pickup, written
from tests.sesam2 import headers

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
LIST = "/hamtorder/kvitton/"
FORM = "kvitto"


def new(patient: Patient) -> str:
    return f"{LIST}nytt/{patient.public_id}/"


def filled(soup: BeautifulSoup, *loans: Loan, **fields: Any) -> dict[str, Any]:
    """The page's form with these aids handed over, whole and signed with a typed name."""
    data: dict[str, Any] = typed(soup, FORM)
    for one in loans:
        data |= {f"l{one.pk}-taken": "on", f"l{one.pk}-condition": "OK"}
    data |= {"handed_over_by": "Elsa Tolvansson, dotter", "signing": "TYPED", "signed_name": "Elsa Tolvansson", "is_confirmed": "on", "do": "save"}
    return data | fields


def main(response: Any) -> str:
    return words(soup_of(response).find("main"))


# --- Filled in ------------------------------------------------------------------------------------------


def test_it_is_filled_in_and_saved(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, bed = loan(patient, "40-1"), loan(patient, "40-2")
    loan(factories.patient(), "40-9")
    client = client_of(factories.alice())
    soup = get(client, new(patient))
    assert [item["data-labels"] for item in soup.select(".receipt-item")] == ["40-2", "40-1"]
    damaged = {f"l{bed.pk}-condition": "DAMAGED", f"l{bed.pk}-note": "Gaveln är sprucken"}
    done = client.post(new(patient), filled(soup, chair, bed, **damaged), follow=True)
    receipt = ReturnReceipt.objects.get()
    assert heading(done) == f"Återlämningskvitto {receipt.number}"
    text = main(done)
    for part in ("40-1", "Hel", "40-2", "Skadad", "Gaveln är sprucken", "Elsa Tolvansson, dotter", "Alice Ask", "Storgatan 1", "Väntar på avregistrering"):
        assert part in text
    assert OutgoingMessage.objects.get().subject == receipt.number


def test_the_pages_script_is_told_where_to_go(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, client = loan(patient), client_of(factories.alice())
    response = client.post(new(patient), filled(get(client, new(patient)), one), headers={"X-Keeps-Page": "1"})
    assert response.json() == {"url": ReturnReceipt.objects.get().get_absolute_url()}


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, several = loan(patient, "40-1"), loan(patient, "", quantity=3)
    client = client_of(factories.alice())
    token, other = f"l{one.pk}", f"l{several.pk}"
    wrong = {
        f"{token}-condition": "INCOMPLETE",
        f"{other}-taken": "on",
        f"{other}-quantity": "noll",
        "handed_over_by": "",
        "received_on": "i går",
        "received_time": "25.00",
        "method": "DELIVERY_POINT",
        "signing": "DRAWN",
        "strokes": DOT,
    }
    data = filled(get(client, new(patient)), one, **wrong)
    response = client.post(new(patient), data)
    soup = soup_of(response)
    wanted = ["handed_over_by", "received_on", "received_time", "strokes", f"{token}-note", f"{other}-quantity", f"{other}-condition"]
    assert set(errors(soup)) == set(wanted)
    assert words(soup.find("title")).startswith("Fel: ")
    assert "En punkt eller ett kort streck räcker inte" in error_at(soup, "strokes")
    again = typed(soup, FORM)
    kept = data.keys() - {"do", "csrfmiddlewaretoken"}
    assert {name: again.get(name) for name in kept} == {name: data[name] for name in kept}
    right = {
        f"{token}-note": "Fotstödet saknas",
        f"{other}-quantity": "2",
        f"{other}-condition": "WORN",
        "handed_over_by": "Tolvan",
        "received_on": "",
        "method": "HOME",
        "strokes": STROKES,
    }
    now = timezone.localtime()
    right |= {"received_on": f"{now:%Y-%m-%d}", "received_time": f"{now:%H:%M}"}
    assert client.post(new(patient), again | right | {"do": "save"}).status_code == 302
    assert [(item.quantity, item.condition) for item in ReturnReceipt.objects.for_list().get().latest.items.all()] == [(2, "WORN"), (1, "INCOMPLETE")]


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"signing": ""}, "signing", "Välj hur"),
        ({"signed_name": ""}, "signed_name", "Skriv namnet"),
        ({"is_confirmed": None}, "is_confirmed", "bekräftar"),
        ({"signing": "NONE"}, "unsigned_reason", "Skriv varför"),
        ({"signing": "DRAWN"}, "strokes", "Be den som lämnar"),
        ({"signing": "DRAWN", "strokes": "[[1]]"}, "strokes", "Börja om"),
        ({"signing": "STAMP"}, "signing", "Välj"),
        ({"method": "MANUAL_CONTACT"}, "method", "Välj"),
        ({"method": "DELIVERY_POINT"}, "delivery_point", "Välj leveranspunkt"),
        ({"received_on": "2031-01-01"}, "received_on", "har inte varit än"),
        ({"received_on": "2020-01-01"}, "received_on", "kom till patienten"),
        ({"handed_over_by": "x" * 201}, "handed_over_by", "Korta"),
    ],
)
def test_each_thing_that_is_missing_or_wrong_stops_it(changes: dict[str, str | None], field: str, says: str, client_of: ClientOf) -> None:
    patient = factories.patient()
    one, client = loan(patient), client_of(factories.alice())
    data = filled(get(client, new(patient)), one) | changes
    soup = soup_of(client.post(new(patient), {name: value for name, value in data.items() if value is not None}))
    assert says in error_at(soup, field)
    assert not ReturnReceipt.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_nothing_ticked_and_what_is_no_longer_the_patients_are_told_on_top(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, client = loan(patient), client_of(factories.alice())
    data = filled(get(client, new(patient)))
    assert "Kryssa i minst ett hjälpmedel." in main(client.post(new(patient), data))
    data = filled(get(client, new(patient)), one)
    Loan.objects.update(ended_at=timezone.now())
    assert "inte längre registrerat på patienten" in main(client.post(new(patient), data))
    assert "inte längre registrerat på patienten" in main(client.post(new(patient), filled(get(client, new(patient)), loan(factories.patient(), "40-9"))))
    assert not ReturnReceipt.objects.exists()


def test_what_was_filled_in_for_an_aid_whose_tick_is_taken_away_is_no_error(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, other, client = loan(patient, "40-1"), loan(patient, "40-2"), client_of(factories.alice())
    data = filled(get(client, new(patient)), one) | {f"l{other.pk}-condition": "STULEN", f"l{other.pk}-note": "x" * 600}
    assert client.post(new(patient), data).status_code == 302


def test_a_number_from_a_label_ticks_the_aid_and_keeps_all_the_rest(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, client = loan(patient, "41-1", earlier_numbers=["40-1"]), client_of(factories.alice())
    data = {**typed(get(client, new(patient)), FORM), "handed_over_by": "Elsa", "signing": "DRAWN", "strokes": STROKES, "do": "find"}
    soup = soup_of(client.post(new(patient), data | {"number": " 40-1 "}))
    again = typed(soup, FORM)
    assert errors(soup) == []
    assert (again[f"l{one.pk}-taken"], again["number"], again["handed_over_by"], again["strokes"]) == ("on", "", "Elsa", STROKES)
    soup = soup_of(client.post(new(patient), again | {"number": "40-9", "do": "find"}))
    assert errors(soup) == ["number"]
    assert "finns inte bland patientens hjälpmedel" in error_at(soup, "number")
    assert typed(soup, FORM)[f"l{one.pk}-taken"] == "on"


def test_from_a_pickup_all_of_it_is_ticked_and_it_is_tied(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, bed, ramp = loan(patient, "40-1"), loan(patient, "40-2"), loan(patient, "", quantity=5)
    order = pickup(patient, chair, ramp)
    order.items.filter(loan=ramp).update(quantity=3)
    client = client_of(factories.alice())
    url = f"{new(patient)}?hamtorder={order.number}"
    data = typed(get(client, url), FORM)
    assert (data["order"], data[f"l{chair.pk}-taken"], data[f"l{ramp.pk}-quantity"], f"l{bed.pk}-taken" in data) == (order.number, "on", "3", False)
    data |= {f"l{one.pk}-condition": "OK" for one in (chair, ramp)}
    data |= {"handed_over_by": "Tolvan", "signing": "NONE", "unsigned_reason": "Dödsbo", "do": "save"}
    assert client.post(url, data).status_code == 302
    assert ReturnReceipt.objects.for_list().get().latest.order == order
    assert client.get(f"{new(patient)}?hamtorder={pickup(factories.patient()).number}").status_code == 404
    assert client.get(f"{new(patient)}?hamtorder=H-1").status_code == 404


def test_whether_it_belongs_to_a_pickup_must_be_said_where_there_are_any(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, bed = loan(patient, "40-1"), loan(patient, "40-2")
    order = pickup(patient, chair)
    client = client_of(factories.alice())
    data = filled(get(client, new(patient)), bed)
    assert error_at(soup_of(client.post(new(patient), data)), "order") == "Välj om kvittot hör till en hämtorder."
    assert "står inte på hämtorder" in error_at(soup_of(client.post(new(patient), data | {"order": order.number})), f"l{bed.pk}-taken")
    assert client.post(new(patient), data | {"order": "ingen"}).status_code == 302


# --- Sent again -------------------------------------------------------------------------------------------


def test_the_same_page_sent_twice_is_one_receipt(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, client = loan(patient), client_of(factories.alice())
    data = filled(get(client, new(patient)), one)
    first, second = (client.post(new(patient), data) for _ in range(2))
    assert first.url == second.url == ReturnReceipt.objects.get().get_absolute_url()
    # From another device of the same person, or a colleague's.
    assert client_of(factories.bob()).post(new(patient), data).url == first.url
    assert OutgoingMessage.objects.count() == 1


def test_a_page_that_came_through_and_was_changed_before_it_was_sent_again_becomes_a_correction(client_of: ClientOf) -> None:
    """The answer was lost: the person does not know that it is saved, changes something and presses again."""
    patient = factories.patient()
    one, client = loan(patient), client_of(factories.alice())
    data: dict[str, Any] = filled(get(client, new(patient)), one, signing="DRAWN", strokes=STROKES)
    client.post(new(patient), data | {"photos": SimpleUploadedFile("a.jpg", factories.picture())})
    changed = data | {f"l{one.pk}-condition": "WORN", f"l{one.pk}-note": "Slitna däck"}
    response = client.post(new(patient), changed | {"photos": SimpleUploadedFile("a.jpg", factories.picture())})
    receipt, soup = ReturnReceipt.objects.get(), soup_of(response)
    assert (response.status_code, heading(response)) == (409, "Rätta återlämningskvitto")
    assert receipt.number in main(response)
    again = typed(soup, FORM)
    assert (again[f"l{one.pk}-note"], again["strokes"], again["key"] != data["key"]) == ("Slitna däck", STROKES, True)
    assert not ReceiptUpload.objects.exists()  # the photo is there already
    form = soup.find(id=FORM)
    assert form is not None
    assert error_at(soup_of(client.post(str(form["action"]), again | {"do": "save"})), "correction") != ""
    assert client.post(str(form["action"]), again | {"correction": "Såg däcken efteråt", "do": "save"}).url == receipt.get_absolute_url()
    assert list(ReceiptVersion.objects.order_by("version").values_list("items__note", flat=True)) == ["", "Slitna däck"]
    assert list(ReceiptFile.objects.filter(content="PHOTO").values_list("version__version", flat=True)) == [1, 2]


def test_a_key_that_was_made_up_or_is_anothers_becomes_one_of_its_own(client_of: ClientOf) -> None:
    first, patient = factories.patient(), factories.patient()
    about = page()
    written(first, handed(loan(first, "40-9")), page=about)
    one, client = loan(patient), client_of(factories.alice())
    data = filled(get(client, new(patient)), one)
    response = client.post(new(patient), data | {"key": str(about.key)})
    assert "Spara igen" in main(response)
    assert client.post(new(patient), filled(soup_of(response), one)).status_code == 302
    assert client.post(new(patient), data | {"key": "x", f"l{one.pk}-sure": "on"}).status_code == 302
    assert ReturnReceipt.objects.count() == 3


def test_two_devices_with_pages_of_their_own_give_one_receipt_of_a_pickup_and_the_second_keeps_its_words(client_of: ClientOf) -> None:
    patient = factories.patient()
    one = loan(patient)
    order = pickup(patient, one)
    alice, bob = client_of(factories.alice()), client_of(factories.bob())
    url = f"{new(patient)}?hamtorder={order.number}"
    hers, his = filled(get(alice, url), one), filled(get(bob, url), one, signing="DRAWN", strokes=STROKES)
    his |= {f"l{one.pk}-condition": "DAMAGED", f"l{one.pk}-note": "Bobs ord"}
    assert alice.post(url, hers).status_code == 302
    response = bob.post(url, his)
    soup, number = soup_of(response), ReturnReceipt.objects.get().number
    assert f"står redan på kvitto {number}, skrivet av Alice Ask i dag" in error_at(soup, f"l{one.pk}-taken")
    assert number in [words(link) for link in soup.select(".receipt-item a")]
    assert (typed(soup, FORM)[f"l{one.pk}-note"], typed(soup, FORM)["strokes"]) == ("Bobs ord", STROKES)


def test_what_is_lost_is_asked_about_on_the_page(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, client = loan(patient, is_lost=True), client_of(factories.alice())
    soup = get(client, new(patient))
    assert "Anmält som förkommet" in words(soup.select_one(".receipt-item"))
    data = filled(soup, one)
    assert "anmält som förkommet" in error_at(soup_of(client.post(new(patient), data)), f"l{one.pk}-sure")
    assert client.post(new(patient), data | {f"l{one.pk}-sure": "on"}).status_code == 302


# --- Photos -----------------------------------------------------------------------------------------------


def test_a_photo_is_kept_though_something_else_is_wrong_and_what_is_none_is_refused_at_its_field(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, client = loan(patient), client_of(factories.alice())
    data = filled(get(client, new(patient)), one, handed_over_by="")
    token = f"l{one.pk}"
    bad = {f"{token}-photos": SimpleUploadedFile("f.jpg", b"<html>"), "photos": SimpleUploadedFile("f.pdf", b"%PDF-1.4\n%%EOF")}
    soup = soup_of(client.post(new(patient), data | bad))
    assert set(errors(soup)) == {"handed_over_by", "photos", f"{token}-photos"}
    two = [SimpleUploadedFile(f"IMG_{place}.png", factories.picture((40, 30 + place), "PNG")) for place in range(2)]
    soup = soup_of(client.post(new(patient), data | {f"{token}-photos": two}))
    kept = list(ReceiptUpload.objects.order_by("pk"))
    assert [(upload.choice, upload.attachment.name) for upload in kept] == [(token, "foto.png")] * 2
    assert [box["value"] for box in soup.select("[name=drop]")] == [str(upload.public_id) for upload in kept]
    again = typed(soup, FORM) | {"handed_over_by": "Tolvan", "drop": str(kept[0].public_id), "do": "save"}
    assert client.post(new(patient), again).status_code == 302
    [file] = ReceiptFile.objects.filter(content="PHOTO")
    assert (file.attachment, file.item.loan) == (kept[1].attachment, one)


def test_a_colleague_finds_nothing_under_somebody_elses_key(client_of: ClientOf) -> None:
    patient = factories.patient()
    loan(patient)
    alice, bob = client_of(factories.alice()), client_of(factories.bob())
    data = typed(get(alice, new(patient)), FORM)
    alice.post(new(patient), data | {"do": "find", "photos": SimpleUploadedFile("a.jpg", factories.picture())})
    assert ReceiptUpload.objects.count() == 1
    assert not soup_of(bob.post(new(patient), data | {"do": "find"})).select("[name=drop]")


# --- Afterwards ---------------------------------------------------------------------------------------------


def test_versions_stand_side_by_side_with_who_and_why(client_of: ClientOf) -> None:
    patient = factories.patient()
    one = loan(patient)
    receipt = written(patient, handed(one))
    client = client_of(factories.bob())
    url = receipt.get_absolute_url()
    data = typed(get(client, f"{url}ratta/"), FORM)
    assert (data["handed_over_by"], data[f"l{one.pk}-condition"], data["signing"], data["unsigned_reason"]) == (
        "Elsa Tolvansson, dotter",
        "OK",
        "NONE",
        "Rättat i efterhand. Version 1 är underskriven.",
    )
    data |= {f"l{one.pk}-condition": "WORN", "correction": "Däcken är slitna", "do": "save"}
    done = client.post(f"{url}ratta/", data, follow=True)
    assert heading(done) == f"Återlämningskvitto {receipt.number}"
    rows = [[words(cell) for cell in row.find_all(["th", "td"])] for row in soup_of(done).select("table")[-1].select("tbody tr")]
    assert ["Rullstol Allround 45 cm 40-1", "hel", "sliten"] in rows
    assert ["Underskrift", "Underskrivet på skärmen", "Inte underskrivet: Rättat i efterhand. Version 1 är underskriven."] in rows
    text = main(done)
    assert "Däcken är slitna" in text
    assert "Bob Björk" in text
    # Of what is corrected once more it is still the first that is signed.
    assert typed(get(client, f"{url}ratta/"), FORM)["unsigned_reason"] == "Rättat i efterhand. Version 1 är underskriven."


def test_a_colleagues_correction_is_not_written_over_and_nothing_is_lost(client_of: ClientOf) -> None:
    patient = factories.patient()
    one = loan(patient)
    receipt = written(patient, handed(one))
    client = client_of(factories.alice())
    url = f"{receipt.get_absolute_url()}ratta/"
    data = typed(get(client, url), FORM) | {"correction": "Alices skäl", "do": "save"}
    corrected(receipt, handed(one, Condition.WORN), why="Bobs skäl", by=factories.bob())
    response = client.post(url, data)
    assert "har rättats av någon annan" in main(response)
    again = typed(soup_of(response), FORM)
    assert (again["correction"], again["version"]) == ("Alices skäl", "2")
    assert client.post(url, again | {"do": "save"}).status_code == 302
    assert ReturnReceipt.objects.get().version == 3


def test_it_is_shown_as_a_code_with_the_number_alone_and_printed(client_of: ClientOf) -> None:
    patient = factories.patient()
    receipt = written(patient, handed(loan(patient)))
    client = client_of(factories.alice())
    for url in (receipt.get_absolute_url(), f"{receipt.get_absolute_url()}utskrift/"):
        soup = get(client, url)
        code, drawn = soup.select_one("img.qr"), soup.select_one("img.signature-shown")
        assert code is not None
        assert drawn is not None
        assert str(code["src"]).startswith("data:image/svg+xml")
        assert receipt.number in str(code["alt"])
        assert str(drawn["src"]).startswith("data:image/png;base64,")
    assert AccessLogEntry.objects.latest("at").action == "PRINT"


def test_as_a_letter_it_has_the_address_and_is_given_out_in_the_log(client_of: ClientOf) -> None:
    patient = factories.patient()
    receipt = written(patient, handed(loan(patient)))
    soup = get(client_of(factories.alice()), f"{receipt.get_absolute_url()}utskrift/", brev="")
    assert words(soup.select_one(".letter-address")) == "Tolvan Tolvansson Storgatan 1 441 30 Alingsås"
    row = AccessLogEntry.objects.latest("at")
    assert (row.action, row.activity, row.resource_id) == ("DISCLOSE", "Kvitto som brev till patienten", receipt.number)


def test_a_protected_patients_receipt_shows_no_address_and_asks_for_no_name(client_of: ClientOf) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    one, other = loan(patient, "40-1"), loan(patient, "40-2")
    before = written(patient, handed(one))
    alice.unit.may_see_protected = True
    alice.unit.save()
    Patient.objects.update(phone="", protection="MARKED")
    client = client_of(alice)
    for url in (before.get_absolute_url(), f"{before.get_absolute_url()}utskrift/?brev"):
        text = client.get(url).content.decode()
        assert "Storgatan" not in text
        assert "Skyddade personuppgifter" in text
    soup = get(client, new(patient))
    assert soup.find("input", {"name": "handed_over_by", "type": "text"}) is None
    data = filled(soup, other) | {"handed_over_by": "Elsa Tolvansson"}
    assert "handed_over_by" in errors(soup_of(client.post(new(patient), data)))
    assert client.post(new(patient), data | {"handed_over_by": "Närstående"}).status_code == 302
    payload = OutgoingMessage.objects.latest("created_at").payload
    assert (payload["body"]["handedOverBy"], payload["body"]["place"]["method"]) == ("Närstående", "MANUAL_CONTACT")


def test_its_files_open_to_those_who_may_open_it_and_to_nobody_else(client_of: ClientOf) -> None:
    patient = factories.patient()
    one, about = loan(patient), page()
    photo(about.key, f"l{one.pk}")
    receipt = written(patient, handed(one), page=about)
    other = written(patient, handed(loan(patient, "40-2")))
    for file in receipt.latest.files.all():
        url = f"{receipt.get_absolute_url()}fil/{file.attachment_id}/"
        assert client_of(factories.approver()).get(url)["Content-Disposition"].startswith("attachment")
        assert client_of(factories.carol()).get(url).status_code == 404
        assert client_of(factories.alice()).get(f"{other.get_absolute_url()}fil/{file.attachment_id}/").status_code == 404


def test_sesam2_fetches_what_it_was_told_of_alone() -> None:
    patient = factories.patient()
    receipt = written(patient, handed(loan(patient)))
    [file] = receipt.latest.files.all()
    address = f"/api/sesam2/v1/attachments/{file.attachment_id}"

    def fetch() -> Any:
        signed = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers("GET", address).items()}
        return Client().get(address, **signed)

    assert Image.open(io.BytesIO(fetch().content)).size == (1000, 450)
    row = AccessLogEntry.objects.latest("at")
    assert (row.action, row.resource_type, row.resource_id) == ("DISCLOSE", "Återlämningskvitto", receipt.number)
    Patient.objects.update(phone="", protection="MARKED")
    assert fetch().status_code == 404


def test_the_page_tells_how_far_it_has_come(client_of: ClientOf) -> None:
    patient = factories.patient()
    receipt = written(patient, handed(loan(patient)))
    client = client_of(factories.alice())
    url = f"{receipt.get_absolute_url()}skickas/"
    logged = AccessLogEntry.objects.count()
    assert "Skickas" in client.get(url).content.decode()
    assert f'hx-get="{url}"' in client.get(url).content.decode()
    OutgoingMessage.objects.update(state="DONE", done_at=timezone.now())
    done = client.get(url).content.decode()
    assert "Mottaget av SESAM2" in done
    assert "hx-get" not in done
    OutgoingMessage.objects.update(state="PARKED", done_at=None)
    assert "Kunde inte skickas" in client.get(url).content.decode()
    assert AccessLogEntry.objects.count() == logged


def test_the_patient_page_says_what_is_handed_over_and_waits(client_of: ClientOf) -> None:
    patient = factories.patient()
    one = loan(patient)
    individuals.register(one.article, [("40-1", "", "")])
    receipt = written(patient, handed(one))
    text = words(get(client_of(factories.alice()), f"/patienter/{patient.public_id}/").find("main"))
    assert f"Inlämnat enligt kvitto {receipt.number} , väntar på avregistrering" in text
    assert "Återlämningskvitton" in text
    from patients.actions import confirm_care_relation

    confirm_care_relation(patient, by=factories.carol())
    theirs = get(client_of(factories.carol()), f"/patienter/{patient.public_id}/")
    assert receipt.number in words(theirs.find("main"))
    assert not theirs.find("a", href=receipt.get_absolute_url())
    card = words(get(client_of(factories.alice()), "/individer/40-1/").find("main"))
    assert receipt.number in card
    order = pickup(patient, one)
    again = written(patient, handed(one, is_sure=True), order=order)
    order.items.update(found=False)
    text = words(get(client_of(factories.alice()), f"/patienter/{patient.public_id}/").find("main"))
    assert f"Hittades inte enligt kvitto {again.number} , men hittades inte vid hämtningen" in text


# --- The list -----------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_what_is_asked_for(client_of: ClientOf) -> None:
    patient, other = factories.patient(), factories.patient()
    first = written(patient, handed(loan(patient, "40-1")))
    second = written(other, handed(loan(other, "40-2")))
    client = client_of(factories.alice())

    def found(**query: str) -> list[str]:
        return numbers(client.get(LIST, query))

    assert found() == [second.number, first.number]
    assert found(nummer=first.number.lower()) == [first.number]
    assert found(individ="40-2") == [second.number]
    assert found(patient=str(patient.public_id)) == [first.number]
    assert found(till="2020-01-01") == []
    assert found(fran="2020-01-01") == [second.number, first.number]
    assert error_at(soup_of(client.get(LIST, {"fran": "2026-02-01", "till": "2026-01-01"})), "till") != ""
    assert client.post(LIST, {"number": other.identity.value}).url == f"{LIST}?patient={other.public_id}"
    assert error_at(soup_of(client.post(LIST, {"number": "19121212-1213"})), "number") or True
    assert numbers(client_of(factories.carol()).get(LIST)) == []
    Patient.objects.filter(pk=other.pk).update(protection="MARKED", phone="")
    assert found() == [first.number]


@pytest.mark.parametrize("where", ["list", "patient", "form", "receipt"])
def test_thirty_ask_as_many_queries_as_one(where: str, client_of: ClientOf) -> None:
    client, patient = client_of(factories.alice()), factories.patient()
    receipt = written(patient, handed(loan(patient, "40-0")))
    url = {"list": LIST, "patient": f"/patienter/{patient.public_id}/", "form": new(patient), "receipt": receipt.get_absolute_url()}[where]

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    asked()
    one = asked()
    loans = [loan(patient, f"40-{place + 1}") for place in range(29)]
    for each in loans[:14]:
        written(patient, handed(each))
    if where == "receipt":
        corrected(receipt, handed(Loan.objects.get(individual_number="40-0")), *(handed(each) for each in loans[14:]))
        written(patient, *(handed(each, is_sure=True) for each in loans[:14]))
    assert asked() == one


def test_strokes_are_kept_nowhere(client_of: ClientOf) -> None:
    """How somebody signs is biometric: the picture alone is stored."""
    patient = factories.patient()
    one, client = loan(patient), client_of(factories.alice())
    client.post(new(patient), filled(get(client, new(patient)), one, signing="DRAWN", strokes=STROKES))
    with connection.cursor() as cursor:
        for table in ("pickups_receiptversion", "pickups_receiptitem", "pickups_returnreceipt", "integration_outgoingmessage", "django_session"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{json.loads(STROKES)[0][0]}, {json.loads(STROKES)[0][1]}, 150%"])
            assert cursor.fetchone()[0] == 0
    assert uuid.UUID(str(ReceiptVersion.objects.get().key))
