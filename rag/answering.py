"""Answering without a language model: the sentences of the passages that answer, chosen and left as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.library import Library
from rag.answer import Passage
from rag.citing import Quoted
from rag.features import FEATURES, Candidate, asked_terms, candidates, feature_matrix
from rag.question import StandaloneQuestion
from rag.terms import names, restore_case, words

_WEIGHTS = Path(__file__).parent / "sentence_weights.json"

# Two sentences say the same when their vectors are this near. Among the sample articles' sentences the
# two copies of one wire story reach .93 to 1, different statements on one event stay under .80.
_SAME_COSINE = 0.86


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """A logistic model of FEATURES: how likely a sentence answers; fitted by training/fit_sentence_weights.py.

    A question is refused when its best sentence scores below `refuse_below`. Further sentences are added
    when they score at most `margin` below the best.
    """

    weights: tuple[float, ...]
    intercept: float
    refuse_below: float
    margin: float

    @classmethod
    def load(cls, path: Path = _WEIGHTS) -> SentenceWeights:
        stored = json.loads(path.read_text(encoding="utf-8"))
        weights = tuple(stored["weights"][feature] for feature in FEATURES)
        return cls(weights, stored["intercept"], stored["refuse_below"], stored["margin"])


class EmbeddedAnswerer:
    """Chooses the sentences that answer a question; it writes nothing of its own."""

    def __init__(self, library: Library, max_statements: int = 3) -> None:
        self._library = library
        self._max_statements = max_statements
        self._weights = SentenceWeights.load()

    def choose(self, question: StandaloneQuestion, passages: Sequence[Passage]) -> Iterator[Quoted]:
        """The sentences that answer, best first, no two that say the same; none when none answers.

        A sentence can only answer a question about somebody when its article names them.
        """
        texts = [passage.chunk.text for passage in passages]
        question = replace(question, focus=restore_case(question.focus, texts))
        found = [c for c in candidates(passages) if _names_all(c, names(question.focus))]
        if not found:
            return
        embedder = self._library.embedder
        vectors = embedder.vectors([question.text, *(candidate.text for candidate in found)])
        rarity = self._library.term_weights(asked_terms(question))
        features = feature_matrix(question, found, rarity, vectors[1:] @ vectors[0])
        scores = features @ np.array(self._weights.weights) + self._weights.intercept
        least = max(self._weights.refuse_below, float(scores.max()) - self._weights.margin)
        chosen: list[int] = []
        for index in np.argsort(-scores, kind="stable"):
            if scores[index] < least or len(chosen) == self._max_statements:
                return
            if all(vectors[index + 1] @ vectors[other + 1] < _SAME_COSINE for other in chosen):
                chosen.append(int(index))
                yield Quoted(found[index].passage, found[index].start, found[index].end)


def _names_all(candidate: Candidate, asked: Sequence[str]) -> bool:
    """Whether the article of a sentence has each name, or a part of it ("Haniyeh" for "Ismail Haniyeh")."""
    article = candidate.passage.article
    said = set(words(" ".join(filter(None, [article.headline, article.outlet, article.credit, article.text]))))
    return all(said & set(words(name)) for name in asked)
