"""Answer scores: whether an answer says what it must, and how its words compare with a reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from rag.evaluation.questions import EvalQuestion
from rag.evaluation.wording import is_pattern, plain, says, squad_words, stands_in


def answer_scores(question: EvalQuestion, answer: Mapping[str, Any]) -> dict[str, float]:
    """The scores of an answer to an answerable question; a refusal says nothing and scores 0.

    `span exact` and `span f1` compare the words that the first statement marks as the answer with the
    short `answers`, as SQuAD does. `key` and `key in lead` are whether the answer, and its first statement alone, say what `answers`
    asks for; `evidence` is the share of the evidence that the cited spans touch, `evidence in lead`
    whether the first statement's do.
    """
    statements = [statement["text"] for statement in answer["statements"]]
    scores: dict[str, float] = {}
    if not answer["refused"]:
        scores["answer.sentences"] = float(len(statements))
        scores["answer.words"] = float(sum(len(text.split()) for text in statements))
    if question.answerable is False:
        return scores
    if question.answers:
        scores["answer.key"] = float(key_is_met(question, statements))
        scores["answer.key in lead"] = float(key_is_met(question, statements[:1]))
    if question.evidence:
        spans = {citation["number"]: citation["quote"] for citation in answer["citations"]}
        numbers = answer["statements"][0]["citations"] if answer["statements"] else []
        lead = [spans[number] for number in numbers if number in spans]
        evidence = question.evidence_sentences
        touched = [any(_touch(span, one) for span in spans.values()) for one in evidence]
        scores["answer.evidence"] = sum(touched) / len(touched)
        scores["answer.evidence in lead"] = float(any(_touch(span, one) for span in lead for one in evidence))
    short = [key for key in question.answers if not is_pattern(key)]
    if short and answer["refused"]:
        scores |= dict.fromkeys(("answer.span exact", "answer.span f1"), 0.0)
    elif short and (marked := marked_span(answer)) is not None:
        scores["answer.span exact"] = max(exact_match(marked, key) for key in short)
        scores["answer.span f1"] = max(token_f1(marked, key) for key in short)
    references = references_of(question)
    if references and answer["refused"]:
        scores |= dict.fromkeys(("answer.exact", "answer.f1", "answer.rouge_l"), 0.0)
    elif references:
        said = " ".join(statements)
        scores["answer.exact"] = max(exact_match(said, reference) for reference in references)
        scores["answer.f1"] = max(token_f1(said, reference) for reference in references)
        scores["answer.rouge_l"] = max(rouge_l(said, reference) for reference in references)
    return scores


def marked_span(answer: Mapping[str, Any]) -> str | None:
    """The words that the first statement marks as the answer; None where none are marked."""
    first: Mapping[str, Any] = next(iter(answer["statements"]), {})
    span = first.get("span")
    return first["text"][span[0] : span[1]] if span else None


def references_of(question: EvalQuestion) -> Sequence[str]:
    """The whole answers to compare with: `references`, or the answers that are no patterns."""
    return question.references or [answer for answer in question.answers if not is_pattern(answer)]


def key_is_met(question: EvalQuestion, statements: Sequence[str]) -> bool:
    """Whether the statements say any one, or all, of the answers; each within one statement."""
    enough = all if question.match == "all" else any
    return enough(any(says(text, key) for text in statements) for key in question.answers)


def exact_match(said: str, reference: str) -> float:
    """1 when both are the same words in SQuAD's normalisation (Rajpurkar et al., EMNLP 2016)."""
    return float(squad_words(said) == squad_words(reference))


def token_f1(said: str, reference: str) -> float:
    """The harmonic mean of precision and recall of the words that both share (Rajpurkar et al., 2016).

    >>> round(token_f1("in the old harbour", "the harbour"), 3)  # precision 1/3, recall 1
    0.5
    """
    ours, theirs = squad_words(said), squad_words(reference)
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def rouge_l(said: str, reference: str) -> float:
    """The F-measure of the longest common subsequence of words, stemmed; computed by rouge-score.

    Lin, "ROUGE: a package for automatic evaluation of summaries", ACL workshop 2004.
    """
    return float(_rouge().score(reference, said)["rougeL"].fmeasure)


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], use_stemmer=True)


def _touch(span: str, evidence: str) -> bool:
    """Whether one of two texts holds the other: a cited sentence and the evidence, however each was cut."""
    one, other = plain(span).casefold(), plain(evidence).casefold()
    return stands_in(one, other) or stands_in(other, one)
