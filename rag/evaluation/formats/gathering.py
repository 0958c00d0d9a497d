"""What the readers of other formats share: rows whose fields are checked, and gathering what they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from index.article import Article
from rag.evaluation.question_file import in_words, json_objects, kind, raise_all
from rag.evaluation.questions import EvalQuestion, QuestionSet
from rag.evaluation.wording import is_pattern

_HINT = "Correct these records, or name another format with --format; docs/questions.md shows each."


class Mistake(Exception):
    """A record is not what its format says; the text names the place, the field and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file, and where it stands; a field that is not what is asked for is a Mistake."""

    values: dict[str, Any]
    place: str

    def wrong(self, field: str, what: str) -> Mistake:
        return Mistake(f"{self.place}, {field}: {what}")

    def text(self, field: str) -> str:
        """The text of a field that must be there and say something."""
        if field not in self.values:
            raise self.wrong(field, "missing")
        if not (text := self.label(field)):
            raise self.wrong(field, "null, must be text" if self.values[field] is None else "empty")
        return text

    def label(self, field: str) -> str:
        """The text of a field, or "" where there is none; a number is taken as its digits."""
        value = self.values.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            raise self.wrong(field, f"{kind(value)}, must be text")
        return (value or "").strip()

    def texts(self, field: str) -> tuple[str, ...]:
        """The texts of a list, without repeats and empty ones; a single text is a list of one."""
        value = self.values.get(field)
        entries = [value] if isinstance(value, str) else [] if value is None else value
        if not isinstance(entries, list):
            raise self.wrong(field, f"{kind(value)}, must be a list of texts")
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, str):
                raise self.wrong(f"{field}, entry {number}", f"{kind(entry)}, must be text")
        return different(entries)

    def rows(self, field: str) -> list[Row]:
        """The objects of a list that must be there."""
        if field not in self.values:
            raise self.wrong(field, "missing")
        if not isinstance(entries := self.values[field], list):
            raise self.wrong(field, f"{kind(entries)}, must be a list of objects")
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict):
                raise self.wrong(f"{field}, entry {number}", f"{kind(entry)}, must be an object")
        return [Row(entry, f"{self.place}, {field}, entry {n}") for n, entry in enumerate(entries, start=1)]


class _Names:
    """The names given so far, no two the same."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._times: Counter[str] = Counter()

    def new(self, name: str) -> str:
        """The name, or when it is taken the name with a number: `a`, `a-2`, `a-3`."""
        free = name
        while free in self._used:
            self._times[name] += 1
            free = f"{name}-{self._times[name] + 1}"
        self._used.add(free)
        return free


class Gathered:
    """The questions and articles of one file as they are read, and its mistakes."""

    def __init__(self, path: Path) -> None:
        self.mistakes: list[str] = []
        self._path = path
        self._questions: list[EvalQuestion] = []
        self._ids = _Names()
        self._articles: dict[tuple[str | None, str], Article] = {}
        self._paths = _Names()
        self._families: Counter[str] = Counter()

    @contextmanager
    def noting_mistakes(self) -> Iterator[None]:
        """Let a Mistake end only what stands inside, and keep it."""
        try:
            yield
        except Mistake as mistake:
            self.mistakes.append(str(mistake))

    def article(self, text: str, title: str = "", name: str = "") -> str:
        """The path of the article with this text and title, which is added when it is new.

        Without a name of its own an article is called by its title (or the file) and a number: `Rain#2`.
        """
        headline = " ".join(title.split()) or None
        text = tidy(text)
        if known := self._articles.get((headline, text)):
            return str(known.path)
        name = " ".join(name.split())
        if not name:
            family = headline or self._path.stem
            self._families[family] += 1
            name = f"{family}#{self._families[family]}"
        path = self._paths.new(name)
        self._articles[headline, text] = Article(text=text, headline=headline, path=path)
        return path

    def question(self, row: Row, id: str = "", **fields: Any) -> None:
        """Add a question; without an id, or with one that is taken, it gets one."""
        values = {"id": self._ids.new(id or f"q{len(self._questions) + 1}"), **fields}
        try:
            self._questions.append(EvalQuestion(**values))
        except ValidationError as error:
            self.mistakes.extend(f"{row.place}{what}" for what in in_words(error, values))

    def done(self) -> QuestionSet:
        """All that was gathered; raises EvaluationError if there were mistakes, or no question."""
        if not self._questions and not self.mistakes:
            self.mistakes.append(f"{self._path.name}: no questions")
        raise_all(self.mistakes, _HINT)
        return QuestionSet(tuple(self._questions), tuple(self._articles.values()))


def rows_of(path: Path, mistakes: list[str]) -> Iterator[Row]:
    """The objects of a JSON Lines file."""
    for number, values in json_objects(path, mistakes):
        yield Row(values, f"{path.name}, line {number}")


def read_rows(path: Path, take: Callable[[Row, Gathered], None]) -> QuestionSet:
    """What `take` makes of each line of a JSON Lines file."""
    gathered = Gathered(path)
    for row in rows_of(path, gathered.mistakes):
        with gathered.noting_mistakes():
            take(row, gathered)
    return gathered.done()


def one_of(paths: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Sources of which any one is enough; none when there are no articles.

    >>> one_of(["a", "b", "a"]), one_of([])
    ((('a', 'b'),), ())
    """
    group = tuple(dict.fromkeys(paths))
    return (group,) if group else ()


def different(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts in their order, without empty ones and repeats."""
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def literal(answer: str) -> str:
    """An answer that means just itself, even when it stands between slashes.

    >>> literal("1,200"), literal("/r/")
    ('1,200', '//r//')
    """
    return f"/{re.escape(answer)}/" if is_pattern(answer) else answer


def tidy(text: str) -> str:
    """The text as an article holds it: no more than one blank line together, no spaces at the ends of lines.

    >>> tidy("  It rained.\\r\\n\\n \\nIt stopped.  ")
    'It rained.\\n\\nIt stopped.'
    """
    lines = (line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
