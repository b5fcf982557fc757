"""Which addresses of the feed may be asked for a file: https, a host on the list, and behind its name public addresses alone.

The feed is written by strangers. What two readers of addresses could understand in two ways is refused rather than understood.
"""

import dataclasses
import ipaddress
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from catalog.models import Failure

PORT = 443
_LONGEST = 2000
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PARTS = re.compile(r"https://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE)
# Control characters and surrogates, and the backslash, which browsers take for a slash.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")
# Another host to a browser, a path to others.
_AMBIGUOUS = re.compile(r"///|https:(?!//)", re.IGNORECASE)
# What inet_aton takes for the last part of an address: 80, 0x50, 0120.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# An entry of MEDIA_HOSTS: a name, or *. and a name for everything below it. Never a whole top domain.
_ENTRY = re.compile(rf"(?:\*\.)?{_HOST.pattern}")


class Refused(Exception):
    """An address is not asked, or its answer not taken, for this reason."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclasses.dataclass(frozen=True)
class Address:
    """An address that may be asked: a host in small letters, and path and query in ASCII."""

    host: str
    target: str

    def __str__(self) -> str:
        return f"https://{self.host}{self.target}"


def read(url: str, hosts: Iterable[str]) -> Address:
    """The address that `url` means, if its host is among `hosts` (MEDIA_HOSTS). Raises Refused."""
    if len(url) > _LONGEST or _FORBIDDEN.search(url):
        raise Refused(Failure.MALFORMED)
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() != "https":
        raise Refused(Failure.SCHEME if scheme else Failure.MALFORMED)
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise Refused(Failure.MALFORMED)
    host = _host(parts[1])
    if not _is_listed(host, hosts):
        raise Refused(Failure.NOT_LISTED)
    target = parts[2] if parts[2].startswith("/") else f"/{parts[2]}"
    return Address(host, urllib.parse.quote(target, safe="/?%:@!$&'()*+,;=-._~"))


def redirected(address: Address, location: bytes, hosts: Iterable[str]) -> Address:
    """Where an answer from `address` sends us on, if that is the same host. Raises Refused."""
    try:
        url = location.decode("ascii")
        # Joining would quietly take tabs and line breaks away, and read the ambiguous ones as paths.
        if _FORBIDDEN.search(url) or _AMBIGUOUS.match(url):
            raise Refused(Failure.REDIRECT)
        further = read(urllib.parse.urljoin(str(address), url), hosts)
    except (ValueError, Refused):
        raise Refused(Failure.REDIRECT) from None
    if further.host != address.host:
        raise Refused(Failure.REDIRECT)
    return further


def _host(authority: str) -> str:
    if not authority.isascii():
        raise Refused(Failure.MALFORMED)
    if "@" in authority:
        raise Refused(Failure.USERINFO)
    if "[" in authority:
        raise Refused(Failure.NUMERIC)
    host, colon, port = authority.lower().partition(":")
    labels = host.rstrip(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        raise Refused(Failure.NUMERIC)
    if not _HOST.fullmatch(host):
        raise Refused(Failure.MALFORMED)
    if colon and port != str(PORT):
        raise Refused(Failure.PORT)
    return host


def _is_listed(host: str, hosts: Iterable[str]) -> bool:
    return any(host.endswith(entry[1:]) if entry.startswith("*.") else host == entry for entry in map(str.lower, hosts))


def check_hosts(**_: Any) -> list[checks.CheckMessage]:
    """A system check: each entry of MEDIA_HOSTS is `name.example` or `*.name.example`; a wider one would let in what nobody meant to."""
    wrong = [entry for entry in settings.MEDIA_HOSTS if not _ENTRY.fullmatch(entry.lower()) or _NUMBER.fullmatch(entry.lower().rpartition(".")[2])]
    return [checks.Error(f"MEDIA_HOSTS: {entry!r} is neither name.example nor *.name.example", id="catalog.E001") for entry in wrong]


# --- What a name points at ---------------------------------------------------------------------------

# Written out although `is_global` knows most of it: which networks it knows differs between versions of Python.
_NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
# Only this is given out on the internet. Outside it: loopback, mapped and compatible IPv4, NAT64 (64:ff9b::), fc00::, fe80::, ff00::.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
# Protocols (Teredo among them), documentation, 6to4, which carries an IPv4 address inside.
_NOT_PUBLIC_6 = [ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public internet, and carries no other address inside."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC_4)
    return address.scope_id is None and address.is_global and address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def all_public(addresses: Sequence[str]) -> Sequence[str]:
    """`addresses`, if each is public: a name that also points inwards is not trusted with any. Raises Refused."""
    if not addresses:
        raise Refused(Failure.UNKNOWN_HOST)
    if not all(map(is_public, addresses)):
        raise Refused(Failure.NOT_PUBLIC)
    return addresses
