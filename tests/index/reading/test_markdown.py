"""Markdown: the words stay, the markup goes."""

from __future__ import annotations

from datetime import date

import pytest

from index.article import Article
from index.reading import read_markdown


def test_an_article_with_front_matter() -> None:
    text = (
        "---\ntitle: Rain\noutlet: The Calder Chronicle\npublished: 2021-03-04\n---\n\nIt rained.\n\nA lot."
    )
    assert read_markdown(text, "a.md") == Article(
        text="It rained.\n\nA lot.",
        headline="Rain",
        outlet="The Calder Chronicle",
        published=date(2021, 3, 4),
        path="a.md",
    )


def test_an_article_with_a_title_and_a_byline() -> None:
    head = "Weather\n\n# Rain *again*\n**By Jane Doe**  \n_4 March 2021_"
    text = f"{head}\n\nIt rained.\n\n## Later\n\nIt stopped."
    assert read_markdown(text) == Article(
        text="It rained.\n\nLater\n\nIt stopped.",
        headline="Rain again",
        byline="Jane Doe",
        section="Weather",
        published=date(2021, 3, 4),
    )


def test_lines_of_facts_are_not_joined_as_other_lines_are() -> None:
    text = "# Rain again\nBy Jane Doe\n4 March 2021\n\nIt rained\nagain."
    assert read_markdown(text) == Article(
        text="It rained again.", headline="Rain again", byline="Jane Doe", published=date(2021, 3, 4)
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("It **rained** in _Ulm_, ~~not~~ `here`.", "It rained in Ulm, not here."),
        ("It [rained](https://a.example 'x') <b>hard</b>.", "It rained hard."),
        ("It ![a cloud](a.png)rained.", "It rained."),
        ("![a cloud](a.png)\n\nIt rained.", "It rained."),
        ("It\nrained.", "It rained."),
        ("It rained.<br>Hard.", "It rained.\n\nHard."),
        ("- It rained.\n- It\n  stopped.", "It rained.\n\nIt stopped."),
        ("> It rained.\n\n***\n\nIt stopped.", "It rained.\n\nIt stopped."),
        ("    It rained.", "It rained."),
        ("It rained&nbsp;&amp; rained\\*.", "It rained & rained*."),
        ("<div>It <i>rained</i>.</div>", "It rained."),
        ("<script>\nlet it = 'rain';\n</script>\n\nIt rained.", "It rained."),
        ("<!-- sun -->\nIt rained.\n\n<!-- moon", "It rained.\n\n<!-- moon"),
        ("<!-- sun -->\n\nIt rained.", "It rained."),
        ("It rained 3 < 4 times.", "It rained 3 < 4 times."),
    ],
)
def test_markup_is_removed_and_words_are_not(source: str, words: str) -> None:
    assert read_markdown(source).text == words
