"""Whatever is in a file: articles or a ReadError, and an end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.errors import ReadError
from index.reading import READERS, read_markdown, read_text
from index.reading.decoding import tidy

Reading = Callable[[str], Article]

# Pieces of pages, so that random texts reach the rules and not only their refusals.
PIECES = st.sampled_from([
    "---\n", "title: x\n", "By Jane Doe", " | ", "\n", "\n\n", "March 4, 2021", "(Reuters)", "# ", "Print",
    "[a](", "<b", "It rained.", "World", "https://a.example", "Published: ", "&#x202e;", "\u202e", "\u00a0",
    "> ", "- ", "©", "'", "Related articles", "A line without an end", "a line that goes on ", "`", "*", "\t",
    ": ", "&a [*a]", "{",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(st.characters(), max_size=8), max_size=25).map("".join)


@pytest.mark.parametrize("reading", [read_text, read_markdown])
@settings(deadline=None)
@given(text=TEXTS)
def test_every_text_is_a_well_formed_article_or_a_read_error(reading: Reading, text: str) -> None:
    try:
        article = reading(text)
    except ReadError:
        return
    paragraphs = article.text.split("\n\n")
    assert all(
        paragraph and paragraph == tidy(paragraph) and "\n" not in paragraph for paragraph in paragraphs
    )
    assert article.id
    stated = (article.headline, article.outlet, article.byline, article.section, article.url, article.credit)
    assert all(fact is None or fact.strip() for fact in stated)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
@settings(deadline=None)
@given(raw=st.binary(max_size=300) | TEXTS.map(lambda text: text.encode("utf-16", "ignore")))
def test_every_file_is_articles_or_a_read_error(suffix: str, raw: bytes) -> None:
    try:
        articles = list(READERS[suffix](raw, Path(f"a{suffix}")))
    except ReadError as error:
        assert error.message.startswith(f"a{suffix}")
        return
    assert [article.path for article in articles] == [f"a{suffix}"]


@pytest.mark.parametrize(
    "piece",
    [" ", "(", "By A and ", "Share ", "March 4, 2021 ", "Home | ", "[", "<", "http://", "word ", "© "],
)
def test_a_line_of_a_million_characters_is_read_to_its_end(piece: str) -> None:
    assert read_text(piece * (1_000_000 // len(piece)) + "It rained.").text.endswith("It rained.")


@pytest.mark.parametrize("piece", ["[", "![", "*a _b ", "`", "<!--", "<a ", "> ", "[a](", "&", "("])
def test_markdown_that_never_closes_is_read_to_its_end(piece: str) -> None:
    hostile = piece * (20_000 // len(piece))
    assert read_markdown(f"{hostile}\n\n\nIt rained.").text.endswith("It rained.")
