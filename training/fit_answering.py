"""Fits rag/answer_weights.json: how the embedded answerer scores sentences, and when it refuses.

    python training/fit_answering.py DATA_FOLDER [--seed 1] [--reader MODEL]

It runs after train_reader.py, on the articles that reader_data.py keeps for development: what the reader
has learned by heart would look too sure. All articles of SQuAD's part, of QED and of training/written/
become a library, and each question is searched in it three times: with its own article; where it has an
answer, without the paragraph that holds it (on the topic, but not there) and without the article
(off the topic). A question about a story of several articles is searched once, among them all; some of those
are answered nowhere in their story. None of the questions trained the reader, nor the articles that they are about;
the other articles may have. Takes ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).parent.parent))

from index.article import Article
from index.chunking import chunk_article, text_to_embed
from index.embedding import SentenceTransformerEmbedder, Vectors
from index.library import Library, Prepared
from rag.answer import Passage
from rag.answering import WEIGHTS, Logistic
from rag.features import FEATURES, asked_terms, candidates, feature_matrix, with_case
from rag.question import StandaloneQuestion
from rag.reader import Reader, reader_of
from rag.reranking import SEARCH_WEIGHT, read_passages
from rag.retrieval import HybridRetriever
from rag.settings import AssistantSettings
from training.reader_data import (
    WRITTEN,
    Example,
    development_events,
    read_qed,
    read_squad,
    read_written,
)

DEFAULTS = AssistantSettings.model_construct()
KEPT = 0.95  # share of the answerable questions that must not be refused
CLEARLY = 0.99
OF_A_KIND = 200  # questions: of each source, about stories or not, answerable or not
KEPT_OF_THREE = 0.92  # share of the answers that always showing three would hold, which the margin must keep


@dataclass(frozen=True)
class Searched:
    """The candidates of one question: their features, which of them answer, and which might (left out)."""

    source: str
    case: str
    id: str
    features: NDArray[np.float64]
    answers: NDArray[np.bool_]
    unclear: NDArray[np.bool_]
    passages: NDArray[np.float64]  # of each passage the score of its best span, and that of the search
    held: NDArray[np.bool_]  # which passages hold the answer

    @property
    def answerable(self) -> bool:
        return self.case == "answerable"


def paragraphs_by_article(examples: Sequence[Example]) -> dict[tuple[str, str], list[str]]:
    found = defaultdict[tuple[str, str], dict[str, None]](dict)
    for example in examples:
        found[example.source, example.article][example.context] = None
    return {key: list(paragraphs) for key, paragraphs in found.items()}


def fill(library: Library, paragraphs: dict[tuple[str, str], list[str]]) -> None:
    for (source, title), texts in paragraphs.items():
        article = Article("\n\n".join(texts), headline=title, path=f"{source}/{title}")
        chunks = chunk_article(article, library.embedder)
        vectors = library.embedder.vectors(
            [text_to_embed(article, chunk, library.embedder) for chunk in chunks]
        )
        library.add([Prepared(article, chunks, vectors)])


def search(
    library: Library,
    reader: Reader,
    asked: Sequence[Example],
    paragraphs: dict[tuple[str, str], list[str]],
    stories: Mapping[str, set[str]],
) -> Iterator[Searched]:
    """`stories` names the articles about each event."""
    retriever = HybridRetriever(library=library, top_k=DEFAULTS.read_k)
    vectors: dict[str, Vectors] = {}
    for item in asked:
        path = f"{item.source}/{item.article}"
        offset = "\n\n".join(paragraphs[item.source, item.article]).index(item.context)
        own = range(offset, offset + len(item.context))

        def holds(passage: Passage, path: str = path, own: range = own) -> bool:
            return (
                passage.article.path == path
                and passage.chunk.start < own.stop
                and passage.chunk.end > own.start
            )

        found_by_search = retriever.passages(item.question)
        passages = read_passages(reader, item.question, found_by_search)
        searched = {
            read.number: (read.best_score, found.score)
            for read, found in zip(passages, found_by_search, strict=True)
        }
        vector = library.embedder.vectors([item.question])[0]
        elsewhere = [p for p in passages if p.article.path != path]
        told_elsewhere = stories[item.event] - {path}
        if item.nowhere:
            cases = {"nowhere": passages}
        elif item.story:
            cases = {"answerable": passages}
        elif item.answers:
            cases = {
                "answerable": passages,
                "other paragraph": [p for p in passages if not holds(p)],
                "other article": elsewhere,
            }
        else:  # another paragraph of its article may well answer
            cases = {"impossible": [p for p in passages if holds(p) or p.article.path != path]}
        for case, some in cases.items():
            question = with_case(StandaloneQuestion(item.question), some)
            found = candidates(sorted(some, key=lambda passage: -passage.score)[: DEFAULTS.top_k])
            if not found:
                continue
            rarity = library.term_weights(asked_terms(question))
            unknown = [c.text for c in found if c.text not in vectors]
            vectors |= zip(unknown, library.embedder.vectors(unknown), strict=True)
            cosines = np.array([vectors[c.text] for c in found]) @ vector
            here = np.array([c.passage.article.path == path for c in found])
            beside = np.array([c.passage.article.path in told_elsewhere for c in found]) & bool(item.answers)
            spans = [(start + offset, end + offset) for start, end in item.answers]
            answers = (
                np.array([any(c.start < end and c.end > start for start, end in spans) for c in found]) & here
            )
            told = np.array([any(text in c.text for text in item.texts()) for c in found])
            yield Searched(
                item.source,
                case if answers.any() or case != "answerable" else "answer not found",
                item.id,
                feature_matrix(question, found, rarity, cosines),
                answers & (case == "answerable"),
                (told & ~answers & here) | beside | (answers & (case != "answerable")),
                np.array([searched[p.number] for p in some]),
                np.array(
                    [
                        p.article.path == path
                        and any(p.chunk.start <= start and end <= p.chunk.end for start, end in spans)
                        for p in some
                    ]
                ),
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", default=DEFAULTS.reader_model)
    parser.add_argument(
        "--limit", type=int, help="only so many questions of a kind, to try it out: nothing is written"
    )
    given = parser.parse_args()
    examples = [
        *read_squad(given.data / "squad2_part/dev-half.json", "squad2_part"),
        *read_qed(given.data / "qed", defaultdict(int)),  # type: ignore[arg-type]
        *read_written(WRITTEN),
    ]
    events = defaultdict[str, list[str]](list)
    for example in examples:
        events[example.source].append(example.event)
    development = development_events(events, given.seed)
    # Of a question that another article of its story may answer, nothing is known.
    asked = [
        example
        for example in examples
        if example.event in development and (example.answers or example.nowhere or not example.story)
    ]
    kinds = defaultdict[tuple[str, bool, bool], list[Example]](list)
    for example in random.Random(given.seed).sample(asked, len(asked)):
        kinds[example.source, bool(example.story), bool(example.answers)].append(example)
    asked = [example for kind in kinds.values() for example in kind[: given.limit or OF_A_KIND]]
    paragraphs = paragraphs_by_article(examples)
    stories = defaultdict[str, set[str]](set)
    for example in examples:
        stories[example.event].add(f"{example.source}/{example.article}")
    with (
        tempfile.TemporaryDirectory() as folder,
        Library(Path(folder), SentenceTransformerEmbedder(), create=True) as library,
    ):
        fill(library, paragraphs)
        searched = list(search(library, reader_of(given.reader), asked, paragraphs, stories))
    stored = json.dumps(fit(searched), indent=2)
    print(stored)
    if not given.limit:
        WEIGHTS.write_text(stored + "\n", encoding="utf-8")


def fit(searched: Sequence[Searched]) -> dict[str, Any]:
    """The weights, the threshold and the margin, with what they give on the questions they are fitted on."""
    sentence = logistic(
        np.vstack([s.features[~s.unclear] for s in searched]),
        np.concatenate([s.answers[~s.unclear] for s in searched]),
    )
    scores = [log_odds(sentence, s.features) for s in searched]
    leads = np.array([s.features[score.argmax()] for s, score in zip(searched, scores, strict=True)])
    # A sentence of its article with the very words of the answer may well be right: it teaches nothing.
    right = np.array([s.answers[score.argmax()] for s, score in zip(searched, scores, strict=True)])
    clear = np.array([not s.unclear[score.argmax()] for s, score in zip(searched, scores, strict=True)])
    lead = logistic(leads[clear], right[clear])
    chances = 1 / (1 + np.exp(-log_odds(lead, leads)))
    answerable = np.array([s.answerable for s in searched])
    refuse_below = float(np.quantile(chances[answerable], 1 - KEPT))
    pairs = [(score, s.answers) for score, s in zip(scores, searched, strict=True) if s.answerable]
    margins = np.arange(0, 5.05, 0.1)
    held = [share_held(pairs, margin) for margin in margins]
    margin = next(m for m, share in zip(margins, held, strict=True) if share >= KEPT_OF_THREE * held[-1])
    measured: dict[str, float] = {
        "best sentence answers": float(right[answerable].mean()),
        "it answers or has the words of the answer": float((right | ~clear)[answerable].mean()),
        "a shown sentence answers": share_held(pairs, margin),
        "answerable kept": float((chances >= refuse_below)[answerable].mean()),
        "expected error of the confidence": calibration_error(chances[clear], right[clear]),
        "MRR of the passage, search": reciprocal_rank(searched, 0, 1),
        "MRR of the passage, reader": reciprocal_rank(searched, 1, 0),
        "MRR of the passage, both": reciprocal_rank(searched, 1, SEARCH_WEIGHT),
    }
    measured["CLEAR"], measured["answerable with a clear answer"] = clear_score(searched, DEFAULTS.top_k)
    for case in dict.fromkeys(s.case for s in searched if not s.answerable):
        of_case = np.array([s.case == case for s in searched]) & clear
        measured[f"{case}: refused"] = float((chances < refuse_below)[of_case].mean())
        measured[f"{case}: AUC"] = float(
            roc_auc_score(answerable[answerable | of_case], chances[answerable | of_case])
        )
    return {
        "sentence": sentence,
        "lead": lead,
        "refuse_below": round(refuse_below, 4),
        "margin": round(float(margin), 2),
        "fitted_on": f"{len(searched)} searches",
        "measured_there": {name: round(value, 3) for name, value in measured.items()},
    }


def clear_score(searched: Sequence[Searched], first: int) -> tuple[float, float]:
    """The lowest score of an answer in the first passages from which reading the others changes nothing, and how
    often an answerable question has one.

    Nothing is that the best of all is among the first for CLEARLY of the questions.
    """
    answerable = [s for s in searched if s.answerable and len(s.passages) > first]
    if not answerable:
        return math.inf, 0.0
    best_of_first = np.array([s.passages[:first, 0].max() for s in answerable])
    stays = np.array([(s.passages @ np.array([1, SEARCH_WEIGHT])).argmax() < first for s in answerable])
    order = np.argsort(-best_of_first, kind="stable")
    share = stays[order].cumsum() / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= CLEARLY)
    if not len(enough):
        return math.inf, 0.0
    return float(best_of_first[order][enough[-1]]), float(enough[-1] + 1) / len(order)


def reciprocal_rank(searched: Sequence[Searched], reader: float, search: float) -> float:
    """The mean of 1 / rank of the first passage that holds the answer, ranked by both scores so weighted."""
    ranks = []
    for s in searched:
        if s.answerable and s.held.any():
            order = np.argsort(-(s.passages @ np.array([reader, search])), kind="stable")
            ranks.append(1 / (1 + np.flatnonzero(s.held[order])[0]))
    return float(np.mean(ranks))


def logistic(rows: NDArray[np.float64], labels: NDArray[np.bool_]) -> dict[str, float]:
    """The weights of FEATURES and the intercept of a logistic model."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=3_000).fit((rows - mean) / deviation, labels)
    weights = model.coef_[0] / deviation
    named = dict(zip(FEATURES, weights, strict=True)) | {
        "intercept": model.intercept_[0] - (mean * weights).sum()
    }
    return {name: round(float(value), 4) for name, value in named.items()}


def log_odds(fitted: dict[str, float], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return Logistic.of(fitted).log_odds(rows)


def calibration_error(chances: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """How far a chance is from the share that is right, on average over bins of equal size.

    Guo et al., "On calibration of modern neural networks", ICML 2017, there with bins of equal width.
    """
    order = np.array_split(np.argsort(chances), bins)
    gaps = [abs(chances[part].mean() - right[part].mean()) * len(part) for part in order]
    return float(sum(gaps) / len(chances))


def share_held(pairs: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]], margin: float) -> float:
    """Share of the questions for which a sentence that is shown holds the answer."""
    hits = []
    for scores, answers in pairs:
        order = np.argsort(-scores)[: DEFAULTS.max_statements]
        hits.append(answers[order[scores[order] >= scores[order[0]] - margin]].any())
    return float(np.mean(hits))


if __name__ == "__main__":
    main()
