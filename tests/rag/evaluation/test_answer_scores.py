"""Answer scores: what an answer says, and its words beside a reference, by hand and by the official script."""

from __future__ import annotations

import re
import string
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.errors import EvaluationError
from rag.evaluation.answer_scores import answer_scores, exact_match, key_is_met, rouge_l, token_f1
from rag.evaluation.wording import says
from tests.evaluation_answers import answer, citation, question, quoting, refusal, saying, statement

# --- keys


@pytest.mark.parametrize(
    ("match", "said", "met"),
    [
        ("any", ["They met in Tehran."], True),
        ("any", ["They met."], False),
        ("all", ["They met in Tehran."], False),
        ("all", ["They met in Tehran in November."], True),
        ("all", ["They met in Tehran.", "It was November."], True),
    ],
)
def test_any_one_of_the_answers_is_enough_or_all_are_needed(match: str, said: list[str], met: bool) -> None:
    assert key_is_met(question(answers=["Tehran", "November"], match=match), said) is met


def test_an_answer_must_stand_within_one_statement() -> None:
    asked = question(answers=["met in Tehran"])
    assert key_is_met(asked, ["Yes.", "They met in Tehran."])
    assert not key_is_met(asked, ["They met", "in Tehran."])


def test_the_lead_is_the_first_statement_alone() -> None:
    scores = answer_scores(question(answers=["Tehran"]), saying("They met.", "It was in Tehran."))
    assert (scores["answer.key"], scores["answer.key in lead"]) == (1, 0)
    scores = answer_scores(question(answers=["Tehran"]), saying("It was in Tehran.", "They met."))
    assert (scores["answer.key"], scores["answer.key in lead"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("It killed 1,200 people.", "200", False),
        ("It killed 200,000 people.", "200", False),
        ("It killed 1200 people.", "200", False),
        ("It killed 2001 people.", "200", False),
        ("It rose to 15.20 dollars.", "5.2", False),
        ("It rose to 15.2 dollars.", "5.2", False),
        ("It rose to 5.25 dollars.", "5.2", False),
        ("It rose to 5.2.", "5.2", True),
        ("It rose to 5.2, he said.", "5.2", True),
        ("It rose (by 5.2%).", "5.2", True),
        ("It rose to 5x2.", "5.2", False),
        ("It killed 1,200.", "1,200", True),
        ("Iranian officials", "Iran", False),
        ("He signposted it.", "post", False),
        ("IRAN, he said", "iran", True),
        ("Iran's leader", "Iran", True),
    ],
)
def test_a_word_or_a_number_is_not_found_inside_a_longer_one(text: str, key: str, found: bool) -> None:
    assert says(text, key) is found


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("They won’t fight.", "won't fight"),
        ("They won't fight.", "won’t fight"),
        ("He said “No” to it.", '"no"'),
        ("He said «No» to it.", "“No”"),
        ("the Gaza–Egypt border", "Gaza-Egypt border"),
        ("the Gaza\nEgypt  border", "Gaza Egypt border"),
        ("the Gaza\u00a0border", "Gaza border"),
    ],
)
def test_typographic_marks_and_spaces_make_no_difference(text: str, key: str) -> None:
    assert says(text, key)


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("It killed 1200 people.", "/1,?200/", True),
        ("It killed 12000 people.", r"/\b1,?200\b/", False),
        ("It KILLED them.", "/kill/", True),
        ("They won’t enter.", "/won't (fight|enter)/", True),
        ("They won't enter.", "/won’t (fight|enter)/", True),
        ("A truce / a pause", "/", True),
        ("It says a.b here.", "/a.b/", True),
        ("We know.", "/ no /", False),
        ("There is no word.", "/ no /", True),
        ("the cease–fire", "/cease[-–—]?fire/", True),
        ("the cease-fire", r"/cease[\s–]?fire/", True),
        ("the ceasefire", r"/cease[\s–-]?fire/", True),
        ("the cease—fire", r"/cease[\s–—]fire/", True),
        ("the cease+fire", "/cease[ –]fire/", False),
        ("the cease+fire", "/cease[ –—]fire/", False),
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_key_between_slashes_is_a_regular_expression(text: str, key: str, found: bool) -> None:
    assert says(text, key) is found


# --- exact match and token F1


def test_exact_match_and_f1_by_hand() -> None:
    """Of iron, bridge, opened, in, 1932 the reference has two: precision 2/5, recall 2/2."""
    said, reference = "The Iron Bridge opened in 1932.", "an iron bridge"
    assert exact_match(said, reference) == 0
    assert token_f1(said, reference) == pytest.approx(2 * (2 / 5) * 1 / (2 / 5 + 1))  # 4/7


def test_a_word_counts_as_often_as_both_texts_have_it() -> None:
    """Two of three are shared, and two of two: precision 2/3, recall 1."""
    assert token_f1("no no no", "no, no") == pytest.approx(2 * (2 / 3) / (2 / 3 + 1))  # 0.8


def test_articles_capitals_and_punctuation_make_no_difference() -> None:
    assert exact_match("“The don’t-know vote”", "A dontknow VOTE!") == 1
    assert token_f1("“The don’t-know vote”", "A dontknow VOTE!") == 1


def normalize_answer(text: str) -> str:
    """As in the evaluation script of SQuAD 2.0."""
    text = "".join(character for character in text.lower() if character not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def compute_exact(gold: str, predicted: str) -> int:
    """As in the evaluation script of SQuAD 2.0."""
    return int(normalize_answer(gold) == normalize_answer(predicted))


def compute_f1(gold: str, predicted: str) -> float:
    """As in the evaluation script of SQuAD 2.0."""
    gold_words, words = normalize_answer(gold).split(), normalize_answer(predicted).split()
    same = sum((Counter(gold_words) & Counter(words)).values())
    if len(gold_words) == 0 or len(words) == 0:
        return int(gold_words == words)
    if same == 0:
        return 0
    precision, recall = same / len(words), same / len(gold_words)
    return 2 * precision * recall / (precision + recall)


FEW_WORDS = st.lists(st.sampled_from("a an the The iron bridge's Bridge bridge, 1,200 . an-the".split()))
ASCII_TEXTS = st.text(st.characters(codec="ascii"), max_size=30) | FEW_WORDS.map(" ".join)


@settings(deadline=None)
@given(ASCII_TEXTS, ASCII_TEXTS)
@example("", "the")
@example("", "iron")
def test_exact_match_and_f1_are_those_of_the_official_script(said: str, reference: str) -> None:
    """The script above gave what torchmetrics 1.9.0 gives on 200,000 pairs of texts of such letters."""
    assert exact_match(said, reference) == compute_exact(reference, said)
    assert token_f1(said, reference) == pytest.approx(compute_f1(reference, said))


# --- RougeL


@pytest.mark.parametrize(
    ("said", "score"),
    [
        # Lin's examples (2004), beside "police killed the gunman".
        ("Police kill the gunman.", 1.0),  # killed and kill have one stem: 4 of 4
        ("The gunman kill police.", 2 / 4),  # "the gunman" is in order, "kill police" is not
        # The longest is all of the reference: precision 4/6, recall 4/4.
        ("In town police killed the gunman.", 2 * (4 / 6) * 1 / (4 / 6 + 1)),
        # police ... the: precision 2/3, recall 2/4.
        ("police saw the", 2 * (2 / 3) * (2 / 4) / (2 / 3 + 2 / 4)),
        ("Nobody came.", 0.0),
        ("", 0.0),
    ],
)
def test_rouge_l_by_hand(said: str, score: float) -> None:
    assert rouge_l(said, "police killed the gunman") == pytest.approx(score)


def is_subsequence(words: tuple[str, ...], of: list[str]) -> bool:
    rest = iter(of)
    return all(word in rest for word in words)


def longest_common(one: list[str], other: list[str]) -> int:
    """The length of the longest subsequence of both, by trying every subsequence of one."""
    sizes = range(len(one), -1, -1)
    return next(n for n in sizes if any(is_subsequence(words, other) for words in combinations(one, n)))


# Words of up to three letters are not stemmed.
SHORT_WORDS = st.lists(st.sampled_from("cat dog ox 1 22".split()), max_size=8)


@settings(deadline=None)
@given(SHORT_WORDS, SHORT_WORDS)
def test_rouge_l_is_that_of_the_longest_common_subsequence(said: list[str], reference: list[str]) -> None:
    longest = longest_common(said, reference)
    f_measure = 2 * longest / (len(said) + len(reference)) if longest else 0.0
    assert rouge_l(" ".join(said), " ".join(reference)) == pytest.approx(f_measure)


def test_the_words_of_all_statements_are_compared_with_the_best_reference() -> None:
    scores = answer_scores(
        question(references=["A red fox", "The iron bridge of Skarra"]), saying("The iron bridge", "Skarra.")
    )
    # Said: iron bridge skarra. Of the second reference's 4 words without articles 3: P 1, R 3/4.
    assert scores["answer.f1"] == pytest.approx(2 * (3 / 4) / (3 / 4 + 1))
    # With articles 4 of 4 in order, and 4 of 5.
    assert scores["answer.rouge_l"] == pytest.approx(2 * (4 / 5) / (4 / 5 + 1))
    assert scores["answer.exact"] == 0


def test_without_references_the_answers_that_are_no_patterns_are_the_references() -> None:
    scores = answer_scores(question(answers=["/tehran|qom/", "Tehran"]), saying("Tehran."))
    assert (scores["answer.exact"], scores["answer.f1"], scores["answer.rouge_l"]) == (1, 1, 1)
    scores = answer_scores(question(answers=["/tehran|qom/"]), saying("Tehran."))
    assert not scores.keys() & {"answer.exact", "answer.f1", "answer.rouge_l"}
    scores = answer_scores(question(answers=["Qom"], references=["Tehran"]), saying("Tehran."))
    assert (scores["answer.key"], scores["answer.exact"]) == (0, 1)


# --- evidence

EVIDENCE = ["The “iron” bridge fell.", "Nobody was hurt."]


def test_evidence_in_the_lead_and_later() -> None:
    scores = answer_scores(question(evidence=EVIDENCE), quoting('The "iron" bridge fell.', "It rained."))
    assert (scores["answer.evidence"], scores["answer.evidence in lead"]) == (1 / 2, 1)
    scores = answer_scores(question(evidence=EVIDENCE), quoting("It rained.", "NOBODY was  hurt."))
    assert (scores["answer.evidence"], scores["answer.evidence in lead"]) == (1 / 2, 0)
    scores = answer_scores(question(evidence=[" ".join(EVIDENCE)]), quoting(*EVIDENCE))
    assert (scores["answer.evidence"], scores["answer.evidence in lead"]) == (1, 1)


@pytest.mark.parametrize("quote", ["bridge fell", "It rained. The “iron” bridge fell. It rained on."])
def test_a_quote_touches_evidence_that_it_holds_or_is_cut_from(quote: str) -> None:
    assert answer_scores(question(evidence=EVIDENCE), quoting(quote))["answer.evidence"] == 1 / 2


@pytest.mark.parametrize("quote", ["", "She denied it.", "He denied item 5."])
def test_a_quote_of_nothing_or_of_other_words_touches_no_evidence(quote: str) -> None:
    assert answer_scores(question(evidence=["He denied it."]), quoting(quote))["answer.evidence"] == 0


def test_a_citation_that_is_not_there_touches_no_evidence() -> None:
    given = answer([statement("Nobody was hurt.", 2)], [citation("It rained.")])
    scores = answer_scores(question(evidence=EVIDENCE), given)
    assert (scores["answer.evidence"], scores["answer.evidence in lead"]) == (0, 0)


# --- refused, or unanswerable


def test_a_refusal_scores_0_and_has_no_length() -> None:
    asked = question(answers=["Tehran"], references=["In Tehran"], evidence=EVIDENCE)
    assert answer_scores(asked, refusal()) == {
        "answer.key": 0,
        "answer.key in lead": 0,
        "answer.evidence": 0,
        "answer.evidence in lead": 0,
        "answer.span exact": 0,
        "answer.span f1": 0,
        "answer.exact": 0,
        "answer.f1": 0,
        "answer.rouge_l": 0,
    }


@pytest.mark.parametrize(("span", "exact", "f1"), [([11, 17], 1, 1), ([8, 17], 0, 2 / 3), (None, None, None)])
def test_the_marked_words_of_the_lead_are_compared_with_the_short_answers(
    span: list[int] | None, exact: float | None, f1: float | None
) -> None:
    """ "in Tehran" shares one word of two with "Tehran": precision 1/2, recall 1."""
    answer = saying("They are in Tehran.", "Cairo is large.")
    answer["statements"][0]["span"] = span and [span[0] + 1, span[1] + 1]
    scores = answer_scores(question(answers=["/not this/", "Tehran", "Cairo"]), answer)
    assert scores.get("answer.span exact") == exact
    assert scores.get("answer.span f1") == (f1 and pytest.approx(f1))


def test_a_refusal_scores_0_beside_a_reference_of_which_nothing_is_compared() -> None:
    """SQuAD's normalisation leaves nothing of the answer "A", and a refusal says nothing."""
    scores = answer_scores(question(answers=["A"]), refusal())
    assert set(scores.values()) == {0}


def test_an_answer_to_the_unanswerable_has_a_length_and_no_key() -> None:
    scores = answer_scores(question(answerable=False), saying("They met.", "It was in Tehran."))
    assert scores == {"answer.sentences": 2, "answer.words": 6}


def test_an_answer_to_what_may_be_unanswerable_is_compared_all_the_same() -> None:
    scores = answer_scores(question(answerable=None, answers=["Tehran"]), saying("In Tehran."))
    assert scores["answer.key"] == 1


def test_a_question_without_answers_scores_the_length_alone() -> None:
    assert answer_scores(question(), saying("They met.")) == {"answer.sentences": 1, "answer.words": 2}


def test_a_pattern_that_takes_for_ever_fails_by_itself() -> None:
    with pytest.raises(EvaluationError, match="takes longer than"):
        says("a" * 60, "/(a|aa)+[bc]/")
