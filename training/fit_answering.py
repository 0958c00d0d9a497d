"""Fits rag/sentence_weights.json: how the embedded answerer scores sentences, and when it refuses.

    python training/fit_sentence_weights.py SQUAD.json

SQUAD.json is in the format of SQuAD 2.0. Its paragraphs become a library; every question is searched
in it, and each candidate sentence is labelled by whether it holds an answer. Impossible questions have
none, and each answerable question is used a second time without its own article, so that the model
also sees what an off-topic question finds. Takes two minutes on two cores.

Tried and left out, by what the best sentence and the best three then held of the answers to our own 73
questions on the sample articles (.77 and .90 as it is): adding QED (.73, .88), adding SelQA (.73, .86),
the headline among the terms that count as covered (.74), the length of the sentence (.74), terms
covered by the whole passage (.73).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parent.parent))

from index.article import Article
from index.chunking import chunk_article, text_to_embed
from index.embedding import SentenceTransformerEmbedder
from index.library import Library, Prepared
from rag.answering import _WEIGHTS
from rag.features import FEATURES, asked_terms, candidates, feature_matrix, with_case
from rag.question import StandaloneQuestion
from rag.retrieval import HybridRetriever

SEED = 0
QUESTIONS = 2_500
KEPT = 0.97  # share of the answerable questions that must not be refused
KEPT_COVERED = 0.98  # share whose best sentence must cover enough of the question
SHOWN = 3  # sentences in an answer
KEPT_OF_THREE = 0.98  # share of the answers that always showing three would hold, which the margin must keep


@dataclass(frozen=True)
class Asked:
    question: str
    title: str
    paragraph: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Searched:
    """The candidates of one question: their features, and which of them hold an answer."""

    features: NDArray[np.float64]
    answers: NDArray[np.bool_]
    answerable: bool


def squad(path: Path) -> Iterator[Asked]:
    for article in json.loads(path.read_text())["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = tuple(answer["text"] for answer in qa["answers"])
                yield Asked(qa["question"], article["title"].replace("_", " "), paragraph["context"], answers)


def fill(library: Library, asked: Sequence[Asked]) -> None:
    """Adds the paragraphs, those of one title as one article."""
    paragraphs: dict[str, list[str]] = {}
    for item in asked:
        texts = paragraphs.setdefault(item.title, [])
        if item.paragraph not in texts:
            texts.append(item.paragraph)
    for title, texts in paragraphs.items():
        article = Article("\n\n".join(texts), headline=title, path=title)
        chunks = chunk_article(article, library.embedder)
        vectors = library.embedder.vectors(
            [text_to_embed(article, chunk, library.embedder) for chunk in chunks]
        )
        library.add([Prepared(article, chunks, vectors)])


def search(library: Library, asked: Sequence[Asked]) -> Iterator[Searched]:
    retriever = HybridRetriever(library=library)

    asked_for = []
    for item in asked:
        passages = retriever.passages(item.question)
        others = [passage for passage in passages if passage.article.headline != item.title]
        for some, answerable in ((passages, bool(item.answers)), (others, False)):
            if item.answers or some is passages:  # without its own article, every question is off the subject
                question = with_case(StandaloneQuestion(item.question), some)
                asked_for.append((item, question, candidates(question, some), answerable))
    texts = list({c.text for _, _, found, _ in asked_for for c in found} | {item.question for item in asked})
    vectors = dict(zip(texts, library.embedder.vectors(texts), strict=True))
    for item, question, found, answerable in asked_for:
        if not found:
            continue
        rarity = library.term_weights(asked_terms(question))
        cosines = np.array([vectors[c.text] @ vectors[item.question] for c in found], np.float32)
        answers = np.array(
            [answerable and holds_answer(c.text, c.passage.article.headline, item) for c in found]
        )
        if answers.any() or not answerable:  # what retrieval missed teaches nothing about sentences
            yield Searched(feature_matrix(question, found, rarity, cosines), answers, answerable)


def holds_answer(sentence: str, title: str | None, asked: Asked) -> bool:
    here = title == asked.title and sentence in asked.paragraph
    return here and any(answer in sentence or sentence in answer for answer in asked.answers)


def main(path: Path) -> None:
    asked = list(squad(path))
    with (
        tempfile.TemporaryDirectory() as folder,
        Library(Path(folder), SentenceTransformerEmbedder(), create=True) as library,
    ):
        fill(library, asked)
        some = random.Random(SEED).sample(asked, min(QUESTIONS, len(asked)))
        searched = list(search(library, some))

    rows = np.vstack([s.features for s in searched])
    labels = np.concatenate([s.answers for s in searched])
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    model = LogisticRegression(max_iter=3_000).fit((rows - mean) / deviation, labels)
    weights = model.coef_[0] / deviation
    intercept = float(model.intercept_[0] - (mean * weights).sum())
    scores = [s.features @ weights + intercept for s in searched]
    best = np.array([s.max() for s in scores])
    answerable = np.array([s.answerable for s in searched])
    refuse_below = float(np.quantile(best[answerable], 1 - KEPT))
    coverage = FEATURES.index("coverage")
    covered = [s.features[score.argmax(), coverage] for score, s in zip(scores, searched, strict=True)]
    least_coverage = float(np.quantile(np.array(covered)[answerable], 1 - KEPT_COVERED))
    pairs = [(score, s.answers) for score, s in zip(scores, searched, strict=True) if s.answerable]
    margins = np.arange(0, 5.05, 0.1)
    held = [share_held(pairs, margin) for margin in margins]
    margin = next(m for m, share in zip(margins, held, strict=True) if share >= KEPT_OF_THREE * held[-1])
    right = float(np.mean([answers[score.argmax()] for score, answers in pairs]))
    kept = (best >= refuse_below) & (np.array(covered) >= least_coverage)
    stored = {
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        "intercept": round(intercept, 4),
        "refuse_below": round(refuse_below, 3),
        "least_coverage": round(least_coverage, 3),
        "margin": round(float(margin), 2),
        "fitted_on": f"{len(searched)} searches of {path.name}, SQuAD 2.0; seed {SEED}",
        "measured_there": {
            "best sentence holds the answer": round(right, 3),
            "a shown sentence holds the answer": round(share_held(pairs, margin), 3),
            "answerable kept": round(float(kept[answerable].mean()), 3),
            "others refused": round(float(1 - kept[~answerable].mean()), 3),
        },
    }
    _WEIGHTS.write_text(json.dumps(stored, indent=2) + "\n")
    print(_WEIGHTS.read_text())


def share_held(pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]], margin: float) -> float:
    """Share of the questions for which a sentence that is shown holds the answer."""
    hits = []
    for scores, answers in pairs:
        order = np.argsort(-scores)[:SHOWN]
        hits.append(answers[order[scores[order] >= scores[order[0]] - margin]].any())
    return float(np.mean(hits))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
