"""Plain text, as somebody pasted it from a page or an e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.article import Article
from index.errors import ReadError
from index.reading.decoding import decode, plain_lines, tidy
from index.reading.front_matter import take_front_matter
from index.reading.paragraphs import paragraphs_of
from index.reading.story import article


def read_text(text: str, path: str | None = None) -> Article:
    r"""The article of a pasted text; what it does not state is None.

    Raises ReadError where no story is left when clutter and metadata are taken away.

    >>> read_text("World\n\nRain floods the valley\n\nBy Jane Doe\n\nIt rained.").headline
    'Rain floods the valley'
    """
    name = path or "the text"
    facts, body = take_front_matter(plain_lines(text), name)
    return article(facts, paragraphs_of(tidy(body)), name, path)


def read_text_file(raw: bytes, path: Path) -> Iterator[Article]:
    """The one article of a text file."""
    yield read_text(characters(raw, path), str(path))


def characters(raw: bytes, path: Path) -> str:
    """The text of a file's bytes; raises ReadError naming `path` where they are none."""
    text = decode(raw)
    if text is None:
        raise ReadError(f"{path}: this is not text", "Save it as plain text in UTF-8, or leave it out.")
    if not text.strip():
        raise ReadError(f"{path}: the file is empty", "Paste the text of the article into the file.")
    return text
