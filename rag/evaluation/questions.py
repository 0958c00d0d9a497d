"""EvalQuestion: one question of an evaluation, and what is known about its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

import regex
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from index.article import Article
from index.sentences import sentence_spans
from rag.evaluation.wording import pattern_of

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


_FLAGGED = re.compile(r"/.+/[a-z]{1,3}")  # as /…/i in other languages


def _usable(key: str) -> str:
    if _FLAGGED.fullmatch(key):
        raise ValueError("nothing may follow the last slash of a regular expression; case never counts")
    try:
        pattern_of(key)
    except (regex.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return key


Key = Annotated[Text, AfterValidator(_usable)]
"""Text that an answer must hold, in any case, or a regular expression between slashes."""


class EvalQuestion(BaseModel):
    """A question, and what is known about its answer; only `id` and `question` must be there.

    A score is computed for a question when the fields it needs are given, and left out otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text = Field(description="Names the question; no two in a run are the same.")
    question: Text = Field(description="What is asked.")
    history: tuple[Text, ...] = Field(
        default=(),
        description="The earlier questions of the conversation, oldest first; they are asked first.",
    )
    answerable: Annotated[bool, Field(strict=True)] | None = Field(
        default=True,
        description="Whether the articles answer it; null when that is not known, then a refusal is neither right nor wrong.",
    )
    answers: tuple[Key, ...] = Field(
        default=(),
        description="What the answer must say: text (any case), or a regular expression between slashes.",
    )
    match: Literal["any", "all"] = Field(
        default="any", description="Whether any one of `answers` is enough, or all are needed."
    )
    references: tuple[Text, ...] = Field(
        default=(),
        description="Whole answers to compare the words with (F1, RougeL); without them the texts of `answers` are taken.",
    )
    sources: tuple[Text | Annotated[tuple[Text, ...], Field(min_length=1)], ...] = Field(
        default=(),
        description="Articles that must be cited, each by id, path (or the end of it) or headline; "
        "a list stands for any one of its articles.",
    )
    relevant: tuple[Text, ...] = Field(
        default=(),
        description="Articles that a perfect search finds, as in BEIR's qrels; without them each entry of "
        "`sources` counts as one.",
    )
    evidence: tuple[Text, ...] = Field(
        default=(), description="Sentences of the articles that a retrieved passage should hold."
    )
    hedges: tuple[Key, ...] = Field(
        default=(),
        description="Words of doubt or attribution, like `answers`; one of them must survive in the answer.",
    )
    denials: tuple[Key, ...] = Field(
        default=(), description="What a denial says, like `answers`; one of them must be shown."
    )
    copies: tuple[Annotated[tuple[Text, ...], Field(min_length=2)], ...] = Field(
        default=(),
        description="Groups of articles that carry the same copy; an answer must not cite two of a group.",
    )
    as_of: date | None = Field(
        default=None, description="The day the question is asked; nothing published later may be cited."
    )
    tags: tuple[Text, ...] = Field(default=(), description="Names of groups that get scores of their own.")

    @field_validator("as_of", mode="before")
    @classmethod
    def _is_a_day(cls, value: object) -> object:
        # Left to itself pydantic also takes numbers, as seconds since 1970, and midnights.
        if value is None or isinstance(value, date):
            return value
        if not isinstance(value, str) or len(value) != len("2023-11-15"):
            raise ValueError("must be a day like 2023-11-15")
        return date.fromisoformat(value)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.answerable is False:
            given = [name for name in ("answers", "references", "evidence") if getattr(self, name)]
            if given:
                raise ValueError(f"answerable is false, but there are {' and '.join(given)}")
        if self.match == "all" and not self.answers:
            raise ValueError('match is "all", but there are no answers')
        return self

    @property
    def source_groups(self) -> tuple[tuple[str, ...], ...]:
        """The sources, each as the group of articles of which one must be cited."""
        return tuple((entry,) if isinstance(entry, str) else entry for entry in self.sources)

    @property
    def evidence_sentences(self) -> tuple[str, ...]:
        """The evidence, one sentence each: a chunk may end between two, and an answer quote only one."""
        return tuple(text[start:end] for text in self.evidence for start, end in sentence_spans(text))


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The questions of one file, and the articles that came with them (none where the format has none)."""

    questions: Sequence[EvalQuestion]
    articles: Sequence[Article] = field(default=())


def combined(sets: Sequence[tuple[Path, QuestionSet]]) -> QuestionSet:
    """The questions and articles of several files as one set.

    With more than one file, the paths of the articles that came with a file begin with its name, and so
    does an id that another file has too.
    """
    if len(sets) == 1:
        return sets[0][1]
    seen: set[str] = set()
    questions: list[EvalQuestion] = []
    articles: list[Article] = []
    stems = [path.stem for path, _ in sets]
    for number, (path, read) in enumerate(sets, start=1):
        label = path.stem if stems.count(path.stem) == 1 else f"{number}-{path.stem}"
        renamed = {article.path: f"{label}/{article.path}" for article in read.articles}
        articles += [replace(article, path=renamed[article.path]) for article in read.articles]
        for question in read.questions:
            name = question.id
            while name in seen:
                name = f"{label}/{name}"
            seen.add(name)
            questions.append(_renamed(question, name, renamed))
    return QuestionSet(questions, articles)


def _renamed(question: EvalQuestion, id: str, paths: Mapping[str | None, str]) -> EvalQuestion:
    sources = tuple(
        paths.get(entry, entry) if isinstance(entry, str) else tuple(paths.get(name, name) for name in entry)
        for entry in question.sources
    )
    relevant = tuple(paths.get(name, name) for name in question.relevant)
    return question.model_copy(update={"id": id, "sources": sources, "relevant": relevant})
