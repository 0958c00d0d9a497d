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
_READ = 20_000  # characters of an article: who matters in it comes up early
_WORD = r"[A-Z][\w’-]{1,40}"
_NAME = rf"(?<![\w’-])(?P<name>{_WORD}(?: {_WORD}){{0,2}})"
_FULL_NAME = rf"(?<![\w’-])(?P<name>{_WORD}(?: {_WORD}){{1,2}})"
_PATTERNS = [  # what makes the better question first
    (re.compile(_NAME + r" (?:reportedly )?told (?P<other>[A-Z][\w’-]{1,40}(?: [A-Z][\w’-]{1,40})?) that"), "What did {name} tell {other}?"),
    (re.compile(_NAME + r" (?:has |have )?(?:denied|rejected|disputed) "), "What did {name} deny?"),
    (re.compile(r"\b(?P<verb>killed|wounded|injured) (?:[a-z]{1,20} ){0,2}\d[\d,]* (?P<name>[A-Z]?[a-z]{1,20}s)\b"), "How many {name} were {verb}?"),
    (re.compile(_FULL_NAME + r" (?:said|claimed|added) |(?:said|added) " + _FULL_NAME.replace("name", "last")), "What did {name} say?"),
    (re.compile(_FULL_NAME + r", (?:an?|the|who) [a-z]"), "Who is {name}?"),
]  # fmt: skip
# Beginnings of sentences, and things that are not persons, in names that the patterns find.
_NO_NAME = frozenset(
    "A After An And At But By To For He His If In It Its No On She That The They This What When Institute "
    "International University Center Centre Council Union Party Club News Daily Post Times Street Lane Hospital".split()
)


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
        """One question of each form first, so that they show what can be asked; then more of the same."""
        asked: set[str] = set()
        for forms_once in (True, False):
            for article in islice(self._library.articles(), _ARTICLES_LOOKED_AT):
                for form, question in _candidates(article):
                    if self._leaving.is_set() or len(self._found) == self._count:
                        return
                    if question in self._found or (forms_once and form in asked):
                        continue
                    if self._answers(question, article):
                        asked.add(form)
                        self._found.append(question)
                        break

    def _answers(self, question: str, article: Article) -> bool:
        answer = self._assistant.invoke({"question": question})
        return any(citation.article.id == article.id for citation in answer.citations)


def _candidates(article: Article) -> Iterator[tuple[str, str]]:
    """Forms of questions, each with the question, about what is told, denied and counted in an article, who speaks and who is introduced."""
    for pattern, question in _PATTERNS:
        for match in pattern.finditer(article.text[:_READ]):
            found = {key: value for key, value in match.groupdict().items() if value}
            found.setdefault("name", found.pop("last", ""))
            if not _NO_NAME & set(" ".join(found.values()).split()):
                yield question, question.format(**found)
                break
