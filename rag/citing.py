"""Citing: statements with numbered citations, each checked to be a span of the article it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.article import Span
from rag.answer import Citation, Passage, Statement, Verdict


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence that an answerer takes from a passage: `start` and `end` are offsets into the article's text.

    `answer` is the piece of it that answers, where the answerer can say: offsets of the same kind. `confidence` is how likely it answers the question, from 0 to 1; None when the answerer cannot say.
    """

    passage: Passage
    start: int
    end: int
    answer: Span | None = None
    confidence: float | None = None

    @property
    def text(self) -> str:
        return self.passage.article.text[self.start : self.end]

    @property
    def answer_text(self) -> str | None:
        return self.passage.article.text[slice(*self.answer)] if self.answer else None


def cite(quoted: Quoted, earlier: Sequence[Citation]) -> tuple[Statement, Citation]:
    """The statement that says the quoted sentence, with the next number after the earlier citations.

    ValueError when the span does not lie within the passage: nothing is shown that was not found.
    """
    chunk, article = quoted.passage.chunk, quoted.passage.article
    if not chunk.start <= quoted.start < quoted.end <= chunk.end:
        raise ValueError(f"{quoted.start}:{quoted.end} is not within {chunk.start}:{chunk.end}")
    citation = Citation(len(earlier) + 1, quoted.passage.number, article, quoted.start, quoted.end)
    span = _span_in_one_line(citation.quote, quoted.answer, quoted.start) if quoted.answer else None
    return Statement(one_line(citation.quote), (citation.number,), Verdict.VERBATIM, span), citation


def one_line(text: str) -> str:
    """`text` with a space for each run of white space."""
    return " ".join(text.split())


def _span_in_one_line(quote: str, answer: Span, start: int) -> Span:
    """Where the answer is when the quote, which begins at `start`, is in one line. ValueError when it is not in it."""
    first, last = answer[0] - start, answer[1] - start
    if not 0 <= first < last <= len(quote):
        raise ValueError(f"the answer {answer} is not within the sentence at {start}")
    first += len(quote[first:last]) - len(quote[first:last].lstrip())
    marked = one_line(quote[first:last])
    # Before the answer's first character stands what is before it, and a space where there is one.
    at = len(one_line(quote[:first] + "x")) - 1
    return at, at + len(marked)
