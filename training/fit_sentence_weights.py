"""Fits rag/sentence_weights.json: how the embedded answerer scores sentences, and when it refuses.

    python training/fit_sentence_weights.py DATA

DATA holds squad2_part/dev-half.json (SQuAD 2.0 format), qed/qed-dev.jsonlines and
selqa/selqa-ass-dev.json. Their paragraphs become a library; every question is searched in it, and each
candidate sentence is labelled by whether it holds an answer. Questions that SQuAD marks as impossible
have none, and each answerable question is used a second time without its own article, so that the
model also sees what an off-topic question finds. Takes about ten minutes on two cores.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).parent.parent))

from index.article import Article
from index.chunking import chunk_article, text_to_embed
from index.embedding import SentenceTransformerEmbedder, Vectors
from index.library import Library, Prepared
from rag.answering import _WEIGHTS
from rag.features import FEATURES, asked_terms, candidates, feature_matrix
from rag.question import StandaloneQuestion
from rag.retrieval import HybridRetriever

SEED = 0
QUESTIONS = 2_000  # of each set
KEPT = 0.95  # share of the answerable questions that must not be refused


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


def qed(path: Path) -> Iterator[Asked]:
    for line in path.read_text().splitlines():
        item = json.loads(line)
        answers = tuple(answer["string"] for answer in item["original_nq_answers"][0] if "string" in answer)
        if answers:
            yield Asked(item["question_text"], item["title_text"], item["paragraph_text"], answers)


def selqa(path: Path) -> Iterator[Asked]:
    for item in json.loads(path.read_text()):
        answers = tuple(item["candidates"][i] for i in item["answers"])
        if answers:
            title = f"{item['article']}: {item['section']}"
            yield Asked(item["question"], title, " ".join(item["candidates"]), answers)


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
        vectors = library.embedder.vectors([text_to_embed(article, chunk, library.embedder) for chunk in chunks])
        library.add([Prepared(article, chunks, vectors)])


def search(library: Library, asked: Sequence[Asked]) -> Iterator[Searched]:
    retriever = HybridRetriever(library=library)

    @lru_cache(maxsize=None)
    def vector(text: str) -> Vectors:
        return library.embedder.vectors([text])[0]

    for item in asked:
        question = StandaloneQuestion(item.question)
        found = candidates(retriever.passages(item.question))
        rarity = library.term_weights(asked_terms(question))
        other = [c for c in found if c.passage.article.headline != item.title]
        for some, answerable in ((found, bool(item.answers)), (other, False)):
            if not some or (some is other and not item.answers):
                continue
            cosines = np.array([vector(c.text) @ vector(item.question) for c in some], np.float32)
            answers = np.array([answerable and holds_answer(c.text, c.passage.article.headline, item) for c in some])
            if answers.any() or not answerable:  # what retrieval missed teaches nothing about sentences
                yield Searched(feature_matrix(question, some, rarity, cosines), answers, answerable)


def holds_answer(sentence: str, title: str | None, asked: Asked) -> bool:
    here = title == asked.title and sentence in asked.paragraph
    return here and any(answer in sentence or sentence in answer for answer in asked.answers)


def main(data: Path) -> None:
    sets = [
        list(squad(data / "squad2_part" / "dev-half.json")),
        list(qed(data / "qed" / "qed-dev.jsonlines")),
        list(selqa(data / "selqa" / "selqa-ass-dev.json")),
    ]
    searched: list[Searched] = []
    for asked in sets:
        with tempfile.TemporaryDirectory() as folder:
            with Library(Path(folder), SentenceTransformerEmbedder(), create=True) as library:
                fill(library, asked)
                some = random.Random(SEED).sample(asked, min(QUESTIONS, len(asked)))
                searched += search(library, some)
        print(f"{len(searched)} searches", flush=True)

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
    pairs = [(score, s.answers) for score, s in zip(scores, searched, strict=True) if s.answerable]
    margin = max(np.arange(0, 2.05, 0.1), key=lambda margin: f1_of_three(pairs, margin))
    right = float(np.mean([answers[score.argmax()] for score, answers in pairs]))
    refused = float((best[~answerable] < refuse_below).mean())
    stored = {
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        "intercept": round(intercept, 4),
        "refuse_below": round(refuse_below, 3),
        "margin": round(float(margin), 2),
        "fitted_on": f"{len(searched)} searches of SQuAD 2.0 (half of dev), QED dev and SelQA dev; seed {SEED}",
        "measured_there": {"best sentence is right": round(right, 3), "answerable kept": KEPT, "others refused": round(refused, 3)},
    }
    _WEIGHTS.write_text(json.dumps(stored, indent=2) + "\n")
    print(_WEIGHTS.read_text())


def f1_of_three(pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]], margin: float) -> float:
    """Mean F1 of the sentences chosen, at most three, against those that hold the answer (at most three)."""
    total = 0.0
    for scores, answers in pairs:
        order = np.argsort(-scores)[:3]
        chosen = order[scores[order] >= scores[order[0]] - margin]
        hits = answers[chosen].sum()
        total += 2 * hits / (len(chosen) + min(3, answers.sum()))
    return total / len(pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
