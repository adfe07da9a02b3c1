# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Explanations of texts as HTML and SVG: nothing that a caller sends is taken for markup."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from argosy_worker.domains._shared.explain.markup import Piece, html, pieces, svg

HOSTILE = [
    "<script>alert(1)</script>",
    "</text></g></svg><script>",
    "</span></p><img src=x onerror=alert(1)>",
    "\"><b onmouseover='x'>",
    "&amp;&#60;b&gt;",
    "]]><!-- <![CDATA[",
    "\0\x01\x0b\x1b[2J\ufffe\uffff",
    "\u202eevil",
    "caf\u00e9 \U0001f600",
]
SVG_NAMES = {"svg", "g", "title", "rect", "text"}
HTML_NAMES = {"figure", "figcaption", "p", "span"}


def parsed(drawn: bytes) -> ElementTree.Element:
    """The drawing as XML."""
    return ElementTree.fromstring(drawn)  # noqa: S314 - our own


class Names(HTMLParser):
    """Collects elements, their attributes, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("hostile", HOSTILE)
def test_svg_of_any_text_is_well_formed_and_holds_our_elements_only(hostile: str) -> None:
    drawn = svg(hostile, [Piece(hostile, 0.5), Piece(hostile), Piece(f"x{hostile}", -1.0)])
    names = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in parsed(drawn).iter()}
    assert names == SVG_NAMES
    assert drawn.isascii()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_html_of_any_text_holds_our_elements_only_and_the_text_itself(hostile: str) -> None:
    made = html("title", [Piece(hostile, 0.5), Piece(" "), Piece(hostile, -0.5)])
    found = Names()
    found.feed(made.decode("ascii"))
    assert found.names == HTML_NAMES
    assert found.attributes == {"style", "dir", "title"}
    if hostile.isprintable() or "\u202e" in hostile:
        assert f"{hostile} {hostile}" in found.text


def test_what_neither_may_hold_is_replaced() -> None:
    for made in (html("", [Piece("a\0b\x1b", 1.0)]), svg("", [Piece("a\0b\x1b", 1.0)])):
        assert b"a&#65533;b&#65533;" in made


def test_pieces_are_the_whole_text_with_parts_and_what_is_between() -> None:
    text = "one, two three"
    made = pieces(text, [(0, 3), (5, 8), (7, 14)], [1.0, 2.0, 3.0])
    assert made == [Piece("one", 1.0), Piece(", "), Piece("two", 2.0), Piece(" three", 3.0)]
    assert pieces(text, [], []) == [Piece(text)]
    assert "".join(piece.text for piece in made) == text
    assert pieces("ab", [(0, 1), (0, 1)], [1.0, 2.0]) == [Piece("a", 1.0), Piece("b")]


def test_the_most_important_part_has_the_strongest_ground_and_the_sign_its_colour() -> None:
    drawn = svg("", [Piece("for", 0.2), Piece("against", -0.1), Piece("nothing", 0.0)])
    grounds = [
        (element.get("fill"), element.get("fill-opacity"))
        for element in parsed(drawn).iter("{http://www.w3.org/2000/svg}rect")
    ]
    assert grounds == [("#d64541", "0.75"), ("#3478c4", "0.38"), ("#d64541", "0.00")]


def test_a_drawing_breaks_lines_and_holds_words_of_any_length() -> None:
    drawn = parsed(svg("title", [Piece("word " * 40, 0.1), *[Piece("word", 0.1)] * 60]))
    width, height = (float(value) for value in drawn.get("viewBox", "").split()[2:])
    boxes = list(drawn.iter("{http://www.w3.org/2000/svg}rect"))
    assert all(float(box.get("x", 0)) + float(box.get("width", 0)) <= width + 1 for box in boxes)
    assert all(float(box.get("y", 0)) + float(box.get("height", 0)) <= height for box in boxes)
    assert len({box.get("y") for box in boxes}) > 3


def test_wide_letters_get_more_room_than_narrow_ones_and_marks_none() -> None:
    def width(word: str) -> float:
        (box,) = parsed(svg("", [Piece(word, 1.0)])).iter("{http://www.w3.org/2000/svg}rect")
        return float(box.get("width", 0))

    assert width("e\u0301") == width("e") < width("\u6771") == width("ab")


def test_nothing_at_all_can_be_drawn() -> None:
    parsed(svg("", []))
    assert html("", []).startswith(b"<figure")
