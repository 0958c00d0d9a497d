"""Front matter and "Key: value" heads: everybody's names for the same facts."""

from __future__ import annotations

from datetime import date

import pytest

from index.errors import ReadError
from index.reading import read_text
from index.reading.facts import Facts
from index.reading.front_matter import take_front_matter
from index.reading.keys import take_keys


def front(*lines: str) -> Facts:
    facts, body = take_front_matter("\n".join(["---", *lines, "---", "It rained."]), "a.md")
    assert body == "It rained."
    return facts


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("Title: Rain", Facts(headline="Rain")),
        ("headline: 'Rain: a story'", Facts(headline="Rain: a story")),
        ("title: 2021-03-04", Facts(headline="2021-03-04")),
        ("publisher: The Calder Chronicle", Facts(outlet="The Calder Chronicle")),
        ("site_name: The Calder Chronicle", Facts(outlet="The Calder Chronicle")),
        ("source: Reuters", Facts(credit="Reuters")),
        ("source: https://calder.example/rain", Facts(url="https://calder.example/rain")),
        ("agency: AFP", Facts(credit="AFP")),
        ("author: By Jane Doe", Facts(byline="Jane Doe")),
        ("authors: [Jane Doe, John Roe]", Facts(byline="Jane Doe, John Roe")),
        ("authors: [{name: Jane Doe, email: x}]", Facts(byline="Jane Doe")),
        ("author: Harbourlight", Facts(byline="Harbourlight", outlet="Harbourlight")),
        ("category: Weather", Facts(section="Weather")),
        ("datePublished: 4 March 2021", Facts(published=date(2021, 3, 4))),
        ("lastmod: 2021-03-04", Facts(modified=date(2021, 3, 4))),
        ("canonical: https://calder.example/rain", Facts(url="https://calder.example/rain")),
        ("link: javascript:alert(1)", Facts()),
        ("date: yesterday", Facts()),
        ("title: null", Facts()),
        ("title: !!python/object/apply:os.system [ls]", Facts(headline="ls")),
    ],
)
def test_a_key_gives_its_fact(line: str, facts: Facts) -> None:
    assert front(line) == facts


def test_an_agency_as_source_is_the_credit_of_the_paper_that_prints_it() -> None:
    assert front("source: Reuters", "site: The Calder Chronicle") == Facts(
        outlet="The Calder Chronicle", credit="Reuters"
    )


def test_aliases_that_multiply_do_no_harm() -> None:
    bomb = [f"k{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(30)]
    assert front("k0: &a0 [x]", *bomb, "author: *a30", "title: Rain") == Facts(headline="Rain")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "---\ndate: 2021-03-04\ntitle: Rain: a story\n---\nIt rained.",
            "a.md, line 3: the front matter is not YAML: mapping values are not allowed here",
        ),
        ("---\ntitle: Rain\n\nIt rained.", "a.md, line 1: the front matter is not closed"),
        (f"\n---\ntitle: {'[' * 600}\n---\nIt rained.", "a.md, line 3: the front matter is not YAML"),
    ],
)
def test_front_matter_that_cannot_be_understood_says_where(text: str, message: str) -> None:
    with pytest.raises(ReadError) as error:
        take_front_matter(text, "a.md")
    assert error.value.message == message
    assert error.value.hint


@pytest.mark.parametrize(
    "text", ["---\nIt rained.\n---\nMore.", "---\nHe said: no.\n---\nMore.", "It rained.\n---\n"]
)
def test_ruled_lines_are_not_front_matter(text: str) -> None:
    assert take_front_matter(text, "a.md") == (Facts(), text)


def test_a_head_of_keys_is_metadata_and_the_rest_is_the_story() -> None:
    article = read_text(
        "Title: Rain\nAuthor: Jane Doe\nTags: weather\nPublished on: 4 March 2021\n\n"
        "It rained.\n\nSource: none named."
    )
    assert (article.headline, article.byline, article.published) == ("Rain", "Jane Doe", date(2021, 3, 4))
    assert article.text == "It rained.\n\nSource: none named."


@pytest.mark.parametrize("line", ["Date: nobody knows", "Warning: rain", "Published: rain"])
def test_one_line_with_a_colon_is_not_a_head(line: str) -> None:
    assert take_keys([line, "It rained."]) == (Facts(), [line, "It rained."])
