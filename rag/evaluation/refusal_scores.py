"""Refusal scores: whether it is refused what the articles do not answer, and only that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rag.evaluation.answer_scores import key_is_met
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.statistics import Numbers


def refusal_scores(question: EvalQuestion, answer: Mapping[str, Any]) -> dict[str, float]:
    """`precision` is the share of refusals that are right, `recall` the share of the unanswerable refused
    ("unanswerable accuracy" in ClapNQ; Rosenthal et al., TACL 2025), `false` the share of the answerable
    that are refused, `rate` the share of all that are.
    """
    refused = float(answer["refused"])
    scores = {"refusal.rate": refused}
    if question.answerable is None:
        return scores
    if answer["refused"]:
        scores["refusal.precision"] = float(not question.answerable)
    scores["refusal.false" if question.answerable else "refusal.recall"] = refused
    return scores


def is_right(question: EvalQuestion, answer: Mapping[str, Any], scores: Mapping[str, float]) -> bool | None:
    """Whether a question was dealt with rightly; None when the question does not say what is right.

    Right is to refuse what cannot be answered, and otherwise to say what `answers` asks for; without
    `answers`, to quote some of the evidence.
    """
    if question.answerable is None:
        return None
    if not question.answerable:
        return bool(answer["refused"])
    if question.answers:
        return key_is_met(question, [statement["text"] for statement in answer["statements"]])
    return scores["answer.evidence"] > 0 if question.evidence else None


def risk_coverage(confident: Numbers) -> tuple[Numbers, Numbers]:
    """Coverages and risks of answers, given as rows of confidence and whether it is right (1 or 0).

    The k most confident of n answers have the coverage k/n and, as risk, the share of those k that are
    wrong (El-Yaniv and Wiener, "On the foundations of noise-free selective classification", JMLR 2010).
    Answers of equal confidence come in together, as one point.

    >>> risk_coverage(np.array([(0.9, 1), (0.7, 0), (0.8, 1), (0.6, 0)]))[1].round(3).tolist()
    [0.0, 0.0, 0.333, 0.5]
    """
    ranked = confident[np.argsort(-confident[:, 0], kind="stable")]
    counts = np.arange(1, len(ranked) + 1)
    last = np.append(ranked[1:, 0] != ranked[:-1, 0], True)
    return counts[last] / len(ranked), (np.cumsum(1 - ranked[:, 1]) / counts)[last]


def area_under_risk(confident: Numbers) -> float:
    """The area under the risk-coverage curve, AURC: the mean risk over all coverages; 0 is best.

    Geifman, Uziel and El-Yaniv, "Bias-reduced uncertainty estimation for deep neural classifiers", ICLR
    2019. Answers of equal confidence share the risk of their point.

    >>> round(area_under_risk(np.array([(0.9, 1), (0.7, 0), (0.8, 1), (0.6, 0)])), 4)  # (0 + 0 + 1/3 + 1/2) / 4
    0.2083
    """
    coverages, risks = risk_coverage(confident)
    return float(np.diff(coverages, prepend=0.0) @ risks)
