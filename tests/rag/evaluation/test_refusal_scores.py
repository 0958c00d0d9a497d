"""Refusal scores counted by hand, and the risk-coverage curve with its area."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.measures import score_answer
from rag.evaluation.refusal_scores import area_under_risk, is_right, refusal_scores, risk_coverage
from rag.evaluation.scorecard import Result, scores_over
from tests.evaluation_answers import Json, catalogue, question, quoting, refusal, saying

ANSWERABLE = question(answers=["Tehran"])
UNANSWERABLE = question(answerable=False)
UNKNOWN = question(answerable=None, answers=["Tehran"])
RIGHT, WRONG = saying("In Tehran."), saying("In Qom.")


def result(asked: Any, given_answer: Json) -> Result:
    return Result(asked, given_answer, score_answer(asked, given_answer, catalogue()))


def curve(*answers: tuple[float, int]) -> tuple[list[float], list[float]]:
    """Coverages and risks, to six digits."""
    coverages, risks = risk_coverage(np.array(answers, float))
    return coverages.round(6).tolist(), risks.round(6).tolist()


def area(*answers: tuple[float, int]) -> float:
    return area_under_risk(np.array(answers, float))


def test_a_set_counted_by_hand() -> None:
    """Refused: 1 of 5 answerable, 2 of 3 unanswerable, and 1 of 2 of which that is not known."""
    results = [
        result(ANSWERABLE, RIGHT),
        result(ANSWERABLE, RIGHT),
        result(ANSWERABLE, RIGHT),
        result(ANSWERABLE, WRONG),
        result(ANSWERABLE, refusal()),
        result(UNANSWERABLE, refusal()),
        result(UNANSWERABLE, refusal()),
        result(UNANSWERABLE, WRONG),
        result(UNKNOWN, refusal()),
        result(UNKNOWN, RIGHT),
    ]
    scores = {name: (found.value, found.n) for name, found in scores_over(results).items()}
    assert scores["refusal.precision"] == pytest.approx((2 / 3, 3))  # of 1 + 2 refusals
    assert scores["refusal.recall"] == pytest.approx((2 / 3, 3))
    assert scores["refusal.false"] == pytest.approx((1 / 5, 5))
    assert scores["refusal.rate"] == pytest.approx((4 / 10, 10))
    assert scores["right"] == pytest.approx(((3 + 2) / 8, 8))  # the unknown are neither right nor wrong


def test_where_everything_can_be_answered_refusals_have_no_precision() -> None:
    scores = scores_over([result(ANSWERABLE, RIGHT), result(ANSWERABLE, refusal())])
    assert "refusal.precision" not in scores
    assert scores["refusal.false"].value == 0.5


def test_aurc_is_over_the_answers_that_can_be_judged() -> None:
    unjudged = question(references=["Some whole answer."])
    right, wrong = {**RIGHT, "confidence": 0.9}, {**WRONG, "confidence": 0.4}
    found = scores_over([result(ANSWERABLE, right), result(unjudged, right), result(UNANSWERABLE, wrong)])
    assert (found["refusal.aurc"].value, found["refusal.aurc"].n) == (0.25, 2)


def test_there_is_no_aurc_of_answers_that_should_all_have_been_refusals() -> None:
    """Each of them is wrong, and the curve would say so at every confidence."""
    wrong = {**WRONG, "confidence": 0.4}
    alone = [
        result(UNANSWERABLE, wrong),
        result(UNANSWERABLE, {**wrong, "confidence": 0.9}),
        result(question(references=["Some whole answer."]), {**RIGHT, "confidence": 0.9}),
        result(ANSWERABLE, refusal()),
    ]
    assert "refusal.aurc" not in scores_over(alone)


def test_precision_is_of_refusals_alone() -> None:
    assert refusal_scores(ANSWERABLE, WRONG) == {"refusal.rate": 0, "refusal.false": 0}
    assert refusal_scores(UNANSWERABLE, WRONG) == {"refusal.rate": 0, "refusal.recall": 0}
    assert refusal_scores(ANSWERABLE, refusal()) == {
        "refusal.rate": 1,
        "refusal.precision": 0,
        "refusal.false": 1,
    }
    assert refusal_scores(UNANSWERABLE, refusal()) == {
        "refusal.rate": 1,
        "refusal.precision": 1,
        "refusal.recall": 1,
    }
    assert refusal_scores(UNKNOWN, refusal()) == {"refusal.rate": 1}


@pytest.mark.parametrize(
    ("known", "given_answer", "right"),
    [
        ({"answers": ["Tehran"]}, RIGHT, True),
        ({"answers": ["Tehran"]}, WRONG, False),
        ({"answers": ["Tehran"]}, refusal(), False),
        ({"answers": ["Tehran", "Qom"], "match": "all"}, RIGHT, False),
        # The key decides, where there is one.
        ({"answers": ["Tehran"], "evidence": ["In Qom."]}, quoting("In Qom."), False),
        ({"evidence": ["In Qom.", "In Tehran."]}, quoting("In Tehran."), True),
        ({"evidence": ["In Qom."]}, quoting("In Tehran."), False),
        ({"evidence": ["In Qom."]}, refusal(), False),
        ({"sources": ["a"], "references": ["Tehran"]}, RIGHT, None),
        ({}, RIGHT, None),
        ({}, refusal(), None),
        ({"answerable": False}, refusal(), True),
        ({"answerable": False}, RIGHT, False),
        ({"answerable": None, "answers": ["Tehran"]}, RIGHT, None),
        ({"answerable": None, "answers": ["Tehran"]}, refusal(), None),
    ],
)
def test_what_is_right(known: dict[str, Any], given_answer: Json, right: bool | None) -> None:
    asked = question(**known)
    scores = score_answer(asked, given_answer, catalogue("a"))
    assert is_right(asked, given_answer, scores) is right
    assert scores.get("right") == right


# --- risk and coverage


def test_the_curve_and_its_area_by_hand() -> None:
    """By confidence: right, right, wrong, right. Risks 0/1, 0/2, 1/3, 1/4, each over a fourth."""
    answers = (0.4, 1), (0.9, 1), (0.6, 0), (0.7, 1)
    assert curve(*answers) == ([0.25, 0.5, 0.75, 1], [0, 0, 0.333333, 0.25])
    assert area(*answers) == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)


def test_answers_of_equal_confidence_come_in_together() -> None:
    """.9, .9 and .9 with one wrong, then .5 wrong: risk 1/3 up to 3/4, and 2/4 at 1."""
    answers = (0.9, 1), (0.9, 0), (0.9, 1), (0.5, 0)
    assert curve(*answers) == ([0.75, 1], [0.333333, 0.5])
    assert area(*answers) == pytest.approx(3 / 4 * 1 / 3 + 1 / 4 * 2 / 4)


def test_all_right_all_wrong_and_all_equally_confident() -> None:
    assert area((0.9, 1), (0.8, 1), (0.8, 1)) == 0
    assert area((0.9, 0), (0.8, 0), (0.8, 0)) == pytest.approx(1)
    assert curve((0.7, 1), (0.7, 0), (0.7, 0)) == ([1], [0.666667])
    assert area((0.7, 1), (0.7, 0), (0.7, 0)) == pytest.approx(2 / 3)
    assert area((0.7, 1)) == 0


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=12))
def test_the_area_is_the_mean_risk_whatever_the_order(answers: list[tuple[int, bool]]) -> None:
    """Of each answer in turn: the share of wrong ones among those at least as confident."""
    risks = []
    for confidence, _ in answers:
        kept = [right for other, right in answers if other >= confidence]
        risks.append(kept.count(False) / len(kept))
    expected = sum(risks) / len(risks)
    assert area(*((float(c), int(r)) for c, r in answers)) == pytest.approx(expected)
    assert area(*((float(c), int(r)) for c, r in sorted(answers))) == pytest.approx(expected)


def test_aurc_is_over_the_answers_that_have_a_confidence() -> None:
    """Refusals have none, and of the unknown it is not known whether they are right."""
    results = [
        result(ANSWERABLE, saying("In Tehran.", confidence=0.9)),
        result(ANSWERABLE, saying("In Qom.", confidence=0.8)),
        result(UNANSWERABLE, saying("In Qom.", confidence=0.7)),
        result(UNANSWERABLE, refusal()),
        result(UNKNOWN, saying("In Qom.", confidence=0.99)),
        Result(ANSWERABLE, None, {"right": 0.0}, error="RuntimeError: gone"),
    ]
    found = scores_over(results)["refusal.aurc"]
    assert found.n == 3
    assert found.value == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)


def test_without_confidences_there_is_no_aurc() -> None:
    assert "refusal.aurc" not in scores_over([result(ANSWERABLE, RIGHT), result(ANSWERABLE, refusal())])
