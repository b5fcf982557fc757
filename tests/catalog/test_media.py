"""What is due is fetched once, kept by its content, tried again, and reported when it fails."""

import datetime
import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from catalog.media import queue
from catalog.media.addresses import check_hosts
from catalog.media.fetching import Limits
from catalog.models import Article, Failure, Media
from catalog.tasks import fetch_media
from tests import factories
from tests.catalog.feeds import DELTA, EXAMPLE, NEXT, applied, changed
from tests.catalog.media_world import HOST, HOSTS, PDF, SVG, WATCH, World, drips, fetched, image, named, redirects, says, sends

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media_root")]
# --- Tried again, and reported -----------------------------------------------------------------------


def test_a_file_that_is_not_there_yet_is_tried_six_times_ever_later_and_then_reported(world: World, log_lines: Callable[[], list[str]]) -> None:
    media = named()
    world.answers["/a.jpg"] = says(503)
    waits = []
    for _ in range(queue.MOST_TRIES):
        before = timezone.now()
        fetched(world, media)
        waits.append(media.next_try_at - before)
        assert queue.fetch_next(network=world.network) is None
        Media.objects.update(next_try_at=timezone.now())
    assert (media.status, media.failure, media.tries) == ("FAILED", "STATUS", 6)
    for wait, least in zip(waits, queue.WAITS, strict=False):
        assert least <= wait < least * 1.25
    assert queue.fetch_next(network=world.network) is None
    assert len(world.requests) == 6
    [line] = [line for line in log_lines() if "catalog.media.failed" in line]
    assert "STATUS" in line
    assert HOST not in line


def test_what_no_later_try_can_mend_is_reported_at_once(world: World) -> None:
    for path, failure in (("/redirect", Failure.REDIRECT), ("/svg", Failure.NOT_A_PICTURE)):
        world.answers[path] = redirects("https://evil.example/") if path == "/redirect" else sends(SVG)
        media = fetched(world, named(path))
        assert (media.status, media.failure, media.tries) == ("FAILED", failure, 1)


def test_a_film_is_a_link_and_never_fetched(world: World) -> None:
    named("/film.mp4", "VIDEO")
    assert queue.fetch_next(network=world.network) is None
    assert world.asked == []


def test_without_hosts_nothing_is_fetched_and_no_try_is_counted(world: World, settings: Settings) -> None:
    media = named()
    settings.MEDIA_HOSTS = []
    assert queue.fetch_next(network=world.network) is None
    fetch_media()
    media.refresh_from_db()
    assert (media.status, media.tries, world.asked) == ("WAITING", 0, [])


def test_the_task_goes_on_until_nothing_is_due_and_one_bad_address_stops_nobody() -> None:
    """With the real network, which none of these addresses gets as far as."""
    for url in ("http://media.rullandehjalp.example/a.jpg", "https://169.254.169.254/", "https://evil.example/"):
        Media.objects.create(article=factories.article(), kind="IMAGE", url=url)
    with WATCH.watching() as seen:
        fetch_media()
    assert sorted(Media.objects.values_list("status", "failure")) == [("FAILED", "NOT_LISTED"), ("FAILED", "NUMERIC"), ("FAILED", "SCHEME")]
    assert seen == set()


def test_the_watch_sees_what_goes_past_the_stand_in() -> None:
    """The test of the test: the same address through a client without our guard."""
    import httpx

    with WATCH.watching() as seen, pytest.raises(httpx.ConnectError):
        httpx.get("http://2130706433:1/", trust_env=False)
    assert ("look up", "2130706433") in seen or ("look up", b"2130706433") in seen
    assert ("connect", ("127.0.0.1", 1)) in seen


def test_a_disk_that_is_full_is_our_fault_and_tried_again(world: World, media_root: Path) -> None:
    media_root.write_text("no folder")
    media = fetched(world, named("/a.pdf", "MANUAL"), PDF)
    assert (media.status, media.failure) == ("WAITING", "NOT_STORED")


# --- A new address ----------------------------------------------------------------------------------


def imported(world: World) -> Media:
    """The sample's picture, fetched."""
    applied(EXAMPLE)
    Media.objects.exclude(kind="IMAGE").delete()
    return fetched(world, Media.objects.get(), image())


def test_a_changed_address_is_fetched_anew_and_the_old_picture_shown_until_the_new_one_is_here(world: World, tmp_path: Path) -> None:
    old = imported(world)
    applied(changed(tmp_path, *NEXT, ("allround.jpg", "allround-2.jpg")))
    new = Media.objects.get(kind="IMAGE")
    assert (new.pk, new.url.rpartition("/")[2], new.picture, new.status, new.tries) == (old.pk, "allround-2.jpg", old.picture, "WAITING", 0)
    assert Article.objects.get(number="AR-45").picture == old.picture
    Media.objects.exclude(pk=new.pk).delete()
    world.answers["/allround-2.jpg"] = says(404)
    assert fetched(world, new).picture == old.picture
    Media.objects.update(next_try_at=timezone.now())
    again = fetched(world, new, image("PNG"))
    assert (again.status, again.failure) == ("FETCHED", "")
    assert again.picture != old.picture


def test_a_new_checksum_is_fetched_anew_and_the_same_feed_again_fetches_nothing(world: World, tmp_path: Path) -> None:
    imported(world)
    # Another description, the same address.
    applied(changed(tmp_path, *NEXT, ("Allround manuell rullstol", "Allround rullstol")))
    Media.objects.exclude(kind="IMAGE").delete()
    assert queue.fetch_next(network=world.network) is None
    later = [(old, new.replace("20261102-0002", "20261103-0003").replace('sequence="2"', 'sequence="3"').replace("11-02T", "11-03T")) for old, new in NEXT]
    digest = hashlib.sha256(image("PNG")).hexdigest()
    applied(changed(tmp_path, *later, DELTA, ("<main>true</main>", f"<main>true</main><sha256>{digest}</sha256>")))
    media = Media.objects.get(kind="IMAGE")
    Media.objects.exclude(pk=media.pk).delete()
    assert (media.status, media.declared_sha256, media.picture is None) == ("WAITING", digest, False)
    assert fetched(world, media, image("PNG")).status == "FETCHED"


def test_pictures_that_change_places_keep_each_its_own(world: World, tmp_path: Path) -> None:
    two = "<main>true</main></media><media><type>IMAGE</type><url>https://media.rullandehjalp.example/side.jpg</url></media>"
    applied(changed(tmp_path, ("<main>true</main></media>", two)))
    Media.objects.exclude(kind="IMAGE").delete()
    world.answers["/allround.jpg"], world.answers["/side.jpg"] = sends(image()), sends(image("PNG"))
    while queue.fetch_next(network=world.network):
        pass
    before = dict(Media.objects.values_list("url", "picture"))
    assert len(set(before.values())) == 2
    swapped = "</media><media><type>IMAGE</type><url>https://media.rullandehjalp.example/side.jpg</url><main>true</main></media>"
    applied(changed(tmp_path, *NEXT, ("<main>true</main></media>", swapped)))
    assert dict(Media.objects.filter(kind="IMAGE").values_list("url", "picture")) == before
    assert Media.objects.get(is_main=True).url.endswith("side.jpg")


def test_what_is_told_of_an_address_that_changed_meanwhile_is_thrown_away() -> None:
    media = named()

    claimed = queue.claim()
    Media.objects.filter(pk=media.pk).update(url=f"https://{HOST}/b.jpg", tries=0)
    queue._record_failure(claimed, Failure.REDIRECT)
    media.refresh_from_db()
    assert (media.status, media.failure, media.tries) == ("WAITING", "", 0)


def test_an_import_wakes_the_fetching_after_its_commit(django_capture_on_commit_callbacks: Any, broker_away: None, log_lines: Callable[[], list[str]]) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        applied(EXAMPLE)
    assert [line for line in log_lines() if "broker.away" in line and "catalog.fetch_media" in line]


def test_beat_sweeps_what_was_lost() -> None:
    assert {"task": "catalog.fetch_media", "schedule": django_settings.SWEEP_SECONDS} in django_settings.CELERY_BEAT_SCHEDULE.values()


# --- Several at once, and killed in the middle -------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_fetch_each_file_once(world: World) -> None:
    for number in range(12):
        world.answers[f"/{number}"] = sends(image(size=(60, 30)))
        named(f"/{number}")

    def work() -> None:
        try:
            while queue.fetch_next(network=world.network):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        for job in [pool.submit(work) for _ in range(3)]:
            job.result()
    assert sorted(target for _, target, _ in world.requests) == sorted(f"/{number}" for number in range(12))
    assert not Media.objects.exclude(status="FETCHED", tries=1).exists()


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_two_workers_fetch_the_same_file(world: World) -> None:
    named()
    world.answers["/a.jpg"] = sends(image(size=(60, 30)))
    both_have_chosen = threading.Barrier(2, timeout=10)

    def work() -> None:
        try:
            media = Media.objects.due().order_by("next_try_at", "pk").first()
            both_have_chosen.wait()
            queue.fetch(media.url, HOSTS, network=world.network)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(work) for _ in range(2)]:
            job.result()
    assert len(world.requests) == 2


@pytest.mark.django_db(transaction=True)
def test_a_row_that_an_import_holds_is_passed_by_and_waits_for_nobody(world: World) -> None:
    held, free = named("/held.jpg"), named("/free.jpg")

    def claim() -> Media | None:
        try:
            return queue.claim()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Media.objects.filter(pk=held.pk).update(place=3)
        assert pool.submit(claim).result(timeout=5) == free


def test_a_worker_fetches_two_files_at_once_and_no_more() -> None:
    from catalog.tasks import _fetchers

    media = Media.objects.create(article=factories.article(), kind="IMAGE", url="https://evil.example/")
    for _ in range(2):
        assert _fetchers.acquire(blocking=False)
    try:
        fetch_media()
        media.refresh_from_db()
        assert media.status == "WAITING"
    finally:
        for _ in range(2):
            _fetchers.release()
    fetch_media()
    media.refresh_from_db()
    assert media.status == "FAILED"


KILLED = """
import os, ssl, sys
import django
django.setup()
import httpcore
from django.conf import settings
from catalog.media import queue
from catalog.media.fetching import Network
port, ca, host, root = sys.argv[1:]
settings.MEDIA_HOSTS, settings.MEDIA_ROOT = [host], root
connect = lambda address, _, timeout: httpcore.SyncBackend().connect_tcp("127.0.0.1", int(port), timeout)
queue.fetch_next(network=Network(lambda host: ["93.184.215.14"], connect, lambda: ssl.create_default_context(cafile=ca)))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + image()[:2000]], ids=["before the answer", "in the middle of it"])
def test_what_a_killed_worker_had_taken_is_tried_again_and_its_tries_end(head: bytes, world: World, certificates: Path, media_root: Path) -> None:
    media = named()
    is_asked = threading.Event()

    def stalls(handler: Any) -> None:
        handler.wfile.write(head)
        is_asked.set()
        drips(b"", b"", 0.2)(handler)

    world.answers["/a.jpg"] = stalls
    name = connection.settings_dict["NAME"]
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    environment = {**os.environ, "DATABASE_URL": f"{base.rpartition('/')[0]}/{name}{'?' + query if query else ''}", "ENVIRONMENT": "test"}
    environment["DJANGO_SETTINGS_MODULE"] = "websesam.settings"
    arguments = [str(world.port), str(certificates / "ca.pem"), HOST, str(media_root)]
    with subprocess.Popen([sys.executable, "-c", KILLED, *arguments], cwd=django_settings.BASE_DIR, env=environment) as worker:
        try:
            assert is_asked.wait(60)
        finally:
            worker.kill()
    assert worker.returncode == -signal.SIGKILL
    media.refresh_from_db()
    assert (media.status, media.tries, media.picture) == ("WAITING", 1, None)
    # Nobody else takes it while the worker might still be at it.
    assert queue.fetch_next(network=world.network) is None
    assert media.next_try_at - timezone.now() <= queue.LEASE
    Media.objects.update(next_try_at=timezone.now())
    assert fetched(world, media, image()).status == "FETCHED"
    # What kills every worker is not tried for ever.
    Media.objects.update(status="WAITING", tries=queue.MOST_TRIES, next_try_at=timezone.now())
    assert (fetched(world, media).status, media.failure) == ("FAILED", "INTERRUPTED")


def test_no_fetch_takes_longer_than_its_lease() -> None:
    assert datetime.timedelta(seconds=Limits().total * 10) < queue.LEASE


def test_finding_what_is_due_reads_one_row_of_an_index() -> None:
    article = factories.article()
    Media.objects.bulk_create(Media(article=article, kind="IMAGE", url=f"https://{HOST}/{n}", status="FETCHED" if n % 10 else "WAITING") for n in range(1000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_media")
    plan = Media.objects.due().order_by("next_try_at", "pk")[:1].explain()
    assert "catalog_media_due" in plan
    assert "Sort" not in plan


# --- The list for administrators ---------------------------------------------------------------------


@pytest.fixture
def administrator(client_of: Callable[..., Client]) -> Client:
    held = factories.assignment("Ada Administratör", "SUPPORT", at=factories.unit())
    User.objects.filter(pk=held.user_id).update(is_staff=True)
    return client_of(held)


def test_administrators_see_what_failed_and_why_and_have_it_tried_again(administrator: Client, world: World) -> None:
    world.answers["/svg"] = sends(SVG)
    failed = fetched(world, named("/svg", description="Framsida"))
    film = named("/film.mp4", "VIDEO")
    body = administrator.get("/admin/catalog/media/?status__exact=FAILED&failure__exact=NOT_A_PICTURE").text
    assert "Filen är ingen bild (JPEG, PNG, WebP eller GIF)</a></th><td>1</td>" in body
    assert failed.url in body
    assert film.url not in body
    assert "Öppna" not in administrator.get(f"/admin/catalog/media/{failed.pk}/change/").text
    administrator.post("/admin/catalog/media/", {"action": "again", "_selected_action": [failed.pk, film.pk]})
    failed.refresh_from_db()
    assert (failed.status, failed.failure, failed.tries) == ("WAITING", "", 0)
    assert fetched(world, failed, image()).status == "FETCHED"
    assert failed.picture.webp_medium.get_absolute_url() in administrator.get(f"/admin/catalog/media/{failed.pk}/change/").text
    assert "Kunde inte hämtas" not in administrator.get("/admin/catalog/media/").text


def test_the_list_asks_as_many_queries_for_thirty_rows_as_for_one(administrator: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            administrator.get("/admin/catalog/media/")
        return len(context)

    named("/0", status="FAILED", failure="MISSING")
    queries()
    few = queries()
    for number in range(30):
        named(f"/{number + 1}", status="FAILED", failure="MISSING")
    assert queries() == few


def test_others_do_not_see_the_list(client_of: Callable[..., Client]) -> None:
    assert client_of(factories.alice()).get("/admin/catalog/media/").status_code != 200


# --- The setting -------------------------------------------------------------------------------------


def test_a_list_of_hosts_that_would_let_in_too_much_is_found(settings: Settings) -> None:
    settings.MEDIA_HOSTS = [*HOSTS, "xn--rde-ula.example"]
    assert check_hosts() == []
    settings.MEDIA_HOSTS = [
        *("*", "*.se", "se", "localhost", "127.0.0.1", "0x7f.1", "[::1]", "a.example:443", "https://a.example", "*a.example", "a.*.example", "a.example.", ""),
        "å.example",
    ]
    assert [error.msg.split("'")[1] for error in check_hosts()] == settings.MEDIA_HOSTS
