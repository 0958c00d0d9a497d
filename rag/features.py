"""Features: what speaks for a sentence being the answer to a question, as numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Span
from index.spelling import allowed_edits, near_words
from rag.answer import Passage
from rag.citing import Quoted
from rag.kinds import Kind, has_shape_of, kind_of_answer, name_the_speaker
from rag.question import StandaloneQuestion
from rag.reader import AnswerSpan
from rag.reranking import ReadPassage
from rag.terms import names, restore_case, terms, words

FEATURES = (
    "reader",  # score of the best answer within it: its log-odds against there being none, says the reader
    "passage",  # score of its passage, as passages are ranked by it
    "passage_below_best",  # how far that is below the best passage
    "cosine",  # of question and sentence
    "cosine_below_best",  # how far its cosine is below the best of all candidates
    "coverage",  # share of the question's terms in it and the sentence before, rare ones counting more
    "own_coverage_below_best",  # the same share in the sentence alone: how far below the best of all candidates
    "lacks_shape",  # 1 when the question asks for a kind of thing (a number, a time ...) and it holds none
    "lacks_names",  # share of the names in the question that its article does not say
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage that may answer, and the words in it that would.

    `start` and `end` of both are offsets into the article's text.
    """

    passage: Passage
    start: int
    end: int
    answer: AnswerSpan

    @property
    def text(self) -> str:
        return self.passage.article.text[self.start : self.end]

    def quoted(self, confidence: float) -> Quoted:
        """What is told of it when it answers with this confidence."""
        answer = self.answer.start, self.answer.end
        return Quoted(self.passage, self.start, self.end, answer, confidence)

    @property
    def before(self) -> str:
        """The sentence before it in its passage: what "he" and "it" may stand for. Empty for the first."""
        sentences = self.passage.chunk.sentences
        position = sentences.index((self.start, self.end))
        start, end = sentences[position - 1] if position else (0, 0)
        return self.passage.article.text[start:end]


_CANDIDATES = 20  # what the reader finds worse than so many others is not worth the time of embedding it
_FEWEST_WORDS = 4  # less is a caption's credit or a byline
_LONGEST_SUBHEADING = 12  # words; a sentence of so few that ends without a full stop is one
_ENDED = re.compile(r"[.!…][\"'”’)\]]*$")
_CAPITAL = re.compile(r"\b[A-ZÀ-ÞŞİĞČŠŽ][^\W_]*")
_MOST_NAMED = 20  # words of names in a question that are looked for in the articles
# "Iran" for "Iranian", "Khameni" for "Khamenei". What is not quite a name costs a weight, nothing more.
_SHORTEST_STEM, _ENDING = 4, 3
_WITHDRAWN = re.compile(r"\b(?:earlier|previous) version of this (?:article|story|report)\b", re.IGNORECASE)


def candidates(passages: Sequence[ReadPassage]) -> list[Candidate]:
    """The sentences of passages that were read that may answer: those that the reader finds best.

    One that two passages share comes once, from the passage in which it was read as the better answer.

    A subheading or a question answers nothing, and a correction quotes what is wrong.
    """
    found: dict[tuple[str, Span], Candidate] = {}
    for passage in passages:
        article, offset = passage.article, passage.chunk.start
        for start, end in passage.chunk.sentences:
            if not states(article.text[start:end]):
                continue
            answer = passage.reading.best_span(start - offset, end - offset)
            before = found.get((article.id, (start, end)))
            if answer and (before is None or before.answer.score < answer.score):
                answer = replace(answer, start=answer.start + offset, end=answer.end + offset)
                found[article.id, (start, end)] = Candidate(passage, start, end, answer)
    return sorted(found.values(), key=lambda candidate: -candidate.answer.score)[:_CANDIDATES]


def states(sentence: str) -> bool:
    """Whether a sentence states something: no subheading, no question, no words that were withdrawn."""
    length = len(words(sentence))
    if length < _FEWEST_WORDS or sentence.endswith("?") or _WITHDRAWN.search(sentence):
        return False
    return length > _LONGEST_SUBHEADING or _ENDED.search(sentence) is not None


def _capitals(text: str) -> set[str]:
    """The words of `text` that have a capital, in lower case: those of names, and others.

    >>> sorted(_capitals("the Khatt-e-Hezbollah’s Bank of England, Euro 2024"))
    ['bank', 'england', 'euro', 'hezbollah', 'khatt']
    """
    return {word.lower() for word in _CAPITAL.findall(text)}


def _share_lacking(asked: Collection[str], article: Article) -> float:
    """The share of the words of names that the article does not say, however they are inflected or misspelt."""
    if not asked:
        return 0.0
    about = [article.headline, article.outlet, article.credit, article.text]
    said = _capitals(" ".join(part for part in about if part))
    return sum(not _is_said(name, said) for name in asked) / len(asked)


def _is_said(name: str, said: Collection[str]) -> bool:
    """Whether a word of a name, or its adjective, or nearly the same word, is among those that are said.

    >>> _is_said("iranian", {"iran"}), _is_said("khameni", {"khamenei"}), _is_said("biden", {"bidding"})
    (True, True, False)
    """
    if name in said:
        return True
    if any(
        (word.startswith(name) or name.startswith(word)) and abs(len(word) - len(name)) <= _ENDING
        for word in said
        if min(len(word), len(name)) >= _SHORTEST_STEM
    ):
        return True
    return bool(near_words(name, said, allowed_edits(name)))


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

    def covered(text: str) -> float:
        said = set(terms(text))
        return sum(rarity[term] for term in asked if term in said) / total

    own = np.array([covered(candidate.text) for candidate in found])
    passage_scores = np.array([candidate.passage.score for candidate in found])
    named = sorted({word for name in names(question.focus) for word in _capitals(name)})[:_MOST_NAMED]
    articles = {c.passage.article.id: c.passage.article for c in found}
    lacking = {id: _share_lacking(named, article) for id, article in articles.items()}
    columns = [
        [candidate.answer.score for candidate in found],
        passage_scores,
        passage_scores.max() - passage_scores,
        cosines,
        cosines.max() - cosines,
        [covered(f"{candidate.before} {candidate.text}") for candidate in found],
        own.max() - own,
        [kind is not Kind.OTHER and not has_shape_of(kind, c.text, question.focus) for c in found],
        [lacking[candidate.passage.article.id] for candidate in found],
    ]
    return np.array(columns, np.float64).T


def with_case(question: StandaloneQuestion, passages: Sequence[Passage]) -> StandaloneQuestion:
    """The question with the capitals of names that it was typed without, as the passages write them."""
    texts = [passage.chunk.text for passage in passages]
    return replace(question, focus=name_the_speaker(restore_case(question.focus, texts)))


def asked_terms(question: StandaloneQuestion) -> list[str]:
    """The terms of what is asked now, or of the whole when that has none ("And when?")."""
    return terms(question.focus) or terms(question.text)
