"""Reranking: passages in the order in which the reader finds the answer in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.answer import Passage
from rag.reader import Reader, Reading

_NO_WORDS = -30.0  # below what any answer gets
# Times the score of the search, which is at most BEST_FUSED: fitted by training/fit_answering.py on the development
# part, where MRR of the passage that holds the answer is .78 by the search alone, .87 by the reader alone and
# .91 by both.
SEARCH_WEIGHT = 300.0
# The score of an answer from which no other passage is looked for. With eight read first, the best of sixteen is
# among them for 99 % of the questions of the development part that have so clear an answer there.
CLEAR = 2.8
BEST_FUSED = 2 / 61  # of what comes first in both rankings, see reciprocal_rank_fusion


@dataclass(frozen=True, slots=True)
class ReadPassage(Passage):
    """A passage, and what the reader made of it together with the question.

    `best_score` is that of the best answer in it; below that of any other where it has no words.
    """

    reading: Reading = field(compare=False, repr=False)
    best_score: float = field(compare=False, repr=False)


def read_passages(reader: Reader, question: str, passages: Sequence[Passage]) -> list[ReadPassage]:
    """The passages, each read under the headline of its article, and scored.

    The score is that of the best answer in it, and what the search gave counts in favour of it.
    """
    readings = reader.read(question, [(p.article.headline or "", p.chunk.text) for p in passages])
    return [_scored(passage, reading) for passage, reading in zip(passages, readings, strict=True)]


def reranked(reader: Reader, question: str, passages: Sequence[Passage], first: int) -> list[ReadPassage]:
    """The passages that were read, the best first: so many of the first, and all where none of these answers clearly."""
    read = read_passages(reader, question, passages[:first])
    if all(passage.best_score < CLEAR for passage in read):
        read += read_passages(reader, question, passages[first:])
    ordered = sorted(read, key=lambda passage: -passage.score)
    return [replace(passage, number=number) for number, passage in enumerate(ordered, start=1)]


def _scored(passage: Passage, reading: Reading) -> ReadPassage:
    if isinstance(passage, ReadPassage):
        searched = passage.score - passage.best_score
    else:  # its score is the search's; one that was not searched for counts as found first
        searched = SEARCH_WEIGHT * min(passage.score, BEST_FUSED)
    span = reading.best_span(0, len(passage.chunk.text))
    best = span.score if span else _NO_WORDS
    return ReadPassage(passage.number, searched + best, passage.chunk, passage.article, reading, best)
