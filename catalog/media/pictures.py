"""Tells what a file is by its content, and makes a stranger's picture anew in three sizes, without whatever else was in its file."""

import hashlib
import io

from PIL import Image, ImageOps

from catalog.media.addresses import Refused
from catalog.media.files import store
from catalog.models import Failure, Picture, StoredFile

LARGEST_PIXELS = 40_000_000
# The longest side in each size. A smaller picture is never made larger.
SIDES = {"small": 320, "medium": 640, "large": 1280}
# Pillow's own guard, behind ours: it warns above this, refuses above twice this, and knows more places where a file may lie about its size.
Image.MAX_IMAGE_PIXELS = LARGEST_PIXELS


def picture_format(content: bytes) -> str:
    """Pillow's name of the format by the first bytes, "" for what is not allowed. SVG is a program, and none of them."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    return ""


def is_pdf(content: bytes) -> bool:
    """Readers also find the mark further in; there it may be the end of something else."""
    return content.startswith(b"%PDF-")


def keep_picture(content: bytes) -> Picture:
    """The picture in its sizes, made once for each content. Raises Refused for what is no sound picture of at most 40 Mpx, and OSError for our disk."""
    sha256 = hashlib.sha256(content).hexdigest()
    known = Picture.objects.filter(sha256=sha256).select_related(*Picture.FILES).first()
    if known is not None and all(file.path.exists() for file in known.files):
        return known
    picture, _ = Picture.objects.update_or_create(sha256=sha256, defaults=_files(_decoded(content)))
    return picture


def _decoded(content: bytes) -> Image.Image:
    """Upright, at most as large as the largest size, in RGB or RGBA."""
    kind = picture_format(content)
    if not kind:
        raise Refused(Failure.NOT_A_PICTURE)
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            _check_size(image)
            # A large JPEG is decoded at a fraction of its size straight away.
            image.draft("RGB", (SIDES["large"], SIDES["large"]))
            image.load()
            _check_size(image)
            upright = ImageOps.exif_transpose(image)
            plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(Failure.TOO_MANY_PIXELS) from None
    except (Refused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - a hostile file makes a decoder raise whatever it likes
        raise Refused(Failure.BROKEN_PICTURE) from None
    plain.thumbnail((SIDES["large"], SIDES["large"]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    # EXIF, comments, colour profile: what is kept here would be written out again.
    plain.info.clear()
    return plain


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > LARGEST_PIXELS:
        raise Refused(Failure.TOO_MANY_PIXELS)


def _files(image: Image.Image) -> dict[str, StoredFile]:
    files = {}
    for size, side in SIDES.items():
        smaller = image.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        plain = ("PNG", {"optimize": True}) if image.mode == "RGBA" else ("JPEG", {"quality": 82, "optimize": True, "progressive": True})
        for name, (kind, options) in (("webp", ("WEBP", {"quality": 80, "method": 4})), ("plain", plain)):
            out = io.BytesIO()
            smaller.save(out, kind, **options)
            files[f"{name}_{size}"] = store(out.getvalue(), f"image/{kind.lower()}", smaller.width, smaller.height)
    return files
