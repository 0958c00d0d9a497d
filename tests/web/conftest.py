"""A small newsroom for the page: real Answers about made-up news, and an assistant that tells them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from langchain_core.runnables import Runnable, RunnableConfig

from index.article import Article, Chunk
from rag.answer import Answer, Citation, Passage, Refusal, Statement, Turn, Verdict
from web.contracts import GetStarters
from web.server import create_app

HARBOUR = Article(
    id="harbour00001",
    headline="Harbour bridge closes for repairs after crack is found",
    outlet="The Harbour Post",
    byline="Ada Lindqvist and Tom Reyes",
    published=date(2023, 11, 15),
    modified=date(2023, 11, 16),
    url="https://harbourpost.example/bridge-closes?from=a&to=b",
    text=(
        "The harbour bridge was closed to all traffic on Wednesday morning.\n\n"
        "Engineers found a crack of 40 centimetres in the eastern pier during a routine inspection on "
        "Tuesday night. The city said the repair would take at least six weeks. Buses and lorries are being "
        "sent across the northern bridge, and two extra ferries run from seven in the morning.\n\n"
        "“We would rather be late than sorry,” said the city engineer, Miriam Osei, who added that the "
        "western pier had shown no damage.\n\n"
        "The bridge, opened in 1968, carries about 48,000 vehicles a day."
    ),
)
METRO = Article(
    id="metro0000002",
    headline="City denies that inspectors warned of bridge crack in spring",
    outlet="Metro Ledger",
    byline="By Jonas Falk",
    published=date(2023, 11, 17),
    credit="Reuters",
    url="https://metroledger.example/denial",
    text=(
        "The city on Friday denied a report that inspectors had warned of a crack in the harbour bridge as "
        "early as April. A spokesman, Karl Brandt, said no inspection before November had found any damage. "
        "The report, published by a union of dock workers, cited three unnamed officials. The union said it "
        "stood by its account and would publish the letters."
    ),
)
WIRE = Article(
    id="wire00000003",
    credit="Reuters",
    text="Ferry operators reportedly asked for 2.1 million a month to carry the traffic of the bridge.",
)


def passage_of(article: Article, number: int) -> Passage:
    chunk = Chunk(article.id, 0, 0, len(article.text), article.text, ((0, len(article.text)),), number)
    return Passage(number, 1.0 / number, chunk, article)


def answer_from(
    question: str,
    quotes: list[tuple[Article, str]],
    *,
    understood: str | None = None,
    also: tuple[Article, ...] = (),
) -> Answer:
    """A whole Answer whose statements are these quotes, each cited word for word."""
    articles = list(dict.fromkeys([*(article for article, _ in quotes), *also]))
    passages = tuple(passage_of(article, n) for n, article in enumerate(articles, start=1))
    citations = tuple(
        Citation(n, articles.index(a) + 1, a, a.text.index(quote), a.text.index(quote) + len(quote))
        for n, (a, quote) in enumerate(quotes, start=1)
    )
    statements = tuple(
        Statement(quote, (n,), Verdict.VERBATIM) for n, (_, quote) in enumerate(quotes, start=1)
    )
    return Answer(question, understood or question, passages, statements, citations, complete=True)


def refusal_of(question: str) -> Answer:
    text = f"Nothing in 1,204 articles answers this. Searched for: {question}"
    return Answer(question, question, refusal=Refusal(question, 1_204, HARBOUR, text), complete=True)


def bridge_answer(question: str, understood: str | None = None) -> Answer:
    quotes = [
        (
            HARBOUR,
            "Engineers found a crack of 40 centimetres in the eastern pier during a routine inspection on "
            "Tuesday night.",
        ),
        (HARBOUR, "The city said the repair would take at least six weeks."),
        (
            METRO,
            "The city on Friday denied a report that inspectors had warned of a crack in the harbour bridge "
            "as early as April.",
        ),
    ]
    return answer_from(question, quotes, understood=understood, also=(WIRE,))


def told(answer: Answer) -> Iterator[Answer]:
    """The snapshots of an Answer: passages, then statement after statement, then the whole."""
    if not answer.refused:
        yield replace(answer, statements=(), citations=(), complete=False)
        for shown in range(1, len(answer.statements)):
            numbers = {n for statement in answer.statements[:shown] for n in statement.citations}
            citations = tuple(c for c in answer.citations if c.number in numbers)
            yield replace(answer, statements=answer.statements[:shown], citations=citations, complete=False)
    yield answer


@dataclass
class FakeAssistant(Runnable[dict[str, Any], Answer]):
    """Tells the Answer that `plan` gives for a question, and keeps what it was asked.

    It pauses before each snapshot. Asked for something "slowly", it stops after the first statement
    until `go_on` is set, as an assistant does that waits for a language model.
    """

    plan: Callable[[str, list[Turn]], Answer]
    pause_seconds: float = 0.02
    asked: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def invoke(self, input: dict[str, Any], config: RunnableConfig | None = None, **_: Any) -> Answer:
        return list(self.stream(input))[-1]

    def stream(
        self, input: dict[str, Any], config: RunnableConfig | None = None, **_: Any
    ) -> Iterator[Answer]:
        self.asked.append(input)
        for number, snapshot in enumerate(told(self.plan(input["question"], input["history"]))):
            if number == 2 and "slowly" in input["question"]:
                self.go_on.wait(timeout=20)
            time.sleep(self.pause_seconds)
            yield snapshot


@dataclass(frozen=True)
class Facts:
    articles: int = 1_204
    outlets: tuple[str, ...] = ("The Harbour Post", "Metro Ledger", "Northern Wire")
    earliest: date | None = date(2023, 1, 3)
    latest: date | None = date(2024, 6, 30)


STARTERS = [
    "Why was the harbour bridge closed?",
    "Who denies that inspectors warned of the crack?",
    "What do the ferries cost the city?",
    "What did Miriam Osei say about the western pier?",
]


@dataclass(frozen=True)
class Newsroom:
    """Everything above under one name, for tests to ask for."""

    harbour: Article = HARBOUR
    metro: Article = METRO
    wire: Article = WIRE
    starters: tuple[str, ...] = tuple(STARTERS)
    facts: Facts = field(default_factory=Facts)
    empty: Facts = field(default_factory=lambda: Facts(0, (), None, None))

    answer_from = staticmethod(answer_from)
    bridge_answer = staticmethod(bridge_answer)
    refusal_of = staticmethod(refusal_of)
    passage_of = staticmethod(passage_of)
    told = staticmethod(told)
    assistant = FakeAssistant


@pytest.fixture(scope="session")
def newsroom() -> Newsroom:
    return Newsroom()


@pytest.fixture(scope="session")
def build_app() -> Callable[..., FastAPI]:
    """Makes the app inside a running event loop: outside of one, Gradio opens loops and never closes them."""

    async def build(assistant: FakeAssistant, facts: Facts, starters: GetStarters) -> FastAPI:
        return create_app(assistant, lambda: facts, starters)

    def run(assistant: FakeAssistant, facts: Facts, starters: GetStarters = lambda: STARTERS) -> FastAPI:
        with ThreadPoolExecutor() as pool:  # the browser's driver has a loop in this thread already
            return pool.submit(asyncio.run, build(assistant, facts, starters)).result()

    return run
