"""Answers as values and as JSON: what a script may count on."""

import html
import json

import pytest
from markdown_it import MarkdownIt

from index.article import Article, Chunk
from rag.answer import Answer, Passage, Refusal, Statement, Verdict, escape_markdown
from rag.citing import Quoted, cite

TEXT = "Hamas denied it. The post was on Telegram."
ARTICLE = Article(
    text=TEXT, headline="Denial", outlet="The Northern Ledger", path="/a.md", url="https://x.example/a"
)
PASSAGE = Passage(1, 0.5, Chunk(ARTICLE.id, 0, 0, len(TEXT), TEXT, ((0, 16), (17, 42)), 7), ARTICLE)


def cited() -> Answer:
    statement, citation = cite(Quoted(PASSAGE, 0, 16, answer=(0, 5)), [])
    return Answer(
        "Did Hamas deny it?", "Did Hamas deny it?", (PASSAGE,), (statement,), (citation,), complete=True
    )


def test_a_statement_says_exactly_what_its_citation_quotes() -> None:
    answer = cited()
    assert answer.statements == (Statement("Hamas denied it.", (1,), Verdict.VERBATIM, (0, 5)),)
    assert answer.citation(1).quote == "Hamas denied it."
    assert answer.text == "Hamas denied it. [1]"


@pytest.mark.parametrize("span", [(0, 43), (-1, 5), (5, 5)])
def test_a_quotation_from_outside_of_its_passage_is_never_cited(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is not within 0:42"):
        cite(Quoted(PASSAGE, *span), [])


def test_a_statement_over_two_paragraphs_is_shown_on_one_line_and_quoted_as_it_stands() -> None:
    text = "He said:\n\nNo."
    article = Article(text=text)
    passage = Passage(1, 1.0, Chunk(article.id, 0, 0, len(text), text, ((0, len(text)),)), article)
    statement, citation = cite(Quoted(passage, 0, len(text)), [])
    assert (statement.text, citation.quote) == ("He said: No.", text)


@pytest.mark.parametrize(
    ("answer", "marked"),
    [((0, 2), "He"), ((3, 14), "said: No"), ((10, 15), "No."), ((0, 15), "He said: No.")],
)
def test_the_words_that_answer_are_marked_where_they_stand_on_the_line(
    answer: tuple[int, int], marked: str
) -> None:
    text = "He said:\n\n \nNo."
    article = Article(text=text)
    passage = Passage(1, 1.0, Chunk(article.id, 0, 0, len(text), text, ((0, len(text)),)), article)
    statement, _ = cite(Quoted(passage, 0, len(text), answer), [])
    assert statement.span
    assert statement.text[slice(*statement.span)] == marked


def test_words_from_outside_of_the_sentence_cannot_be_marked() -> None:
    with pytest.raises(ValueError, match="not within the sentence"):
        cite(Quoted(PASSAGE, 0, 16, answer=(10, 20)), [])


def test_the_json_of_an_answer() -> None:
    assert json.loads(json.dumps(cited().to_json())) == {
        "question": "Did Hamas deny it?",
        "standalone_question": "Did Hamas deny it?",
        "refused": False,
        "text": "Hamas denied it. [1]",
        "statements": [{"text": "Hamas denied it.", "span": [0, 5], "citations": [1], "verdict": "verbatim"}],
        "citations": [
            {
                "number": 1,
                "passage": 1,
                "article_id": ARTICLE.id,
                "headline": "Denial",
                "outlet": "The Northern Ledger",
                "byline": None,
                "published": None,
                "credit": None,
                "url": "https://x.example/a",
                "path": "/a.md",
                "start": 0,
                "end": 16,
                "quote": "Hamas denied it.",
            }
        ],
        "passages": [
            {
                "number": 1,
                "article_id": ARTICLE.id,
                "headline": "Denial",
                "outlet": "The Northern Ledger",
                "published": None,
                "score": 0.5,
                "start": 0,
                "end": 42,
                "text": TEXT,
            }
        ],
        "refusal": None,
        "confidence": None,
        "seconds": {},
    }


def test_the_json_of_a_refusal_names_the_nearest_article() -> None:
    refusal = Refusal("who won", 1, ARTICLE, "Not here.")
    answer = Answer("who won", "who won", (PASSAGE,), refusal=refusal, complete=True)
    found = answer.to_json()
    assert (found["refused"], found["text"], found["citations"]) == (True, "Not here.", [])
    assert found["refusal"]["nearest"] == {
        "article_id": ARTICLE.id,
        "headline": "Denial",
        "outlet": "The Northern Ledger",
        "published": None,
    }


@pytest.mark.parametrize(
    "hostile",
    [
        "[a](javascript:x)",
        "[a](https://x.example)",
        "<img src=x onerror=y>",
        "![a](http://x)",
        "**b** _c_ `d` ~~e~~",
        "$$x$$",
        "https://x.example",
        "www.x.example",
        "a@x.example",
        "2023. It was.",
        "1) One",
        "- One",
        "+ One",
        "# One",
        "> One",
        "&lt;b&gt;",
    ],
)
def test_nothing_in_an_article_is_markdown(hostile: str) -> None:
    rendered = MarkdownIt("gfm-like").render(escape_markdown(hostile))
    assert html.unescape(rendered) == f"<p>{hostile}</p>\n"
