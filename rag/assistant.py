"""Assistant: a question and its conversation in, an Answer out, as one LangChain Runnable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NotRequired, Protocol, Self

from langchain_core.prompts import PromptTemplate
from langchain_core.runnables import Runnable, RunnableConfig
from typing_extensions import TypedDict

from index.library import Library
from rag.answer import Answer, Passage, Refusal, Turn
from rag.answering import EmbeddedAnswerer
from rag.citing import Quoted, cite
from rag.question import StandaloneQuestion, spelt_as_in, standalone_question
from rag.reader import reader_of
from rag.retrieval import HybridRetriever
from rag.settings import AssistantSettings
from rag.terms import terms

_REFUSAL = Path(__file__).parent.parent / "prompts" / "refusal.txt"


class AssistantInput(TypedDict):
    """A question, and the turns before it, oldest first."""

    question: str
    history: NotRequired[Sequence[Turn]]


class Answerer(Protocol):
    """What composes an answer from passages."""

    def choose(self, question: StandaloneQuestion, passages: Sequence[Passage]) -> Iterator[Quoted]:
        """The sentences that answer the question, best first; none when the passages do not answer it."""


class Assistant(Runnable[AssistantInput, Answer]):
    """Answers questions from a library; invoke, stream and batch, and their async twins.

    It asks its retriever for passages directly: what it looks up is part of its own run, not a run of its own.
    `stream` yields the Answer as far as it is known: first the passages, then one more statement at a
    time, at last the complete one, which is what `invoke` returns. No answer is an Answer, refused.
    """

    def __init__(self, retriever: HybridRetriever, answerer: Answerer) -> None:
        self._retriever = retriever
        self._answerer = answerer
        self._refusal = PromptTemplate.from_file(_REFUSAL, encoding="utf-8")

    @classmethod
    def from_settings(cls, library: Library, settings: AssistantSettings) -> Self:
        """The assistant as the settings describe it. ModelError when a model of theirs cannot be had."""
        reader = reader_of(settings.reader_model)
        retriever = HybridRetriever.from_settings(library, settings, reader)
        return cls(retriever, EmbeddedAnswerer(library, reader, settings.max_statements))

    def with_retriever(self, retriever: HybridRetriever) -> Self:
        """The same assistant, with passages from another retriever."""
        return type(self)(retriever, self._answerer)

    def invoke(self, input: AssistantInput, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        return self._call_with_config(self._last, input, config)

    def stream(
        self, input: AssistantInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Answer]:
        yield from self.transform(iter([input]), config)

    def transform(
        self, input: Iterator[AssistantInput], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Answer]:
        yield from self._transform_stream_with_config(input, self._snapshots_of_last, config)

    async def astream(
        self, input: AssistantInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Answer]:
        snapshots = self.stream(input, config)
        while (answer := await asyncio.to_thread(next, snapshots, None)) is not None:
            yield answer

    def conversation(self, questions: Sequence[str]) -> list[Turn]:
        """The turns of a conversation in which these questions are asked, oldest first, each after those before."""
        turns: list[Turn] = []
        for question in questions:
            turns.append(Turn(question, self.invoke({"question": question, "history": turns})))
        return turns

    def _last(self, input: AssistantInput) -> Answer:
        *_, answer = self._snapshots(input)
        return answer

    def _snapshots_of_last(self, inputs: Iterator[AssistantInput]) -> Iterator[Answer]:
        *_, last = inputs
        yield from self._snapshots(last)

    def _snapshots(self, input: AssistantInput) -> Iterator[Answer]:
        # One line, and nothing that cannot be encoded, as a terminal may pass it on.
        question = " ".join(input["question"].encode(errors="replace").decode().split())
        started = time.perf_counter()
        standalone = spelt_as_in(
            self._retriever.library, standalone_question(question, input.get("history", ()))
        )
        understood = time.perf_counter()
        passages = tuple(self._retriever.passages(standalone.text))
        retrieved = time.perf_counter()
        seconds = {"understanding": understood - started, "retrieval": retrieved - understood}
        answer = Answer(question, standalone.text, passages, seconds=seconds)
        yield answer
        for quoted in self._answerer.choose(standalone, passages):
            statement, citation = cite(quoted, answer.citations)
            answer = replace(
                answer,
                statements=(*answer.statements, statement),
                citations=(*answer.citations, citation),
                confidence=quoted.confidence if answer.confidence is None else answer.confidence,
            )
            yield answer
        seconds = {**seconds, "answering": time.perf_counter() - retrieved}
        refusal = None if answer.statements else self._refuse(standalone.text, passages)
        yield replace(answer, refusal=refusal, complete=True, seconds=seconds)

    def _refuse(self, searched_for: str, passages: Sequence[Passage]) -> Refusal:
        articles = self._retriever.library.facts().articles
        asked = set(terms(searched_for))
        nearest = next(
            (p.article for p in passages if asked & set(terms(f"{p.article.title} {p.chunk.text}"))), None
        )
        text = self._refusal.format(
            searched_for=searched_for,
            articles=f"{articles} article" if articles == 1 else f"{articles} articles",
        )
        return Refusal(searched_for, articles, nearest, text.strip())
