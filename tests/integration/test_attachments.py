"""Files from people: 30 hostile ones and what each gets, names, and the scanner. Nothing is half-saved."""

import io
import random
import socket
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from integration.attachments import MOST_BYTES, Refused, check, safe_name, store
from integration.models import Attachment, AttachmentContent
from tests.factories import picture

KIND = "Filtypen kan inte bifogas. Välj en bild (JPEG, PNG eller WebP) eller en PDF."
BROKEN = "Bilden är skadad och kan inte läsas. Välj en annan bild."
LARGE = "Filen är större än 10 MB. Välj en mindre fil."
PIXELS = "Bilden har för många bildpunkter. Välj en bild med högst 40 miljoner bildpunkter."
ACTING = "PDF:en innehåller skript eller inbäddade filer. Skriv ut den till en ny PDF och bifoga den."
LOCKED = "PDF:en är låst med lösenord. Spara den utan lösenord och bifoga den igen."
NO_PDF = "PDF:en är skadad eller inte en ren PDF. Skriv ut den till en ny PDF och bifoga den."
EMPTY = "Filen är tom. Välj en annan fil."
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"


def pdf(extra: bytes = b"", *, end: bytes = b"%%EOF\n") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + extra + b">>\nendobj\ntrailer\n<< /Root 1 0 R >>\n" + end


def packed(content: bytes) -> bytes:
    return b">>\nendobj\n3 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + zlib.compress(content) + b"\nendstream\nendobj\n4 0 obj\n<<"


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that unpack to a picture of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def with_place() -> bytes:
    """A photo that tells where it was taken, and by whom."""
    image, output = Image.new("RGB", (40, 30), "teal"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0112] = "Tolvan Tolvansson", "Alice", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (57.0, 55.0, 48.0)})
    image.save(output, "JPEG", exif=exif, comment=b"hemma hos Tolvan")
    return output.getvalue()


def archive() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("bomb", b"\0" * 1_000_000)
    return output.getvalue()


def noise() -> bytes:
    """A real picture of more than ten megabytes."""
    image = Image.frombytes("RGB", (2000, 2000), random.Random(1).randbytes(12_000_000))
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
JPG, SMALL_PNG = picture(), picture(kind="PNG")
# What is posted: name and bytes; and what comes of it: a media type, or the text of the refusal.
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("tom.jpg", lambda: b"", EMPTY),
    "one byte": ("a.jpg", lambda: b"\xff", KIND),
    "10 MB and one byte": ("stor.pdf", lambda: pdf(b"/X (" + b"a" * (MOST_BYTES - len(pdf(b"/X () ")) + 1) + b") "), LARGE),
    "a real picture above 10 MB": ("brus.png", noise, LARGE),
    "HTML as JPEG": ("sida.jpg", lambda: HTML, KIND),
    "SVG": ("bild.svg", lambda: SVG, KIND),
    "SVG as PNG": ("bild.png", lambda: SVG, KIND),
    "program as JPEG": ("bild.jpg", lambda: b"MZ\x90\x00" + b"\0" * 500, KIND),
    "program of Linux as PDF": ("underlag.pdf", lambda: b"\x7fELF" + b"\0" * 500, KIND),
    "script": ("kör.sh", lambda: b"#!/bin/sh\nrm -rf /\n", KIND),
    "zip bomb": ("bilder.zip", archive, KIND),
    "zip as PDF": ("underlag.pdf", archive, KIND),
    "Word document": ("brev.docx", archive, KIND),
    "GIF": ("bild.gif", lambda: picture(kind="GIF"), KIND),
    "TIFF": ("bild.tif", lambda: picture(kind="TIFF"), KIND),
    "PostScript": ("bild.eps", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run", KIND),
    "sound with a picture's magic": ("ljud.webp", lambda: b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\0" * 40, BROKEN),
    "magic of JPEG, then junk": ("bild.jpg", lambda: b"\xff\xd8\xff" + b"junk" * 100, BROKEN),
    "magic of PNG, then HTML": ("bild.png", lambda: b"\x89PNG\r\n\x1a\n" + HTML, BROKEN),
    "truncated JPEG": ("bild.jpg", lambda: picture((800, 600))[:2500], BROKEN),
    "truncated PNG": ("bild.png", lambda: picture((800, 600), "PNG")[:200], BROKEN),
    "13 000 × 13 000 points in 20 KB": ("bomb.png", lambda: png_claiming(13_000, 13_000), PIXELS),
    "60 000 × 60 000 points": ("bomb.png", lambda: png_claiming(60_000, 60_000), PIXELS),
    "41 million points": ("stor.png", lambda: png_claiming(6_500, 6_400), PIXELS),
    "no points": ("noll.png", lambda: png_claiming(0, 0), BROKEN),
    "PDF with JavaScript": ("underlag.pdf", lambda: pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >> "), ACTING),
    "PDF with hidden JavaScript": ("underlag.pdf", lambda: pdf(b"/OpenAction << /S /J#61vaScript >> "), ACTING),
    "PDF with packed JavaScript": ("underlag.pdf", lambda: pdf(packed(b"5 0 << /S /JavaScript /JS (x) >>")), ACTING),
    "PDF that starts a program": ("underlag.pdf", lambda: pdf(b"/A << /S /Launch /F (cmd.exe) >> "), ACTING),
    "PDF with a file in it": ("underlag.pdf", lambda: pdf(b"/Names << /EmbeddedFiles 9 0 R >> "), ACTING),
    "PDF with a password": ("underlag.pdf", lambda: pdf(b"/Encrypt 8 0 R "), LOCKED),
    "PDF and zip in one": ("underlag.pdf", lambda: pdf() + archive(), NO_PDF),
    "PDF after HTML": ("underlag.pdf", lambda: HTML + pdf(), KIND),
    "PDF without an end": ("underlag.pdf", lambda: pdf(end=b""), NO_PDF),
    "PDF that is a bomb": ("underlag.pdf", lambda: pdf(packed(b"/" * 60_000_000)), NO_PDF),
    "only the magic of PDF": ("underlag.pdf", lambda: b"%PDF-1.4\n%%EOF", NO_PDF),
    "JPEG and zip in one": ("bild.jpg", lambda: JPG + archive(), JPEG),
    "JPEG and HTML in one": ("bild.html", lambda: JPG + HTML, JPEG),
    "PNG that says it is a PDF": ("underlag.pdf", lambda: SMALL_PNG, PNG),
    "photo that tells where it was taken": ("foto.jpg", with_place, JPEG),
}


def checked(name: str, data: bytes) -> str:
    try:
        return check(io.BytesIO(data), name).media_type
    except Refused as refused:
        return refused.text


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_gets_what_it_should(what: str) -> None:
    name, data, comes_of_it = HOSTILE[what]
    assert checked(name, data()) == comes_of_it


def test_there_are_thirty_and_more() -> None:
    assert len(HOSTILE) >= 30


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", JPEG), ("PNG", PNG), ("WEBP", JPEG)])
def test_a_picture_is_drawn_anew(kind: str, media_type: str) -> None:
    let_in = check(io.BytesIO(picture((80, 60), kind)), f"bild.{kind.lower()}")
    assert let_in.media_type == media_type
    with Image.open(io.BytesIO(let_in.data)) as image:
        assert image.size == (80, 60)


def test_a_picture_with_holes_keeps_them() -> None:
    output = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(output, "WEBP")
    assert check(io.BytesIO(output.getvalue()), "a.webp").media_type == PNG


def test_of_a_photo_nothing_but_the_points_is_kept_and_it_stands_upright() -> None:
    let_in = check(io.BytesIO(with_place()), "foto.jpg")
    for told in (b"Tolvan", b"Alice", b"GPS", b"Exif", b"hemma"):
        assert told not in let_in.data
    with Image.open(io.BytesIO(let_in.data)) as image:
        assert (image.size, dict(image.getexif())) == ((30, 40), {})


@pytest.mark.parametrize("what", ["JPEG and zip in one", "JPEG and HTML in one"])
def test_what_stands_after_a_picture_is_gone(what: str) -> None:
    name, data, _ = HOSTILE[what]
    kept = check(io.BytesIO(data()), name).data
    assert b"PK" not in kept
    assert b"script" not in kept


def test_a_photo_larger_than_a_screen_is_made_smaller() -> None:
    with Image.open(io.BytesIO(check(io.BytesIO(picture((6000, 3000))), "foto.jpg").data)) as image:
        assert image.size == (4000, 2000)


def test_a_pdf_is_kept_as_it_came() -> None:
    assert check(io.BytesIO(pdf()), "Underlag.PDF").data == pdf()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("underlag.pdf", "underlag.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.jpg"),
        ("C:\\bilder\\rullstol.jpeg", "rullstol.jpg"),
        ("...", "bilaga.jpg"),
        ("", "bilaga.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("bild.jpg\x00.exe", "bild.jpg.jpg"),
        ("bild\u202egpj.exe", "bildgpj.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie x=1.jpg"),
        ("å" * 300 + ".png", "å" * 80 + ".jpg"),
        ("Tolvan 19121212-1212.jpg", "Tolvan nummer.jpg"),
        ("121212+1212 ben.jpg", "nummer ben.jpg"),
        ("191212121212.jpg", "nummer.jpg"),
        ('<script>"alert".jpg', "scriptalert.jpg"),
        ("Sittställning vänster.heic", "Sittställning vänster.jpg"),
    ],
)
def test_a_name_is_made_safe(given: str, kept: str) -> None:
    assert safe_name(given, JPEG) == kept


@pytest.mark.django_db
def test_a_file_is_stored_with_its_hash_or_not_at_all() -> None:
    attachment = store(check(io.BytesIO(pdf()), "underlag.pdf"))
    assert (attachment.name, attachment.media_type, attachment.size) == ("underlag.pdf", PDF, len(pdf()))
    assert bytes(AttachmentContent.objects.get(attachment=attachment).data) == pdf()
    for name, data, comes_of_it in HOSTILE.values():
        if "/" not in comes_of_it.partition(" ")[0]:
            assert "." in checked(name, data())
    assert list(Attachment.objects.all()) == [attachment]


# --- The scanner ----------------------------------------------------------------------------------------


class Clamd:
    """Answers as clamd does; keeps what it was given."""

    def __init__(self, listening: socket.socket, answer: bytes) -> None:
        self.listening, self.answer, self.got = listening, answer, b""
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        connection, _ = self.listening.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack("!I", stream.read(4))[0]:
                self.got += stream.read(size)
            connection.sendall(self.answer)


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Iterator[Callable[[bytes], Clamd]]:
    listening = socket.socket(socket.AF_INET if request.param == "tcp" else socket.AF_UNIX)
    listening.bind(("127.0.0.1", 0) if request.param == "tcp" else str(tmp_path / "c"))
    listening.listen()
    settings.CLAMD_URL = f"tcp://127.0.0.1:{listening.getsockname()[1]}" if request.param == "tcp" else f"unix://{tmp_path / 'c'}"
    yield lambda answer: Clamd(listening, answer)
    listening.close()


def test_a_clean_file_is_let_in_after_the_scanner_has_seen_all_of_it(clamd: Callable[[bytes], Clamd]) -> None:
    scanner = clamd(b"stream: OK\0")
    data = pdf(b"/X (" + b"a" * 200_000 + b") ")
    assert checked("underlag.pdf", data) == PDF
    scanner.thread.join(5)
    assert scanner.got == data


def test_what_the_scanner_finds_is_refused(clamd: Callable[[bytes], Clamd]) -> None:
    clamd(b"stream: Eicar-Test-Signature FOUND\0")
    assert checked("underlag.pdf", pdf()) == "Filen innehåller skadlig kod och togs inte emot. Kontakta din it-support."


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"\xff\xff\0"])
def test_a_scanner_that_answers_otherwise_lets_nothing_in(clamd: Callable[[bytes], Clamd], answer: bytes) -> None:
    clamd(answer)
    assert checked("underlag.pdf", pdf()).startswith("Filen kan inte kontrolleras mot skadlig kod just nu.")


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.sock", "tcp://", "junk"])
def test_a_scanner_that_is_away_lets_nothing_in(settings: Any, url: str) -> None:
    settings.CLAMD_URL = url
    assert checked("underlag.pdf", pdf()).startswith("Filen kan inte kontrolleras mot skadlig kod just nu.")
