"""The access log: each opening of a patient is a row, in the same transaction, or the patient is not shown."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Assignment, CareUnit
from core import context
from orders.models import Order, Status
from patients import access
from patients.identifiers import Identifier, IdentityType
from patients.models import AccessLogEntry, Patient
from tests import factories

pytestmark = pytest.mark.django_db


@dataclasses.dataclass
class World:
    alice: Assignment
    patient: Patient
    draft: Order
    sent: Order
    cancelled: Order


@pytest.fixture
def world() -> World:
    alice = factories.alice()
    patient = factories.patient(alice)
    cancelled = factories.order(alice, to=patient)
    with transaction.atomic():
        cancelled.move_to(Status.CANCELLED, event="CANCELLED", is_cancelled=True)
    return World(alice, patient, factories.draft(alice, to=patient), factories.order(alice, to=patient), cancelled)


def new_rows(before: set[Any]) -> list[AccessLogEntry]:
    return list(AccessLogEntry.objects.exclude(pk__in=before).order_by("at", "pk"))


def rows_now() -> set[Any]:
    return set(AccessLogEntry.objects.values_list("pk", flat=True))


# --- Which rows each page writes -------------------------------------------------------------------

ADDRESS = {"street": "Nygatan 2", "postal_code": "441 30", "city": "Alingsås", "has_no_door_code": "on"}
Path = Callable[[World], str]


def page(name: str, of: str = "") -> Path:
    """The address of a page about the world's patient, draft, sent or cancelled order."""

    def path(world: World) -> str:
        kwargs = {
            "patient": {"public_id": world.patient.public_id},
            "new": {"patient_id": world.patient.public_id},
            "draft": {"public_id": world.draft.public_id},
            "sent": {"number": world.sent.number},
            "cancelled": {"number": world.cancelled.number},
        }
        return reverse(name, kwargs=kwargs[of])

    return path


NUMBER = "{number}"
DECLARED: list[tuple[str, Path, dict[str, str], set[tuple[str, str, str, str]]]] = [
    ("GET", page("patient", "patient"), {}, {("READ", "Visa patient", "Patient", "")}),
    ("GET", page("patients:details", "patient"), {}, {("READ", "Ändra kontaktuppgifter", "Adress", "")}),
    (
        "POST",
        page("patients:details", "patient"),
        ADDRESS,
        {("READ", "Ändra kontaktuppgifter", "Adress", ""), ("WRITE", "Ändra kontaktuppgifter", "Adress", "")},
    ),
    ("POST", page("orders:start", "new"), {}, {("READ", "Ny kundorder", "Kundorder", "")}),
    ("GET", page("orders:draft", "draft"), {}, {("READ", "Skriva kundorder", "Kundorder", "utkast")}),
    ("GET", page("orders:review", "draft"), {}, {("READ", "Granska kundorder", "Kundorder", "utkast")}),
    ("GET", page("orders:discard", "draft"), {}, {("READ", "Kasta utkast", "Kundorder", "utkast")}),
    ("GET", page("orders:articles", "draft"), {}, set()),
    ("GET", page("orders:order", "sent"), {}, {("READ", "Visa kundorder", "Kundorder", NUMBER)}),
    ("GET", page("orders:sent", "sent"), {}, {("READ", "Bekräftelse av kundorder", "Kundorder", NUMBER)}),
    ("GET", page("orders:live", "sent"), {}, {("READ", "Visa kundorder", "Kundorder", NUMBER)}),
    ("GET", page("orders:cancel", "sent"), {}, {("READ", "Makulera kundorder", "Kundorder", NUMBER)}),
    (
        "POST",
        page("orders:cancel", "sent"),
        {"reason": "NOT_NEEDED", "note": "Behövs inte"},
        {("READ", "Makulera kundorder", "Kundorder", NUMBER), ("CANCEL", "Makulera kundorder", "Kundorder", NUMBER)},
    ),
]


def declared(rows: list[AccessLogEntry]) -> set[tuple[str, str, str, str]]:
    found = {(row.action, row.activity, row.resource_type, row.resource_id) for row in rows}
    assert len(found) == len(rows)  # each once
    return found


@pytest.mark.parametrize(("method", "path", "data", "expected"), DECLARED)
def test_a_page_writes_the_rows_that_are_declared_for_it(
    method: str, path: Path, data: dict[str, str], expected: set[tuple[str, str, str, str]], world: World, client_of: Any
) -> None:
    client, before = client_of(world.alice), rows_now()
    response = client.get(path(world)) if method == "GET" else client.post(path(world), data)
    assert response.status_code in {200, 302}
    rows = new_rows(before)
    assert declared(rows) == {(action, activity, kind, number.format(number=world.sent.number)) for action, activity, kind, number in expected}
    assert {row.patient_id for row in rows} <= {world.patient.pk}
    assert {row.outcome for row in rows} <= {"ALLOWED"}


def test_sending_an_order_is_signed_with_its_number(world: World, client_of: Any) -> None:
    client, before = client_of(world.alice), rows_now()
    client.post(reverse("orders:send", args=[world.draft.public_id]))
    world.draft.refresh_from_db()
    signed = [row for row in new_rows(before) if row.action == "SIGN"]
    assert [(row.activity, row.resource_type, row.resource_id) for row in signed] == [("Skicka kundorder", "Kundorder", world.draft.number)]


def test_a_row_has_every_field_that_the_law_asks_for(world: World, client_of: Any) -> None:
    client, before = client_of(world.alice), rows_now()
    response = client.get(f"/patienter/{world.patient.public_id}/")
    [row] = new_rows(before)
    alice, unit = world.alice, world.alice.unit
    assert {field.name: getattr(row, field.name) for field in row._meta.fields if field.name not in {"id", "at", "session_hash"}} == {
        "system_id": "SE2321000131-WEBSESAM",
        "system_name": "webSesam",
        "action": "READ",
        "activity": "Visa patient",
        "purpose": "Vård och behandling",
        "user_hsa_id": alice.user.hsa_id,
        "user_name": "Alice Ask",
        "user_title": "Arbetsterapeut",
        "assignment_id_text": str(alice.pk),
        "assignment_name": "förskrivare, Rehab Alingsås torg",
        "unit_hsa_id": unit.hsa_id,
        "unit_name": "Rehab Alingsås torg",
        "provider_hsa_id": unit.provider.hsa_id,
        "provider_name": "Västra Götalandsregionen",
        "patient": world.patient,
        "identity_type": "PERSONNUMMER",
        "identity_value": world.patient.identity.value,
        "resource_type": "Patient",
        "resource_id": "",
        "owner_provider_hsa_id": unit.provider.hsa_id,
        "owner_unit_hsa_id": unit.hsa_id,
        "outcome": "ALLOWED",
        "reason": "",
        "request_id": response["X-Request-Id"],
        "client_ip": "127.0.0.1",
    }
    assert len(row.session_hash) == 32
    assert row.session_hash not in str(client.cookies["sessionid"].value)
    assert row.at.tzinfo is not None


def test_the_log_keeps_a_name_as_it_was(world: World, client_of: Any) -> None:
    client_of(world.alice).get(f"/patienter/{world.patient.public_id}/")
    world.alice.user.name = "Alice Gift"
    world.alice.user.save()
    assert set(AccessLogEntry.objects.values_list("user_name", flat=True)) == {"Alice Ask"}


def test_two_logins_of_one_person_are_told_apart(world: World, client_of: Any) -> None:
    before = rows_now()
    for client in [client_of(world.alice), client_of(world.alice)]:
        client.get(f"/patienter/{world.patient.public_id}/")
    assert len({row.session_hash for row in new_rows(before)}) == 2


# --- No log, no patient ----------------------------------------------------------------------------


@pytest.fixture
def log_is_broken(world: World) -> None:
    """From here on every INSERT into the access log fails, as with a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION refuse_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE TRIGGER refuse_log BEFORE INSERT ON patients_accesslogentry FOR EACH STATEMENT EXECUTE FUNCTION refuse_log()")


@pytest.mark.parametrize(
    "path",
    [
        lambda world: "/",
        lambda world: "/bestallningar/",
        *(path for method, path, _, expected in DECLARED if method == "GET" and expected),
    ],
)
def test_when_the_log_cannot_be_written_nothing_of_the_patient_is_shown(path: Path, world: World, client_of: Any, log_is_broken: None) -> None:
    client, url, secret_number = client_of(world.alice), path(world), world.patient.identity.shown
    client.raise_request_exception = False
    response = client.get(url)
    assert response.status_code == 500
    text = response.content.decode()
    for secret in ["Tolvan", secret_number, "Storgatan", "Elsa"]:
        assert secret not in text
    assert response["X-Request-Id"] in text


@pytest.mark.parametrize("method", ["register", "confirm", "details", "place"])
def test_when_the_log_cannot_be_written_nothing_is_changed(method: str, world: World, client_of: Any, log_is_broken: None) -> None:
    from orders.actions import orders
    from patients import actions

    number = next(number for number in factories.test_numbers() if number != world.patient.identity.value)
    address = actions.NewAddress(street="Nygatan 2", postal_code="44130", city="Alingsås")
    changes: dict[str, Callable[[], Any]] = {
        "register": lambda: factories.patient(world.alice, number=number),
        "confirm": lambda: actions.confirm_care_relation(world.patient, by=factories.carol()),
        "details": lambda: actions.change_details(world.patient, by=world.alice, phone="", address=address),
        "place": lambda: orders.place(world.draft, by=world.alice),
    }
    with pytest.raises(Exception, match="disk full"), transaction.atomic():
        changes[method]()
    assert Patient.objects.get() == world.patient
    assert world.patient.care_relations.get().unit == world.alice.unit
    assert Patient.objects.get().address.street == "Storgatan 1"
    assert Order.objects.get(pk=world.draft.pk).status == Status.DRAFT


@pytest.mark.django_db(transaction=True)
def test_the_row_and_the_reading_are_one_transaction(world: World, client_of: Any) -> None:
    """The row is there before the answer leaves, and only if the opening was not undone."""
    before = rows_now()
    with transaction.atomic():
        access.open_patient(world.alice, world.patient.public_id, activity="Visa patient", resource=access.Resource("Patient"))
        transaction.set_rollback(True)
    assert rows_now() == before
    access.open_patient(world.alice, world.patient.public_id, activity="Visa patient", resource=access.Resource("Patient"))
    assert len(rows_now() - before) == 1


# --- Lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("url", "activity"), [("/", "Startsidan"), ("/bestallningar/", "Sök kundorder")])
def test_a_list_logs_each_order_that_it_shows_in_one_insert(url: str, activity: str, client_of: Any) -> None:
    alice = factories.alice()
    patients = [factories.patient(alice) for _ in range(3)]
    orders = [factories.order(alice, to=patient) for patient in patients for _ in range(2)]
    factories.order(factories.carol())
    client, before = client_of(alice), rows_now()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    rows = new_rows(before)
    assert {(row.patient_id, row.resource_id) for row in rows} == {(order.patient_id, order.number) for order in orders}
    assert len(rows) == len(orders)
    assert {(row.action, row.activity, row.resource_type, row.request_id) for row in rows} == {("READ", activity, "Kundorder", response["X-Request-Id"])}
    assert sum('INSERT INTO "patients_accesslogentry"' in query["sql"] for query in queries) == 1


def test_a_list_that_shows_nobody_logs_nothing(client_of: Any) -> None:
    client, before = client_of(factories.alice()), rows_now()
    assert client.get("/bestallningar/").status_code == client.get("/").status_code == 200
    assert rows_now() == before


def test_a_search_logs_what_it_found_and_nothing_else(client_of: Any) -> None:
    alice = factories.alice()
    first, _ = factories.order(alice), factories.order(alice)
    client, before = client_of(alice), rows_now()
    client.get("/bestallningar/", {"nummer": first.number})
    assert [row.resource_id for row in new_rows(before)] == [first.number]


# --- Polling ---------------------------------------------------------------------------------------


def test_polling_an_order_logs_only_when_something_new_is_shown(world: World, client_of: Any) -> None:
    client = client_of(world.alice)
    url = reverse("orders:live", args=[world.sent.number])
    version = client.get(f"/bestallningar/{world.sent.number}/").context["version"]
    before = rows_now()
    for _ in range(3):
        response = client.get(url, {"v": version})
        assert (response.status_code, response.content) == (204, b"")
    assert rows_now() == before
    with transaction.atomic():
        world.sent.move_to(Status.RECEIVED, event="RECEIVED")
    response = client.get(url, {"v": version})
    assert response.status_code == 200
    assert len(new_rows(before)) == 1
    assert client.get(url, {"v": response.context["version"]}).status_code == 204


# --- Finding by number -----------------------------------------------------------------------------


def identifier(patient: Patient) -> Identifier:
    return Identifier(IdentityType(patient.identity.type), patient.identity.value)


def test_a_search_hit_is_logged_also_for_a_unit_that_has_not_opened_the_patient(world: World) -> None:
    dan, before = factories.dan(), rows_now()
    assert access.find_by_number(dan, identifier(world.patient)) == world.patient
    [row] = new_rows(before)
    assert (row.action, row.activity, row.outcome, row.unit_hsa_id) == ("SEARCH_HIT", "Sök patient", "ALLOWED", dan.unit.hsa_id)


def test_a_number_that_nobody_has_is_not_logged(world: World) -> None:
    before = rows_now()
    unknown = next(number for number in factories.test_numbers() if number != world.patient.identity.value)
    assert access.find_by_number(world.alice, Identifier(IdentityType.PERSONNUMMER, unknown)) is None
    assert access.find_by_number(world.alice, Identifier(IdentityType.NRID, world.patient.identity.value)) is None
    assert rows_now() == before


@pytest.mark.parametrize("protection", ["MARKED", "REGISTRATION"])
def test_a_protected_number_is_refused_and_the_refusal_logged(protection: str, world: World) -> None:
    Patient.objects.update(phone="", protection=protection)
    before = rows_now()
    with pytest.raises(access.ProtectedPatient):
        access.find_by_number(world.alice, identifier(world.patient))
    assert [(row.action, row.outcome) for row in new_rows(before)] == [("SEARCH_HIT", "DENIED_PROTECTED")]


def test_at_a_unit_with_the_right_to_it_a_protected_patient_opens(world: World) -> None:
    Patient.objects.update(phone="", protection="MARKED")
    assert not Order.objects.listed_to(world.alice).exists()
    CareUnit.objects.filter(pk=world.alice.unit_id).update(may_see_protected=True)
    alice, before = factories.alice(), rows_now()
    opened = access.open_patient(alice, world.patient.public_id, activity="Visa patient", resource=access.Resource("Patient"))
    assert opened == access.find_by_number(alice, identifier(world.patient)) == world.patient
    assert [row.outcome for row in new_rows(before)] == ["ALLOWED", "ALLOWED"]
    assert Order.objects.listed_to(alice).count() == 3
    assert opened.address is None


def test_outside_a_request_the_log_says_nothing_of_one(world: World) -> None:
    assert context.current.get() == context.RequestContext()
    before = rows_now()
    access.open_patient(world.alice, world.patient.public_id, activity="Visa patient", resource=access.Resource("Patient"))
    [row] = new_rows(before)
    assert (row.request_id, row.session_hash, row.client_ip) == ("", "", "")


def test_one_requests_context_is_not_the_next_ones(world: World, client_of: Any, client: Client) -> None:
    before = rows_now()
    client_of(world.alice).get(f"/patienter/{world.patient.public_id}/")
    client.get("/hjalp/")
    access.open_patient(world.alice, world.patient.public_id, activity="Visa patient", resource=access.Resource("Patient"))
    first, second = new_rows(before)
    assert first.session_hash
    assert not second.session_hash
