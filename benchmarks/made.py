"""Made news: any number of articles in the sentences of the sample articles, always the same ones.

Fourteen articles have few words, and each of them in far too many chunks. So every word that carries
meaning is drawn anew from a vocabulary of 200,000: the words of the samples, the most frequent first,
and after them invented ones. The word of rank r is drawn with a chance proportional to (r + 150) ** -1.3,
as Mandelbrot refined Zipf's law: the most frequent is in an eighth of the chunks, nearly all in very few.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from index.article import Article, Chunk
from index.reading import find_files, read
from index.sentences import sentence_spans
from rag.terms import STOP_WORDS

SAMPLES = Path(__file__).parent.parent / "articles"

PARAGRAPHS = 6  # in each article, and each about as long as a chunk
_SENTENCES = 7  # in each paragraph
_VOCABULARY = 200_000
_SHIFT, _EXPONENT = 150, 1.3
_SYLLABLES = [a + b + c for a in "bdfgklmnprstvz" for b in "aeiou" for c in ("", "n", "r")]
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class _Sentence:
    """What stays of a sample sentence, and between each two pieces of it a word: is that capitalised?"""

    pieces: tuple[str, ...]
    capitals: tuple[bool, ...]


def made_articles(count: int, seed: int = 0) -> Iterator[Article]:
    """Articles of about 700 words; another seed gives others in the same words."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        paragraphs = [" ".join(_sentence(rng) for _ in range(_SENTENCES)) for _ in range(PARAGRAPHS)]
        yield Article(
            text="\n\n".join(paragraphs),
            headline=" ".join(_WORD.findall(paragraphs[0])[:9]),
            outlet=f"The {_words(rng, 1)[0].title()} Post",
            byline=" ".join(_words(rng, 2)).title(),
            published=date(2020, 1, 1) + timedelta(days=number % 2_000),
        )


def made_chunks(article: Article, first_id: int) -> list[Chunk]:
    """A chunk for each paragraph, cut without a model: quick, and near enough for a lexical index."""
    spans = [match.span() for match in re.finditer(r"[^\n]+", article.text)]
    return [
        Chunk(article.id, number, start, end, article.text[start:end], ((start, end),), first_id + number)
        for number, (start, end) in enumerate(spans)
    ]


def made_questions(count: int, seed: int = 1) -> list[str]:
    """Questions of 5 to 15 words, which follow each other so in a made article."""
    rng = np.random.default_rng(seed)
    questions = []
    for article in made_articles(count, seed):
        words = _WORD.findall(article.text)
        start = int(rng.integers(len(words) - 15))
        questions.append(" ".join(words[start : start + int(rng.integers(5, 16))]) + "?")
    return questions


def _sentence(rng: np.random.Generator) -> str:
    samples = _sample_sentences()
    sample = samples[int(rng.integers(len(samples)))]
    filled = [sample.pieces[0]]
    words = _words(rng, len(sample.capitals))
    for word, capital, piece in zip(words, sample.capitals, sample.pieces[1:], strict=True):
        filled += [word.capitalize() if capital else word, piece]
    return "".join(filled)


def _words(rng: np.random.Generator, count: int) -> list[str]:
    power = 1 - _EXPONENT
    first, last = _SHIFT**power, (_SHIFT + _VOCABULARY) ** power
    ranks = (first - rng.random(count) * (first - last)) ** (1 / power) - _SHIFT
    return [_vocabulary()[int(rank)] for rank in ranks]


@cache
def _sample_sentences() -> list[_Sentence]:
    return [
        _taken_apart(article.text[start:end])
        for path in find_files([SAMPLES])
        for article in read(path)
        for start, end in sentence_spans(article.text)
    ]


def _taken_apart(sentence: str) -> _Sentence:
    words = [match for match in _WORD.finditer(sentence) if _carries_meaning(match[0])]
    edges = [0, *(edge for word in words for edge in word.span()), len(sentence)]
    pieces = [sentence[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return _Sentence(tuple(pieces), tuple(word[0][0].isupper() for word in words))


def _carries_meaning(word: str) -> bool:
    return len(word) > 2 and word.lower() not in STOP_WORDS


@cache
def _vocabulary() -> list[str]:
    texts = [article.text for path in find_files([SAMPLES]) for article in read(path)]
    found = Counter(word.lower() for text in texts for word in _WORD.findall(text) if _carries_meaning(word))
    words = dict.fromkeys(word for word, _ in found.most_common())
    rng = random.Random(0)
    while len(words) < _VOCABULARY:
        words["".join(rng.choices(_SYLLABLES, k=rng.choice((2, 3))))] = None
    return list(words)
