"""Collection: the library that an evaluation asks about, one that is there or one made for it alone."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from index.article import Article
from index.building import add_articles, add_read_articles
from index.embedding import Embedder
from index.errors import EvaluationError
from index.library import Library, Progress
from rag.evaluation.catalogue import Catalogue


@contextmanager
def temporary_library(
    embedder: Embedder,
    paths: Sequence[Path],
    articles: Sequence[Article],
    progress: Progress,
    tell: Callable[[str], None],
) -> Iterator[tuple[Library, Catalogue]]:
    """A library of the articles in files and of those given, which is gone afterwards, and its catalogue.

    `tell` is told of each file that cannot be read. EvaluationError when no article remains.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dateline-") as folder,
        Library(Path(folder) / "library", embedder, create=True, progress=progress) as library,
    ):
        for report in add_articles(library, paths, progress):
            if report.status == "failed":
                tell(f"{report.path}: {report.reason}")
        unique = {article.content_hash: article for article in reversed(articles)}
        stored = {
            report.article.content_hash: report.article.id
            for report in add_read_articles(library, list(reversed(unique.values())), progress)
            if report.article
        }
        if not library.facts().articles:
            raise EvaluationError(
                "There is no article to ask about.",
                "Give the articles with --articles PATH, or a library with --data DIR.",
            )
        # An article that came twice is stored once, and is known by both its paths.
        also = [replace(article, id=stored[article.content_hash]) for article in articles]
        yield library, Catalogue.of([*library.articles(), *also])


def fingerprint(articles: Iterable[Article]) -> str:
    """SHA-256 (hex) of the content of the articles, in whatever order and wherever they lie."""
    hashes = sorted(article.content_hash for article in articles)
    return hashlib.sha256("".join(hashes).encode()).hexdigest()
