"""Citing: statements with numbered citations, each checked to be a span of the article it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer import Citation, Passage, Statement, Verdict


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence that an answerer takes from a passage: `start` and `end` are offsets into the article's text.

    `confidence` is how likely it answers the question, from 0 to 1; None when the answerer cannot say.
    """

    passage: Passage
    start: int
    end: int
    confidence: float | None = None


def cite(quoted: Quoted, earlier: Sequence[Citation]) -> tuple[Statement, Citation]:
    """The statement that says the quoted sentence, with the next number after the earlier citations.

    ValueError when the span does not lie within the passage: nothing is shown that was not found.
    """
    chunk, article = quoted.passage.chunk, quoted.passage.article
    if not chunk.start <= quoted.start < quoted.end <= chunk.end:
        raise ValueError(f"{quoted.start}:{quoted.end} is not within {chunk.start}:{chunk.end}")
    citation = Citation(len(earlier) + 1, quoted.passage.number, article, quoted.start, quoted.end)
    text = " ".join(citation.quote.split())
    return Statement(text, (citation.number,), Verdict.VERBATIM), citation
