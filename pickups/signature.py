"""A signature that was drawn on the screen: read as strokes, drawn by us. What draws a picture elsewhere is never believed.

How somebody signs (speed, pressure, order of the strokes) is biometric: it is neither asked for nor kept, the picture alone is.
"""

import io
import json
import math
from itertools import pairwise

from PIL import Image, ImageDraw

from integration.attachments import Checked

# The field as the browser tells of it; its size on the screen does not matter.
WIDTH, HEIGHT = 1000, 450
MOST_LETTERS = 100_000
MOST_STROKES = 300
# A cross of two short strokes is a signature; dots, and a slip of the finger, are none.
LEAST_INK = 80
_PEN = 6
_FINER = 2  # drawn larger and made smaller, so that slanting lines are even
_NAME = "underskrift.png"

Point = tuple[int, int]
Stroke = list[Point]


class Unreadable(Exception):
    """The text is no strokes of ours."""


class TooLittle(Exception):
    """Nothing, dots, or a line too short to be meant."""


def read(text: str) -> list[Stroke]:
    """The strokes in `text`: a JSON list of strokes, each a flat list x, y, x, y … of whole numbers within the field. Raises `Unreadable`, `TooLittle`."""
    if not text:
        raise TooLittle
    if len(text) > MOST_LETTERS:
        raise Unreadable
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(told, list) or len(told) > MOST_STROKES:
        raise Unreadable
    strokes = [_stroke(one) for one in told]
    if sum(math.dist(here, there) for stroke in strokes for here, there in pairwise(stroke)) < LEAST_INK:
        raise TooLittle
    return strokes


def _stroke(told: object) -> Stroke:
    if not isinstance(told, list) or not told or len(told) % 2:
        raise Unreadable
    if not all(type(number) is int for number in told):
        raise Unreadable
    points = list(zip(told[::2], told[1::2], strict=True))
    if not all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points):
        raise Unreadable
    return points


def draw(strokes: list[Stroke]) -> Checked:
    """The strokes in black on white, as a PNG that may be stored."""
    picture = Image.new("L", (WIDTH * _FINER, HEIGHT * _FINER), 255)
    pen = ImageDraw.Draw(picture)
    radius = _PEN * _FINER // 2
    for stroke in strokes:
        points = [(x * _FINER, y * _FINER) for x, y in stroke]
        pen.line(points, fill=0, width=radius * 2)
        # Lines have square ends and open corners: a dot at each point makes them round.
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    output = io.BytesIO()
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(output, "PNG", optimize=True)
    return Checked(_NAME, "image/png", output.getvalue())
