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
    _headlines: dict[str, frozenset[str]]
    _paths: dict[str, list[tuple[str, str]]]  # by their last step, each with the id

    @classmethod
    def of(cls, articles: Iterable[Article]) -> Self:
        """An id or a whole path names an article first; then the end of a path (`news/a.md`), then a headline."""
        exact: dict[str, set[str]] = {}
        headlines: dict[str, set[str]] = {}
        paths: dict[str, list[tuple[str, str]]] = {}
        for article in articles:
            path = _slashes(article.path or "")
            for name in {article.id, path} - {""}:
                exact.setdefault(name, set()).add(article.id)
            if article.headline:
                headlines.setdefault(_key(article.headline), set()).add(article.id)
            if path:
                paths.setdefault(path.rpartition("/")[2], []).append((path, article.id))
        return cls(_frozen(exact), _frozen(headlines), paths)

    def __getitem__(self, name: str) -> frozenset[str]:
        """The ids that `name` stands for; none when no article is called so."""
        end = _slashes(name)
        if found := self._exact.get(name) or self._exact.get(end):
            return found
        ending = [id for path, id in self._paths.get(end.rpartition("/")[2], ()) if path.endswith(f"/{end}")]
        return frozenset(ending) or self._headlines.get(_key(name), frozenset())

    def unknown(self, question: EvalQuestion) -> list[str]:
        """The names in a question that no article has."""
        named = [name for group in (*question.source_groups, *question.copies) for name in group]
        return [name for name in dict.fromkeys([*named, *question.relevant]) if not self[name]]

    def groups(self, groups: Iterable[Iterable[str]]) -> list[frozenset[str]]:
        """The ids of the articles of each group of names."""
        return [frozenset().union(*(self[name] for name in group)) for group in groups]


def _frozen(named: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(ids) for name, ids in named.items()}


def _slashes(path: str) -> str:
    return path.replace("\\", "/")


def _key(headline: str) -> str:
    return plain(headline).casefold()
