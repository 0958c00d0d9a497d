"""Catalogue: which article a question means when it names one by id, path or headline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from index.article import Article
from rag.evaluation.questions import EvalQuestion
from rag.evaluation.wording import plain


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The ids of the articles that each name stands for; a headline may stand for several."""

    _exact: dict[str, frozenset[str]]
    _loose: dict[str, frozenset[str]]

    @classmethod
    def of(cls, articles: Iterable[Article]) -> Self:
        """An id or a whole path names an article first; then the end of a path (`news/a.md`), and a headline."""
        exact: dict[str, set[str]] = {}
        loose: dict[str, set[str]] = {}
        for article in articles:
            for name in {article.id, article.path or ""} - {""}:
                exact.setdefault(name, set()).add(article.id)
            steps = (article.path or "").split("/")
            ends = {"/".join(steps[-count:]) for count in range(1, len(steps))}
            for name in {_key(article.headline or ""), *ends} - {""}:
                loose.setdefault(name, set()).add(article.id)
        return cls(*({name: frozenset(ids) for name, ids in named.items()} for named in (exact, loose)))

    def __getitem__(self, name: str) -> frozenset[str]:
        """The ids that `name` stands for; none when no article is called so."""
        return self._exact.get(name) or self._loose.get(name) or self._loose.get(_key(name)) or frozenset()

    def unknown(self, question: EvalQuestion) -> list[str]:
        """The names in a question that no article has."""
        named = [name for group in (*question.source_groups, *question.copies) for name in group]
        return [name for name in dict.fromkeys([*named, *question.relevant]) if not self[name]]

    def groups(self, groups: Iterable[Iterable[str]]) -> list[frozenset[str]]:
        """The ids of the articles of each group of names."""
        return [frozenset().union(*(self[name] for name in group)) for group in groups]


def _key(headline: str) -> str:
    return plain(headline).casefold()
