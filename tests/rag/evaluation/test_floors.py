"""Floors hold what was reached: they are missed loudly, raised freely, and lowered only with a reason."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from index.errors import EvaluationError
from rag.evaluation import EvalQuestion, Result, Scorecard
from rag.evaluation.floors import Floors, questions_fingerprint

TODAY = date(2023, 11, 15)
SETTINGS = {"articles_sha256": "articles", "questions_sha256": "questions", "top_k": 8, "date": "today"}


def card(
    right: int, false_refusals: int = 0, settings: Mapping[str, object] = SETTINGS, complete: bool = True
) -> Scorecard:
    """Ten questions, of which so many are right and so many refused though answerable."""
    results = [
        Result(
            EvalQuestion(id=str(number), question="What?"),
            None,
            {"right": float(number < right), "refusal.false": float(number < false_refusals)},
        )
        for number in range(10)
    ]
    return Scorecard.of(results, settings, complete=complete)


FLOORS = Floors().updated(card(right=7, false_refusals=2), "the first", TODAY)
FIRST = {"date": "2023-11-15", "reason": "the first", "measured anew": ["the first floors"]}


def test_the_first_update_holds_what_was_reached() -> None:
    assert (
        Floors("articles", "questions", {"top_k": 8}, {"right": 0.7, "refusal.false": 0.2}, (FIRST,))
        == FLOORS
    )
    assert FLOORS.problems(card(right=7, false_refusals=2)) == []
    assert FLOORS.problems(card(right=9, false_refusals=0)) == []


def test_a_score_under_its_floor_is_named() -> None:
    assert FLOORS.problems(card(right=6, false_refusals=2)) == ["Right is 0.6, and its floor is 0.7"]


def test_where_lower_is_better_the_floor_is_a_ceiling() -> None:
    assert FLOORS.problems(card(right=7, false_refusals=3)) == [
        "False refusals is 0.3, and its ceiling is 0.2"
    ]


def test_a_score_that_is_gone_does_not_pass() -> None:
    (problem,) = FLOORS.problems(
        Scorecard.of([Result(EvalQuestion(id="a", question="What?"), None, {"right": 1.0})], SETTINGS)
    )
    assert problem == "False refusals was not scored, and its floor is 0.2"


def test_floors_go_up_by_themselves() -> None:
    updated = FLOORS.updated(card(right=8, false_refusals=1), None, TODAY)
    assert updated.floors == {"right": 0.8, "refusal.false": 0.1}
    assert updated.history == (FIRST,)


def test_a_floor_is_lowered_only_with_a_reason_that_stays_in_the_file(tmp_path: Path) -> None:
    worse = card(right=6, false_refusals=1)
    with pytest.raises(EvaluationError, match=r"Right is 0\.6, and its floor is 0\.7") as raised:
        FLOORS.updated(worse, None, TODAY)
    assert "--reason" in raised.value.hint
    updated = FLOORS.updated(worse, "fewer false refusals are worth it", TODAY)
    updated.write(tmp_path / "floors.json")
    assert Floors.read(tmp_path / "floors.json").history == [
        FIRST,
        {
            "date": "2023-11-15",
            "reason": "fewer false refusals are worth it",
            "lowered": {"right": [0.7, 0.6]},
        },
    ]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"articles_sha256": "others"}, "the articles are not those that the floors were measured on"),
        ({"questions_sha256": "others"}, "the questions are not those that the floors were measured on"),
        ({"top_k": 3}, "top_k is 3, and was 8 when the floors were measured"),
    ],
)
def test_floors_do_not_hold_for_anything_else(changed: dict[str, object], says: str) -> None:
    other = card(right=10, settings={**SETTINGS, **changed})
    assert FLOORS.problems(other) == [says]
    with pytest.raises(EvaluationError, match=says):
        FLOORS.updated(other, None, TODAY)
    updated = FLOORS.updated(other, "harder questions", TODAY)
    assert updated.floors == {"right": 1.0, "refusal.false": 0.0}
    assert updated.history == (
        FIRST,
        {"date": "2023-11-15", "reason": "harder questions", "measured anew": [says]},
    )


def test_what_falls_or_goes_when_all_is_measured_anew_is_written_down_too() -> None:
    easier = Scorecard.of(
        [Result(EvalQuestion(id="a", question="What?"), None, {"right": 0.5})],
        {**SETTINGS, "articles_sha256": "b"},
    )
    updated = FLOORS.updated(easier, "a smaller set", TODAY)
    assert updated.floors == {"right": 0.5}
    assert updated.history[-1]["lowered"] == {"right": [0.7, 0.5], "refusal.false": [0.2, None]}


def test_the_first_floors_too_need_a_reason() -> None:
    with pytest.raises(EvaluationError, match="the first floors"):
        Floors().updated(card(right=10), None, TODAY)


def test_a_failed_question_or_an_early_stop_never_passes() -> None:
    failed = Result(EvalQuestion(id="x", question="What?"), None, {}, error="OSError: gone")
    whole = card(right=10)
    assert "1 question failed: x" in FLOORS.problems(Scorecard.of([*whole.results, failed], SETTINGS))
    assert "the run was stopped before its end" in FLOORS.problems(card(right=10, complete=False))


def test_what_was_just_measured_passes_however_it_is_rounded() -> None:
    for right in range(1, 8):
        results = [
            Result(
                EvalQuestion(id=str(n), question="?"),
                None,
                {"right": float(n < right), "refusal.false": float(n < right)},
            )
            for n in range(7)
        ]
        measured = Scorecard.of(results, SETTINGS)
        assert Floors().updated(measured, "the first", TODAY).problems(measured) == []


def test_no_floors_is_not_a_pass() -> None:
    assert Floors().problems(card(right=10)) == ["there are no floors yet: --update makes them"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "is not a file of floors"),
        ("{", "is not a file of floors"),
        ("[" * 100_000, "is not a file of floors"),
        (
            '{"articles": "", "questions": "", "settings": {}, "floors": {"right": "0.5"}, "history": []}',
            "no number",
        ),
        (
            '{"articles": "", "questions": "", "settings": {}, "floors": {"rigth": 0.5}, "history": []}',
            "no score is called 'rigth'; did you mean 'right'?",
        ),
    ],
)
def test_a_file_of_floors_that_is_none_says_so(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "floors.json").write_text(text)
    with pytest.raises(EvaluationError, match=re.escape(says)):
        Floors.read(tmp_path / "floors.json")


def test_the_fingerprint_sees_every_change_and_no_order() -> None:
    one, two = EvalQuestion(id="a", question="Who?"), EvalQuestion(id="b", question="When?")
    assert questions_fingerprint([one, two]) == questions_fingerprint([two, one])
    assert questions_fingerprint([one, two]) != questions_fingerprint(
        [one, two.model_copy(update={"answers": ("today",)})]
    )
