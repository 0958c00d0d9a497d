"""Two runs are compared question by question, and little is not called much."""

from typing import Any

from rag.evaluation import EvalQuestion, Result, Scorecard, compare


def result(name: str, right: float, text: str = "", **fields: Any) -> Result:
    return Result(
        EvalQuestion(id=name, question="What?", **fields), {"text": text, "seconds": {}}, {"right": right}
    )


def test_what_was_gained_and_lost_is_shown_side_by_side() -> None:
    before = Scorecard.of(
        [result("a", 0), result("b", 1), result("c", 1, "Ten."), result("d", 1, "Two.")], {}
    )
    after = Scorecard.of([result("a", 1), result("b", 0), result("c", 1, "10."), result("d", 1, "Two.")], {})
    found = compare(before, after)
    assert [(one.id, other.id) for one, other in found.gained] == [("a", "a")]
    assert [(one.id, other.id) for one, other in found.lost] == [("b", "b")]
    assert [(one.id, other.id) for one, other in found.reworded] == [("c", "c")]
    assert found.differences["right"].value == 0
    assert found.differences["right"].changed == 2
    assert found.warnings == []


def test_five_changes_cannot_be_significant_and_it_says_so() -> None:
    before = Scorecard.of([result(str(n), 0) for n in range(5)], {})
    after = Scorecard.of([result(str(n), 1) for n in range(5)], {})
    right = compare(before, after).differences["right"]
    assert (right.p, right.least_p) == (2 / 2**5, 2 / 2**5)


def test_questions_that_only_one_run_asked_are_left_out_and_counted() -> None:
    before = Scorecard.of([result("a", 1), result("b", 1), result("c", 0)], {})
    after = Scorecard.of([result("a", 1), result("b", 1, answers=["another key"])], {}, complete=False)
    found = compare(before, after)
    assert found.differences["right"].n == 1
    assert found.warnings == [
        "2 questions of the first run have no match in the other",
        "1 question of the second run has no match in the other",
        "the second run was stopped before its end",
    ]


def test_other_articles_are_warned_of() -> None:
    one = Scorecard.of([result("a", 1)], {"articles_sha256": "1"})
    other = Scorecard.of([result("a", 1)], {"articles_sha256": "2"})
    assert compare(one, other).warnings == ["the two runs asked different articles"]


def test_the_means_are_of_the_questions_that_both_runs_asked() -> None:
    before = Scorecard.of([result("a", 1), result("b", 0), result("c", 0)], {})
    after = Scorecard.of([result("a", 1), result("b", 1)], {})
    found = compare(before, after)
    right = found.differences["right"]
    assert (right.before, right.after, right.value) == (0.5, 1.0, 0.5)
    assert found.to_json() == {
        "warnings": ["1 question of the first run has no match in the other"],
        "differences": {
            "right": {
                "before": 0.5,
                "after": 1.0,
                "value": 0.5,
                "low": right.low,
                "high": right.high,
                "n": 2,
                "changed": 1,
                "p": 1.0,
                "least_p": 1.0,
            }
        },
        "gained": ["b"],
        "lost": [],
        "reworded": [],
    }


def test_runs_with_nothing_in_common_have_no_differences() -> None:
    found = compare(Scorecard.of([result("a", 1)], {}), Scorecard.of([result("b", 1)], {}))
    assert found.differences == {}
    assert found.to_json()["gained"] == []


def test_a_single_change_proves_nothing() -> None:
    before = Scorecard.of([result("a", 0), result("b", 1)], {})
    after = Scorecard.of([result("a", 1), result("b", 1)], {})
    right = compare(before, after).differences["right"]
    assert (right.value, right.changed, right.p, right.least_p) == (0.5, 1, 1.0, 1.0)
