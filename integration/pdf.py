"""What may be in a PDF that is kept as it came. It is not drawn here, only looked through for what acts by itself."""

import re
import zlib

MOST_UNPACKED = 50 * 1024 * 1024

_HEADER = re.compile(rb"%PDF-[12]\.[0-9]")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_END = b"%%EOF"
# A script, a program, a file within the file, a form that calls out, sound and film. Names end where no letter follows.
_ACTING = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|GoToE|Movie|Sound)(?![A-Za-z])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z])")


class NotPdf(Exception):
    """It is none, or it is broken, or something else hides in the same file."""


class ActingPdf(Exception):
    """It holds a script, a program, or another file."""


class EncryptedPdf(Exception):
    """It cannot be looked through."""


def check(data: bytes) -> None:
    """Raises `NotPdf`, `EncryptedPdf` and `ActingPdf`.

    Names are compared with their #xx escapes undone, and also inside packed streams, where newer files keep their objects.
    """
    if not _HEADER.match(data):
        raise NotPdf
    end = data.rfind(_END)
    # After the end: line feeds at most, else it is two files in one.
    if end < 0 or data[end + len(_END) :].strip(b"\r\n\t \0"):
        raise NotPdf
    if b"obj" not in data or (b"/Root" not in data and b"/XRef" not in data):
        raise NotPdf
    plain = _unescape(data)
    if _ENCRYPTED.search(plain):
        raise EncryptedPdf
    if _ACTING.search(plain):
        raise ActingPdf
    left = MOST_UNPACKED
    for stream in _STREAM.finditer(data):
        unpacked = _unpack(stream[1], left)
        left -= len(unpacked)
        if left <= 0:
            raise NotPdf  # a bomb
        if b"/" in unpacked and _ACTING.search(_unescape(unpacked)):
            raise ActingPdf


def _unescape(data: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), data)


def _unpack(data: bytes, most: int) -> bytes:
    """What a packed stream holds, at most `most` bytes; nothing of one packed in another way, such as a picture."""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return b""
