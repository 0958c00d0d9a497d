"""Library: the articles, their chunks and both indexes over them, as one thing owned by one process."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from index.article import Article, Chunk
from index.embedding import Embedder, Vectors
from index.errors import LibraryDamaged, LibraryError, LibraryMismatch, UnknownArticle
from index.indexes import Indexes
from index.owner import Ownership
from index.spelling import allowed_edits, near_words, words_of
from index.store import FILE_NAME, Added, Store, no_library

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_GENERATION = "indexes_generation"
_READ_FOR_SPELLING = 20  # chunks in which a word is looked for
_INDEX_BATCH = 2_000  # chunks given to the indexes at once: about 5 MB with their vectors


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A chunk found by one of the indexes; a higher score is better, scores of the two do not compare."""

    chunk: Chunk
    article: Article
    score: float


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """What is in a library: how much, by whom, and from when to when (None when no article is dated)."""

    articles: int
    chunks: int
    outlets: tuple[str, ...]
    earliest: date | None
    latest: date | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be stored: its chunks, and one vector for each."""

    article: Article
    chunks: Sequence[Chunk]
    vectors: Vectors


class Library:
    """Opens for one process at a time; close it, or use it in a `with` statement."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        *,
        create: bool = False,
        rebuild: bool = False,
        progress: Progress | None = None,
    ):
        """Opens the library in `folder`, bringing its indexes up to date with its store.

        LibraryError when there is none (unless `create`), LibraryInUse when another process owns it,
        LibraryMismatch when it was made with another embedding model, LibraryDamaged when the store
        cannot be read. `rebuild` makes the indexes again without looking at the old ones.
        """
        if not create and not (folder / FILE_NAME).exists():
            raise no_library(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"The folder {folder} cannot be made: {error.strerror}.",
                "Choose another folder with --data or DATA_DIR.",
            ) from error
        self.folder = folder
        self.embedder = embedder
        self._progress = progress or (lambda what, done, total: None)
        self._changing = RLock()  # one change at a time; searching goes on
        with ExitStack() as opened:
            opened.callback(Ownership(folder).release)
            self.store = Store(folder)
            opened.callback(self.store.close)
            self._check_model()
            self._indexes = self._make_indexes() if rebuild else self._open_indexes()
            opened.callback(lambda: self._indexes.close())
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes it and lets others own it; closing twice does nothing."""
        with self._changing:
            self._opened.close()

    def _check_model(self) -> None:
        fingerprint = self.store.fact("embedding_fingerprint")
        if fingerprint is None:
            self.store.set_fact("embedding_model", self.embedder.name)
            self.store.set_fact("embedding_fingerprint", self.embedder.fingerprint)
        elif fingerprint != self.embedder.fingerprint:
            made_with = self.store.fact("embedding_model")
            raise LibraryMismatch(
                f"The library in {self.folder} was made with the embedding model {made_with!r}, "
                f"not with {self.embedder.name!r}: their vectors cannot be compared.",
                f"Set EMBEDDING_MODEL={made_with}, or add the articles to a new folder with --data.",
            )

    # Searching: the half that rag/ uses

    def search_vectors(self, vector: Vectors, k: int) -> list[ScoredChunk]:
        """The `k` chunks nearest to a unit vector of the library's model; `score` is the cosine."""
        return self._scored(self._indexes.vectors.search(vector, k))

    def search_words(self, query: str, k: int) -> list[ScoredChunk]:
        """The `k` chunks that share the rarest words with `query`; `score` is BM25."""
        return self._scored(self._indexes.words.search(query, k))

    def term_weights(self, terms: Sequence[str]) -> dict[str, float]:
        """How rare each term is in the library, as BM25 weighs it: 0 for a word that is everywhere."""
        return self._indexes.words.term_weights(terms)

    def spellings(self, word: str, beside: str = "") -> list[str]:
        """The words of the library's articles that are near to a `word` that none of them has, nearest first.

        Empty where they have it, in any inflection. They are looked for in the chunks that share the rarest words
        with the text that it stands beside. See `allowed_edits` for what is near.
        """
        words, edits = self._indexes.words, allowed_edits(word)
        if not edits or words.search_like(word, 0, 1):
            return []
        chunks = self.store.chunks(words.search_like(word, edits, _READ_FOR_SPELLING, beside))
        said = Counter[str]()
        for chunk, article in chunks.values():
            about = (article.headline, article.outlet, article.credit, article.byline, chunk.text)
            said.update(words_of(" ".join(part for part in about if part)))
        near = near_words(word, said, edits)
        return [other for other, _ in sorted(near, key=lambda item: (item[1], -said[item[0]]))]

    def _scored(self, found: Sequence[tuple[int, float]]) -> list[ScoredChunk]:
        chunks = self.store.chunks([chunk_id for chunk_id, _ in found])
        return [ScoredChunk(*chunks[chunk_id], score) for chunk_id, score in found if chunk_id in chunks]

    def article(self, article_id: str) -> Article:
        """UnknownArticle when there is none with this id."""
        if article := self.store.article(article_id):
            return article
        raise unknown_article(article_id)

    def chunks_of(self, article_id: str) -> list[Chunk]:
        """The chunks of an article, in order; none when there is no such article."""
        return self.store.chunks_of(article_id)

    def articles(self) -> Iterator[Article]:
        """Every article, newest first."""
        return self.store.articles()

    def facts(self) -> LibraryFacts:
        return library_facts(self.store)

    # Changing

    def recognise(self, article: Article) -> Article | None:
        """The article with the same content that is in the library already, now known by this path too."""
        with self._changing:
            known = self.store.article_with_content(article.content_hash)
            if known and not self.store.stands_at(article.path, known.id):
                with self.store.transaction():
                    self.store.point(article.path, known.id)
                self._follow()
            return known

    def add(self, prepared: Sequence[Prepared]) -> list[tuple[Article, Added]]:
        """Stores articles durably: all of them, or none when what is prepared is not sound.

        Returns each with the id it has in the library, and what became of it. An article that was
        read from the same path is replaced by the new one, which keeps its id. Should an index fail, the
        articles are stored all the same, and the indexes catch up when the library is next opened.
        """
        with self._changing:
            with self.store.transaction():
                done = [self.store.put(item.article, item.chunks, item.vectors) for item in prepared]
            self._follow()
            return done

    def remove(self, article_id: str) -> None:
        """Removes an article everywhere. UnknownArticle when there is none with this id."""
        with self._changing:
            with self.store.transaction():
                if not self.store.delete(article_id):
                    raise unknown_article(article_id)
            self._follow()

    # Keeping the indexes in step with the store

    def _follow(self) -> None:
        """Applies to the indexes what the store changed since they last agreed; safe to repeat."""
        pending = self.store.pending()
        for start in range(0, len(pending), _INDEX_BATCH):
            batch = pending[start : start + _INDEX_BATCH]
            self._indexes.follow(self.store, batch)
            self.store.clear_pending(batch)

    def _open_indexes(self) -> Indexes:
        """The indexes, caught up; made again from the store when they are lost or damaged."""
        current = self._indexes_folder()
        for folder in self.folder.glob("indexes-*"):
            if folder != current:  # left by a kill in the middle of making them again
                shutil.rmtree(folder, ignore_errors=True)
        try:
            self._indexes = Indexes(current)
        except LibraryDamaged:
            return self._make_indexes()
        chunks = self.store.count()[1]
        try:
            self._follow()
            if self._indexes.counts() == (chunks, chunks):
                return self._indexes
        except LibraryError:
            pass
        self._indexes.close()
        return self._make_indexes()

    def indexed_ids(self) -> dict[str, set[int]]:
        """The chunk ids that each index holds, by the name of the index."""
        return {"lexical": self._indexes.words.ids(), "vector": self._indexes.vectors.ids()}

    def rebuild_indexes(self) -> None:
        """Makes both indexes again from the store, without embedding."""
        with self._changing:
            self._indexes.close()
            self._indexes = self._make_indexes()

    def _make_indexes(self) -> Indexes:
        """New indexes, built aside and then switched to: a kill leaves the old ones."""
        old = self._indexes_folder()
        generation = int(self.store.fact(_GENERATION) or 0) + 1
        folder = self.folder / f"indexes-{generation}"
        shutil.rmtree(folder, ignore_errors=True)
        indexes = Indexes(folder)
        ids = self.store.chunk_ids()
        for start in range(0, len(ids), _INDEX_BATCH):
            self._progress("Rebuilding the indexes", start, len(ids))
            indexes.follow(self.store, ids[start : start + _INDEX_BATCH])
        self.store.set_fact(_GENERATION, str(generation))
        self.store.clear_pending(self.store.pending())
        shutil.rmtree(old, ignore_errors=True)
        return indexes

    def _indexes_folder(self) -> Path:
        return self.folder / f"indexes-{self.store.fact(_GENERATION) or 0}"


def library_facts(store: Store) -> LibraryFacts:
    """What is in a store; also for a reader that does not own the library."""
    articles, chunks = store.count()
    first, last = store.published_range()
    return LibraryFacts(
        articles=articles,
        chunks=chunks,
        outlets=tuple(store.outlets()),
        earliest=date.fromisoformat(first) if first else None,
        latest=date.fromisoformat(last) if last else None,
    )


def unknown_article(article_id: str) -> UnknownArticle:
    return UnknownArticle(
        f"No article has the id {article_id!r}.", "See the ids of all articles: python -m index list"
    )
