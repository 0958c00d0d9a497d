"""Clients: how an evaluation asks its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from index.library import Library
from rag.answer import Passage
from rag.assistant import Assistant
from rag.evaluation.catalogue import Catalogue
from rag.evaluation.questions import EvalQuestion
from rag.retrieval import HybridRetriever
from rag.settings import AssistantSettings


class Client(Protocol):
    """What answers the questions: an assistant in this process, or a server. It may be asked by several threads."""

    def ask(self, question: EvalQuestion) -> Mapping[str, Any]:
        """The answer to the question, after its history, as `python -m rag ask --json` prints it."""


class AssistantClient:
    """Asks an assistant in this process; first the earlier questions of the conversation."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def ask(self, question: EvalQuestion) -> Mapping[str, Any]:
        history = self._assistant.conversation(question.history)
        return self._assistant.invoke({"question": question.question, "history": history}).to_json()


class GoldClient:
    """Asks with the question's own sources as its passages, instead of searching for any.

    What papers call answering from the gold passage: it measures the answerer alone. Ask it no question
    without sources: that is answered from nothing, and so refused.
    """

    def __init__(self, library: Library, settings: AssistantSettings, catalogue: Catalogue) -> None:
        self._library = library
        self._assistant = Assistant.from_settings(library, settings)
        self._catalogue = catalogue

    def ask(self, question: EvalQuestion) -> Mapping[str, Any]:
        ids = frozenset().union(*self._catalogue.groups(question.source_groups))
        found = [
            (chunk, article)
            for article in map(self._library.article, sorted(ids))
            for chunk in self._library.chunks_of(article.id)
        ]
        passages = [Passage(number, 1.0, *chunk) for number, chunk in enumerate(found, start=1)]
        retriever = _GivenPassages(library=self._library, given=passages)
        return AssistantClient(self._assistant.with_retriever(retriever)).ask(question)


class _GivenPassages(HybridRetriever):
    given: Sequence[Passage]

    def passages(self, query: str) -> list[Passage]:
        return list(self.given)
