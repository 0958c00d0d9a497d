"""Indexes: the vector index and the lexical index of one library, kept in step with its store together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.lexical import LexicalIndex
from index.store import Store
from index.vectors import VectorIndex


class Indexes:
    """Both indexes in one folder. They hold nothing that the store does not: they can always be made again."""

    def __init__(self, folder: Path) -> None:
        """Opens them, or makes empty ones. LibraryDamaged when one cannot be read."""
        self.words = LexicalIndex(folder / "tantivy")
        self.vectors = VectorIndex(folder / "chroma")

    def follow(self, store: Store, chunk_ids: Sequence[int]) -> None:
        """Makes both agree with the store about these chunks: there or gone. Safe to repeat."""
        chunks = store.chunks(chunk_ids)
        present, vectors = store.vectors(list(chunks))
        gone = sorted(set(chunk_ids) - set(chunks))
        self.words.update([chunks[i] for i in present], gone)
        self.vectors.delete(gone)
        self.vectors.upsert(present, vectors)

    def counts(self) -> tuple[int, int]:
        """The numbers of chunks in the lexical and in the vector index."""
        return self.words.count(), self.vectors.count()

    def close(self) -> None:
        self.words.close()
        self.vectors.close()
