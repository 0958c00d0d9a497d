"""VectorIndex: nearest chunks by the cosine of their vectors, in Chroma; derived, and rebuilt from the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import chromadb
from chromadb.config import Settings
from chromadb.errors import ChromaError
from langchain_chroma import Chroma

from index.embedding import Vectors
from index.errors import LibraryDamaged, LibraryError

_COLLECTION = "chunks"
# ef_search 400 finds .99 of the true ten nearest among 10,000 clustered vectors in 1 ms; Chroma's
# own 100 finds .90. Chroma does not write its graph files atomically: with a sync_threshold of 200 a
# kill broke 3 of 25 indexes, with 1,000 none of 26, and 10,000 leaves a wide margin.
_CONFIGURATION = {
    "hnsw": {
        "space": "cosine",
        "ef_search": 400,
        "ef_construction": 100,
        "max_neighbors": 16,
        "sync_threshold": 10_000,
    }
}
_BATCH = 5_000  # Chroma takes at most 5,461 at once


class VectorIndex:
    """The vectors of chunks by chunk id.

    Chroma holds no text: storing it there again makes the library five times as large on disk.
    """

    def __init__(self, folder: Path) -> None:
        """Opens the index in `folder`, or makes an empty one. LibraryDamaged when Chroma cannot read it."""
        self.folder = folder
        try:
            self._client = chromadb.PersistentClient(
                str(folder), settings=Settings(anonymized_telemetry=False)
            )
            self._collection = self._client.get_or_create_collection(
                _COLLECTION,
                embedding_function=None,
                configuration=_CONFIGURATION,  # type: ignore[arg-type]
            )
            self._collection.count()  # fails when a kill left the graph files half written
        except (ChromaError, ValueError, OSError) as error:
            raise LibraryDamaged(
                f"The vector index in {folder} cannot be read: {error}.",
                "Run: python -m index check --repair",
            ) from error
        self.chroma = Chroma(client=self._client, collection_name=_COLLECTION)

    def upsert(self, chunk_ids: Sequence[int], vectors: Vectors) -> None:
        """Adds or replaces vectors, one row for each id."""
        for start in range(0, len(chunk_ids), _BATCH):
            ids = chunk_ids[start : start + _BATCH]
            # An empty text, not none: LangChain's Chroma passes over records that have no text.
            with _translated():
                self._collection.upsert(
                    ids=[str(i) for i in ids],
                    embeddings=vectors[start : start + _BATCH],
                    documents=[""] * len(ids),
                )

    def delete(self, chunk_ids: Sequence[int]) -> None:
        """Removes vectors; ids that are not there are passed over."""
        for start in range(0, len(chunk_ids), _BATCH):
            with _translated():
                self._collection.delete(ids=[str(i) for i in chunk_ids[start : start + _BATCH]])

    def search(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """The `k` nearest chunk ids with the cosine of each, best first."""
        if not self._collection.count():
            return []
        found = self.chroma.similarity_search_by_vector_with_relevance_scores(vector.tolist(), k=k)
        return [(int(document.id or 0), 1.0 - distance) for document, distance in found]

    def ids(self) -> set[int]:
        return {int(i) for i in self._collection.get(include=[])["ids"]}

    def count(self) -> int:
        return self._collection.count()

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ChromaError as error:
        raise LibraryError(
            f"The vector index could not be written: {error}.",
            "Check that the disk is not full. Nothing that was added is lost: the index catches up at opening.",
        ) from error
