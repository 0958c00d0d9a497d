"""Features: what speaks for a sentence being the answer to a question, as numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.article import Span
from index.embedding import Embedder
from rag.answer import Passage
from rag.question import StandaloneQuestion
from rag.terms import Kind, has_shape_of, kind_of_answer, names, terms, words

FEATURES = (
    "cosine",  # of question and sentence
    "cosine_in_context",  # of question and the sentence with the one before it
    "cosine_passage_max",  # the best sentence cosine of its passage
    "cosine_below_best",  # how far its cosine is below the best of all candidates
    "coverage",  # share of the question's terms in the sentence, rare ones counting more
    "coverage_in_context",  # the same for headline, sentence before and sentence
    "coverage_below_best",
    "rarest_missing",  # 1 when the rarest term of the question is not even in the context
    "names_missing",  # share of the question's names that are not in the context
    "has_shape",  # it holds something of the kind that is asked for, and the question asks for a kind
    "lacks_shape",  # the question asks for a kind and it holds nothing of it
    "passage_rank",  # 1 / rank of its passage
    "log_words",  # its length
    "short",  # fewer than six words: a subheading, a caption, a fragment
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


def candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """Every sentence of the passages once, in order; a sentence that two overlapping chunks share comes once."""
    found: dict[tuple[str, Span], Candidate] = {}
    for passage in passages:
        for span in passage.chunk.sentences:
            found.setdefault((passage.article.id, span), Candidate(passage, *span))
    return list(found.values())


def feature_matrix(
    question: StandaloneQuestion, found: Sequence[Candidate], weights: Mapping[str, float], embedder: Embedder
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """One row of FEATURES for each candidate, and the candidates' unit vectors.

    `weights` gives the weight of each term of the question: its rarity in the library.
    """
    before = [_sentence_before(candidate) for candidate in found]
    contexts = [f"{previous} {candidate.text}" for previous, candidate in zip(before, found, strict=True)]
    vectors = embedder.vectors([question.text, *(c.text for c in found), *contexts])
    cosines = vectors[1 : len(found) + 1] @ vectors[0]
    context_cosines = vectors[len(found) + 1 :] @ vectors[0]

    asked = terms(question.focus) or terms(question.text)
    total = sum(weights[term] for term in asked) or 1.0
    rarest = max(asked, key=lambda term: weights[term], default=None)
    asked_names = [set(words(name)) for name in names(question.focus)]
    kind = kind_of_answer(question.focus)

    by_passage: dict[int, float] = {}
    for candidate, cosine in zip(found, cosines, strict=True):
        number = candidate.passage.number
        by_passage[number] = max(by_passage.get(number, -1.0), float(cosine))

    rows = []
    for index, candidate in enumerate(found):
        said = set(terms(candidate.text))
        headline = candidate.passage.article.headline or ""
        around_text = f"{headline}. {before[index]} {candidate.text}"
        around = set(terms(around_text))
        around_words = set(words(around_text))
        coverage = sum(weights[term] for term in asked if term in said) / total
        coverage_in_context = sum(weights[term] for term in asked if term in around) / total
        shape = kind is not Kind.OTHER and has_shape_of(kind, candidate.text, question.focus)
        length = len(words(candidate.text))
        rows.append(
            [
                float(cosines[index]),
                float(context_cosines[index]),
                by_passage[candidate.passage.number],
                float(cosines.max() - cosines[index]),
                coverage,
                coverage_in_context,
                0.0,
                float(rarest is not None and rarest not in around),
                sum(not name & around_words for name in asked_names) / len(asked_names) if asked_names else 0.0,
                float(shape),
                float(kind is not Kind.OTHER and not shape),
                1.0 / candidate.passage.number,
                math.log(max(length, 1)),
                float(length < 6),
            ]
        )
    matrix = np.array(rows)
    below = FEATURES.index("coverage_below_best")
    matrix[:, below] = matrix[:, FEATURES.index("coverage")].max() - matrix[:, FEATURES.index("coverage")]
    return matrix, vectors[1 : len(found) + 1]


def _sentence_before(candidate: Candidate) -> str:
    """The sentence before it in its chunk; empty for the first."""
    sentences = candidate.passage.chunk.sentences
    position = sentences.index((candidate.start, candidate.end))
    if position == 0:
        return ""
    start, end = sentences[position - 1]
    return candidate.passage.article.text[start:end]
