"""Answers as `python -m rag ask --json` prints them, built by hand for the tests of their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.article import Article
from rag.evaluation.catalogue import Catalogue
from rag.evaluation.questions import EvalQuestion

Json = dict[str, Any]


def question(**known: Any) -> EvalQuestion:
    """A question of which only `known` is known."""
    return EvalQuestion.model_validate({"id": "q", "question": "What happened?", **known})


def catalogue(*ids: str) -> Catalogue:
    """Knows the articles by these ids, and by the paths /news/ID.md."""
    return Catalogue.of([Article(text=f"Of {name}.", id=name, path=f"/news/{name}.md") for name in ids])


def passage(
    text: str, article: str = "a", number: int = 1, start: int = 0, published: str | None = None
) -> Json:
    return {
        "number": number,
        "article_id": article,
        "headline": None,
        "outlet": None,
        "published": published,
        "score": 1 / number,
        "start": start,
        "end": start + len(text),
        "text": text,
    }


def passages(*articles: str) -> list[Json]:
    """One passage of each of the articles, best first."""
    return [passage(f"Of {name}.", name, number) for number, name in enumerate(articles, start=1)]


def citation(quote: str, of: Mapping[str, Any] | None = None, number: int = 1, **changed: Any) -> Json:
    """Cites the quote where it stands in the passage `of`; by default a passage of nothing else."""
    of = of or passage(quote)
    start = of["start"] + of["text"].index(quote)
    return {
        "number": number,
        "passage": of["number"],
        "article_id": of["article_id"],
        "headline": of["headline"],
        "outlet": of["outlet"],
        "byline": None,
        "published": of["published"],
        "credit": None,
        "url": None,
        "path": None,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
        **changed,
    }


def citing(*articles: str) -> list[Json]:
    """One citation of each of the articles, in the passage of its number."""
    return [
        citation("Yes.", passage("Yes.", name, number), number)
        for number, name in enumerate(articles, start=1)
    ]


def statement(text: str, *numbers: int, verdict: str = "verbatim") -> Json:
    return {"text": text, "span": None, "citations": list(numbers), "verdict": verdict}


def paraphrase(text: str, *numbers: int) -> Json:
    """A statement that does not claim to stand in the article word for word."""
    return statement(text, *numbers, verdict="supported")


def answer(
    statements: Sequence[Mapping[str, Any]],
    citations: Sequence[Mapping[str, Any]] = (),
    passages: Sequence[Mapping[str, Any]] = (),
    confidence: float | None = None,
) -> Json:
    return {
        "question": "What happened?",
        "standalone_question": "What happened?",
        "refused": False,
        "text": " ".join(one["text"] + "".join(f" [{n}]" for n in one["citations"]) for one in statements),
        "statements": list(statements),
        "citations": list(citations),
        "passages": list(passages),
        "refusal": None,
        "confidence": confidence,
        "seconds": {},
    }


def saying(*texts: str, confidence: float | None = None) -> Json:
    """An answer of these statements that cites nothing."""
    return answer([statement(text) for text in texts], confidence=confidence)


def quoting(*texts: str) -> Json:
    """An answer whose statements each quote a passage of just these words."""
    found = [passage(text, number=number) for number, text in enumerate(texts, start=1)]
    return answer(
        [statement(text, number) for number, text in enumerate(texts, start=1)],
        [citation(one["text"], one, one["number"]) for one in found],
        found,
    )


def refusal(*found: Mapping[str, Any]) -> Json:
    """A refusal, after these passages were found."""
    return {
        **answer([], [], found),
        "refused": True,
        "text": "The articles do not answer this.",
        "refusal": {
            "searched_for": "What happened?",
            "articles_searched": 3,
            "nearest": None,
            "text": "The articles do not answer this.",
        },
    }
