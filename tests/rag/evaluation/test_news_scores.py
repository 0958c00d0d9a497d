"""News scores by hand: hedges, denials, copies, and nothing from after the question."""

from __future__ import annotations

from typing import Any

import pytest

from rag.evaluation.news_scores import news_scores
from tests.evaluation_answers import (
    answer,
    catalogue,
    citation,
    citing,
    passage,
    question,
    refusal,
    saying,
    statement,
)

KNOWN = catalogue("a", "b", "c", "d", "e")


@pytest.mark.parametrize(("name", "field"), [("hedge", "hedges"), ("denial", "denials")])
@pytest.mark.parametrize(
    ("keys", "said", "score"),
    [
        (["reportedly", "according to"], ["It was, ACCORDING  to him."], 1),
        (["reportedly", "according to"], ["It rained.", "He reportedly left."], 1),
        (["reportedly", "according to"], ["He left."], 0),
        (["report"], ["He reportedly left."], 0),  # not inside of a longer word
        (["/report(ed)?ly/"], ["He reportedly left."], 1),
        (["won't enter"], ["It won’t enter."], 1),
        (["according to"], ["It was according", "to him."], 0),
    ],
)
def test_one_hedge_survives_and_one_denial_is_shown(
    name: str, field: str, keys: list[str], said: list[str], score: int
) -> None:
    assert news_scores(question(**{field: keys}), saying(*said), KNOWN) == {f"news.{name}": score}


@pytest.mark.parametrize(
    ("cited", "score"),
    [
        ("a", 1),
        ("ac", 1),
        ("ab", 0),
        ("acd", 1),  # one of each group
        ("ade", 0),  # two of the second
        ("aac", 1),  # one article, cited twice, is one
    ],
)
def test_no_two_copies_of_one_story_are_cited(cited: str, score: int) -> None:
    asked = question(copies=[["a", "b"], ["d", "e"]])
    assert news_scores(asked, answer([statement("Yes.", 1)], citing(*cited)), KNOWN) == {"news.copies": score}


def test_an_answer_that_cites_no_copy_has_no_score_of_them() -> None:
    asked = question(copies=[["a", "b"]])
    assert news_scores(asked, answer([statement("Yes.", 1)], citing("c", "d")), KNOWN) == {}
    assert news_scores(asked, saying("Yes."), KNOWN) == {}


@pytest.mark.parametrize(
    ("published", "score"),
    [
        (["2023-11-14"], 1),
        (["2023-11-15"], 1),
        (["2023-11-16"], 0),
        (["2023-11-15T23:59:59+00:00"], 1),
        (["2023-11-16T00:00:00+00:00"], 0),
        (["2023-11-14", "2024-01-01"], 0),
        ([None], 1),
        ([None, "2023-11-15"], 1),
        ([None, "2023-11-16"], 0),
        ([], 1),
    ],
)
def test_every_dated_article_is_from_the_day_of_the_question_or_before(
    published: list[str | None], score: int
) -> None:
    citations = [
        citation("Yes.", passage("Yes.", f"{number}", published=when), number)
        for number, when in enumerate(published, start=1)
    ]
    given = answer([statement("Yes.", 1)], citations)
    assert news_scores(question(as_of="2023-11-15"), given, KNOWN) == {"news.in time": score}


@pytest.mark.parametrize(
    "known",
    [
        {"hedges": ["reportedly"], "denials": ["denied"], "copies": [["a", "b"]], "as_of": "2023-11-15"},
        {},
    ],
)
def test_a_refusal_has_no_score(known: dict[str, Any]) -> None:
    late = passage("It rained.", published="2024-01-01")
    assert news_scores(question(**known), refusal(late), KNOWN) == {}


def test_a_question_without_these_fields_has_no_score() -> None:
    assert news_scores(question(), answer([statement("Yes.", 1)], citing("a", "b")), KNOWN) == {}
