"""Features: what speaks for a sentence being the answer to a question, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.article import Span
from rag.answer import Passage
from rag.kinds import Kind, has_shape_of, kind_of_answer
from rag.question import StandaloneQuestion
from rag.terms import terms, words

FEATURES = (
    "cosine",  # of question and sentence
    "cosine_passage_best",  # the best sentence cosine in its passage
    "cosine_below_best",  # how far its cosine is below the best of all candidates
    "coverage",  # share of the question's terms in it and the sentence before, rare ones counting more
    "own_coverage_below_best",  # the same share in the sentence alone: how far below the best of all candidates
    "lacks_shape",  # 1 when the question asks for a kind of thing (a number, a time ...) and it holds none
    "reciprocal_rank",  # 1 / rank of its passage
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage that may be the answer. `start` and `end` are offsets into the article's text."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.article.text[self.start : self.end]

    @property
    def before(self) -> str:
        """The sentence before it in its passage: what "he" and "it" may stand for. Empty for the first."""
        sentences = self.passage.chunk.sentences
        position = sentences.index((self.start, self.end))
        start, end = sentences[position - 1] if position else (0, 0)
        return self.passage.article.text[start:end]


_FEWEST_WORDS = 4  # less is a subheading, a caption's credit or a byline


def candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """The sentences of the passages in order, without fragments; one that two chunks share comes once."""
    found: dict[tuple[str, Span], Candidate] = {}
    for passage in passages:
        for span in passage.chunk.sentences:
            candidate = Candidate(passage, *span)
            if len(words(candidate.text)) >= _FEWEST_WORDS:
                found.setdefault((passage.article.id, span), candidate)
    return list(found.values())


def feature_matrix(
    question: StandaloneQuestion,
    found: Sequence[Candidate],
    rarity: Mapping[str, float],
    cosines: NDArray[np.float32],
) -> NDArray[np.float64]:
    """One row of FEATURES for each candidate; shape (candidates, features).

    `rarity` gives the weight of each term of the question, `cosines` the cosine of the question with
    each candidate.
    """
    asked = asked_terms(question)
    total = sum(rarity[term] for term in asked) or 1.0
    kind = kind_of_answer(question.focus)
    best_of: dict[int, float] = {}
    for candidate, cosine in zip(found, cosines, strict=True):
        number = candidate.passage.number
        best_of[number] = max(best_of.get(number, -1.0), float(cosine))

    def covered(text: str) -> float:
        said = set(terms(text))
        return sum(rarity[term] for term in asked if term in said) / total

    own = np.array([covered(candidate.text) for candidate in found])
    columns = [
        cosines,
        [best_of[candidate.passage.number] for candidate in found],
        cosines.max() - cosines,
        [covered(f"{candidate.before} {candidate.text}") for candidate in found],
        own.max() - own,
        [kind is not Kind.OTHER and not has_shape_of(kind, c.text, question.focus) for c in found],
        [1.0 / candidate.passage.number for candidate in found],
    ]
    return np.array(columns, np.float64).T


def asked_terms(question: StandaloneQuestion) -> list[str]:
    """The terms of what is asked now, or of the whole when that has none ("And when?")."""
    return terms(question.focus) or terms(question.text)
