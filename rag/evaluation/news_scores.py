"""News scores: hedges kept, denials shown, copies counted as one, nothing from after the question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.evaluation.catalogue import Catalogue
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.wording import says


def news_scores(question: EvalQuestion, answer: Mapping[str, Any], catalogue: Catalogue) -> dict[str, float]:
    """The scores for which the question gives the fields; a refusal loses and omits nothing, and has none.

    `hedge` is whether one of `hedges` survived, `denial` whether one of `denials` is shown, `copies`
    whether no two citations are of articles that carry the same copy, of those answers that cite one of
    them at all, `in time` whether every dated article cited was published on the day `as_of` or before.
    """
    if answer["refused"]:
        return {}
    statements = [statement["text"] for statement in answer["statements"]]
    cited = {citation["article_id"]: citation for citation in answer["citations"]}
    scores: dict[str, float] = {}
    for name, keys in (("hedge", question.hedges), ("denial", question.denials)):
        if keys:
            scores[f"news.{name}"] = float(any(says(text, key) for text in statements for key in keys))
    counts = [len(group & cited.keys()) for group in catalogue.groups(question.copies)]
    if any(counts):
        scores["news.copies"] = float(max(counts) == 1)
    if question.as_of:
        days = [citation["published"][:10] for citation in cited.values() if citation["published"]]
        scores["news.in time"] = float(all(day <= question.as_of.isoformat() for day in days))
    return scores
