"""Features: what speaks for a sentence being the answer to a question, as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Span
from rag.answer import Passage
from rag.kinds import Kind, has_shape_of, kind_of_answer, name_the_speaker
from rag.question import StandaloneQuestion
from rag.terms import names, restore_case, terms, words

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


_FEWEST_WORDS = 4  # less is a caption's credit or a byline
_LONGEST_SUBHEADING = 12  # words; a sentence of so few that ends without a full stop is one
_ENDED = re.compile(r"[.!…][\"'”’)\]]*$")
_WITHDRAWN = re.compile(r"\b(?:earlier|previous) version of this (?:article|story|report)\b", re.IGNORECASE)


def candidates(question: StandaloneQuestion, passages: Sequence[Passage]) -> list[Candidate]:
    """The sentences of the passages that may answer, in order; one that two chunks share comes once.

    A subheading or a question answers nothing, and a correction quotes what is wrong. Nor does a
    sentence whose article lacks a name that is asked about, or a part of it ("Haniyeh" for "Ismail
    Haniyeh", "Iran" for "Iranian"); nor one without a number, where the question is how many. No weight
    could express these, so they are rules.
    """
    wants_number = kind_of_answer(question.focus) is Kind.NUMBER
    asked = [words(name) for name in names(question.focus) if not name.isupper()]  # not TV, UN, U.S.
    named: dict[str, bool] = {}
    found: dict[tuple[str, Span], Candidate] = {}
    for passage in passages:
        article = passage.article
        if article.id not in named:
            named[article.id] = _names_all(article, asked)
        for span in passage.chunk.sentences if named[article.id] else ():
            candidate = Candidate(passage, *span)
            if not _states(candidate.text):
                continue
            if not wants_number or has_shape_of(Kind.NUMBER, candidate.text, question.focus):
                found.setdefault((article.id, span), candidate)
    return list(found.values())


def _states(sentence: str) -> bool:
    """Whether a sentence states something: no subheading, no question, no words that were withdrawn."""
    length = len(words(sentence))
    if length < _FEWEST_WORDS or sentence.endswith("?") or _WITHDRAWN.search(sentence):
        return False
    return length > _LONGEST_SUBHEADING or _ENDED.search(sentence) is not None


def _names_all(article: Article, asked: Sequence[Sequence[str]]) -> bool:
    about = [article.headline, article.outlet, article.credit, article.text]
    said = set(words(" ".join(part for part in about if part))) if asked else set()
    return all(any(word.startswith(_stem(part)) for part in name for word in said) for name in asked)


def _stem(name: str) -> str:
    """What a name shares with its adjective: at least four letters, without the last three.

    >>> _stem("iranian"), _stem("biden"), _stem("khamenei")
    ('iran', 'bide', 'khame')
    """
    return name[: max(4, len(name) - 3)]


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


def with_case(question: StandaloneQuestion, passages: Sequence[Passage]) -> StandaloneQuestion:
    """The question with the capitals of names that it was typed without, as the passages write them."""
    texts = [passage.chunk.text for passage in passages]
    return replace(question, focus=name_the_speaker(restore_case(question.focus, texts)))


def asked_terms(question: StandaloneQuestion) -> list[str]:
    """The terms of what is asked now, or of the whole when that has none ("And when?")."""
    return terms(question.focus) or terms(question.text)
