"""What a stranger's file may be, and what is kept of it."""

import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from catalog.media import queue
from catalog.media.files import store
from catalog.models import Failure, Media, Picture, StoredFile
from tests.catalog.media_world import PDF, SVG, World, fetched, image, named, sends

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media_root")]


def opened(file: StoredFile) -> Image.Image:
    return Image.open(io.BytesIO(file.path.read_bytes()))


@pytest.mark.parametrize(
    ("kind", "mode", "plain"),
    [("JPEG", "RGB", "JPEG"), ("PNG", "RGBA", "PNG"), ("WEBP", "RGB", "JPEG"), ("GIF", "P", "JPEG"), ("JPEG", "CMYK", "JPEG")],
)
def test_a_picture_is_kept_in_three_sizes_as_webp_and_for_every_browser(kind: str, mode: str, plain: str, world: World) -> None:
    media = fetched(world, named(), image(kind, mode=mode))
    assert (media.status, media.failure, media.tries, media.stored) == ("FETCHED", "", 1, None)
    assert media.fetched_at
    picture = media.picture
    for size, width in (("small", 320), ("medium", 640), ("large", 1280)):
        for name, written_as in (("webp", "WEBP"), ("plain", plain)):
            file = getattr(picture, f"{name}_{size}")
            assert (file.width, file.height, file.content_type) == (width, width // 2, f"image/{written_as.lower()}")
            assert hashlib.sha256(file.path.read_bytes()).hexdigest() == file.sha256
            assert (opened(file).format, opened(file).size) == (written_as, (width, width // 2))
    assert picture.webp_srcset.endswith(" 1280w")
    assert picture.webp_srcset.count(",") == 2


def test_a_small_picture_is_not_made_larger_and_has_one_size(world: World) -> None:
    picture = fetched(world, named(), image(size=(200, 100))).picture
    assert {(file.width, file.height) for file in picture.files} == {(200, 100)}
    assert StoredFile.objects.count() == 2
    assert picture.plain_srcset == f"{picture.plain_small.get_absolute_url()} 200w"


def test_nothing_that_stood_beside_the_picture_is_kept(world: World) -> None:
    secret = b"57.7089N 11.9746E"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    exif[0x0112] = 6  # lies on its side
    jpeg = image(exif=exif, comment=secret, icc_profile=b"profile" + secret, xmp=secret) + b"<script>" + secret
    notes = PngInfo()
    notes.add_text("Comment", secret.decode(), zip=False)
    png = image("PNG", mode="RGBA", exif=exif, pnginfo=notes, icc_profile=b"profile" + secret)
    for number, content in enumerate([jpeg, png, image("WEBP", exif=exif, xmp=secret, icc_profile=b"profile" + secret)]):
        assert secret in content
        picture = fetched(world, named(f"/{number}"), content).picture
        for file in picture.files:
            kept = file.path.read_bytes()
            assert secret not in kept
            assert b"<script>" not in kept
            assert dict(opened(file).getexif()) == {}
            # Stands upright, as the metadata asked for.
            assert file.width < file.height


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says that it is so large, in some 80 bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + chunk(b"IEND", b"")


def png_with(kind: bytes, content: bytes) -> bytes:
    small = image("PNG", (10, 10))
    return small[:33] + chunk(kind, content) + small[33:]


def webp_bomb() -> bytes:
    """The canvas is 16384 × 16384; the decoder would fetch a gigabyte for it before anybody looks."""
    head = b"VP8X" + struct.pack("<I", 10) + b"\x00" * 4 + (16383).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", len(head) + 4) + b"WEBP" + head


FILES = {
    "SVG": (SVG, "IMAGE", Failure.NOT_A_PICTURE),
    "SVG after a byte order mark": (b"\xef\xbb\xbf<?xml version='1.0'?>" + SVG, "IMAGE", Failure.NOT_A_PICTURE),
    "HTML": (b"<!doctype html><script>alert(1)</script>", "IMAGE", Failure.NOT_A_PICTURE),
    "HTML before a picture": (b"<html><!--" + b"\xff\xd8\xff", "IMAGE", Failure.NOT_A_PICTURE),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run", "IMAGE", Failure.NOT_A_PICTURE),
    "a script for ImageMagick": (b"push graphic-context\nfill 'url(https://169.254.169.254/)'", "IMAGE", Failure.NOT_A_PICTURE),
    "TIFF": (b"II*\x00\x08\x00\x00\x00", "IMAGE", Failure.NOT_A_PICTURE),
    "BMP": (b"BM" + b"\x00" * 60, "IMAGE", Failure.NOT_A_PICTURE),
    "ICO": (b"\x00\x00\x01\x00\x01\x00", "IMAGE", Failure.NOT_A_PICTURE),
    "AVIF": (b"\x00\x00\x00\x20ftypavif", "IMAGE", Failure.NOT_A_PICTURE),
    "a program": (b"MZ\x90\x00", "IMAGE", Failure.NOT_A_PICTURE),
    "an archive": (b"PK\x03\x04", "IMAGE", Failure.NOT_A_PICTURE),
    "a sound that begins as WebP does": (b"RIFF\x24\x00\x00\x00WAVEfmt ", "IMAGE", Failure.NOT_A_PICTURE),
    "a PDF as a picture": (PDF, "IMAGE", Failure.NOT_A_PICTURE),
    "half a JPEG": (image()[:3000], "IMAGE", Failure.BROKEN_PICTURE),
    "the mark of a JPEG and HTML": (b"\xff\xd8\xff<script>alert(1)</script>", "IMAGE", Failure.BROKEN_PICTURE),
    "the mark of a GIF and JavaScript": (b"GIF89a=1;alert(1)//" + b"\x00" * 50, "IMAGE", Failure.BROKEN_PICTURE),
    "the mark of a PNG alone": (b"\x89PNG\r\n\x1a\n", "IMAGE", Failure.BROKEN_PICTURE),
    "a PNG with less than it says": (bomb(100, 100), "IMAGE", Failure.BROKEN_PICTURE),
    "a PNG whose comment unpacks to 50 MB": (png_with(b"zTXt", b"Comment\x00\x00" + zlib.compress(b" " * 50_000_000)), "IMAGE", Failure.BROKEN_PICTURE),
    "40.01 Mpx": (bomb(6325, 6326), "IMAGE", Failure.TOO_MANY_PIXELS),
    "a pixel bomb": (bomb(60_000, 60_000), "IMAGE", Failure.TOO_MANY_PIXELS),
    "a pixel bomb of one row": (bomb(2**31 - 1, 1), "IMAGE", Failure.TOO_MANY_PIXELS),
    "a pixel bomb as WebP": (webp_bomb(), "IMAGE", Failure.TOO_MANY_PIXELS),
    "a pixel bomb as GIF": (b"GIF89a" + struct.pack("<HH", 65535, 65535) + image("GIF", mode="P")[10:], "IMAGE", Failure.TOO_MANY_PIXELS),
    "HTML as a document": (b"<html>%PDF-1.7", "MANUAL", Failure.NOT_A_DOCUMENT),
    "a picture as a document": (image(), "DOCUMENT", Failure.NOT_A_DOCUMENT),
    "an archive as a document": (b"PK\x03\x04%PDF-1.7", "DOCUMENT", Failure.NOT_A_DOCUMENT),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_a_sound_picture_or_a_pdf_is_refused_whatever_it_calls_itself(name: str, world: World) -> None:
    content, kind, failure = FILES[name]
    media = named("/a.jpg", kind, mime_type="image/jpeg", file_name="a.jpg")
    world.answers["/a.jpg"] = sends(content, Content_Type="image/jpeg")
    assert fetched(world, media).failure == failure
    assert (media.status, media.picture, media.stored, StoredFile.objects.count()) == ("FAILED", None, None, 0)


def test_a_picture_just_within_the_limit_is_taken(world: World) -> None:
    media = named()
    world.answers["/a.jpg"] = sends(image("JPEG", (8000, 5000), mode="L"))
    assert queue.fetch_next(network=world.network).pk == media.pk
    assert Picture.objects.get().webp_large.width == 1280


# --- Kept once, by content ---------------------------------------------------------------------------


def test_the_same_content_is_kept_once_and_a_lost_file_is_made_anew(world: World) -> None:
    content = image()
    first, second = (fetched(world, named(path), content) for path in ("/1", "/2"))
    assert first.picture == second.picture
    assert StoredFile.objects.count() == 6
    first.picture.webp_small.path.unlink()
    fetched(world, named("/3"), content)
    assert first.picture.webp_small.path.exists()
    assert (Picture.objects.count(), StoredFile.objects.count()) == (1, 6)


def test_a_document_is_kept_as_it_is(world: World) -> None:
    media = fetched(world, named("/a.pdf", "MANUAL"), PDF)
    assert (media.status, media.picture, media.stored.content_type) == ("FETCHED", None, "application/pdf")
    assert media.stored.path.read_bytes() == PDF
    assert list(Media.objects.documents()) == [media]


def test_a_file_is_whole_before_it_has_its_name(media_root: Path) -> None:
    file = store(PDF, "application/pdf")
    assert [path for path in media_root.rglob("*") if path.is_file()] == [file.path]
    file.path.parent.chmod(0o500)
    assert store(PDF, "application/pdf") == file


def test_what_the_feed_says_about_the_content_must_be_so(world: World) -> None:
    right = named("/1", declared_sha256=hashlib.sha256(image()).hexdigest().upper())
    assert fetched(world, right, image()).status == "FETCHED"
    wrong = fetched(world, named("/2", declared_sha256="0" * 64), image())
    assert (wrong.status, wrong.failure) == ("WAITING", "CHECKSUM")
