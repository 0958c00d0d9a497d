"""Retrieval: both indexes count, and what is found says where it stands."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library import Library
from rag.reader import EmbeddedReader, Reading
from rag.reranking import read_passages
from rag.retrieval import HybridRetriever, reciprocal_rank_fusion
from tests.fakes import add_texts

RANKINGS = st.lists(st.lists(st.integers(0, 9), unique=True, max_size=6), max_size=3)


def test_fusion_by_hand() -> None:
    """a: 1/61 + 1/63; b: 1/62 + 1/61; c: 1/63 alone."""
    fused = reciprocal_rank_fusion([["a", "b", "c"], ["b", "d", "a"]])
    assert [key for key, _ in fused] == ["b", "a", "d", "c"]
    assert dict(fused)["a"] == 1 / 61 + 1 / 63


@given(RANKINGS)
def test_fusion_keeps_every_key_once_best_first(rankings: list[list[int]]) -> None:
    fused = reciprocal_rank_fusion(rankings)
    assert {key for key, _ in fused} == {key for ranking in rankings for key in ranking}
    assert len(fused) == len({key for key, _ in fused})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


def test_passages_are_ranked_and_know_their_article(library: Library, tmp_path: Path) -> None:
    add_texts(
        library,
        tmp_path,
        {
            "ferry.md": "---\nheadline: Fares rise\noutlet: The Harbour Post\npublished: 2023-11-15T13:10:00Z\n---\n"
            "The fare to Skarra will rise.",
            "flood.md": "---\nheadline: Flood study\n---\nTwice as many homes may flood.",
        },
    )
    first, second = HybridRetriever(library=library).passages("When will the Skarra fare rise?")
    assert (first.number, first.article.outlet, first.chunk.text) == (
        1,
        "The Harbour Post",
        "The fare to Skarra will rise.",
    )
    assert first.article.published == datetime(2023, 11, 15, 13, 10, tzinfo=UTC)
    assert second.number == 2
    assert first.score == 2 / 61 > second.score


def test_headline_outlet_and_date_can_be_searched(library: Library, tmp_path: Path) -> None:
    text = "---\nheadline: {}\noutlet: {}\npublished: {}\n---\nNothing else is known.\n"
    add_texts(
        library,
        tmp_path,
        {
            "a.md": text.format("Ferries idle", "Harbour Post", "2023-11-15"),
            "b.md": text.format("Rivers high", "Northern Ledger", "2022-01-09"),
        },
    )
    retriever = HybridRetriever(library=library, top_k=1)
    for query, headline in [
        ("ferries", "Ferries idle"),
        ("northern ledger", "Rivers high"),
        ("15 November 2023", "Ferries idle"),
        ("January 2022", "Rivers high"),
    ]:
        assert retriever.passages(query)[0].article.headline == headline, query


def test_as_a_langchain_retriever_it_gives_documents(library: Library, tmp_path: Path) -> None:
    add_texts(library, tmp_path, {"ferry.txt": "Fares rise\n\nThe fare to Skarra will rise."})
    (document,) = HybridRetriever(library=library).invoke("Skarra fare")
    assert document.page_content == "The fare to Skarra will rise."
    assert document.metadata["number"] == 1
    assert document.metadata["headline"] == "Fares rise"
    assert document.metadata["score"] > 0


def test_nothing_is_found_for_an_empty_query_or_in_an_empty_library(library: Library) -> None:
    retriever = HybridRetriever(library=library)
    assert retriever.passages("  ") == []
    assert retriever.passages("anything") == []


def test_with_a_reader_the_passage_that_answers_comes_first(library: Library, tmp_path: Path) -> None:
    add_texts(
        library,
        tmp_path,
        {
            "a.txt": "Ferry\n\nThe captain of the ferry spoke of the ferry's captain before her and of the ferry.",
            "b.txt": "Harbour\n\nMarit Lund, who has steered the boat to Skarra since 2019, is its captain.",
        },
    )
    question = "Who is the captain of the ferry?"
    by_words = HybridRetriever(library=library).passages(question)
    read = HybridRetriever(library=library, reader=EmbeddedReader()).passages(question)
    assert "Marit Lund" in by_words[1].chunk.text
    assert "Marit Lund" in read[0].chunk.text
    assert [passage.number for passage in read] == [1, 2]
    assert read[0].score > read[1].score


class CountingReader(EmbeddedReader):
    """How many passages it was given each time."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        self.counts.append(len(passages))
        return super().read(question, passages)


def test_where_the_first_passages_answer_clearly_the_others_are_not_read(
    library: Library, tmp_path: Path
) -> None:
    add_texts(library, tmp_path, {f"{n}.txt": f"Day {n}\n\nThe Orr {n} sank on Monday." for n in range(6)})
    reader = CountingReader()
    retriever = HybridRetriever(library=library, reader=reader, top_k=2, read_k=5)
    assert len(retriever.passages("On what day did the Orr sink?")) == 2
    assert reader.counts == [2]
    retriever.passages("What did the captain of the Orr pay for his hat?")
    assert reader.counts == [2, 2, 3]


def test_a_passage_that_is_read_again_keeps_what_the_search_gave_it(library: Library, tmp_path: Path) -> None:
    add_texts(
        library, tmp_path, {"a.txt": "Ferry\n\nThe Orr sank on Monday.", "b.txt": "B\n\nThe Orr was new."}
    )
    reader = EmbeddedReader()
    found = HybridRetriever(library=library).passages("When did the Orr sink?")
    once = read_passages(reader, "When did the Orr sink?", found)
    again = read_passages(reader, "When did the Orr sink?", read_passages(reader, "Was it new?", found))
    assert [p.score for p in again] == pytest.approx([p.score for p in once])


def test_a_reader_finds_what_is_not_among_the_best_by_words(library: Library, tmp_path: Path) -> None:
    stories = {f"{n}.txt": f"Ferry {n}\n\nThe captain of the ferry met ferry captain {n}." for n in range(6)}
    stories["lund.txt"] = "Harbour\n\nMarit Lund steers the boat to Skarra; she is the captain."
    add_texts(library, tmp_path, stories)
    question = "Who is the captain of the ferry?"
    assert "Lund" not in HybridRetriever(library=library, top_k=2).passages(question)[0].chunk.text
    passages = HybridRetriever(library=library, reader=EmbeddedReader(), top_k=2, read_k=7).passages(question)
    assert len(passages) == 2
    assert "Lund" in passages[0].chunk.text
