"""Files on a draft: attached, refused, taken off, opened by those who may open the order, fetched by SESAM2."""

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Assignment
from core.lifecycle import IllegalMove
from integration import contract
from integration.attachments import check
from integration.models import Attachment, OutgoingMessage
from ordering.actions import MOST_FILES
from orders.actions import attachments, orders
from orders.models import Order
from patients.models import AccessLogEntry
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, errors, soup_of, typed, words
from tests.sesam2 import headers

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def url(order: Order) -> str:
    return f"/bestallningar/utkast/{order.public_id}/"


def post(client: Client, order: Order, *files: tuple[str, bytes], do: str = "attach", **changed: str) -> Any:
    data: dict[str, Any] = typed(pages.get(client, url(order))) | changed | {"do": do}
    return client.post(url(order), data | {"files": [SimpleUploadedFile(name, content, "text/html") for name, content in files]})


def test_a_photo_is_attached_shown_and_sent_with_the_order(client_of: ClientOf) -> None:
    order = factories.draft()
    client = client_of(factories.alice())
    assert post(client, order, ("Sittställning.JPG", factories.picture())).url == f"{url(order)}#bilagor"
    assert "Sittställning.jpg" in words(pages.get(client, url(order)).find(id="bilagor"))
    assert "Sittställning.jpg" in words(pages.get(client, f"{url(order)}granska/").main)
    number = orders.place(factories.again(order), by=order.orderer)
    _, body = contract.parse_outgoing(contract.dump(OutgoingMessage.objects.get(subject=number).payload or {}))
    assert isinstance(body, contract.CustomerOrder)
    file = Attachment.objects.get()
    [told] = body.attachments
    assert (told.file_name, told.media_type, told.size, told.sha256) == ("Sittställning.jpg", "image/jpeg", file.size, file.sha256)
    assert told.url == f"http://127.0.0.1:8000/api/sesam2/v1/attachments/{file.pk}"


def test_a_wrong_file_is_told_at_its_field_and_leaves_the_draft_as_it_was_typed(client_of: ClientOf) -> None:
    order = factories.draft(lines=1)
    files = [("elak.jpg", b"<script>"), ("bra.png", factories.picture(kind="PNG"))]
    soup = soup_of(post(client_of(factories.alice()), order, *files, instructions="Ring", quantity_1="3"))
    assert errors(soup) == ["files"]
    assert error_at(soup, "files").startswith("Filtypen kan inte bifogas.")
    assert list(Attachment.objects.values_list("name", flat=True)) == ["bra.png"]
    assert (factories.again(order).instructions, order.lines.get().quantity, typed(soup)["quantity_1"]) == ("Ring", 3, "3")


@pytest.mark.parametrize("do", ["save", "review", "search"])
def test_a_file_that_was_chosen_is_attached_whichever_button_is_pressed(client_of: ClientOf, do: str) -> None:
    order = factories.draft()
    assert post(client_of(factories.alice()), order, ("a.jpg", factories.picture()), do=do).status_code == 302
    assert order.attachments.count() == 1


def test_nothing_chosen_is_told(client_of: ClientOf) -> None:
    order = factories.draft()
    assert error_at(soup_of(post(client_of(factories.alice()), order)), "files") == "Välj en fil att bifoga."


def test_an_order_holds_ten_files(client_of: ClientOf) -> None:
    order = factories.draft()
    for _ in range(MOST_FILES):
        factories.attachment(order)
    soup = soup_of(post(client_of(factories.alice()), order, ("a.jpg", factories.picture())))
    assert error_at(soup, "files") == "En beställning kan ha högst 10 filer. Ta bort någon först."
    assert Attachment.objects.count() == MOST_FILES


def test_a_file_that_is_taken_off_is_gone(client_of: ClientOf) -> None:
    order, client = factories.draft(), client_of(factories.alice())
    file = factories.attachment(order)
    post(client, order, do=f"detach:{uuid.uuid4()}")
    post(client, order, do="detach:junk")
    assert Attachment.objects.count() == 1
    post(client, order, do=f"detach:{file.pk}")
    assert Attachment.objects.count() == 0


def test_a_file_of_another_order_is_not_taken_off(client_of: ClientOf) -> None:
    mine, other = factories.draft(), factories.draft()
    file = factories.attachment(other)
    post(client_of(factories.alice()), mine, do=f"detach:{file.pk}")
    assert other.attachments.count() == 1


def test_a_file_is_opened_by_the_unit_alone_as_something_to_save_and_is_logged(client_of: ClientOf) -> None:
    order = factories.draft()
    file = factories.attachment(order, name="underlag.jpg")
    address = f"/bestallningar/bilagor/{file.pk}/"
    for stranger in (factories.carol(), factories.dan()):
        assert client_of(stranger).get(address).status_code == 404
    response = client_of(factories.bob()).get(address)
    assert (response.status_code, response["Content-Type"], response["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert response["Content-Disposition"] == 'attachment; filename="underlag.jpg"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert len(response.content) == file.size
    assert AccessLogEntry.objects.filter(activity="Öppna bilaga", patient=order.patient).count() == 1


def fetch(file_id: Any) -> Any:
    address = f"/api/sesam2/v1/attachments/{file_id}"
    signed = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers("GET", address).items()}
    return Client().get(address, **signed)


def test_sesam2_fetches_the_files_of_a_sent_order_and_each_time_is_logged() -> None:
    order = factories.draft()
    file = factories.attachment(order)
    assert fetch(file.pk).status_code == 404
    orders.place(factories.again(order), by=order.orderer)
    response = fetch(file.pk)
    assert (response.status_code, response["Content-Type"], len(response.content)) == (200, "image/jpeg", file.size)
    row = AccessLogEntry.objects.get(action="DISCLOSE")
    assert (row.patient, row.activity, row.resource_id) == (order.patient, "SESAM2 hämtar bilaga", factories.again(order).number)
    assert fetch(uuid.uuid4()).status_code == 404
    assert Client().get(f"/api/sesam2/v1/attachments/{file.pk}").status_code == 401


def test_a_file_that_cannot_be_stored_leaves_nothing_behind() -> None:
    order = factories.order()
    with pytest.raises(IllegalMove):
        attachments.attach(order, check(io.BytesIO(factories.picture()), "a.jpg"), by=order.orderer)
    assert not Attachment.objects.exists()
