"""Lexical: SQLite's FTS5, which is there already, against the tantivy of our LexicalIndex.

FTS5 scores every chunk that holds any word of the question; tantivy passes over those that cannot come
among the best (block-max WAND; Ding and Suel, "Faster Top-k Document Retrieval Using Block-Max
Indexes", SIGIR 2011). With half a million chunks a question took FTS5 131 ms of processor time, and
tantivy 1.1 ms. FTS5 is quicker to add one article: it writes a few rows, tantivy writes and syncs files.

FTS5 gets what it does best with: the text is stored once, outside its index; stop words are left out
of the questions; and it has 64 MB to keep pages in.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.made import PARAGRAPHS, made_articles, made_chunks, made_questions
from benchmarks.measuring import Clock, p50, p95, side_by_side
from index.article import Article, Chunk
from index.chunking import searchable_date
from index.command_line import ProgressBar
from index.lexical import LexicalIndex

_BATCH = 2_000  # chunks; as many as the library gives its indexes at once
_FOUND = 50  # as many as retrieval asks an index for
_QUESTIONS = 200
_ADDITIONS = 30

Indexed = tuple[Chunk, Article]


def run(chunks: int, progress: ProgressBar) -> None:
    """Prints what both cost with that many chunks."""
    with tempfile.TemporaryDirectory() as folder:
        fts5, tantivy = Fts5(Path(folder) / "fts5.sqlite"), LexicalIndex(Path(folder) / "tantivy")
        done = 0
        builds, additions, queries = (Clock(), Clock()), (Clock(), Clock()), (Clock(), Clock())
        for batch in _batches(chunks):
            _add(batch, fts5, tantivy, builds)
            done += len(batch)
            progress("Building both", done, chunks)
        _ask(made_questions(_QUESTIONS), fts5, tantivy, queries, progress)
        for number, article in enumerate(made_articles(_ADDITIONS, seed=2)):
            chunks_of_it = made_chunks(article, first_id=done + number * PARAGRAPHS)
            _add([(chunk, article) for chunk in chunks_of_it], fts5, tantivy, additions)
        tantivy.close()
        sizes = fts5.close_and_measure(), _folder_mb(Path(folder) / "tantivy")
    side_by_side(
        f"Lexical index: {done:,} chunks, {_QUESTIONS} questions",
        "FTS5",
        "tantivy",
        [
            ("build, s", sum(builds[0].wall), sum(builds[1].wall)),
            ("size on disk, MB", *sizes),
            ("question p50, ms", p50(queries[0].wall) * 1e3, p50(queries[1].wall) * 1e3),
            ("question p95, ms", p95(queries[0].wall) * 1e3, p95(queries[1].wall) * 1e3),
            ("question p50, processor ms", p50(queries[0].processor) * 1e3, p50(queries[1].processor) * 1e3),
            ("question p95, processor ms", p95(queries[0].processor) * 1e3, p95(queries[1].processor) * 1e3),
            ("add + commit an article p50, ms", p50(additions[0].wall) * 1e3, p50(additions[1].wall) * 1e3),
        ],
    )


def _batches(chunks: int) -> Iterator[list[Indexed]]:
    articles = made_articles(max(1, round(chunks / PARAGRAPHS)))
    first_id = 0
    while some := list(islice(articles, _BATCH // PARAGRAPHS)):
        batch = []
        for article in some:
            batch += [(chunk, article) for chunk in made_chunks(article, first_id)]
            first_id += PARAGRAPHS
        yield batch


def _add(batch: Sequence[Indexed], fts5: Fts5, tantivy: LexicalIndex, clocks: tuple[Clock, Clock]) -> None:
    fts5.store(batch)  # in a library the store holds the text already: its time and size are not the index's
    with clocks[0].running():
        fts5.index(batch)
    with clocks[1].running():
        tantivy.update(batch, delete=[])


def _ask(
    questions: Sequence[str],
    fts5: Fts5,
    tantivy: LexicalIndex,
    clocks: tuple[Clock, Clock],
    progress: ProgressBar,
) -> None:
    """Asks both each question in turn, so that what else the machine does slows both alike."""
    for question in questions[:20]:  # so that both have their files in memory
        fts5.search(tantivy.words(question), _FOUND)
        tantivy.search(question, _FOUND)
    for done, question in enumerate(questions):
        progress("Asking both", done, len(questions))
        words = tantivy.words(question)
        with clocks[0].running():
            fts5.search(words, _FOUND)
        with clocks[1].running():
            tantivy.search(question, _FOUND)


class Fts5:
    """The words of chunks in an FTS5 table that reads the text from the tables beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;      -- as durable as a commit of tantivy
            PRAGMA cache_size = -65536;
            CREATE TABLE articles (id TEXT PRIMARY KEY, headline TEXT, about TEXT);
            CREATE TABLE chunks (id INTEGER PRIMARY KEY, article_id TEXT, text TEXT);
            CREATE VIEW searched AS
                SELECT chunks.id AS id, headline, about, text
                FROM chunks JOIN articles ON articles.id = chunks.article_id;
            CREATE VIRTUAL TABLE words USING fts5(
                headline, about, text,
                content = 'searched', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
            );
            INSERT INTO words (words, rank) VALUES ('rank', 'bm25(0.5, 0.5, 1.0)');
            """
        )

    def store(self, batch: Sequence[Indexed]) -> None:
        articles = {article.id: article for _, article in batch}.values()
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO articles VALUES (?, ?, ?)", [(a.id, a.headline, _about(a)) for a in articles]
        )
        self._db.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?)", [(c.id, c.article_id, c.text) for c, _ in batch]
        )
        self._db.execute("COMMIT")

    def index(self, batch: Sequence[Indexed]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO words (rowid, headline, about, text) VALUES (?, ?, ?, ?)",
            [(chunk.id, article.headline, _about(article), chunk.text) for chunk, article in batch],
        )
        self._db.execute("COMMIT")

    def search(self, words: Sequence[str], k: int) -> list[tuple[int, float]]:
        return self._db.execute(
            "SELECT rowid, -rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?",
            (" OR ".join(f'"{word}"' for word in words), k),
        ).fetchall()

    def close_and_measure(self) -> float:
        """The size of the index in MB: what the file loses when it is dropped."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = self._path.stat().st_size
        self._db.executescript("DROP TABLE words; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
        self._db.close()
        return (before - self._path.stat().st_size) / 1e6


def _about(article: Article) -> str:
    return f"{article.outlet} {article.byline} {searchable_date(article.published)}"


def _folder_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*")) / 1e6
