"""Markdown: the words without the markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.article import Article
from index.reading.decoding import plain_lines, tidy
from index.reading.facts import Facts
from index.reading.front_matter import take_front_matter
from index.reading.paragraphs import joined_lines
from index.reading.story import article
from index.reading.text import characters

_HEADLINE_WITHIN = 12  # blocks; a first "# " further down is a chapter
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"<(script|style|!--)", re.IGNORECASE)
_CLOSINGS = {
    "!--": re.compile("-->"),
    "script": re.compile("</script", re.IGNORECASE),
    "style": re.compile("</style", re.IGNORECASE),
}
_BREAKING_TAG = re.compile(
    r"</?(?:br|p|div|section|article|blockquote|figcaption|li|tr|h[1-6])\b", re.IGNORECASE
)


def read_markdown(text: str, path: str | None = None) -> Article:
    r"""The article of a Markdown text; its first `# ` is the headline unless front matter has one.

    Raises ReadError as `read_text` does.

    >>> read_markdown("# Rain\n\nIt *rained* in [Ulm](https://ulm.example).").text
    'It rained in Ulm.'
    """
    name = path or "the text"
    facts, body = take_front_matter(plain_lines(text), name)
    blocks = list(_blocks(body))
    titles = (paragraphs[0] for paragraphs, is_title in blocks[:_HEADLINE_WITHIN] if is_title)
    facts = facts.filled_from(Facts(headline=next(titles, None)))
    return article(facts, [paragraph for paragraphs, _ in blocks for paragraph in paragraphs], name, path)


def read_markdown_file(raw: bytes, path: Path) -> Iterator[Article]:
    """The one article of a Markdown file."""
    yield read_markdown(characters(raw, path), str(path))


def _blocks(text: str) -> Iterator[tuple[list[str], bool]]:
    """The paragraphs of each block that has words, and whether the block is a first-level heading."""
    parser = MarkdownIt("commonmark").enable("strikethrough")
    opening = Token("", "", 0)
    for before, token in pairwise([opening, *parser.parse(text)]):
        if token.type == "inline":
            words = _inline_words(token.children or [])
        elif token.type == "html_block":
            words = _html_words(token.content)
        else:
            words = token.content  # of code; other blocks have none
        paragraphs = [
            paragraph
            for part in tidy(words).split("\n\n")
            for paragraph in joined_lines(part.split("\n"))
        ]  # fmt: skip
        if paragraphs:
            yield paragraphs, before.tag == "h1"


def _inline_words(tokens: list[Token]) -> str:
    words: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            words.append(token.content)
        elif token.type == "softbreak":
            words.append("\n")
        elif token.type == "hardbreak" or _BREAKING_TAG.match(token.content):
            words.append("\n\n")
    return "".join(words)


def _html_words(source: str) -> str:
    """The text between the tags; nothing of scripts, styles and comments that are closed."""
    seen: list[str] = []
    at = 0
    while unseen := _UNSEEN.search(source, at):
        closing = _CLOSINGS[unseen[1].lower()].search(source, unseen.end())
        if closing is None:
            break  # without an end, all of the story might be in it
        seen.append(source[at : unseen.start()])
        at = closing.end() if unseen[1] == "!--" else closing.start()
    seen.append(source[at:])
    return html.unescape(_TAG.sub(_break_for, " ".join(seen)))


def _break_for(tag: re.Match[str]) -> str:
    return "\n\n" if _BREAKING_TAG.match(tag[0]) else ""
