"""Citation scores by hand: what the cited spans hold, where they stand, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest

from rag.evaluation.citation_scores import citation_scores, holds, is_in_place
from tests.evaluation_answers import (
    Json,
    answer,
    catalogue,
    citation,
    citing,
    paraphrase,
    passage,
    question,
    quoting,
    refusal,
    saying,
    statement,
)

TEXT = "Three officials spoke to Reuters. Hamas denied the report. It rained in Gaza."
PASSAGE = passage(TEXT, start=100)
OFFICIALS, DENIED, RAIN = (
    citation(quote, PASSAGE, number)
    for number, quote in enumerate(
        ("Three officials spoke to Reuters.", "Hamas denied the report.", "It rained in Gaza."), start=1
    )
)


def scores_of(
    statements: list[Json], citations: list[Json], passages: list[Json] | None = None, **known: Any
) -> dict[str, float]:
    """The scores, without their prefix, of an answer from PASSAGE."""
    given = answer(statements, citations, [PASSAGE] if passages is None else passages)
    scores = citation_scores(question(**known), given, catalogue("a", "b", "c", "d"))
    return {name.removeprefix("citation."): value for name, value in scores.items()}


# --- recall and precision


def test_word_for_word_citations_score_1_everywhere() -> None:
    scores = scores_of(
        [statement(DENIED["quote"], 2), statement(RAIN["quote"], 3)], [DENIED, RAIN], sources=["a"]
    )
    assert scores == {
        "recall": 1,
        "precision": 1,
        "cited": 1,
        "verbatim": 1,
        "in place": 1,
        "sources": 1,
        "right source": 1,
    }


def test_a_superfluous_citation_costs_precision_alone() -> None:
    """[2] holds the statement; [3] alone does not, and without it [2] still does: one of two is needed."""
    scores = scores_of([paraphrase("Hamas denied a report.", 2, 3)], [DENIED, RAIN])
    assert (scores["recall"], scores["precision"]) == (1, 1 / 2)


def test_citations_that_hold_a_statement_only_together_are_both_needed() -> None:
    scores = scores_of([paraphrase("Hamas denied what officials told Reuters.", 1, 2)], [OFFICIALS, DENIED])
    assert (scores["recall"], scores["precision"]) == (1, 1)


def test_citations_that_each_hold_a_statement_are_both_needed() -> None:
    """As in ALCE: a citation is superfluous only when it alone does not hold the statement."""
    again = citation("The report: Hamas denied it.", passage("The report: Hamas denied it."), 1)
    scores = scores_of([paraphrase("Hamas denied a report.", 1, 2)], [again, DENIED])
    assert scores["precision"] == 1


def test_no_citation_of_a_statement_that_is_not_held_is_needed() -> None:
    """One statement of two is held. Of the three citations only its own is needed."""
    scores = scores_of(
        [paraphrase("Egypt opened a crossing.", 1, 3), paraphrase("Hamas denied a report.", 2)],
        [OFFICIALS, DENIED, RAIN],
    )
    assert (scores["recall"], scores["precision"], scores["cited"]) == pytest.approx((1 / 2, 1 / 3, 1))


def test_an_uncited_statement_costs_recall_and_not_precision() -> None:
    scores = scores_of([statement(DENIED["quote"], 2), statement(RAIN["quote"])], [DENIED])
    assert (scores["recall"], scores["precision"], scores["cited"]) == (1 / 2, 1, 1 / 2)


def test_an_answer_without_citations_has_no_recall_and_no_precision() -> None:
    scores = citation_scores(question(), saying("Hamas denied the report."), catalogue())
    assert scores == {
        "citation.recall": 0,
        "citation.precision": 0,
        "citation.cited": 0,
        "citation.verbatim": 0,
    }


@pytest.mark.parametrize("text", ["Hamas denied a report.", "He said so.", "Will they?"])
def test_nothing_holds_no_statement(text: str) -> None:
    assert not holds(paraphrase(text), [])
    assert not holds(statement(text), [])


def test_markers_shifted_to_the_next_citation_hold_nothing() -> None:
    """The quotes stand where they should, and belong to other statements."""
    scores = scores_of(
        [statement(OFFICIALS["quote"], 2), statement(DENIED["quote"], 3), statement(RAIN["quote"], 1)],
        [OFFICIALS, DENIED, RAIN],
    )
    assert (scores["recall"], scores["precision"], scores["verbatim"]) == (0, 0, 0)
    assert (scores["cited"], scores["in place"]) == (1, 1)


def test_a_citation_that_is_not_there_holds_nothing() -> None:
    scores = scores_of([statement(DENIED["quote"], 2), paraphrase("It rained.", 9)], [DENIED])
    assert (scores["recall"], scores["precision"], scores["in place"]) == (1 / 2, 1 / 2, 1)


# --- what a span holds


@pytest.mark.parametrize(
    ("said", "span", "held"),
    [
        ("Iran enters the war.", "Iran will enter the war.", True),
        ("Iran will enter the war.", "Iran will not enter the war.", False),
        ("Iran will not enter the war.", "Iran will enter the war.", False),
        ("Iran will enter the war.", "Iran won’t enter the war.", False),
        ("Iran won't enter the war.", "Iran won’t enter the war.", True),
        ("Iran never entered the war.", "Iran entered the war.", False),
        ("Iran confirmed the meeting.", "Iran denied the meeting.", False),
        ("Iran met Khamenei.", "Iran met Haniyeh.", False),
        ("The strike killed 1,300 people.", "The strike killed 1,200 people.", False),
        ("The strike killed 1,200 people.", "The strike killed 1,200 people.", True),
        ("The strike killed 200 people.", "The strike killed 1,200 people.", False),
        ("The strike killed 2 people.", "The strike killed 2,500 people.", False),
        ("It rose by 5 percent.", "It rose by 2.5 percent.", False),
        ("It rose by 5.2 percent.", "It rose by 15.20 percent.", False),
    ],
)
def test_a_paraphrase_is_held_by_its_words_its_numbers_and_its_negation(
    said: str, span: str, held: bool
) -> None:
    assert holds(paraphrase(said), [span]) is held


@pytest.mark.parametrize(
    ("said", "span", "held"),
    [
        ('"No", he said.', "Then:\n“No”,  he said. It rained.", True),
        ("Iran will enter the war.", "Iran will not enter the war.", False),
        ("The war Iran will enter.", "Iran will enter the war.", False),
        ("Hamas denied it.", "hamas denied it.", False),
        ("1,300 people died.", "1,200 people died.", False),
        ("200 people died.", "1,200 people died.", False),
        ("he denied it.", "Then she denied it.", False),
    ],
)
def test_a_verbatim_statement_is_held_word_for_word(said: str, span: str, held: bool) -> None:
    assert holds(statement(said), [span]) is held


def test_a_verbatim_statement_stands_in_one_span() -> None:
    assert not holds(statement("It rained. It snowed."), ["It rained.", "It snowed."])


# --- quotations


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ("Hamas called it “completely false”.", [1]),
        ("Hamas called it “entirely false”.", [0]),
        ("Hamas called it “Completely false”.", [0]),
        ('Hamas called it "completely false" and "a  lie".', [1, 1]),
        ("Hamas called it “completely false” and “nonsense”.", [1, 0]),
    ],
)
def test_words_in_quotation_marks_stand_in_the_span_exactly(said: str, share: list[int]) -> None:
    source = passage("Hamas called it «completely false» and a\nlie on Telegram.")
    scores = scores_of([paraphrase(said, 1)], [citation(source["text"], source)], [source])
    assert scores["verbatim"] == sum(share) / len(share)


def test_words_are_quoted_from_the_spans_of_their_own_statement() -> None:
    said = [paraphrase("Hamas called it “completely false”.", 1), paraphrase("It rained.", 2)]
    spans = [citation("It rained."), citation("It was completely false.", number=2)]
    assert scores_of(said, spans)["verbatim"] == 0


def test_a_number_is_not_quoted_out_of_a_longer_one() -> None:
    said = paraphrase("It killed “200 people”.", 1)
    assert scores_of([said], [citation("It killed 1,200 people.")])["verbatim"] == 0


def test_without_quotations_there_is_no_share_of_them() -> None:
    assert "verbatim" not in scores_of([paraphrase("Hamas denied a report.", 2)], [DENIED])


# --- in place


@pytest.mark.parametrize("by", [-1, 1])
def test_a_citation_moved_by_a_character_is_not_in_place(by: int) -> None:
    for moved in (DENIED, RAIN, OFFICIALS):
        cited = {**moved, "start": moved["start"] + by, "end": moved["end"] + by}
        assert not is_in_place(cited, PASSAGE)


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize("side", ["start", "end"])
def test_a_citation_with_one_end_moved_is_not_in_place(side: str, by: int) -> None:
    """Also the last sentence, behind whose end there is nothing more, and the first."""
    for moved in (DENIED, RAIN, OFFICIALS):
        assert not is_in_place({**moved, side: moved[side] + by}, PASSAGE)


def test_a_citation_that_ends_before_it_starts_is_not_in_place() -> None:
    source = passage("It rained.")
    assert not is_in_place(citation("It rained", source, start=0, end=-1), source)
    assert not is_in_place({**citation("It", source), "end": 0, "quote": ""}, source)


def test_a_citation_of_what_stands_before_its_passage_is_not_in_place() -> None:
    """Three characters before the passage is not three before its end."""
    source = passage("It rained.", start=100)
    assert not is_in_place(citation("ed", source, start=97, end=99), source)


def test_the_share_of_citations_in_place() -> None:
    """One is right, one moved, one of a passage that is not there, and one in which the quote is changed."""
    moved = {**DENIED, "start": DENIED["start"] + 1, "end": DENIED["end"] + 1}
    lost = {**RAIN, "passage": 2}
    changed = {**RAIN, "number": 4, "quote": RAIN["quote"].replace("rained", "snowed")}
    said = [paraphrase("It rained.", 1, 2, 3, 4)]
    assert scores_of(said, [OFFICIALS, moved, lost, changed])["in place"] == 1 / 4


def test_a_moved_quote_that_is_cut_in_a_word_does_not_hold_its_statement() -> None:
    """One character late: "amas denied the report. "."""
    late = citation(TEXT[35:59], PASSAGE, 2)
    assert late["quote"] == "amas denied the report. "
    scores = scores_of([statement(DENIED["quote"], 2)], [late])
    assert (scores["in place"], scores["recall"], scores["verbatim"]) == (0, 0, 0)


def test_a_quote_of_another_article_than_its_passage_is_not_in_place() -> None:
    cited = {**DENIED, "article_id": "another"}
    assert scores_of([statement(DENIED["quote"], DENIED["number"])], [cited])["in place"] == 0


# --- sources


def test_sources_and_right_source() -> None:
    """Needed: one of a and b, and c. Cited: b, b and d: one of two sources, two of three citations."""
    scores = scores_of([paraphrase("Yes.", 1)], citing("b", "b", "d"), sources=[["a", "b"], "c"])
    assert (scores["sources"], scores["right source"]) == pytest.approx((1 / 2, 2 / 3))


def test_one_article_of_each_group_is_enough() -> None:
    scores = scores_of([paraphrase("Yes.", 1)], citing("b", "c"), sources=[["a", "b"], ["c", "d"]])
    assert (scores["sources"], scores["right source"]) == (1, 1)


def test_an_article_in_two_groups_is_cited_for_both() -> None:
    assert scores_of([], citing("b"), sources=[["a", "b"], ["b", "c"]])["sources"] == 1


@pytest.mark.parametrize("known", [{}, {"sources": ["a"], "answerable": False}])
def test_no_sources_are_needed_where_none_are_named_or_nothing_answers(known: dict[str, Any]) -> None:
    scores = citation_scores(question(**known), quoting("It rained."), catalogue("a"))
    assert not scores.keys() & {"citation.sources", "citation.right source"}


def test_a_refusal_cites_no_source_and_has_no_other_score() -> None:
    assert citation_scores(question(sources=["a"]), refusal(PASSAGE), catalogue("a")) == {
        "citation.sources": 0
    }
    assert citation_scores(question(), refusal(PASSAGE), catalogue("a")) == {}
