"""A follow-up is understood from the conversation; a new subject is left alone."""

import pytest

from rag.answer import Answer, Turn
from rag.kinds import Kind, has_shape_of, kind_of_answer
from rag.question import StandaloneQuestion, leans_on_history, parts, standalone_question
from rag.terms import names, terms

MESSAGE = Turn("What did Khamenei reportedly tell Haniyeh?")
DEIF = Turn("Who is Mohammed Deif?")


@pytest.mark.parametrize(
    ("history", "question", "understood"),
    [
        ([], "Did Hamas deny it?", "Did Hamas deny it?"),
        ([MESSAGE], "Did Hamas deny it?", "What did Khamenei reportedly tell Haniyeh? Did Hamas deny it?"),
        ([DEIF], "What did he call on the allies to do?", "What did Mohammed Deif call on the allies to do?"),
        ([DEIF], "When was his call?", "When was Mohammed Deif’s call?"),
        (
            [Turn("How many Israelis were killed?")],
            "And how many Palestinians?",
            "How many Palestinians were killed?",
        ),
        ([DEIF], "Who won the 2022 World Cup in Qatar?", "Who won the 2022 World Cup in Qatar?"),
        ([MESSAGE], "What did he say about the U.S.?", "What did Khamenei reportedly tell Haniyeh? What did he say about the U.S.?"),
        (
            [Turn("Who is the leader of Port Ellery council?")],
            "Did she resign?",
            "Who is the leader of Port Ellery council? Did she resign?",
        ),
        ([DEIF], "Why?", "Who is Mohammed Deif? Why?"),
        ([Turn("who is mohammed deif")], "what did he say", "who is mohammed deif what did he say"),
    ],
)  # fmt: skip
def test_how_a_question_is_understood(history: list[Turn], question: str, understood: str) -> None:
    assert standalone_question(question, history).text == understood


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    second = Turn("What did he say?", Answer("What did he say?", "What did Mohammed Deif say?"))
    assert standalone_question("And when?", [DEIF, second]).text == "What did Mohammed Deif say? And when?"


@pytest.mark.parametrize(
    "question", ["What about Iran?", "How many?", "What were the main advantages?", "Is that true?"]
)
def test_questions_that_lean_on_the_one_before(question: str) -> None:
    assert leans_on_history(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who leads Hamas?",
        "When did Khamenei meet Haniyeh?",
        "how much will ferry fares to skarra rise",
        "What happened in Tehran?",
    ],
)
def test_questions_that_stand_alone(question: str) -> None:
    assert not leans_on_history(question)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Who is Mohammed Deif?", ["Mohammed Deif"]),
        ("Khamenei told Haniyeh what?", ["Khamenei", "Haniyeh"]),
        ("What did the U.S. say?", ["U.S"]),
        ("Did Hamas' leader meet Iran’s?", ["Hamas", "Iran"]),
        ("why did fares rise", []),
        ("What does Khatt-e-Hezbollah deny?", ["Khatt-e-Hezbollah"]),
    ],
)
def test_names_in_a_question(question: str, found: list[str]) -> None:
    assert names(question) == found


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many Israelis were killed?", Kind.NUMBER),
        ("when did they meet", Kind.TIME),
        ("On what day was it?", Kind.TIME),
        ("Where did Haniyeh meet Khamenei?", Kind.PLACE),
        ("Why did Hamas deny it?", Kind.REASON),
        ("Who said that?", Kind.PERSON),
        ("What did he say?", Kind.SPEECH),
        ("What happened in Tehran?", Kind.OTHER),
    ],
)
def test_the_kind_of_answer_a_question_wants(question: str, kind: Kind) -> None:
    assert kind_of_answer(question) is kind


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "What is the treaty? And when was it signed?",
            ["What is the treaty?", "What is the treaty? when was it signed?"],
        ),
        ("How many people and how many houses were hit?", ["How many people and how many houses were hit?"]),
        (
            "Who said that the bridge and the road were closed?",
            ["Who said that the bridge and the road were closed?"],
        ),
        ("How many were hurt and where?", ["How many were hurt?", "where were hurt?"]),
    ],
)
def test_what_a_question_in_two_parts_asks(question: str, asked: list[str]) -> None:
    assert [part.text for part in parts(StandaloneQuestion(question))] == asked


def test_a_name_that_the_question_says_itself_is_no_answer_to_who() -> None:
    question = "Who did Khamenei meet?"
    assert not has_shape_of(Kind.PERSON, "Khamenei met nobody.", question)
    assert has_shape_of(Kind.PERSON, "Khamenei met Ismail Haniyeh.", question)


@pytest.mark.parametrize(
    ("sentence", "speaks"),
    [
        ("Khamenei told Haniyeh that Iran would stay out.", True),
        ("Ayatollah Ali Khamenei, in Tehran, said so.", True),
        ("It was a clear message, said Khamenei.", True),
        ("An official told Reuters that Khamenei pressed Haniyeh.", False),
        ("Haniyeh was told by nobody.", False),
    ],
)
def test_what_somebody_said_is_told_apart_from_what_was_said_of_them(sentence: str, speaks: bool) -> None:
    assert has_shape_of(Kind.SPEECH, sentence, "What did Khamenei tell Haniyeh?") is speaks


def test_terms_are_dictionary_forms_without_empty_words() -> None:
    assert terms("What did the officials say they had denied?") == ["official", "deny"]


@pytest.mark.parametrize(
    "question", ["And it" + " " * 100_000 + "x?x", "what did " * 20_000, "And " + "A " * 50_000]
)
def test_no_question_is_too_strange_to_be_understood_at_once(question: str) -> None:
    """Each ran for longer than anybody waits; the test would run into its time limit."""
    assert standalone_question(question, [DEIF]).text
    kind_of_answer(question)
