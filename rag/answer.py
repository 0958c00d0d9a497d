"""Answer and its parts: what a question gets back, as plain values and as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from index.article import Article, Chunk, Span, stated


class Verdict(StrEnum):
    """What the check of a statement against the passages it cites found."""

    VERBATIM = "verbatim"  # word for word in the article


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk retrieved for a question. `number` is its rank, from 1; a higher `score` is better."""

    number: int
    score: float
    chunk: Chunk
    article: Article


@dataclass(frozen=True, slots=True)
class Citation:
    """Marker `[number]`: the exact span of an article that a statement rests on.

    `article.text[start:end] == quote`, and the span lies within passage `passage`.
    """

    number: int
    passage: int
    article: Article
    start: int
    end: int

    @property
    def quote(self) -> str:
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, the numbers of its citations, and what the check found.

    `span` is the piece of `text` that answers by itself, where the answerer can say.
    """

    text: str
    citations: tuple[int, ...]
    verdict: Verdict
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer: what was searched, and the nearest article (None when none shares a word)."""

    searched_for: str
    articles_searched: int
    nearest: Article | None
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known so far of the answer to a question; each is whole and can be shown.

    `confidence` is how likely the first statement answers the question, from 0 to 1, by the answerer's
    own estimate; None in a refusal. `complete` is set on the last. `seconds` holds the time of each step
    that is done: understanding, retrieval, answering.
    """

    question: str
    standalone_question: str
    passages: tuple[Passage, ...] = ()
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    refusal: Refusal | None = None
    confidence: float | None = None
    complete: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def refused(self) -> bool:
        return self.refusal is not None

    @property
    def text(self) -> str:
        """The answer as Markdown, with [1] markers; the articles' own words are escaped."""
        if self.refusal:
            return escape_markdown(self.refusal.text)
        return " ".join(
            escape_markdown(s.text) + "".join(f" [{n}]" for n in s.citations) for s in self.statements
        )

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON values: the contract of `python -m rag ask --json`, in the README."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "refused": self.refused,
            "text": self.text,
            "statements": [
                {
                    "text": s.text,
                    "span": list(s.span) if s.span else None,
                    "citations": list(s.citations),
                    "verdict": s.verdict.value,
                }
                for s in self.statements
            ],
            "citations": [citation_to_json(c) for c in self.citations],
            "passages": [passage_to_json(p) for p in self.passages],
            "refusal": refusal_to_json(self.refusal) if self.refusal else None,
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "seconds": {step: round(seconds, 4) for step, seconds in self.seconds.items()},
        }

    def citation(self, number: int) -> Citation:
        """The citation behind marker `[number]`. KeyError if there is none."""
        for citation in self.citations:
            if citation.number == number:
                return citation
        raise KeyError(number)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation, with its answer where that is known."""

    question: str
    answer: Answer | None = None


def passage_to_json(passage: Passage) -> dict[str, Any]:
    """A passage as JSON values; `start` and `end` are offsets into the article's text."""
    return {
        "number": passage.number,
        "article_id": passage.article.id,
        "headline": passage.article.headline,
        "outlet": passage.article.outlet,
        "published": stated(passage.article.published),
        "score": round(passage.score, 6),
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "text": passage.chunk.text,
    }


def citation_to_json(citation: Citation) -> dict[str, Any]:
    """A citation as JSON values; `quote` is exactly `start:end` of the article's text."""
    return {
        "number": citation.number,
        "passage": citation.passage,
        "article_id": citation.article.id,
        "headline": citation.article.headline,
        "outlet": citation.article.outlet,
        "byline": citation.article.byline,
        "published": stated(citation.article.published),
        "credit": citation.article.credit,
        "url": citation.article.url,
        "path": citation.article.path,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def refusal_to_json(refusal: Refusal) -> dict[str, Any]:
    """A refusal as JSON values."""
    nearest = refusal.nearest
    return {
        "searched_for": refusal.searched_for,
        "articles_searched": refusal.articles_searched,
        "nearest": {
            "article_id": nearest.id,
            "headline": nearest.headline,
            "outlet": nearest.outlet,
            "published": stated(nearest.published),
        }
        if nearest
        else None,
        "text": refusal.text,
    }


_MARKDOWN_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~$&@]|:(?=//)|(?<=www)\.)")

_BLOCK_START = re.compile(r"^(\s*\d*)([.)+=-])", re.MULTILINE)  # of a list, or of a line under a heading


def escape_markdown(text: str) -> str:
    r"""`text` so that Markdown shows it as it stands: no link, image, HTML, emphasis or formula.

    >>> escape_markdown("[here](javascript:x) <b>")
    '\\[here\\](javascript:x) \\<b\\>'
    """
    return _BLOCK_START.sub(r"\1\\\2", _MARKDOWN_ACTIVE.sub(r"\\\1", text))
