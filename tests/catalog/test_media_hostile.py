"""What a hostile feed may name, a hostile name point at, and a hostile server answer. Of each: the reason it got, and every connection that was made."""

import gzip
import time
import zlib

import pytest

from catalog.media.addresses import Refused
from catalog.media.fetching import Limits, fetch
from catalog.models import Failure
from tests.catalog.media_world import HOST, HOSTS, PUBLIC, PUBLIC_6, World, drips, redirects, says, sends, writes

# For what answers, however busy the machine; and for what never does.
PATIENT = Limits(size=100_000)
QUICK = Limits(connect=2.0, silence=0.4, total=1.2, size=100_000)
OK = b"HTTP/1.1 200 OK\r\n"


def refusal(world: World, url: str, limits: Limits = PATIENT) -> Failure:
    with pytest.raises(Refused) as caught:
        fetch(url, HOSTS, network=world.network, limits=limits)
    return caught.value.failure


def test_a_good_address_is_fetched_from_the_address_that_was_checked(world: World) -> None:
    world.answers["/a b/å.jpg"] = world.answers["/a%20b/%C3%A5.jpg"] = sends(b"picture")
    assert fetch(f"https://{HOST.upper()}:443/a b/å.jpg?v=1#top", HOSTS, network=world.network) == b"picture"
    assert (world.asked, world.connections) == ([HOST], [(PUBLIC, 443)])
    host, target, headers = world.requests[0]
    assert (host, target, headers["Accept-Encoding"]) == (HOST, "/a%20b/%C3%A5.jpg?v=1", "identity")
    world.answers["/b.jpg"] = sends(b"six")
    assert fetch("https://en.bilder.example/b.jpg", HOSTS, network=world.network) == b"six"
    assert world.connections[1:] == [(PUBLIC_6, 443)]


# --- Addresses that are not even looked up -------------------------------------------------------------

ADDRESSES = {
    Failure.SCHEME: [
        f"http://{HOST}/a.jpg",
        f"HTTP://{HOST}/a.jpg",
        f"ftp://{HOST}/a.jpg",
        "file:///etc/passwd",
        f"file://{HOST}/etc/passwd",
        f"gopher://{HOST}:70/_GET%20/",
        "data:image/png;base64,iVBORw0KGgo=",
        "javascript:alert(1)",
        f"jar:https://{HOST}/a.jar!/a.jpg",
        f"ws://{HOST}/",
        f"dict://{HOST}:11211/stats",
        f"ldap://{HOST}/",
        f"view-source:https://{HOST}/a.jpg",
        f"httpsx://{HOST}/a.jpg",
        "php://filter/resource=https://",
    ],
    Failure.MALFORMED: [
        "",
        "a.jpg",
        "/etc/passwd",
        f"//{HOST}/a.jpg",
        f" https://{HOST}/a.jpg",
        f"https:{HOST}/a.jpg",
        f"https:/{HOST}/a.jpg",
        f"https:///{HOST}/a.jpg",
        f"https:\\\\{HOST}\\a.jpg",
        f"https://{HOST}\\@169.254.169.254/",
        f"https://{HOST}/a\r\nHost: 169.254.169.254\r\n\r\n",
        f"https://{HOST}\t/a.jpg",
        f"https://{HOST}/\x00a.jpg",
        f"https://{HOST}/\ud800",
        f"https://{HOST}./a.jpg",
        f"https://{HOST} /a.jpg",
        f"https://.{HOST}/a.jpg",
        "https://media..example/a.jpg",
        "https://-media.bilder.example/a.jpg",
        "https://me_dia.bilder.example/a.jpg",
        f"https://{HOST.replace('m', '%6d', 1)}/a.jpg",
        f"https://{HOST.replace('m', 'ｍ', 1)}/a.jpg",
        f"https://{HOST.replace('.', '。')}/a.jpg",
        f"https://{HOST.replace('e', 'е', 1)}/a.jpg",
        "https://\N{KELVIN SIGN}.bilder.example/a.jpg",
        "https://\N{LATIN SMALL LETTER LONG S}.bilder.example/a.jpg",
        f"https://{HOST}\N{SOFT HYPHEN}/a.jpg",
        f"https://\N{RIGHT-TO-LEFT OVERRIDE}{HOST}/a.jpg",
        "https://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "https://localhost/",
        "https://metadata/",
        f"https://{HOST}!evil.example/",
        f"https://{HOST},evil.example/",
        f"https://{'a' * 64}.bilder.example/",
        f"https://{HOST}/{'a' * 2000}",
    ],
    Failure.NUMERIC: [
        "https://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254:443/latest/meta-data/",
        "https://169.254.169.254./",
        "https://169.254.43518/",
        "https://169.16689662/",
        "https://2852039166/",
        "https://0xA9FEA9FE/",
        "https://0xa9.0xfe.0xa9.0xfe/",
        "https://0251.0376.0251.0376/",
        "https://00000251.0376.0xa9.254/",
        "https://025177524776/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0/",
        "https://0x/",
        "https://100.100.100.200/",
        "https://192.0.0.192/opc/v1/",
        f"https://{PUBLIC}/a.jpg",
        f"https://{HOST}.1/a.jpg",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
        "https://[::169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::]/",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://[fe80::1%25eth0]/",
        f"https://[{PUBLIC_6}]/a.jpg",
        f"https://[{HOST}]/",
    ],
    Failure.USERINFO: [
        f"https://{HOST}@169.254.169.254/",
        f"https://{HOST}:443@169.254.169.254/",
        f"https://169.254.169.254@{HOST}/",
        f"https://user:password@{HOST}/a.jpg",
        f"https://@{HOST}/a.jpg",
        f"https://{HOST}%2f@evil.example/",
    ],
    Failure.PORT: [f"https://{HOST}:{port}/a.jpg" for port in ("80", "22", "6379", "8443", "0443", "+443", "65979", "", "443:80", "0x1bb")],
    Failure.NOT_LISTED: [
        "https://evil.example/a.jpg",
        f"https://{HOST}.evil.example/a.jpg",
        f"https://evil{HOST}/a.jpg",
        f"https://en.{HOST}/a.jpg",
        "https://bilder.example/a.jpg",
        "https://evilbilder.example/a.jpg",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://instance-data.ec2.internal/latest/meta-data/",
        "https://kubernetes.default.svc/",
        "https://169.254.169.254.nip.io/",
        "https://localhost.localdomain/",
        f"https://evil.example/?https://{HOST}/a.jpg",
        f"https://evil.example#@{HOST}/a.jpg",
        f"https://evil.example?@{HOST}/a.jpg",
        f"https://xn--mdia-5of.{HOST.partition('.')[2]}/a.jpg",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("url", "failure"), [(url, failure) for failure, urls in ADDRESSES.items() for url in urls])
def test_a_hostile_address_is_neither_looked_up_nor_connected_to(url: str, failure: Failure, world: World) -> None:
    assert refusal(world, url) == failure
    assert (world.asked, world.connections, world.requests) == ([], [], [])


def test_without_hosts_on_the_list_nothing_is_asked(world: World) -> None:
    with pytest.raises(Refused) as caught:
        fetch(f"https://{HOST}/a.jpg", [], network=world.network)
    assert (caught.value.failure, world.asked) == (Failure.NOT_LISTED, [])


# --- Names that point inwards --------------------------------------------------------------------------

NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.254 192.0.0.192
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:93.184.215.14 ::127.0.0.1 ::ffff:0:169.254.169.254 64:ff9b::169.254.169.254 64:ff9b::5db8:d70e
    64:ff9b:1::a9fe:a9fe 100::1 2001::1 2001:0:a9fe:a9fe::1 2001:db8::1 2002:a9fe:a9fe:: 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd12::1
    fe80::1 fe80::1%eth0 fec0::1 ff02::1 2606:2800:21f:cb07:6820:80da:af6b:8b2c%1 localhost not-an-address
""".split()  # noqa: SIM905 - fifty short words


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_listed_name_that_points_inwards_is_not_connected_to(address: str, world: World) -> None:
    world.names[HOST] = [address]
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.NOT_PUBLIC
    world.names[HOST] = [PUBLIC, address]
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.NOT_PUBLIC
    assert world.connections == []


def test_a_name_that_points_nowhere_is_told_so(world: World) -> None:
    world.names[HOST] = []
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.UNKNOWN_HOST
    assert world.connections == []


def test_a_name_that_points_elsewhere_after_the_check_changes_nothing(world: World) -> None:
    """Rebinding: the connection goes to what was checked, and the name is not asked for again."""
    world.names[HOST] = [[PUBLIC], ["169.254.169.254"]]
    world.answers["/a.jpg"] = sends(b"picture")
    assert fetch(f"https://{HOST}/a.jpg", HOSTS, network=world.network) == b"picture"
    assert (world.asked, world.connections) == ([HOST], [(PUBLIC, 443)])
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.NOT_PUBLIC
    assert world.connections == [(PUBLIC, 443)]


def test_a_name_that_points_elsewhere_after_a_redirect_is_checked_anew(world: World) -> None:
    world.names[HOST] = [[PUBLIC], ["127.0.0.1"]]
    world.answers["/a.jpg"] = redirects("/b.jpg")
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.NOT_PUBLIC
    assert (world.asked, world.connections) == ([HOST, HOST], [(PUBLIC, 443)])


def test_when_one_public_address_does_not_answer_the_next_is_tried_and_no_more_than_three(world: World) -> None:
    world.answers["/a.jpg"] = sends(b"picture")
    world.names[HOST] = ["8.8.8.8", PUBLIC]
    assert fetch(f"https://{HOST}/a.jpg", HOSTS, network=world.network) == b"picture"
    world.names[HOST] = ["8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9", PUBLIC]
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.NO_CONNECTION
    assert world.connections == [(address, 443) for address in ("8.8.8.8", PUBLIC, "8.8.8.8", "8.8.4.4", "1.1.1.1")]


def test_a_server_without_a_certificate_for_the_name_is_not_asked(world: World) -> None:
    world.use_certificate("other")
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.TLS
    world.use_certificate("stranger")
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.TLS
    assert world.requests == []


# --- Redirects -----------------------------------------------------------------------------------------

REDIRECTS = [
    "https://evil.example/a.jpg",
    "https://en.bilder.example/a.jpg",
    "//evil.example/a.jpg",
    "///evil.example/a.jpg",
    "https:evil.example",
    "\\\\evil.example\\a.jpg",
    "/\\evil.example/a.jpg",
    f"http://{HOST}/a.jpg",
    f"https://{HOST}:8443/a.jpg",
    f"https://{HOST}./a.jpg",
    f"https://{HOST}@169.254.169.254/",
    f"https://user@{HOST}/a.jpg",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "http://127.0.0.1:6379/",
    "file:///etc/passwd",
    "ftp://evil.example/",
    "data:image/png;base64,iVBORw0KGgo=",
    "javascript:alert(1)",
    "gopher://127.0.0.1:11211/",
    "\xe5.jpg",
    "ht\ttps://evil.example/",
]


@pytest.mark.parametrize("location", REDIRECTS)
def test_a_redirect_away_from_the_host_is_not_followed(location: str, world: World) -> None:
    world.answers["/a.jpg"] = redirects(location)
    assert refusal(world, f"https://{HOST}/a.jpg") == Failure.REDIRECT
    assert (world.asked, world.connections) == ([HOST], [(PUBLIC, 443)])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_same_host_is_followed_on_a_connection_of_its_own(status: int, world: World) -> None:
    world.answers["/a.jpg"] = redirects("../b.jpg?v=2", status)
    world.answers["/b.jpg"] = sends(b"picture")
    assert fetch(f"https://{HOST}/a.jpg", HOSTS, network=world.network) == b"picture"
    assert (world.asked, world.connections) == ([HOST] * 2, [(PUBLIC, 443)] * 2)


def test_redirects_end_after_three(world: World) -> None:
    for number in range(9):
        world.answers[f"/{number}"] = redirects(f"/{number + 1}")
    assert refusal(world, f"https://{HOST}/0") == Failure.TOO_MANY_REDIRECTS
    assert [target for _, target, _ in world.requests] == ["/0", "/1", "/2", "/3"]


# --- Answers -------------------------------------------------------------------------------------------

BIG = b"x" * 100_001
ANSWERS = {
    "an endless body": (drips(OK + b"\r\n", b"x" * 65536, 0), Failure.TOO_LARGE),
    "endless chunks": (drips(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n", 0), Failure.TOO_LARGE),
    "a byte more than allowed": (sends(BIG), Failure.TOO_LARGE),
    "a length that says too much": (sends(b"x", Content_Length="10485761"), Failure.TOO_LARGE),
    "a length beyond all numbers": (sends(b"x", Content_Length="9" * 5000), Failure.BROKEN_ANSWER),
    "a length that says less than there is": (sends(b"x" * 50, Content_Length="0"), Failure.EMPTY),
    "a length that says more than there is": (sends(b"x" * 50, Content_Length="60"), Failure.BROKEN_ANSWER),
    "two lengths": (writes(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), Failure.BROKEN_ANSWER),
    "a length below zero": (sends(b"x", Content_Length="-1"), Failure.BROKEN_ANSWER),
    "a byte now and then": (drips(OK + b"Content-Length: 5000\r\n\r\n", b"x", 0.1), Failure.TOO_SLOW),
    "headers now and then": (drips(OK, b"X-A: b\r\n", 0.1), Failure.TOO_SLOW),
    "headers without end": (drips(OK, b"X-A: " + b"b" * 4000 + b"\r\n", 0), Failure.BROKEN_ANSWER),
    "a header without end": (drips(OK + b"X-A: ", b"b" * 4000, 0), Failure.BROKEN_ANSWER),
    "promises without end": (drips(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.05), Failure.TOO_SLOW),
    "silence": (drips(b"", b"", 0.2), Failure.TOO_SLOW),
    "silence in the middle": (drips(OK + b"Content-Length: 5000\r\n\r\nxx", b"", 0.2), Failure.TOO_SLOW),
    "nothing": (writes(b""), Failure.BROKEN_ANSWER),
    "an empty file": (sends(b""), Failure.EMPTY),
    "no HTTP": (writes(b"220 smtp ready\r\n"), Failure.BROKEN_ANSWER),
    "another protocol": (writes(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), Failure.BROKEN_ANSWER),
    "a gzip bomb": (sends(gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip"), Failure.ENCODED),
    "a deflate bomb": (sends(zlib.compress(b"x" * 5_000_000), Content_Encoding="deflate"), Failure.ENCODED),
    "brotli": (sends(b"x", Content_Encoding="br"), Failure.ENCODED),
    "two encodings": (sends(b"x", Content_Encoding="identity, gzip"), Failure.ENCODED),
    "not found": (says(404), Failure.MISSING),
    "gone": (says(410), Failure.MISSING),
    "not let in": (says(401), Failure.STATUS),
    "an error": (says(500), Failure.STATUS),
    "a part": (says(206), Failure.STATUS),
    "a redirect to nowhere": (says(304), Failure.STATUS),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_hostile_answer_ends_in_time_with_its_reason(name: str, world: World) -> None:
    world.answers["/a.jpg"], failure = ANSWERS[name]
    limits = QUICK if failure == Failure.TOO_SLOW else PATIENT
    began = time.monotonic()
    assert refusal(world, f"https://{HOST}/a.jpg", limits) == failure
    assert time.monotonic() - began < limits.total + 2
    assert world.connections == [(PUBLIC, 443)]


def test_time_is_counted_over_all_redirects(world: World) -> None:
    def slow_redirect(handler) -> None:
        time.sleep(1.2)
        redirects("/a.jpg")(handler)

    world.answers["/a.jpg"] = slow_redirect
    limits = Limits(total=2.0)
    assert refusal(world, f"https://{HOST}/a.jpg", limits) == Failure.TOO_SLOW
    assert len(world.connections) == 2


def test_the_limits_are_those_of_the_requirements() -> None:
    assert Limits() == Limits(total=10.0, size=10 * 1024 * 1024)
    assert sum(map(len, ADDRESSES.values())) + len(NOT_PUBLIC) + len(REDIRECTS) + len(ANSWERS) >= 200
