"""Evaluators: the scores in the form that LangSmith and LangChain's evaluators have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag.evaluation.catalogue import Catalogue
from rag.evaluation.measures import MEASURES, missed, score_answer
from rag.evaluation.questions import EvalQuestion

Evaluator = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any] | None], dict[str, Any]]


def langsmith_evaluator(catalogue: Catalogue) -> Evaluator:
    """An evaluator for `langsmith.evaluate(..., evaluators=[...])`, which needs no judge model.

    It takes an example's `inputs` (`question`, and `history` if any), the `outputs` of the target (an
    answer as `Answer.to_json()` gives it) and the example's `reference_outputs` (other fields of an
    EvalQuestion, as `{"answers": ["$5.20"]}`; what is no field of it is left alone), and gives
    `{"results": [{"key", "score", "comment"}, ...]}`, one for each score.
    """

    def cited_news(
        inputs: Mapping[str, Any], outputs: Mapping[str, Any], reference_outputs: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        given = {"id": "example", **inputs, **(reference_outputs or {})}
        known = {name: value for name, value in given.items() if name in EvalQuestion.model_fields}
        question = EvalQuestion.model_validate(known)
        if not outputs:
            return {"results": [{"key": "right", "score": 0.0, "comment": "There is no answer."}]}
        scores = score_answer(question, outputs, catalogue)
        results: list[dict[str, Any]] = [
            {"key": name, "score": score, "comment": MEASURES[name].meaning} for name, score in scores.items()
        ]
        if "right" in scores:
            results[0]["comment"] = " ".join(missed(question, outputs, scores)) or "Nothing is missed."
        return {"results": results}

    return cited_news
