"""Files from people: what is let in, as what, under which name. Nothing is believed of what the sender says about a file."""

import hashlib
import io
import re
import unicodedata
import zlib
from dataclasses import dataclass
from typing import IO

from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from core.forms import DIRECTION_OVERRIDES
from core.numbers import without_personal_numbers
from integration import pdf, scanning
from integration.models import Attachment, AttachmentContent

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 4000  # a photo's detail survives, its megabytes do not
LONGEST_NAME = 80
ACCEPT = ".jpg,.jpeg,.png,.webp,.pdf"

_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


class Refused(Exception):
    """The file is not let in; `text` says why, in Swedish, and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Checked:
    """A file as it may be stored."""

    name: str
    media_type: str
    data: bytes


def check(file: IO[bytes], name: str) -> Checked:
    """The file cleaned: a picture drawn anew without metadata, a PDF as it is. Writes nothing. Raises `Refused`."""
    data = file.read(MOST_BYTES + 1)
    if not data:
        raise Refused("Filen är tom. Välj en annan fil.")
    if len(data) > MOST_BYTES:
        raise Refused("Filen är större än 10 MB. Välj en mindre fil.")
    try:
        scanning.scan(data)
    except scanning.Infected:
        raise Refused("Filen innehåller skadlig kod och togs inte emot. Kontakta din it-support.") from None
    except scanning.ScannerAway:
        raise Refused("Filen kan inte kontrolleras mot skadlig kod just nu. Försök igen om en stund eller skicka utan bilaga.") from None
    media_type, cleaned = _clean(data)
    return Checked(safe_name(name, media_type), media_type, cleaned)


@transaction.atomic
def store(checked: Checked) -> Attachment:
    """The file's row and bytes, in the caller's transaction."""
    attachment = Attachment.objects.create(
        name=checked.name, media_type=checked.media_type, size=len(checked.data), sha256=hashlib.sha256(checked.data).hexdigest()
    )
    AttachmentContent.objects.create(attachment=attachment, data=checked.data)
    return attachment


def content_of(attachment: Attachment) -> bytes:
    return bytes(AttachmentContent.objects.get(attachment=attachment).data)


def safe_name(name: str, media_type: str) -> str:
    """A name without path, invisible signs, or anything that looks like a personnummer, ending as its type does."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = base.rpartition(".")[0] or base
    seen = "".join(character for character in stem if unicodedata.category(character)[0] not in "CZ" or character == " ")
    seen = "".join(character for character in seen if character not in DIRECTION_OVERRIDES)
    # A name must tell nothing of a patient (reference: security, R12).
    seen = without_personal_numbers(seen)
    stem = " ".join(re.sub(r'[<>:"|?*;%\'`$&]', "", seen).split()).strip(". ")[:LONGEST_NAME].strip(". ")
    return f"{stem or 'bilaga'}.{_EXTENSIONS[media_type]}"


def _clean(data: bytes) -> tuple[str, bytes]:
    if data.startswith(b"%PDF-"):
        try:
            pdf.check(data)
        except pdf.EncryptedPdf:
            raise Refused("PDF:en är låst med lösenord. Spara den utan lösenord och bifoga den igen.") from None
        except pdf.ActingPdf:
            raise Refused("PDF:en innehåller skript eller inbäddade filer. Skriv ut den till en ny PDF och bifoga den.") from None
        except pdf.NotPdf:
            raise Refused("PDF:en är skadad eller inte en ren PDF. Skriv ut den till en ny PDF och bifoga den.") from None
        return "application/pdf", data
    if data.startswith(_IMAGES):
        return _redraw(data)
    raise Refused("Filtypen kan inte bifogas. Välj en bild (JPEG, PNG eller WebP) eller en PDF.")


def _redraw(data: bytes) -> tuple[str, bytes]:
    """The picture's points alone: turned as it was meant, without place, camera, comments, or whatever stood after it in the file."""
    broken = Refused("Bilden är skadad och kan inte läsas. Välj en annan bild.")
    large = Refused("Bilden har för många bildpunkter. Välj en bild med högst 40 miljoner bildpunkter.")
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise large
            image.load()
            turned = ImageOps.exif_transpose(image)
            has_holes = "A" in turned.getbands() or "transparency" in turned.info
            is_drawing = has_holes or image.format == "PNG"
            points = turned.convert("RGBA" if has_holes else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise large from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, zlib.error, MemoryError):
        # Whatever Pillow's readers raise at what is none of their pictures.
        raise broken from None
    points.info.clear()
    points.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if is_drawing:
        drawn = _written(points, "PNG")
        if len(drawn) <= MOST_BYTES:
            return "image/png", drawn
    drawn = _written(points.convert("RGB"), "JPEG", quality=88)
    if len(drawn) > MOST_BYTES:
        raise Refused("Filen är större än 10 MB. Välj en mindre fil.")
    return "image/jpeg", drawn


def _written(image: Image.Image, kind: str, **options: int) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()
