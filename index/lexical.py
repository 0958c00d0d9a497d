"""LexicalIndex: chunks by their words, ranked by BM25, in tantivy; derived, and rebuilt from the store."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tantivy

from index.article import Article, Chunk
from index.chunking import searchable_date
from index.errors import LibraryDamaged, LibraryError

_ANALYZER = "news"
_FIELDS = ["text", "headline", "about"]
# The words of the story count most. From 0 to 2 it changed the first passage for 1 % of 721 questions on
# OneStopQA and XQuAD; half is the best of them by a hair.
_BOOSTS = {"headline": 0.5, "about": 0.5}
_WRITER_HEAP_BYTES = 50_000_000  # per commit of a batch; tantivy's least is 15 MB


class LexicalIndex:
    """The words of chunks by chunk id: their text, the headline, and outlet, byline and date (`about`).

    tantivy keeps no copy of the text. A commit is atomic: a kill leaves the one before.
    """

    def __init__(self, folder: Path) -> None:
        """Opens the index in `folder`, or makes an empty one. LibraryDamaged when tantivy cannot read it."""
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._index = tantivy.Index(_schema(), path=str(folder))
        except (ValueError, OSError) as error:
            raise LibraryDamaged(
                f"The lexical index in {folder} cannot be read: {error}.",
                "Run: python -m index check --repair",
            ) from error
        self._analyzer = _analyzer()
        self._index.register_tokenizer(_ANALYZER, self._analyzer)
        self._writer: tantivy.IndexWriter | None = None

    def update(self, add: Sequence[tuple[Chunk, Article]], delete: Sequence[int]) -> None:
        """Adds or replaces chunks and removes ids, in one commit; ids that are not there are passed over."""
        try:
            if self._writer is None:
                self._writer = self._index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)
            for chunk_id in (*delete, *(chunk.id for chunk, _ in add)):
                self._writer.delete_documents_by_term("chunk_id", chunk_id)
            for chunk, article in add:
                self._writer.add_document(self._document(chunk, article))
            self._writer.commit()
            self._index.reload()
        except (ValueError, OSError) as error:
            self._writer = None  # what it had not committed is dropped with it
            raise LibraryError(
                f"The lexical index could not be written: {error}.",
                "Check that the disk is not full. Nothing that was added is lost: the index catches up at opening.",
            ) from error

    def _document(self, chunk: Chunk, article: Article) -> tantivy.Document:
        about = [
            article.outlet,
            article.credit,
            article.byline,
            article.section,
            searchable_date(article.published),
        ]
        fields = {
            "chunk_id": chunk.id,
            "headline": article.headline or "",
            "about": " ".join(part for part in about if part),
            "text": chunk.text,
        }
        return tantivy.Document.from_dict(fields, self._index.schema)

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """The best `k` chunk ids with their BM25 scores, best first; nothing for a query without words."""
        parsed = self._parsed(query)
        searcher = self._index.searcher()
        if parsed is None or not searcher.num_docs:
            return []
        found = searcher.search(parsed, limit=k, count=False).hits  # counting would visit every match
        return [(i, float(score)) for i, (score, _) in zip(_ids(searcher, found), found, strict=True)]

    def search_like(self, word: str, edits: int, k: int, beside: str = "") -> list[int]:
        """At most `k` ids of chunks with a word that is at most so many edits (0 to 2) from `word`.

        First come those that share the rarest words with `beside`.
        """
        like = [
            (
                tantivy.Occur.Should,
                tantivy.Query.fuzzy_term_query(self._index.schema, field, stem, distance=edits),
            )
            for stem in self._analyzer.analyze(word)
            for field in _FIELDS
        ]
        if not like:
            return []
        searcher = self._index.searcher()
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, tantivy.Query.const_score_query(tantivy.Query.boolean_query(like), 1.0))]
            + [(tantivy.Occur.Should, parsed) for parsed in [self._parsed(beside)] if parsed]
        )
        return _ids(searcher, searcher.search(query, limit=k, count=False).hits)

    def _parsed(self, query: str) -> tantivy.Query | None:
        """A query for any of its words; None where it has none worth searching."""
        words = self.words(query)
        # Quoted, because the parser takes AND, OR, NOT, IN and TO for operators.
        quoted = " ".join(f'"{word}"' for word in words)
        return self._index.parse_query(quoted, _FIELDS, _BOOSTS) if words else None

    def words(self, text: str) -> list[str]:
        """The words of `text` worth searching, each once: none of a text that holds only stop words."""
        words = dict.fromkeys(re.findall(r"[^\W_]+", text.lower()))
        return [word for word in words if self._analyzer.analyze(word)]

    def term_weights(self, terms: Sequence[str]) -> dict[str, float]:
        """How rare each term is: BM25's inverse document frequency in the text, at least 0.

        Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009: log(1 + (N - n + .5) / (n + .5)).
        """
        searcher = self._index.searcher()
        total = searcher.num_docs
        weights = {}
        for term in terms:
            stems = self._analyzer.analyze(term)
            # tantivy counts a removed chunk until its segment is merged: never more than there are.
            found = min((searcher.doc_freq("text", stem) for stem in stems), default=total)
            found = min(found, total)
            weights[term] = math.log(1 + (total - found + 0.5) / (found + 0.5))
        return weights

    def ids(self) -> set[int]:
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return set()
        found = searcher.search(tantivy.Query.all_query(), limit=searcher.num_docs, count=False).hits
        return set(_ids(searcher, found))

    def count(self) -> int:
        return self._index.searcher().num_docs

    def close(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None


def _ids(searcher: tantivy.Searcher, hits: Sequence[tuple[Any, Any]]) -> list[int]:
    """The chunk ids of hits, in their order."""
    return [int(i or 0) for i in searcher.fast_field_values("chunk_id", [address for _, address in hits])]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("chunk_id", stored=False, indexed=True, fast=True)
    for field in _FIELDS:
        builder.add_text_field(field, stored=False, tokenizer_name=_ANALYZER)
    return builder.build()


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stopword("english"))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )
