"""Answering without a language model: the sentences of the passages that answer, chosen and left as they are."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.library import Library
from rag.answer import Passage
from rag.citing import Quoted
from rag.features import FEATURES, asked_terms, candidates, feature_matrix, with_case
from rag.kinds import Kind, kind_of_answer
from rag.question import StandaloneQuestion

_WEIGHTS = Path(__file__).parent / "sentence_weights.json"

# Of the pairs of sentences in the sample articles, copies are at .99 and over; the ten nearest others,
# from .95 down to .87, say the same in other words; the first pair that does not comes at .856.
_SAME_COSINE = 0.86
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_DENIES = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|deni\w+|deny\w*|reject\w*|refus\w+|false)\b|n[’']t\b", re.I
)


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """A logistic model of FEATURES: how likely a sentence answers; fitted by training/fit_sentence_weights.py.

    A sentence that covers less than `least_coverage` of the question's terms does not answer it, nor one
    that scores below `refuse_below`. Others are added to the best when they score at most `margin` below.
    """

    weights: tuple[float, ...]
    intercept: float
    refuse_below: float
    least_coverage: float
    margin: float

    @classmethod
    def load(cls, path: Path = _WEIGHTS) -> SentenceWeights:
        stored = json.loads(path.read_text(encoding="utf-8"))
        weights = tuple(stored["weights"][feature] for feature in FEATURES)
        limits = (stored[name] for name in ("intercept", "refuse_below", "least_coverage", "margin"))
        return cls(weights, *limits)

    def scores(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The score of each row of features: the log-odds that it answers, -inf where it covers too little."""
        scores = features @ np.array(self.weights) + self.intercept
        scores[features[:, FEATURES.index("coverage")] < self.least_coverage] = -np.inf
        return np.asarray(scores)


class EmbeddedAnswerer:
    """Chooses the sentences that answer a question; it writes nothing of its own."""

    def __init__(self, library: Library, max_statements: int = 3) -> None:
        self._library = library
        self._max_statements = max_statements
        self._weights = SentenceWeights.load()

    def choose(self, question: StandaloneQuestion, passages: Sequence[Passage]) -> Iterator[Quoted]:
        """The sentences that answer, best first, no two that say the same; none when none answers."""
        question = with_case(question, passages)
        found = candidates(question, passages)
        if not found:
            return
        embedder = self._library.embedder
        # What is asked now counts as much as what it leans on: for a question that leans on none, they are one.
        asked = embedder.vectors([question.text, question.focus])
        vectors = embedder.vectors([candidate.text for candidate in found])
        rarity = self._library.term_weights(asked_terms(question))
        features = feature_matrix(question, found, rarity, (vectors @ asked.T).mean(axis=1))
        scores = self._weights.scores(features)
        if kind_of_answer(question.focus) is Kind.SPEECH:
            # SQuAD has too few such questions to fit a weight: of the sentences that would do, those in which
            # the one asked about speaks leave out all others.
            speaks = (scores >= self._weights.refuse_below) & (
                features[:, FEATURES.index("lacks_shape")] == 0
            )
            scores = np.where(speaks | ~speaks.any(), scores, -np.inf)
        least = max(self._weights.refuse_below, float(scores.max()) - self._weights.margin)
        chosen: list[int] = []
        for index in np.argsort(-scores, kind="stable"):
            if scores[index] < least or len(chosen) == self._max_statements:
                return
            nearest = [other for other in chosen if vectors[index] @ vectors[other] >= _SAME_COSINE]
            if not any(_agree(found[index].text, found[other].text) for other in nearest):
                chosen.append(int(index))
                confidence = 1.0 / (1.0 + math.exp(-scores[index]))
                yield Quoted(found[index].passage, found[index].start, found[index].end, confidence)


def _agree(one: str, other: str) -> bool:
    """Whether two sentences that are near each other can say the same: a denial is no copy of a claim.

    >>> _agree("Hamas confirmed the report.", "Hamas denied the report.")
    False
    >>> _agree("The attack killed 1,200.", "The attack killed 1,300 people.")
    False
    >>> _agree("The attack killed 1,200.", "The attack killed 1,200 people.")
    True
    """
    numbers, others = set(_NUMBER.findall(one)), set(_NUMBER.findall(other))
    return bool(_DENIES.search(one)) == bool(_DENIES.search(other)) and (
        numbers <= others or others <= numbers
    )
