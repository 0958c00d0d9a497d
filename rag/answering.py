"""Answering without a language model: the sentences of the passages that answer, chosen and left as they are."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors
from index.library import Library
from rag.answer import Passage
from rag.citing import Quoted
from rag.features import FEATURES, asked_terms, candidates, feature_matrix, states, with_case
from rag.question import StandaloneQuestion, parts
from rag.reader import Reader
from rag.reranking import ReadPassage, read_passages
from rag.terms import words

WEIGHTS = Path(__file__).parent / "answer_weights.json"

# Of the pairs of sentences in the sample articles, copies are at .99 and over; the ten nearest others,
# from .95 down to .87, say the same in other words; the first pair that does not comes at .856.
_SAME_COSINE = 0.86
# Of the sentences with a word of denial that are found with a claim in the sample articles, those that deny
# it are at .44 and over; those that deny something else at .36 and below.
_SAME_CLAIM_COSINE = 0.44
_DENIAL = re.compile(
    r"(?<!\bnot )(?<!n[’']t )(?<!\bnever )\b(?:den(?:y|ies|ied|ying|ials?)|dismiss(?:es|ed|ing)?|reject(?:s|ed|ing)?|refut(?:e|es|ed|ing)"
    r"|disput(?:e|es|ed|ing)|contradict(?:s|ed|ing)?|baseless|fabricat(?:ed|ion)|false|untrue|unfounded)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\b(?:claim(?:s|ed|ing)?|alleg(?:e|es|ed|ing|edly|ations?)|accus(?:e|es|ed|ing|ations?)|reported(?:ly)?"
    r"|complain(?:s|ed|ing)?|according to)\b",
    re.IGNORECASE,
)
# Sentences that may stand between something and its denial, and between a claim and its denial: in the sample
# articles a claim is answered two sentences on, and what is denied so far after anything else is something else.
_BETWEEN, _AFTER_CLAIM = 1, 2
_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|without|refus\w+)\b|n[’']t\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Logistic:
    """The log-odds of something as a weighted sum of FEATURES."""

    weights: NDArray[np.float64]
    intercept: float

    @classmethod
    def of(cls, stored: Mapping[str, float]) -> Logistic:
        weights = np.array([stored[feature] for feature in FEATURES])
        return cls(weights, stored["intercept"])

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Shape (rows,), for features of shape (rows, features)."""
        return np.asarray(features @ self.weights + self.intercept)


@dataclass(frozen=True, slots=True)
class AnswerWeights:
    """How sentences are ranked, and when none answers; fitted by training/fit_answering.py.

    `sentence` is the model of whether a sentence answers, by which sentences are ranked; `lead` that of
    whether the first of them does. Where that is less likely than `refuse_below`, nothing is answered. Others
    are added to the first when their log-odds are at most `margin` below its.
    """

    sentence: Logistic
    lead: Logistic
    refuse_below: float
    margin: float

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> AnswerWeights:
        stored = json.loads(path.read_text(encoding="utf-8"))
        sentence, lead = Logistic.of(stored["sentence"]), Logistic.of(stored["lead"])
        return cls(sentence, lead, stored["refuse_below"], stored["margin"])


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    """A sentence with the log-odds by which it is ranked, and its unit vector.

    `quoted.confidence` is how likely it answers if it is the first.
    """

    quoted: Quoted
    score: float
    vector: Vectors

    def says_the_same_as(self, other: _Scored) -> bool:
        one, two = self.quoted, other.quoted
        if _denies(one.text) != _denies(two.text):
            return False
        near = float(self.vector @ other.vector) >= _SAME_COSINE
        return (near and _numbers_agree(one.text, two.text)) or _same_answer(one.answer_text, two.answer_text)


class EmbeddedAnswerer:
    """Chooses the sentences that answer a question; it writes nothing of its own."""

    def __init__(self, library: Library, reader: Reader, max_statements: int = 3) -> None:
        self._library = library
        self._reader = reader
        self._max_statements = max_statements
        self._weights = AnswerWeights.load()

    def choose(self, question: StandaloneQuestion, passages: Sequence[Passage]) -> Iterator[Quoted]:
        """The sentences that answer, best first, each adding something; none when none answers.

        Of a question in two parts each part first gets its best sentence. What is denied is followed by
        its denial.
        """
        question = with_case(question, passages)
        leads: list[_Scored] = []
        others: list[_Scored] = []
        for part in parts(question):
            found = self._scored(part, passages, question.text)
            if found and (found[0].quoted.confidence or 0.0) >= self._weights.refuse_below:
                leads.append(found[0])
                least = found[0].score - self._weights.margin
                others += [one for one in found[1:] if one.score >= least]
        others.sort(key=lambda one: -one.score)
        told: list[_Scored] = []
        for one in (*leads, *self._denials(leads, passages), *others):
            if len(told) == self._max_statements:
                return
            if not any(one.says_the_same_as(other) for other in told):
                told.append(one)
                yield one.quoted

    def _scored(
        self, question: StandaloneQuestion, passages: Sequence[Passage], searched_for: str
    ) -> list[_Scored]:
        """The candidates for one question, best first; read anew if the passages were read for another."""
        read = [passage for passage in passages if isinstance(passage, ReadPassage)]
        if question.text != searched_for or len(read) < len(passages):
            read = read_passages(self._reader, question.text, passages)
        found = candidates(read)
        if not found:
            return []
        embedder = self._library.embedder
        # What is asked now counts as much as what it leans on: for a question that leans on none, they are one.
        asked = embedder.vectors([question.text, question.focus])
        vectors = embedder.vectors([candidate.text for candidate in found])
        rarity = self._library.term_weights(asked_terms(question))
        features = feature_matrix(question, found, rarity, (vectors @ asked.T).mean(axis=1))
        scores = self._weights.sentence.log_odds(features)
        confidences = 1.0 / (1.0 + np.exp(-self._weights.lead.log_odds(features)))
        return [
            _Scored(found[n].quoted(float(confidences[n])), float(scores[n]), vectors[n])
            for n in np.argsort(-scores, kind="stable")
        ]

    def _denials(self, leads: Sequence[_Scored], passages: Sequence[Passage]) -> Iterator[_Scored]:
        """For an answer that denies nothing, the sentence of the passages that denies it, if there is one.

        That is one that soon follows it; else the one that is nearest to it in meaning.
        """
        if not leads or any(_DENIAL.search(lead.quoted.text) for lead in leads):
            return
        found = [
            quoted
            for passage in passages
            for quoted in (Quoted(passage, *span) for span in passage.chunk.sentences)
            if _DENIAL.search(quoted.text) and states(quoted.text)
        ]
        if not found:
            return
        vectors = self._library.embedder.vectors([quoted.text for quoted in found])
        for lead in leads:
            nearness = vectors @ lead.vector
            follows = [_follows(quoted, lead.quoted) for quoted in found]
            best = max(range(len(found)), key=lambda n: (follows[n], nearness[n]))
            if follows[best] or nearness[best] >= _SAME_CLAIM_COSINE:
                yield _Scored(found[best], -math.inf, vectors[best])
                return


def _same_answer(one: str | None, other: str | None) -> bool:
    """Whether all that one marks as the answer is marked in the other, too.

    >>> _same_answer("11,000", "more than 11,000"), _same_answer("Hamas", "Iran"), _same_answer(None, "Iran")
    (True, False, False)
    >>> _same_answer("200 people", "1,200 people")
    False
    """
    if one is None or other is None:
        return False
    marked, others = set(words(one)), set(words(other))
    return (marked <= others or others <= marked) and _numbers_agree(one, other)


def _follows(quoted: Quoted, other: Quoted) -> bool:
    """Whether it comes soon after the other: with few sentences between them."""
    article = quoted.passage.article
    if article.id != other.passage.article.id or quoted.start < other.end:
        return False
    sentences = [span for span in quoted.passage.chunk.sentences if other.end <= span[0] < quoted.start]
    nearest = sentences[0][0] if sentences else quoted.start
    # What stands between it and the first sentence of its own passage after the other is not known here.
    most = _AFTER_CLAIM if _CLAIM.search(other.text) else _BETWEEN
    return len(sentences) <= most and not article.text[other.end : nearest].strip()


def _denies(sentence: str) -> bool:
    """Whether it denies something: such a sentence is no copy of one that claims it.

    >>> _denies("Hamas disputed the report."), _denies("Hamas did not say."), _denies("Hamas confirmed it.")
    (True, True, False)
    """
    return bool(_DENIAL.search(sentence) or _NEGATION.search(sentence))


def _numbers_agree(one: str, other: str) -> bool:
    """Whether all the numbers of one are in the other.

    >>> _numbers_agree("The attack killed 1,200.", "The attack killed 1,300 people.")
    False
    >>> _numbers_agree("The attack killed 1,200.", "The attack of Oct. 7 killed 1,200 people.")
    True
    """
    numbers, others = set(_NUMBER.findall(one)), set(_NUMBER.findall(other))
    return numbers <= others or others <= numbers
