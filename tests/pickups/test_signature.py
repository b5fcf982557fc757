"""A drawn signature: what is taken for one, and the picture that is made of it."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pickups import signature
from tests.pickups.handed import DOT, STROKES


def test_strokes_are_drawn_in_black_on_white_where_they_were_drawn() -> None:
    checked = signature.draw(signature.read(json.dumps([[100, 100, 900, 100]])))
    picture = Image.open(io.BytesIO(checked.data))
    assert (picture.format, picture.size, picture.info) == ("PNG", (signature.WIDTH, signature.HEIGHT), {})
    assert (checked.name, checked.media_type) == ("underskrift.png", "image/png")
    assert picture.getpixel((500, 100)) < 64
    assert picture.getpixel((500, 200)) == 255
    assert len(signature.draw(signature.read(STROKES)).data) < 20_000


@pytest.mark.parametrize("text", ["", "[]", DOT, json.dumps([[5, 5], [900, 300], [10, 300]]), json.dumps([[5, 5, 5, 5, 6, 5]]), json.dumps([[0, 0, 79, 0]])])
def test_nothing_dots_and_slips_of_the_finger_are_no_signature(text: str) -> None:
    with pytest.raises(signature.TooLittle):
        signature.read(text)


def test_a_cross_is_one() -> None:
    assert len(signature.read(json.dumps([[400, 100, 440, 140], [440, 100, 400, 140]]))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "null",
        "{}",
        "7",
        '"name"',
        "[7]",
        "[[]]",
        "[[1]]",
        "[[1, 2, 3]]",
        '[["1", "2"]]',
        "[[1.5, 2]]",
        "[[true, false]]",
        "[[null, 1]]",
        "[[-1, 1]]",
        "[[1001, 1]]",
        "[[1, 451]]",
        "[[1e400, 1]]",
        "[[NaN, 1]]",
        "[[[1, 2]]]",
        "[" * 50_000,
        json.dumps([[1, 1]] * (signature.MOST_STROKES + 1)),
        "[[" + "1, " * signature.MOST_LETTERS + "1]]",
        "[[" + "9" * 5000 + ", 1]]",
    ],
)
def test_what_no_page_of_ours_has_sent_is_unreadable(text: str) -> None:
    with pytest.raises(signature.Unreadable):
        signature.read(text)


# How long it takes says more of what else the machine does than of the drawing.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.tuples(st.integers(0, signature.WIDTH), st.integers(0, signature.HEIGHT)), min_size=1, max_size=20), max_size=8))
def test_whatever_is_drawn_within_the_field_becomes_a_picture_or_is_too_little(strokes: list[list[tuple[int, int]]]) -> None:
    text = json.dumps([[number for point in stroke for number in point] for stroke in strokes])
    try:
        read = signature.read(text)
    except signature.TooLittle:
        return
    assert read == strokes
    assert Image.open(io.BytesIO(signature.draw(read).data)).size == (signature.WIDTH, signature.HEIGHT)
