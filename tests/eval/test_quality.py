"""The floors of quality on the sample articles, and what must be right by name.

`make eval` prints the scorecard and holds the same floors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.embedding import SentenceTransformerEmbedder
from index.library import Library
from rag.answer import Answer, Passage
from rag.answering import EmbeddedAnswerer
from rag.assistant import Assistant
from rag.citing import Quoted
from rag.evaluation import (
    AssistantClient,
    Catalogue,
    Result,
    Scorecard,
    evaluate,
    read_questions,
    score_answer,
)
from rag.evaluation.collection import fingerprint, temporary_library
from rag.evaluation.floors import Floors, questions_fingerprint
from rag.question import StandaloneQuestion
from rag.reader import EmbeddedReader
from rag.retrieval import HybridRetriever
from rag.settings import AssistantSettings

HERE = Path(__file__).parent
QUESTIONS = read_questions(HERE / "questions.jsonl").questions
FLOORS = Floors.read(HERE / "floors.json")

pytestmark = [pytest.mark.models, pytest.mark.timeout(600)]


@pytest.fixture(scope="session")
def sample(embedder: SentenceTransformerEmbedder) -> Iterator[tuple[Library, Catalogue]]:
    failed: list[str] = []
    with temporary_library(
        embedder, [HERE.parents[1] / "articles"], [], lambda what, done, total: None, failed.append
    ) as opened:
        assert failed == []
        yield opened


@pytest.fixture(scope="session")
def assistant(sample: tuple[Library, Catalogue]) -> Assistant:
    return Assistant.from_settings(sample[0], AssistantSettings())


@pytest.fixture(scope="session")
def card(assistant: Assistant, sample: tuple[Library, Catalogue]) -> Scorecard:
    return scorecard(assistant, *sample)


def scorecard(assistant: Assistant, library: Library, catalogue: Catalogue, every: int = 1) -> Scorecard:
    """The scorecard of every nth question: a planted regression shows in a part of them, too."""
    settings = {
        "articles_sha256": fingerprint(library.articles()),
        "questions_sha256": questions_fingerprint(QUESTIONS),
        **FLOORS.settings,
    }
    return evaluate(AssistantClient(assistant), QUESTIONS[::every], catalogue, settings=settings)


def test_the_sample_questions_are_answered_as_well_as_ever(card: Scorecard) -> None:
    assert FLOORS.problems(card) == []


# Regressions that the floors must catch.


class VectorsAlone(HybridRetriever):
    """The retriever when somebody drops its lexical half."""

    def passages(self, query: str) -> list[Passage]:
        vector = self.library.embedder.vectors([query])[0]
        nearest = self.library.search_vectors(vector, self.top_k)
        return [Passage(n, s.score, s.chunk, s.article) for n, s in enumerate(nearest, start=1)]


class NeverRefuses(EmbeddedAnswerer):
    """The answerer when somebody drops its refusal: when nothing answers, the first sentence must do."""

    def choose(self, question: StandaloneQuestion, passages: Sequence[Passage]) -> Iterator[Quoted]:
        chosen = list(super().choose(question, passages))
        if not chosen and passages:
            start, end = passages[0].chunk.sentences[0]
            chosen = [Quoted(passages[0], start, end)]
        yield from chosen


class CitesOneCharacterOn(EmbeddedAnswerer):
    """The answerer when somebody is off by one: its spans, and so its statements, begin and end a character late."""

    def choose(self, question: StandaloneQuestion, passages: Sequence[Passage]) -> Iterator[Quoted]:
        for quoted in super().choose(question, passages):
            end = min(quoted.end + 1, quoted.passage.chunk.end)
            yield replace(quoted, start=quoted.start + 1, end=end, answer=None)


def test_dropping_the_lexical_half_is_noticed(sample: tuple[Library, Catalogue]) -> None:
    library, catalogue = sample
    assistant = Assistant.from_settings(library, AssistantSettings())
    vectors_alone = assistant.with_retriever(VectorsAlone(library=library))
    problems = FLOORS.problems(scorecard(vectors_alone, library, catalogue, every=4))
    assert any(problem.startswith("nDCG@10 (passage)") for problem in problems), problems


def test_dropping_the_refusal_is_noticed(sample: tuple[Library, Catalogue]) -> None:
    library, catalogue = sample
    retriever = HybridRetriever.from_settings(library, AssistantSettings(), EmbeddedReader())
    never_refuses = Assistant(retriever, NeverRefuses(library, EmbeddedReader()))
    problems = FLOORS.problems(scorecard(never_refuses, library, catalogue, every=4))
    assert any(problem.startswith("Refusal recall is 0.0") for problem in problems), problems


def test_citing_one_character_on_is_noticed(sample: tuple[Library, Catalogue]) -> None:
    library, catalogue = sample
    retriever = HybridRetriever.from_settings(library, AssistantSettings(), EmbeddedReader())
    problems = FLOORS.problems(
        scorecard(
            Assistant(retriever, CitesOneCharacterOn(library, EmbeddedReader())), library, catalogue, every=4
        )
    )
    assert any(problem.startswith("Quotes in place") for problem in problems), problems


def by_one_character(answer: Mapping[str, Any]) -> dict[str, Any]:
    shifted = [{**c, "start": c["start"] + 1, "end": c["end"] + 1} for c in answer["citations"]]
    return {**answer, "citations": shifted}


def by_one_marker(answer: Mapping[str, Any]) -> dict[str, Any]:
    shifted = [{**s, "citations": [n + 1 for n in s["citations"]]} for s in answer["statements"]]
    return {**answer, "statements": shifted}


@pytest.mark.parametrize(
    ("shifted", "noticed"), [(by_one_character, "Quotes in place"), (by_one_marker, "Citation recall")]
)
def test_shifting_a_citation_by_one_is_noticed(
    card: Scorecard, sample: tuple[Library, Catalogue], shifted: Any, noticed: str
) -> None:
    """Of one citation in a whole run: one is enough."""
    number = next(n for n, result in enumerate(card.results) if result.answer and result.answer["citations"])
    results = list(card.results)
    asked, answer = results[number].asked, shifted(results[number].answer)
    results[number] = Result(asked, answer, score_answer(asked, answer, sample[1]))
    problems = FLOORS.problems(Scorecard.of(results, card.settings))
    assert any(problem.startswith(noticed) for problem in problems), problems


# Promises that hold for every answer.


def test_every_statement_is_the_cited_span_word_for_word(
    card: Scorecard, sample: tuple[Library, Catalogue]
) -> None:
    """Also what the JSON promises: `start` and `end` are offsets into the stored text, `quote` that span."""
    library, statements = sample[0], 0
    for result in card.results:
        assert result.answer is not None
        citations = {citation["number"]: citation for citation in result.answer["citations"]}
        for statement in result.answer["statements"]:
            (number,) = statement["citations"]
            citation = citations[number]
            text = library.article(citation["article_id"]).text
            assert text[citation["start"] : citation["end"]] == citation["quote"]
            assert " ".join(citation["quote"].split()) == statement["text"]
            statements += 1
    assert statements > 200


def ask(assistant: Assistant, question: str, history: Sequence[str]) -> Answer:
    return assistant.invoke({"question": question, "history": assistant.conversation(history)})


def test_no_answer_says_the_same_thing_twice(assistant: Assistant) -> None:
    """The two copies of one wire story are in the library, so the answer has the chance to."""
    answer = ask(assistant, "What did Khamenei tell Haniyeh about the attack?", [])
    texts = [statement.text for statement in answer.statements]
    words = [set(re.findall(r"\w+", text.lower())) for text in texts]
    for i, one in enumerate(words):
        for other in words[:i]:
            assert len(one & other) / len(one | other) < 0.7, texts


# What must be right by name, in words of our own; the acceptance of the first release.
ANSWERED = [
    ("What did Khamenei reportedly tell Haniyeh?", [], "war"),
    ("how many israelis were killed", [], "1,200"),
    ("And how many Palestinians?", ["How many Israelis were killed?"], "11,000"),
    ("Who is Mohammed Deif?", [], "military commander"),
    ("Did Hamas deny it?", ["What did Khamenei reportedly tell Haniyeh?"], "denied|disputed|baseless"),
    ("What did Meshaal say?", [], "Meshaal"),
    ("who woke up to a war", [], "Hezbollah|commander"),
    ("What did he call on the allies to do?", ["Who is Mohammed Deif?"], "join the struggle"),
    ("How much will an adult ferry ticket to Skarra cost?", [], r"\$5\.20"),
]
REFUSED = [
    "Who won the 2022 World Cup?",
    "who won the world cup in 2022",
    "What did Biden say about the meeting?",
    "what did biden say about the meeting",
    "Which hotel did Haniyeh stay at?",
    "In which hotel did Haniyeh stay during his visit to Tehran?",
    "What is the capital of France?",
]


@pytest.mark.parametrize(("question", "history", "fact"), ANSWERED)
def test_the_fact_is_in_the_answer(
    assistant: Assistant, question: str, history: list[str], fact: str
) -> None:
    answer = ask(assistant, question, history)
    assert re.search(fact, answer.text.replace("\\", "")), answer.text


@pytest.mark.parametrize("question", REFUSED)
def test_what_the_articles_do_not_say_is_refused(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question, [])
    assert answer.refused, answer.text
    assert answer.refusal is not None
    assert answer.refusal.nearest is not None
    assert question in answer.refusal.text
