"""Measures, runs and scorecards: every score has a name, every question is accounted for."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from index.article import Article, Chunk
from index.errors import EvaluationError
from rag.answer import Answer, Passage, Refusal
from rag.citing import Quoted, cite
from rag.evaluation.measures import MEASURES, missed, score_answer
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.running import ask_all, evaluate
from rag.evaluation.scorecard import Result, Scorecard, checked_answer, scores_over
from tests.evaluation_answers import (
    Json,
    answer,
    catalogue,
    citation,
    citing,
    paraphrase,
    passage,
    passages,
    question,
    quoting,
    refusal,
    saying,
    statement,
)

ARTICLES = catalogue("a", "b", "c")
RIGHT, WRONG = saying("In Tehran.", confidence=0.9), saying("In Qom.", confidence=0.6)


def said_to_miss(given: Json, **known: Any) -> list[str]:
    asked = question(**known)
    return missed(asked, given, score_answer(asked, given, ARTICLES))


def test_answers_made_by_hand_have_the_shape_of_real_ones() -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: shape(inner) for name, inner in value.items() if name != "seconds"}
        return [shape(inner) for inner in value] if isinstance(value, list) else None

    text = "It rained."
    article = Article(text=text)
    found = Passage(1, 1.0, Chunk(article.id, 0, 0, len(text), text, ((0, len(text)),)), article)
    said, cited = cite(Quoted(found, 0, len(text)), [])
    real = Answer("Rain?", "Rain?", (found,), (said,), (cited,), confidence=0.5, complete=True)
    refused = Answer("Rain?", "Rain?", (found,), refusal=Refusal("Rain?", 1, None, "No."), complete=True)
    assert shape(quoting(text)) == shape(real.to_json())
    assert shape(refusal(passage(text))) == shape(refused.to_json())


# --- measures


def test_every_measure_has_a_label_of_its_own_and_a_meaning() -> None:
    assert all(name == measure.name for name, measure in MEASURES.items())
    assert all(measure.label and measure.meaning for measure in MEASURES.values())
    assert len({measure.label for measure in MEASURES.values()}) == len(MEASURES)
    assert {measure.better for measure in MEASURES.values()} == {"higher", "lower", None}


EVERYTHING = {
    "answers": ["Tehran"],
    "references": ["In Tehran"],
    "sources": ["a"],
    "relevant": ["a", "b"],
    "evidence": ["It was in Tehran."],
    "hedges": ["reportedly"],
    "denials": ["denied"],
    "copies": [["a", "b"]],
    "as_of": "2023-11-15",
}


def test_every_score_is_a_measure_and_every_measure_can_be_scored() -> None:
    asked = [question(**EVERYTHING), question(answerable=False), question(answerable=None, sources=["a"])]
    given = [quoting("It was in Tehran."), saying("In Qom."), refusal(*passages("a", "b"))]
    scored = {name for q in asked for one in given for name in score_answer(q, one, ARTICLES)}
    assert scored == MEASURES.keys() - {"refusal.aurc"}  # which is of all answers together
    counts = {"answer.sentences", "answer.words"}
    scores = score_answer(asked[0], given[0], ARTICLES)
    assert all(0 <= value <= 1 for name, value in scores.items() if name not in counts)


def test_what_the_articles_do_not_answer_has_no_scores_of_the_search() -> None:
    scores = score_answer(
        question(answerable=False, sources=["a"], relevant=["a"]), refusal(*passages("a")), ARTICLES
    )
    assert scores == {"right": 1, "refusal.rate": 1, "refusal.precision": 1, "refusal.recall": 1}


# --- missed


def test_nothing_is_missed_in_a_good_answer() -> None:
    good = quoting("It was reportedly in Tehran.", "Iran denied it.")
    known = EVERYTHING | {"evidence": ["It was reportedly in Tehran."]}
    assert said_to_miss(good, **known) == []
    assert said_to_miss(refusal(), answerable=False) == []
    assert said_to_miss(quoting("In Qom.")) == []


@pytest.mark.parametrize(
    ("known", "given", "said"),
    [
        ({"answerable": False}, RIGHT, "It is answered, though the articles do not answer it."),
        ({}, refusal(), "It is refused, though the articles answer it."),
        ({"answers": ["Tehran"]}, refusal(), "It is refused, though the articles answer it."),
        (
            {"answers": ["Tehran", "Isfahan"]},
            quoting("In Qom."),
            "It does not say any of: Tehran · Isfahan",
        ),
        (
            {"answers": ["Qom", "Isfahan"], "match": "all"},
            quoting("In Qom."),
            "It does not say all of: Qom · Isfahan",
        ),
        (
            {"evidence": ["In Qom. In Tehran. In Isfahan."]},
            quoting("In Qom."),
            "Evidence that was not retrieved: In Tehran. · In Isfahan.",
        ),
        (
            {"sources": [["b", "c"], "a"]},
            quoting("In Qom."),
            "Not every needed source is cited: b or c · a",
        ),
        (
            {},
            answer([paraphrase("In Tehran.", 1)], citing("a"), [passage("Yes.")]),
            "A statement is not held by the spans it cites.",
        ),
        (
            {},
            answer([statement("In Qom.", 1)], [citation("In Qom.", start=1, end=8)], [passage("In Qom.")]),
            "A quote does not stand where its citation says.",
        ),
        (
            {"hedges": ["reportedly", "/said|told/"]},
            quoting("In Qom."),
            "The hedge is lost: reportedly · /said|told/",
        ),
        ({"denials": ["denied"]}, quoting("In Qom."), "The denial is omitted: denied"),
        (
            {"copies": [["a", "b"]]},
            answer([statement("Yes.", 1, 2)], citing("a", "b"), [passage("Yes."), passage("Yes.", "b", 2)]),
            "Copies of one story are cited as if they were two.",
        ),
        (
            {"as_of": "2023-11-15"},
            answer([statement("Yes.", 1)], [citation("Yes.", published="2023-11-16")], [passage("Yes.")]),
            "An article published after 2023-11-15 is cited.",
        ),
    ],
)
def test_each_thing_that_is_missed_is_said_in_words(known: dict[str, Any], given: Json, said: str) -> None:
    assert said_to_miss(given, **known) == [said]


def test_all_that_is_missed_is_said() -> None:
    known = {"answers": ["Tehran"], "sources": ["b"], "hedges": ["reportedly"], "denials": ["denied"]}
    assert len(said_to_miss(quoting("In Qom."), **known)) == 4


def test_a_refusal_is_not_blamed_for_what_it_does_not_say() -> None:
    known = EVERYTHING | {"evidence": ["It rained."]}
    assert said_to_miss(refusal(passage("It rained.")), **known) == [
        "It is refused, though the articles answer it."
    ]


def test_evidence_below_the_tenth_passage_is_named_as_not_retrieved() -> None:
    """What is counted as not found within 10 is what is named."""
    found = [passage(f"Rain {number}.", number=number) for number in range(1, 12)]
    given = answer([statement("Rain 1.", 1)], [citation("Rain 1.", found[0])], found)
    assert said_to_miss(given, evidence=["Rain 11."]) == ["Evidence that was not retrieved: Rain 11."]


# --- running


class Scripted:
    """Gives each question the answer that stands under its id, or raises it; keeps what it was asked."""

    def __init__(self, answers: Mapping[str, Json | Exception]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def ask(self, question: EvalQuestion) -> Json:
        self.asked.append(question.id)
        given = self._answers[question.id]
        if isinstance(given, Exception):
            raise given
        return given


def five(**known: Any) -> list[EvalQuestion]:
    return [question(**{"id": name, "answers": ["Tehran"], **known}) for name in "abcde"]


GIVEN = {"a": RIGHT, "b": WRONG, "c": RIGHT, "d": refusal(), "e": RIGHT}


def test_a_question_that_fails_is_counted_and_named_and_the_others_go_on() -> None:
    client = Scripted({**GIVEN, "b": RuntimeError("no route")})
    card = evaluate(client, five(), ARTICLES)
    assert client.asked == list("abcde")
    assert card.failed == ["b"]
    assert [result.id for result in card.results] == list("abcde")
    failed = card.results[1]
    assert (failed.answer, failed.error, failed.missed) == (None, "RuntimeError: no route", ())
    right = card.scores["right"]
    assert (right.value, right.n) == (3 / 5, 5)  # the failed one is not right
    assert card.scores["refusal.rate"].n == 4  # and nothing else is known of it
    assert card.complete


@pytest.mark.parametrize(
    ("known", "scores"),
    [
        (
            {"answers": ["/Tehran/"]},
            {"right": 0, "answer.key": 0, "answer.key in lead": 0},
        ),
        (
            {"evidence": ["In Tehran."]},
            {"right": 0, "answer.evidence": 0, "answer.evidence in lead": 0},
        ),
        ({"answerable": False}, {"right": 0}),
        ({"sources": ["a"]}, {}),
        ({"answerable": None, "answers": ["Tehran"]}, {}),
    ],
)
def test_a_failed_question_is_not_right_where_it_is_known_what_is(
    known: dict[str, Any], scores: dict[str, float]
) -> None:
    (result,) = ask_all(Scripted({"q": OSError("gone")}), [question(**known)], ARTICLES)
    assert result.scores == scores


def test_all_fail_and_there_is_a_scorecard_nevertheless() -> None:
    card = evaluate(Scripted(dict.fromkeys("abcde", OSError("gone"))), five(), ARTICLES)
    assert card.failed == list("abcde")
    assert {name: found.value for name, found in card.scores.items()} == dict.fromkeys(card.scores, 0.0)
    assert {"right", "answer.key", "answer.f1"} <= card.scores.keys()


def test_questions_asked_at_once_give_the_same_scorecard() -> None:
    together = threading.Barrier(2, timeout=5)

    class InPairs(Scripted):
        def ask(self, question: EvalQuestion) -> Json:
            together.wait()  # passes only when two are being asked
            return super().ask(question)

    asked = [*five(), question(id="f", answerable=False, tags=["none"])]
    given: dict[str, Json | Exception] = {**GIVEN, "b": RuntimeError("no route"), "f": WRONG}
    alone = evaluate(Scripted(given), asked, ARTICLES, settings={"top_k": 8}).to_json()
    at_once = evaluate(InPairs(given), asked, ARTICLES, settings={"top_k": 8}, concurrency=2).to_json()
    assert at_once["failed"] == ["b"]
    assert alone.pop("machine").keys() == at_once.pop("machine").keys()
    assert at_once == alone


@pytest.mark.parametrize("concurrency", [1, 3])
def test_ctrl_c_keeps_what_is_done_and_says_that_it_is_not_all(concurrency: int) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(what: str, done: int, of: int) -> None:
        told.append((what, done, of))
        if done == 2:
            raise KeyboardInterrupt

    client = Scripted(GIVEN)
    card = evaluate(client, five(), ARTICLES, concurrency=concurrency, progress=progress)
    assert told == [("Asking", 1, 5), ("Asking", 2, 5)]
    assert (card.complete, len(card.results)) == (False, 2)
    assert card.to_json()["complete"] is False


def test_ctrl_c_while_a_question_is_asked_keeps_those_before() -> None:
    two_are_done = threading.Event()
    results: list[Result] = []

    class Interrupted(Scripted):
        def ask(self, question: EvalQuestion) -> Json:
            if question.id == "c":
                assert two_are_done.wait(5)
                raise KeyboardInterrupt
            return super().ask(question)

    def keep(result: Result) -> None:
        results.append(result)
        if len(results) == 2:
            two_are_done.set()

    card = evaluate(Interrupted(GIVEN), five()[:3], ARTICLES, on_result=keep)
    assert card.complete is False
    assert sorted(result.id for result in results) == [result.id for result in card.results] == ["a", "b"]


def test_no_questions_give_an_empty_scorecard() -> None:
    card = evaluate(Scripted({}), [], ARTICLES)
    assert (card.complete, card.results, card.scores, card.failed) == (True, (), {}, [])


def test_what_is_done_is_not_asked_again() -> None:
    whole = evaluate(Scripted(GIVEN), five(), ARTICLES)
    told: list[tuple[str, int, int]] = []
    client = Scripted(GIVEN)
    card = evaluate(
        client,
        five(),
        ARTICLES,
        done=[whole.results[1], whole.results[3]],
        progress=lambda *what: told.append(what),
    )
    assert client.asked == ["a", "c", "e"]
    assert told == [("Asking", 1, 3), ("Asking", 2, 3), ("Asking", 3, 3)]
    assert [result.id for result in card.results] == list("abcde")
    assert card.scores == whole.scores


def test_results_come_out_as_they_are_done() -> None:
    """The first question waits until the second is answered."""
    second_is_done = threading.Event()

    class SlowFirst(Scripted):
        def ask(self, question: EvalQuestion) -> Json:
            if question.id == "a":
                assert second_is_done.wait(5)
            return super().ask(question)

    order = []
    for result in ask_all(SlowFirst(GIVEN), five()[:2], ARTICLES, concurrency=2):
        order.append(result.id)
        second_is_done.set()
    assert order == ["b", "a"]


# --- scorecards


def test_tags_have_scores_of_their_own() -> None:
    asked = [
        *five(tags=["news"])[:2],
        question(id="c", answers=["Tehran"], tags=["news", "war"]),
        question(id="e", answers=["Tehran"]),
    ]
    card = evaluate(Scripted(GIVEN), asked, ARTICLES)
    assert list(card.by_tag) == ["news", "war"]
    news, war = card.by_tag["news"]["right"], card.by_tag["war"]["right"]
    assert (news.value, news.n) == pytest.approx((2 / 3, 3))
    assert (war.value, war.n) == (1, 1)
    assert (card.scores["right"].value, card.scores["right"].n) == (3 / 4, 4)


def test_a_score_is_over_the_questions_that_have_it() -> None:
    results = [
        Result(question(id="a"), RIGHT, {"answer.f1": 0.25}),
        Result(question(id="b"), RIGHT, {"answer.f1": 0.75, "answer.key": 1.0}),
    ]
    scores = scores_over(results)
    assert {name: (found.value, found.n) for name, found in scores.items() if name != "refusal.aurc"} == {
        "answer.key": (1, 1),
        "answer.f1": (0.5, 2),
    }


def test_ten_answers_of_one_sentence_leave_no_doubt_that_an_answer_has_one() -> None:
    """The exact interval of a share is none of a count: a mean of .7 sentences cannot be."""
    results = [Result(question(), RIGHT, {"answer.sentences": 1.0})] * 10
    sentences = scores_over(results)["answer.sentences"]
    assert (sentences.value, sentences.low) == (1, None)


@pytest.mark.parametrize(
    ("name", "low"),
    [("right", 0.7225), ("refusal.rate", 0.7225), ("article.hits@5", 0.7225), ("article.recall@5", 0.7225)]
    + [(name, None) for name in ("answer.f1", "answer.rouge_l", "article.ndcg@10", "passage.mrr@10")],
)
def test_ten_of_ten_of_a_share_have_an_interval_and_of_an_index_none(name: str, low: float | None) -> None:
    found = scores_over([Result(question(), RIGHT, {name: 1.0})] * 10)[name]
    assert (found.value, found.low) == (1, low if low is None else pytest.approx(low, abs=1e-4))


def test_every_tag_has_times_of_its_own() -> None:
    results = [
        Result(question(id=tag, tags=[tag]), {**RIGHT, "seconds": {"answering": seconds}}, {})
        for tag, seconds in (("quick", 0.25), ("slow", 2.0))
    ]
    by_tag = Scorecard.of(results, {}).by_tag
    assert {tag: scores["seconds.total.p50"].value for tag, scores in by_tag.items()} == {
        "quick": 0.25,
        "slow": 2.0,
    }


def test_times_by_hand() -> None:
    """Totals .3, .5 and .7: the median .5, and of the 95th percentile .5 + .9 * .2."""
    seconds = [{"retrieval": 0.1, "answering": 0.2}, {"retrieval": 0.1, "answering": 0.4}, {"retrieval": 0.7}]
    results: Sequence[Result] = [Result(question(), {**RIGHT, "seconds": one}, {}) for one in seconds]
    scores = Scorecard.of([*results, Result(question(), None, {}, error="OSError: gone")], {}).scores
    assert scores["seconds.total.p50"].value == pytest.approx(0.5)
    assert scores["seconds.total.p95"].value == pytest.approx(0.68)
    assert scores["seconds.total.p95"].n == 3
    assert scores["seconds.retrieval.p50"].value == pytest.approx(0.1)
    assert scores["seconds.answering.p50"].value == pytest.approx(0.3)
    assert scores["seconds.answering.p50"].n == 2


def test_a_scorecard_is_read_as_it_was_written(tmp_path: Path) -> None:
    asked = [*five(tags=["news"]), question(id="f", **EVERYTHING), question(id="g", answerable=False)]
    client = Scripted({**GIVEN, "b": OSError("gone"), "f": quoting("It was in Tehran."), "g": WRONG})
    card = evaluate(client, asked, ARTICLES, settings={"embedding_model": "words", "top_k": 8})
    path = tmp_path / "card.json"
    path.write_text(json.dumps(card.to_json()), encoding="utf-8")
    again = Scorecard.read(path)
    assert again.to_json() == card.to_json()
    assert [result.asked for result in again.results] == asked
    assert again.failed == ["b"]


FORMAT_1: Json = {
    "format": 1,
    "complete": True,
    "settings": {},
    "machine": {},
    "scores": {},
    "by_tag": {},
    "results": [],
}


NESTED: list[Any] = []
for _ in range(100):
    NESTED = [NESTED]

FOREIGN_PARTS: list[Json] = [
    {"results": [{}]},
    {"results": [7]},
    {"results": None},
    {"results": [{"asked": {}, "answer": None, "scores": {}, "missed": [], "error": None}]},
    {"scores": {"right": 0.5}},
    {"scores": {"right": {"mean": 0.5}}},
    {"scores": []},
    {"by_tag": {"war": 7}},
    {"scores": {"right": {"value": "much", "low": None, "high": None, "n": 1}}},
    {"scores": {"right": {"value": 0.5, "low": 0.1, "high": [], "n": 1}}},
    {"settings": [8]},
    {"settings": {"top_k": NESTED}},
    {"machine": {"seconds": "long"}},
    {"complete": "yes"},
]


def stored(**changed: Any) -> Json:
    """A scorecard with one result, of which these parts are changed."""
    result = Result(question(id="a", answers=["Tehran"]), quoting("In Tehran."), {"right": 1.0}).to_json()
    return {**FORMAT_1, "results": [{**result, **changed}]}


def with_answer(**changed: Any) -> Json:
    return stored(answer={**quoting("In Tehran."), **changed})


DAMAGED_RESULTS: list[Json] = [
    stored(scores={"right": "1"}),
    stored(scores={"right": float("nan")}),
    stored(scores={"right": True}),
    stored(scores={"right": 10**400}),
    stored(scores=[1.0]),
    stored(missed="all of it"),
    stored(missed=[7]),
    stored(error=7),
    stored(answer=[]),
    stored(answer={}),
    stored(answer="In Tehran."),
    with_answer(refused="no"),
    with_answer(text=None),
    with_answer(statements=[{"text": "In Tehran."}]),
    with_answer(statements=[{"text": "In Tehran.", "citations": [[1]], "verdict": "verbatim"}]),
    with_answer(citations=[{"number": 1}]),
    with_answer(citations=[{**citation("In Tehran."), "start": "0"}]),
    with_answer(citations=[{**citation("In Tehran."), "url": 7}]),
    with_answer(passages=[{"number": 1}]),
    with_answer(passages={"1": {}}),
    with_answer(refusal="I will not say."),
    with_answer(refusal={"text": 7, "nearest": None}),
    with_answer(refusal={"text": "No.", "nearest": {}}),
    with_answer(confidence="high"),
    with_answer(seconds={"answering": "long"}),
    with_answer(seconds={"answering": -1}),
    with_answer(seconds=[0.5]),
]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"7",
        b'"text"',
        b"[]",
        b"{}",
        b"\xff\xfe{\x00",
        b'{"format": 1',
        b'{"format": 1}',
        b"[" * 100_000,
        *(json.dumps({**FORMAT_1, **foreign}).encode() for foreign in FOREIGN_PARTS),
        *(json.dumps(damaged).encode() for damaged in DAMAGED_RESULTS),
    ],
    ids=lambda content: content[-60:].decode(errors="replace"),
)
def test_a_file_that_is_no_scorecard_is_told_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(EvaluationError) as told:
        Scorecard.read(path)
    assert told.value.message == f"{path} is not a scorecard."
    assert "--json FILE" in told.value.hint


def test_the_answers_of_an_assistant_are_as_they_must_be() -> None:
    for given in (quoting("In Tehran."), saying("In Qom."), refusal(*passages("a", "b"))):
        assert checked_answer(given) is given


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": None}, "'text' of the answer is not text"),
        ({"seconds": {"answering": "long"}}, "the time of a step is not a number"),
        ({"citations": [{}]}, "one of 'citations' of the answer has no 'number'"),
        ({"passages": None}, "'passages' of the answer is not a list"),
        ({"refusal": {}}, "its refusal has no 'text'"),
        ({"confidence": "high"}, "'confidence' of the answer is not a number or null"),
        ({"confidence": float("inf")}, "'confidence' of the answer is no number that can be"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_in_plain_words(changed: Json, said: str) -> None:
    with pytest.raises(ValueError) as told:
        checked_answer({**quoting("In Tehran."), **changed})
    assert str(told.value) == said


def test_a_scorecard_of_another_version_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({**FORMAT_1, "format": 0}))
    with pytest.raises(EvaluationError, match="another version") as told:
        Scorecard.read(path)
    assert told.value.hint == "Run the evaluation again."


def test_a_file_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(EvaluationError, match="cannot be read") as told:
            Scorecard.read(path)
        assert told.value.hint == "Name a file that --json has written."
