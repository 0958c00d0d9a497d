"""Store: the one SQLite file that is the truth about a library.

Articles, their chunks and the chunks' vectors. The vector and lexical indexes are derived from it;
`pending` names the chunks that they may not agree on yet. It is written in the same transaction as the
change and emptied when they have followed, so a kill between the two loses nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Literal

import numpy as np

from index.article import Article, Chunk, from_stated, stated
from index.embedding import Vectors
from index.errors import LibraryDamaged, LibraryError, LibraryMismatch

FILE_NAME = "library.sqlite"

Added = Literal["added", "updated", "unchanged"]
"""What became of an article that was given to a library."""
SCHEMA_VERSION = 1

_VECTOR_BYTES = "vector_bytes"

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    content_hash TEXT NOT NULL UNIQUE,
    headline TEXT, outlet TEXT, byline TEXT, section TEXT,
    published TEXT, modified TEXT, url TEXT, credit TEXT,
    text TEXT NOT NULL,
    added TEXT NOT NULL
) STRICT;

CREATE TABLE sources (                     -- where an article was read from; copies of a file are one article
    path TEXT PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sources_by_article ON sources (article_id);

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, so a late deletion cannot hit a newer chunk
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL,               -- JSON: [[start, end], ...] in characters of the article's text
    UNIQUE (article_id, number)
) STRICT;

CREATE TABLE vectors (                     -- apart from chunks, which are read far more often
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    vector BLOB NOT NULL                   -- little-endian float32, length 1
) STRICT;

CREATE TABLE pending (chunk_id INTEGER PRIMARY KEY) STRICT;
"""

_CHUNK_COLUMNS = 'id, article_id, number, start, "end", sentences'
_ARTICLE_COLUMNS = (
    "id, (SELECT path FROM sources WHERE article_id = articles.id ORDER BY rowid LIMIT 1), "
    "headline, outlet, byline, section, published, modified, url, credit, text"
)


class Store:
    """Reads and writes the SQLite file; safe to use from several threads of one process."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Opens the file in `folder`, making it when it is not there (unless `read_only`).

        LibraryMismatch when a newer Dateline made it, LibraryDamaged when it is no such file.
        """
        self.path = folder / FILE_NAME
        if read_only and not self.path.exists():
            raise no_library(folder)
        mode = "ro" if read_only else "rwc"
        self._lock = RLock()
        try:
            self._db = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={mode}",
                uri=True,
                check_same_thread=False,
                isolation_level=None,
            )
        except sqlite3.OperationalError as error:
            raise LibraryError(
                f"The library in {folder} cannot be opened: {error}.",
                "Check that the folder may be read and written, and that the disk is not full.",
            ) from error
        try:
            self._prepare(read_only)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, read_only: bool) -> None:
        with self._translated():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise LibraryMismatch(
                    f"The library in {self.path.parent} was made by a newer Dateline (format {version}, "
                    f"this one knows {SCHEMA_VERSION}).",
                    "Update Dateline, or add the articles to a new folder with --data.",
                )
            self._db.execute("PRAGMA foreign_keys = ON")
            if read_only:
                return
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")  # what is reported added survives a power cut
            if version == 0:
                self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    @contextmanager
    def _translated(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; SQLite's errors become ours."""
        with self._lock:
            try:
                yield self._db
            except sqlite3.ProgrammingError as error:  # a thread that outlived the library
                raise LibraryError(
                    f"The library in {self.path.parent} is closed.", "Open it again."
                ) from error
            except sqlite3.OperationalError as error:
                raise LibraryError(
                    f"The library in {self.path.parent} could not be read or written: {error}.",
                    "Check that the disk is not full and the folder may be written. Nothing that was added is lost.",
                ) from error
            except sqlite3.DatabaseError as error:
                raise LibraryDamaged(
                    f"{self.path} is damaged or not a library: {error}.",
                    "Restore it from a backup, or move it away and add the articles again.",
                ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is there afterwards, or none of it."""
        with self._translated() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        with self._translated() as db:
            return db.execute(query, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # Facts about the library itself

    def fact(self, name: str) -> str | None:
        rows = self._rows("SELECT value FROM facts WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def set_fact(self, name: str, value: str) -> None:
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def integrity_errors(self) -> list[str]:
        """What SQLite itself finds wrong with the file; empty when nothing is."""
        lines = [row[0] for row in self._rows("PRAGMA integrity_check")]
        orphans = [f"a row of {row[0]} belongs to nothing" for row in self._rows("PRAGMA foreign_key_check")]
        return [line for line in lines if line != "ok"] + orphans

    # Articles

    def put(self, article: Article, chunks: Sequence[Chunk], vectors: Vectors) -> tuple[Article, Added]:
        """Stores an article, in the transaction that is open; returns it with its id, and what became of it.

        It replaces the article that was read from the same path, whose id it keeps, unless a copy of
        that one stands elsewhere. Content that is there already is not stored again.
        """
        if len(chunks) != len(vectors):
            raise ValueError(f"{len(chunks)} chunks but {len(vectors)} vectors")
        if known := self.article_with_content(article.content_hash):
            self.point(article.path, known.id)
            return known, "unchanged"
        db = self._db
        replaced = self._only_source_of(article.path)
        if replaced:
            self.delete(replaced)
        article = replace(article, id=replaced or self._free_id(article))
        values = (
            article.id, article.content_hash, article.headline, article.outlet, article.byline,
            article.section, stated(article.published), stated(article.modified), article.url, article.credit,
            article.text, datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        db.execute(
            "INSERT INTO articles (id, content_hash, headline, outlet, byline, section, published, modified,"
            " url, credit, text, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        self.point(article.path, article.id)
        db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (_VECTOR_BYTES, str(vectors.shape[1] * 4)))
        for chunk, vector in zip(chunks, vectors, strict=True):
            chunk_id = db.execute(
                'INSERT INTO chunks (article_id, number, start, "end", sentences) VALUES (?, ?, ?, ?, ?)',
                (article.id, chunk.number, chunk.start, chunk.end, json.dumps(chunk.sentences)),
            ).lastrowid
            db.execute("INSERT INTO vectors VALUES (?, ?)", (chunk_id, _to_blob(vector)))
            db.execute("INSERT INTO pending VALUES (?)", (chunk_id,))
        return article, "updated" if replaced else "added"

    def point(self, path: str | None, article_id: str) -> None:
        """Notes that an article stands at `path`, in the transaction that is open.

        The article that stood there before is removed, unless it has another path.
        """
        if path is None:
            return
        before = self._db.execute("SELECT article_id FROM sources WHERE path = ?", (path,)).fetchone()
        if before and before[0] == article_id:
            return
        self._db.execute("INSERT OR REPLACE INTO sources VALUES (?, ?)", (path, article_id))
        if before and not self._paths(before[0]):
            self.delete(before[0])

    def _only_source_of(self, path: str | None) -> str | None:
        """The id of the article that stands at `path` and nowhere else; files that are gone do not count."""
        before = self._db.execute("SELECT article_id FROM sources WHERE path = ?", (path,)).fetchone()
        if before is None:
            return None
        elsewhere = [other for other in self._paths(before[0]) if other != path and Path(other).exists()]
        return None if elsewhere else str(before[0])

    def _paths(self, article_id: str) -> list[str]:
        rows = self._db.execute("SELECT path FROM sources WHERE article_id = ?", (article_id,))
        return [row[0] for row in rows]

    def stands_at(self, path: str | None, article_id: str) -> bool:
        """Whether an article is known to stand at `path`; True without a path."""
        rows = self._rows("SELECT 1 FROM sources WHERE path = ? AND article_id = ?", (path, article_id))
        return path is None or bool(rows)

    def _free_id(self, article: Article) -> str:
        """The beginning of the content hash; longer when an article that has since been corrected holds it."""
        digits = len(article.id)
        while self.article(article.content_hash[:digits]):
            digits += 1
        return article.content_hash[:digits]

    def delete(self, article_id: str) -> bool:
        """Removes an article with its chunks, in the transaction that is open; False when there is none."""
        self._db.execute(
            "INSERT OR IGNORE INTO pending SELECT id FROM chunks WHERE article_id = ?", (article_id,)
        )
        return self._db.execute("DELETE FROM articles WHERE id = ?", (article_id,)).rowcount > 0

    def article(self, article_id: str) -> Article | None:
        rows = self._rows(f"SELECT {_ARTICLE_COLUMNS} FROM articles WHERE id = ?", (article_id,))
        return _to_article(rows[0]) if rows else None

    def article_with_content(self, content_hash: str) -> Article | None:
        rows = self._rows(f"SELECT {_ARTICLE_COLUMNS} FROM articles WHERE content_hash = ?", (content_hash,))
        return _to_article(rows[0]) if rows else None

    def content_hash(self, article_id: str) -> str | None:
        """The content hash that was stored with the article."""
        rows = self._rows("SELECT content_hash FROM articles WHERE id = ?", (article_id,))
        return rows[0][0] if rows else None

    def articles(self) -> Iterator[Article]:
        """Every article, newest first; those that state no date come last."""
        order = "published IS NULL, published DESC, added DESC, id"
        for (article_id,) in self._rows(f"SELECT id FROM articles ORDER BY {order}"):
            if article := self.article(article_id):
                yield article

    def count(self) -> tuple[int, int]:
        """The numbers of articles and of chunks."""
        articles, chunks = self._rows(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM chunks)"
        )[0]
        return articles, chunks

    def outlets(self) -> list[str]:
        """Each outlet once, the one with most articles first."""
        rows = self._rows(
            "SELECT outlet FROM articles WHERE outlet IS NOT NULL GROUP BY outlet ORDER BY count(*) DESC, outlet"
        )
        return [row[0] for row in rows]

    def published_range(self) -> tuple[str | None, str | None]:
        """The earliest and the latest day (ISO) on which an article was published."""
        first, last = self._rows(
            "SELECT min(substr(published, 1, 10)), max(substr(published, 1, 10)) FROM articles"
        )[0]
        return first, last

    # Chunks

    def chunks(self, ids: Iterable[int]) -> dict[int, tuple[Chunk, Article]]:
        """The chunks that exist among `ids`, each with its article as it stands at this moment."""
        with self._lock:  # an article that is replaced in between would be cut by its old offsets
            rows = self._rows(
                f"SELECT {_CHUNK_COLUMNS} FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
                (_id_list(ids),),
            )
            articles = {article_id: self.article(article_id) for article_id in {row[1] for row in rows}}
        return {row[0]: (_to_chunk(row, article), article) for row in rows if (article := articles[row[1]])}

    def chunks_of(self, article_id: str) -> list[Chunk]:
        """The chunks of an article in order; empty when there is none with this id."""
        with self._lock:
            article = self.article(article_id)
            rows = self._rows(
                f"SELECT {_CHUNK_COLUMNS} FROM chunks WHERE article_id = ? ORDER BY number", (article_id,)
            )
        return [_to_chunk(row, article) for row in rows] if article else []

    def chunk_ids(self) -> list[int]:
        return [row[0] for row in self._rows("SELECT id FROM chunks ORDER BY id")]

    def vectors(self, chunk_ids: Sequence[int]) -> tuple[list[int], Vectors]:
        """The ids among `chunk_ids` that have a vector of full length, in order, and their vectors as rows."""
        rows = self._rows(
            "SELECT chunk_id, vector FROM vectors WHERE chunk_id IN (SELECT value FROM json_each(?))"
            " AND length(vector) = ? ORDER BY chunk_id",
            (_id_list(chunk_ids), int(self.fact(_VECTOR_BYTES) or 0)),
        )
        if not rows:
            return [], np.zeros((0, 0), np.float32)
        return [row[0] for row in rows], np.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(
            len(rows), -1
        )

    def set_vectors(self, chunk_ids: Iterable[int], vectors: Vectors) -> None:
        """Replaces vectors, one row for each id: all of them or none."""
        rows = [(i, _to_blob(vector)) for i, vector in zip(chunk_ids, vectors, strict=True)]
        with self.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    # What the indexes have still to follow

    def pending(self) -> list[int]:
        return [row[0] for row in self._rows("SELECT chunk_id FROM pending ORDER BY chunk_id")]

    def clear_pending(self, chunk_ids: Sequence[int]) -> None:
        with self.transaction() as db:
            db.execute(
                "DELETE FROM pending WHERE chunk_id IN (SELECT value FROM json_each(?))",
                (_id_list(chunk_ids),),
            )


def no_library(folder: Path) -> LibraryError:
    return LibraryError(
        f"There is no library in {folder}.",
        f"Add articles to make one: python -m index add PATH... --data {folder}",
    )


def _id_list(ids: Iterable[int]) -> str:
    """Any number of ids as one SQL value, for json_each."""
    return json.dumps(list(ids))


def _to_blob(vector: Vectors) -> bytes:
    return np.asarray(vector, "<f4").tobytes()


def _to_article(row: Sequence[Any]) -> Article:
    article_id, path, headline, outlet, byline, section, published, modified, url, credit, text = row
    return Article(
        id=article_id,
        path=path,
        headline=headline,
        outlet=outlet,
        byline=byline,
        section=section,
        published=from_stated(published),
        modified=from_stated(modified),
        url=url,
        credit=credit,
        text=text,
    )


def _to_chunk(row: Sequence[Any], article: Article) -> Chunk:
    chunk_id, article_id, number, start, end, sentences = row
    spans = tuple((a, b) for a, b in json.loads(sentences))
    return Chunk(article_id, number, start, end, article.text[start:end], spans, chunk_id)
