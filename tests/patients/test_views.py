"""The way to a patient: the whole number, the care relation, the register; and what is typed wrong on the way."""

import re
from typing import Any

import pytest
from django.test import Client

from patients.models import AccessLogEntry, Address, CareRelation, Contact, Patient, PatientIdentity
from patients.views.find import _TYPED
from tests import factories

pytestmark = pytest.mark.django_db
NUMBER = factories.test_numbers()[0]
SHOWN = f"{NUMBER[:8]}-{NUMBER[8:]}"
FORM = {
    "given_name": "Tolvan",
    "family_name": "Tolvansson",
    "phone": "070-174 06 05",
    "care_of": "Elva",
    "street": "Storgatan 1",
    "postal_code": "441 30",
    "city": "Alingsås",
    "door_code": "1357",
    "contact_name": "Elsa Tolvansson",
    "contact_relation": "dotter",
    "contact_phone": "070-174 06 07",
}


@pytest.fixture
def alice_browser(client_of: Any) -> Client:
    browser: Client = client_of(factories.alice())
    return browser


def with_number(browser: Client, number: str = SHOWN) -> Any:
    return browser.post("/patienter/", {"number": number})


def everything() -> list[int]:
    return [model._base_manager.count() for model in (Patient, PatientIdentity, Address, Contact, CareRelation, AccessLogEntry)]


# --- The number ------------------------------------------------------------------------------------

HOSTILE = [
    "",
    "   ",
    NUMBER[:11] + str((int(NUMBER[11]) + 1) % 10),  # check digit
    "190002301234",  # 30 February
    "209901011234",  # not born yet
    NUMBER[2:],  # without a century
    SHOWN[2:],
    NUMBER + "1",
    NUMBER[:-1],
    f"{NUMBER[:4]}-{NUMBER[4:]}",
    f"{NUMBER}\n{NUMBER}",
    NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    NUMBER.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    NUMBER[:8] + "\u2013" + NUMBER[8:],
    NUMBER[:4] + "\x00" + NUMBER[4:],
    NUMBER + "\u202e",
    "<script>alert(1)</script>",
    "'; DROP TABLE patients_patient; --",
    "9" * 10_000,
    "991212121212",  # another region's reserve number
    "19121212K001",  # reserve number with the wrong digits
    "😀" * 12,
]


@pytest.mark.parametrize("number", HOSTILE, ids=range(len(HOSTILE)))
def test_a_number_that_is_wrong_gets_an_error_at_the_field_and_nothing_is_kept(number: str, alice_browser: Client) -> None:
    before = everything()
    response = with_number(alice_browser, number)
    assert response.status_code == 200
    errors = response.context["form"].errors
    assert list(errors) == ["number"]
    page = response.content.decode()
    assert errors["number"][0] in page
    assert "<title>Fel: " in page
    assert "<script>alert" not in page
    assert everything() == before
    assert _TYPED not in alice_browser.session


@pytest.mark.parametrize("typed", [NUMBER, SHOWN, f"  {SHOWN}  ", f"{NUMBER[:8]} {NUMBER[8:]}", f"{NUMBER[:8]}+{NUMBER[8:]}"])
def test_a_number_may_be_typed_in_several_ways(typed: str, alice_browser: Client) -> None:
    factories.patient(number=NUMBER)
    response = with_number(alice_browser, typed)
    assert response.url == f"/patienter/{Patient.objects.get().public_id}/"


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [("19190377-2380", "SAMORDNINGSNUMMER", "191903772380"), ("19810829m071", "VGR_RESERV", "19810829M071"), ("22790814-AA01", "NRID", "22790814AA01")],
)
def test_other_kinds_of_numbers_are_registered_with_their_kind(typed: str, kind: str, value: str, alice_browser: Client) -> None:
    assert with_number(alice_browser, typed).url == "/patienter/registrera/"
    alice_browser.post("/patienter/registrera/", FORM)
    identity = PatientIdentity.objects.get()
    assert (identity.type, identity.value) == (kind, value)


# --- Finding and confirming ------------------------------------------------------------------------


def test_a_patient_of_the_unit_opens_at_once(alice_browser: Client) -> None:
    patient = factories.patient(factories.bob(), number=NUMBER)
    assert with_number(alice_browser).url == f"/patienter/{patient.public_id}/"
    assert _TYPED not in alice_browser.session


def test_another_units_patient_opens_when_the_care_relation_is_confirmed(alice_browser: Client) -> None:
    patient = factories.patient(factories.dan(), number=NUMBER)
    assert with_number(alice_browser).url == "/patienter/bekrafta/"
    question = alice_browser.get("/patienter/bekrafta/").content.decode()
    assert SHOWN in question
    for secret in ["Tolvan", "Storgatan", "070", "Elsa", str(patient.public_id)]:
        assert secret not in question
    refused = alice_browser.post("/patienter/bekrafta/", {"csrfmiddlewaretoken": "always there"})
    assert list(refused.context["form"].errors) == ["confirmed"]
    assert CareRelation.objects.count() == 1
    opened = alice_browser.post("/patienter/bekrafta/", {"confirmed": "on"})
    assert opened.url == f"/patienter/{patient.public_id}/"
    assert CareRelation.objects.filter(unit=factories.alice().unit, confirmed_by=factories.alice()).count() == 1
    assert "Tolvan Tolvansson" in alice_browser.get(opened.url).content.decode()
    assert alice_browser.post("/patienter/bekrafta/", {"confirmed": "on"}).status_code == 404


@pytest.mark.parametrize("url", ["/patienter/bekrafta/", "/patienter/registrera/"])
def test_without_a_number_there_is_nothing_to_confirm_or_register(url: str, alice_browser: Client) -> None:
    assert alice_browser.get(url).status_code == alice_browser.post(url, FORM | {"confirmed": "on"}).status_code == 404
    assert not Patient.objects.exists()


def test_what_one_person_typed_is_not_another_persons(alice_browser: Client, client_of: Any) -> None:
    factories.patient(factories.dan(), number=NUMBER)
    with_number(alice_browser)
    assert client_of(factories.bob()).get("/patienter/bekrafta/").status_code == 404


def test_a_patient_who_is_protected_in_the_meantime_is_not_opened(alice_browser: Client) -> None:
    patient = factories.patient(factories.dan(), number=NUMBER)
    with_number(alice_browser)
    Patient.objects.update(phone="", protection="MARKED")
    assert alice_browser.post("/patienter/bekrafta/", {"confirmed": "on"}).status_code == 404
    assert not Patient.objects.visible_to(factories.alice()).exists()
    assert AccessLogEntry.objects.filter(patient=patient, outcome="DENIED_PROTECTED").exists()


def test_a_protected_number_can_be_neither_opened_nor_registered(alice_browser: Client) -> None:
    factories.patient(factories.dan(), number=NUMBER)
    Patient.objects.update(phone="", protection="MARKED")
    response = with_number(alice_browser)
    assert list(response.context["form"].errors) == ["number"]
    assert "Tolvan" not in response.content.decode()
    assert _TYPED not in alice_browser.session


# --- Registering -----------------------------------------------------------------------------------


def test_an_unknown_number_is_registered(alice_browser: Client) -> None:
    assert with_number(alice_browser).url == "/patienter/registrera/"
    page = alice_browser.get("/patienter/registrera/").content.decode()
    assert SHOWN in page
    assert "Personnummer" in page
    response = alice_browser.post("/patienter/registrera/", FORM)
    patient = Patient.objects.get()
    assert response.url == f"/patienter/{patient.public_id}/"
    assert (patient.name, patient.phone, patient.identity.value) == ("Tolvan Tolvansson", "+46701740605", NUMBER)
    address, contact = patient.address, Contact.objects.get()
    assert (address.care_of, address.street, address.postal_code, address.city, address.door_code, address.has_no_door_code) == (
        "Elva",
        "Storgatan 1",
        "44130",
        "Alingsås",
        "1357",
        False,
    )
    assert (contact.name, contact.relation, contact.phone) == ("Elsa Tolvansson", "dotter", "+46701740607")
    again = alice_browser.post("/patienter/registrera/", FORM)
    assert (again.status_code, Patient.objects.count()) == (404, 1)


def test_a_form_that_is_sent_twice_shows_the_patient_that_it_made(alice_browser: Client) -> None:
    with_number(alice_browser)
    form = FORM | {"token": alice_browser.get("/patienter/registrera/").context["token"]}
    first, second = alice_browser.post("/patienter/registrera/", form), alice_browser.post("/patienter/registrera/", form)
    assert first.url == second.url == f"/patienter/{Patient.objects.get().public_id}/"


def test_a_search_in_another_tab_does_not_slip_in_another_person(alice_browser: Client) -> None:
    with_number(alice_browser)
    form = FORM | {"token": alice_browser.get("/patienter/registrera/").context["token"]}
    with_number(alice_browser, factories.test_numbers()[1])
    alice_browser.post("/patienter/registrera/", form)
    assert PatientIdentity.objects.get().value == NUMBER


@pytest.mark.parametrize("url", ["/patienter/registrera/", "/patienter/bekrafta/"])
def test_a_token_is_signed_and_only_the_assignments_own(url: str, alice_browser: Client, client_of: Any) -> None:
    if "bekrafta" in url:
        factories.patient(factories.dan(), number=NUMBER)
    with_number(alice_browser)
    token = alice_browser.get(url).context["token"]
    assert NUMBER not in token
    before = everything()
    for browser, tried in [
        (client_of(factories.bob()), token),
        (alice_browser, token[:-1]),
        (alice_browser, NUMBER),
        (alice_browser, ""),
        (alice_browser, "x:y:z"),
    ]:
        assert browser.post(url, FORM | {"confirmed": "on", "token": tried}).status_code == 404
    assert everything() == before


def test_who_may_not_register_is_told_so_at_the_field(client_of: Any) -> None:
    browser = client_of(factories.assignment("Attest Ant", "APPROVER", at=factories.unit()))
    assert list(with_number(browser).context["form"].errors) == ["number"]
    assert _TYPED not in browser.session


WRONG = [
    ({"given_name": ""}, {"given_name"}),
    ({"family_name": "   "}, {"family_name"}),
    ({"given_name": "x" * 101}, {"given_name"}),
    ({"given_name": "Tol\x00van"}, {"given_name"}),
    ({"family_name": "Tolvan\u202esson"}, {"family_name"}),
    ({"street": ""}, {"street"}),
    ({"street": "Storgatan\n1"}, {"street"}),
    ({"postal_code": "4413"}, {"postal_code"}),
    ({"postal_code": "04130"}, {"postal_code"}),
    ({"postal_code": "４４１３０"}, {"postal_code"}),
    ({"city": ""}, {"city"}),
    ({"phone": "12"}, {"phone"}),
    ({"phone": "070-174 06 05 anknytning 7"}, {"phone"}),
    ({"door_code": ""}, {"door_code"}),
    ({"has_no_door_code": "on"}, {"door_code"}),
    ({"door_code": "x" * 21}, {"door_code"}),
    ({"contact_phone": ""}, {"contact_phone"}),
    ({"contact_name": ""}, {"contact_name"}),
    ({"contact_phone": "abc"}, {"contact_phone"}),
    (dict.fromkeys(FORM, ""), {"given_name", "family_name", "street", "postal_code", "city", "door_code"}),
]


@pytest.mark.parametrize(("changes", "fields"), WRONG, ids=range(len(WRONG)))
def test_what_is_filled_in_wrong_gets_an_error_at_its_field_and_nothing_is_saved(changes: dict[str, str], fields: set[str], alice_browser: Client) -> None:
    with_number(alice_browser)
    before = everything()
    response = alice_browser.post("/patienter/registrera/", FORM | changes)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == fields
    page = response.content.decode()
    for name in fields:
        assert f'href="#id_{name}"' in page  # the summary leads to the field
    assert everything() == before
    assert alice_browser.post("/patienter/registrera/", FORM).status_code == 302


@pytest.mark.parametrize(
    "changes", [{"door_code": "", "has_no_door_code": "on"}, {"phone": "", "care_of": "", "contact_name": "", "contact_relation": "", "contact_phone": ""}]
)
def test_what_need_not_be_filled_in_need_not(changes: dict[str, str], alice_browser: Client) -> None:
    with_number(alice_browser)
    assert alice_browser.post("/patienter/registrera/", FORM | changes).status_code == 302
    assert Patient.objects.get().address.has_no_door_code == (changes.get("has_no_door_code") == "on")


def test_the_number_in_the_form_is_never_believed(alice_browser: Client) -> None:
    """It stands in the session, on the server."""
    with_number(alice_browser)
    alice_browser.post("/patienter/registrera/", FORM | {"number": factories.test_numbers()[1], "value": factories.test_numbers()[1], "protection": "MARKED"})
    patient = Patient.objects.get()
    assert (patient.identity.value, patient.protection) == (NUMBER, "NONE")


def test_somebody_else_registered_the_number_in_the_meantime(alice_browser: Client) -> None:
    with_number(alice_browser)
    factories.patient(factories.dan(), number=NUMBER)
    before = Patient.objects.count()
    response = alice_browser.post("/patienter/registrera/", FORM, follow=True)
    assert response.redirect_chain == [("/patienter/bekrafta/", 302)]
    assert "Det du skrev sparades inte" in response.content.decode()
    assert Patient.objects.count() == before


def test_what_is_typed_is_shown_as_text(alice_browser: Client) -> None:
    with_number(alice_browser)
    alice_browser.post("/patienter/registrera/", FORM | {"given_name": "<img src=x onerror=alert(1)>", "street": '"><script>alert(1)</script>'})
    page = alice_browser.get(f"/patienter/{Patient.objects.get().public_id}/").content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


# --- Changing --------------------------------------------------------------------------------------


def test_contact_details_are_changed(alice_browser: Client) -> None:
    patient = factories.patient(number=NUMBER)
    url = f"/patienter/{patient.public_id}/kontaktuppgifter/"
    form = alice_browser.get(url).context["form"]
    assert (form["street"].value(), form["door_code"].value()) == ("Storgatan 1", "1357")
    data = {key: value for key, value in FORM.items() if key not in {"given_name", "family_name"}} | {
        "street": "Nygatan 2",
        "door_code": "",
        "has_no_door_code": "on",
    }
    assert alice_browser.post(url, data).url == f"/patienter/{patient.public_id}/"
    changed = Patient.objects.get()
    assert (changed.address.street, changed.address.has_no_door_code, changed.phone) == ("Nygatan 2", True, "+46701740605")
    assert Address.objects.count() == 2


@pytest.mark.parametrize(("changes", "fields"), [({"street": ""}, {"street"}), ({"door_code": ""}, {"door_code"}), ({"postal_code": "x"}, {"postal_code"})])
def test_a_change_that_is_wrong_changes_nothing(changes: dict[str, str], fields: set[str], alice_browser: Client) -> None:
    patient = factories.patient(number=NUMBER)
    response = alice_browser.post(f"/patienter/{patient.public_id}/kontaktuppgifter/", FORM | {"street": "Nygatan 2"} | changes)
    assert set(response.context["form"].errors) == fields
    assert Address.objects.get().street == "Storgatan 1"
    assert Patient.objects.get().phone == "+46701740606"


# --- Nothing of a person in addresses and titles ---------------------------------------------------


def test_no_address_and_no_title_of_the_way_names_a_person(alice_browser: Client) -> None:
    """They stand in the browser's history, in the proxy's log and on the screen of whoever walks by."""
    seen: list[str] = []

    def look(response: Any) -> Any:
        seen.append(response.get("Location", ""))
        seen.append(response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"])
        seen.extend(re.findall(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL))
        return response

    look(alice_browser.get("/patienter/"))
    look(with_number(alice_browser, "191212121213"))
    look(with_number(alice_browser))
    look(alice_browser.get("/patienter/registrera/"))
    look(alice_browser.post("/patienter/registrera/", FORM | {"street": ""}))
    patient_page = look(alice_browser.post("/patienter/registrera/", FORM)).url
    look(alice_browser.get(patient_page))
    look(alice_browser.get(patient_page + "kontaktuppgifter/"))
    draft = look(alice_browser.post(f"/bestallningar/ny/{Patient.objects.get().public_id}/")).url
    look(alice_browser.get(draft))
    filtered = look(alice_browser.post("/bestallningar/", {"number": SHOWN})).url
    look(alice_browser.get(filtered))
    assert len(seen) > 25
    for text in seen:
        for secret in ["Tolvan", "Elsa", "Storgatan", NUMBER, SHOWN, NUMBER[2:], "1740605"]:
            assert secret not in text


def test_a_patients_page_is_kept_in_no_cache(alice_browser: Client) -> None:
    patient = factories.patient(number=NUMBER)
    for url in ["/patienter/", f"/patienter/{patient.public_id}/", f"/patienter/{patient.public_id}/kontaktuppgifter/"]:
        assert alice_browser.get(url)["Cache-Control"] == "no-store"
