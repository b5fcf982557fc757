"""QR codes, by segno: a number that a camera can read. Never anything of a person."""

import segno


def data_uri(text: str) -> str:
    """The code as an SVG picture for `<img src>`, with the quiet border that readers want; of a part damaged it can still be read."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=4, light="#fff"))
