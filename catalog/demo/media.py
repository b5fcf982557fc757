"""Pictures and manuals for the demo: a quiet drawing per area, a one-page manual per ISO class, shared by all products there."""

import io
import math
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from catalog.media.files import store
from catalog.media.pictures import keep_picture
from catalog.models import Category, Media, Picture, StoredFile

# As wide to high as a card shows them.
WIDTH, HEIGHT = 640, 320
# Background and line of each tint.
TINTS = (((237, 243, 244), (92, 122, 130)), ((242, 240, 234), (131, 118, 92)), ((236, 239, 246), (94, 107, 140)), ((240, 244, 236), (98, 124, 88)))
# Drawn at four times its size and made smaller, so that lines are smooth in the largest too.
_OVERSAMPLING = 4
_SCALE = 0.85 * _OVERSAMPLING


def make_demo_media() -> None:
    """Give every picture and manual of the catalogue that has no file one, below MEDIA_ROOT. The feed's addresses do not exist."""
    kinds = [Media.Kind.IMAGE, Media.Kind.MANUAL]
    waiting = Media.objects.filter(stored=None, picture=None, kind__in=kinds).select_related("product__category", "article__category")
    pictures: dict[tuple[str, int], Picture] = {}
    manuals: dict[str, StoredFile] = {}
    changed = []
    for media in waiting:
        owner = media.product or media.article
        category = owner.category if owner else None
        if owner is None or category is None:
            continue
        if media.kind == Media.Kind.IMAGE:
            key = (_drawing(category.code), owner.pk % len(TINTS))
            if key not in pictures:
                pictures[key] = keep_picture(_picture(*key))
            media.picture = pictures[key]
        else:
            if category.code not in manuals:
                manuals[category.code] = store(_manual(category), "application/pdf")
            media.stored = manuals[category.code]
        media.status, media.fetched_at = Media.Status.FETCHED, timezone.now()
        changed.append(media)
    Media.objects.bulk_update(changed, ["stored", "picture", "status", "fetched_at"], batch_size=1000)


# --- Pictures ---------------------------------------------------------------------------------------


class Pen:
    """Draws round-ended lines. Coordinates are those of a sheet of 480 × 360, whose middle is the picture's."""

    def __init__(self, tint: int) -> None:
        from PIL import Image, ImageDraw

        background, self.ink = TINTS[tint]
        self.soft = tuple((3 * a + b) // 4 for a, b in zip(background, self.ink, strict=True))
        self.image = Image.new("RGB", (WIDTH * _OVERSAMPLING, HEIGHT * _OVERSAMPLING), background)
        self.draw = ImageDraw.Draw(self.image)

    def line(self, *points: tuple[float, float], width: float = 9) -> None:
        scaled = [self._point(x, y) for x, y in points]
        self.draw.line(scaled, fill=self.ink, width=round(width * _SCALE), joint="curve")
        radius = width * _SCALE / 2
        for x, y in scaled:
            self.draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=self.ink)

    def ring(self, x: float, y: float, radius: float, width: float = 9) -> None:
        self.draw.ellipse([self._point(x - radius, y - radius), self._point(x + radius, y + radius)], outline=self.ink, width=round(width * _SCALE))

    def arc(self, x: float, y: float, radius: float, start: int, end: int, width: float = 9) -> None:
        self.line(*((x + radius * math.cos(math.radians(a)), y + radius * math.sin(math.radians(a))) for a in range(start, end + 1, 6)), width=width)

    def block(self, left: float, top: float, right: float, bottom: float, radius: float = 14) -> None:
        box = [self._point(left, top), self._point(right, bottom)]
        self.draw.rounded_rectangle(box, radius=radius * _SCALE, fill=self.soft, outline=self.ink, width=round(8 * _SCALE))

    def png(self) -> bytes:
        out = io.BytesIO()
        self.image.reduce(2).save(out, "PNG", compress_level=1)
        return out.getvalue()

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return WIDTH * _OVERSAMPLING / 2 + (x - 240) * _SCALE, HEIGHT * _OVERSAMPLING / 2 + (y - 190) * _SCALE


def _wheelchair(pen: Pen) -> None:
    pen.ring(215, 235, 68)
    pen.ring(215, 235, 8)
    pen.ring(322, 283, 20)
    pen.line((150, 90), (172, 96), (185, 190), (292, 190), (318, 262))
    pen.line((182, 160), (262, 160))
    pen.line((292, 190), (310, 282), (345, 282), width=8)


def _walker(pen: Pen) -> None:
    pen.line((150, 90), (190, 96), (175, 270))
    pen.line((190, 120), (315, 270))
    pen.line((182, 190), (250, 190))
    pen.block(196, 196, 268, 236, 8)
    pen.ring(172, 284, 22)
    pen.ring(320, 284, 22)


def _cane(pen: Pen) -> None:
    pen.arc(245, 110, 34, 180, 360)
    pen.line((279, 110), (279, 300))
    pen.line((211, 110), (211, 122))
    pen.line((266, 304), (292, 304), width=12)


def _crutch(pen: Pen) -> None:
    pen.line((240, 70), (240, 300))
    pen.arc(240, 92, 26, 150, 390)
    pen.line((240, 160), (296, 160))
    pen.line((228, 304), (252, 304), width=12)


def _bed(pen: Pen) -> None:
    pen.line((90, 110), (90, 290))
    pen.line((390, 150), (390, 290))
    pen.block(98, 200, 386, 238, 12)
    pen.block(110, 168, 180, 200, 12)
    pen.line((90, 256), (390, 256))


def _mattress(pen: Pen) -> None:
    pen.block(84, 176, 396, 236, 26)
    for x in range(130, 380, 44):
        pen.line((x, 190), (x, 222), width=5)


def _chair(pen: Pen) -> None:
    pen.block(176, 84, 212, 210, 16)
    pen.block(176, 200, 310, 234, 14)
    pen.line((192, 236), (184, 306))
    pen.line((296, 236), (304, 306))
    pen.line((200, 150), (290, 150))


def _shower(pen: Pen) -> None:
    pen.block(160, 200, 320, 228, 12)
    pen.line((178, 230), (160, 306))
    pen.line((302, 230), (320, 306))
    pen.line((170, 272), (310, 272), width=7)
    for x in (196, 240, 284):
        pen.line((x, 104), (x - 6, 130), width=6)
        pen.line((x - 10, 150), (x - 14, 170), width=6)


def _toilet(pen: Pen) -> None:
    pen.block(186, 92, 222, 206, 10)
    pen.block(186, 206, 316, 230, 12)
    pen.line((200, 232), (216, 300), (276, 300), (304, 232))


def _lift(pen: Pen) -> None:
    pen.line((150, 290), (330, 290))
    pen.line((176, 290), (186, 110), (320, 96))
    pen.line((320, 96), (320, 136))
    pen.line((282, 150), (358, 150))
    pen.arc(320, 158, 42, 0, 180)
    pen.ring(154, 300, 12)
    pen.ring(326, 300, 12)


def _glasses(pen: Pen) -> None:
    pen.ring(222, 160, 66, 11)
    pen.line((270, 208), (330, 276), width=16)
    pen.arc(222, 160, 42, 190, 250, 6)


def _ear(pen: Pen) -> None:
    pen.arc(230, 150, 62, 150, 360, 11)
    pen.arc(230, 190, 62, 0, 70, 11)
    pen.line((292, 150), (292, 190), width=11)
    pen.line((251, 248), (228, 280), width=11)
    pen.arc(232, 156, 28, 170, 350, 8)
    pen.arc(330, 150, 40, -40, 40, 6)


def _speech(pen: Pen) -> None:
    pen.block(120, 92, 360, 232, 26)
    pen.line((176, 232), (176, 280), (226, 232))
    for y, end in ((138, 310), (170, 280), (200, 240)):
        pen.line((164, y), (end, y), width=7)


def _grip(pen: Pen) -> None:
    pen.line((120, 270), (300, 124))
    pen.line((300, 124), (352, 108))
    pen.line((300, 124), (330, 168))
    pen.line((120, 270), (104, 236))
    pen.line((134, 258), (156, 290))


def _kitchen(pen: Pen) -> None:
    pen.block(160, 130, 270, 280, 20)
    pen.arc(272, 196, 40, -80, 80)
    pen.line((180, 130), (250, 130), width=12)
    pen.line((214, 96), (214, 126), width=7)


def _brace(pen: Pen) -> None:
    pen.line((200, 70), (214, 180), (196, 300), width=12)
    pen.line((286, 70), (276, 180), (296, 300), width=12)
    for y in (120, 180, 240):
        pen.line((208, y), (280, y), width=16)


def _medicine(pen: Pen) -> None:
    pen.block(150, 120, 330, 260, 30)
    pen.line((240, 152), (240, 228), width=14)
    pen.line((202, 190), (278, 190), width=14)


def _cushion(pen: Pen) -> None:
    pen.block(120, 168, 360, 232, 30)
    pen.arc(240, 120, 70, 40, 140, 6)


def _handle(pen: Pen) -> None:
    pen.line((150, 120), (150, 250), width=16)
    pen.line((150, 140), (300, 140), (326, 166), (326, 250), width=12)
    pen.line((326, 250), (326, 270), width=16)


def _toy(pen: Pen) -> None:
    pen.ring(240, 190, 84, 11)
    pen.arc(240, 190, 84, 200, 340, 6)
    pen.arc(240, 300, 110, 240, 300, 8)
    pen.arc(240, 80, 110, 60, 120, 8)


# The longest prefix of the class that is here decides.
_DRAWINGS: dict[str, Callable[[Pen], None]] = {
    "04": _medicine, "0433": _cushion, "043306": _mattress, "0448": _chair, "06": _brace, "09": _handle, "0909": _grip, "0912": _toilet, "0933": _shower,
    "12": _wheelchair, "1203": _cane, "120306": _crutch, "1206": _walker, "1231": _mattress, "123109": _lift, "1236": _lift, "15": _kitchen,
    "18": _chair, "1803": _bed, "1812": _bed, "1818": _handle, "1830": _handle, "22": _speech, "2203": _glasses, "2206": _ear, "24": _grip, "27": _glasses,
    "28": _chair, "30": _toy,
}  # fmt: skip


def _drawing(code: str) -> str:
    return next(code[:length] for length in (6, 4, 2) if code[:length] in _DRAWINGS)


def _picture(drawing: str, tint: int) -> bytes:
    pen = Pen(tint)
    _DRAWINGS[drawing](pen)
    return pen.png()


# --- Manuals ----------------------------------------------------------------------------------------


def _manual(category: Category) -> bytes:
    """One page in Swedish. Needs reportlab, which only the demo has."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas: Any = Canvas(out, pagesize=A4, lang="sv-SE", invariant=1)
    canvas.setTitle(f"Bruksanvisning – {category.name}")
    canvas.setAuthor("Påhittad leverantör")
    canvas.setFont("Helvetica-Bold", 22)
    canvas.drawString(60, 760, "Bruksanvisning")
    canvas.setFont("Helvetica", 14)
    canvas.drawString(60, 732, f"{category.name} (ISO {category.spaced_code.replace(chr(160), ' ')})")
    canvas.setFont("Helvetica", 11)
    for number, text in enumerate(_STEPS):
        canvas.drawString(60, 690 - 22 * number, text)
    canvas.setFont("Helvetica-Oblique", 9)
    canvas.drawString(60, 60, "Exempel för demonstration. Språk: svenska.")
    canvas.save()
    return out.getvalue()


_STEPS = (
    "1.  Läs hela bruksanvisningen innan du använder hjälpmedlet.",
    "2.  Kontrollera att alla delar sitter fast och att inget är skadat.",
    "3.  Ställ in hjälpmedlet efter dina mått. Be din förskrivare om hjälp.",
    "4.  Följ den högsta brukarvikten som står på märkningen.",
    "5.  Rengör med milt rengöringsmedel och torka torrt.",
    "6.  Sluta använda hjälpmedlet om något går sönder, och kontakta din förskrivare.",
)
