"""Retrieval scores: whether what answers a question is among its passages, and how far up.

Computed by ir-measures, the library of TREC's own measures, for each question: Hits@k (Success@k) and
recall@k; the reciprocal rank within 10 (Voorhees, "The TREC-8 question answering track report", 1999);
nDCG@10 (Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 2002); and
average precision, whose mean is MAP (Buckley and Voorhees, "Retrieval system evaluation", in TREC, 2005).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rag.evaluation.catalogue import Catalogue
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.wording import plain, stands_in

CUTOFFS = (1, 3, 5, 10)

Ranking = Sequence[str | None]
"""What a ranking found, best first: the name of a relevant item, or None for anything else."""


def retrieval_scores(
    question: EvalQuestion, answer: Mapping[str, Any], catalogue: Catalogue
) -> dict[str, float]:
    """The scores by article (when sources are given) and by passage (when evidence is given)."""
    passages = answer["passages"]
    scores: dict[str, float] = {}
    groups = [(name,) for name in question.relevant] or question.source_groups
    if groups:
        ranking, relevant = found_articles(passages, catalogue.groups(groups))
        scores |= _named("article", ranking, relevant)
    if question.evidence:
        ranking, relevant = found_evidence(passages, question.evidence_sentences)
        scores |= _named("passage", ranking, relevant)
    return scores


def found_articles(
    passages: Sequence[Mapping[str, Any]], wanted: Sequence[frozenset[str]]
) -> tuple[list[str | None], int]:
    """The ranking by article, each once, at its best passage; and how many relevant items there are.

    An item of `wanted` is found by the first of its articles. Another one of the same item is of no further
    use, and counts as if it were not relevant: five copies of a story do not make a ranking good. Items
    that one article finds together are one, as is an article that is named twice.
    """
    ranking: list[str | None] = []
    left = [ids for place, ids in enumerate(wanted) if not ids or ids not in wanted[:place]]
    for article_id in dict.fromkeys(passage["article_id"] for passage in passages):
        found = [ids for ids in left if article_id in ids]
        left = [ids for ids in left if article_id not in ids]
        ranking.append(article_id if found else None)
    return ranking, sum(item is not None for item in ranking) + len(left)


def found_evidence(
    passages: Sequence[Mapping[str, Any]], evidence: Sequence[str]
) -> tuple[list[str | None], int]:
    """The ranking by passage, and how many relevant items there are.

    A passage is relevant when it holds evidence that none before it held; sentences that one passage
    holds together are one item. (As in novelty-based evaluation: Clarke et al., SIGIR 2008.)
    """
    ranking: list[str | None] = []
    left = [plain(sentence).casefold() for sentence in evidence]
    for number, passage in enumerate(passages):
        text = plain(passage["text"]).casefold()
        held = [sentence for sentence in left if stands_in(sentence, text)]
        left = [sentence for sentence in left if sentence not in held]
        ranking.append(str(number) if held else None)
    return ranking, sum(found is not None for found in ranking) + len(left)


def ranking_scores(ranking: Ranking, relevant: int) -> dict[str, float]:
    """Every measure of one ranking of which `relevant` items, found or not, are relevant.

    >>> ranking_scores([None, "a", "b"], 2)["mrr@10"]
    0.5
    """
    import ir_measures
    from ir_measures import AP, RR, R, Success, nDCG

    names = {
        **{Success @ k: f"hits@{k}" for k in CUTOFFS},
        **{R @ k: f"recall@{k}" for k in CUTOFFS},
        RR @ 10: "mrr@10",
        nDCG @ 10: "ndcg@10",
        AP: "map",
    }
    found = [name for name in ranking if name is not None]
    missing = [f"missing {number}" for number in range(relevant - len(found))]
    qrels = {"q": dict.fromkeys([*found, *missing], 1)}
    # Scores must only fall: ir-measures orders by score, and would break ties by name.
    run = {"q": {name or f"other {rank}": float(-rank) for rank, name in enumerate(ranking)}}
    if not ranking:
        return dict.fromkeys(names.values(), 0.0)
    measured: Iterable[Any] = ir_measures.iter_calc(list(names), qrels, run)
    return {names[metric.measure]: metric.value for metric in measured}


def _named(by: str, ranking: Ranking, relevant: int) -> dict[str, float]:
    return {f"{by}.{name}": value for name, value in ranking_scores(ranking, relevant).items()}
