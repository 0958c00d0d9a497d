"""Retrieval scores: each measure worked by hand, and all of them against a naive implementation."""

from __future__ import annotations

from math import log2
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from rag.evaluation.catalogue import Catalogue
from rag.evaluation.retrieval_scores import found_articles, ranking_scores, retrieval_scores
from tests.evaluation_answers import catalogue, passage, passages, question, refusal

FACTS = ["The ferry sank.", "Nine people drowned.", "The captain was drunk.", "A court fined him."]
FILLER = "It rained all day."


def by_article(known: dict[str, Any], *found: str) -> dict[str, float]:
    """The scores by article, without their prefix, of a ranking of the articles a to z."""
    scores = retrieval_scores(question(**known), refusal(*passages(*found)), catalogue(*"abcdefghijklmno"))
    return {name.removeprefix("article."): value for name, value in scores.items()}


def by_passage(evidence: list[str], *texts: str) -> dict[str, float]:
    """The scores by passage, without their prefix, of a ranking of these texts."""
    found = [passage(text, number=number) for number, text in enumerate(texts, start=1)]
    scores = retrieval_scores(question(evidence=evidence), refusal(*found), catalogue())
    assert all(name.startswith("passage.") for name in scores)
    return {name.removeprefix("passage."): value for name, value in scores.items()}


def test_every_measure_by_hand() -> None:
    """Three articles are relevant; two of them stand at ranks 2 and 4, one is not found."""
    assert by_article({"relevant": ["a", "b", "c"]}, "x", "a", "y", "b", "z") == pytest.approx(
        {
            "hits@1": 0,
            "hits@3": 1,
            "hits@5": 1,
            "hits@10": 1,
            "recall@1": 0,
            "recall@3": 1 / 3,
            "recall@5": 2 / 3,
            "recall@10": 2 / 3,
            "mrr@10": 1 / 2,
            "ndcg@10": (1 / log2(3) + 1 / log2(5)) / (1 / log2(2) + 1 / log2(3) + 1 / log2(4)),
            "map": (1 / 2 + 2 / 4) / 3,
        }
    )


def test_what_is_relevant_only_at_rank_11_counts_for_map_alone() -> None:
    scores = ranking_scores([None] * 10 + ["a"], 1)
    assert scores.pop("map") == pytest.approx(1 / 11)
    assert set(scores.values()) == {0}


def test_more_relevant_items_than_passages() -> None:
    """Twelve are relevant, one passage is found; the best ten of an ideal ranking are all relevant."""
    scores = by_article({"relevant": list("abcdefghijkl")}, "a")
    ideal = sum(1 / log2(rank + 1) for rank in range(1, 11))
    assert (scores["hits@1"], scores["mrr@10"]) == (1, 1)
    assert scores["recall@1"] == scores["recall@10"] == scores["map"] == pytest.approx(1 / 12)
    assert scores["ndcg@10"] == pytest.approx(1 / ideal)


def test_a_copy_of_an_article_that_was_found_is_of_no_further_use() -> None:
    """a and b carry one story: a is relevant at rank 1, b at rank 2 is not, c is relevant at rank 3."""
    scores = by_article({"sources": [["a", "b"], "c"]}, "a", "b", "c")
    assert scores["recall@3"] == 1
    assert scores["recall@1"] == 1 / 2
    assert scores["ndcg@10"] == pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3)))
    assert scores["map"] == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_any_article_of_a_group_finds_it() -> None:
    assert by_article({"sources": [["a", "b"]]}, "x", "b")["mrr@10"] == 1 / 2


def test_an_article_ranks_once_at_its_best_passage() -> None:
    """The three passages of x are one rank, so a is second."""
    assert by_article({"sources": ["a"]}, "x", "x", "x", "a", "a")["mrr@10"] == 1 / 2


def test_relevant_goes_before_sources() -> None:
    scores = by_article({"sources": ["a"], "relevant": ["b", "c"]}, "a", "b")
    assert (scores["mrr@10"], scores["recall@10"]) == (1 / 2, 1 / 2)


@pytest.mark.parametrize("field", ["relevant", "sources"])
def test_an_article_that_is_named_twice_is_one_relevant_item(field: str) -> None:
    """By id and by path: found at rank 1, nothing is missing."""
    scores = by_article({field: ["a", "/news/a.md"]}, "a")
    assert set(scores.values()) == {1}


def test_nothing_retrieved_scores_0_everywhere() -> None:
    scores = retrieval_scores(question(sources=["a"], evidence=FACTS), refusal(), catalogue("a"))
    assert len(scores) == 22
    assert set(scores.values()) == {0}


def test_without_sources_and_evidence_there_are_no_scores() -> None:
    assert retrieval_scores(question(), refusal(*passages("a")), catalogue("a")) == {}


def test_evidence_sentences_in_one_passage_are_one_item() -> None:
    """Both facts stand in the second passage: one item, at rank 2."""
    scores = by_passage(FACTS[:2], FILLER, " ".join(FACTS[:2]))
    assert scores["recall@3"] == 1
    assert (scores["mrr@10"], scores["map"]) == (1 / 2, 1 / 2)
    assert scores["ndcg@10"] == pytest.approx(1 / log2(3))


def test_evidence_that_goes_over_two_passages_is_an_item_in_each() -> None:
    scores = by_passage([" ".join(FACTS[:2])], FACTS[0], FACTS[1])
    assert (scores["recall@1"], scores["recall@3"], scores["map"]) == (1 / 2, 1, 1)


def test_a_passage_that_holds_only_evidence_seen_before_is_of_no_use() -> None:
    """Ranks 1 and 3 are relevant, one sentence is not found: (1/1 + 2/3) / 3."""
    scores = by_passage(FACTS[:3], FACTS[0], FACTS[0], f"{FACTS[0]} {FACTS[1]}")
    assert scores["recall@10"] == pytest.approx(2 / 3)
    assert scores["map"] == pytest.approx((1 / 1 + 2 / 3) / 3)


def test_evidence_is_found_whatever_its_quotation_marks_spaces_and_capitals() -> None:
    assert by_passage(['"We won\'t - ever," he said.'], "Then: “we  won’t —\never,” He Said.")["hits@1"] == 1


def test_evidence_does_not_stand_inside_longer_words() -> None:
    assert by_passage(["He denied it."], "She denied it.")["hits@10"] == 0


def test_evidence_does_not_begin_inside_a_longer_number() -> None:
    assert by_passage(["200 people drowned."], "1,200 people drowned.")["hits@10"] == 0


def naive(gains: list[int], relevant: int) -> dict[str, float]:
    """Every measure from its definition. `gains`: 1 for each rank that is relevant, 0 for the others."""
    ranks = [rank for rank, gain in enumerate(gains, start=1) if gain]
    within_10 = [rank for rank in ranks if rank <= 10]
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(relevant, 10) + 1))
    return {
        **{f"hits@{k}": float(any(gains[:k])) for k in (1, 3, 5, 10)},
        **{f"recall@{k}": sum(gains[:k]) / relevant for k in (1, 3, 5, 10)},
        "mrr@10": 1 / within_10[0] if within_10 else 0.0,
        "ndcg@10": sum(1 / log2(rank + 1) for rank in within_10) / ideal,
        "map": sum(sum(gains[:rank]) / rank for rank in ranks) / relevant,
    }


@settings(deadline=None)
@given(
    # Which group each of 15 articles is in, if any; and what articles the passages are of.
    st.lists(st.none() | st.integers(1, 7), min_size=15, max_size=15).filter(any),
    st.lists(st.integers(0, 14), max_size=25),
)
def test_article_scores_are_those_of_the_definitions(group_of: list[int | None], found: list[int]) -> None:
    names = "abcdefghijklmno"
    groups = {group for group in group_of if group is not None}
    sources = [[n for n, own in zip(names, group_of, strict=True) if own == group] for group in groups]
    gains, seen = [], set()
    for article in dict.fromkeys(found):
        group = group_of[article]
        gains.append(int(group is not None and group not in seen))
        seen.add(group)
    scores = by_article({"sources": sources}, *(names[article] for article in found))
    assert scores == pytest.approx(naive(gains, len(groups)))


@settings(deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 5)), max_size=14),
    st.sets(st.integers(0, 5), min_size=1),
)
def test_passage_scores_are_those_of_the_definitions(texts: list[set[int]], wanted: set[int]) -> None:
    sentences = [f"The ship {name} sank." for name in ("Ada", "Bea", "Cleo", "Dora", "Eva", "Fay")]
    seen: set[int] = set()
    gains = []
    for text in texts:
        gains.append(int(bool(text & wanted - seen)))
        seen |= text
    scores = by_passage(
        [sentences[number] for number in sorted(wanted)],
        *(" ".join([FILLER, *(sentences[number] for number in sorted(text))]) for text in texts),
    )
    assert scores == pytest.approx(naive(gains, sum(gains) + len(wanted - seen)))


NEWS = Catalogue.of(
    [
        Article(text="One.", id="1", path="/home/x/news/a.md", headline="“Iran won’t fight” — Khamenei"),
        Article(text="Two.", id="2", path="/home/x/wire/a.md", headline="Ferry sinks"),
        Article(text="Three.", id="3", headline="Ferry sinks"),
        Article(text="Four.", id="4"),
    ]
)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("4", {"4"}),
        ("/home/x/news/a.md", {"1"}),
        ("news/a.md", {"1"}),
        ("a.md", {"1", "2"}),
        ('"Iran won\'t fight" - KHAMENEI', {"1"}),
        ("Ferry  sinks", {"2", "3"}),
        ("s/a.md", set()),  # not a whole step of the path
        ("news", set()),
        ("Ferry", set()),
        ("5", set()),
    ],
)
def test_an_article_is_known_by_id_path_end_of_path_or_headline(name: str, ids: set[str]) -> None:
    assert NEWS[name] == ids


def test_an_id_or_a_whole_path_goes_before_the_end_of_a_path_and_a_headline() -> None:
    known = Catalogue.of(
        [
            Article(text="One.", id="1", path="a.md", headline="4"),
            Article(text="Two.", id="2", path="/news/a.md"),
            Article(text="Three.", id="3", path="/news/a.md"),  # an earlier version
            Article(text="Four.", id="4", headline="a.md"),
        ]
    )
    assert [known[name] for name in ("a.md", "4", "/news/a.md")] == [{"1"}, {"4"}, {"2", "3"}]


def test_names_that_no_article_has_are_told_once_each() -> None:
    asked = question(sources=["1", ["b.md", "2"]], relevant=["c.md"], copies=[["b.md", "3"]])
    assert NEWS.unknown(asked) == ["b.md", "c.md"]


def test_the_order_of_the_sources_makes_no_difference() -> None:
    ranking = [{"article_id": name} for name in "xab"]
    groups = [frozenset("ab"), frozenset("a")]
    for wanted in (groups, groups[::-1]):
        assert found_articles(ranking, wanted) == ([None, "a", None], 1)
