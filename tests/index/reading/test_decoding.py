"""Bytes to tidy text: what was written comes out, and nothing invisible does."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.reading.decoding import decode, tidy

STORY = "Der Bürgermeister sagte am Dienstag, die Brücke über die Öle werde größer. " * 4


@pytest.mark.parametrize(
    "raw",
    [
        STORY.encode(),
        codecs.BOM_UTF8 + STORY.encode(),
        codecs.BOM_UTF16_LE + STORY.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + STORY.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + STORY.encode("utf-32-le"),
        STORY.encode("cp1252"),
    ],
)
def test_every_encoding_gives_the_same_story(raw: bytes) -> None:
    assert decode(raw) == STORY


@pytest.mark.parametrize(
    "raw",
    [b"PK\x03\x04\x00\x00", STORY.encode("utf-16-le"), codecs.BOM_UTF8 + b"\xff", codecs.BOM_UTF16_LE + b"a"],
)
def test_bytes_that_are_no_text_are_not_decoded(raw: bytes) -> None:
    assert decode(raw) is None


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("One\r\nTwo\rThree", "One\nTwo\nThree"),
        ("One\u2028Two\fThree", "One\nTwo\nThree"),
        ("12\u00a0000\u202fkm \t far", "12 000 km far"),
        ("  One  \n  Two  ", "One\nTwo"),
        ("\ufeffin\u200bvi\u00adsi\x00b\x1ble", "invisible"),
        ("\u202esdrawkcab\u202c \u2067isolated\u2069", "sdrawkcab isolated"),
        ("می\u200cرود \U0001f468\u200d\U0001f469", "می\u200cرود \U0001f468\u200d\U0001f469"),
        ("half \ud83d character", "half character"),
    ],
)
def test_odd_characters_are_replaced_or_removed(raw: str, tidied: str) -> None:
    assert tidy(raw) == tidied


@settings(deadline=None)
@given(st.text(st.characters()))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    "text",
    ["The mayor, François Lefèvre, spoke to Hélène Brûlé.", "Jürgen Nørgård lives in Århus, Peña said."],
)
def test_a_few_accents_in_an_old_file_are_read_as_western_europe_writes_them(text: str) -> None:
    padding = " It was a quiet day in the harbour and nobody spoke."
    assert decode((text + padding * 3).encode("cp1252")) == text + padding * 3


def test_a_cyrillic_file_is_not_taken_for_a_western_one() -> None:
    text = "Мэр города сообщил, что паром не пойдёт до января. Жители недовольны решением совета. " * 5
    assert decode(text.encode("cp1251")) == text
