"""Retrieval: the passages for a question, from the vector and the lexical index, fused by rank."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Self, TypeVar

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from index.library import Library
from rag.answer import Passage, passage_to_json
from rag.reader import Reader
from rag.reranking import reranked
from rag.settings import AssistantSettings

# Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank
# learning methods", SIGIR 2009: k = 60, which they fitted on TREC collections.
RRF_K = 60

Key = TypeVar("Key", bound=Hashable)


def reciprocal_rank_fusion(rankings: Sequence[Sequence[Key]]) -> list[tuple[Key, float]]:
    """All keys of the rankings, best first, each with the sum of 1 / (60 + rank), ranks from 1.

    Equal scores keep the order in which the keys first appear.

    >>> [(key, round(score, 5)) for key, score in reciprocal_rank_fusion([["a", "b"], ["b", "c"]])]
    [('b', 0.03252), ('a', 0.01639), ('c', 0.01613)]
    """
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1.0 / (RRF_K + rank)
    return sorted(scores.items(), key=lambda item: -item[1])


class HybridRetriever(BaseRetriever):
    """The best `top_k` passages; the vector and the lexical index give `fetch_k` chunks each.

    With a `reader` they are read together with the query, and ranked by how well they answer it: the first
    `top_k` of them, and where none of these answers clearly, `read_k`.

    As a LangChain retriever it returns Documents whose metadata is the passage as JSON values.
    """

    library: Library
    reader: Reader | None = None
    top_k: int = 8
    read_k: int = 16
    fetch_k: int = 50

    model_config = ConfigDict(arbitrary_types_allowed=True)

    @classmethod
    def from_settings(cls, library: Library, settings: AssistantSettings, reader: Reader) -> Self:
        """The retriever as the settings describe it."""
        return cls(
            library=library,
            reader=reader,
            top_k=settings.top_k,
            read_k=settings.read_k,
            fetch_k=settings.fetch_k,
        )

    def passages(self, query: str) -> list[Passage]:
        """Passages for `query`, best first; none for an empty query or from an empty library."""
        if not query.strip():
            return []
        vector = self.library.embedder.vectors([query])[0]
        nearest = self.library.search_vectors(vector, self.fetch_k)
        matching = self.library.search_words(query, self.fetch_k)
        found = {scored.chunk.id: scored for scored in (*nearest, *matching)}
        fused = reciprocal_rank_fusion([[s.chunk.id for s in nearest], [s.chunk.id for s in matching]])
        count = max(self.top_k, self.read_k) if self.reader else self.top_k
        passages = [
            Passage(number, score, found[chunk_id].chunk, found[chunk_id].article)
            for number, (chunk_id, score) in enumerate(fused[:count], start=1)
        ]
        ranked: Sequence[Passage] = (
            reranked(self.reader, query, passages, self.top_k) if self.reader else passages
        )
        return list(ranked[: self.top_k])

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        documents = []
        for passage in self.passages(query):
            metadata = passage_to_json(passage)
            documents.append(Document(metadata.pop("text"), metadata=metadata, id=str(passage.chunk.id)))
        return documents
