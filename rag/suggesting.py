"""Suggesting: questions to start with, made from the library and known to be answered by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from threading import Event, Thread
from types import TracebackType
from typing import Self

from index.article import Article
from index.library import Library
from rag.assistant import Assistant

_ARTICLES_LOOKED_AT = 40  # the newest: enough for four questions, and done in seconds
_NAME = r"((?:[A-Z][\w’-]+ ){1,2}[A-Z][\w’-]+)"
_PATTERNS = [
    (re.compile(_NAME + r" (?:denied|rejected|dismissed) "), "What did {} deny?"),
    (re.compile(_NAME + r" (?:said|told|claimed|added) |(?:said|added) " + _NAME), "What did {} say?"),
    (re.compile(_NAME + r", (?:an?|the) [a-z]"), "Who is {}?"),
]


class Suggestions:
    """At most four questions on different articles, newest first; call it for them.

    Empty for a library that names nobody, None while they are being found. Each question has been
    asked and got an answer from its article. They are found in a thread of their own, between
    entering and leaving a `with` statement, which also has the embedding model loaded before the first
    reader asks.
    """

    def __init__(self, library: Library, assistant: Assistant, count: int = 4) -> None:
        self._library = library
        self._assistant = assistant
        self._count = count
        self._found: list[str] = []
        self._leaving = Event()
        self._thread = Thread(target=self._search, name="suggestions", daemon=True)

    def __call__(self) -> list[str] | None:
        return None if self._thread.is_alive() else list(self._found)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self.wait()

    def wait(self) -> list[str]:
        """All that are found, once the search has ended."""
        self._thread.join()
        return list(self._found)

    def _search(self) -> None:
        for article in islice(self._library.articles(), _ARTICLES_LOOKED_AT):
            if self._leaving.is_set() or len(self._found) == self._count:
                return
            question = next((q for q in _candidates(article) if self._answers(q, article)), None)
            if question:
                self._found.append(question)

    def _answers(self, question: str, article: Article) -> bool:
        if question in self._found or self._leaving.is_set():
            return False
        answer = self._assistant.invoke({"question": question})
        return any(citation.article.id == article.id for citation in answer.citations)


def _candidates(article: Article) -> Iterator[str]:
    """Questions about who speaks, who denies and who is introduced in an article; the commonest form last."""
    for pattern, question in _PATTERNS:
        match = pattern.search(article.text)
        if match:
            yield question.format(next(group for group in match.groups() if group))
