"""Two runs are compared question by question, and little is not called much."""

from typing import Any

import pytest

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
        "2 questions of the first run have no match in the other: b, c",
        "1 question of the second run has no match in the other: b",
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
        "warnings": ["1 question of the first run has no match in the other: c"],
        "settings": {},
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
        "missed_otherwise": [],
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


def test_of_many_questions_without_a_match_five_are_named() -> None:
    before = Scorecard.of([result(f"q{n}", 1) for n in range(1_007)], {})
    (warning,) = compare(before, Scorecard.of([], {})).warnings
    assert warning.endswith("have no match in the other: q0, q1, q2, q3, q4 and 1,002 more")


def test_settings_that_differ_are_named_with_both_values() -> None:
    before = {"top_k": 8, "passages": "searched", "date": "2026-11-19", "questions_sha256": "1", "same": 1}
    after = {"top_k": 1, "passages": "given", "date": "2026-11-20", "questions_sha256": "2", "same": 1}
    idle = {"concurrency": 4, "platform": "x", "questions": ["b.jsonl"], "fetch_k": 50}
    found = compare(Scorecard.of([result("a", 1)], before), Scorecard.of([result("a", 1)], {**after, **idle}))
    assert found.settings == {"top_k": (8, 1), "passages": ("searched", "given"), "fetch_k": (None, 50)}
    assert found.to_json()["settings"]["top_k"] == [8, 1]
    assert found.warnings == []


def test_an_answer_as_right_as_before_that_lacks_something_else_is_no_mere_rewording() -> None:
    def lacking(name: str, *missed: str, right: float = 1.0, text: str = "Ten.") -> Result:
        one = result(name, right, text)
        return Result(one.asked, one.answer, one.scores, missed)

    denial = "The denial is omitted: denied"
    unjudged = EvalQuestion(id="unjudged", question="What?")
    before = [lacking("lost denial"), lacking("as before", denial), lacking("gained", denial, right=0.0)]
    after = [
        lacking("lost denial", denial, text="Two."),
        lacking("as before", denial, text="Two."),
        lacking("gained"),
        Result(unjudged, None, {}, error="TimeoutError: too slow"),
    ]
    before.append(Result(unjudged, {"text": "Ten.", "seconds": {}}, {}))
    found = compare(Scorecard.of(before, {}), Scorecard.of(after, {}))
    assert [one.id for one, _ in found.missed_otherwise] == ["lost denial", "unjudged"]
    assert [one.id for one, _ in found.reworded] == ["as before"]
    assert [one.id for one, _ in found.gained] == ["gained"]
    assert found.to_json()["missed_otherwise"] == ["lost denial", "unjudged"]


def timed(settings: dict[str, Any], *seconds: float) -> Scorecard:
    results = [
        Result(
            EvalQuestion(id=str(n), question="What?"),
            {"text": "Ten.", "seconds": {"retrieval": one / 4, "answering": one * 3 / 4}},
            {},
        )
        for n, one in enumerate(seconds)
    ]
    return Scorecard.of(results, settings)


def test_the_mean_time_of_an_answer_is_compared_over_the_same_articles_on_the_same_machine() -> None:
    same = {"articles_sha256": "1", "concurrency": 1, "platform": "x86_64, Python 3.11"}
    before, after = timed(same, 0.5, 0.25, 1.0), timed(same, 0.25, 0.25, 0.5)
    time = compare(before, after).differences["seconds.total.mean"]
    assert (time.before, time.after, time.value) == pytest.approx((1.75 / 3, 1 / 3, -0.25))
    assert (time.n, time.changed) == (3, 2)
    for other in ({"articles_sha256": "2"}, {"concurrency": 4}, {"platform": "arm64, Python 3.12"}):
        assert compare(before, timed({**same, **other}, 0.25, 0.25, 0.5)).differences == {}
    assert compare(timed({}, 0.5), timed({}, 0.25)).differences == {}  # of unknown articles
